"""A client that is kept running: it asks for rounds over HTTP, and says how each of them went.

docs/clients.md has the protocol.
"""

from __future__ import annotations

import json
import os
import secrets
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Condition, Thread
from types import TracebackType
from typing import Any

from conformance.commands.processes.gate_processes import in_shell
from conformance.commands.processes.processes import Process, running

__all__ = ["ROUNDS_VARIABLE", "Rounds"]

ROUNDS_VARIABLE = "CONFORMANCE_ROUNDS"
"""The variable in which the client finds where it asks for rounds."""
_PATIENCE = 2.0
"""Seconds that a question for a round is kept waiting; then the client asks again."""
_PAUSE = 0.1
"""Seconds between two looks whether the client is still there, or still writes."""
_MOST_PAUSES = 20
"""Pauses after which what the client writes is taken as it is."""
_LONGEST = 1 << 20
"""Bytes that are read of what a client says."""


@dataclass(slots=True)
class _Board:
    """The round that is on, and what the client said of it."""

    changed: Condition = field(default_factory=Condition)
    wanted: str | None = None
    over: bool = False
    verdicts: dict[str, tuple[bool, str]] = field(default_factory=dict)

    def taken(self) -> tuple[int, str | None]:
        """The status of an answer to a question for a round, and the round."""
        with self.changed:
            self.changed.wait_for(lambda: self.wanted is not None or self.over, _PATIENCE)
            if self.over:
                return 204, None
            key, self.wanted = self.wanted, None
            return (202, None) if key is None else (200, key)

    def tell(self, key: str, passed: bool, said: str) -> None:
        """Take what the client says of a round."""
        with self.changed:
            self.verdicts[key] = passed, said
            self.changed.notify_all()


class Rounds:
    """Starts the client, and starts it again where it has ended; ends it with the block.

    Args:
        command: what starts it, for a shell.
        env: its variables; the address for rounds is added.
    """

    def __init__(self, command: str, env: dict[str, str]) -> None:
        self.command, self._env = command, env
        self._board, self._stack = _Board(), ExitStack()
        self._process: Process | None = None
        self._alive = ExitStack()

    def __enter__(self) -> Rounds:
        secret = secrets.token_urlsafe(9)  # no page of a browser here shall judge a round
        server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self._board, secret))
        server.daemon_threads = True
        self._stack.callback(server.server_close)
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        self._stack.callback(server.shutdown)
        self._env = {
            **os.environ,
            "PYTHONUNBUFFERED": "1",
            **self._env,
            ROUNDS_VARIABLE: f"http://127.0.0.1:{server.server_port}/{secret}",
        }
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Tell the client that it is over, and end it where it stays."""
        with self._board.changed:
            self._board.over = True
            self._board.changed.notify_all()
        if self._process is not None and error is None:
            self._process.wait_at_most(_PATIENCE)
        self._alive.close()
        self._stack.close()

    def run(self, key: str, patience: float) -> tuple[bool, str]:
        """One round: whether it passed, and what was said.

        A client that ends, or says nothing for `patience` seconds, has failed it, and is started
        again for the next one.
        """
        process = self._started()
        before = process.mark()
        board, deadline = self._board, time.monotonic() + patience
        with board.changed:
            board.wanted = key
            board.changed.notify_all()
        while time.monotonic() < deadline:
            # Asked before the verdict: a client may send that and end, and both must be seen.
            ended = process.handle.poll() is not None
            with board.changed:
                if board.changed.wait_for(lambda: key in board.verdicts, 0 if ended else _PAUSE):
                    passed, said = board.verdicts.pop(key)
                    return passed, said or ("" if passed else _written(process, before))
            if ended:
                return False, self._ended(process, before)
        said = process.since(before)
        self._drop()
        return False, f"{said}\nit printed nothing of the round within {patience:.0f} s"

    def _ended(self, process: Process, before: int) -> str:
        status = process.end()
        said = process.since(before)
        self._drop()
        return f"{said}\nthe client ended with status {status} in the round"

    def _started(self) -> Process:
        if self._process is None:
            made = running(in_shell(self.command), name=f"`{self.command}`", env=self._env)
            self._process = self._alive.enter_context(made)
        return self._process

    def _drop(self) -> None:
        self._alive.close()
        self._process = None
        with self._board.changed:
            self._board.wanted = None


def _written(process: Process, before: int) -> str:
    """What the client wrote in a round: the last of it may come after its verdict."""
    said, seen = None, process.since(before)
    for _ in range(_MOST_PAUSES):
        if said == seen:
            break
        time.sleep(_PAUSE)
        said, seen = seen, process.since(before)
    return seen


def _verdict(data: bytes) -> tuple[bool, str] | None:
    """Whether a round has passed, and what was said of it; None where that is not what was sent."""
    try:
        sent = json.loads(data)
        passed, said = sent["passed"], str(sent.get("said") or "")
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
    return (passed, said) if isinstance(passed, bool) else None


def _handler(board: _Board, secret: str) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            """The next round: 200 with its key, 202 ask again, 204 it is over."""
            if self.path != f"/{secret}/next":
                self._say(404)
                return
            status, key = board.taken()
            self._say(status, None if key is None else {"round": key})

        def do_POST(self) -> None:
            """What became of a round: `{"passed": true, "said": "…"}`."""
            data = self.rfile.read(min(int(self.headers.get("content-length") or 0), _LONGEST))
            prefix, _, key = self.path.rpartition("/")
            verdict = _verdict(data)
            if prefix != f"/{secret}":
                self._say(404)
            elif verdict is None:
                self._say(400)
            else:
                board.tell(key, *verdict)
                self._say(204)

        def _say(self, status: int, document: Any = None) -> None:
            body = b"" if document is None else json.dumps(document).encode()
            self.send_response(status)
            if document is not None:
                self.send_header("content-type", "application/json")
            # 204 has no content, and so no length of one (RFC 9110, section 8.6).
            if status != 204:
                self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing of requests."""

    return Handler
