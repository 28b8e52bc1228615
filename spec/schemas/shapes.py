"""The JSON types that a schema lets through: what text must be read by.

A query string, a header or a form field is text. Whether `5` is a number there, and where a list
begins, only the schema says. A shape is what a schema says of that, worked out where it is asked
for: a schema may be large, refer to itself, and offer alternatives.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from itertools import product
from typing import Any, TypeAlias

from jsonschema_rs import ReferencingError

from spec.schemas.compiled import compile_schema

__all__ = ["ANYTHING", "EVERY_TYPE", "STRUCTURES", "SchemaValue", "Shape", "shape_of"]

SchemaValue: TypeAlias = Mapping[str, Any] | bool
Layer: TypeAlias = Mapping[str, Any]

EVERY_TYPE = frozenset({"null", "boolean", "integer", "number", "string", "array", "object"})
STRUCTURES = frozenset({"array", "object"})
"""The types that have parts."""
_MOST_WAYS = 32
"""Alternatives that are read separately; a schema with more of them is read by all together."""


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
        found = frozenset().union(*map(_types_of_all, self.branches)) & self.kinds
        return found | {"integer"} if "number" in found else found

    @cached_property
    def ways(self) -> tuple[Shape, ...]:
        """The ways to read text as it: one alternative each, and as one of text, list, object.

        What is written as one piece of text comes first, but for what can only be null.
        """
        found = [one for branch in self.branches for one in self._kinds_of(branch)]
        found.sort(key=lambda one: _ORDER.index(one.kind))
        return tuple(found) or (self,)

    @property
    def kind(self) -> str:
        """`array`, `object`, `null`, or `text` for whatever else is one piece of text."""
        if not self.is_primitive and (self.is_array or self.is_object):
            return "array" if self.is_array else "object"
        return "null" if self.types == {"null"} else "text"

    @cached_property
    def is_array(self) -> bool:
        """Whether it can be an array; without a `type`, whether it speaks of items."""
        return "array" in self.types and (self.types != EVERY_TYPE or self.items is not None)

    @cached_property
    def is_object(self) -> bool:
        """Whether it can be an object; without a `type`, whether it speaks of properties."""
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
        """The shape of an item, where the schema speaks of items."""
        return self._part(_items)

    @cached_property
    def properties(self) -> Mapping[str, Shape]:
        """The shapes of the properties that are named."""
        names = dict.fromkeys(name for layer in self.layers for name in _named(layer))
        return {name: self._part(partial(_property, name)) or ANYTHING for name in names}

    @cached_property
    def additional(self) -> Shape | None:
        """The shape of properties that are not named, where the schema speaks of them."""
        return self._part(_additional)

    @cached_property
    def binary(self) -> bool:
        """Whether it is bytes rather than text."""
        return any(map(_is_binary, self.layers))

    def member(self, name: str) -> Shape:
        """The shape of a property."""
        return self.properties.get(name) or self.additional or ANYTHING

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
            return compile_schema({**self.schema, "$defs": self.definitions}).is_valid
        except (ValueError, ReferencingError):
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
        return _shape(_any_of([_all_of(parts) for parts in alternatives]), self.definitions)


_NOTHING: Layer = {"type": []}
_ORDER = ("text", "array", "object", "null")

ANYTHING = Shape()


def shape_of(schema: SchemaValue) -> Shape:
    """The shape of a self-contained schema, whose `$ref`s are `#/$defs/NAME` and may be cyclic."""
    definitions = schema.get("$defs", {}) if isinstance(schema, Mapping) else {}
    return _shape(schema, definitions)


def _shape(schema: SchemaValue, definitions: Mapping[str, Any]) -> Shape:
    branches = _Expander(definitions).branches(schema)
    return Shape(schema=schema, branches=branches or [[_NOTHING]], definitions=definitions)


def _all_of(parts: list[SchemaValue]) -> SchemaValue:
    return parts[0] if len(parts) == 1 else {"allOf": parts}


def _any_of(parts: list[SchemaValue]) -> SchemaValue:
    distinct = list({id(one): one for one in parts}.values())
    return distinct[0] if len(distinct) == 1 else {"anyOf": distinct}


@dataclass(frozen=True, slots=True)
class _Expander:
    """Takes a schema apart into alternatives, each the list of what holds for the value."""

    definitions: Mapping[str, Any]
    known: dict[int, list[list[Layer]]] = field(default_factory=dict)

    def branches(self, schema: SchemaValue) -> list[list[Layer]]:
        """The alternatives of a schema; none where it allows nothing."""
        if not isinstance(schema, Mapping):
            return [[]] if schema else []
        if id(schema) not in self.known:
            # Where a schema is applied to itself, once more says no more.
            self.known[id(schema)] = [[]]
            self.known[id(schema)] = self._expanded(schema)
        return self.known[id(schema)]

    def _expanded(self, schema: Layer) -> list[list[Layer]]:
        found: list[list[Layer]] = [[schema]]
        for parts in _applied(schema, self.target):
            offered = [one for part in parts for one in self.branches(part)]
            if len(found) * len(offered) > _MOST_WAYS:
                offered = [[_together(offered)]]
            found = [_merged((one, other)) for one, other in product(found, offered)]
        return [branch for branch in found if _types_of_all(branch)]

    def target(self, reference: str) -> SchemaValue:
        name = reference.removeprefix("#/$defs/").replace("~1", "/").replace("~0", "~")
        target: SchemaValue = self.definitions.get(name, True)
        return target


def _together(branches: Sequence[Sequence[Layer]]) -> Layer:
    """One layer that says of every part what any of the alternatives says of it."""
    layers = _merged(branches)
    made: dict[str, Any] = {
        "type": sorted(frozenset[str]().union(*map(_types_of_all, branches))),
        "properties": {
            name: _any_of([p for layer in layers for p in _property(name, layer)])
            for name in dict.fromkeys(name for layer in layers for name in _named(layer))
        },
    }
    for key, said in (("items", _items), ("additionalProperties", _additional)):
        if parts := [part for layer in layers for part in said(layer)]:
            made[key] = _any_of(parts)
    return made


def _applied(schema: Layer, target: Callable[[str], SchemaValue]) -> Iterator[list[SchemaValue]]:
    """What is applied to the same value: groups of alternatives, of which one each holds."""
    reference = schema.get("$ref")
    if isinstance(reference, str):
        yield [target(reference)]
    for part in schema.get("allOf", ()):
        yield [part]
    for key in ("anyOf", "oneOf"):
        if isinstance(schema.get(key), list) and schema[key]:
            yield schema[key]
    consequences = [schema[key] for key in ("then", "else") if key in schema]
    if "if" in schema and consequences:
        yield consequences if len(consequences) == 2 else [*consequences, True]


def _merged(branches: Sequence[Sequence[Layer]]) -> list[Layer]:
    """One list of everything in several, each schema object once."""
    return list({id(layer): layer for branch in branches for layer in branch}.values())


def _types_of_all(branch: Sequence[Layer]) -> frozenset[str]:
    found = EVERY_TYPE
    for layer in branch:
        found &= _own_types(layer)
    return found


def _own_types(schema: Layer) -> frozenset[str]:
    written = schema.get("type", EVERY_TYPE)
    types = frozenset([written] if isinstance(written, str) else written)
    if "number" in types:
        types |= {"integer"}
    members = [schema["const"]] if "const" in schema else schema.get("enum")
    if isinstance(members, list):
        types &= frozenset(name for member in members for name in _types_of(member))
    return types


def _types_of(value: object) -> tuple[str, ...]:
    match value:
        case None:
            return ("null",)
        case bool():
            return ("boolean",)
        case int():
            return ("integer",)
        case float():
            return ("integer", "number")
        case str():
            return ("string",)
        case list():
            return ("array",)
    return ("object",)


def _items(layer: Layer) -> list[SchemaValue]:
    own = [*([layer["items"]] if "items" in layer else ()), *layer.get("prefixItems", ())]
    return [_any_of(own)] if own else []


def _named(layer: Layer) -> Mapping[str, Any]:
    named = layer.get("properties")
    return named if isinstance(named, Mapping) else {}


def _property(name: str, layer: Layer) -> list[SchemaValue]:
    named = _named(layer)
    return [named[name]] if name in named else []


def _additional(layer: Layer) -> list[SchemaValue]:
    own = [layer[key] for key in ("additionalProperties",) if layer.get(key, False) is not False]
    own += layer.get("patternProperties", {}).values()
    return [_any_of(own)] if own else []


def _is_binary(layer: Layer) -> bool:
    media = layer.get("contentMediaType")
    return layer.get("format") == "binary" or (
        isinstance(media, str) and not media.startswith("text/") and "contentEncoding" not in layer
    )
