"""Several callers, at once and in turn, who must not get each other's answers."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace

from conformance.cases.case import Case, Expect
from conformance.cases.operation_under_test import Subject
from conformance.clauses.clause import Verdict
from conformance.clauses.kinds import ClauseKind
from conformance.http.exchange import Answer, Request
from conformance.http.methods import is_safe
from conformance.http.request_drafts import Draft
from conformance.judgement import Observation
from conformance.judgement.observation import broken
from conformance.report.codes.finding_code import FindingCode
from conformance.run.exchanges.caller_texts import all_marked, mark_of, with_mark
from conformance.run.sending.prober import Prober
from conformance.run.things.request_sequences import RequestSequence

__all__ = ["concurrently", "different", "mixed"]

CALLERS = {True: 3, False: 2}
"""Callers at once, where their requests are safe and where each may cost."""
ROUNDS = 3
"""So often the callers come at once, to show once more what they got."""
CONFIRMATIONS = 3
"""So often answers must be the same again before a difference between them proves anything."""


async def concurrently(prober: Prober, subject: Subject, *, shared: bool) -> bool:
    """Several callers at once, each with a text of its own, who must not get each other's answers.

    Returns whether each of them got its own text back.

    What shows once is asked for once more, at once again: a replay by itself would prove nothing.
    Writers of a `shared` resource overwrite each other, which is no mix-up: their answers are not
    compared.
    """
    before = prober.last_good
    first = await _first_round(prober, subject, shared=shared)
    if not first:
        prober.budget.skip_clauses([subject.id("steady.concurrent")])
        return False
    for judged in first:
        if await prober.credential_ended(*judged):
            return False
    callers = [case for case, _, _ in first]
    own = [one for case, _, found in first for one in found if one.clause == case.clause]
    shown = any(one.verdict is Verdict.BROKEN for one in own)
    again = list[_Judged]()
    if shown and _affords(prober, callers, len(callers)):
        again = await _at_once(prober, callers, shared=shared)
    # What shows in both rounds repeats; which caller gets it may differ.
    codes = {one.code for _, _, found in again for one in found}
    for case, answer, found in first:
        steps = _beside(prober, callers, case)
        prober.write(case, answer, found, lambda one: not again or one.code in codes, steps=steps)
    answers = [answer for _, answer, _ in first]
    echoed = all(_echoes(case, n, answers[n]) for n, case in enumerate(callers))
    # Who has got its own text back was given its own answer; what is said to everybody is nobody's.
    told = echoed or {answer.body for answer in answers} == {before[1].body if before else b""}
    # Where the same request gets other answers, two that differ show nothing.
    if not shown and not shared and not told and not prober.varies:
        await _alone(prober, callers, answers)
    return echoed


async def _alone(prober: Prober, callers: list[Case], answers: list[Answer]) -> None:
    """The first two callers in turn: one whose answer was the other's was given the wrong one.

    Answers without an echo prove it only where they are made of the request: the same each time.
    """
    if callers[0].request == callers[1].request or not _affords(prober, callers, 2):
        return
    own = [await prober.send(case) for case in callers[:2]]
    bodies = [answer.body for answer in own]
    same = answers[0].body == answers[1].body
    swapped = [n for n in (0, 1) if same or answers[n].body == bodies[1 - n]]
    if bodies[0] == bodies[1] or not swapped or not all(answer.success for answer in own):
        return
    for _ in range(CONFIRMATIONS):
        if not _affords(prober, callers, 2):
            return
        # An answer with a clock in it differs each time, and proves nothing.
        if [(await prober.send(case)).body for case in callers[:2]] != bodies:
            return
    for number in swapped:
        wrong = mixed(callers[number], "its own", "the answer to another caller's request")
        steps = _beside(prober, callers, callers[number])
        prober.write(callers[number], answers[number], [wrong], lambda _: True, steps=steps)


def _beside(prober: Prober, callers: list[Case], case: Case) -> RequestSequence:
    """The others at the same moment, a few times: which of them come together is chance."""
    operation = prober.declared
    assert operation is not None, prober.operation
    made = prober.session.things.origins.sequence(operation, case.request)
    others = tuple(one.request for one in callers if one is not case)
    return replace(made, beside=others, times=ROUNDS)


_Judged = tuple[Case, Answer, list[Observation]]


async def _at_once(prober: Prober, callers: list[Case], *, shared: bool) -> list[_Judged]:
    answers = await asyncio.gather(*(prober.send(case) for case in callers))
    judged = []
    for number, (case, answer) in enumerate(zip(callers, answers, strict=True)):
        foreign = None if shared else _foreign(callers, number, answer)
        judged.append((case, answer, [foreign] if foreign else prober.observe(case, answer)))
    return judged


def _foreign(callers: list[Case], number: int, answer: Answer) -> Observation | None:
    """What another caller sent, in this one's answer: texts that no canned answer has by chance.

    What shows the texts of those who sent none, a list perhaps, shows what others have stored.
    """
    case = callers[number]
    own, text = mark_of(case.operation, number), answer.body.decode("utf-8", "replace")
    # Who has sent no text cannot be told apart from the others.
    if not _carries(case.request, own):
        return None
    for other in range(len(callers)):
        if other != number and mark_of(case.operation, other) in text:
            return mixed(case, own, mark_of(case.operation, other))
    return None


def _carries(request: Request, text: str) -> bool:
    values = (request.target, *(value for _, value in request.headers))
    return text.encode() in (request.body or b"") or any(text in value for value in values)


def _echoes(case: Case, number: int, answer: Answer) -> bool:
    return mark_of(case.operation, number) in answer.body.decode("utf-8", "replace")


def mixed(case: Case, own: str, found: str) -> Observation:
    """What is found in an answer to a caller, who has sent `own`, is another one's."""
    return broken(
        case.clause,
        FindingCode.MIXED_ANSWERS,
        expected=f"a response to the request of this caller ({own})",
        got=found,
        cause=FindingCode.MIXED_ANSWERS,
    )


def _affords(prober: Prober, callers: list[Case], count: int) -> bool:
    safe = is_safe(callers[0].request.method)
    return not prober.budget.halted and (safe or prober.budget.left >= count)


async def _first_round(prober: Prober, subject: Subject, *, shared: bool) -> list[_Judged]:
    """The first round of callers whose texts are taken; none where the budget is too small."""
    for callers in _ways(subject):
        if not _affords(prober, callers, len(callers)):
            continue
        if await _takes_parameters(prober, subject, callers[0]):
            first = await _at_once(prober, callers, shared=shared)
            if not await _refuses_texts(prober, subject, first):
                return first
    return []


def _ways(subject: Subject) -> Iterator[list[Case]]:
    """Callers with texts of their own: in all places, in one, and in none; some may be refused.

    Where the others differ in all their texts, the first one shares all but one with the good
    request, which was answered before: it is given what a deployment remembers by the others. It
    comes first, since a common place holds what the last one has put there.
    """
    number = CALLERS[subject.operation.safe]
    marks = [mark_of(subject.operation.id, caller) for caller in range(number)]
    one = [with_mark(subject, mark) for mark in marks]
    every = [all_marked(subject, mark) for mark in marks]
    if every[0].body not in (one[0].body, subject.control.body):
        yield _called(subject, [one[0], *every[1:]])
    # A comparison of drafts leaves their bodies out.
    if one[0].request() != subject.control.request():
        yield _called(subject, one)
    yield _called(subject, [subject.control] * number)


async def _takes_parameters(prober: Prober, subject: Subject, caller: Case) -> bool:
    """Whether the text is taken where it is one of a parameter: what cannot be judged by a body."""
    if caller.draft is None or caller.draft.body != subject.control.body:
        return True
    if caller.request == subject.control.request():
        return True
    return prober.budget.affords(caller) and prober.accepted(await prober.send(caller))


async def _refuses_texts(prober: Prober, subject: Subject, first: list[_Judged]) -> bool:
    """Whether a caller who was refused is refused alone as well: for its text, and not its time."""
    refused = [case for case, answer, _ in first if answer.status >= 400]
    if not refused or refused[0].request == subject.control.request():
        return False
    if not prober.budget.affords(refused[0]):
        return False
    return not prober.accepted(await prober.send(refused[0]))


def _called(subject: Subject, drafts: list[Draft]) -> list[Case]:
    return [
        subject.case(
            "steady.concurrent",
            ClauseKind.STEADINESS,
            f"caller {number} of {len(drafts)} at once",
            draft,
            expect=Expect.ACCEPTED,
            code=FindingCode.UNSTEADY,
        )
        for number, draft in enumerate(drafts, 1)
    ]


async def different(prober: Prober, subject: Subject) -> None:
    """Two texts in turn: an answer that repeats the one before is a stale one.

    All texts are new in the first, if that is accepted: what is kept by one of them shows as well.
    """
    before, after = (mark_of(subject.operation.id, number) for number in (6, 7))
    if with_mark(subject, before).body == subject.control.body:
        return
    every = all_marked(subject, mark_of(subject.operation.id, 5))
    for base in (every, subject.control):
        if prober.budget.left < 2:
            return
        marked = subject.but(control=base)
        first = _other_text(marked, before)
        answer = await prober.send(first)
        if 400 <= answer.status < 500:
            # A name that the deployment has to know, perhaps; edges ask which texts are good.
            continue
        await prober.record(first, answer)
        if before not in answer.body.decode("utf-8", "replace"):
            # A text that is not repeated is not found in another answer either.
            return
        second = _other_text(marked, after)
        answer = await prober.send(second)
        if before in answer.body.decode("utf-8", "replace"):
            stale = mixed(second, after, f"an answer that repeats {before!r}, sent before")
            steps = RequestSequence(operation=prober.declared)
            steps = steps.then(subject.operation, first.request)
            prober.write(second, answer, [stale], lambda _: True, steps=steps)
        else:
            await prober.record(second, answer)
        return


def _other_text(subject: Subject, mark: str) -> Case:
    case = subject.case(
        "steady.repeated",
        ClauseKind.STEADINESS,
        "another text than before",
        with_mark(subject, mark),
        expect=Expect.ACCEPTED,
        code=FindingCode.UNSTEADY,
    )
    return replace(case, called="a valid request with another text")
