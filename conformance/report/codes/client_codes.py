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
        "The client does not survive an answer that the contract allows",
        "Its tests pass with the mock's answers, and fail when one answer differs in this one way, "
        "twice. The contract allows the answer, so a deployment may give it any day. Have the "
        "client take it, or have the contract promise more.",
    ),
    _code(
        FindingCode.CLIENT_BREAKS_WHEN_SLOW,
        Level.WARNING,
        "The client does not wait for a slow answer",
        "Its tests fail when the answer comes three seconds later. No contract promises a time; "
        "where the client gives up on purpose, waive it or lower its level.",
    ),
    _code(
        FindingCode.CLIENT_NEEDS_EVENT,
        Level.WARNING,
        "The client needs an event that the contract does not promise",
        "Its tests fail when a stream has no event of this kind. A contract says what events look "
        "like, seldom that each of them comes.",
    ),
    _code(
        FindingCode.CLIENT_FAILS_ON_ERROR,
        Level.NOTE,
        "The tests fail when the operation answers a documented error",
        "Tests that want a success fail without one, and are right to. Read what they said: the "
        "error that a user shall see, or a crash on the way to it. `--level "
        "client-fails-on-error=error` holds the client to it.",
    ),
    _code(
        FindingCode.CLIENT_UNSTEADY,
        Level.WARNING,
        "The tests failed once and passed once with the same answers",
        "With the same answers they failed, and passed when they were run again, so they prove "
        "nothing about this answer. Make the tests steady and try again.",
    ),
)
