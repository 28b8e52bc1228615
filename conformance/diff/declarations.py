"""What two schemas declare at each place of a value: properties, and defaults."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from conformance.diff.applicable_schemas import Beyond, Position, Step
from conformance.diff.subschemas import JsonSchema

__all__ = ["Declaration", "declarations", "shown_path"]

What: TypeAlias = Literal["declared", "withdrawn", "default"]
_STEPS: tuple[Step, ...] = (Beyond.REST, Beyond.UNNAMED)
_ABSENT = object()


@dataclass(frozen=True, slots=True, kw_only=True)
class Declaration:
    """A difference that no single value shows. `path` has `*` for any item or property.

    `node` is the subschema that says so: of OLD where it is withdrawn, else of NEW.
    """

    what: What
    path: tuple[str, ...]
    old: Any = field(default=None, compare=False)
    new: Any = field(default=None, compare=False)
    node: JsonSchema | None = field(default=None, compare=False)


def declarations(old: JsonSchema, new: JsonSchema, mark: str) -> list[Declaration]:
    """All of them, each once; properties under the mark (`readOnly`, …) do not travel."""
    walk = _Walk(mark)
    found = walk.pair(Position.of(old, [old]), Position.of(new, [new]), ())
    return list(dict.fromkeys(found))


def shown_path(path: tuple[str | int, ...]) -> str:
    """A path in a value as a pointer, with `*` for the number of an item."""
    return "".join(f"/{'*' if isinstance(step, int) else step}" for step in path)


class _Walk:
    def __init__(self, mark: str) -> None:
        self._mark = mark
        self._seen: set[tuple[frozenset[int], frozenset[int]]] = set()

    def pair(self, old: Position, new: Position, path: tuple[str, ...]) -> Iterator[Declaration]:
        key = (old.key, new.key)
        if key in self._seen or not (old.nodes and new.nodes):
            return
        self._seen.add(key)
        yield from self._defaults(old, new, path)
        names_old, names_new = self._names(old), self._names(new)
        for name in names_new:
            if name not in names_old and not old.names_any(name):
                yield Declaration(what="declared", path=(*path, name), node=_declaring(new, name))
        for name in names_old:
            if name not in names_new and not new.names_any(name):
                yield Declaration(what="withdrawn", path=(*path, name), node=_declaring(old, name))
            elif name in names_new:
                yield from self.pair(old.at(name), new.at(name), (*path, name))
        yield from self._items(old, new, path)

    def _items(self, old: Position, new: Position, path: tuple[str, ...]) -> Iterator[Declaration]:
        numbered = max((len(p) for p in (*_prefixes(old), *_prefixes(new))), default=0)
        for step in (*range(numbered), *_STEPS):
            shown = str(step) if isinstance(step, int) else "*"
            yield from self.pair(old.at(step), new.at(step), (*path, shown))

    def _names(self, position: Position) -> list[str]:
        return [n for n in position.names() if True not in position.at(n).values(self._mark)]

    def _defaults(
        self, old: Position, new: Position, path: tuple[str, ...]
    ) -> Iterator[Declaration]:
        was, now = _default(old), _default(new)
        if was is not now and was != now:
            node = next((one for one in new.nodes if "default" in one), None)
            yield Declaration(what="default", path=path, old=_said(was), new=_said(now), node=node)


def _declaring(position: Position, name: str) -> JsonSchema | None:
    declared = (
        node["properties"][name] for node in position.nodes if name in node.get("properties", ())
    )
    return next(declared, None)


def _default(position: Position) -> Any:
    return next(iter(position.values("default")), _ABSENT)


def _said(default: Any) -> Any:
    return "none" if default is _ABSENT else default


def _prefixes(position: Position) -> list[list[Any]]:
    return position.values("prefixItems")
