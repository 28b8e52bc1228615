"""OpenAPI's Schema Objects as plain JSON Schema 2020-12, one direction at a time.

OpenAPI 3.0 has a dialect of its own (section 4.7.24): `nullable`, boolean `exclusiveMinimum`,
`$ref` without siblings. OpenAPI 3.1 is 2020-12 already, but its references may lead anywhere in
the document. Either way the result stands alone: every `$ref` is `#/$defs/NAME`.

`readOnly` and `writeOnly` names are not demanded in the direction that they do not travel
(OpenAPI 3.0 section 4.7.24.2); sending them all the same is a SHOULD NOT, so it is allowed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from spec.model.contract_model import Direction
from spec.model.pointers import join, split
from spec.schemas.dynamic_scopes import DynamicAnchors, Scope, Scopes, pointer_of
from spec.schemas.keywords import LISTED, NAMED, SINGLE, SINGLE_SINCE_31
from spec.schemas.known_names import known_names
from spec.schemas.rewording import (
    EXCLUSIVE_BOUNDS,
    bound_by_format,
    each_once,
    list_names,
    name_alternatives,
    reference_of,
    use_engine_patterns,
    with_target,
)
from spec.schemas.translated import JsonSchema

__all__ = ["HIDDEN", "Translator"]

_DROPPED = frozenset(
    {"$id", "$schema", "$anchor", "$dynamicAnchor", "$defs", "definitions", "$comment", "xml"}
    | {"$vocabulary", "externalDocs", "title", "description", "nullable", "deprecated"}
)
_STEERING = ("x-mock-value", "x-mock-length")
HIDDEN = {Direction.REQUEST: "readOnly", Direction.RESPONSE: "writeOnly"}
"""The mark of what does not travel in a direction."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Way:
    """What decides how a schema is translated."""

    direction: Direction
    scope: Scope = ()


@dataclass(slots=True, kw_only=True)
class Translator:
    """Translates the schemas of one document; what it has translated once it remembers.

    `find` gives the value at a pointer of the document and raises KeyError where there is none.
    """

    find: Callable[[str], Any]
    is_30: bool
    dynamic_anchors: DynamicAnchors = field(default_factory=dict)
    has_marks: bool = True
    """Whether `readOnly` or `writeOnly` stands anywhere in the document."""
    refuses_unknown_names: bool = False
    """Whether a request may name only alternatives that its discriminator knows."""
    scopes: Scopes = field(init=False)
    _translated: dict[tuple[str, Direction], JsonSchema] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.scopes = Scopes(anchors=self.dynamic_anchors, find=self._found)

    def part(self, entry: str, direction: Direction) -> JsonSchema:
        """The schema of an entry of `scopes` in plain JSON Schema; its references are entries."""
        key = (entry, direction if self._has_directions else Direction.RESPONSE)
        if key not in self._translated:
            value = self._found(pointer_of(entry))
            way = _Way(direction=direction, scope=self.scopes.of(entry))
            self._translated[key] = self._translate(
                True if value is None else value, way, frozenset()
            )
        return self._translated[key]

    @property
    def _has_directions(self) -> bool:
        return self.has_marks or self.refuses_unknown_names

    def differs(self, entry: str) -> bool:
        """Whether the schema itself, not what it refers to, is another one in each direction."""
        if not self._has_directions:
            return False
        return self.part(entry, Direction.REQUEST) != self.part(entry, Direction.RESPONSE)

    def _translate(self, value: Any, way: _Way, hidden: frozenset[str]) -> JsonSchema:
        if not isinstance(value, dict):
            return value if isinstance(value, bool) else True
        way = replace(way, scope=scope) if (scope := self.scopes.inside(value, way.scope)) else way
        target = self._referred(value, way.scope)
        if target is not None:
            if self.is_30:
                return {"$ref": target, **_steering(value)}
            value = with_target(value, target)
        if self.has_marks and ("required" in value or "allOf" in value):
            hidden = hidden | self._hidden(value, way.direction)
        made = {
            key: self._keyword(key, child, way, hidden)
            for key, child in value.items()
            if not (key in _DROPPED or key.startswith("x-") or _says_nothing(key, child))
        } | _steering(value)
        self._mend(made, value, hidden)
        use_engine_patterns(made)
        name_alternatives(made)
        if "discriminator" in made and ("oneOf" in made or "anyOf" in made):
            names = known_names(value, self.target, self._found)
            refuses = self.refuses_unknown_names and way.direction is Direction.REQUEST
            list_names(made, names, refuses=refuses)
        return made

    def _referred(self, value: Mapping[str, Any], scope: Scope) -> str | None:
        """The entry that the reference of a schema leads to, if it has one."""
        reference = value.get("$ref")
        if isinstance(reference, str):
            return self.scopes.entry(self.target(reference), scope)
        reference = value.get("$dynamicRef")
        if not isinstance(reference, str):
            return None
        return self.scopes.entry(self.scopes.meant(self.target(reference), scope), scope)

    def _keyword(self, key: str, child: Any, way: _Way, hidden: frozenset[str]) -> Any:
        if key in SINGLE and not (self.is_30 and key in SINGLE_SINCE_31):
            return self._translate(child, way, frozenset())
        if key in LISTED and isinstance(child, list):
            passed = hidden if key == "allOf" else frozenset[str]()
            made = [self._translate(one, way, passed) for one in child]
            return each_once(made) if key == "allOf" else made
        if key in NAMED and isinstance(child, dict):
            return {name: self._translate(one, way, frozenset()) for name, one in child.items()}
        if key == "discriminator":
            return self._discriminator(child, way.scope)
        return child

    def _discriminator(self, written: Mapping[str, Any], scope: Scope) -> dict[str, Any]:
        """Kept as an annotation; its mapping names are what a sampler has to write."""
        mapping = written.get("mapping")
        targets = mapping.items() if isinstance(mapping, dict) else ()
        return {
            "propertyName": written.get("propertyName"),
            "mapping": {
                name: self.scopes.entry(self.target(reference_of(to)), scope)
                for name, to in targets
                if isinstance(to, str)
            },
        }

    def _mend(self, made: dict[str, Any], value: Mapping[str, Any], hidden: frozenset[str]) -> None:
        """What is worded differently in 2020-12."""
        required = made.get("required")
        if isinstance(required, list):
            made["required"] = [
                name for name in required if not (isinstance(name, str) and name in hidden)
            ]
        elif "required" in made:
            # `required: true` on a property is Draft 3; it demands nothing in OpenAPI.
            del made["required"]
        if not self.is_30:
            bound_by_format(made)
            return
        if value.get("nullable") is True and isinstance(made.get("type"), str):
            made["type"] = [made["type"], "null"]
        for bound, exclusive in EXCLUSIVE_BOUNDS:
            if isinstance(made.get(exclusive), bool) and made.pop(exclusive) and bound in made:
                made[exclusive] = made.pop(bound)
        bound_by_format(made)

    def _hidden(self, value: Mapping[str, Any], direction: Direction) -> frozenset[str]:
        """The properties that do not travel in a direction, also as the members of `allOf` say."""
        names: set[str] = set()
        stack: list[Any] = [value]
        seen: set[str] = set()
        while stack:
            one = stack.pop()
            if not isinstance(one, dict):
                continue
            if isinstance(one.get("$ref"), str):
                target = self.target(one["$ref"])
                if target not in seen:
                    seen.add(target)
                    stack.append(self._found(target))
            properties = one.get("properties")
            for name, schema in properties.items() if isinstance(properties, dict) else ():
                if self._marked(schema, HIDDEN[direction]):
                    names.add(name)
            members = one.get("allOf")
            stack.extend(members if isinstance(members, list) else ())
        return frozenset(names)

    def _marked(self, schema: Any, mark: str, deepest: int = 8) -> bool:
        """Whether a schema, what it refers to, or a member of its `allOf` has the mark."""
        if not isinstance(schema, dict) or not deepest:
            return False
        if schema.get(mark) is True:
            return True
        members = schema.get("allOf")
        parts = list(members) if isinstance(members, list) else []
        if isinstance(schema.get("$ref"), str):
            parts.append(self._found(self.target(schema["$ref"])))
        return any(self._marked(one, mark, deepest - 1) for one in parts)

    def _found(self, pointer: str) -> Any:
        try:
            return self.find(pointer)
        except KeyError:
            return None

    def target(self, reference: str) -> str:
        """The pointer that a reference means."""
        # One spelling for one place, whatever the percent-escapes.
        return join("#", *split(reference)) if reference.startswith("#/") else reference


def _steering(value: Mapping[str, Any]) -> dict[str, Any]:
    """What says how a value is generated: kept as annotations, also beside a `$ref`."""
    return {key: value[key] for key in _STEERING if key in value}


def _says_nothing(key: str, child: Any) -> bool:
    """Whether it is no discriminator, or no reference; lint tells them."""
    if key in ("$ref", "$dynamicRef"):
        return not isinstance(child, str)
    return key == "discriminator" and not isinstance(child, dict)
