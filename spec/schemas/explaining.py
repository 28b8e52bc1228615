"""The schemas of a contract as one validator, asked by name, and what a value fails in each.

One compiled document holds all definitions, so that what many operations share is compiled once:
to ask for `Lamp` is to validate `{"Lamp": value}` with `{"properties": {"Lamp": {"$ref": …}}}`.

With a failed `oneOf` or `anyOf` jsonschema-rs hands out the errors of every branch, and in them
those of every branch below. Where a schema refers to itself (a tree of components, say) that grows
to the power of the depth: minutes and gigabytes for a value of 200 bytes. So each such keyword
stands behind an `if`, which only decides; its branches are definitions of their own, asked one by
one, and only the one that was meant is followed down.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any, TypeAlias

from jsonschema_rs import ValidationError, Validator

from spec.schemas.keywords import LISTED, NAMED, SINGLE
from spec.schemas.rewording import KNOWN
from spec.schemas.shortened import Shortened
from spec.schemas.translated import DIALECT, JsonSchema

__all__ = ["Failure", "JointValidator"]

Path: TypeAlias = tuple[str | int, ...]

_UNIONS = ("anyOf", "oneOf")
_UNDECIDED = frozenset({"backtrackLimitExceeded", "regexEngineFailure"})
_DISCRIMINATOR = "discriminator"
_RULE_OF_NAMES = len(("allOf", 0, "properties", "tag", "then", "enum"))
"""Tokens between a schema and the `enum` that lists what its discriminator knows."""
_MOST = 1000
"""How many failures of one value are reported."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Discriminator:
    """A discriminator beside a union: its property, and the definition that each value names.

    `known` are all names that it knows, where they can be listed.
    """

    name: str
    meant: tuple[tuple[str, str], ...]
    known: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Union:
    """A `oneOf` or `anyOf`, and the names of the definitions of its branches."""

    keyword: str
    branches: tuple[str, ...]
    tag: _Discriminator | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """One keyword that a part of a value fails.

    `path` leads into the value; `name` is the definition that the keyword stands in, and
    `schema_path` leads there. `details` are what the keyword asked for, under the names that
    jsonschema-rs has for them.
    """

    kind: str
    details: Mapping[str, Any]
    instance: Any
    message: str
    path: Path
    name: str
    schema_path: Path
    union: _Union | None = None
    fitting: tuple[tuple[int, str], ...] = ()
    """Of a `oneOf` that several branches fit: their numbers from 0, and the names of those that are
    definitions of their own, else ""."""


class JointValidator:
    """Judges values by any of a set of definitions, and says what they fail.

    Raises ValidationError where a definition is no valid schema; its instance path tells which.
    """

    __slots__ = ("_branches", "_names", "_unions", "_validator")

    def __init__(
        self,
        definitions: Mapping[str, JsonSchema],
        compiled: Callable[[Mapping[str, Any]], Validator],
    ) -> None:
        # Its keys are text: jsonschema-rs gives a property that is named `0` as a number.
        self._unions: dict[tuple[str, ...], _Union] = {}
        self._names: set[tuple[str, ...]] = set()
        self._branches: dict[str, Path] = {}
        parts: dict[str, Any] = {}
        for name, schema in definitions.items():
            parts[name] = self._apart(schema, (name,), (name,), parts)
        # With `additionalProperties` beside it, `properties` is looked up by the value's names;
        # without, it is gone through from the first to the last.
        self._validator = compiled(
            {
                "$schema": DIALECT,
                "properties": {name: {"$ref": f"#/$defs/{name}"} for name in parts},
                "additionalProperties": False,
                "$defs": parts,
            }
        )

    def is_valid(self, name: str, value: Any) -> bool:
        """Whether a definition allows a value."""
        return self._validator.is_valid({name: value})

    def failures(self, name: str, value: Any) -> Iterator[Failure]:
        """What a value fails, a thousand failures at most; of alternatives, those of the nearest.

        Of a long list its beginning is asked first.

        Raises ValueError where a part that fails is nested more than 255 levels deep.
        """
        if shorter := Shortened(value):
            every = self._explained(self._asked(name, shorter.value))
            found = list(islice((one for one in every if shorter.leads_within(one.path)), _MOST))
            if found:
                return iter(found)
        return islice(self._explained(self._asked(name, value)), _MOST)

    def _explained(
        self, failures: Iterable[Failure], above: frozenset[_Union] = frozenset()
    ) -> Iterator[Failure]:
        """The failures, and in the place of a union's what its nearest branch says.

        `above` are the unions that were followed to here for the same value: an alternative may
        lead back to them, and says nothing more then.
        """
        for failure in failures:
            # The engine gave up on a pattern: that is its limit, and no fault of the value.
            if failure.kind in _UNDECIDED:
                continue
            union = failure.union
            followed = frozenset[_Union]() if failure.path else above
            branches = [] if union in followed else self._branches_of(failure)
            if (untagged := _untagged(failure, branches)) is not None:
                yield untagged
                continue
            nearest = _meant(failure, branches) or _nearest(branches)
            if union is None or nearest is None:
                yield replace(failure, fitting=self._fitting(failure, branches))
                continue
            for inner in self._explained(nearest, followed | {union}):
                yield replace(inner, path=failure.path + inner.path)

    def _branches_of(self, failure: Failure) -> list[list[Failure]]:
        """What the value fails in each branch of a union; nothing where it is none."""
        names = failure.union.branches if failure.union else ()
        return [list(self._asked(name, failure.instance)) for name in names]

    def _fitting(
        self, failure: Failure, branches: list[list[Failure]]
    ) -> tuple[tuple[int, str], ...]:
        names = failure.union.branches if failure.union else ()
        return tuple(
            (index, "" if name in self._branches else name)
            for index, (name, failed) in enumerate(zip(names, branches, strict=False))
            if not failed
        )

    def _asked(self, name: str, value: Any) -> Iterator[Failure]:
        return map(self._failure, self._validator.iter_errors({name: value}))

    def _failure(self, error: ValidationError) -> Failure:
        # The path begins with `$defs` and the name of the definition.
        path = tuple(error.schema_path)[1:]
        place = tuple(map(str, path))
        union = self._unions.get(place)
        is_name = place in self._names
        name, *within = self._original(path, union)
        if is_name:
            within = [*within[:-_RULE_OF_NAMES], _DISCRIMINATOR]
        return Failure(
            kind=union.keyword if union else _DISCRIMINATOR if is_name else error.kind.name,
            details=error.kind.as_dict(),
            instance=error.instance,
            message=error.message,
            path=tuple(error.instance_path[1:]),
            name=str(name),
            schema_path=tuple(within),
            union=union,
        )

    def _original(self, path: Path, union: _Union | None) -> Path:
        """The path in the definitions as they were given, for one in the compiled document."""
        name, rest = str(path[0]), path[1:]
        if union is not None:
            # `allOf`, its index and `else` stand for the keyword.
            rest = (*rest[:-3], union.keyword)
        return (*self._branches.get(name, (name,)), *rest)

    def _apart(self, schema: Any, path: Path, original: Path, parts: dict[str, Any]) -> Any:
        """A copy in which every `oneOf` and `anyOf` decides and tells nothing.

        `path` leads to it in the compiled document, and `original` in the given definitions.
        """
        if not isinstance(schema, dict):
            return schema
        made = {
            key: self._apart_below(key, child, (*path, key), (*original, key), parts)
            for key, child in schema.items()
            if key not in _UNIONS or not isinstance(child, list)
        }
        if not isinstance(made.get("allOf", []), list):
            return made  # no schema: the compiler says so
        if schema.get("$comment") == KNOWN:
            self._names.add(tuple(map(str, (*path, "enum"))))
        members = list(made.get("allOf", ()))
        for keyword in _UNIONS:
            if isinstance(schema.get(keyword), list):
                names = self._hoisted(schema[keyword], (*original, keyword), parts)
                decided = {keyword: [{"$ref": f"#/$defs/{name}"} for name in names]}
                at = (*path, "allOf", len(members), "else")
                union = _Union(keyword=keyword, branches=names, tag=_tag(schema))
                self._unions[tuple(map(str, at))] = union
                # `if` collects no errors; `else: false` fails with one, whose place names the
                # union.
                members.append({"if": decided, "else": False})
        return {**made, "allOf": members} if members else made

    def _apart_below(
        self, key: str, child: Any, path: Path, original: Path, parts: dict[str, Any]
    ) -> Any:
        if key in SINGLE:
            return self._apart(child, path, original, parts)
        if key in LISTED and isinstance(child, list):
            return [
                self._apart(one, (*path, number), (*original, number), parts)
                for number, one in enumerate(child)
            ]
        if key in NAMED and isinstance(child, dict):
            return {
                name: self._apart(one, (*path, name), (*original, name), parts)
                for name, one in child.items()
            }
        return child

    def _hoisted(
        self, branches: list[Any], original: Path, parts: dict[str, Any]
    ) -> tuple[str, ...]:
        """The branches as definitions of their own; no name of a contract's schema has a `+`."""
        names = []
        for index, branch in enumerate(branches):
            # A bare reference is a definition already.
            if isinstance(branch, dict) and branch.keys() == {"$ref"}:
                names.append(str(branch["$ref"]).removeprefix("#/$defs/"))
                continue
            name = f"branch+{len(self._branches)}"
            self._branches[name] = (*original, index)
            parts[name] = self._apart(branch, (name,), (*original, index), parts)
            names.append(name)
        return tuple(names)


def _tag(schema: Mapping[str, Any]) -> _Discriminator | None:
    """The discriminator of a schema, where it names alternatives."""
    said = schema.get(_DISCRIMINATOR)
    if not isinstance(said, Mapping) or not isinstance(said.get("propertyName"), str):
        return None
    mapping = said.get("mapping")
    named = mapping.items() if isinstance(mapping, Mapping) else ()
    meant = tuple((value, str(to).removeprefix("#/$defs/")) for value, to in named)
    known = tuple(said.get(KNOWN, ()))
    return _Discriminator(name=said["propertyName"], meant=meant, known=known) if meant else None


def _untagged(failure: Failure, branches: list[list[Failure]]) -> Failure | None:
    """The failure of an object whose discriminator is missing or unknown; None for all others.

    Here it explains why an object that fits no alternative does not. Where an unknown name is
    refused although one fits, that is a rule of its own.
    """
    tag = failure.union.tag if failure.union else None
    if tag is None or not isinstance(failure.instance, dict):
        return None
    if tag.name not in failure.instance:
        is_wanted = branches and all(
            any(_lacks(one, tag.name) for one in branch) for branch in branches
        )
        missing = replace(failure, kind="required", details={"property": tag.name}, union=None)
        return missing if is_wanted else None
    value = failure.instance[tag.name]
    if not tag.known or value in tag.known:
        return None
    return replace(
        failure,
        kind=_DISCRIMINATOR,
        details={"options": list(tag.known)},
        instance=value,
        path=(*failure.path, tag.name),
        union=None,
    )


def _lacks(failure: Failure, name: str) -> bool:
    return failure.kind == "required" and not failure.path and failure.details["property"] == name


def _meant(failure: Failure, branches: list[list[Failure]]) -> list[Failure] | None:
    """What the alternative says that a known discriminator names; None where it says nothing."""
    union = failure.union
    if union is None or union.tag is None or not isinstance(failure.instance, dict):
        return None
    name = dict(union.tag.meant).get(str(failure.instance.get(union.tag.name)))
    named = [one for each, one in zip(union.branches, branches, strict=False) if each == name]
    return named[0] if named and named[0] else None


def _nearest(branches: list[list[Failure]]) -> list[Failure] | None:
    """What the branch says that the value was meant for; None where none says more.

    A branch of another type, or one whose constant differs (a discriminator, say), is not meant.
    """
    if not branches or not all(branches):
        return None
    meant = [branch for branch in branches if not _is_other(branch)]
    if len(meant) != 1 and len(branches) > 1:
        meant = [branch for branch in meant if all(one.path for one in branch)]
    return min(meant, key=len, default=None)


def _is_other(branch: list[Failure]) -> bool:
    return any(
        (one.kind == "type" and not one.path)
        or (one.kind in {"const", "enum"} and len(one.path) <= 1)
        for one in branch
    )
