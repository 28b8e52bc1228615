"""Variations of one JSON answer: what its schema allows in place of what was answered."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from conformance.cases.edge_values import UNKNOWN, edges
from conformance.cases.valid_values import ValidValueBuilder
from conformance.clauses.ids import clause_id, node_clause, node_name
from conformance.clauses.kinds import ClauseKind
from conformance.clauses.schema_nodes import Branch, SchemaNode, nodes
from conformance.clauses.value_paths import DROP, Path, Step, expand, get, put
from conformance.client.answered import ClientAnswer
from conformance.client.variation import Variation, for_status
from spec import Contract, Direction
from spec.model.contract_model import Schema as ContractSchema

__all__ = ["BodyVariations"]

MANY = 100
"""Items of a long list."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BodyVariations:
    """The variations of one JSON answer by its schema."""

    contract: Contract
    operation: str
    call: ClientAnswer
    prefix: str
    schema: ContractSchema
    builder: ValidValueBuilder = field(init=False)

    def __post_init__(self) -> None:
        made = ValidValueBuilder(contract=self.contract, direction=Direction.RESPONSE)
        # The class is frozen; a field that is derived from others can only be set this way.
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
            yield from self._other_values(node)

    def _absent(self, node: SchemaNode) -> Iterator[Variation]:
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

    def _unnamed(self, node: SchemaNode) -> Iterator[Variation]:
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

    def _parts(self, node: SchemaNode) -> Iterator[SchemaNode]:
        """All that the schema says of the place: `allOf` and alternatives have their own nodes."""
        return (one for one in nodes(self.contract, self.schema) if one.steps == node.steps)

    def _alternative(self, node: SchemaNode, branch: Branch) -> Iterator[Variation]:
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

    def _other_values(self, node: SchemaNode) -> Iterator[Variation]:
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
            most = int(min(node.keywords.get("maxItems", MANY), MANY))
            yield from self._variation(
                node,
                ClauseKind.LISTS,
                "many",
                f"{node_name(node)} has {most} items",
                self._many(node, most),
            )
        if node.properties:
            yield from self._variation(
                node,
                ClauseKind.UNKNOWN,
                ClauseKind.UNKNOWN,
                f"{node_name(node)} has a property that the contract does not declare",
                self._unknown(node),
            )

    def _setter(self, node: SchemaNode, value: Any) -> Callable[[Any], Any]:
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

    def _many(self, node: SchemaNode, most: int) -> Callable[[Any], Any]:
        def edit(body: Any) -> Any:
            path = next(iter(expand(body, node.steps)), None)
            items = None if path is None else get(body, path)
            if path is None or not isinstance(items, list) or not items:
                return None
            return put(body, path, [items[n % len(items)] for n in range(most)])

        return edit

    def _unknown(self, node: SchemaNode) -> Callable[[Any], Any]:
        def edit(body: Any) -> Any:
            path = next(iter(expand(body, node.steps)), None)
            if path is None or not isinstance(get(body, path), dict):
                return None
            return put(body, (*path, UNKNOWN), "x")

        return edit

    def _variation(
        self, node: SchemaNode, kind: ClauseKind, what: str, label: str, edit: Callable[[Any], Any]
    ) -> Iterator[Variation]:
        """The variation, if the contract allows what it makes of the answer."""

        def change(call: ClientAnswer) -> dict[str, Any] | None:
            body = edit(call.body)
            same = (body is None and call.body is not None) or body == call.body
            if same or not self.builder.valid(self.schema, body):
                return None
            return call.document(body=body)

        if for_status(self.call, change)(self.call) is None:
            return
        yield Variation(
            operation=self.operation,
            clause=clause_id(self.operation, node_clause(self.prefix, node.name, what)),
            kind=kind,
            label=label,
            pointer=node.pointer,
            change=for_status(self.call, change),
        )


_KINDS: Mapping[str, ClauseKind] = {
    "enum": ClauseKind.MEMBERS,
    "const": ClauseKind.MEMBERS,
    "nullable": ClauseKind.NULL,
}
