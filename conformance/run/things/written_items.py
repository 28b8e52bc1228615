"""How a write and the reading after it are judged: by what the contract promises of state."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from conformance.cases.body_wire import LOST, Wire
from conformance.clauses.bulk_creations import bulk_creation
from conformance.clauses.bulk_removals import bulk_removal
from conformance.clauses.collection_operations import collection_operations, last_name
from conformance.clauses.ids import clause_id
from conformance.clauses.item_addresses import item_names
from conformance.clauses.schema_nodes import SchemaNode
from conformance.clauses.state_promises import (
    KEPT_SECRET,
    StateAspect,
    StatePromise,
    comparable,
    inner_places,
    read_names,
    wrapper,
)
from conformance.clauses.value_paths import Step
from conformance.http.exchange import Answer, Request
from conformance.judgement import Observation
from conformance.judgement.json_answers import read_json
from conformance.judgement.listings import Sought, narrowing
from conformance.judgement.states import Reading
from conformance.judgement.stored_values import Write, item_in
from conformance.run.things.item_paths import id_in_name, ids_in
from conformance.run.things.named_things import Named, created, new_id
from spec import Contract, Direction
from spec.contract.media_codecs import media_codec
from spec.model.contract_model import Operation
from spec.model.errors import SpecError
from spec.text.json_text import UnreadableError
from spec.text.media_types import parse
from spec.text.xml_reading import UnjudgedError

__all__ = ["WrittenItem"]


@dataclass(frozen=True, kw_only=True)
class WrittenItem:
    """What an `operation` writes under its `promise`; `wire` is how its body travels.

    `plainly`: what is kept as a secret was seen as it was sent.
    """

    contract: Contract
    operation: Operation
    promise: StatePromise
    wire: Wire | None
    plainly: bool = False

    @cached_property
    def names(self) -> dict[str, SchemaNode]:
        """The properties that can be compared."""
        reader, listing = self.promise.reader, self.promise.listing
        return comparable(
            self.contract, self.operation, reader, listing=listing, plainly=self.plainly
        )

    @cached_property
    def wrapper(self) -> str:
        """The property that holds what is sent; "" where nothing does."""
        reader, listing = self.promise.reader, self.promise.listing
        return wrapper(self.contract, self.operation, reader, listing=listing)

    def judge(
        self, request: Request, answer: Answer, before: Sequence[Answer] = ()
    ) -> Callable[[Answer], Observation]:
        """What judges the reading after this write; `before` are readings from before it.

        A failure is none of the write where the reading had failed before as well.
        """
        reading, judge = self.reading(request, answer), self._judge(request, answer, before)
        if not before or any(one.status >= 500 for one in before):
            return judge
        return lambda one: reading.of_failure(one) if one.status >= 500 else judge(one)

    def _judge(
        self, request: Request, answer: Answer, before: Sequence[Answer]
    ) -> Callable[[Answer], Observation]:
        reading = self.reading(request, answer)
        if self.promise.aspect is StateAspect.GONE:
            return lambda one: reading.of_deleted(one, before)
        if self._is_raw(request):
            return lambda one: reading.of_bytes(one, request.body or b"", before)
        whole = self._whole(request)
        if whole is not None:
            answered = read_json(answer.body).value
            return lambda one: reading.of_whole(one, whole, answered, before)
        write = self._write(request, answer)
        if self.promise.aspect is StateAspect.READABLE:
            return lambda one: reading.of_new(one, write)
        # What was there tells a change that is lost from a value that the server writes its own
        # way.
        seen = [reading.sighting(one).value for one in before if one.status == 200]
        known = [write.item(one) for one in seen]
        changed = replace(write, before=known[0] if known else None)
        return lambda one: reading.of_changed(one, changed)

    def seeing(self, answer: Answer, sent: Iterable[Any]) -> WrittenItem:
        """The same, where an answer of the reader shows a secret as one of the bodies sent it."""
        shown = item_in(self._value(answer), KEPT_SECRET)
        plain = any(
            isinstance(one, dict) and name in one and one[name] == shown.get(name)
            for one in sent
            for name in KEPT_SECRET
        )
        return replace(self, plainly=True) if plain else self

    def _whole(self, request: Request) -> Any:
        """What a PUT replaces as a whole: a list, or an object of names that no schema has."""
        if request.method != "PUT" or self.promise.listing:
            return None
        sent = read_json(request.body or b"").value
        free = isinstance(sent, dict) and bool(sent) and not self._declares
        return sent if isinstance(sent, list) or free else None

    @property
    def _declares(self) -> bool:
        """Whether the contract names a property that the body may have."""
        wire = self.wire
        found = wire.nodes() if wire is not None else ()
        return any(isinstance(one.steps[0], str) for one in found if one.steps)

    def _is_raw(self, request: Request) -> bool:
        """Whether a PUT stores bytes or text as they are: what GET answers in the same type."""
        said = parse(request.header("content-type"))
        response = self.promise.reader.response_for(200)
        if said is None or request.method != "PUT" or self.promise.listing:
            return False
        plain = said.essence == "application/octet-stream" or said.essence.startswith("text/")
        content = response.content if response else ()
        return plain and any(one.name == said.essence for one in content)

    def reading(self, request: Request, answer: Answer) -> Reading:
        """What judges answers to the reader after this write."""
        said = f"{request.method} {request.target.partition('?')[0]}"
        new = self.promise.aspect is StateAspect.READABLE
        return Reading(
            clause=clause_id(self.operation.id, self.promise.local),
            reader=self.promise.reader,
            after=f"{said} was answered with {answer.status}",
            sought=self.sought(request, answer) if self.promise.listing else None,
            narrowed=self.narrowed(request, answer) if new else "",
            value_of=self._value,
        )

    def narrowed(self, request: Request, answer: Answer) -> str:
        """Why a list need not show what was written; "" where it must."""
        answered = read_json(answer.body).value
        return narrowing(self.promise.reader, self._sent(request, answer), answered)

    def sought(self, request: Request, answer: Answer) -> Sought:
        """What a list is to show: the thing of the path, or the one that the answer names."""
        if self.promise.aspect is not StateAspect.READABLE:
            return self._subject(request)
        resources = collection_operations(self.contract)
        named = created(resources, self.operation, request, answer)
        if named is not None:
            item = resources.items[named.thing.collection]
            texts = {} if named.sure else self._by_texts(request, answer).texts
            return Sought(parameter=last_name(item), id=named.thing.ids[-1], texts=texts)
        answered = read_json(answer.body).value
        bulk = bulk_creation(self.contract, self.operation.id)
        if bulk is not None:
            answered = bulk.last(read_json(request.body or b"").value, answered)
        found = new_id(answered)
        return Sought(id=found) if found else self._by_texts(request, answer)

    def is_shown_by(self, read: Answer, request: Request, answer: Answer, named: Named) -> bool:
        """Whether an answer to the reader is surely about the thing that a write has made.

        It has a text that the request has sent; one about a part of the thing has its id.
        """
        value = self._value(read)
        if not self.promise.part:
            return named.sure or self._by_texts(request, answer).is_it("", value)
        parameter = item_names(self.promise.reader)[-1]
        return Sought(parameter=parameter, id=named.thing.ids[-1]).is_it("", value)

    def _by_texts(self, request: Request, answer: Answer) -> Sought:
        sent = self._sent(request, answer)
        return Sought(texts={name: sent[name] for name in self.names if _is_telling(sent, name)})

    def _subject(self, request: Request) -> Sought:
        """The thing that is changed or removed: that of the path, or the first of a list of ids."""
        ids = ids_in(self.operation, request.target)
        bulk = bulk_removal(self.contract, self.operation)
        if bulk is None:
            return Sought(parameter=last_name(self.operation), id=ids[-1] if ids else "")
        item = collection_operations(self.contract).items[bulk.collection]
        listed = bulk.listed(read_json(request.body or b"").value)
        return Sought(parameter=last_name(item), id=str(listed[0]) if listed else "")

    def _write(self, request: Request, answer: Answer) -> Write:
        bulk = bulk_creation(self.contract, self.operation.id)
        answered = read_json(answer.body).value
        if bulk is not None:
            answered = bulk.last(read_json(request.body or b"").value, answered)
        own = item_in(answered, self.names)
        write = Write(
            names={n: one for n, one in self.names.items() if not self._is_path(own.get(n))},
            sent=self._sent(request, answer),
            answered={},
            inner=self._inner(),
            listing=self.promise.listing,
            called=read_names(self.contract, self.operation, self.promise.reader),
            plainly=self.plainly,
        )
        return replace(write, answered=write.item(answered))

    def _is_path(self, value: Any) -> bool:
        """Whether a value is the end of the thing's own path: nothing that is sent changes it."""
        places = (self.operation, self.promise.reader)
        return isinstance(value, str) and any(id_in_name(one, value) for one in places)

    def _inner(self) -> dict[tuple[Step, ...], SchemaNode]:
        bulk = bulk_creation(self.contract, self.operation.id)
        depth = len(bulk.steps) if bulk is not None else 1 if self.wrapper else 0
        places = inner_places(self.contract, self.operation)
        return {steps[depth:]: node for steps, node in places.items()}

    def _sent(self, request: Request, answer: Answer) -> dict[str, Any]:
        """The properties of the thing that a request says; of several, of the last new one."""
        bulk = bulk_creation(self.contract, self.operation.id)
        if bulk is not None:
            body = read_json(request.body or b"").value
            made = bulk.last(body, read_json(answer.body).value)
            return next((one for one in bulk.sent(body) if _is_shown_as(made, one)), {})
        wire, body = self.wire, request.body or b""
        coded = wire is not None and wire.codec is not None
        # By the bytes that were sent: new values were put in after the draft was made.
        sent: Any = wire.read(body) if wire and coded else read_json(body).value
        inner = sent.get(self.wrapper, sent) if isinstance(sent, dict) else None
        return {} if sent is LOST or not isinstance(inner, dict) else inner

    def _value(self, answer: Answer) -> Any:
        """What an answer of the reader says, in a media type of the contract."""
        response = self.promise.reader.response_for(answer.status)
        said = answer.media_type.essence if answer.media_type else ""
        for one in response.content if response else ():
            codec = media_codec(self.contract, one, Direction.RESPONSE)
            if one.name == said and codec is not None:
                try:
                    return codec.read(answer.body, answer.header("content-type") or one.name)
                except (SpecError, UnreadableError, UnjudgedError):
                    return None
        return read_json(answer.body).value


def _is_shown_as(made: dict[str, Any], sent: Any) -> bool:
    """Whether a new item is what an item of a list has asked for: answers may have any order."""
    both = made.keys() & sent.keys() if isinstance(sent, dict) else set()
    return bool(both) and all(made[name] == sent[name] for name in both)


def _is_telling(sent: dict[str, Any], name: str) -> bool:
    """Whether a text is long enough to be nobody else's, as those with a new value are."""
    return isinstance(sent.get(name), str) and len(sent[name]) > 5
