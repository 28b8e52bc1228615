"""From a path to what is there: a dictionary for plain paths, a trie for templated ones.

The cost of a look-up grows with the length of the path and not with the number of routes. Paths
are matched as they came over the wire and decoded segment by segment, so that `%2F` may stand in
a parameter. A concrete path goes before a templated one (OpenAPI 3.0 section 4.7.8.1).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Generic, TypeVar
from urllib.parse import quote, unquote

from spec.model.path_templates import template_names, template_shape

__all__ = ["Match", "Routes"]

_Target = TypeVar("_Target")
_LONGEST_MIXED = 1024
"""A longer segment is not tried against `{a}-{b}`: the time that takes grows with its square."""


@dataclass(frozen=True, slots=True)
class Match(Generic[_Target]):
    """What is at a path, and its parameters by the names that this path gives them.

    The values are as sent: whether `%2C` or a comma divides a list is for their style to say.
    """

    target: _Target
    parameters: dict[str, str]


@dataclass(slots=True)
class _Node(Generic[_Target]):
    fixed: dict[str, _Node[_Target]] = field(default_factory=dict)
    mixed: dict[str, tuple[re.Pattern[str], _Node[_Target]]] = field(default_factory=dict)
    whole: _Node[_Target] | None = None
    leaf: tuple[_Target, tuple[str, ...]] | None = None


class Routes(Generic[_Target]):
    """A table of path templates. Of two templates that differ in names alone the first counts."""

    __slots__ = ("_plain", "_root")

    def __init__(self) -> None:
        self._plain: dict[bytes, Match[_Target]] = {}
        self._root: _Node[_Target] = _Node()

    def add(self, template: str, target: _Target) -> _Target:
        """Let a template lead to a target, unless it leads to one already; returns what it has."""
        node, names = self._root, []
        for segment in template.split("/")[1:]:
            node, found = _child(node, segment)
            names.extend(found)
        if node.leaf is None:
            node.leaf = (target, tuple(names))
            if not names:
                match = Match(target, {})
                self._plain[template.encode()] = match
                self._plain[quote(template, safe="/:@!$&'()*+,;=~%").encode()] = match
        return node.leaf[0]

    def match(self, raw_path: bytes) -> Match[_Target] | None:
        """What is at a path as sent; None if nothing is there."""
        plain = self._plain.get(raw_path)
        if plain is not None:
            return plain
        segments = raw_path.decode("utf-8", "replace").split("/")[1:]
        values: list[str] = []
        leaf = _descend(self._root, segments, 0, values)
        return leaf and Match(leaf[0], dict(zip(leaf[1], values, strict=True)))

    def matches(self, raw_path: bytes) -> Iterator[Match[_Target]]:
        """Everything that a path as sent can mean, the most concrete first."""
        segments = raw_path.decode("utf-8", "replace").split("/")[1:]
        for (target, names), values in _leaves(self._root, segments, 0):
            yield Match(target, dict(zip(names, values, strict=True)))


def _leaves(
    node: _Node[_Target], segments: list[str], at: int
) -> Iterator[tuple[tuple[_Target, tuple[str, ...]], tuple[str, ...]]]:
    """All leaves that the segments from one on lead to, with the values on the way."""
    if at == len(segments):
        if node.leaf is not None:
            yield node.leaf, ()
        return
    for child, values in _steps(node, segments[at]):
        for leaf, rest in _leaves(child, segments, at + 1):
            yield leaf, (*values, *rest)


def _steps(node: _Node[_Target], segment: str) -> Iterator[tuple[_Node[_Target], tuple[str, ...]]]:
    """Where one segment leads, the most concrete first, with the values that it has there."""
    fixed = node.fixed.get(unquote(segment) if "%" in segment else segment)
    if fixed is not None:
        yield fixed, ()
    if not segment:
        return
    for pattern, child in node.mixed.values() if len(segment) <= _LONGEST_MIXED else ():
        if found := pattern.fullmatch(segment):
            yield child, found.groups()
    if node.whole is not None:
        yield node.whole, (segment,)


def _child(node: _Node[_Target], segment: str) -> tuple[_Node[_Target], list[str]]:
    names = list(template_names(segment))
    if not names:
        return node.fixed.setdefault(unquote(segment), _Node()), names
    shape = template_shape(segment)
    if shape == "{}":
        node.whole = node.whole or _Node()
        return node.whole, names
    if shape not in node.mixed:
        literals = ["".join(map(_spellings, unquote(literal))) for literal in shape.split("{}")]
        node.mixed[shape] = (re.compile("(.+?)".join(literals), re.DOTALL), _Node())
        # The more of a segment is written out, the more concrete it is.
        node.mixed = dict(sorted(node.mixed.items(), key=lambda one: -len(one[0])))
    return node.mixed[shape][1], names


def _spellings(character: str) -> str:
    """A pattern for a character of a path, and for its escaped form (RFC 3986 section 6.2.2)."""
    plain, escaped = re.escape(character), quote(character, safe="")
    return plain if escaped == character else f"(?:{plain}|(?i:{escaped}))"


def _descend(
    node: _Node[_Target], segments: list[str], at: int, values: list[str]
) -> tuple[_Target, tuple[str, ...]] | None:
    if at == len(segments):
        return node.leaf
    segment = segments[at]
    child = node.fixed.get(unquote(segment) if "%" in segment else segment)
    if child is not None and (leaf := _descend(child, segments, at + 1, values)):
        return leaf
    if not segment:
        return None
    for pattern, child in node.mixed.values() if len(segment) <= _LONGEST_MIXED else ():
        if found := pattern.fullmatch(segment):
            values.extend(found.groups())
            if leaf := _descend(child, segments, at + 1, values):
                return leaf
            del values[len(values) - len(found.groups()) :]
    if node.whole is None:
        return None
    values.append(segment)
    leaf = _descend(node.whole, segments, at + 1, values)
    if leaf is None:
        values.pop()
    return leaf
