"""Good values for a schema: the plainest, and the fullest that takes given alternatives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from conformance.cases.discriminator_values import with_discriminators
from conformance.clauses.schema_nodes import MAX_DEPTH, Branch, SchemaNode, nodes
from conformance.clauses.value_paths import DROP, path_of, put
from spec import Contract, Direction, UnsatisfiableError
from spec.model.contract_model import Schema
from spec.model.pointers import join
from spec.schemas.keywords import well_formed

__all__ = ["ValidValueBuilder"]

Choices = Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class ValidValueBuilder:
    """Builds values that a contract allows in one direction; judged before they are handed out.

    `tagged` are the discriminators of the schemas that were seen, by pointer.
    """

    contract: Contract
    direction: Direction = Direction.REQUEST
    tagged: dict[str, tuple[SchemaNode, ...]] = field(
        default_factory=dict, compare=False, repr=False
    )

    def valid(self, schema: Schema, value: Any) -> bool:
        """Whether the contract allows the value, its discriminators included."""
        if self.contract.violations(schema, self.direction, value):
            return False
        return not self._tagged(schema) or self._with_tags(schema, value) == value

    def plain(self, schema: Schema, seed: int | None = None) -> Any:
        """The plainest valid value; raises UnsatisfiableError where there is none."""
        return self._with_tags(schema, self.contract.sample(schema, self.direction, seed))

    def _with_tags(self, schema: Schema, value: Any) -> Any:
        return with_discriminators(self.contract, self._tagged(schema), value)

    def _tagged(self, schema: Schema) -> tuple[SchemaNode, ...]:
        """The places of a schema that have a discriminator, found once."""
        if schema.pointer not in self.tagged:
            found = nodes(self.contract, schema)
            self.tagged[schema.pointer] = tuple(
                node for node in found if "discriminator" in node.keywords
            )
        return self.tagged[schema.pointer]

    def full(self, schema: Schema, branches: tuple[Branch, ...] = (), base: Any = DROP) -> Any:
        """A valid value with every optional property, taking these alternatives; None if none.

        What `base` has is kept where it is still valid, so that an accepted value grows into one
        that carries every place of the schema.
        """
        choices = {branch.pointer: branch.index for branch in branches}
        value = self._fill(schema, choices, base, ())
        return None if value is DROP else self._mended(schema, self._with_tags(schema, value))

    def _mended(self, schema: Schema, value: Any) -> Any:
        """The value without the optional properties that the whole does not allow."""
        # Each turn takes out one property; what needs more of them has no such value.
        for _ in range(20):
            found = self.contract.violations(schema, self.direction, value)
            if not found:
                return value
            path = path_of(found[0].pointer, value)
            if not path:
                return None
            value = put(value, path, DROP)
        return None

    def _fill(self, schema: Schema, choices: Choices, base: Any, trail: tuple[str, ...]) -> Any:
        resolved = self.contract.resolve(schema)
        if len(trail) > MAX_DEPTH or resolved.pointer in trail:
            return DROP
        if not isinstance(resolved.value, Mapping):
            return "x" if base is DROP else base
        trail = (*trail, resolved.pointer)
        keywords = well_formed(resolved.value)
        for keyword in ("oneOf", "anyOf"):
            if alternatives := keywords.get(keyword):
                base = self._alternative(resolved, keyword, alternatives, choices, base, trail)
        for index, part in enumerate(keywords.get("allOf") or ()):
            below = Schema(pointer=join(resolved.pointer, "allOf", index), value=part)
            filled = self._fill(below, choices, base, trail)
            base = (
                {**base, **filled}
                if isinstance(base, dict) and isinstance(filled, dict)
                else (base if filled is DROP else filled)
            )
        if isinstance(keywords.get("properties"), dict) and (
            base is DROP or isinstance(base, dict)
        ):
            return self._object(resolved, keywords, choices, base, trail)
        if isinstance(keywords.get("items"), dict) and (base is DROP or isinstance(base, list)):
            return self._array(resolved, keywords, choices, base, trail)
        return self._leaf(resolved) if base is DROP else base

    def _alternative(
        self,
        schema: Schema,
        keyword: str,
        alternatives: list[Any],
        choices: Choices,
        base: Any,
        trail: tuple[str, ...],
    ) -> Any:
        # Without a choice the first one, unless there is a value that has chosen already.
        index = choices.get(schema.pointer)
        if index is None:
            index = 0 if base is DROP else -1
        if index < 0 or index >= len(alternatives):
            return base
        below = Schema(pointer=join(schema.pointer, keyword, index), value=alternatives[index])
        keep = base if base is not DROP and self.valid(below, base) else DROP
        return self._fill(below, choices, keep, trail)

    def _object(
        self,
        schema: Schema,
        keywords: Mapping[str, Any],
        choices: Choices,
        base: Any,
        trail: tuple[str, ...],
    ) -> Any:
        value = {} if base is DROP else dict(base)
        for name, below in keywords["properties"].items():
            pointer = join(schema.pointer, "properties", name)
            if isinstance(below, dict) and self._travels(Schema(pointer=pointer, value=below)):
                filled = self._fill(
                    Schema(pointer=pointer, value=below), choices, value.get(name, DROP), trail
                )
                if filled is not DROP:
                    value[name] = filled
        missing = [name for name in keywords.get("required") or () if name not in value]
        # Inside a body the object can be left out; the body itself is judged as a whole later.
        if missing and len(trail) > 1:
            return DROP
        other = keywords.get("additionalProperties")
        if isinstance(other, dict) and "extra" not in value:
            below = Schema(pointer=join(schema.pointer, "additionalProperties"), value=other)
            filled = self._fill(below, choices, DROP, trail)
            if filled is not DROP:
                value["extra"] = filled
        return value

    def _array(
        self,
        schema: Schema,
        keywords: Mapping[str, Any],
        choices: Choices,
        base: Any,
        trail: tuple[str, ...],
    ) -> Any:
        below = Schema(pointer=join(schema.pointer, "items"), value=keywords["items"])
        items = [] if base is DROP else list(base)
        first = self._fill(below, choices, items[0] if items else DROP, trail)
        if first is DROP:
            return items if items or not keywords.get("minItems") else DROP
        items = [first, *items[1:]]
        room = keywords.get("maxItems", 2) > 1 and keywords.get("uniqueItems") is not True
        # Two where two are allowed: a reader that takes the first item alone is found.
        if len(items) == 1 and room:
            items = [first, first]
        if len(items) < (least := keywords.get("minItems", 0)):
            try:
                more = self.contract.sample(schema, self.direction)
            except UnsatisfiableError:
                return DROP
            items = [*items, *more[len(items) : least]]
        return items

    def _leaf(self, schema: Schema) -> Any:
        assert isinstance(schema.value, Mapping)
        keywords = well_formed(schema.value)
        known = [*([keywords["example"]] if "example" in keywords else ())]
        known += [*(keywords.get("examples") or ()), *(keywords.get("enum") or ())]
        known += [keywords["default"]] if "default" in keywords else []
        for value in known:
            if value is not None and self.valid(schema, value):
                return value
        try:
            return self.contract.sample(schema, self.direction)
        except UnsatisfiableError:
            return DROP

    def _travels(self, schema: Schema) -> bool:
        """Whether a property belongs into this direction at all."""
        resolved = self.contract.resolve(schema)
        barred = "readOnly" if self.direction is Direction.REQUEST else "writeOnly"
        said = resolved.value if isinstance(resolved.value, Mapping) else {}
        members = said.get("allOf")
        parts = [
            self.contract.resolve(
                self.contract.schema(join(resolved.pointer, "allOf", index))
            ).value
            for index in range(len(members) if isinstance(members, list) else 0)
        ]
        return not any(
            isinstance(one, Mapping) and one.get(barred) is True for one in (said, *parts)
        )
