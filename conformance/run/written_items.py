"""How a write and the reading after it are judged: by what the contract promises of state."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from conformance.cases.body_wire import LOST, Wire
from conformance.clauses.ids import clause_id
from conformance.clauses.schema_nodes import SchemaNode
from conformance.clauses.state_promises import (
    StateAspect,
    StatePromise,
    comparable,
    inner_places,
)
from conformance.http.exchange import Answer, Request
from conformance.judgement import Observation
from conformance.judgement.json_answers import read_json
from conformance.judgement.states import Reading, item_of
from conformance.judgement.stored_values import Write
from spec import Contract
from spec.model.contract_model import Operation

__all__ = ["WrittenItem"]


@dataclass(frozen=True, kw_only=True)
class WrittenItem:
    """What an `operation` writes under its `promise`; `wire` is how its body travels."""

    contract: Contract
    operation: Operation
    promise: StatePromise
    wire: Wire | None

    @cached_property
    def names(self) -> dict[str, SchemaNode]:
        """The properties that can be compared."""
        return comparable(self.contract, self.operation, self.promise.reader)

    def judge(
        self, request: Request, answer: Answer, before: Sequence[Answer] = ()
    ) -> Callable[[Answer], Observation]:
        """What judges the reading after this write; `before` are readings from before it."""
        reading = self._reading(request, answer)
        if self.promise.aspect is StateAspect.GONE:
            return lambda one: reading.of_deleted(one, before)
        write = self._write(request, answer)
        if self.promise.aspect is StateAspect.READABLE:
            return lambda one: reading.of_new(one, write)
        # What was there tells a change that is lost from a value that the server writes its own
        # way.
        known = [item_of(one, self.names) for one in before if one.status == 200]
        changed = replace(write, before=known[0] if known else None)
        return lambda one: reading.of_changed(one, changed)

    def _write(self, request: Request, answer: Answer) -> Write:
        wire, body = self.wire, request.body or b""
        coded = wire is not None and wire.codec is not None
        # By the bytes that were sent: new values were put in after the draft was made.
        sent: Any = wire.read(body) if wire and coded else read_json(body).value
        sent = {} if sent is LOST or not isinstance(sent, dict) else sent
        return Write(
            names=self.names,
            sent=sent,
            answered=item_of(answer, self.names),
            inner=inner_places(self.contract, self.operation),
        )

    def _reading(self, request: Request, answer: Answer) -> Reading:
        said = f"{request.method} {request.target.partition('?')[0]}"
        return Reading(
            clause=clause_id(self.operation.id, self.promise.local),
            reader=self.promise.reader,
            after=f"{said} was answered with {answer.status}",
        )
