"""A write that is refused leaves everything as it was.

Shown only with `--allow-writes`, and where the same path can be read: a good new value beside a bad
one must be refused as a whole.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from conformance.cases.body_wire import Wire
from conformance.cases.case import Case, Expect
from conformance.cases.operation_under_test import Subject
from conformance.clauses.kinds import ClauseKind
from conformance.clauses.value_paths import put
from conformance.http.credentials import Placed
from conformance.http.exchange import Answer
from conformance.http.request_drafts import NOTHING, Draft
from conformance.http.shown_texts import in_short
from conformance.judgement import Observation
from conformance.judgement.observation import broken, held
from conformance.report.codes.finding_code import FindingCode
from conformance.run.sending.prober import Prober
from conformance.run.things.request_sequences import RequestSequence
from spec.model.contract_model import Operation

__all__ = ["compared", "unchanged"]

MARKS = "value-beside-a-bad-one", "value-beside-a-bad-two"
"""New values that are found again in what is stored, should half of the request be written.

The second is for what shows only masked: once the first is stored, it changes nothing more.
"""
MOMENT = 1.1
"""Seconds in which a text that tells how long ago something was is another one."""
LOCAL = "steady.unchanged"


async def unchanged(prober: Prober, subject: Subject) -> None:
    """Read, send what must be refused, and read again; the answers must be equal."""
    read = _reading(subject)
    if read is None:
        return
    for case, other in zip(*(_halves(prober, subject, mark) for mark in MARKS), strict=True):
        if not prober.budget.affords(case):
            return
        after = await _changed(prober, read, case)
        # An earlier write may show late: only what shows again is the work of this request.
        if after is not None and after.body and MARKS[0].encode() not in after.body:
            after = await _changed(prober, read, other)
        if after is None:
            return
        # No body stands for what has not changed.
        found = compared(case, Answer(), after)
        reading = replace(case, request=read.request)
        steps = _steps(subject, read, case)
        prober.write(reading, after, [found], lambda _: True, steps=steps)


def _steps(subject: Subject, read: Case, case: Case) -> RequestSequence:
    """What was there, and what had to be refused: the reading after that shows what it did."""
    reader = subject.contract.operation(f"GET {subject.operation.path}")
    assert reader is not None, "it was read"
    steps = RequestSequence(operation=reader).then(reader, read.request)
    return steps.then(subject.operation, case.request, refused=True)


async def _changed(prober: Prober, read: Case, case: Case) -> Answer | None:
    """What is read after a refusal, if it is another thing than before; no body if it is not.

    None where that shows nothing: it changes by itself, cannot be read, or nothing was refused.
    """
    # Twice: a clock in the body would be taken for a change.
    first, second = await prober.send(read), await prober.send(read)
    if not first.success or first.body != second.body:
        return None
    refused = await prober.send(case)
    after = await prober.send(read)
    # Accepted is another finding.
    if refused.success or not after.success:
        return None
    if after.body == second.body:
        return replace(after, body=b"")
    # "3 seconds ago" is another text by now, whatever was sent.
    if not any(mark.encode() in after.body for mark in MARKS):
        await prober.session.time.pause(MOMENT)
        if (await prober.send(read)).body != after.body:
            return None
    return after


def compared(case: Case, before: Answer, after: Answer) -> Observation:
    """What two readings show of a refused request between them."""
    if before.body == after.body:
        return held(case.clause)
    return broken(
        case.clause,
        FindingCode.CHANGED_BY_REFUSAL,
        expected="the same answer to GET before and after a refused request",
        got=in_short(after),
        cause=FindingCode.CHANGED_BY_REFUSAL,
    )


def _reading(subject: Subject) -> Case | None:
    """The GET of the same path, with what its own security asks for."""
    beside: Operation | None = subject.contract.operation(f"GET {subject.operation.path}")
    if (
        beside is None
        or subject.operation.method == "GET"
        or any(one.required and one.location != "path" for one in beside.inputs)
    ):
        return None
    alternatives = subject.credentials.alternatives(subject.contract, beside)
    placed = next(iter(alternatives), Placed())
    draft = subject.control.but(
        method="GET", body=NOTHING, raw=None, media_type="", credential=placed
    )
    return subject.case(
        LOCAL, ClauseKind.STEADINESS, "what was stored", draft, expect=Expect.ANYTHING
    )


def _halves(prober: Prober, subject: Subject, mark: str) -> Iterator[Case]:
    """For each property a request in which it is bad, and the others are good and new: `mark`.

    What was seen to be looked at comes first: the others may be accepted, which costs a success.
    """
    wire, carriers = subject.wire, [one.body for one in subject.all_carriers()]
    body = max((one for one in carriers if isinstance(one, dict)), key=len, default=None)
    if wire is None or body is None or len(body) < 2:
        return
    for name in sorted(body, key=lambda one: not _is_looked_at(prober, subject, one)):
        half = body
        for other in body:
            half = _renewed(subject, wire, half, other, mark) if other != name else half
        half = put(half, (name,), {} if isinstance(body[name], list) else [[]])
        if half != body and wire.violations(half):
            draft: Draft = subject.control.but(body=half)
            yield subject.case(
                LOCAL,
                ClauseKind.STEADINESS,
                f"good new values beside a bad `{name}`",
                draft,
                expect=Expect.REFUSED,
                code=FindingCode.ACCEPTED_INVALID_BODY,
            )


def _is_looked_at(prober: Prober, subject: Subject, name: str) -> bool:
    """Whether a value of another type was seen refused."""
    clause = subject.id(f"{subject.body_clause}.{name}.type")
    return prober.ledger.seen_held(clause, refusal=True)


def _renewed(
    subject: Subject, wire: Wire, body: dict[str, object], name: str, mark: str
) -> dict[str, object]:
    trial: dict[str, object] = put(body, (name,), mark)
    return trial if wire.valid(subject.builder, trial) else body
