"""The difference of two JSON Schemas by the canonical algebra of jsonschema-rs.

What the algebra takes for opaque is put into its words first: patterns that contain each other,
lengths as patterns, and the formats that have one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, TypeAlias

from jsonschema_rs import CanonicalSchema, canonical

from conformance.diff.inclusion.boundaries import KNOWN_FORMATS
from conformance.diff.inclusion.regex_inclusion import compared
from conformance.diff.inclusion.subschemas import rewritten, subschemas
from spec.schemas.canonical_algebra import canonicalized
from spec.schemas.string_formats import STRING_FORMATS

__all__ = ["contains", "difference", "is_empty", "name_patterns"]

SchemaDict: TypeAlias = Mapping[str, Any]
_LONGEST = 256
"""The longest length that is looked at as a pattern: each character is a state of an automaton."""
_MOST_MEMBERS = 100
"""The longest enum that is looked at as a pattern."""
_GRAMMARS: Mapping[str, str] = {name: STRING_FORMATS[name].patterns[0] for name in ("ipv4", "uuid")}
"""Formats that are exactly what a pattern matches."""


def difference(inner: SchemaDict, outer: SchemaDict) -> CanonicalSchema | None:
    """What `inner` allows and `outer` does not; None where the algebra cannot say."""
    try:
        # Two spellings of one pattern would be two different names to the algebra.
        outer = _with_names_of(inner, outer)
        return _canonical(_with_implied(inner, outer)).subtract(_canonical(outer))
    # It has no canonical form for some schemas: `$dynamicRef`, a count written as 2.0.
    except ValueError:
        return None


def _with_names_of(inner: SchemaDict, outer: SchemaDict) -> SchemaDict:
    """The outer schema with the inner one's spelling of `patternProperties` that mean the same."""
    ours = _keys_of_pattern_properties(inner)
    equal = {
        other: one
        for other in _keys_of_pattern_properties(outer)
        for one in ours
        if one != other and compared(one, other).contained and compared(other, one).contained
    }
    if not equal:
        return outer

    def renamed(node: Mapping[str, Any]) -> Mapping[str, Any]:
        named = node.get("patternProperties")
        if not isinstance(named, Mapping):
            return node
        return {**node, "patternProperties": {equal.get(k, k): v for k, v in named.items()}}

    made = rewritten(outer, renamed)
    assert isinstance(made, Mapping)
    return made


def _keys_of_pattern_properties(schema: SchemaDict) -> list[str]:
    return [name for node in subschemas(schema) for name in node.get("patternProperties", ())]


def name_patterns(schema: SchemaDict) -> list[str]:
    """Every pattern of a schema that is about the names of properties."""
    asked = (node.get("propertyNames") for node in subschemas(schema))
    about = [inside.get("pattern") for one in asked for inside in subschemas(one or True)]
    return [*_keys_of_pattern_properties(schema), *(one for one in about if isinstance(one, str))]


def _with_implied(inner: SchemaDict, outer: SchemaDict) -> SchemaDict:
    """The inner schema with what its patterns imply of the outer one's, and of its lengths.

    The algebra takes patterns for opaque; two automata tell whether one contains the other.
    """
    asked = _asked_patterns(outer)
    if not asked:
        return inner

    def implied(node: Mapping[str, Any]) -> Mapping[str, Any]:
        own = node.get("pattern", _GRAMMARS.get(node.get("format", "")))
        if not isinstance(own, str):
            return node
        more = [said for pattern, said in asked if compared(own, pattern).contained]
        return {**node, "allOf": [*node.get("allOf", ()), *more]} if more else node

    made = rewritten(inner, implied)
    assert isinstance(made, Mapping)
    return made


def _asked_patterns(outer: SchemaDict) -> list[tuple[str, SchemaDict]]:
    """Every pattern of a schema and every length as a pattern, with the keyword that says it."""
    asked: dict[str, SchemaDict] = {}
    for node in subschemas(outer):
        if isinstance(node.get("pattern"), str):
            asked[node["pattern"]] = {"pattern": node["pattern"]}
        if node.get("format") in _GRAMMARS:
            asked[_GRAMMARS[node["format"]]] = {"format": node["format"]}
        members = node.get("enum", [node.get("const")])
        if len(members) <= _MOST_MEMBERS and all(isinstance(one, str) for one in members):
            # A pattern says nothing of a number, and so implies nothing for it.
            asked[_one_of(members)] = {"anyOf": [{"not": {"type": "string"}}, {"enum": members}]}
        least, most = node.get("minLength", 0), node.get("maxLength", _LONGEST + 1)
        if 0 < least <= _LONGEST:
            asked[f"^[\\s\\S]{{{least},}}$"] = {"minLength": least}
        if most <= _LONGEST:
            asked[f"^[\\s\\S]{{0,{most}}}$"] = {"maxLength": most}
    return list(asked.items())


def _one_of(texts: list[str]) -> str:
    return f"^(?:{'|'.join(map(re.escape, texts))})$"


def _canonical(schema: SchemaDict) -> CanonicalSchema:
    modelled = rewritten(schema, _modelled)
    assert isinstance(modelled, Mapping)
    return canonicalized(modelled)


_FORMATS: Mapping[str, SchemaDict] = {
    name: {"pattern": one.patterns[0]} for name, one in STRING_FORMATS.items() if one.is_valid
}
"""Formats that we judge ourselves in keywords that the algebra knows: it takes them for
annotations."""
_WIDER = {name: one.wider for name, one in STRING_FORMATS.items() if one.wider}
"""Formats that allow all that another one allows; the algebra takes formats for unrelated."""

_SILENT = frozenset({"default", "discriminator", "example", "examples", "readOnly", "writeOnly"})
"""Keywords that refuse no value; to the algebra they would make equal schemas two."""


def _modelled(schema: Mapping[str, Any]) -> dict[str, Any]:
    made = {keyword: value for keyword, value in schema.items() if keyword not in _SILENT}
    if made.get("format") in _FORMATS:
        made["allOf"] = [*made.get("allOf", ()), _FORMATS[made.pop("format")]]
    elif made.get("format") in _WIDER:
        wider = [{"format": name} for name in _WIDER[made["format"]]]
        made["allOf"] = [*made.get("allOf", ()), *wider]
    elif made.get("format") not in KNOWN_FORMATS:
        # An unknown format is an annotation; kept, it would tell equal schemas apart.
        made.pop("format", None)
    return made


def is_empty(found: CanonicalSchema) -> bool:
    """Whether a difference certainly has no value."""
    # The third answer, that the algebra does not know, is no proof.
    return found.satisfiability() is canonical.Satisfiability.NO


def contains(inner: SchemaDict, outer: SchemaDict) -> bool:
    """Whether `outer` allows all that `inner` does, for schemas without references."""
    found = difference(inner, outer)
    return found is not None and is_empty(found)
