"""For a project's own tests: what they show of the contract, without a request of the kit.

with conformance.watch(app, contract="openapi.yaml") as watched:
    client = TestClient(watched.target)
    …
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from pathlib import Path
from threading import Lock
from types import TracebackType
from typing import Any

from conformance.report.findings import Level, Report, ReportVerdict
from conformance.run.contract_verification import NonconformanceError, contract_named
from conformance.traffic.clients import listen
from conformance.traffic.exchanges import Seen
from conformance.traffic.middleware import Record, WatchedASGI, WatchedWSGI
from conformance.traffic.traffic_judge import TrafficJudge
from spec import Contract

__all__ = ["Watched", "Watcher", "watch"]


class Watcher:
    """One ledger for any number of applications and clients.

    Args:
        contract: what to judge by; without it, spec/ai.yaml.
        overlay: examples for it; without it, NAME.overlay.yaml beside the contract.
        base_url: judge only what was sent there, and take its path off.
    """

    def __init__(
        self,
        contract: Contract | Path | str | None = None,
        overlay: Path | str | None = None,
        base_url: str = "",
    ) -> None:
        self._judge = TrafficJudge(
            contract_named(contract, overlay), base_url or "the tests", base_url
        )
        self._lock, self._ends = Lock(), list[Callable[[], None]]()
        self._report: Report | None = None

    def watch(self, target: Any) -> Any:
        """What the tests use from now on: the application wrapped, or the client itself.

        Raises:
            TypeError: it is neither an ASGI or WSGI application nor a client of httpx or requests.
        """
        if (end := listen(target, self._add)) is not None:
            self._ends.append(end)
            return target
        return _wrapped(target, self._add)

    def _add(self, seen: Seen) -> None:
        with self._lock:
            if self._report is None:
                self._judge.add(seen)

    def close(self) -> None:
        """Listen no longer."""
        while self._ends:
            self._ends.pop()()

    def report(self, fail_on: Level | str = Level.ERROR) -> Report:
        """What was seen; nothing is taken in after it was asked for."""
        with self._lock:
            if self._report is None:
                self._report = self._judge.report(Level(fail_on))
            return self._report


class Watched(Watcher):
    """A watcher of one target, until the end of its block.

    `target` is what the tests use.
    """

    def __init__(self, target: Any, fail_on: Level, **given: Any) -> None:
        super().__init__(**given)
        self._fail_on = fail_on
        self.target = self.watch(target)

    def __enter__(self) -> Watched:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Listen no longer, and raise what was found, unless something else was raised."""
        self.close()
        report = self.report(self._fail_on)
        if error is None and report.verdict is ReportVerdict.BREAKS:
            raise NonconformanceError(report, self._fail_on)


def watch(
    target: Any,
    *,
    contract: Contract | Path | str | None = None,
    overlay: Path | str | None = None,
    base_url: str = "",
    fail_on: Level | str = Level.ERROR,
) -> Watched:
    """Judge what goes through an application or a client, as `conformance judge` does.

    Args:
        target: an ASGI or WSGI application; a client of httpx, a session of requests.
        contract: what to judge by; without it, spec/ai.yaml.
        overlay: examples for it; without it, NAME.overlay.yaml beside the contract.
        base_url: judge only what was sent there, and take its path off.
        fail_on: the mildest level that raises at the end of the block.

    Returns:
        A context manager whose `target` the tests use, and whose `report()` is what was seen.

    Raises:
        NonconformanceError: at the end of the block, where the contract was broken.
        TypeError: the target is none of these.
        spec.ContractError: the contract cannot be read.
    """
    return Watched(target, Level(fail_on), contract=contract, overlay=overlay, base_url=base_url)


def _wrapped(target: Any, record: Record) -> Any:
    if not callable(target):
        raise TypeError(
            f"{type(target).__name__} is neither an ASGI or WSGI application nor a client of "
            f"httpx or requests"
        )
    wanted = target if inspect.isroutine(target) else type(target).__call__
    if inspect.iscoroutinefunction(wanted) or _arguments(target) == 3:
        return WatchedASGI(target, record)
    return WatchedWSGI(target, record)


def _arguments(target: Any) -> int:
    try:
        return len(inspect.signature(target).parameters)
    except (TypeError, ValueError):
        return 2
