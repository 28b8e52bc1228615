"""The alternatives of a schema, each as the list of the schema objects that hold for a value.

`allOf` and `$ref` add to an alternative; `anyOf`, `oneOf` and `if` divide it (JSON Schema Core
section 10.2). A schema object is never merged with another: a list keeps them apart, by identity.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Any, TypeAlias

from spec.model.pointers import unescape
from spec.schemas.keywords import EVERY_TYPE

__all__ = [
    "Alternatives",
    "Layer",
    "SchemaValue",
    "additional_schemas",
    "all_of",
    "any_of",
    "is_binary",
    "item_schemas",
    "named_properties",
    "property_schemas",
    "types_of_all",
]

SchemaValue: TypeAlias = Mapping[str, Any] | bool
Layer: TypeAlias = Mapping[str, Any]

_MOST_WAYS = 32
"""Alternatives that are read separately; a schema with more of them is read by all together."""


def all_of(parts: list[SchemaValue]) -> SchemaValue:
    """A schema for what satisfies every one of the parts."""
    return parts[0] if len(parts) == 1 else {"allOf": parts}


def any_of(parts: list[SchemaValue]) -> SchemaValue:
    """A schema for what satisfies one of the parts; a part that stands there twice counts once."""
    # By identity, since comparing large schemas is slow, and since 1 == True in Python.
    distinct = list({id(one): one for one in parts}.values())
    return distinct[0] if len(distinct) == 1 else {"anyOf": distinct}


@dataclass(frozen=True, slots=True)
class Alternatives:
    """Takes a schema apart into alternatives, each the list of what holds for the value."""

    definitions: Mapping[str, Any]
    known: dict[int, list[list[Layer]]] = field(default_factory=dict)

    def branches(self, schema: SchemaValue) -> list[list[Layer]]:
        """The alternatives of a schema; none where it allows nothing."""
        if not isinstance(schema, Mapping):
            return [[]] if schema else []
        # By identity: large schemas are slow to hash, and a `dict` cannot be.
        if id(schema) not in self.known:
            # Set before it is expanded: a schema that is applied to itself says no more by that.
            self.known[id(schema)] = [[]]
            self.known[id(schema)] = self._expanded(schema)
        return self.known[id(schema)]

    def _expanded(self, schema: Layer) -> list[list[Layer]]:
        found: list[list[Layer]] = [[schema]]
        for parts in _applied(schema, self.target):
            offered = [one for part in parts for one in self.branches(part)]
            # Five `oneOf` of four are 1,024 combinations: past the limit they are read as one.
            if len(found) * len(offered) > _MOST_WAYS:
                offered = [[_as_one_layer(offered)]]
            found = [_merged((one, other)) for one, other in product(found, offered)]
        # A combination that no type satisfies is impossible, and would only cost time.
        return [branch for branch in found if types_of_all(branch)]

    def target(self, reference: str) -> SchemaValue:
        """The schema that a `$ref` names; True (anything) where it has no target."""
        name = unescape(reference.removeprefix("#/$defs/"))
        target: SchemaValue = self.definitions.get(name, True)
        return target


def _as_one_layer(branches: Sequence[Sequence[Layer]]) -> Layer:
    """One layer that says of every part what any of the alternatives says of it."""
    layers = _merged(branches)
    made: dict[str, Any] = {
        "type": sorted(frozenset[str]().union(*map(types_of_all, branches))),
        "properties": {
            name: any_of([p for layer in layers for p in property_schemas(name, layer)])
            for name in dict.fromkeys(name for layer in layers for name in named_properties(layer))
        },
    }
    for key, said in (("items", item_schemas), ("additionalProperties", additional_schemas)):
        if parts := [part for layer in layers for part in said(layer)]:
            made[key] = any_of(parts)
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


def types_of_all(branch: Sequence[Layer]) -> frozenset[str]:
    """The types that satisfy `type`, `const` and `enum` of all the schema objects of a list."""
    found = EVERY_TYPE
    for layer in branch:
        found &= _own_types(layer)
    return found


def _own_types(schema: Layer) -> frozenset[str]:
    written = schema.get("type", EVERY_TYPE)
    types = frozenset([written] if isinstance(written, str) else written)
    # Every integer is a number (JSON Schema Core section 4.2.1).
    if "number" in types:
        types |= {"integer"}
    members = [schema["const"]] if "const" in schema else schema.get("enum")
    if isinstance(members, list):
        types &= frozenset(name for member in members for name in _types_of_value(member))
    return types


def _types_of_value(value: object) -> tuple[str, ...]:
    match value:
        case None:
            return ("null",)
        # Before `int`, of which Python's `bool` is a subclass.
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


def item_schemas(layer: Layer) -> list[SchemaValue]:
    """What a schema object says of items, wherever in the array they stand; [] for nothing."""
    own = [*([layer["items"]] if "items" in layer else ()), *layer.get("prefixItems", ())]
    return [any_of(own)] if own else []


def named_properties(layer: Layer) -> Mapping[str, Any]:
    """The `properties` of a schema object."""
    named = layer.get("properties")
    return named if isinstance(named, Mapping) else {}


def property_schemas(name: str, layer: Layer) -> list[SchemaValue]:
    """What a schema object says of the property of a name; [] for nothing."""
    named = named_properties(layer)
    return [named[name]] if name in named else []


def additional_schemas(layer: Layer) -> list[SchemaValue]:
    """What a schema object says of properties that it does not name; [] for nothing."""
    own = [layer[key] for key in ("additionalProperties",) if layer.get(key, False) is not False]
    own += layer.get("patternProperties", {}).values()
    return [any_of(own)] if own else []


def is_binary(layer: Layer) -> bool:
    """Whether a string is raw bytes: `format: binary` in OpenAPI 3.0, `contentMediaType` in 3.1.

    With `contentEncoding` the bytes travel as text (OpenAPI 3.1.1 section 4.8.14.3).
    """
    media = layer.get("contentMediaType")
    return layer.get("format") == "binary" or (
        isinstance(media, str) and not media.startswith("text/") and "contentEncoding" not in layer
    )
