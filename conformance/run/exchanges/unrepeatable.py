"""What cannot be sent twice: a name that is taken, a thing that is gone."""

from __future__ import annotations

from dataclasses import replace
from itertools import chain

from conformance.cases.case import Case, Expect
from conformance.cases.operation_under_test import Subject
from conformance.http.exchange import Answer
from conformance.judgement.observation import inconclusive
from conformance.judgement.states import GONE
from conformance.run.sending.control_cases import control_case
from conformance.run.sending.prober import Prober
from conformance.run.sending.taken_texts import about_taken
from conformance.run.things.fresh_values import FreshValues
from conformance.run.things.request_sequences import RequestSequence

__all__ = ["REPEATED", "unrepeatable"]

REPEATED = frozenset({400, 404, 409, 410, 412, 422})
"""What may be said of a name that is taken, or a thing that is gone."""


async def unrepeatable(prober: Prober, subject: Subject) -> frozenset[int]:
    """The status by which a repetition of the good request is refused; empty where none is.

    A name that is taken, or a thing that is gone, is refused every time. Where new values help,
    `prober.fresh` gives them from then on. What is refused intermittently is not steady. A server
    that fails at what is taken is told, and the rest is tried with new values.
    """
    if known := _of_what_is_gone(prober, subject) or await _of_what_is_handed(prober, subject):
        return _cannot_repeat(prober, subject, known)
    # What the overlay marks as unique needs no refusal to be known.
    prober.fresh = FreshValues.marked(subject)
    statuses = set[int]()
    # Twice: a refusal that comes intermittently has another cause.
    for again in (False, True):
        case = control_case(subject, "steady.repeated", "the good request, a second time")
        if not prober.budget.affords(case):
            return frozenset()
        answer = await prober.send(case)
        statuses.add(answer.status)
        if answer.status in REPEATED or answer.status >= 500:
            prober.session.stored_texts.note_taken(case.request, answer)
        if answer.status >= 500 and statuses == {answer.status}:
            if again:
                await _record_failure(prober, subject, case, answer)
            continue
        # Accepted, or refused for another reason: it can be sent again.
        if answer.status not in REPEATED:
            return frozenset()
        if await _refreshed(prober, subject):
            await _record_refusal(prober, subject, answer)
            prober.taken = frozenset({answer.status})
            return frozenset()
        if not subject.operation.documents(answer.status):
            return frozenset()
    if answer.status < 500:
        await _record_refusal(prober, subject, answer)
    refused = len(statuses) == 1 and statuses <= REPEATED
    if refused:
        await _spends(prober, subject)
    return _cannot_repeat(prober, subject, frozenset(statuses)) if refused else frozenset()


async def _of_what_is_handed(prober: Prober, subject: Subject) -> frozenset[int]:
    """The documented status by which what an answer has handed out is refused a second time.

    Empty where the good request has no such value, or where it is good for more than one use.
    """
    case = control_case(subject, "steady.repeated", "the good request, a second time")
    handed, operation = prober.session.handed, subject.operation
    if not handed.stands_in(operation, case.request, subject.control.body):
        return frozenset()
    if not prober.budget.affords(case):
        return frozenset()
    status = (await prober.deliver(case, case.request)).status
    refused = 400 <= status < 500 and operation.documents(status)
    return frozenset({status}) if refused else frozenset()


def _of_what_is_gone(prober: Prober, subject: Subject) -> frozenset[int]:
    """What may be said the second time of a thing that is removed or brought back.

    Each case gets another thing of this run. Empty where none does.
    """
    things, control = prober.session.things, subject.control
    if control.method == "DELETE" and things.is_own(subject.operation, control.request()):
        return frozenset(GONE)
    return REPEATED if subject.operation.id in things.used.undeleting else frozenset()


async def _spends(prober: Prober, subject: Subject) -> None:
    """Where the good request is accepted with another thing of this run, each case gets one."""
    things, operation = prober.session.things, subject.operation
    case = control_case(subject, "steady.repeated", "the good request about another thing")
    own = things.innermost(operation, case.request.target)
    if own is None or operation.method == "DELETE" or not prober.budget.affords(case):
        return
    things.used.begin(operation, own)
    if not prober.accepted(await prober.send(case)):
        things.used.end(operation)


async def _refreshed(prober: Prober, subject: Subject) -> bool:
    """Whether the good request is accepted again with other values."""
    case = control_case(subject, "steady.repeated", "the good request with new values")
    if prober.fresh is not None:
        return False
    for prober.fresh in chain(FreshValues.ways(subject), FreshValues.alone(subject)):
        if prober.budget.affords(case) and prober.accepted(await prober.send(case)):
            return True
    prober.fresh = None
    return False


async def _record_failure(prober: Prober, subject: Subject, case: Case, answer: Answer) -> None:
    """Tell that the server fails at the good request the second time: at what is taken, perhaps."""
    if not await _refreshed(prober, subject):
        await prober.record(case, answer)
        return
    assert prober.fresh is not None  # the new values that were accepted
    # With new values it would be another request.
    case = replace(about_taken(case, prober.fresh.paths), draft=None)
    await prober.record_taken(case, answer, _once(subject, case))
    prober.taken = frozenset({answer.status})


def _once(subject: Subject, case: Case) -> RequestSequence:
    """The request before the one that shows what is taken: the same one."""
    return RequestSequence(operation=subject.operation).then(subject.operation, case.request)


async def _record_refusal(prober: Prober, subject: Subject, answer: Answer) -> None:
    """Judge the refusal of what is taken like any other answer; whoever shows it sends both."""
    documented = subject.operation.documents(answer.status)
    local = f"status.{answer.status}" if documented else "status.documented"
    good = control_case(subject, local, "the good request, a second time")
    # Documented it is right, whatever is taken. With new values it would be another request.
    case = replace(good, expect=Expect.ANYTHING if documented else good.expect, draft=None)
    await prober.record_taken(case, answer, _once(subject, case))


def _cannot_repeat(prober: Prober, subject: Subject, statuses: frozenset[int]) -> frozenset[int]:
    shown = " or ".join(map(str, sorted(statuses)))
    why = f"the good request cannot be repeated: {shown} the second time, as documented"
    if _of_what_is_gone(prober, subject):
        why = "a thing can be removed or brought back once, and every request gets another one"
    for local in ("repeated", "concurrent", "kept", "after-bad"):
        prober.ledger.note(inconclusive(subject.id(f"steady.{local}"), why))
    return statuses
