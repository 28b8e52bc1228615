"""Two schemas of one place, cut where both go on to schemas of their own.

What the two say of a value itself stays whole, `allOf`, `anyOf`, `oneOf` and references in place
included. A property or an item that is a reference on both sides becomes a *part*: one constant
that stands for all the values of that pair of schemas, which is compared by itself. Different
parts are different constants, so that alternatives stay apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from conformance.diff.pattern_texts import pattern_texts
from conformance.diff.subschemas import JsonSchema, subschemas
from spec.schemas.keywords import children

__all__ = ["PART", "Cut", "Cutter", "Edge", "Names", "Path", "Step", "alias", "is_part"]

Names: TypeAlias = tuple[str, str]
"""The names of a pair in the `$defs` of OLD and of NEW; "" where one side has none."""
Path: TypeAlias = tuple[str | int, ...]

PART = "part of a schema"
"""The only key of the constant that stands for a part; its value is the part's number."""
_PREFIX = "part-of-a-schema-"
_COMPOSED = frozenset({"allOf", "anyOf", "oneOf"})
_OPAQUE = frozenset(
    {"not", "if", "contains", "propertyNames", "unevaluatedProperties", "unevaluatedItems"}
    | {"dependentSchemas", "contentSchema"}
)
"""Keywords whose subschemas are kept whole: what breaks there depends on the value around it."""
_REST_NAME = "key"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step into a value: a property, an item, or None for another schema of the same value.

    `path` leads to the subschema in the sender's standalone schema.
    """

    value: str | int | None
    path: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """Where a part is in a value of the sender."""

    part: int
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """The two cut schemas, their names, and the parts that the sender's values hold."""

    names: Names
    old: Mapping[str, Any]
    new: Mapping[str, Any]
    edges: tuple[Edge, ...]


def alias(node: Any) -> str:
    """The name in `$defs` that a subschema means and says nothing else; "" where it says more."""
    if not isinstance(node, Mapping):
        return ""
    if set(node) == {"allOf"} and len(node["allOf"]) == 1:
        return alias(node["allOf"][0])
    return _target(node) if set(node) == {"$ref"} else ""


def is_part(name: str) -> bool:
    """Whether a definition of a cut schema stands for a part."""
    return name.startswith(_PREFIX)


def _refers(node: Any) -> bool:
    """Whether a subschema, or one that speaks of the same value, has a reference."""
    if not isinstance(node, Mapping):
        return False
    inside = (one for key in _COMPOSED for one in node.get(key, ()))
    return "$ref" in node or any(map(_refers, (*inside, node.get("then"), node.get("else"))))


def _is_composed(schema: Any) -> bool:
    """Whether a schema without its parts, or anything in it, has alternatives or conditions."""
    if not isinstance(schema, Mapping):
        return False
    if not (_COMPOSED | _OPAQUE).isdisjoint(schema):
        return True
    return any(_is_composed(one) for _, one in children(schema) if not _refers(one))


def _target(node: Mapping[str, Any]) -> str:
    reference = node.get("$ref")
    if not isinstance(reference, str) or not reference.startswith("#/$defs/"):
        return ""
    return reference.removeprefix("#/$defs/").replace("~1", "/").replace("~0", "~")


@dataclass(slots=True, kw_only=True)
class Cutter:
    """Cuts the schemas of two contracts in one direction; `sender` is 0 for OLD and 1 for NEW.

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

    def cut(self, names: Names, whole: tuple[JsonSchema, JsonSchema] | None = None) -> Cut:
        """Two parts, cut; or two schemas that have no name."""
        pair = whole or (self.defs[0][names[0]], self.defs[1][names[1]])
        at = self.place(0, names[0]), self.place(1, names[1])
        aligned = _Aligned(cutter=self, is_composed=any(map(_is_composed, pair)))
        aligned.same_place(*pair, at)
        old, new = (_Build(aligned=aligned, side=side) for side in (0, 1))
        made = old.whole(pair[0], at[0]), new.whole(pair[1], at[1])
        edges = (old, new)[self.sender].edges
        return Cut(names=names, old=made[0], new=made[1], edges=tuple(edges))

    def name(self, side: int, node: Any, path: Path) -> str:
        """The name of the part that a property or an item is; "" where it is none.

        Alternatives of references are a part, by the name of where they stand.
        """
        if (known := alias(node)) or path[:1] != ("$defs",) or not _refers(node):
            return known
        made = "#".join(str(step) for step in path[1:])
        self.places[side][made], self.defs[side][made] = path, node
        return made

    def is_leaf(self, side: int, name: str) -> bool:
        """Whether a definition refers to nothing."""
        schema = self.defs[side].get(name, True)
        if id(schema) not in self._leaves:
            self._leaves[id(schema)] = not any("$ref" in node for node in subschemas(schema))
        return self._leaves[id(schema)]

    def is_hidden(self, side: int, node: Any) -> bool:
        """Whether a property does not travel in this direction."""
        named = self.defs[side].get(alias(node), True)
        return any(isinstance(one, Mapping) and one.get(self.mark) is True for one in (node, named))


@dataclass(slots=True, kw_only=True)
class _Aligned:
    """Which references of the one side stand where those of the other side do."""

    cutter: Cutter
    is_composed: bool
    cut: tuple[dict[int, int], dict[int, int]] = field(default_factory=lambda: ({}, {}))
    kept: tuple[set[int], set[int]] = field(default_factory=lambda: (set(), set()))
    partners: tuple[dict[str, int], dict[str, int]] = field(default_factory=lambda: ({}, {}))
    _seen: set[tuple[int, int]] = field(default_factory=set)

    def same_place(self, old: Any, new: Any, at: tuple[Path, Path]) -> None:
        """Two subschemas that speak of the same value; `at` is where they stand."""
        if not (isinstance(old, Mapping) and isinstance(new, Mapping)):
            return
        if (id(old), id(new)) in self._seen:
            return
        self._seen.add((id(old), id(new)))
        if _target(old) or _target(new):
            (old_there, old_at), (new_there, new_at) = (
                self._followed(side, node, at[side]) for side, node in enumerate((old, new))
            )
            self.same_place(old_there, new_there, (old_at, new_at))
        for keyword in old.keys() & new.keys():
            below = (*at[0], keyword), (*at[1], keyword)
            self._keyword(keyword, old[keyword], new[keyword], below)

    def _followed(self, side: int, node: Mapping[str, Any], at: Path) -> tuple[Any, Path]:
        name = _target(node)
        found = self.cutter.defs[side].get(name)
        return (node, at) if found is None else (found, self.cutter.place(side, name))

    def _keyword(self, keyword: str, old: Any, new: Any, at: tuple[Path, Path]) -> None:
        if keyword in _COMPOSED:
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
        names = self.cutter.name(0, old, at[0]), self.cutter.name(1, new, at[1])
        if all(names) and not (self.is_composed and self._is_leaf(names)):
            number = self.cutter.number(names)
            for side, node in enumerate((old, new)):
                self.cut[side].setdefault(id(node), number)
                self.partners[side].setdefault(names[side], number)
            return
        for side, node in enumerate((old, new)):
            if names[side]:
                self.kept[side].add(id(node))
        self.same_place(old, new, at)

    def _is_leaf(self, names: Names) -> bool:
        return all(self.cutter.is_leaf(side, name) for side, name in enumerate(names))

    def part(self, side: int, node: Any, path: Path) -> int | None:
        """The part that a child stands for; None where it is kept as it is."""
        name = self.cutter.name(side, node, path)
        if not name or id(node) in self.kept[side]:
            return None
        number = self.cut[side].get(id(node), self.partners[side].get(name))
        if number is None and name in self.cutter.defs[1 - side]:
            if self.is_composed and self._is_leaf((name, name)):
                return None
            number = self.cutter.number((name, name))
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


@dataclass(slots=True, kw_only=True)
class _Build:
    """Copies one side with its parts in their places; and finds where these stand in a value."""

    aligned: _Aligned
    side: int
    edges: list[Edge] = field(default_factory=list)
    _near: dict[str, tuple[Step, ...] | None] = field(default_factory=dict)
    _whole: dict[str, None] = field(default_factory=dict)
    _parts: set[int] = field(default_factory=set)

    def whole(self, root: JsonSchema, at: Path) -> Mapping[str, Any]:
        made = self._node(root, at, ())
        made = dict(made) if isinstance(made, Mapping) else {} if made else {"not": {}}
        defs: dict[str, Any] = {}
        own = self.aligned.cutter.defs[self.side]
        while waiting := [n for n in (*self._near, *self._whole) if n not in defs and n in own]:
            name = waiting[0]
            if name in self._whole:
                defs[name] = own[name]
                self._opaque(own[name])
            else:
                at = self.aligned.cutter.place(self.side, name)
                defs[name] = self._node(own[name], at, self._near[name])
        # A definition that is needed whole somewhere is whole everywhere.
        defs.update({name: own[name] for name in self._whole if name in own})
        defs.update({f"{_PREFIX}{n}": self._constant(n) for n in self._parts})
        return {**made, "$defs": defs} if defs else made

    def _constant(self, number: int) -> Mapping[str, Any]:
        return {"const": {PART: number}}

    def _node(self, node: Any, path: Path, steps: tuple[Step, ...] | None) -> Any:
        """A subschema of the value at hand, and all that speaks of the same value."""
        if not isinstance(node, Mapping):
            return node
        if name := _target(node):
            self._near.setdefault(name, steps)
        return {
            key: self._keyword(key, value, (*path, key), steps)
            for key, value in node.items()
            if key != "$defs"
        }

    def _keyword(self, key: str, value: Any, path: Path, steps: tuple[Step, ...] | None) -> Any:
        if key in _OPAQUE:
            self._opaque({key: value})
            return value
        if key in _COMPOSED:
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
        hidden = self.aligned.cutter.is_hidden(self.side, node)
        return None if hidden else _into(steps, name, path)

    def _child(self, node: Any, path: Path, steps: tuple[Step, ...] | None) -> Any:
        number = self.aligned.part(self.side, node, path)
        if number is None:
            return self._node(node, path, steps)
        self._parts.add(number)
        if steps is not None:
            self.edges.append(Edge(part=number, steps=steps))
        hidden = self.aligned.cutter.is_hidden(self.side, node)
        mark = {self.aligned.cutter.mark: True} if hidden else {}
        return {"$ref": f"#/$defs/{_PREFIX}{number}", **mark}

    def _opaque(self, schema: Any) -> None:
        for node in subschemas(schema):
            if name := _target(node):
                self._whole.setdefault(name)


def _into(steps: tuple[Step, ...] | None, value: str | int | None, path: Path) -> Any:
    return None if steps is None or value == "" else (*steps, Step(value=value, path=path))


def _name_of(pattern: str) -> str:
    names: Iterable[str] = pattern_texts(pattern)
    return next(iter(names), "")
