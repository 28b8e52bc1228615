"""What a place is about is made anew, and what was written is read back, by stored requests."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeAlias

from conformance.cases.body_wire import Wire, wire_of
from conformance.cases.case import Case
from conformance.cases.controls import candidates
from conformance.clauses.derive import IF_MATCH, IF_NONE_MATCH, clauses_of
from conformance.clauses.ids import clause_id, local_part
from conformance.clauses.state_promises import (
    StateAspect,
    StatePromise,
    promise_by_list,
    state_promise,
)
from conformance.http.exchange import Answer, Request
from conformance.http.reported import ReportedRequest, ReportedStep
from conformance.judgement import Observation
from conformance.judgement.conditional_changes import Precondition
from conformance.judgement.validators import Validators
from conformance.report.codes.finding_code import FindingCode
from conformance.report.finding_places import FindingPlace
from conformance.run.replaying.refilling import UnreplayableError
from conformance.run.session.run_options import RunOptions
from conformance.run.session.session import Session
from conformance.run.state.reading_back import settled
from conformance.run.things.item_paths import ids_in
from conformance.run.things.named_things import Thing, created
from conformance.run.things.request_sequences import renamed, renamed_request
from conformance.run.things.written_items import WrittenItem
from spec import Contract
from spec.model.contract_model import Operation

__all__ = ["Sent", "SequenceReplay", "may_write"]

Filled: TypeAlias = Callable[[ReportedRequest, Operation, str], Request]
"""A stored request as it is sent, with the credentials of its operation for a clause."""
OWN = ""
"""Instead of a clause: what goes before has the caller's own credential, whatever the clause."""


def may_write(options: RunOptions, operation: Operation) -> None:
    """Raise `UnreplayableError` where an operation may change data without leave."""
    if options.lacks_leave(operation):
        raise UnreplayableError(
            f"{operation.id} may change data; allow it with --allow-writes or --harmless "
            f"'{operation.id}'"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """The cases as they were sent again with their answers, and those `before` them."""

    before: list[Answer]
    found: list[tuple[Case, Answer]]


class SequenceReplay:
    """Sends the steps of one place; things that they make have new ids in what follows."""

    def __init__(
        self, contract: Contract, options: RunOptions, session: Session, filled: Filled
    ) -> None:
        self.contract, self.options, self.session = contract, options, session
        self._filled, self._new = filled, list[tuple[Thing, Thing]]()
        self._seen: tuple[ReportedStep, Answer] | None = None

    async def sent(self, case: Case, place: FindingPlace) -> Sent:
        """The requests of a place: those before it, and its own, as often as it takes."""
        if place.kept:
            return await self._on_one_connection(case, place)
        before = [(await self._step(step))[1] for step in place.steps]
        operation = self._operation(case.operation)
        request = self._renamed(operation, case.request)
        others = [
            self._renamed(operation, self._filled(one, operation, place.clause))
            for one in place.beside
        ]
        found = list[tuple[Case, Answer]]()
        for _ in range(place.times):
            cases = [replace(case, request=one) for one in (request, *others)]
            found += zip(cases, await asyncio.gather(*map(self._send, cases)), strict=True)
        return Sent(before=before, found=found)

    async def _on_one_connection(self, case: Case, place: FindingPlace) -> Sent:
        steps = [
            self._filled(one.request, self._operation(one.operation), OWN) for one in place.steps
        ]
        requests = (*steps, case.request)
        answers = await self.session.send_kept(case.operation, requests, case.clauses)
        return Sent(before=list(answers[:-1]), found=[(case, answers[-1])])

    async def _send(self, case: Case) -> Answer:
        return await self.session.send(case.operation, case.request, case.clauses)

    def _renamed(self, operation: Operation, request: Request) -> Request:
        return renamed_request(operation, request, self._new)

    # ------------------------------------------------------------- changed under a condition

    def is_conditional(self, place: FindingPlace) -> bool:
        """Whether a place is about a change under a condition."""
        return local_part(place.clause) in (IF_MATCH, IF_NONE_MATCH)

    async def changed(self, place: FindingPlace, code: str) -> tuple[Answer, Observation]:
        """What a change shows now; its condition has the tag that a step has read before it."""
        for step in place.steps:
            await self._step(step)
        operation = self._operation(place.operation)
        may_write(self.options, operation)
        assert place.request is not None, "a change was sent"
        request = self._with_tag(self._filled(place.request, operation, place.clause))
        request = self._renamed(operation, request)
        answer = await self.session.send(operation.id, request)
        local = local_part(place.clause)
        declared = any(one.id == place.clause for one in clauses_of(self.contract, operation))
        judge = Precondition(clause=clause_id(operation.id, local), declared=declared)
        if self._seen is None or code == FindingCode.IGNORED_PRECONDITION:
            return answer, judge.of_stale(answer)
        step, before = self._seen
        _, after = await self._step(step)
        return answer, judge.of_current(answer, before, after)

    def _with_tag(self, request: Request) -> Request:
        """The request with the tag that was read now, where it has the one of the report."""
        tag = Validators.of(self._seen[1]).tag if self._seen else ""
        pairs = (
            (key, tag if tag and key.lower() == "if-match" else old) for key, old in request.headers
        )
        return replace(request, headers=tuple(pairs))

    # ------------------------------------------------------------- written, and read back

    def promise(self, place: FindingPlace) -> tuple[Operation, StatePromise] | None:
        """What a place says of state, where its steps end with the write; None for any other."""
        operation = self.contract.operation(place.operation)
        told = state_promise(self.contract, operation) if operation else None
        if operation is None or told is None or not place.steps or place.request is None:
            return None
        # The same DELETE once more is no reading.
        if place.request.method != told.reader.method:
            return None
        told = self._as_listed(place, operation, told) or told
        state = place.clause == clause_id(operation.id, told.local)
        return (operation, told) if state and place.steps[-1].operation == operation.id else None

    def _as_listed(
        self, place: FindingPlace, operation: Operation, told: StatePromise
    ) -> StatePromise | None:
        """The promise by the list, which shows what GET of the item does not find either."""
        listed, read = promise_by_list(self.contract, operation, told.aspect), place.request
        if listed is None or read is None or ids_in(told.reader, read.url) is not None:
            return None
        return listed if ids_in(listed.reader, read.url) is not None else None

    async def read_back(
        self, place: FindingPlace, operation: Operation, promise: StatePromise
    ) -> tuple[Answer, Observation]:
        """What the reading after the write shows now."""
        assert place.request is not None, "a place of state has a reading"
        for step in place.steps[:-1]:
            await self._step(step)
        reader, reading = promise.reader, self._filled(place.request, promise.reader, place.clause)
        new = promise.aspect is StateAspect.READABLE
        before = [] if new else [await self._read(reader, reading) for _ in range(2)]
        request, answer = await self._step(place.steps[-1])
        item = WrittenItem(
            contract=self.contract,
            operation=operation,
            promise=promise,
            wire=self._wire(operation, request),
        )
        judge = item.judge(request, answer, before)
        if promise.listing and request.method == "PUT" and answer.status == 201:
            judge = item.reading(request, answer).unless_absent(judge)
        return await settled(lambda: self._read(reader, reading), judge, self.session.patience)

    async def _read(self, reader: Operation, reading: Request) -> Answer:
        target = renamed(reader, reading.target, self._new)
        headers = (*reading.headers, ("Cache-Control", "no-cache"))
        return await self.session.send(reader.id, replace(reading, target=target, headers=headers))

    def _wire(self, operation: Operation, request: Request) -> Wire | None:
        """How the body of a stored request is read; None for JSON, which needs no more."""
        sent = (request.header("content-type") or "").partition(";")[0].strip()
        declared = next((one for one in operation.request_content if one.name == sent), None)
        drafts = candidates(self.contract, operation, self.options.credentials)
        draft = next((one for one in drafts if one.media_type == sent), None)
        return wire_of(self.contract, declared, draft) if declared and draft else None

    # ------------------------------------------------------------- steps

    async def _step(self, step: ReportedStep) -> tuple[Request, Answer]:
        operation = self._operation(step.operation)
        may_write(self.options, operation)
        request = self._renamed(operation, self._filled(step.request, operation, OWN))
        answer = await self.session.send(operation.id, self._with_tag(request))
        if not answer.success and not step.refused:
            raise UnreplayableError(
                f"{request.method} {request.target.partition('?')[0]}, which goes before it, was "
                f"answered with {answer.status or answer.detail}"
            )
        self._learn(step, operation, request, answer)
        if operation.method == "GET":
            self._seen = step, answer
        return request, answer

    def _learn(
        self, step: ReportedStep, operation: Operation, request: Request, answer: Answer
    ) -> None:
        named = created(self.session.things.resources, operation, request, answer)
        if step.ids and named is not None:
            self._new.append((Thing(collection=step.collection, ids=step.ids), named.thing))

    def _operation(self, name: str) -> Operation:
        operation = self.contract.operation(name)
        if operation is None:
            raise UnreplayableError(f"the contract has no operation {name}")
        return operation
