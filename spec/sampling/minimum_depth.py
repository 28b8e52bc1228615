"""How deep the shallowest value of a schema is: the way out of recursion."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any

from spec.schemas.alternatives import SchemaValue
from spec.schemas.combining import asked

__all__ = ["MinimumDepths"]


class MinimumDepths:
    """The least nesting of a value, by schema. Infinite where every value holds another one.

    `is_proof` takes a schema without `type` for one that a text satisfies, and one that is `false`
    for another fault: what is infinite then holds itself, whatever a sampler would choose.
    """

    def __init__(self, definitions: Mapping[str, SchemaValue], *, is_proof: bool = False) -> None:
        self.definitions, self.is_proof = definitions, is_proof

    def endless(self) -> list[str]:
        """Definitions whose values hold values of themselves without end, one for each circle.

        One that is asked of the same value again is not among them: it describes no value at all.
        """
        infinite = {name: one for name, one in self.definitions.items() if self._is_infinite(name)}
        in_place = {name: _names(asked(one)) & infinite.keys() for name, one in infinite.items()}
        anywhere = {name: _targets(one) & infinite.keys() for name, one in infinite.items()}
        void = set(_closing(in_place))
        return [name for name in _closing(anywhere) if name not in void]

    def _is_infinite(self, name: str) -> bool:
        return self.by_name[name] == math.inf

    @cached_property
    def by_name(self) -> dict[str, float]:
        """The depths of the definitions, as the least fixed point."""
        # From above: a definition that needs itself stays infinite, all others come down to theirs.
        depths = dict.fromkeys(self.definitions, math.inf)
        users = _users(self.definitions)
        # A definition is looked at again only where one that it refers to came down: a chain of
        # thousands is read twice, in whatever order it stands.
        pending = dict.fromkeys(self.definitions)
        while pending:
            name, _ = pending.popitem()
            depth = self._depth(self.definitions[name], depths)
            if depth < depths[name]:
                depths[name] = depth
                pending |= dict.fromkeys(users.get(name, ()))
        return depths

    def of(self, schema: SchemaValue) -> float:
        """The depth of a schema that stands beside the definitions."""
        return self._depth(schema, self.by_name)

    def _depth(self, schema: SchemaValue, known: Mapping[str, float]) -> float:
        if not isinstance(schema, dict):
            return 0.0 if schema or self.is_proof else math.inf
        parts = [self._own(schema, known)]
        if "$ref" in schema:
            parts.append(known.get(schema["$ref"].removeprefix("#/$defs/"), 0.0))
        parts += [self._depth(part, known) for part in schema.get("allOf", ())]
        for key in ("oneOf", "anyOf"):
            if key in schema:
                parts.append(
                    min((self._depth(part, known) for part in schema[key]), default=math.inf)
                )
        return max(parts)

    def _own(self, schema: Mapping[str, Any], known: Mapping[str, float]) -> float:
        if "const" in schema or "enum" in schema or (self.is_proof and "type" not in schema):
            return 0.0
        written = schema.get("type", ["object" if "required" in schema else "array"])
        types = [written] if isinstance(written, str) else written
        return min((self._of_type(name, schema, known) for name in types), default=math.inf)

    def _of_type(self, name: str, schema: Mapping[str, Any], known: Mapping[str, float]) -> float:
        least = schema.get("minItems", 0)
        if name == "array" and least > 0:
            items = list(schema.get("prefixItems", ()))[: int(least)]
            if least > len(items):
                items.append(schema.get("items", True))
            return 1 + max(self._depth(item, known) for item in items)
        if name == "object" and schema.get("required"):
            properties = schema.get("properties", {})
            return 1 + max(
                self._depth(properties.get(one, True), known) for one in schema["required"]
            )
        return 0.0


def _users(definitions: Mapping[str, SchemaValue]) -> dict[str, list[str]]:
    """The definitions that refer to each one."""
    users: dict[str, list[str]] = {}
    for name, schema in definitions.items():
        for target in _targets(schema):
            users.setdefault(target, []).append(name)
    return users


def _targets(schema: Any) -> set[str]:
    """The definitions that a schema refers to, wherever in it."""
    found, pending = set(), [schema]
    while pending:
        one = pending.pop()
        if isinstance(one, dict):
            if isinstance(one.get("$ref"), str):
                found |= _names([one["$ref"]])
            pending += one.values()
        elif isinstance(one, list):
            pending += one
    return found


def _names(references: Iterable[str]) -> set[str]:
    return {one.removeprefix("#/$defs/") for one in references}


def _closing(targets: Mapping[str, set[str]]) -> list[str]:
    """Where circles of names close, by a walk in depth from the first name on."""
    found: dict[str, None] = {}
    is_left: dict[str, bool] = {}
    waiting: list[tuple[str, bool]] = [(name, False) for name in reversed(list(targets))]
    while waiting:
        name, leaves = waiting.pop()
        if leaves:
            is_left[name] = True
        elif name not in is_left:
            is_left[name] = False
            waiting.append((name, True))
            found |= dict.fromkeys(one for one in targets[name] if is_left.get(one) is False)
            waiting += [(one, False) for one in targets[name]]
    return list(found)
