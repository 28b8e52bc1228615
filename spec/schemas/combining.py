"""How many schemas judge one value, and what is done where that grows with the power of two.

Each of thirty schemas may take the next one twice by `allOf`, or choose between two others that
choose again: forty lines, and 2^30 schemas to ask of every value. What holds all at once is asked
once instead; of what offers a choice too many choices are left out, and told.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from spec.schemas.keywords import CHOICES, IN_PLACE, children
from spec.schemas.translated import JsonSchema

__all__ = ["Combinations", "asked"]

_MOST = 20_000
"""Schemas that may be asked of one value. Published contracts stay below a few hundred."""
_UNEVALUATED = ("unevaluatedProperties", "unevaluatedItems")


@dataclass(slots=True, kw_only=True)
class Combinations:
    """Counts the schemas that are asked of one value, definition by definition.

    `part` gives the translated schema at a pointer. `report` is called with the pointer of a
    keyword that offers more choices than can be tried.
    """

    part: Callable[[str], JsonSchema]
    report: Callable[[str, str], None]
    _counts: dict[str, int] = field(default_factory=dict)
    _changed: dict[str, JsonSchema] = field(default_factory=dict)

    def bounded(self, pointer: str, schema: JsonSchema) -> JsonSchema:
        """The schema at a pointer, made cheaper where it asks too many others."""
        self.count(pointer)
        if pointer not in self._changed:
            return schema
        return self._cut(pointer, self._flat(pointer, schema), reported=False)

    def count(self, pointer: str) -> int:
        """How many schemas are asked of a value by the one at a pointer."""
        # A stack of its own: a chain of a thousand `allOf` would exceed Python's.
        waiting = [(pointer, False)]
        while waiting:
            current, are_below_known = waiting.pop()
            if are_below_known:
                self._counts[current] = self._counted(current)
            elif current not in self._counts:
                # A schema that leads back here adds nothing to what is being asked already.
                self._counts[current] = 0
                waiting.append((current, True))
                waiting += [(one, False) for one in asked(self.part(current))]
        return self._counts[pointer]

    def _counted(self, pointer: str) -> int:
        schema = self.part(pointer)
        number = self._number(schema)
        if number <= _MOST:
            return number
        schema = self._flat(pointer, schema)
        number = self._number(schema)
        if number > _MOST:
            schema = self._cut(pointer, schema, reported=True)
            number = self._number(schema)
        self._changed[pointer] = schema
        return number

    def _number(self, schema: JsonSchema) -> int:
        return 1 + sum(self._counts.get(one, 0) for one in asked(schema))

    def _flat(self, pointer: str, schema: JsonSchema) -> JsonSchema:
        """All that must hold at once in one list, each schema once."""
        own, targets = _divided(schema)
        members: list[JsonSchema] = []
        seen, waiting = {pointer}, deque(targets)
        while waiting:
            target = waiting.popleft()
            if target in seen:
                continue
            seen.add(target)
            other, more = _divided(self.part(target))
            waiting += more
            if isinstance(other, dict):
                # What is evaluated elsewhere cannot be seen from a member of the list.
                other = {k: v for k, v in other.items() if k not in _UNEVALUATED}
            members.append(other)
        if not isinstance(own, dict):
            return own
        return {**own, "allOf": [*own.get("allOf", ()), *members]}

    def _cut(self, pointer: str, schema: JsonSchema, *, reported: bool) -> JsonSchema:
        """The schema without the choices that are too many."""
        if not isinstance(schema, dict):
            return schema
        made = dict(schema)
        for keyword in CHOICES:
            if keyword in made and self._number({keyword: made[keyword]}) > _MOST // 10:
                del made[keyword]
                if reported:
                    self.report(pointer, keyword)
        if isinstance(made.get("allOf"), list):
            made["allOf"] = [self._cut(pointer, one, reported=reported) for one in made["allOf"]]
        return made


def asked(schema: Mapping[str, Any] | bool) -> Iterator[str]:
    """The references to schemas that are asked of the same value, as often as they are."""
    stack: list[Any] = [schema]
    while stack:
        one = stack.pop()
        if not isinstance(one, dict):
            continue
        if isinstance(one.get("$ref"), str):
            yield one["$ref"]
        stack.extend(child for path, child in children(one) if path[0] in IN_PLACE)


def _divided(schema: JsonSchema) -> tuple[JsonSchema, list[str]]:
    """What a schema says itself, and the references to what must hold as well."""
    if not isinstance(schema, dict):
        return schema, []
    own = {key: child for key, child in schema.items() if key not in ("$ref", "allOf")}
    targets = [schema["$ref"]] if isinstance(schema.get("$ref"), str) else []
    members = []
    written = schema.get("allOf")
    for one in written if isinstance(written, list) else ():
        member, more = _divided(one)
        targets += more
        if member not in ({}, True):
            members.append(member)
    return ({**own, "allOf": members} if members else own), targets
