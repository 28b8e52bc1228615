"""The definitions of two contracts, and the parts that pairs of them are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from conformance.diff.cuts.cuts import Names, Path, alias
from conformance.diff.inclusion.subschemas import JsonSchema, subschemas

__all__ = ["COMPOSED", "CutDefinitions", "refers"]
COMPOSED = frozenset({"allOf", "anyOf", "oneOf"})


def refers(node: Any) -> bool:
    """Whether a subschema, or one that speaks of the same value, has a reference."""
    if not isinstance(node, Mapping):
        return False
    inside = (one for key in COMPOSED for one in node.get(key, ()))
    return "$ref" in node or any(map(refers, (*inside, node.get("then"), node.get("else"))))


@dataclass(slots=True, kw_only=True)
class CutDefinitions:
    """What is known of the parts; `sender` is 0 for OLD and 1 for NEW.

    `defs` are the definitions of each side by name; they grow with `learn`. `mark` names the
    properties that do not travel.
    """

    sender: int
    mark: str
    defs: tuple[dict[str, JsonSchema], dict[str, JsonSchema]] = field(
        default_factory=lambda: ({}, {})
    )
    parts: list[Names] = field(default_factory=list)
    places: tuple[dict[str, Path], dict[str, Path]] = field(default_factory=lambda: ({}, {}))
    """Where a part without a name of its own stands, by the name that it gets here."""
    _numbers: dict[Names, int] = field(default_factory=dict)
    _leaves: dict[int, bool] = field(default_factory=dict)

    def learn(self, *standalone: Mapping[str, Any]) -> None:
        """Take in the definitions of a standalone schema of OLD and of one of NEW."""
        for known, schema in zip(self.defs, standalone, strict=True):
            known.update(schema.get("$defs", {}))

    def number(self, names: Names) -> int:
        """The number of a part."""
        if names not in self._numbers:
            self._numbers[names] = len(self.parts)
            self.parts.append(names)
        return self._numbers[names]

    def place(self, side: int, name: str) -> Path:
        """Where a part is in the standalone schemas of its side; () for the schema itself."""
        return self.places[side].get(name, ("$defs", name) if name else ())

    def name(self, side: int, node: Any, path: Path) -> str:
        """The name of the part that a property or an item is; "" where it is none.

        Alternatives of references are a part, by the name of where they stand.
        """
        if (known := alias(node)) or path[:1] != ("$defs",) or not refers(node):
            return known
        made = "#".join(str(step) for step in path[1:])
        self.places[side][made], self.defs[side][made] = path, node
        return made

    def is_leaf(self, side: int, name: str) -> bool:
        """Whether a definition refers to nothing."""
        schema = self.defs[side].get(name, True)
        # By identity, which holds: `defs` keeps the schemas alive.
        if id(schema) not in self._leaves:
            self._leaves[id(schema)] = not any("$ref" in node for node in subschemas(schema))
        return self._leaves[id(schema)]

    def is_hidden(self, side: int, node: Any) -> bool:
        """Whether a property does not travel in this direction."""
        named = self.defs[side].get(alias(node), True)
        return any(isinstance(one, Mapping) and one.get(self.mark) is True for one in (node, named))
