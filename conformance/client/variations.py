"""Answers that the contract allows, each of which differs in one way from one that was given."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from conformance.cases.edge_values import edges
from conformance.cases.valid_values import Builder
from conformance.clauses.ids import clause_id, node_clause, node_name, response_prefix
from conformance.clauses.kinds import ClauseKind
from conformance.clauses.schema_nodes import Branch, Node, nodes
from conformance.clauses.value_paths import DROP, Path, Step, expand, get, put
from conformance.client.answered import Answered, Call
from conformance.messages.streams import events
from conformance.report.codes.finding_code import FindingCode
from spec import Contract, Direction
from spec.model.contract_model import MediaType, Operation, Response
from spec.model.contract_model import Schema as ContractSchema
from spec.text.media_types import is_json, match

__all__ = ["Variation", "variations_of"]

MANY = 100
"""Items of a long list."""
SLOW_SECONDS = 3
_UNKNOWN = "unknownProperty"
_STREAM = "text/event-stream"
_STREAM_SECONDS = 1.0
"""How long a stream takes that comes in other pieces."""

Change = Callable[[Call], dict[str, Any] | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Variation:
    """One way in which the answers of an operation differ from those that the client knows.

    `clause` names it in reports and waivers; `label` is the sentence of it. `change` gives the
    answer of a scenario that stands for a call, or None where the call stays as it was.
    """

    operation: str
    clause: str
    kind: ClauseKind
    label: str
    pointer: str
    code: FindingCode = FindingCode.CLIENT_BREAKS
    change: Change = field(compare=False, repr=False)

    def scenario(self, known: Answered) -> dict[str, Any]:
        """The scenario that plays it: every call as it was, but for those that it changes."""
        return known.scenario([self.change(call) or call.document() for call in known.calls])

    def smallest(self, known: Answered) -> dict[str, Any]:
        """The first answer that it changes."""
        return next(found for call in known.calls if (found := self.change(call)) is not None)


def variations_of(contract: Contract, known: Answered) -> Iterator[Variation]:
    """The variations of an operation's answers, what clients most often trip over first.

    Those of one answer differ from each other in their clauses; all of them are allowed by the
    contract, whose schemas have judged them.
    """
    operation = contract.operation(known.operation)
    if operation is None:
        return
    found: dict[str, Variation] = {}
    for one in _of_operation(contract, operation, known):
        found.setdefault(one.clause, one)
    yield from sorted(found.values(), key=lambda one: _ORDER.index(one.kind))


_ORDER = (
    ClauseKind.ALTERNATIVES,
    ClauseKind.ABSENCE,
    ClauseKind.MEMBERS,
    ClauseKind.NULL,
    ClauseKind.LISTS,
    ClauseKind.VALUES,
    ClauseKind.PRESENCE,
    ClauseKind.UNKNOWN,
    ClauseKind.STREAMS,
    ClauseKind.TIME,
    ClauseKind.ERRORS,
)


def _of_operation(contract: Contract, operation: Operation, known: Answered) -> Iterator[Variation]:
    for call in {(one.status, one.media): one for one in reversed(known.calls)}.values():
        response = operation.response_for(call.status)
        if response is None or not 200 <= call.status < 300:
            continue
        media_type = _media_type(response, call)
        if media_type is not None and media_type.schema is not None and is_json(call.media):
            yield from _Body(
                contract=contract,
                operation=operation.id,
                call=call,
                prefix=f"client.{response_prefix(response.status, call.media)}",
                schema=media_type.schema,
            ).variations()
        if call.media == _STREAM:
            yield from _of_stream(operation.id, call, response)
        yield from _others(operation, call, response)


def _media_type(response: Response, call: Call) -> MediaType | None:
    names = {one.name: one for one in response.content}
    chosen = match(call.media, list(names)) if call.media else None
    return names[chosen] if chosen is not None else None


def _others(operation: Operation, call: Call, response: Response) -> Iterator[Variation]:
    """Late, and the errors that the contract documents."""
    yield Variation(
        operation=operation.id,
        clause=clause_id(operation.id, f"client.response.{response.status}.slow"),
        kind=ClauseKind.TIME,
        label=f"the answer comes after {SLOW_SECONDS} s",
        pointer=response.pointer,
        code=FindingCode.CLIENT_BREAKS_WHEN_SLOW,
        change=_for_status(call, lambda one: one.document(delay=SLOW_SECONDS)),
    )
    for other in operation.responses:
        if other.status.isdigit() and int(other.status) >= 400:
            wrong = int(other.status)
            yield Variation(
                operation=operation.id,
                clause=clause_id(operation.id, f"client.response.{other.status}"),
                kind=ClauseKind.ERRORS,
                label=f"the answer is a documented {wrong}",
                pointer=other.pointer,
                code=FindingCode.CLIENT_FAILS_ON_ERROR,
                change=_for_status(call, partial(_error, wrong)),
            )


def _error(status: int, _call: Call) -> dict[str, Any]:
    """The contract's own answer in a status."""
    return {"status": status}


def _of_stream(operation: str, call: Call, response: Response) -> Iterator[Variation]:
    """In other pieces, and without each kind of event: no contract says that one must come."""
    prefix = f"client.{response_prefix(response.status, _STREAM)}"
    size = len(str(call.body).encode())
    yield Variation(
        operation=operation,
        clause=clause_id(operation, f"{prefix}.pieces"),
        kind=ClauseKind.STREAMS,
        label="the stream arrives in pieces that split its events",
        pointer=response.pointer,
        change=_for_status(
            call, lambda one: one.document(pace=max(round(size / _STREAM_SECONDS), 16))
        ),
    )
    for shape in dict.fromkeys(_shape(block) for block in _blocks(str(call.body))):
        yield Variation(
            operation=operation,
            clause=clause_id(operation, f"{prefix}.without({shape})"),
            kind=ClauseKind.STREAMS,
            label=f"the stream has no event of the kind {shape}",
            pointer=response.pointer,
            code=FindingCode.CLIENT_NEEDS_EVENT,
            change=_for_status(call, partial(_without_events, shape)),
        )


def _without_events(shape: str, call: Call) -> dict[str, Any] | None:
    blocks = _blocks(str(call.body))
    left = [block for block in blocks if _shape(block) != shape]
    return None if len(left) == len(blocks) else call.document(body="".join(left))


def _blocks(text: str) -> list[str]:
    """The events of a stream as they were sent, each with the empty line that ends it."""
    return [f"{block}\n\n" for block in text.replace("\r\n", "\n").split("\n\n") if block]


def _shape(block: str) -> str:
    """What events of one kind have in common: their name, or the properties of their data."""
    event = next(events(block), None)
    if event is None:
        return "comment"
    if event.name != "message":
        return event.name
    try:
        data = json.loads(event.data)
    except ValueError:
        return "text"
    return ",".join(sorted(data)) if isinstance(data, dict) else type(data).__name__


def _for_status(call: Call, change: Change) -> Change:
    """The change for all calls that were answered like this one."""

    def changed(one: Call) -> dict[str, Any] | None:
        return change(one) if (one.status, one.media) == (call.status, call.media) else None

    return changed


@dataclass(frozen=True, slots=True, kw_only=True)
class _Body:
    """The variations of one JSON answer by its schema."""

    contract: Contract
    operation: str
    call: Call
    prefix: str
    schema: ContractSchema
    builder: Builder = field(init=False)

    def __post_init__(self) -> None:
        made = Builder(contract=self.contract, direction=Direction.RESPONSE)
        object.__setattr__(self, "builder", made)

    def variations(self) -> Iterator[Variation]:
        """All of them, place by place; an alternative is at the place of what it stands for."""
        taken: set[Branch] = set()
        seen: set[tuple[Step, ...]] = set()
        for node in nodes(self.contract, self.schema):
            if node.branches and node.branches[-1] not in taken:
                taken.add(node.branches[-1])
                yield from self._alternative(node, node.branches[-1])
            if node.steps not in seen:
                yield from self._absent(node)
                yield from self._unnamed(node)
            seen.add(node.steps)
            yield from self._others(node)

    def _absent(self, node: Node) -> Iterator[Variation]:
        """An optional property goes, or comes."""
        if node.required is not False or not isinstance(node.steps[-1], str):
            return
        yield from self._variation(
            node,
            ClauseKind.ABSENCE,
            "absent",
            f"{node_name(node)} is absent",
            self._setter(node, DROP),
        )
        whole = self.builder.full(self.schema, node.branches, self.call.body)
        for path in [] if whole is None else list(expand(whole, node.steps))[:1]:
            value = get(whole, path)
            yield from self._variation(
                node,
                ClauseKind.PRESENCE,
                "present",
                f"{node_name(node)} is present",
                self._adder(path, value),
            )

    def _unnamed(self, node: Node) -> Iterator[Variation]:
        """Removes properties of the response that the contract does not declare."""
        path = next(iter(expand(self.call.body, node.steps)), None)
        value = None if path is None else get(self.call.body, path)
        named = {one for part in self._parts(node) for one in part.properties}
        for name in value if isinstance(value, dict) else ():
            if name in named:
                continue
            inner = replace(node, steps=(*node.steps, name))
            yield from self._variation(
                node,
                ClauseKind.ABSENCE,
                f"unnamed({name})",
                f"{node_name(node)} lacks `{name}`, which the contract does not declare",
                self._setter(inner, DROP),
            )

    def _parts(self, node: Node) -> Iterator[Node]:
        """All that the schema says of the place: `allOf` and alternatives have their own nodes."""
        return (one for one in nodes(self.contract, self.schema) if one.steps == node.steps)

    def _alternative(self, node: Node, branch: Branch) -> Iterator[Variation]:
        """Another member of `oneOf` or `anyOf` than the one that the answer is of."""
        value = self.builder.full(self.schema, node.branches)
        what = f"{branch.keyword}[{branch.index}]"
        yield from self._variation(
            node,
            ClauseKind.ALTERNATIVES,
            what,
            f"{node_name(node)} is another alternative than in the original response",
            lambda body: value if value is not None and value != body else None,
        )

    def _others(self, node: Node) -> Iterator[Variation]:
        """Members, bounds, null, other texts, other lists, and unknown properties."""
        for edge in edges(node):
            kind = _KINDS.get(
                edge.keyword, ClauseKind.NULL if edge.value is None else ClauseKind.VALUES
            )
            yield from self._variation(
                node,
                ClauseKind.LISTS if edge.value == [] else kind,
                f"{edge.keyword}({edge.label})",
                f"{node_name(node)} is {edge.label}",
                self._setter(node, edge.value),
            )
        if "array" in node.types:
            yield from self._variation(
                node,
                ClauseKind.LISTS,
                "many",
                f"{node_name(node)} has {MANY} items",
                self._many(node),
            )
        if node.properties:
            yield from self._variation(
                node,
                ClauseKind.UNKNOWN,
                ClauseKind.UNKNOWN,
                f"{node_name(node)} has a property that the contract does not declare",
                self._unknown(node),
            )

    def _setter(self, node: Node, value: Any) -> Callable[[Any], Any]:
        def edit(body: Any) -> Any:
            path = next(iter(expand(body, node.steps)), None)
            return None if path is None else put(body, path, value)

        return edit

    def _adder(self, path: Path, value: Any) -> Callable[[Any], Any]:
        def edit(body: Any) -> Any:
            try:
                here = get(body, path[:-1])
            except LookupError:
                return None
            if not isinstance(here, dict) or path[-1] in here:
                return None
            return put(body, path, value)

        return edit

    def _many(self, node: Node) -> Callable[[Any], Any]:
        def edit(body: Any) -> Any:
            path = next(iter(expand(body, node.steps)), None)
            items = None if path is None else get(body, path)
            if path is None or not isinstance(items, list) or not items:
                return None
            most = min(node.keywords.get("maxItems", MANY), MANY)
            return put(body, path, [items[n % len(items)] for n in range(int(most))])

        return edit

    def _unknown(self, node: Node) -> Callable[[Any], Any]:
        def edit(body: Any) -> Any:
            path = next(iter(expand(body, node.steps)), None)
            if path is None or not isinstance(get(body, path), dict):
                return None
            return put(body, (*path, _UNKNOWN), "x")

        return edit

    def _variation(
        self, node: Node, kind: ClauseKind, what: str, label: str, edit: Callable[[Any], Any]
    ) -> Iterator[Variation]:
        """The variation, if the contract allows what it makes of the answer."""

        def change(call: Call) -> dict[str, Any] | None:
            body = edit(call.body)
            same = (body is None and call.body is not None) or body == call.body
            if same or not self.builder.valid(self.schema, body):
                return None
            return call.document(body=body)

        if _for_status(self.call, change)(self.call) is None:
            return
        yield Variation(
            operation=self.operation,
            clause=clause_id(self.operation, node_clause(self.prefix, node.name, what)),
            kind=kind,
            label=label,
            pointer=node.pointer,
            change=_for_status(self.call, change),
        )


_KINDS: Mapping[str, ClauseKind] = {
    "enum": ClauseKind.MEMBERS,
    "const": ClauseKind.MEMBERS,
    "nullable": ClauseKind.NULL,
}
