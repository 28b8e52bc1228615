"""Whether a large value is valid, asked in slices, so that other threads get their turn.

The engine holds the interpreter for as long as it looks at a value: a second for 10 MB. So what
has many parts is taken apart by its schema: the keywords are independent of each other (JSON
Schema Core section 10.1), and windows of items or members are judged by what is said of each. What
a slice cannot show (equal items, how many contain something) is counted here.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, TypeAlias

from spec import Contract, Direction, Schema, Violation, compile_schema
from spec.model.pointers import escape
from spec.schemas.keywords import ANNOTATIONS
from spec.schemas.violations import worded
from spec.text.json_identity import identity
from spec.text.long_json import WINDOW, is_large

__all__ = ["SlicedJudge", "judge_in_slices"]

_DEEPEST = 200
"""Schemas applied to parts of one value; deeper ones, and cycles of references, are asked whole."""

_IN_PLACE = frozenset(
    {"$ref", "type", "const", "enum", "allOf", "anyOf", "oneOf", "not", "if", "then", "else"}
)
_OF_ARRAYS = frozenset(
    {"items", "prefixItems", "minItems", "maxItems", "uniqueItems"}
    | {"contains", "minContains", "maxContains"}
)
_OF_MEMBERS = ("properties", "patternProperties", "additionalProperties", "propertyNames")
_OF_OBJECTS = frozenset(_OF_MEMBERS) | {"required", "minProperties", "maxProperties"}
_OF_OTHERS = frozenset(
    {"minLength", "maxLength", "pattern", "format", "minimum", "maximum", "multipleOf"}
    | {"exclusiveMinimum", "exclusiveMaximum", "contentMediaType", "contentEncoding"}
)
"""Keywords that say nothing of arrays and objects."""
_SLICED = (
    _IN_PLACE | _OF_ARRAYS | _OF_OBJECTS | _OF_OTHERS | ANNOTATIONS | {"$schema", "$defs"}
) | {"discriminator", "contentSchema", "x-mock-value", "x-mock-length"}
"""A schema with other keywords (`unevaluatedItems`, …) is asked as a whole."""

_IsValid: TypeAlias = Callable[[Any], bool]
_Broken: TypeAlias = tuple[str, Mapping[str, Any]]
"""A keyword, and what it asked for under the names that the sentences of violations have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SlicedJudge:
    """Judges large values by one standalone schema; `compiled` makes a validator of a part."""

    schema: Mapping[str, Any]
    compiled: Callable[[Mapping[str, Any]], _IsValid] = lambda schema: (
        compile_schema(schema).is_valid
    )
    _made: dict[tuple[int, str], _IsValid] = field(default_factory=dict)

    def is_valid(self, value: Any) -> bool:
        """Whether the schema allows a value."""
        return self._holds(self.schema, value, 0)

    def faults(self, value: Any) -> Iterator[Violation]:
        """What large arrays and objects break as a whole, wherever no alternative was open."""
        yield from self._faults(self.schema, value, "", 0)

    def _holds(self, schema: Any, value: Any, depth: int) -> bool:
        if isinstance(schema, bool):
            return schema
        if not is_large(value) or depth > _DEEPEST or not schema.keys() <= _SLICED:
            return self._asked(schema)(value)
        return all(self._parts_hold(schema, value, depth + 1))

    def _parts_hold(self, schema: Mapping[str, Any], value: Any, depth: int) -> Iterator[bool]:
        """The verdicts of the keywords of a schema on a large array or object."""
        yield _is_of_type(value, schema.get("type"))
        yield "const" not in schema or _is_among(value, [schema["const"]])
        yield "enum" not in schema or _is_among(value, schema["enum"])
        yield next(self._broken(schema, value, depth), None) is None
        for one in self._joined(schema):
            yield self._holds(one, value, depth)
        for keyword in ("anyOf", "oneOf"):
            if keyword in schema:
                # A generator: a second match decides `oneOf`, and the rest is not looked at.
                fitting = (one for one in schema[keyword] if self._holds(one, value, depth))
                count = sum(1 for _ in islice(fitting, 1 if keyword == "anyOf" else 2))
                yield count == 1
        if "not" in schema:
            yield not self._holds(schema["not"], value, depth)
        if "if" in schema:
            holds = self._holds(schema["if"], value, depth)
            yield self._holds(schema.get("then" if holds else "else", True), value, depth)
        if isinstance(value, list):
            yield from self._items_hold(schema, value, depth)
        else:
            yield from self._members_hold(schema, value, depth)

    def _joined(self, schema: Mapping[str, Any]) -> Iterator[Any]:
        """The other schemas that hold for the same value in any case."""
        if "$ref" in schema:
            name = str(schema["$ref"]).removeprefix("#/$defs/")
            yield self.schema.get("$defs", {}).get(name, True)
        yield from schema.get("allOf", ())

    def _items_hold(
        self, schema: Mapping[str, Any], items: list[Any], depth: int
    ) -> Iterator[bool]:
        prefix = schema.get("prefixItems", ())
        for one, item in zip(prefix, items, strict=False):
            yield self._holds(one, item, depth)
        rest = schema.get("items", True)
        if isinstance(rest, bool):
            yield rest or len(items) <= len(prefix)
            return
        for start in range(len(prefix), len(items), WINDOW):
            window = items[start : start + WINDOW]
            if not is_large(window):
                yield self._asked(rest, "items")(window)
            else:
                yield all(self._holds(rest, item, depth) for item in window)

    def _members_hold(
        self, schema: Mapping[str, Any], value: dict[str, Any], depth: int
    ) -> Iterator[bool]:
        if not any(keyword in schema for keyword in _OF_MEMBERS):
            return
        members = iter(value.items())
        while window := dict(islice(members, WINDOW)):
            if not is_large(window):
                yield self._asked(schema, "members")(window)
                continue
            for name, member in window.items():
                yield self._member_holds(schema, name, member, depth)

    def _member_holds(self, schema: Mapping[str, Any], name: str, member: Any, depth: int) -> bool:
        if not is_large(member) or "patternProperties" in schema:
            return self._asked(schema, "members")({name: member})
        own = schema.get("properties", {}).get(name, schema.get("additionalProperties", True))
        return self._holds(schema.get("propertyNames", True), name, depth) and self._holds(
            own, member, depth
        )

    def _broken(self, schema: Mapping[str, Any], value: Any, depth: int) -> Iterator[_Broken]:
        """The keywords of a schema that a large array or object breaks as a whole."""
        noun, size = (
            ("Items", len(value)) if isinstance(value, list) else ("Properties", len(value))
        )
        if size < schema.get(f"min{noun}", 0):
            yield f"min{noun}", {"limit": schema[f"min{noun}"]}
        if size > schema.get(f"max{noun}", size):
            yield f"max{noun}", {"limit": schema[f"max{noun}"]}
        if isinstance(value, dict):
            for name in schema.get("required", ()):
                if name not in value:
                    yield "required", {"property": name}
            return
        if schema.get("uniqueItems") is True and not _are_unique(value):
            yield "uniqueItems", {}
        if "contains" in schema:
            yield from self._miscounted(schema, value, depth)

    def _miscounted(
        self, schema: Mapping[str, Any], items: list[Any], depth: int
    ) -> Iterator[_Broken]:
        least, most = schema.get("minContains", 1), schema.get("maxContains", len(items))
        windows = (items[start : start + WINDOW] for start in range(0, len(items), WINDOW))
        fitting = (
            one
            for window in windows
            if not (not is_large(window) and self._asked(schema, "none")(window))
            for one in window
            if self._holds(schema["contains"], one, depth)
        )
        # One more than may be, or as many as must be, decide it.
        count = sum(1 for _ in islice(fitting, most + 1 if "maxContains" in schema else least))
        if count < least or count > most:
            yield "contains", {}

    def _faults(self, schema: Any, value: Any, at: str, depth: int) -> Iterator[Violation]:
        if isinstance(schema, bool) or depth > _DEEPEST or not is_large(value):
            return
        if not isinstance(value, (dict, list)):
            return
        for keyword, details in self._broken(schema, value, depth):
            below = f"/{escape(details['property'])}" if keyword == "required" else ""
            message = worded(keyword, details, value)
            yield Violation(pointer=f"{at}{below}", keyword=keyword, message=message)
        for one in self._joined(schema):
            yield from self._faults(one, value, at, depth + 1)
        for name, one, member in _large_parts(schema, value):
            yield from self._faults(one, member, f"{at}/{escape(name)}", depth + 1)

    def _asked(self, schema: Mapping[str, Any], what: str = "") -> _IsValid:
        """The engine's judge of a schema: of a value, of a list of `items`, of `members`, or of a
        list in which there are `none` that it must contain.
        """
        # By identity: the schema lives as long as this judge, and hashing it would read all of it.
        key = (id(schema), what)
        if key not in self._made:
            made: Mapping[str, Any] = {"items": schema} if what == "items" else schema
            if what == "members":
                made = {name: schema[name] for name in _OF_MEMBERS if name in schema}
            if what == "none":
                made = {"not": {"contains": schema["contains"]}}
            self._made[key] = self.compiled({**made, "$defs": self.schema.get("$defs", {})})
        return self._made[key]


def judge_in_slices(contract: Contract, schema: Schema, direction: Direction) -> SlicedJudge | None:
    """The judge of large values of a contract's schema; None where that is true or false."""
    alone = contract.standalone(schema, direction)
    return SlicedJudge(schema=alone) if isinstance(alone, Mapping) else None


def _large_parts(schema: Mapping[str, Any], value: Any) -> Iterator[tuple[str, Any, Any]]:
    """The large parts of a value that a schema names: the name, the schema of each, and itself."""
    if isinstance(value, list):
        rest, first = schema.get("items", True), len(schema.get("prefixItems", ()))
        named: Iterable[tuple[str, Any, Any]] = (
            (str(index), rest, item) for index, item in enumerate(value) if index >= first
        )
    else:
        own = schema.get("properties", {})
        named = ((name, own[name], value[name]) for name in own if name in value)
    return (one for one in named if is_large(one[2]))


def _are_unique(items: Sequence[Any]) -> bool:
    # Many sets: one of a million members grows, and is let go of, without a turn for others.
    seen: list[set[Hashable]] = [set() for _ in range(len(items) // WINDOW + 1)]
    for one in items:
        known = identity(one)
        alike = seen[hash(known) % len(seen)]
        if known in alike:
            return False
        alike.add(known)
    while seen:
        seen.pop()
    return True


def _is_among(value: Any, members: Sequence[Any]) -> bool:
    """Whether a large value is one of those that are allowed, most of which are small."""
    large = [one for one in members if is_large(one)]
    return bool(large) and identity(value) in map(identity, large)


def _is_of_type(value: Any, written: Any) -> bool:
    if written is None:
        return True
    return ("array" if isinstance(value, list) else "object") in (
        [written] if isinstance(written, str) else written
    )
