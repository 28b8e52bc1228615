"""One side of a pair of schemas with its parts in their places."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from conformance.diff.cuts.cut_alignment import Alignment
from conformance.diff.cuts.cut_definitions import COMPOSED
from conformance.diff.cuts.cuts import PART, PREFIX, PartPosition, Path, Step, target
from conformance.diff.inclusion.pattern_texts import pattern_texts
from conformance.diff.inclusion.subschemas import JsonSchema, subschemas

__all__ = ["OPAQUE", "CutCopy"]
OPAQUE = frozenset(
    {"not", "if", "contains", "propertyNames", "unevaluatedProperties", "unevaluatedItems"}
    | {"dependentSchemas", "contentSchema"}
)
"""Keywords whose subschemas are kept whole: what breaks there depends on the value around it."""
_REST_NAME = "key"
"""The name of a property on the way to a part, where `additionalProperties` leads there."""


@dataclass(slots=True, kw_only=True)
class CutCopy:
    """Copies one side with its parts in their places; and finds where these stand in a value."""

    aligned: Alignment
    side: int
    edges: list[PartPosition] = field(default_factory=list)
    _near: dict[str, tuple[Step, ...] | None] = field(default_factory=dict)
    _whole: dict[str, None] = field(default_factory=dict)
    _parts: set[int] = field(default_factory=set)

    def whole(self, root: JsonSchema, at: Path) -> Mapping[str, Any]:
        """The copy with all the definitions that it needs; `at` is where the schema stands."""
        made = self._node(root, at, ())
        # A boolean schema has no room for `$defs`: its long form has.
        made = dict(made) if isinstance(made, Mapping) else {} if made else {"not": {}}
        defs: dict[str, Any] = {}
        own = self.aligned.known.defs[self.side]
        while waiting := [n for n in (*self._near, *self._whole) if n not in defs and n in own]:
            name = waiting[0]
            # An opaque keyword may refer to it, where no constant may stand for a part.
            if name in self._whole:
                defs[name] = own[name]
                self._opaque(own[name])
            else:
                at = self.aligned.known.place(self.side, name)
                defs[name] = self._node(own[name], at, self._near[name])
        # A definition that is needed whole somewhere is whole everywhere.
        defs.update({name: own[name] for name in self._whole if name in own})
        defs.update({f"{PREFIX}{n}": self._constant(n) for n in self._parts})
        return {**made, "$defs": defs} if defs else made

    def _constant(self, number: int) -> Mapping[str, Any]:
        return {"const": {PART: number}}

    def _node(self, node: Any, path: Path, steps: tuple[Step, ...] | None) -> Any:
        """A subschema of the value at hand, and all that speaks of the same value."""
        if not isinstance(node, Mapping):
            return node
        if name := target(node):
            self._near.setdefault(name, steps)
        return {
            key: self._keyword(key, value, (*path, key), steps)
            for key, value in node.items()
            if key != "$defs"
        }

    def _keyword(self, key: str, value: Any, path: Path, steps: tuple[Step, ...] | None) -> Any:
        if key in OPAQUE:
            self._opaque({key: value})
            return value
        if key in COMPOSED:
            return [
                self._node(one, (*path, i), _into(steps, None, (*path, i)))
                for i, one in enumerate(value)
            ]
        if key in ("then", "else"):
            return self._node(value, path, _into(steps, None, path))
        if key == "properties":
            return {
                n: self._child(one, (*path, n), self._visible(steps, n, one, (*path, n)))
                for n, one in value.items()
            }
        if key == "patternProperties":
            return {
                p: self._child(one, (*path, p), _into(steps, _name_of(p), (*path, p)))
                for p, one in value.items()
            }
        if key == "prefixItems":
            return [
                self._child(one, (*path, i), _into(steps, i, (*path, i)))
                for i, one in enumerate(value)
            ]
        if key in ("items", "additionalProperties"):
            step = 0 if key == "items" else _REST_NAME
            return self._child(value, path, _into(steps, step, path))
        return value

    def _visible(
        self, steps: tuple[Step, ...] | None, name: str, node: Any, path: Path
    ) -> tuple[Step, ...] | None:
        hidden = self.aligned.known.is_hidden(self.side, node)
        return None if hidden else _into(steps, name, path)

    def _child(self, node: Any, path: Path, steps: tuple[Step, ...] | None) -> Any:
        number = self.aligned.part(self.side, node, path)
        if number is None:
            return self._node(node, path, steps)
        self._parts.add(number)
        if steps is not None:
            self.edges.append(PartPosition(part=number, steps=steps))
        hidden = self.aligned.known.is_hidden(self.side, node)
        mark = {self.aligned.known.mark: True} if hidden else {}
        return {"$ref": f"#/$defs/{PREFIX}{number}", **mark}

    def _opaque(self, schema: Any) -> None:
        for node in subschemas(schema):
            if name := target(node):
                self._whole.setdefault(name)


def _into(steps: tuple[Step, ...] | None, value: str | int | None, path: Path) -> Any:
    # Where no name matches a pattern, or none is known, nothing leads further.
    return None if steps is None or value == "" else (*steps, Step(value=value, path=path))


def _name_of(pattern: str) -> str:
    names: Iterable[str] = pattern_texts(pattern)
    return next(iter(names), "")
