"""Troubles instead of a complete response: no connection, no end of the body, no HTTP."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.clauses.ids import response_prefix
from conformance.clauses.kinds import ClauseKind
from conformance.http.exchange import Answer, Trouble
from conformance.judgement.json_answers import read_json
from conformance.judgement.judging import Judging
from conformance.judgement.observation import Observation, held, inconclusive
from conformance.report.codes.finding_code import FindingCode
from conformance.report.findings import Level

__all__ = ["WAITS", "troubles"]

WAITS = "the request asks the deployment to wait, or does not say for how long it may"

_TROUBLES = {
    Trouble.DROPPED: (FindingCode.NO_ANSWER, "the connection was dropped"),
    Trouble.UNREACHABLE: (FindingCode.NO_ANSWER, "no connection"),
    Trouble.TIMEOUT: (FindingCode.NO_ANSWER, "no response within the time limit"),
    Trouble.NOT_HTTP: (FindingCode.HTTP_MALFORMED, "a response that is not HTTP"),
    Trouble.FALSE_LENGTH: (
        FindingCode.FALSE_LENGTH,
        "a body whose length differs from the announced one",
    ),
    Trouble.FALSE_ENCODING: (FindingCode.FALSE_LENGTH, "a body that is not encoded as announced"),
    Trouble.OVERSIZED: (FindingCode.OVERSIZED_ANSWER, "a body that does not end"),
}
_UNFRAMED = frozenset({Trouble.FALSE_LENGTH, Trouble.FALSE_ENCODING, Trouble.NOT_HTTP})
"""Troubles of the message itself, which are the same whatever was asked."""
_WITHOUT_END = frozenset({Trouble.TIMEOUT, Trouble.OVERSIZED})
"""Troubles of an answer whose end was not seen."""


def troubles(one: Judging) -> Iterator[Observation]:
    """What the trouble of an answer shows; nothing where there is none."""
    trouble, answer, case = one.answer.trouble, one.answer, one.case
    if trouble is None:
        return
    if trouble is Trouble.UNSENDABLE:
        yield inconclusive(case.clause, f"it could not be sent: {answer.detail}")
    elif trouble is Trouble.TIMEOUT and one.asks_to_wait:
        yield inconclusive(one.id("answer.time"), WAITS)
    elif case.may_close and trouble in (Trouble.DROPPED, Trouble.TIMEOUT):
        yield held(case.clause)
    elif answer.streams and answer.success:
        yield _of_stream(one, trouble)
    elif answer.is_endless and answer.success and _is_feed(answer):
        yield _endless(one, one.id("answer.time"))
    else:
        yield from _of_answer(one, trouble)


def _of_answer(one: Judging, trouble: Trouble) -> Iterator[Observation]:
    code, what = _TROUBLES[trouble]
    what = "no end of the response within the time limit" if one.answer.is_endless else what
    reason = (
        "late" if trouble is Trouble.TIMEOUT else None if code == FindingCode.NO_ANSWER else code
    )
    for clause in _clauses(one, trouble):
        yield one.broken(
            code,
            clause=clause,
            got=f"{what}{f': {one.answer.detail}' if one.answer.detail else ''}",
            expected="a whole answer",
            level=Level.WARNING
            if trouble is Trouble.OVERSIZED or _after_head(one)
            else Level.ERROR,
            reason=reason,
        )


def _after_head(one: Judging) -> bool:
    """Whether it is content after an answer to HEAD: HTTP forbids it, no contract speaks of it."""
    return one.case.request.method == "HEAD" and one.answer.trouble is Trouble.FALSE_LENGTH


def _clauses(one: Judging, trouble: Trouble) -> Iterator[str]:
    """What is broken: the clause that was tested only where nothing else is known of it."""
    if trouble in _UNFRAMED:
        yield one.id("answer.framing")
    elif trouble in _WITHOUT_END:
        yield one.id("answer.time")
    if one.case.family == ClauseKind.CONTROL or trouble not in _UNFRAMED | _WITHOUT_END:
        yield one.case.clause


def _of_stream(one: Judging, trouble: Trouble) -> Observation:
    response = one.operation.response_for(one.answer.status)
    status = response.status if response else str(one.answer.status)
    clause = one.id(f"{response_prefix(status, 'text/event-stream')}.stream.end")
    if trouble is Trouble.TIMEOUT:
        return _endless(one, clause)
    return one.broken(
        FindingCode.STREAM_CUT,
        clause=clause,
        expected="a stream that ends well",
        got=f"{_TROUBLES[trouble][1]}: {one.answer.detail}",
        reason="stream",
    )


def _endless(one: Judging, clause: str) -> Observation:
    return one.broken(
        FindingCode.STREAM_ENDLESS,
        clause=clause,
        expected=f"a stream that ends within {one.limit:g} s",
        got="a stream that continues",
        level=Level.WARNING,
        reason="stream",
    )


def _is_feed(answer: Answer) -> bool:
    """Whether whole values of JSON have come, one a line: news of what changes, as it changes.

    One whose length is announced has an end. Where nothing has come yet, there is no news.
    """
    if answer.header("content-length") is not None:
        return False
    if not answer.body:
        return True
    # What follows the last line break is the beginning of another line.
    lines = [one for one in answer.body.split(b"\n")[:-1] if one.strip()]
    return bool(lines) and not any(read_json(line).problem for line in lines)
