"""The codes of `conformance client`."""

from __future__ import annotations

from conformance.report.codes.code import Code
from conformance.report.codes.finding_code import FindingCode
from conformance.report.level import Level

__all__ = ["CLIENT_CODES"]


def _code(name: FindingCode, level: Level, title: str, explain: str) -> Code:
    return Code(code=name, room="client", level=level, title=title, explain=explain)


CLIENT_CODES: tuple[Code, ...] = (
    _code(
        FindingCode.CLIENT_BREAKS,
        Level.ERROR,
        "The client fails on a response that the contract allows",
        "The client's tests pass with the mock's responses, and failed twice when one response "
        "differed in this one way. The contract allows the response, so a deployment may send "
        "it. Make the client accept it, or make the contract promise more.",
    ),
    _code(
        FindingCode.CLIENT_BREAKS_WHEN_SLOW,
        Level.WARNING,
        "The client does not wait for a slow response",
        "The client's tests fail when the response comes three seconds later. No contract "
        "promises a response time. If the client's time limit is intended, waive the finding or "
        "lower its level.",
    ),
    _code(
        FindingCode.CLIENT_NEEDS_EVENT,
        Level.WARNING,
        "The client needs an event that the contract does not promise",
        "The client's tests fail when a stream has no event of this kind. A contract describes "
        "the events, but rarely promises that each of them is sent.",
    ),
    _code(
        FindingCode.CLIENT_FAILS_ON_ERROR,
        Level.NOTE,
        "The tests fail when the operation answers a documented error",
        "A test that expects a success is right to fail on an error. Read its output: the client "
        "may show the error correctly, or it may have crashed. `--level "
        "client-fails-on-error=error` makes the finding an error.",
    ),
    _code(
        FindingCode.CLIENT_UNSTEADY,
        Level.WARNING,
        "The tests failed once and passed once with the same responses",
        "The tests failed, and passed when they were run again with the same responses, so they "
        "prove nothing about this response. Make the tests deterministic and try again.",
    ),
)
