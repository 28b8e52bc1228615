"""Which keywords a value fails, alternative by alternative: what was meant is asked, step by step.

With a failed `oneOf` or `anyOf` jsonschema-rs hands out the errors of every branch, and in them
those of every branch below. Where a schema refers to itself (a tree of components, say) that grows
to the power of the depth: minutes and gigabytes for a value of 200 bytes. So in a copy of the
schema each such keyword stands behind an `if`, which only decides; its branches are asked one by
one, and only the one that was meant is followed down.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any, TypeAlias
from urllib.parse import quote

from jsonschema_rs import ValidationError, Validator

from spec.model.pointers import from_tokens
from spec.schemas.dialect import DIALECT, Standalone
from spec.schemas.keywords import LISTED, NAMED, SINGLE

__all__ = ["Explainer", "Failure"]

Path: TypeAlias = tuple[str | int, ...]

_UNIONS = ("anyOf", "oneOf")
_UNDECIDED = frozenset({"backtrackLimitExceeded", "regexEngineFailure"})
_WHOLE = "whole"
_ROOT = "/"
"""The name in `$defs` for the schema itself; no other name has a slash."""
_MOST = 1000
"""How many failures of one value are told; who has that many needs no more of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Union:
    """A `oneOf` or `anyOf`, and the names of the entries that ask its branches."""

    keyword: str
    path: Path
    branches: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """One keyword that a part of a value fails.

    `path` leads into the value and `schema_path` into the standalone schema; `details` are what
    the keyword asked for, under the names that jsonschema-rs has for them.
    """

    kind: str
    details: Mapping[str, Any]
    instance: Any
    message: str
    path: Path
    schema_path: Path
    union: _Union | None = None


class Explainer:
    """Explains what values fail in one schema, which is compiled for it a second time."""

    __slots__ = ("_entries", "_unions", "_validator")

    def __init__(
        self, standalone: Standalone, compiled: Callable[[Mapping[str, Any]], Validator]
    ) -> None:
        self._unions: dict[Path, _Union] = {}
        self._entries: dict[str, Any] = {_WHOLE: {"$ref": "#/$defs/~1"}}
        schema = dict(standalone.schema)
        parts = {**schema.pop("$defs", {}), _ROOT: schema}
        apart = {name: self._apart(part, ("$defs", name)) for name, part in parts.items()}
        self._validator = compiled(
            {"$schema": DIALECT, "properties": self._entries, "$defs": apart}
        )

    def failures(self, value: Any) -> Iterator[Failure]:
        """What a value fails, a thousand times at most; of alternatives the nearest speaks.

        Raises ValueError where a part that fails is nested more than 255 levels deep.
        """
        for one in islice(self._told(self._asked(_WHOLE, value)), _MOST):
            yield replace(one, schema_path=self._original(one.schema_path))

    def _told(self, failures: Iterable[Failure]) -> Iterator[Failure]:
        for failure in failures:
            if failure.kind in _UNDECIDED:
                continue
            nearest = self._nearest(failure)
            if nearest is None:
                yield failure
                continue
            for inner in self._told(nearest):
                yield replace(inner, path=failure.path + inner.path)

    def _nearest(self, failure: Failure) -> list[Failure] | None:
        """What the branch says that the value was meant for; None where none says more.

        A branch of another type, or one whose constant differs (a discriminator, say), is not
        meant.
        """
        union = failure.union
        if union is None:
            return None
        branches = [list(self._asked(name, failure.instance)) for name in union.branches]
        if not all(branches):
            return None
        meant = [branch for branch in branches if not _is_other(branch)]
        if len(meant) != 1 and len(branches) > 1:
            meant = [branch for branch in meant if all(one.path for one in branch)]
        return min(meant, key=len, default=None)

    def _asked(self, entry: str, value: Any) -> Iterator[Failure]:
        return map(self._failure, self._validator.iter_errors({entry: value}))

    def _failure(self, error: ValidationError) -> Failure:
        schema_path = tuple(error.schema_path)
        union = self._unions.get(schema_path)
        return Failure(
            kind=union.keyword if union else error.kind.name,
            details=error.kind.as_dict(),
            instance=error.instance,
            message=error.message,
            path=tuple(error.instance_path[1:]),
            schema_path=schema_path,
            union=union,
        )

    def _apart(self, schema: Any, path: Path) -> Any:
        """A copy in which every `oneOf` and `anyOf` decides and tells nothing."""
        if not isinstance(schema, dict):
            return schema
        made = {
            key: self._apart_below(key, child, (*path, key))
            for key, child in schema.items()
            if key not in _UNIONS
        }
        members = list(made.get("allOf", ()))
        for keyword in _UNIONS:
            if isinstance(schema.get(keyword), list):
                members.append(self._decided(keyword, schema[keyword], path, len(members)))
        return {**made, "allOf": members} if members else made

    def _apart_below(self, key: str, child: Any, path: Path) -> Any:
        if key in SINGLE:
            return self._apart(child, path)
        if key in LISTED and isinstance(child, list):
            return [self._apart(one, (*path, number)) for number, one in enumerate(child)]
        if key in NAMED and isinstance(child, dict):
            return {name: self._apart(one, (*path, name)) for name, one in child.items()}
        return child

    def _decided(
        self, keyword: str, branches: list[Any], parent: Path, number: int
    ) -> dict[str, Any]:
        at = (*parent, "allOf", number)
        below = [(*at, "if", keyword, index) for index in range(len(branches))]
        names = tuple(str(len(self._entries) + index) for index in range(len(branches)))
        self._unions[(*at, "else")] = _Union(keyword=keyword, path=parent, branches=names)
        for name, place in zip(names, below, strict=True):
            self._entries[name] = {"$ref": f"#{quote(from_tokens(place))}"}
        apart = [self._apart(one, place) for one, place in zip(branches, below, strict=True)]
        return {"if": {keyword: apart}, "else": False}

    def _original(self, path: Path) -> Path:
        """The path in the standalone schema for one in the copy."""
        found: list[str | int] = []
        at = 0
        while at < len(path):
            union = self._unions.get((*path[: at + 2], "else"))
            if union is not None and path[at + 2] == "else":
                found.append(union.keyword)
                at += 3
            elif union is not None:
                at += 3
            else:
                found.append(path[at])
                at += 1
        return tuple(found[2:] if found[:2] == ["$defs", _ROOT] else found)


def _is_other(branch: list[Failure]) -> bool:
    return any(
        (one.kind == "type" and not one.path)
        or (one.kind in {"const", "enum"} and len(one.path) <= 1)
        for one in branch
    )
