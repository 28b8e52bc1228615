"""Deployments behind a mock: real servers whose answers a function decides."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

__all__ = ["Deployment", "Handler", "deployed", "nowhere"]

Answer = Callable[["Handler"], None]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    answer: Answer
    asked: list[tuple[str, str, dict[str, str], bytes]]
    connections: list[tuple[str, int]]

    def setup(self) -> None:
        """Note the connection."""
        self.connections.append(self.client_address)
        super().setup()

    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""

    def serve(self) -> None:
        """Note what came, and answer."""
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.asked.append((self.command, self.path, headers, body))
        type(self).answer(self)

    def __getattr__(self, name: str) -> Callable[[], None]:
        """Any method is served."""
        if name.startswith("do_"):
            return self.serve
        raise AttributeError(name)

    def say(self, status: int, body: bytes = b"", **headers: str) -> None:
        """Answer whole."""
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def say_json(self, status: int, value: Any, **headers: str) -> None:
        """Answer with JSON."""
        self.say(status, json.dumps(value).encode(), content_type="application/json", **headers)


class Deployment:
    """A real server at `url`; `asked` is what came, and over which `connections`."""

    def __init__(self, url: str, handler: type[Handler]) -> None:
        self.url, self.asked, self.connections = url, handler.asked, handler.connections


@contextmanager
def deployed(answer: Answer) -> Iterator[Deployment]:
    """A deployment that answers like this."""
    handler = type("Handler", (Handler,), {"answer": answer, "asked": [], "connections": []})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        yield Deployment(f"http://127.0.0.1:{server.server_address[1]}", handler)
        server.shutdown()
        thread.join()


def nowhere() -> str:
    """An address where nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return f"http://127.0.0.1:{server.getsockname()[1]}"
