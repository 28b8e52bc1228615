"""Schemas that refer to many others: each pair of them is compared by itself, and once.

Comparing every operation with all that it reaches costs operations times schemas. Here the pairs
of definitions that a value reaches are followed, part by part; what differs in one of them is
reported for each operation whose values contain it, with the shortest path to it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from conformance.diff.cuts.cut_schemas import Cutter
from conformance.diff.cuts.cuts import Cut, Names, PartPosition, Path, Step, alias, is_part
from conformance.diff.cuts.identity import Identity
from conformance.diff.cuts.lifting import Sender, filled, lifted
from spec import Contract, Direction, Schema

__all__ = ["Ends", "Links", "Reached", "is_large"]

MOST = 200
"""Operations times the references that they reach, up to which each operation is compared whole."""


def is_large(identity: Identity, old: Any, operations: int) -> bool:
    """Whether comparing every operation with all that it reaches would cost too much.

    A count of what OLD says, so that the order of operations plays no part. Of references, and not
    of schemas: a few that all lead to each other are as much work as many in a row.
    """
    first = identity.references(0, old)
    reached, count = set(first), len(first)
    waiting = list(reached)
    while waiting and count * operations <= MOST:
        further = identity.references_of(0, waiting.pop())
        count += len(further)
        waiting += dict.fromkeys(one for one in further if one not in reached)
        reached.update(further)
    return count * operations > MOST


@dataclass(frozen=True, slots=True, kw_only=True)
class Ends:
    """The schemas of one place in both contracts, and in which direction its values travel."""

    old: Schema
    new: Schema
    direction: Direction

    @property
    def is_request(self) -> bool:
        """Whether OLD's clients send the value."""
        return self.direction is Direction.REQUEST

    def on(self, side: int) -> Schema:
        """The schema of OLD (0) or of NEW (1)."""
        return (self.old, self.new)[side]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """A pair of schemas that differ, and where values of the sender hold it."""

    cut: Cut
    steps: tuple[Step, ...]
    ends: Ends
    links: Links

    @property
    def key(self) -> tuple[Any, ...]:
        """What is equal for the same pair, whichever operation reaches it."""
        return (*self.cut.names, self.ends.direction)

    @property
    def under(self) -> tuple[str | int, ...]:
        """The way into the value."""
        return tuple(step.value for step in self.steps if step.value is not None)

    def origin(self, side: int, path: Path) -> str:
        """The contract's pointer for a path into a cut schema; "" for what is in for a part."""
        name = self.cut.names[side]
        at = self.links.place(side, self.ends, name)
        below = path if path[:1] == ("$defs",) else (*at, *path)
        if len(below) > 1 and is_part(str(below[1])):
            return ""
        return self.links.origin(side, self.ends, below)

    def whole(self, value: Any) -> Any:
        """A value of the whole schema that holds a value of the pair.

        Raises:
            UnsatisfiableError: none could be found.
        """
        return self.links.whole(self, value)


@dataclass(slots=True, kw_only=True)
class Links:
    """Follows the pairs of definitions of two contracts."""

    contracts: tuple[Contract, Contract]
    identity: Identity
    _cutters: dict[Direction, Cutter] = field(default_factory=dict)
    _cuts: dict[tuple[Names, Direction], Cut] = field(default_factory=dict)
    _nexts: dict[tuple[Names, Direction], Mapping[Names, PartPosition]] = field(
        default_factory=dict
    )
    _differing: dict[tuple[Names, Direction], bool] = field(default_factory=dict)
    _same: dict[tuple[Names, Direction], bool] = field(default_factory=dict)

    def reached(self, ends: Ends) -> Iterator[Reached]:
        """Every pair that a value of the sender reaches and that is not written the same."""
        cutter = self._cutter(ends)
        begin = self._begin(cutter, ends)
        came: dict[Names, tuple[Names, PartPosition] | None] = {begin.names: None}
        waiting = deque([begin])
        while waiting:
            cut = waiting.popleft()
            if self._differs(cut, ends):
                steps = tuple(_way(came, cut.names))
                yield Reached(cut=cut, steps=steps, ends=ends, links=self)
            for names, edge in self._next(cutter, cut, ends).items():
                # Breadth first: the way that is kept is the shortest one.
                if names not in came:
                    came[names] = cut.names, edge
                    waiting.append(self._cut(cutter, names, ends))

    def _next(self, cutter: Cutter, cut: Cut, ends: Ends) -> Mapping[Names, PartPosition]:
        """The parts that a value of a part holds and that are not the same, each where it is."""
        key = cut.names, ends.direction
        # A pair without names is that of one place: what is known of another place's is not its.
        if key not in self._nexts or not any(cut.names):
            found: dict[Names, PartPosition] = {}
            for edge in cut.edges:
                names = cutter.parts[edge.part]
                if names not in found and not self._is_same(names, ends):
                    found[names] = edge
            self._nexts[key] = found
        return self._nexts[key]

    def _differs(self, cut: Cut, ends: Ends) -> bool:
        """Whether the two are not written the same, what no validator asserts included."""
        key = cut.names, ends.direction
        # As in `_next`: only names stand for the same pair everywhere.
        if key not in self._differing or not any(cut.names):
            near = [name for name in cut.old.get("$defs", ()) if not is_part(name)]
            places = [cut.names, *((name, name) for name in near)]
            self._differing[key] = cut.old != cut.new or not all(
                self._is_written_same(one, ends) for one in places
            )
        return self._differing[key]

    def _is_written_same(self, names: Names, ends: Ends) -> bool:
        old, new = (
            contract.find(self.origin(side, ends, self.place(side, ends, names[side])))
            for side, contract in enumerate(self.contracts)
        )
        return self.identity.same_shape(old, new)

    def _cutter(self, ends: Ends) -> Cutter:
        sender, mark = (0, "readOnly") if ends.is_request else (1, "writeOnly")
        cutter = self._cutters.setdefault(ends.direction, Cutter(sender=sender, mark=mark))
        cutter.learn(*(self._standalone(side, ends) for side in (0, 1)))
        return cutter

    def _standalone(self, side: int, ends: Ends) -> Mapping[str, Any]:
        return self.contracts[side].standalone(ends.on(side), ends.direction)

    def _begin(self, cutter: Cutter, ends: Ends) -> Cut:
        old, new = (_own(self._standalone(side, ends)) for side in (0, 1))
        names = alias(old), alias(new)
        if all(names):
            return self._cut(cutter, names, ends)
        return cutter.cut(("", ""), (old, new))

    def _cut(self, cutter: Cutter, names: Names, ends: Ends) -> Cut:
        key = names, ends.direction
        if key not in self._cuts:
            self._cuts[key] = cutter.cut(names)
        return self._cuts[key]

    def _is_same(self, names: Names, ends: Ends) -> bool:
        key = names, ends.direction
        if key not in self._same:
            old, new = (
                self.origin(side, ends, self.place(side, ends, name))
                for side, name in enumerate(names)
            )
            self._same[key] = self.identity.same_reference(old, new)
        return self._same[key]

    def origin(self, side: int, ends: Ends, path: Path) -> str:
        """The contract's pointer for a path into a standalone schema."""
        return self.contracts[side].origin(ends.on(side), ends.direction, list(path))

    def place(self, side: int, ends: Ends, name: str) -> Path:
        """Where a part is in the standalone schemas of its side."""
        return self._cutters[ends.direction].place(side, name)

    def whole(self, reached: Reached, value: Any) -> Any:
        """See `Reached.whole`."""
        ends = reached.ends
        cutter = self._cutters[ends.direction]
        sender = self.contracts[cutter.sender]

        standalone = self._standalone(cutter.sender, ends)

        def node(path: Path) -> Any:
            return _found(standalone, path)

        def sample(path: Path) -> Any:
            named = alias(node(path) if path else _own(standalone))
            if named:
                # The definition's own validator is there already.
                path = cutter.place(cutter.sender, named)
            pointer = self.origin(cutter.sender, ends, path)
            return sender.sample(sender.schema(pointer), ends.direction)

        def of_part(number: int) -> Any:
            return sample(cutter.place(cutter.sender, cutter.parts[number][cutter.sender]))

        known = Sender(sample=sample, node=node)
        return lifted(filled(value, of_part), reached.steps, known)


def _way(came: Mapping[Names, tuple[Names, PartPosition] | None], names: Names) -> Iterator[Step]:
    """The steps from where a search began."""
    edges = list[PartPosition]()
    while (before := came[names]) is not None:
        names, edge = before
        edges.append(edge)
    for edge in reversed(edges):
        yield from edge.steps


def _own(standalone: Mapping[str, Any]) -> Mapping[str, Any]:
    return {key: value for key, value in standalone.items() if key not in ("$defs", "$schema")}


def _found(standalone: Mapping[str, Any], path: Path) -> Any:
    node: Any = standalone if path else _own(standalone)
    for step in path:
        node = node[step]
    return node if isinstance(node, Mapping) else {}
