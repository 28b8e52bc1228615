"""Which schemas of two documents are the same, however they are written and named.

Most of two versions of a contract is equal, and equal parts must cost next to nothing. Every
target of a `$ref` gets a colour, refined until no two differ any more that could: equal colours
mean equal schemas, whatever their names, also where they refer to themselves.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from spec.model.pointers import split
from spec.schemas.keywords import DEFINITIONS, LISTED, NAMED, SINGLE

__all__ = ["SETS", "Identity"]

_ANNOTATIONS = frozenset(
    {"title", "description", "summary", "example", "examples", "externalDocs", "$comment"}
)
"""Keywords that allow and forbid nothing."""
_EXTENSIONS = frozenset({"x-extensible-enum", "x-sunset"})
"""Extensions that are compared."""
_SCOPES = frozenset({"$id", "$anchor", "$dynamicAnchor", "$dynamicRef"})
"""Keywords that make a reference lead to something else than its text says."""
_DATA = frozenset({"example", "examples", "default", "enum", "const"})
"""Keywords under which values stand, in which no key means anything."""
SETS = frozenset({"required", "enum", "type"})
"""Keywords whose lists mean the same in any order."""

_Target: TypeAlias = tuple[int, str]
"""The number of a side, and a reference there."""


@dataclass(frozen=True, slots=True)
class _Skeleton:
    """A schema as text with holes where its references are."""

    text: str
    references: tuple[str, ...]


class Identity:
    """Tells whether a schema of one document is the same as one of the other.

    `is_known` is False where references depend on more than their text: then what is written alike
    is the same, and only where all that references can lead to is written alike as well.
    """

    def __init__(self, old: Mapping[str, Any], new: Mapping[str, Any]) -> None:
        self._sides = (_Side(old), _Side(new))
        self.is_known = not any(side.has_scopes for side in self._sides)
        if self.is_known:
            _colour(self._sides)
        self._is_told = self.is_known or _lead_alike(*self._sides)

    def same(self, old: Any, new: Any) -> bool:
        """Whether two schemas, as written in OLD and NEW, are the same; False where unsure."""
        return self._is_told and self.key(0, old) == self.key(1, new)

    def same_text(self, old: Any, new: Any) -> bool:
        """The same for parts that are not schemas."""
        return self.same(old, new) or (not self.is_known and bool(old == new))

    def same_shape(self, old: Any, new: Any) -> bool:
        """Whether two schemas are the same but for what they refer to."""
        was, now = self._sides[0].skeleton(old), self._sides[1].skeleton(new)
        return self.is_known and was.text == now.text

    def same_reference(self, old: str, new: str) -> bool:
        """Whether what two references lead to is the same, with all that it refers to."""
        was, now = self._sides[0].colours.get(old), self._sides[1].colours.get(new)
        return self.is_known and was is not None and was == now

    def references(self, side: int, schema: Any) -> tuple[str, ...]:
        """What a schema refers to, in an order that is that of the other side."""
        return self._sides[side].skeleton(schema).references

    def references_of(self, side: int, reference: str) -> tuple[str, ...]:
        """The same for what a reference leads to."""
        found = self._sides[side].skeletons.get(reference)
        return found.references if found else ()

    def key(self, side: int, schema: Any) -> tuple[Any, ...]:
        """What is equal for equal schemas; `side` is 0 for OLD and 1 for NEW."""
        part = self._sides[side]
        return part.painted(part.skeleton(schema))


@dataclass
class _Side:
    document: Mapping[str, Any]
    skeletons: dict[str, _Skeleton] = field(default_factory=dict)
    colours: dict[str, int] = field(default_factory=dict)
    is_30: bool = False
    has_scopes: bool = False

    def __post_init__(self) -> None:
        self.has_scopes = _has_scopes(self.document.get("components"))
        self.is_30 = str(self.document.get("openapi", "")).startswith("3.0")
        for reference in set(_references(self.document)):
            target = _found(self.document, reference)
            self.skeletons[reference] = self.skeleton(target)

    def skeleton(self, schema: Any) -> _Skeleton:
        references: list[str] = []
        value = _normal(schema, self.is_30, references)
        text = json.dumps(value, sort_keys=True, ensure_ascii=True, default=str)
        return _Skeleton(text, tuple(references))

    def painted(self, skeleton: _Skeleton) -> tuple[Any, ...]:
        return (skeleton.text, *(self.colours.get(r, r) for r in skeleton.references))


def _lead_alike(old: _Side, new: _Side) -> bool:
    """Whether all that references can lead to is written alike in two documents."""
    if any(one.startswith("#/paths/") for side in (old, new) for one in side.skeletons):
        return False
    was, now = (
        {key: value for key, value in side.document.items() if key not in ("info", "paths")}
        for side in (old, new)
    )
    return json.dumps(was, sort_keys=True, default=str) == json.dumps(
        now, sort_keys=True, default=str
    )


def _colour(sides: tuple[_Side, _Side]) -> None:
    """Refine until nothing splits any more (Hopcroft's partition refinement)."""
    # All are alike until their text or the colour of what they refer to tells them apart.
    by_text: dict[str, int] = {}
    members: defaultdict[int, set[_Target]] = defaultdict(set)
    users: defaultdict[_Target, list[_Target]] = defaultdict(list)
    for number, side in enumerate(sides):
        for reference, skeleton in side.skeletons.items():
            colour = side.colours[reference] = by_text.setdefault(skeleton.text, len(by_text))
            members[colour].add((number, reference))
            for target in skeleton.references:
                users[number, target].append((number, reference))
    changed: list[_Target] = [one for alike in members.values() for one in alike]
    while changed:
        # Only what refers to something of another colour can split from its like.
        touched: defaultdict[int, set[_Target]] = defaultdict(set)
        for number, reference in (user for one in changed for user in users[one]):
            touched[sides[number].colours[reference]].add((number, reference))
        changed = []
        for colour, some in touched.items():
            # The largest part keeps the colour: who changes it is in a part of half the size.
            for part in sorted(_split(sides, some, members[colour]), key=len)[:-1]:
                members[colour] -= part
                members[len(members)] = part
                for number, reference in part:
                    sides[number].colours[reference] = len(members) - 1
                changed += part


def _split(
    sides: tuple[_Side, _Side], some: set[_Target], alike: set[_Target]
) -> list[set[_Target]]:
    """Targets of one colour, of which some may differ now, by what they refer to."""
    parts: defaultdict[tuple[Any, ...], set[_Target]] = defaultdict(set)
    for number, reference in some:
        side = sides[number]
        parts[side.painted(side.skeletons[reference])].add((number, reference))
    untouched = len(alike) - len(some)
    return [*parts.values(), alike - some] if untouched else [*parts.values()]


def _references(value: Any) -> Iterator[str]:
    stack = [value]
    while stack:
        node = stack.pop()
        if isinstance(node, dict):
            if isinstance(node.get("$ref"), str):
                yield node["$ref"]
            stack.extend(node.values())
        elif isinstance(node, list):
            stack.extend(node)


def _has_scopes(value: Any) -> bool:
    stack = [value]
    while stack:
        node = stack.pop()
        if isinstance(node, dict):
            if any(isinstance(node.get(keyword), str) for keyword in _SCOPES):
                return True
            # An example may well have an `$id`, as what is stored in a database does.
            stack.extend(child for key, child in node.items() if key not in _DATA)
        elif isinstance(node, list):
            stack.extend(node)
    return False


def _found(document: Any, reference: str) -> Any:
    for token in split(reference) if reference.startswith("#") else ("",):
        if isinstance(document, list) and token.isdecimal() and int(token) < len(document):
            document = document[int(token)]
        elif isinstance(document, dict) and token in document:
            document = document[token]
        else:
            # With its name: two references that lead nowhere need not mean the same.
            return {"$comment": "nothing there", "unknown": reference}
    return document


def _normal(schema: Any, is_30: bool, references: list[str]) -> Any:
    """The schema without annotations and without what makes no difference."""
    if not isinstance(schema, dict):
        return schema
    if isinstance(schema.get("$ref"), str) and is_30:
        # In 3.0 what stands beside a reference is ignored.
        references.append(schema["$ref"])
        return {"$ref": True}
    schema = _as_31(schema) if is_30 else schema
    made: dict[str, Any] = {}
    # Sorted, so that the references stand in one order whatever that of the keys.
    for keyword in sorted(schema):
        value = schema[keyword]
        if keyword == "$ref" and isinstance(value, str):
            references.append(value)
            made[keyword] = True
        elif not _is_silent(keyword, value):
            made[keyword] = _keyword(keyword, value, is_30, references)
    if "discriminator" in made:
        # An alternative without a mapping is meant by its name (OpenAPI 3.1.1, 4.8.25.3).
        listed = (schema.get(keyword) for keyword in ("oneOf", "anyOf"))
        alternatives = [a for each in listed if isinstance(each, list) for a in each]
        made["named"] = [str(a.get("$ref")) for a in alternatives if isinstance(a, dict)]
    # A wrapper that 3.0 needs for a description beside a reference.
    match made:
        case {"allOf": [only]} if len(made) == 1:
            return only
    return made


def _as_31(schema: dict[str, Any]) -> dict[str, Any]:
    """A schema of OpenAPI 3.0 as 3.1 writes it, so that a document that moved on compares."""
    made = dict(schema)
    nullable, kind = made.pop("nullable", False), made.get("type")
    if nullable is True and isinstance(kind, str):
        made["type"] = [kind, "null"]
    for bound, exclusive in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
        if isinstance(made.get(exclusive), bool) and made.pop(exclusive) and bound in made:
            made[exclusive] = made.pop(bound)
    return made


def _is_silent(keyword: str, value: Any) -> bool:
    return (
        keyword in _ANNOTATIONS
        or (keyword.startswith("x-") and keyword not in _EXTENSIONS)
        or (keyword in ("nullable", "readOnly", "writeOnly", "deprecated") and value is False)
        or (keyword == "required" and value == [])
    )


def _keyword(keyword: str, value: Any, is_30: bool, references: list[str]) -> Any:
    if keyword in SINGLE:
        return _normal(value, is_30, references)
    if keyword in LISTED and isinstance(value, list):
        return [_normal(child, is_30, references) for child in value]
    if keyword in NAMED | DEFINITIONS and isinstance(value, dict):
        return {name: _normal(value[name], is_30, references) for name in sorted(value)}
    if keyword in SETS and isinstance(value, list):
        return sorted(value, key=lambda member: json.dumps(member, default=str))
    return value
