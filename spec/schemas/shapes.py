"""The JSON types that a schema lets through: what text must be read by.

A query string, a header or a form field is text. Whether `5` is a number there, and where a list
begins, only the schema says. A shape is what a schema says of that, worked out where it is asked
for: a schema may be large, refer to itself, and offer alternatives.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache, partial
from typing import Any

from jsonschema_rs import ReferencingError

from spec.schemas.alternatives import (
    Alternatives,
    Layer,
    SchemaValue,
    additional_schemas,
    all_of,
    any_of,
    is_binary,
    item_schemas,
    named_properties,
    property_schemas,
    types_of_all,
)
from spec.schemas.compiled import compile_schema
from spec.schemas.keywords import EVERY_TYPE

__all__ = ["ANYTHING", "STRUCTURES", "Shape", "shape_of"]

STRUCTURES = frozenset({"array", "object"})
"""The types that have parts."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Shape:
    """What one place of a value can be.

    `branches` are the schema's alternatives, each a list of all the schema objects that hold for
    the value in it. `schema` judges what was read; it is compiled when that is asked for.
    """

    schema: SchemaValue = True
    branches: Sequence[Sequence[Layer]] = ((),)
    definitions: Mapping[str, Any] = field(default_factory=dict)
    kinds: frozenset[str] = EVERY_TYPE

    @cached_property
    def types(self) -> frozenset[str]:
        """The types that it can have; with "integer" wherever it has "number"."""
        found = frozenset().union(*map(types_of_all, self.branches)) & self.kinds
        return found | {"integer"} if "number" in found else found

    @cached_property
    def ways(self) -> tuple[Shape, ...]:
        """The ways to read text as it: one alternative each, and as one of text, list, object.

        What is written as one piece of text comes first, but for what can only be null.
        """
        found = [one for branch in self.branches for one in self._kinds_of(branch)]
        # Stable: among readings of one kind, the contract's order decides.
        found.sort(key=lambda one: _ORDER.index(one.kind))
        return tuple(found) or (self,)

    @cached_property
    def as_text(self) -> Shape | None:
        """It as one piece of text, where it has keywords of parts and no `type`; else None.

        Text is the last that is meant there, and still satisfies the schema.
        """
        if self.types != EVERY_TYPE or self.is_primitive:
            return None
        return Shape(
            schema=self.schema,
            branches=self.branches,
            definitions=self.definitions,
            kinds=EVERY_TYPE - STRUCTURES,
        )

    @property
    def kind(self) -> str:
        """`array`, `object`, `null`, or `text` for whatever else is one piece of text."""
        if not self.is_primitive and (self.is_array or self.is_object):
            return "array" if self.is_array else "object"
        return "null" if self.types == {"null"} else "text"

    @cached_property
    def is_array(self) -> bool:
        """Whether it can be an array; without a `type`, whether it has keywords of items."""
        return "array" in self.types and (self.types != EVERY_TYPE or self.items is not None)

    @cached_property
    def is_object(self) -> bool:
        """Whether it can be an object; without a `type`, whether it has keywords of properties."""
        speaks = bool(self.properties) or self.additional is not None
        return "object" in self.types and (self.types != EVERY_TYPE or speaks)

    @cached_property
    def is_primitive(self) -> bool:
        """Whether it can be something that is written as one piece of text."""
        return bool(self.types - STRUCTURES) and not (
            self.types == EVERY_TYPE and (self.is_array or self.is_object)
        )

    @property
    def is_anything(self) -> bool:
        """Whether the schema says nothing of what it is."""
        return self.types == EVERY_TYPE and not (self.is_array or self.is_object)

    @cached_property
    def layers(self) -> tuple[Layer, ...]:
        """All that is said of it, in whichever alternative; each schema object once."""
        return tuple({id(one): one for branch in self.branches for one in branch}.values())

    @cached_property
    def items(self) -> Shape | None:
        """The shape of an item; None where the schema has no keyword for items."""
        return self._part(item_schemas)

    @cached_property
    def properties(self) -> Mapping[str, Shape]:
        """The shapes of the properties that are named."""
        names = dict.fromkeys(name for layer in self.layers for name in named_properties(layer))
        return {name: self._part(partial(property_schemas, name)) or ANYTHING for name in names}

    @cached_property
    def additional(self) -> Shape | None:
        """The shape of properties that are not named; None where no keyword describes them."""
        return self._part(additional_schemas)

    @cached_property
    def binary(self) -> bool:
        """Whether it is bytes rather than text."""
        return any(map(is_binary, self.layers))

    def requires(self, name: str) -> bool:
        """Whether a value must have a property."""
        return any(name in layer.get("required", ()) for layer in self.layers)

    def member(self, name: str) -> Shape:
        """The shape of a property."""
        return self.properties.get(name) or self.matching(name) or self.additional or ANYTHING

    def matching(self, name: str) -> Shape | None:
        """The shape of a property that is not named, where a pattern matches its name."""
        return self._part(partial(_matching, name)) if self._has_patterns else None

    @cached_property
    def _has_patterns(self) -> bool:
        return any("patternProperties" in layer for layer in self.layers)

    @property
    def element(self) -> Shape:
        """The shape of an item."""
        return self.items or ANYTHING

    def admits(self, value: Any) -> bool:
        """Whether a value satisfies the whole schema of this place."""
        try:
            return self._is_valid(value)
        except (ValueError, RecursionError):  # a lone surrogate, or nested too deep to judge
            return False

    @cached_property
    def _is_valid(self) -> Callable[[Any], bool]:
        if isinstance(self.schema, bool):
            admitted = self.schema
            return lambda _value: admitted
        try:
            # Compiled at the first question: most shapes are asked for their types alone.
            return compile_schema({**self.schema, "$defs": self.definitions}).is_valid
        except (ValueError, ReferencingError):
            # Such a schema is reported elsewhere; here it must not make every reading fail.
            return lambda _value: True

    def _kinds_of(self, branch: Sequence[Layer]) -> Iterator[Shape]:
        """One alternative as text, as a list and as an object, as far as it can be each."""
        alone = Shape(schema=self.schema, branches=(branch,), definitions=self.definitions)
        if alone.is_anything or not alone.types:
            yield alone
            return
        for kinds in (EVERY_TYPE - STRUCTURES, frozenset({"array"}), frozenset({"object"})):
            one = alone if alone.types <= kinds else None
            if one is None and alone.types & kinds and alone.speaks_of(kinds):
                one = Shape(
                    schema=self.schema,
                    branches=(branch,),
                    definitions=self.definitions,
                    kinds=kinds,
                )
            if one is not None:
                yield one

    def speaks_of(self, kinds: frozenset[str]) -> bool:
        """Whether it may be of these kinds; without a `type`, whether it says anything of them."""
        if kinds == {"array"}:
            return self.is_array
        return self.is_object if kinds == {"object"} else self.is_primitive

    def _part(self, said: Callable[[Layer], list[SchemaValue]]) -> Shape | None:
        """The shape of a part: all that one alternative says holds at once."""
        alternatives = [
            parts for branch in self.branches if (parts := [p for one in branch for p in said(one)])
        ]
        if not alternatives:
            return None
        return _shape(any_of([all_of(parts) for parts in alternatives]), self.definitions)


_NOTHING: Layer = {"type": []}
_ORDER = ("text", "array", "object", "null")

ANYTHING = Shape()


def shape_of(schema: SchemaValue) -> Shape:
    """The shape of a self-contained schema, whose `$ref`s are `#/$defs/NAME` and may be cyclic."""
    definitions = schema.get("$defs", {}) if isinstance(schema, Mapping) else {}
    return _shape(schema, definitions)


def _shape(schema: SchemaValue, definitions: Mapping[str, Any]) -> Shape:
    branches = Alternatives(definitions).branches(schema)
    return Shape(schema=schema, branches=branches or [[_NOTHING]], definitions=definitions)


def _matching(name: str, layer: Layer) -> list[SchemaValue]:
    """What `patternProperties` say of a property that is called so."""
    patterns = layer.get("patternProperties")
    named = patterns.items() if isinstance(patterns, Mapping) else ()
    return [schema for pattern, schema in named if _matches(pattern, name)]


@lru_cache(maxsize=1024)
def _matches(pattern: str, name: str) -> bool:
    try:
        return compile_schema({"pattern": pattern}).is_valid(name)
    except ValueError:  # no regular expression, or a lone surrogate in the name
        return False
