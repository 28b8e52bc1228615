"""Conditional requests with the answer's own validators: what caches and browsers send."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from conformance.cases.case import Case, Expect
from conformance.cases.operation_under_test import Subject
from conformance.clauses.clause import Verdict
from conformance.clauses.kinds import ClauseKind
from conformance.http.exchange import Answer
from conformance.http.request_drafts import Draft
from conformance.judgement.observation import Observation
from conformance.judgement.validators import (
    Validators,
    changed_anyway,
    malformed,
    not_modified,
)
from conformance.run.sending.prober import Prober

__all__ = ["conditional"]

LOCAL = "http.validators"
NEVER = '"conformance-never-issued"'
"""An entity tag that no server has ever given out."""
LONG_AGO = "Thu, 01 Jan 1970 00:00:01 GMT"
"""A date before any change. Not the zero of Unix time, which some servers read as no date."""


async def conditional(prober: Prober, subject: Subject) -> None:
    """Ask again for what was read, by its ETag or Last-Modified."""
    clause = subject.id(LOCAL)
    if subject.operation.method != "GET" or not prober.focus.asks([clause]) or prober.budget.halted:
        return
    plain = _case(prober, subject, "the good request", subject.control)
    answer = await _answered(prober, plain)
    # Only a whole representation has validators that speak for it.
    if answer.status != 200 or not answer.whole:
        return
    prober.write(plain, answer, list(malformed(clause, answer)), lambda _: True)
    known = Validators.of(answer)
    if not (known.tag or known.date):
        why = "no answer had an ETag or a Last-Modified by which it could be asked for again"
        prober.ledger.excuse_clauses([clause], why)
    for condition in _conditions(known):
        if not await _try(prober, subject, condition):
            return


@dataclass(frozen=True, slots=True, kw_only=True)
class _Condition:
    """The headers of a conditional request, and what its answer is judged by.

    `telling` says that a right answer shows something as well.
    """

    headers: tuple[tuple[str, str], ...]
    judge: Callable[[str, Answer], Observation]
    telling: bool = True

    @property
    def label(self) -> str:
        return "; ".join(f"{name}: {value}" for name, value in self.headers)


def _conditions(known: Validators) -> Iterator[_Condition]:
    def same(*headers: tuple[str, str]) -> _Condition:
        return _Condition(headers=headers, judge=lambda c, answer: not_modified(c, answer, known))

    def other(*headers: tuple[str, str]) -> _Condition:
        return _Condition(headers=headers, judge=changed_anyway)

    date = (("If-Modified-Since", known.date),) if known.date else ()
    if known.tag:
        yield same(("If-None-Match", known.tag))
        # In a list and weakly, as caches send it (RFC 9110 section 13.1.2).
        yield same(("If-None-Match", f"{NEVER}, {known.weak}"))
        # Beside a tag a date means nothing (RFC 9110 section 13.1.3).
        yield other(("If-None-Match", NEVER), *date)
    elif known.date:
        yield same(*date)
        yield other(("If-Modified-Since", LONG_AGO))
    else:
        yield replace(other(("If-None-Match", NEVER)), telling=False)


async def _try(prober: Prober, subject: Subject, condition: _Condition) -> bool:
    """Send it, and once more where it deviates; whether the next one is worth sending."""
    draft = subject.control
    for name, value in condition.headers:
        draft = draft.header(name, value)
    case = _case(prober, subject, condition.label, draft)
    answer = await _answered(prober, case)
    # What fails or leaks is a finding of its own. A whole answer speaks of the condition as well.
    if any(one.verdict is Verdict.BROKEN for one in prober.observe(case, answer)):
        await prober.record(case, answer)
        if not answer.success:
            return False
    found = condition.judge(case.clause, answer)
    # Where there are no validators, an answer to a condition shows nothing unless it is wrong.
    if found.verdict is not Verdict.BROKEN and not condition.telling:
        return False
    repeats = True
    if found.verdict is Verdict.BROKEN:
        again = condition.judge(case.clause, await _answered(prober, case))
        repeats = again.code == found.code
    prober.write(case, answer, [found], lambda _: repeats)
    return found.verdict is Verdict.HELD


async def _answered(prober: Prober, case: Case) -> Answer:
    """The answer to a case; a server that has failed, as it may now and then, is asked again."""
    answer = await prober.send(case)
    if answer.status < 500:
        return answer
    await prober.record(case, answer)
    return await prober.send(case)


def _case(prober: Prober, subject: Subject, label: str, draft: Draft) -> Case:
    # On a connection of its own: what follows a 304 would be taken for the next answer.
    wired = draft.but(wire=prober.session.client.target.app is None)
    statuses = frozenset({304, 412})
    return subject.case(
        LOCAL, ClauseKind.STEADINESS, label, wired, expect=Expect.ANYTHING, also=statuses
    )
