"""The JSON types that a schema lets through: what text must be read by.

A query string, a header or a form field is text. Whether `5` is a number there, and where a list
begins, only the schema says. A shape is that part of a schema, and nothing else of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

__all__ = ["ANYTHING", "EVERY_TYPE", "SchemaValue", "Shape", "shape_of"]

SchemaValue: TypeAlias = Mapping[str, Any] | bool

EVERY_TYPE = frozenset({"null", "boolean", "integer", "number", "string", "array", "object"})
_DEPTH = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """The types of a value and of its parts.

    `types` has "integer" wherever it has "number". `additional` is the shape of properties
    that are not named, where the schema speaks of them. `binary` marks bytes rather than text.
    """

    types: frozenset[str] = EVERY_TYPE
    items: Shape | None = None
    properties: Mapping[str, Shape] = field(default_factory=dict)
    additional: Shape | None = None
    binary: bool = False

    @property
    def is_array(self) -> bool:
        """Whether it can be an array; without a `type`, whether it speaks of items."""
        return "array" in self.types and (self.types != EVERY_TYPE or self.items is not None)

    @property
    def is_object(self) -> bool:
        """Whether it can be an object; without a `type`, whether it speaks of properties."""
        speaks = bool(self.properties) or self.additional is not None
        return "object" in self.types and (self.types != EVERY_TYPE or speaks)

    @property
    def is_primitive(self) -> bool:
        """Whether it can be something that is written as one piece of text."""
        return bool(self.types - {"array", "object"}) and not (
            self.types == EVERY_TYPE and (self.is_array or self.is_object)
        )

    def member(self, name: str) -> Shape:
        """The shape of a property."""
        return self.properties.get(name) or self.additional or ANYTHING

    @property
    def element(self) -> Shape:
        """The shape of an item."""
        return self.items or ANYTHING


ANYTHING = Shape()


def shape_of(schema: SchemaValue) -> Shape:
    """The shape of a self-contained schema, whose `$ref`s are `#/$defs/NAME` and may be cyclic."""
    definitions = schema.get("$defs", {}) if isinstance(schema, Mapping) else {}
    return _Reader(definitions).shape(schema, _DEPTH)


@dataclass(frozen=True, slots=True)
class _Reader:
    definitions: Mapping[str, Any]

    def shape(self, schema: SchemaValue, depth: int) -> Shape:
        layers = list(self.layers(schema, frozenset()))
        if not layers or depth == 0:
            return Shape(types=self.types(schema, frozenset()))
        return Shape(
            types=self.types(schema, frozenset()),
            items=self.joined([part for layer in layers for part in _items(layer)], depth),
            properties=self.properties(layers, depth),
            additional=self.joined(
                [part for layer in layers for part in _additional(layer)], depth
            ),
            binary=any(_is_binary(layer) for layer in layers),
        )

    def properties(self, layers: list[Mapping[str, Any]], depth: int) -> dict[str, Shape]:
        found: dict[str, list[SchemaValue]] = {}
        for layer in layers:
            for name, schema in layer.get("properties", {}).items():
                found.setdefault(name, []).append(schema)
        return {name: self.joined(parts, depth) or ANYTHING for name, parts in found.items()}

    def joined(self, parts: list[SchemaValue], depth: int) -> Shape | None:
        """One shape for everything that is said of one place, in whichever branch it is said."""
        if not parts:
            return None
        return self.shape(parts[0] if len(parts) == 1 else {"anyOf": parts}, depth - 1)

    def layers(self, schema: SchemaValue, seen: frozenset[str]) -> Iterator[Mapping[str, Any]]:
        """The schema and all that is applied to the same value, in whichever branch."""
        if not isinstance(schema, Mapping):
            return
        yield schema
        reference = schema.get("$ref")
        if isinstance(reference, str) and reference not in seen:
            yield from self.layers(self.target(reference), seen | {reference})
        for part in (
            *schema.get("allOf", ()),
            *schema.get("anyOf", ()),
            *schema.get("oneOf", ()),
            *(schema[key] for key in ("then", "else") if key in schema),
        ):
            yield from self.layers(part, seen)

    def types(self, schema: SchemaValue, seen: frozenset[str]) -> frozenset[str]:
        if schema is False:
            return frozenset()
        if not isinstance(schema, Mapping):
            return EVERY_TYPE
        found = _own_types(schema)
        reference = schema.get("$ref")
        if isinstance(reference, str) and reference not in seen:
            found &= self.types(self.target(reference), seen | {reference})
        for part in schema.get("allOf", ()):
            found &= self.types(part, seen)
        for key in ("anyOf", "oneOf"):
            if key in schema:
                found &= frozenset().union(*(self.types(part, seen) for part in schema[key]))
        return found

    def target(self, reference: str) -> SchemaValue:
        name = reference.removeprefix("#/$defs/").replace("~1", "/").replace("~0", "~")
        target: SchemaValue = self.definitions.get(name, True)
        return target


def _own_types(schema: Mapping[str, Any]) -> frozenset[str]:
    written = schema.get("type", EVERY_TYPE)
    types = frozenset([written] if isinstance(written, str) else written)
    if "number" in types:
        types |= {"integer"}
    members = [schema["const"]] if "const" in schema else schema.get("enum")
    if members is not None:
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


def _items(layer: Mapping[str, Any]) -> list[SchemaValue]:
    return [*([layer["items"]] if "items" in layer else ()), *layer.get("prefixItems", ())]


def _additional(layer: Mapping[str, Any]) -> list[SchemaValue]:
    own = [layer[key] for key in ("additionalProperties",) if layer.get(key, False) is not False]
    return own + list(layer.get("patternProperties", {}).values())


def _is_binary(layer: Mapping[str, Any]) -> bool:
    media = layer.get("contentMediaType")
    return layer.get("format") == "binary" or (
        isinstance(media, str) and not media.startswith("text/") and "contentEncoding" not in layer
    )
