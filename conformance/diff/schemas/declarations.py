"""What two schemas declare at each place of a value: properties, defaults, annotations."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from conformance.diff.inclusion.applicable_schemas import Beyond, Position, Step
from conformance.diff.inclusion.subschemas import JsonSchema
from conformance.diff.schemas.annotations import Annotated, Written, differences
from conformance.report.codes.finding_code import FindingCode

__all__ = ["DECLARED", "WITHDRAWN", "Declaration", "Sides", "declarations", "shown_path"]

DECLARED, WITHDRAWN, DEFAULT = (
    FindingCode.PROPERTY_DECLARED,
    FindingCode.PROPERTY_WITHDRAWN,
    FindingCode.DEFAULT_CHANGED,
)
_STEPS: tuple[Step, ...] = (Beyond.REST, Beyond.UNNAMED)
_ABSENT = object()
"""No default; a default may be null."""
_NEW, _GONE = "is new", "is no longer declared"
_UNDONE = {
    FindingCode.PROPERTY_DEPRECATED: "is no longer deprecated",
    FindingCode.PROPERTY_REINSTATED: "is deprecated",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Declaration:
    """A difference that no single value shows. `path` has `*` for any item or property.

    `said` is the end of a sentence about the place, `undone` the same for the other direction, ""
    where it is no other sentence; `detail` tells several at one place apart. `node` is the
    subschema that says so, of OLD where it is withdrawn, else of NEW, and `origin` its pointer in
    that contract.
    """

    code: FindingCode
    path: tuple[str, ...]
    said: str
    old: str
    new: str
    detail: str = ""
    origin: str = ""
    undone: str = ""
    node: JsonSchema | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sides:
    """The two standalone schemas, and how each stands in its contract."""

    old: JsonSchema
    new: JsonSchema
    old_written: Written
    new_written: Written
    place: Annotated


def declarations(sides: Sides, mark: str) -> list[Declaration]:
    """All of them, each once; properties under the mark (`readOnly`, …) do not travel."""
    walk = _Walk(sides, mark)
    old, new = sides.old, sides.new
    found = walk.pair(Position.of(old, [old]), Position.of(new, [new]), ())
    return list(dict.fromkeys(found))


def shown_path(path: tuple[str | int, ...]) -> str:
    """A path in a value as a pointer, with `*` for the number of an item."""
    return "".join(f"/{'*' if isinstance(step, int) else step}" for step in path)


class _Walk:
    def __init__(self, sides: Sides, mark: str) -> None:
        self._sides, self._mark = sides, mark
        self._seen: set[tuple[frozenset[int], frozenset[int]]] = set()

    def pair(self, old: Position, new: Position, path: tuple[str, ...]) -> Iterator[Declaration]:
        # A recursive schema comes back to the same pair of positions.
        key = (old.key, new.key)
        if key in self._seen or not (old.nodes and new.nodes):
            return
        self._seen.add(key)
        yield from self._defaults(old, new, path)
        yield from self._annotations(old, new, path)
        names_old, names_new = self._names(old), self._names(new)
        for name in names_new:
            if name not in names_old and not old.names_any(name):
                yield Declaration(
                    code=DECLARED,
                    path=(*path, name),
                    said=_NEW,
                    undone=_GONE,
                    old="not declared",
                    new="declared",
                    node=_declaring(new, name),
                )
        for name in names_old:
            if name not in names_new and not new.names_any(name):
                yield Declaration(
                    code=WITHDRAWN,
                    path=(*path, name),
                    said=_GONE,
                    undone=_NEW,
                    old="declared",
                    new="not declared",
                    node=_declaring(old, name),
                )
            elif name in names_new:
                yield from self.pair(old.at(name), new.at(name), (*path, name))
        yield from self._directions(old, new, path)
        yield from self._items(old, new, path)

    def _directions(
        self, old: Position, new: Position, path: tuple[str, ...]
    ) -> Iterator[Declaration]:
        """Properties that one side alone marks as travelling the other way."""
        for name in filter(new.declares, old.names()):
            was, now = (not self._travels(side, name) for side in (old, new))
            if was != now:
                yield Declaration(
                    code=FindingCode.DIRECTION_CLOSED if now else FindingCode.DIRECTION_OPENED,
                    path=(*path, name),
                    said=f"is {'now' if now else 'no longer'} `{self._mark}`",
                    undone=f"is {'no longer' if now else 'now'} `{self._mark}`",
                    old=f"`{self._mark}`: {str(was).lower()}",
                    new=f"`{self._mark}`: {str(now).lower()}",
                    detail=self._mark,
                    node=_declaring(new, name),
                )

    def _items(self, old: Position, new: Position, path: tuple[str, ...]) -> Iterator[Declaration]:
        # Items of a tuple each have a schema of their own; the rest share one.
        numbered = max((len(p) for p in (*_prefixes(old), *_prefixes(new))), default=0)
        for step in (*range(numbered), *_STEPS):
            shown = str(step) if isinstance(step, int) else "*"
            yield from self.pair(old.at(step), new.at(step), (*path, shown))

    def _names(self, position: Position) -> dict[str, None]:
        return {name: None for name in position.names() if self._travels(position, name)}

    def _travels(self, position: Position, name: str) -> bool:
        return True not in position.at(name).values(self._mark)

    def _defaults(
        self, old: Position, new: Position, path: tuple[str, ...]
    ) -> Iterator[Declaration]:
        was, now = _default(old), _default(new)
        if was is not now and was != now:
            yield Declaration(
                code=DEFAULT,
                path=path,
                said=_default_said(was, now),
                undone=_default_said(now, was),
                old=_default_as_written(was),
                new=_default_as_written(now),
                node=next((one for one in new.nodes if "default" in one), None),
            )

    def _annotations(
        self, old: Position, new: Position, path: tuple[str, ...]
    ) -> Iterator[Declaration]:
        was = [self._sides.old_written.of(node) for node in old.nodes]
        now = [self._sides.new_written.of(node) for node in new.nodes]
        place = replace(self._sides.place, name=path[-1] if path else "")
        for one in differences(was, now, place):
            yield Declaration(
                code=one.code,
                path=path,
                said=one.said,
                undone=_UNDONE.get(one.code, ""),
                old=one.old,
                new=one.new,
                detail=one.keyword,
                node=new.nodes[0] if new.nodes else None,
            )


def _declaring(position: Position, name: str) -> JsonSchema | None:
    declared = (
        node["properties"][name] for node in position.nodes if name in node.get("properties", ())
    )
    return next(declared, None)


def _default(position: Position) -> Any:
    return next(iter(position.values("default")), _ABSENT)


def _default_as_written(default: Any) -> str:
    if default is _ABSENT:
        return "no default"
    return f"default {_json(default)}"


def _default_said(was: Any, now: Any) -> str:
    if now is _ABSENT:
        return f"no longer has the default {_json(was)}"
    instead = "" if was is _ABSENT else f" instead of {_json(was)}"
    return f"now has the default {_json(now)}{instead}"


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)


def _prefixes(position: Position) -> list[list[Any]]:
    return position.values("prefixItems")
