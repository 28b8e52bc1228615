"""A deployment on a socket whose faults can be mended while it runs."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

__all__ = ["CONTRACT", "TOKEN", "Deployment", "deployed"]

TOKEN = "key-of-the-whole-house"
CONTRACT = """
openapi: 3.0.3
info: {title: House, version: '1'}
components:
  securitySchemes: {key: {type: http, scheme: bearer}}
  schemas:
    Lamp: {type: object, required: [state], properties: {state: {type: string, enum: [on_, off]}}}
security: [{key: []}]
paths:
  /lamps:
    get:
      responses: &found
        '200':
          description: found
          content: {application/json: {schema: {$ref: '#/components/schemas/Lamp'}}}
        '401': {description: who}
  /lamps/{id}:
    get:
      parameters: [{name: id, in: path, required: true, schema: {type: string}, example: a}]
      responses: *found
  /walls:
    get:
      parameters: [{name: side, in: query, schema: {type: string, enum: [north, south]}}]
      responses:
        '200':
          description: found
          content: {application/json: {schema: {$ref: '#/components/schemas/Lamp'}}}
        '400': {description: no such side}
        '401': {description: who}
  /doors:
    post:
      requestBody:
        required: true
        content:
          application/json:
            schema: {type: object, required: [name], properties: {name: {type: string}}}
      responses:
        '200': {description: made}
        '400': {description: no}
        '401': {description: who}
"""


class Deployment:
    """What a server does wrong: `faults` holds `state`, `open` (no token needed) or `side`."""

    def __init__(self, *faults: str) -> None:
        self.faults, self.asked, self.url = set(faults), list[str](), ""

    def answer(self, method: str, path: str, query: str, token: str) -> tuple[int, object]:
        """Status and JSON value."""
        self.asked.append(f"{method} {path}")
        known = path in ("/lamps", "/walls", "/doors") or bool(re.fullmatch("/lamps/[^/]+", path))
        allowed = "POST" if path == "/doors" else "GET"
        if not known:
            return 404, None
        if method != allowed:
            return 405, allowed
        scheme, _, key = token.partition(" ")
        good = scheme.lower() == "bearer" and key == TOKEN
        if not good and not ("open" in self.faults and path == "/lamps"):
            return 401, None
        sides = ("", "side=north", "side=south")
        if path == "/walls" and query not in sides and "side" not in self.faults:
            return 400, None
        if path == "/doors":
            return 400, None
        wrong = "state" in self.faults and path == "/walls"
        return 200, {"state": "lost" if wrong else "on_"}


@contextmanager
def deployed(*faults: str) -> Iterator[Deployment]:
    """The deployment on a free port, until the block ends."""
    made = Deployment(*faults)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def log_message(self, format: str, *args: object) -> None:
            """Nothing."""

        def __getattr__(self, name: str) -> Callable[[], None]:
            """Any method is served."""
            if name.startswith("do_"):
                return self.serve
            raise AttributeError(name)

        def serve(self) -> None:
            """One request."""
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            path, _, query = self.path.partition("?")
            token = self.headers.get("Authorization", "")
            status, value = made.answer(self.command, path, query, token)
            body = json.dumps(value).encode() if status == 200 else b""
            self.send_response(status)
            if status == 405:
                self.send_header("Allow", str(value))
            if status == 401:
                self.send_header("WWW-Authenticate", "Bearer")
            if body:
                self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield made
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
