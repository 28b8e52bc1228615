"""Objects that one alternative of `oneOf` allows and the others do not, and their names.

Where the alternatives only add optional properties, what one of them allows the others allow as
well. A property that is foreign to one alternative may have any value there, also one that the
others forbid.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from spec.model.pointers import unescape
from spec.sampling.layers import Layer
from spec.schemas.alternatives import Alternatives, SchemaValue, named_properties
from spec.schemas.rewording import KNOWN

__all__ = ["told_apart", "under_names"]

_ODD: tuple[Any, ...] = (None, 0, "", [], {})
"""Values of which hardly any schema allows all; empty ones, since they say nothing."""
_LONGEST_CHAIN = 16
_MOST = 12
"""Single properties that are tried."""


def under_names(
    value: Any, schema: SchemaValue, definitions: Mapping[str, Any]
) -> Iterator[tuple[SchemaValue, dict[str, Any]]]:
    """The object under each name that its discriminator knows, with the alternative of that name.

    Nothing where it has one already, or where the schema has no discriminator for it.
    """
    for _ in range(_LONGEST_CHAIN):
        if not isinstance(schema, dict) or "$ref" not in schema:
            break
        schema = _defined(schema["$ref"], definitions)
    said = schema.get("discriminator", {}) if isinstance(schema, dict) else {}
    tag, known = said.get("propertyName"), said.get(KNOWN)
    if not known or not isinstance(value, dict) or value.get(tag, known[0]) in known:
        return
    for name, target in said["mapping"].items():
        yield _defined(target, definitions), {**value, str(tag): name}


def _defined(reference: str, definitions: Mapping[str, Any]) -> SchemaValue:
    found: SchemaValue = definitions.get(unescape(reference.removeprefix("#/$defs/")), True)
    return found


def told_apart(
    value: Mapping[str, Any], layers: list[Layer], definitions: Mapping[str, Any]
) -> Iterator[dict[str, Any]]:
    """The object with properties that only other alternatives name; each has to be judged."""
    alternatives = Alternatives(definitions)
    for layer in layers:
        branches = layer.get("oneOf")
        named = [
            {
                name
                for way in alternatives.branches(one)
                for said in way
                for name in named_properties(said)
            }
            for one in (branches if isinstance(branches, list) else ())
        ]
        for own in named:
            foreign = set().union(*named) - own - value.keys()
            # One property is enough where there is one other alternative.
            few = [[one] for one in sorted(foreign)[:_MOST]]
            for names in [*few, sorted(foreign)] if foreign else ():
                yield from ({**value, **dict.fromkeys(names, odd)} for odd in _ODD)
