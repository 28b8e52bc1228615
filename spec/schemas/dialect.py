"""OpenAPI's Schema Objects as plain JSON Schema 2020-12, one direction at a time.

OpenAPI 3.0 has a dialect of its own (section 4.7.24): `nullable`, boolean `exclusiveMinimum`,
`$ref` without siblings. OpenAPI 3.1 is 2020-12 already, but its references may lead anywhere in
the document. Either way the result stands alone: every `$ref` is `#/$defs/NAME`.

`readOnly` and `writeOnly` names are not demanded in the direction that they do not travel
(OpenAPI 3.0 section 4.7.24.2); sending them all the same is a SHOULD NOT, so it is allowed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

from spec.model.contract_model import Direction
from spec.model.pointers import join, split
from spec.schemas.ecma_patterns import engine_pattern
from spec.schemas.keywords import LISTED, NAMED, SINGLE, SINGLE_SINCE_31, children
from spec.schemas.scopes import DynamicAnchors, Scope, Scopes, pointer_of

__all__ = [
    "DIALECT",
    "HIDDEN",
    "JsonSchema",
    "Standalone",
    "Translator",
    "named_schema",
    "plain_name",
    "references",
    "without_references",
]

DIALECT = "https://json-schema.org/draft/2020-12/schema"
JsonSchema: TypeAlias = dict[str, Any] | bool

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Standalone:
    """A schema that needs no document around it, and where each part of it comes from."""

    schema: dict[str, Any]
    origins: Mapping[str, str]
    """From a name in `$defs` ("" is the schema itself) to its pointer in the contract."""

    def origin(self, path: list[str | int]) -> str:
        """The contract's pointer for a path into `schema`."""
        if path[:1] == ["$defs"] and len(path) > 1:
            return join(self.origins[str(path[1])], *path[2:])
        return join(self.origins[""], *path)


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
    scopes: Scopes = field(init=False)
    _translated: dict[tuple[str, Direction], JsonSchema] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.scopes = Scopes(anchors=self.dynamic_anchors, find=self._found)

    def part(self, entry: str, direction: Direction) -> JsonSchema:
        """The schema of an entry of `scopes` in plain JSON Schema; its references are entries."""
        key = (entry, direction if self.has_marks else Direction.RESPONSE)
        if key not in self._translated:
            value = self._found(pointer_of(entry))
            way = _Way(direction=direction, scope=self.scopes.of(entry))
            self._translated[key] = self._translate(
                True if value is None else value, way, frozenset()
            )
        return self._translated[key]

    def differs(self, entry: str) -> bool:
        """Whether the schema itself, not what it refers to, is another one in each direction."""
        if not self.has_marks:
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
            value = _with_target(value, target)
        if self.has_marks and ("required" in value or "allOf" in value):
            hidden = hidden | self._hidden(value, way.direction)
        made = {
            key: self._keyword(key, child, way, hidden)
            for key, child in value.items()
            if not (key in _DROPPED or key.startswith("x-") or _says_nothing(key, child))
        } | _steering(value)
        self._mend(made, value, hidden)
        _read_by_the_engine(made)
        _name_alternatives(made)
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
            return _each_once(made) if key == "allOf" else made
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
                name: self.scopes.entry(self.target(_reference_of(to)), scope)
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
            _bound_by_format(made)
            return
        if value.get("nullable") is True and isinstance(made.get("type"), str):
            made["type"] = [made["type"], "null"]
        for bound, exclusive in _EXCLUSIVE:
            if isinstance(made.get(exclusive), bool) and made.pop(exclusive) and bound in made:
                made[exclusive] = made.pop(bound)
        _bound_by_format(made)

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

    def _marked(self, schema: Any, mark: str) -> bool:
        for _ in range(8):
            if not isinstance(schema, dict):
                return False
            if schema.get(mark) is True:
                return True
            if not isinstance(schema.get("$ref"), str):
                return False
            schema = self._found(self.target(schema["$ref"]))
        return False

    def _found(self, pointer: str) -> Any:
        try:
            return self.find(pointer)
        except KeyError:
            return None

    def target(self, reference: str) -> str:
        """The pointer that a reference means."""
        # One spelling for one place, whatever the percent-escapes.
        return join("#", *split(reference)) if reference.startswith("#/") else reference


def _name_alternatives(made: dict[str, Any]) -> None:
    """Add the names that a discriminator's alternatives have without a mapping: their own."""
    if "discriminator" not in made:
        return
    mapping = made["discriminator"]["mapping"]
    mapped = set(mapping.values())
    for keyword in ("oneOf", "anyOf"):
        for one in made.get(keyword, ()) if isinstance(made.get(keyword), list) else ():
            target = one.get("$ref") if isinstance(one, dict) else None
            if isinstance(target, str) and target not in mapped:
                name = pointer_of(target)
                mapping.setdefault(split(name)[-1] if "/" in name else name, target)


def _each_once(members: list[JsonSchema]) -> list[JsonSchema]:
    """Members of `allOf` without repeated references: doubled at each level they cost 2^levels."""
    bare = [
        one["$ref"] if isinstance(one, dict) and one.keys() == {"$ref"} else None for one in members
    ]
    return [
        one
        for index, one in enumerate(members)
        if bare[index] is None or bare.index(bare[index]) == index
    ]


_BITS = {"int32": 32, "int64": 64}
_EXCLUSIVE = (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum"))
_NAME = re.compile(r"[^A-Za-z0-9._-]+")


def _bound_by_format(made: dict[str, Any]) -> None:
    """`int32` and `int64` as bounds, which every validator and the algebra of schemas know."""
    bits = _BITS.get(str(made.get("format")))
    if bits is None:
        return
    limit = 1 << (bits - 1)
    low, high = made.get("minimum", -limit), made.get("maximum", limit - 1)
    if isinstance(low, int | float) and isinstance(high, int | float):
        made["minimum"], made["maximum"] = max(low, -limit), min(high, limit - 1)


def _with_target(value: Mapping[str, Any], target: str) -> dict[str, Any]:
    """A schema whose one `$ref` is resolved; a `$dynamicRef` beside one applies as well."""
    made = {key: child for key, child in value.items() if key != "$dynamicRef"}
    if "$ref" in value and isinstance(value.get("$dynamicRef"), str):
        written = made.get("allOf")
        also = {"$dynamicRef": value["$dynamicRef"]}
        made["allOf"] = [*(written if isinstance(written, list) else ()), also]
    return {**made, "$ref": target}


def _reference_of(target: str) -> str:
    """A discriminator's target as a reference: it may be the name of a schema."""
    return target if "/" in target or "#" in target else f"#/components/schemas/{target}"


def _steering(value: Mapping[str, Any]) -> dict[str, Any]:
    """What says how a value is generated: kept as annotations, also beside a `$ref`."""
    return {key: value[key] for key in _STEERING if key in value}


def _says_nothing(key: str, child: Any) -> bool:
    """Whether it is no discriminator, or no reference; lint tells them."""
    if key in ("$ref", "$dynamicRef"):
        return not isinstance(child, str)
    return key == "discriminator" and not isinstance(child, dict)


def plain_name(entry: str) -> str:
    """A name for a schema: the last part of its pointer."""
    tokens = split(pointer_of(entry))
    return _NAME.sub("_", tokens[-1] if tokens else "") or "schema"


def references(schema: Any) -> list[str]:
    """The targets of a translated schema, in their order. Values are not looked into."""
    found: list[str] = []
    stack = [schema]
    while stack:
        one = stack.pop()
        if not isinstance(one, dict):
            continue
        if isinstance(one.get("$ref"), str):
            found.append(one["$ref"])
        mapping = one.get("discriminator", {}).get("mapping", {})
        found.extend(mapping.values())
        stack.extend(reversed([child for _, child in children(one)]))
    return found


def named_schema(schema: JsonSchema, name: Callable[[str], str]) -> JsonSchema:
    """The translated schema with its references turned to `#/$defs/NAME`."""

    def renamed(one: dict[str, Any]) -> dict[str, Any]:
        if isinstance(one.get("$ref"), str):
            one["$ref"] = f"#/$defs/{name(one['$ref'])}"
        if "discriminator" in one:
            mapping = one["discriminator"]["mapping"]
            targets = {tag: f"#/$defs/{name(to)}" for tag, to in mapping.items()}
            one["discriminator"] = {**one["discriminator"], "mapping": targets}
        return one

    made: JsonSchema = _mapped(schema, renamed)
    return made


def _mapped(schema: Any, change: Callable[[dict[str, Any]], dict[str, Any]]) -> Any:
    """A copy of a schema in which each schema object is what `change` makes of its copy."""
    if not isinstance(schema, dict):
        return schema
    made = dict(schema)
    for key, child in schema.items():
        if key in SINGLE:
            made[key] = _mapped(child, change)
        elif key in LISTED and isinstance(child, list):
            made[key] = [_mapped(one, change) for one in child]
        elif key in NAMED and isinstance(child, dict):
            made[key] = {name: _mapped(one, change) for name, one in child.items()}
    return change(made)


def without_references(schema: JsonSchema) -> JsonSchema:
    """The schema with all that it refers to left open, so that it can be compiled alone."""
    made: JsonSchema = _mapped(
        schema, lambda one: {key: child for key, child in one.items() if key != "$ref"}
    )
    return made


def _read_by_the_engine(made: dict[str, Any]) -> None:
    r"""Patterns in the syntax of the engine, which takes `\<` for something else than ECMA-262."""
    if isinstance(made.get("pattern"), str):
        made["pattern"] = engine_pattern(made["pattern"])
    named = made.get("patternProperties")
    if isinstance(named, dict):
        made["patternProperties"] = {
            engine_pattern(pattern) if isinstance(pattern, str) else pattern: schema
            for pattern, schema in named.items()
        }
