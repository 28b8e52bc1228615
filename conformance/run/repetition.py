"""The valid request repeated: in sequence, concurrently, on one connection, after invalid ones."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from conformance.cases.case import Case, Expect
from conformance.cases.operation_under_test import Subject
from conformance.clauses.clause import Verdict
from conformance.clauses.kinds import ClauseKind
from conformance.http.exchange import Answer, Request, Trouble
from conformance.http.methods import is_safe
from conformance.judgement import Observation
from conformance.judgement.observation import broken, held, inconclusive
from conformance.report.codes.finding_code import FindingCode
from conformance.run.caller_texts import all_marked, mark_of, with_mark
from conformance.run.fresh_values import FreshValues
from conformance.run.prober import Prober

__all__ = [
    "UNKNOWN",
    "after_bad",
    "concurrently",
    "control_case",
    "different",
    "kept",
    "repeatedly",
    "unrepeatable",
]

CALLERS = 3
CONFIRMATIONS = 3
"""So often answers must be the same again before a difference between them proves anything."""
UNKNOWN = frozenset({403, 404, 409, 410})
"""Statuses for a resource that does not exist or belongs to another caller."""
REPEATED = frozenset({400, 404, 409, 410, 412, 422})
"""What may be said of a name that is taken, or a thing that is gone."""


def control_case(
    subject: Subject,
    local: str = "control",
    label: str = "the good request",
    *,
    made_up: bool = False,
) -> Case:
    """The control as a case that must be accepted.

    What a `made_up` one asks for may not exist, or not be open to everybody: such a refusal, where
    it is documented, leaves everything undecided.
    """
    return subject.case(
        local,
        ClauseKind.CONTROL if local == "control" else ClauseKind.STEADINESS,
        label,
        subject.control,
        expect=Expect.ACCEPTED,
        code={
            "control": FindingCode.REFUSED_CONTROL,
            "steady.repeated": FindingCode.UNSTEADY,
            "steady.concurrent": FindingCode.UNSTEADY,
            "steady.after-bad": FindingCode.POISONED,
        }.get(local, FindingCode.REFUSED_VALID),
        open_statuses=UNKNOWN if made_up else frozenset(),
    )


async def unrepeatable(prober: Prober, subject: Subject) -> frozenset[int]:
    """The status by which a repetition of the good request is refused; empty where none is.

    A name that is taken, or a thing that is gone, is refused every time. Where new values help,
    `prober.fresh` gives them from then on. What is refused now and then is not steady.
    """
    if _removes_own(prober, subject):
        return _cannot_repeat(prober, subject, frozenset({404, 410}))
    prober.fresh = FreshValues.marked(subject)
    statuses = set[int]()
    for _ in range(2):
        case = control_case(subject, "steady.repeated", "the good request, a second time")
        if not prober.affordable(case):
            return frozenset()
        answer = await prober.send(case)
        statuses.add(answer.status)
        if answer.status not in REPEATED:
            return frozenset()
        if await _refreshed(prober, subject):
            await _told(prober, subject, answer)
            prober.taken = frozenset({answer.status})
            return frozenset()
        if not _documented(subject, answer):
            return frozenset()
    return (
        _cannot_repeat(prober, subject, frozenset(statuses)) if len(statuses) == 1 else frozenset()
    )


def _removes_own(prober: Prober, subject: Subject) -> bool:
    """Whether a thing of this run is removed: each case gets another one, and can be sent once."""
    things, control = prober.session.things, subject.control
    return control.method == "DELETE" and things.is_own(subject.operation, control.request())


async def _refreshed(prober: Prober, subject: Subject) -> bool:
    """Whether the good request is accepted again with other values."""
    case = control_case(subject, "steady.repeated", "the good request with new values")
    if prober.fresh is not None or not prober.affordable(case):
        return False
    prober.fresh = FreshValues.of(subject)
    if prober.fresh is None:
        return False
    if prober.accepted(await prober.send(case)):
        return True
    prober.fresh = None
    return False


async def _told(prober: Prober, subject: Subject, answer: Answer) -> None:
    """A refusal of what is taken is right where it is documented."""
    if not _documented(subject, answer):
        local = "status.documented"
        await prober.record(control_case(subject, local, "the good request, a second time"), answer)


def _documented(subject: Subject, answer: Answer) -> bool:
    return subject.operation.documents(answer.status)


def _cannot_repeat(prober: Prober, subject: Subject, statuses: frozenset[int]) -> frozenset[int]:
    shown = " or ".join(map(str, sorted(statuses)))
    why = f"the good request cannot be repeated: {shown} the second time, as documented"
    if _removes_own(prober, subject):
        why = "a thing can be removed once, and every request gets another one"
    for local in ("repeated", "concurrent", "kept", "after-bad"):
        prober.ledger.note(inconclusive(subject.id(f"steady.{local}"), why))
    return statuses


async def after_bad(prober: Prober, subject: Subject, family: str) -> bool:
    """The good request after a family of bad ones; whether it still succeeds."""
    label = f"the good request after bad ones: {family}"
    case = control_case(subject, "steady.after-bad", label)
    return await prober.probe([case])


async def repeatedly(prober: Prober, subject: Subject, times: int) -> None:
    """The good request again and again; every refusal counts, since the first was accepted."""
    label = "the good request, repeated"
    case = control_case(subject, "steady.repeated", label)
    await prober.probe([case] * times)


async def concurrently(prober: Prober, subject: Subject, *, shared: bool) -> None:
    """Several callers at once, each with a text of its own, who must not get each other's answers.

    What shows once is asked for once more, at once again: a replay by itself would prove nothing.
    Writers of a `shared` resource overwrite each other, which is no mix-up: their answers are not
    compared.
    """
    callers = await _callers(prober, subject)
    if not _affords(prober, callers, len(callers)):
        prober.skip(callers[0])
        return
    first = await _at_once(prober, callers, shared=shared)
    own = [one for case, _, found in first for one in found if one.clause == case.clause]
    shown = any(one.verdict is Verdict.BROKEN for one in own)
    again = list[_Judged]()
    if shown and _affords(prober, callers, len(callers)):
        again = await _at_once(prober, callers, shared=shared)
    codes = {one.code for _, _, found in again for one in found}
    for case, answer, found in first:
        prober.write(case, answer, found, lambda one: not again or one.code in codes)
    if not shown and not shared:
        await _alone(prober, callers, [answer for _, answer, _ in first])


async def _alone(prober: Prober, callers: list[Case], answers: list[Answer]) -> None:
    """The first two callers in turn: one whose answer was the other's was given the wrong one.

    Answers without an echo prove it only where they are made of the request: the same each time.
    """
    echoed = all(_echoes(callers[n], n, answers[n]) for n in (0, 1))
    if echoed or not _affords(prober, callers, 2):
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
        if [(await prober.send(case)).body for case in callers[:2]] != bodies:
            return
    for number in swapped:
        mixed = _mixed(callers[number], "its own", "the answer to another caller's request")
        prober.write(callers[number], answers[number], [mixed], lambda _: True)


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
    if not _carries(case.request, own):
        return None
    for other in range(len(callers)):
        if other != number and mark_of(case.operation, other) in text:
            return _mixed(case, own, mark_of(case.operation, other))
    return None


def _carries(request: Request, text: str) -> bool:
    values = (request.target, *(value for _, value in request.headers))
    return text.encode() in (request.body or b"") or any(text in value for value in values)


def _echoes(case: Case, number: int, answer: Answer) -> bool:
    return mark_of(case.operation, number) in answer.body.decode("utf-8", "replace")


def _mixed(case: Case, own: str, found: str) -> Observation:
    return broken(
        case.clause,
        FindingCode.MIXED_ANSWERS,
        expected=f"a response to the request of this caller ({own})",
        got=found,
        cause=FindingCode.MIXED_ANSWERS,
    )


def _affords(prober: Prober, callers: list[Case], count: int) -> bool:
    safe = is_safe(callers[0].request.method)
    return not prober.halted and (safe or prober.left >= count)


async def _callers(prober: Prober, subject: Subject) -> list[Case]:
    """Callers whose texts differ; without them where such a parameter is refused."""
    marked = [_caller(subject, number) for number in range(CALLERS)]
    first = marked[0]
    if first.draft is None or first.draft.body != subject.control.body:
        return marked
    if first.request == subject.control.request():
        return marked
    if prober.affordable(first) and prober.accepted(await prober.send(first)):
        return marked
    return [replace(one, request=subject.control.request()) for one in marked]


def _caller(subject: Subject, number: int) -> Case:
    return subject.case(
        "steady.concurrent",
        ClauseKind.STEADINESS,
        f"caller {number + 1} of {CALLERS} at once",
        with_mark(subject, mark_of(subject.operation.id, number)),
        expect=Expect.ACCEPTED,
        code=FindingCode.UNSTEADY,
    )


async def different(prober: Prober, subject: Subject) -> None:
    """Two texts in turn: an answer that repeats the one before is a stale one.

    All texts are new in the first, if that is accepted: what is kept by one of them shows as well.
    """
    before, after = (mark_of(subject.operation.id, number) for number in (6, 7))
    if with_mark(subject, before).body == subject.control.body:
        return
    for base in (all_marked(subject), subject.control):
        if prober.left < 2:
            return
        marked = subject.but(control=base)
        first = _other_text(marked, before)
        answer = await prober.send(first)
        if not prober.accepted(answer) and base is not subject.control:
            continue  # a name that the deployment has to know, perhaps
        await prober.record(first, answer)
        second = _other_text(marked, after)
        answer = await prober.send(second)
        if before in answer.body.decode("utf-8", "replace"):
            mixed = _mixed(second, after, f"an answer that repeats {before!r}, sent before")
            prober.write(second, answer, [mixed], lambda _: True)
        else:
            await prober.record(second, answer)
        return


def _other_text(subject: Subject, mark: str) -> Case:
    return subject.case(
        "steady.repeated",
        ClauseKind.STEADINESS,
        "another text than before",
        with_mark(subject, mark),
        expect=Expect.ACCEPTED,
        code=FindingCode.UNSTEADY,
    )


async def kept(prober: Prober, subject: Subject) -> None:
    """The good request, a refused one and the good one again, on one connection.

    What is left over of one exchange shows in the next. Where it does, nothing else of the run is
    sent on a persistent connection, so that it is reported once.
    """
    case = control_case(subject, "steady.kept", "the good request twice on one connection")
    client = prober.session.client
    affords = is_safe(case.request.method) or prober.left >= 2
    if client.target.app is not None:
        why = (
            "the application is called without a socket, so there is no persistent connection; "
            "test it by its URL"
        )
        prober.ledger.excuse_clauses([case.clause], why)
        return
    if not affords:
        prober.skip(case)
    if prober.halted or not affords:
        return
    secured = bool(subject.control.credential.schemes)
    between = (subject.anonymous().request(),) if secured else ()
    requests = (case.request, *between, case.request)
    answers = await prober.session.send_kept(prober.operation, requests, case.clauses)
    if not answers[0].success:
        return
    for answer in answers:
        if answer.trouble is Trouble.FALSE_LENGTH:
            client.keeps = False
            prober.write(case, answer, prober.observe(case, answer), lambda _: True)
            return
    found = _kept(case, answers)
    client.keeps = client.keeps and found.verdict is not Verdict.BROKEN
    prober.write(case, answers[-1], [found], lambda _: True)


def _kept(case: Case, answers: tuple[Answer, ...]) -> Observation:
    first, second, last = answers[0], answers[1], answers[-1]
    if second.trouble is Trouble.UNSENDABLE:
        return inconclusive(case.clause, "the first response announced `Connection: close`")
    if not second.status:
        return _not_kept(case, f"no answer to the second request: {second.detail}")
    if second.status != first.status and second.body == first.body != b"":
        return _not_kept(case, f"{second.status} with the body of the previous response")
    # A server may hang up on a refused request; what it answers must be an answer.
    if last.status and not last.success:
        return _not_kept(case, f"{last.status} to the valid request")
    return held(case.clause)


def _not_kept(case: Case, got: str) -> Observation:
    return broken(
        case.clause,
        FindingCode.KEPT_CONNECTION,
        expected="every request on a persistent connection answered like a single one",
        got=got,
        cause=FindingCode.KEPT_CONNECTION,
    )
