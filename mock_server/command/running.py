"""A mock beside the code that uses it: a real socket, a thread of this process, a free port."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any

from mock_server.http.binding import listen, url_of
from mock_server.http.serving import make_server, run_server
from spec import Contract

if TYPE_CHECKING:
    from mock_server.admin.verification import Verification
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
        # A daemon: a test that ends by an exception must not keep the process alive.
        self._thread = threading.Thread(target=self._run, name=f"mock {self.url}", daemon=True)

    @property
    def contract(self) -> Contract:
        """The contract that is served now."""
        return self.app.contract

    def scenario(
        self,
        operation: str,
        *answers: Mapping[str, Any],
        name: str | None = None,
        key: str | None = None,
        repeat: bool = False,
        **answer: Any,
    ) -> str:
        """Put an operation into a state, as `POST /__mock/scenarios` does; returns the id.

        Args:
            operation: `POST /api/…`, an operationId, or `*` for all.
            answers: the answers in their order: `{"status": 401}`, `{"status": 200}`.
            name: what `X-Mock-Source` calls it.
            key: limits it to the requests with this `X-Mock-Key`.
            repeat: whether it begins again after its last answer.
            answer: one more answer, by its members: `status=503, times=2`.

        Raises:
            ScenarioError: the contract has no such operation or example, or a member is wrong.
        """
        document: dict[str, Any] = {
            "operation": operation,
            "answers": [*answers, *([answer] if answer else [])],
            "repeat": repeat,
        }
        document |= {k: v for k, v in {"name": name, "key": key}.items() if v is not None}
        return self.app.play(document)

    def requests(
        self,
        operation: str | None = None,
        *,
        status: int | None = None,
        key: str | None = None,
        since: int = 0,
    ) -> list[dict[str, Any]]:
        """The journal, newest first, as `GET /__mock/requests` gives it."""
        return self.app.entries(operation=operation, status=status, key=key, since=since)

    def verify(self, operation: str | None = None, **expected: Any) -> Verification:
        """Whether the expected requests came: `assert mock.verify("GET /x", times=2)`.

        `expected` are the members that `POST /__mock/requests/verify` takes: `status`, `key`,
        `match` and `times`. What comes back is false where they did not, and says which requests
        came nearest.
        """
        return self.app.verify(operation=operation, **expected)

    def reset(self, key: str | None = None) -> None:
        """As good as new, for all keys or for one: a file's scenarios wait again, and no others."""
        self.app.reset(key)

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
