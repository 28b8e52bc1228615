"""The fullest value of a schema that takes given alternatives."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from conformance.clauses.schema_nodes import MAX_DEPTH, UNROLLED
from conformance.clauses.value_paths import DROP
from spec import Contract, Direction, UnsatisfiableError
from spec.model.contract_model import Schema
from spec.model.pointers import join
from spec.schemas.keywords import well_formed

__all__ = ["Filling"]


@dataclass(slots=True, kw_only=True)
class Filling:
    """Fills a value with every optional property, as far as each place by itself allows it.

    `choices` are the alternatives to take, by the pointer of the schema that has them; `valid` says
    whether a schema allows a value.
    """

    contract: Contract
    direction: Direction
    choices: Mapping[str, int]
    valid: Callable[[Schema, Any], bool]
    _deepest: int = field(default=MAX_DEPTH, init=False)
    _left: int = field(default=UNROLLED, init=False)

    def filled(self, schema: Schema, base: Any) -> Any:
        """The value; what `base` has is kept. DROP where there is none.

        It goes as deep as it has at most `UNROLLED` values: where schemas refer to each other in
        many ways, each level has that many times the values of the one above it.
        """
        with suppress(_TooManyError):
            return self._as_deep(MAX_DEPTH, UNROLLED, schema, base)
        # What one level alone has is as long as the contract says it.
        value = self._as_deep(1, sys.maxsize, schema, base)
        with suppress(_TooManyError):
            for deepest in range(2, MAX_DEPTH):
                value = self._as_deep(deepest, UNROLLED, schema, base)
        return value

    def _as_deep(self, deepest: int, most: int, schema: Schema, base: Any) -> Any:
        self._deepest, self._left = deepest, most
        return self._fill(schema, base, ())

    def _fill(self, schema: Schema, base: Any, trail: tuple[str, ...]) -> Any:
        """One value; `trail` are the pointers of the schemas above: a recursive one ends."""
        resolved = self.contract.resolve(schema)
        if len(trail) > self._deepest or resolved.pointer in trail:
            return DROP
        self._left -= 1
        if self._left < 0:
            raise _TooManyError
        if not isinstance(resolved.value, Mapping):
            return "x" if base is DROP else base
        trail = (*trail, resolved.pointer)
        keywords = well_formed(resolved.value)
        if base is DROP and ("oneOf" in keywords or "anyOf" in keywords):
            base = self._plain_example(resolved)
        base = self._composed(resolved.pointer, keywords, base, trail)
        if isinstance(keywords.get("properties"), dict) and (
            base is DROP or isinstance(base, dict)
        ):
            return self._object(resolved, keywords, base, trail)
        if isinstance(keywords.get("items"), dict) and (base is DROP or isinstance(base, list)):
            return self._array(resolved, keywords, base, trail)
        return self._leaf(resolved) if base is DROP else base

    def _composed(
        self, pointer: str, keywords: Mapping[str, Any], base: Any, trail: tuple[str, ...]
    ) -> Any:
        """The value with what an alternative, and all parts of `allOf`, have in it."""
        for keyword in ("oneOf", "anyOf"):
            taken = self._alternative(pointer, len(keywords.get(keyword) or ()), base)
            if taken is not None:
                below = Schema(
                    pointer=join(pointer, keyword, taken), value=keywords[keyword][taken]
                )
                keep = base if base is not DROP and self.valid(below, base) else DROP
                base = self._fill(below, keep, trail)
        for index, part in enumerate(keywords.get("allOf") or ()):
            below = Schema(pointer=join(pointer, "allOf", index), value=part)
            filled = self._fill(below, base, trail)
            if isinstance(base, dict) and isinstance(filled, dict):
                base = {**base, **filled}
            elif filled is not DROP:
                base = filled
        return base

    def _alternative(self, pointer: str, count: int, base: Any) -> int | None:
        """Which of so many alternatives is taken; None where the value stays as it is."""
        # Without a choice the first one, unless there is a value that has chosen already.
        index = self.choices.get(pointer, 0 if base is DROP else -1)
        return index if 0 <= index < count else None

    def _object(
        self, schema: Schema, keywords: Mapping[str, Any], base: Any, trail: tuple[str, ...]
    ) -> Any:
        value = {} if base is DROP else dict(base)
        for name, below in keywords["properties"].items():
            pointer = join(schema.pointer, "properties", name)
            if isinstance(below, dict) and self._travels(Schema(pointer=pointer, value=below)):
                filled = self._fill(
                    Schema(pointer=pointer, value=below), value.get(name, DROP), trail
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
            filled = self._fill(below, DROP, trail)
            if filled is not DROP:
                value["extra"] = filled
        return value

    def _array(
        self, schema: Schema, keywords: Mapping[str, Any], base: Any, trail: tuple[str, ...]
    ) -> Any:
        below = Schema(pointer=join(schema.pointer, "items"), value=keywords["items"])
        items = [] if base is DROP else list(base)
        first = self._fill(below, items[0] if items else DROP, trail)
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

    def _plain_example(self, schema: Schema) -> Any:
        """The example beside alternatives, where nothing in it is left to fill; else DROP."""
        plain = (one for one in _examples(schema) if not isinstance(one, dict | list))
        return next((one for one in plain if self._serves(schema, one)), DROP)

    def _leaf(self, schema: Schema) -> Any:
        keywords = _keywords(schema)
        known = [*_examples(schema), *(keywords.get("enum") or ())]
        known += [keywords["default"]] if "default" in keywords else []
        for value in known:
            if self._serves(schema, value):
                return value
        try:
            return self.contract.sample(schema, self.direction)
        except UnsatisfiableError:
            return DROP

    def _serves(self, schema: Schema, value: Any) -> bool:
        return value is not None and self.valid(schema, value)

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


class _TooManyError(Exception):
    """The value has more in it than is useful to send."""


def _keywords(schema: Schema) -> Mapping[str, Any]:
    assert isinstance(schema.value, Mapping)
    return well_formed(schema.value)


def _examples(schema: Schema) -> list[Any]:
    keywords = _keywords(schema)
    own = [keywords["example"]] if "example" in keywords else []
    return [*own, *(keywords.get("examples") or ())]
