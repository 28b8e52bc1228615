"""The good request again: in sequence, at once, on one connection, after bad ones."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

from conformance.cases.case import Case, Expect
from conformance.cases.subject import Subject
from conformance.drafts import Draft
from conformance.engine.prober import Prober
from conformance.engine.session import SAFE
from conformance.exchange import Answer, Trouble
from conformance.judgement.observation import broken, held
from conformance.schemas.paths import put

__all__ = ["after_bad", "concurrently", "control_case", "kept", "repeatedly"]

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
    return all(answer.success for _, answer in done)


async def repeatedly(prober: Prober, subject: Subject, times: int) -> None:
    """The good request again and again; every refusal counts, since the first was accepted."""
    label = "the good request, repeated"
    case = control_case(subject, "steady.repeated", label)
    await prober.probe([case] * times)


async def concurrently(prober: Prober, subject: Subject) -> None:
    """Several callers at once, each with a mark of its own in what it sends."""
    cases = list(_marked(subject))
    if prober.halted or (cases[0].request.method not in SAFE and prober.left < len(cases)):
        return
    answers = await asyncio.gather(*(prober.send(case) for case in cases))
    for number, (case, answer) in enumerate(zip(cases, answers, strict=True)):
        foreign = [_mark(other) for other in range(CALLERS) if other != number]
        text = answer.body.decode("utf-8", "replace")
        if found := next((mark for mark in foreign if mark in text), ""):
            prober._accuse(
                case,
                answer,
                broken(
                    case.clause,
                    "mixed-answers",
                    expected=f"an answer to the request with {_mark(number)}",
                    got=f"an answer with {found}, which another caller sent",
                    cause="mixed-answers",
                ),
                True,
            )
        else:
            await prober.record(case, answer)


def _marked(subject: Subject) -> Iterator[Case]:
    for number in range(CALLERS):
        label = f"caller {number + 1} of {CALLERS} at once"
        draft = _with_mark(subject, _mark(number))
        yield subject.case(
            "steady.concurrent", "steadiness", label, draft, expect=Expect.ACCEPTED, code="unsteady"
        )


def _mark(number: int) -> str:
    return f"caller-{'abcdefgh'[number] * 8}"


def _with_mark(subject: Subject, mark: str) -> Draft:
    """The control with the mark at the end of every free string at its top."""
    body, media_type = subject.control.body, subject.json_body
    if media_type is None or media_type.schema is None or not isinstance(body, dict):
        return subject.control
    changed: Any = body
    for key, value in body.items():
        if isinstance(value, str):
            trial = put(changed, (key,), f"{value} {mark}")
            if subject.builder.valid(media_type.schema, trial):
                changed = trial
    return subject.control.but(body=changed)


async def kept(prober: Prober, subject: Subject) -> None:
    """The good request twice on one connection that the client keeps open."""
    case = control_case(subject, "steady.kept", "the good request twice on one connection")
    if prober.halted or (case.request.method not in SAFE and prober.left < 2):
        return
    request = case.request
    answers = await prober.session.send_kept(prober.operation, (request, request), case.clauses)
    first, second = answers
    if not first.success or second.trouble is Trouble.UNSENDABLE:
        return
    if second.success:
        prober.ledger.note(held(case.clause))
        return
    prober._accuse(case, second, _not_kept(case, second), True)


def _not_kept(case: Case, answer: Answer) -> Any:
    got = f"{answer.status}" if answer.status else f"no answer: {answer.detail}"
    return broken(
        case.clause,
        "kept-connection",
        expected="a second success on the same connection",
        got=got,
        cause="kept-connection",
    )
