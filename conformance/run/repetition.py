"""The good request again: in sequence, at once, on one connection, after bad ones."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

from conformance.cases.case import Case, Expect
from conformance.cases.operation_under_test import Subject
from conformance.clauses.clause import Verdict
from conformance.clauses.value_paths import Path, get, put
from conformance.http.exchange import Answer, Trouble
from conformance.http.request_drafts import Draft
from conformance.judgement import Observation
from conformance.judgement.observation import broken, held, inconclusive
from conformance.run.prober import Prober
from spec.model.contract_model import SAFE_METHODS

__all__ = ["after_bad", "concurrently", "control_case", "different", "kept", "repeatedly"]

TIMES = 25
CALLERS = 4


def control_case(subject: Subject, local: str = "control", label: str = "the good request") -> Case:
    """The control as a case that must be accepted."""
    return subject.case(
        local,
        "control" if local == "control" else "steadiness",
        label,
        subject.control,
        expect=Expect.ACCEPTED,
        code={
            "control": "refused-control",
            "steady.repeated": "unsteady",
            "steady.concurrent": "unsteady",
            "steady.after-bad": "poisoned",
        }.get(local, "refused-valid"),
    )


async def after_bad(prober: Prober, subject: Subject, family: str) -> bool:
    """The good request after a family of bad ones; whether it still succeeds."""
    label = f"the good request after bad ones: {family}"
    case = control_case(subject, "steady.after-bad", label)
    done = await prober.probe([case])
    return all(prober.accepted(answer) for _, answer in done)


async def repeatedly(prober: Prober, subject: Subject, times: int) -> None:
    """The good request again and again; every refusal counts, since the first was accepted."""
    label = "the good request, repeated"
    case = control_case(subject, "steady.repeated", label)
    await prober.probe([case] * times)


async def concurrently(prober: Prober, subject: Subject) -> None:
    """Several callers at once, each with a text of its own, who must not get each other's answers.

    What shows once is asked for once more, at once again: a replay by itself would prove nothing.
    """
    callers = list(_callers(subject))
    if not _affords(prober, callers, len(callers)):
        return
    first = await _at_once(prober, callers)
    if any(one.verdict is Verdict.BROKEN for _, _, found in first for one in found):
        again = await _at_once(prober, callers) if _affords(prober, callers, len(callers)) else []
        codes = {one.code for _, _, found in again for one in found}
        for case, answer, found in first:
            prober.write(case, answer, found, lambda one: not again or one.code in codes)
        return
    for case, answer, found in first:
        prober.write(case, answer, found, lambda _: True)
    await _alone(prober, callers, [answer for _, answer, _ in first])


_Judged = tuple[Case, Answer, list[Observation]]


async def _at_once(prober: Prober, callers: list[Case]) -> list[_Judged]:
    answers = await asyncio.gather(*(prober.send(case) for case in callers))
    judged = []
    for number, (case, answer) in enumerate(zip(callers, answers, strict=True)):
        foreign = _foreign(callers, number, answer)
        judged.append((case, answer, [foreign] if foreign else prober.observe(case, answer)))
    return judged


def _foreign(callers: list[Case], number: int, answer: Answer) -> Observation | None:
    """What another caller sent, in this one's answer."""
    text = answer.body.decode("utf-8", "replace")
    for other in range(len(callers)):
        if other != number and _mark(other) in text:
            return _mixed(callers[number], _mark(number), _mark(other))
    return None


async def _alone(prober: Prober, callers: list[Case], answers: list[Answer]) -> None:
    """The first two callers again, one after the other: the same request has the same answer.

    Where it has, an answer that belongs to the other's request was given to the wrong caller.
    """
    if len(callers) < 2 or not _affords(prober, callers, 2):
        return
    first, second = [await prober.send(case) for case in callers[:2]]
    if first.body == second.body or not (first.success and second.success):
        return
    for number, (own, other) in enumerate(((first, second), (second, first))):
        same = answers[0].body == answers[1].body and first.body != second.body
        if same or answers[number].body == other.body != own.body:
            case = callers[number]
            mixed = _mixed(case, "its own", "the answer to another caller's request")
            prober.write(case, answers[number], [mixed], lambda _: True)


def _mixed(case: Case, own: str, found: str) -> Observation:
    return broken(
        case.clause,
        "mixed-answers",
        expected=f"an answer to what this caller sent ({own})",
        got=found,
        cause="mixed-answers",
    )


def _affords(prober: Prober, callers: list[Case], count: int) -> bool:
    safe = callers[0].request.method in SAFE_METHODS
    return not prober.halted and (safe or prober.left >= count)


def _callers(subject: Subject) -> Iterator[Case]:
    for number in range(CALLERS):
        label = f"caller {number + 1} of {CALLERS} at once"
        draft = _with_mark(subject, _mark(number))
        yield subject.case(
            "steady.concurrent", "steadiness", label, draft, expect=Expect.ACCEPTED, code="unsteady"
        )


def _mark(number: int) -> str:
    return f"caller-{'abcdefgh'[number] * 8}"


def _with_mark(subject: Subject, mark: str) -> Draft:
    """The control with the mark for its last free string: another text, all else the same."""
    body, media_type = subject.control.body, subject.json_body
    if media_type is None or media_type.schema is None:
        return subject.control
    for path in reversed(list(_strings(body))):
        trial = put(body, path, mark)
        if subject.builder.valid(media_type.schema, trial):
            return subject.control.but(body=trial)
    return subject.control


def _strings(value: Any, path: Path = ()) -> Iterator[Path]:
    if isinstance(value, str):
        yield path
    elif isinstance(value, dict):
        for key, below in value.items():
            yield from _strings(below, (*path, key))
    elif isinstance(value, list):
        for index, below in enumerate(value):
            yield from _strings(below, (*path, index))


async def different(prober: Prober, subject: Subject) -> None:
    """Another text after the good request: an answer made for the first one is a stale one."""
    marked = _with_mark(subject, _mark(7))
    if marked is subject.control or not prober.left:
        return
    case = subject.case(
        "steady.repeated",
        "steadiness",
        "another text than before",
        marked,
        expect=Expect.ACCEPTED,
        code="unsteady",
    )
    answer = await prober.send(case)
    text = answer.body.decode("utf-8", "replace")
    for path in _strings(subject.control.body):
        own = get(subject.control.body, path)
        changed = get(marked.body, path) != own
        if changed and len(own) >= 12 and own in text and _mark(7) not in text:
            mixed = _mixed(case, _mark(7), f"an answer that repeats {own!r}, sent before")
            prober.write(case, answer, [mixed], lambda _: True)
            return
    await prober.record(case, answer)


async def kept(prober: Prober, subject: Subject) -> None:
    """The good request, a refused one and the good one again, on one connection.

    What is left over of one exchange shows in the next. Where it does, nothing else of the run is
    sent on a kept connection, so that it is told once.
    """
    case = control_case(subject, "steady.kept", "the good request twice on one connection")
    client = prober.session.client
    affords = case.request.method in SAFE_METHODS or prober.left >= 2
    if prober.halted or client.target.app is not None or not affords:
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
        return inconclusive(case.clause, "the first answer announced that it is the last one")
    if not second.status:
        return _not_kept(case, f"no answer to the second request: {second.detail}")
    if second.status != first.status and second.body == first.body != b"":
        return _not_kept(case, f"{second.status} with the body of the answer before")
    # A server may hang up on a refused request; what it answers must be an answer.
    if last.status and not last.success:
        return _not_kept(case, f"{last.status} to the good request")
    return held(case.clause)


def _not_kept(case: Case, got: str) -> Observation:
    return broken(
        case.clause,
        "kept-connection",
        expected="every request on a kept connection answered as if it were alone",
        got=got,
        cause="kept-connection",
    )
