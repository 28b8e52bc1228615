"""Which references of the one side stand where those of the other side do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from conformance.diff.cuts.cut_definitions import COMPOSED, CutDefinitions
from conformance.diff.cuts.cuts import Names, Path, target

__all__ = ["Alignment"]


@dataclass(slots=True, kw_only=True)
class Alignment:
    """Two schemas of one place; `is_composed` where one of them has alternatives or conditions.

    `cut` has the number of the part that stands for a subschema, by its identity, `kept` those
    that stay as they are, and `partners` the part of a definition by its name, for each side.
    """

    known: CutDefinitions
    is_composed: bool
    cut: tuple[dict[int, int], dict[int, int]] = field(default_factory=lambda: ({}, {}))
    kept: tuple[set[int], set[int]] = field(default_factory=lambda: (set(), set()))
    partners: tuple[dict[str, int], dict[str, int]] = field(default_factory=lambda: ({}, {}))
    _seen: set[tuple[int, int]] = field(default_factory=set)

    def same_place(self, old: Any, new: Any, at: tuple[Path, Path]) -> None:
        """Two subschemas that speak of the same value; `at` is where they stand."""
        if not (isinstance(old, Mapping) and isinstance(new, Mapping)):
            return
        # A recursive schema comes back to the same two nodes.
        if (id(old), id(new)) in self._seen:
            return
        self._seen.add((id(old), id(new)))
        if target(old) or target(new):
            (old_there, old_at), (new_there, new_at) = (
                self._followed(side, node, at[side]) for side, node in enumerate((old, new))
            )
            self.same_place(old_there, new_there, (old_at, new_at))
        for keyword in old.keys() & new.keys():
            below = (*at[0], keyword), (*at[1], keyword)
            self._keyword(keyword, old[keyword], new[keyword], below)

    def _followed(self, side: int, node: Mapping[str, Any], at: Path) -> tuple[Any, Path]:
        name = target(node)
        found = self.known.defs[side].get(name)
        return (node, at) if found is None else (found, self.known.place(side, name))

    def _keyword(self, keyword: str, old: Any, new: Any, at: tuple[Path, Path]) -> None:
        if keyword in COMPOSED:
            for i, j in _matched(old, new):
                self.same_place(old[i], new[j], ((*at[0], i), (*at[1], j)))
        elif keyword in ("then", "else"):
            self.same_place(old, new, at)
        elif keyword in ("properties", "patternProperties"):
            for name in old.keys() & new.keys():
                self._child(old[name], new[name], ((*at[0], name), (*at[1], name)))
        elif keyword == "prefixItems":
            for i, pair in enumerate(zip(old, new, strict=False)):
                self._child(*pair, ((*at[0], i), (*at[1], i)))
        elif keyword in ("items", "additionalProperties"):
            self._child(old, new, at)

    def _child(self, old: Any, new: Any, at: tuple[Path, Path]) -> None:
        names = self.known.name(0, old, at[0]), self.known.name(1, new, at[1])
        # Beside alternatives a small definition stays whole: its constants may be what tells them
        # apart, and the constant of a part would hide them.
        if all(names) and not (self.is_composed and self._is_leaf(names)):
            number = self.known.number(names)
            for side, node in enumerate((old, new)):
                self.cut[side].setdefault(id(node), number)
                self.partners[side].setdefault(names[side], number)
            return
        for side, node in enumerate((old, new)):
            if names[side]:
                self.kept[side].add(id(node))
        self.same_place(old, new, at)

    def _is_leaf(self, names: Names) -> bool:
        return all(self.known.is_leaf(side, name) for side, name in enumerate(names))

    def part(self, side: int, node: Any, path: Path) -> int | None:
        """The part that a child stands for; None where it is kept as it is."""
        name = self.known.name(side, node, path)
        if not name or id(node) in self.kept[side]:
            return None
        number = self.cut[side].get(id(node), self.partners[side].get(name))
        if number is None and name in self.known.defs[1 - side]:
            if self.is_composed and self._is_leaf((name, name)):
                return None
            number = self.known.number((name, name))
        return number


def _matched(old: list[Any], new: list[Any]) -> Iterator[tuple[int, int]]:
    """The branches that are the same by their text or their reference, and the rest in order."""
    rest = dict(enumerate(new))
    unmatched = []
    for i, one in enumerate(old):
        same = next((j for j, other in rest.items() if other == one), None)
        if same is None:
            unmatched.append(i)
            continue
        del rest[same]
        yield i, same
    yield from zip(unmatched, rest, strict=False)
