"""One fuzzer against one mock: what it sent, what was wrong, and what the memory did."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.command import launched
from tests.hardness.raw import ask, memory_of

__all__ = ["CONTRACT", "MOST_KEPT", "Fuzzed", "fuzzed"]

CONTRACT = Path(__file__).parents[1] / "contracts" / "everything31.yaml"
MOST_KEPT = 64.0
"""MB that a mock may have kept at the end: its journal of 1,000 requests, and what it prepared."""
_WARM = 0.3

Fuzzer = Callable[[str, float, int], tuple[int, list[str]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fuzzed:
    """The outcome. `kept` is in MB, from when the mock was warm to the end."""

    requests: int
    wrong: list[str]
    kept: float
    is_alive: bool

    @property
    def is_good(self) -> bool:
        """Whether the mock came through."""
        return self.is_alive and not self.wrong and self.kept <= MOST_KEPT

    def __str__(self) -> str:
        state = "alive" if self.is_alive else "GONE"
        lines = [f"{self.requests} messages, {state}, {self.kept:+.1f} MB", *self.wrong]
        return "\n  ".join(lines)


def fuzzed(fuzzer: Fuzzer, seconds: float, seed: int) -> Fuzzed:
    """Start a mock, and let a fuzzer at it; a part of the time is to warm it."""
    with launched(CONTRACT) as mock:
        first, wrong = fuzzer(mock.url, seconds * _WARM, seed)
        before = memory_of(mock.process.pid)
        second, more = fuzzer(mock.url, seconds * (1 - _WARM), seed + 1)
        is_alive = mock.process.poll() is None
        answer = ask(mock.url, b"GET /__mock/health HTTP/1.0\r\nHost: a\r\n\r\n")
        return Fuzzed(
            requests=first + second,
            wrong=wrong + more,
            kept=memory_of(mock.process.pid) - before if is_alive else 0.0,
            is_alive=is_alive and answer.status == 200,
        )
