"""A mock beside the code that uses it: a real socket, a thread of this process, a free port."""

from __future__ import annotations

import threading
from types import TracebackType
from typing import TYPE_CHECKING

from mock_server.http.binding import listen, url_of
from mock_server.http.serving import make_server, run_server
from spec import Contract

if TYPE_CHECKING:
    from mock_server.http.application import MockApp

__all__ = ["RunningMock"]

_PATIENCE = 30.0
"""Seconds that starting and stopping may take before something must be wrong."""


class RunningMock:
    """Serves an application while its `with` block runs.

    Args:
        app: what `mock_server.create_app` made.
        host: address to listen on.
        port: port to listen on; 0 takes a free one.
    """

    def __init__(self, app: MockApp, *, host: str = "127.0.0.1", port: int = 0) -> None:
        self.app = app
        self._sockets = listen(host, port)
        self.url = url_of(host, self._sockets)
        self._server = make_server(app)
        self._thread = threading.Thread(target=self._run, name=f"mock {self.url}", daemon=True)

    @property
    def contract(self) -> Contract:
        """The contract that is served now."""
        return self.app.contract

    def reset(self) -> None:
        """Make it as good as new: nothing remembered, no scenario waiting."""
        self.app.reset()

    def start(self) -> None:
        """Return when it answers. Raises RuntimeError if it does not come up."""
        self._thread.start()
        if not self._server.wait_until_started(_PATIENCE):
            raise RuntimeError(f"the mock on {self.url} did not start within {_PATIENCE:g} seconds")

    def stop(self) -> None:
        """Close every connection and free the port."""
        self._server.stop()
        self._thread.join(_PATIENCE)

    def _run(self) -> None:
        run_server(self._server, self._sockets)

    def __enter__(self) -> RunningMock:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()
