"""Canned bodies with holes: bytes made at load, spliced with what a request says.

A hole must not make an answer break its schema. At load each hole is probed: which types of value
fit there whatever they are? Such a value is spliced without a further look; any other is tried
against the schema first, and where it does not fit the hole's fallback is served.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from json.encoder import encode_basestring_ascii
from typing import Any, TypeAlias

from mock_server import echo, json_text
from mock_server.echo import MISSING, Facts

__all__ = ["Judge", "Part", "Template", "compile_json", "compile_text", "has_holes"]

Judge: TypeAlias = Callable[[Any], int]
"""Counts the violations of a whole value; 0 is valid."""
Part: TypeAlias = "bytes | Callable[[Facts], bytes]"
Path: TypeAlias = "tuple[str | int, ...]"

_PROBES: dict[type, tuple[Any, ...]] = {
    str: ("", "a", "0", "\n\x00é\U0001f600", "x" * 70_000),
    int: (0, -1, 2**62, -(2**62)),
    float: (0.5, -1.0e300),
    bool: (True, False),
    type(None): (None,),
    list: ([], [None], [{}, 1, "a"]),
    dict: ({}, {"a": 1, "": [None]}),
}
_STAND_INS: tuple[Any, ...] = (
    "",
    "text",
    0,
    1,
    True,
    None,
    [],
    {},
    "2000-01-01",
    "2000-01-01T00:00:00Z",
)


@dataclass(frozen=True, slots=True)
class Template:
    """A body in parts: bytes, and functions that make bytes of a request's facts."""

    parts: tuple[Part, ...]

    @property
    def fixed(self) -> bytes | None:
        """The whole body, where no request changes it."""
        first = self.parts[0] if self.parts else b""
        return first if len(self.parts) < 2 and isinstance(first, bytes) else None

    def fill(self, facts: Facts) -> bytes:
        """The body for one request."""
        return b"".join([p if type(p) is bytes else p(facts) for p in self.parts])  # type: ignore[operator]  # mypy does not narrow by type()


@dataclass(frozen=True, slots=True)
class _Hole:
    """An expression, or a text with some, at its place in the value."""

    path: Path
    raw: str
    text: echo.Text

    def value(self, facts: Facts) -> Any:
        return self.text.resolvers[0](facts) if self.text.is_single else self.text.fill(facts)

    def stand_ins(self) -> tuple[Any, ...]:
        if self.text.is_single:
            return (*_STAND_INS, self.raw)
        bare = "".join(self.text.literals)
        return (bare, self.raw, *_STAND_INS)


def has_holes(value: Any) -> bool:
    """Whether any string in a value holds an expression."""
    return any(True for _ in _holes(value, ()))


def compile_json(value: Any, judge: Judge, sample: Callable[[], Any] = dict) -> Template:
    """The template of a JSON document.

    `sample` makes a valid value of the same schema: the last resort for what stands in a hole.
    """
    fillers = {hole.path: filler for hole, filler in _fillers(value, judge, sample)}
    if not fillers:
        return Template((_dumped(value),))
    marks = {path: _mark(number, value) for number, path in enumerate(fillers)}
    marked = value
    for path, mark in marks.items():
        marked = _replaced(marked, path, mark)
    by_mark = {f'"{mark}"': fillers[path] for path, mark in marks.items()}
    pieces = re.split(f"({'|'.join(map(re.escape, by_mark))})", _dumped(marked).decode())
    parts: list[Part] = [
        _as_json(by_mark[piece]) if piece in by_mark else piece.encode() for piece in pieces
    ]
    return Template(tuple(part for part in parts if part != b""))


def compile_text(
    value: str,
    judge: Judge,
    escape: Callable[[str], str] = lambda text: text,
    charset: str = "utf-8",
) -> Template:
    """The template of a body that is one text; `escape` keeps a value from breaking its format."""
    found = _fillers(value, judge, str)
    if not found:
        return Template((value.encode(charset, "replace"),))
    ((hole, filler),) = found
    if not filler.is_free:
        return Template((_as_text(filler, escape, charset),))
    parts: list[Part] = []
    for literal, resolver in zip(hole.text.literals, (*hole.text.resolvers, None), strict=True):
        parts += [literal.encode(charset, "replace")] if literal else []
        parts += [_as_text(resolver, escape, charset)] if resolver else []
    return Template(tuple(parts))


def _as_text(resolver: echo.Resolver, escape: Callable[[str], str], charset: str) -> Part:
    return lambda facts: escape(echo.as_text(resolver(facts))).encode(charset, "replace")


class _Filler:
    """Gives the value of one hole such that the whole keeps to its schema."""

    __slots__ = ("_fallback", "_free", "_whole", "resolve")

    def __init__(self, hole: _Hole, whole: Any, fallback: Any, judge: Judge) -> None:
        def holds(probe: Any) -> bool:
            return not judge(_replaced(whole, hole.path, probe))

        self.resolve = hole.text.resolvers[0] if hole.text.is_single else hole.value
        self._fallback = fallback
        self._free = frozenset(
            kind for kind, probes in _PROBES.items() if all(holds(probe) for probe in probes)
        )
        self._whole = holds

    @property
    def is_free(self) -> bool:
        """Whether every string fits."""
        return str in self._free

    def __call__(self, facts: Facts) -> Any:
        value = self.resolve(facts)
        if type(value) in self._free:
            return value
        return value if value is not MISSING and self._fits(value) else self._fallback

    def _fits(self, value: Any) -> bool:
        try:
            return self._whole(value)
        except UnicodeEncodeError:  # a lone surrogate, which no validator takes
            return False


def _as_json(filler: _Filler) -> Part:
    if not filler.is_free:
        return lambda facts: json_text.write(filler(facts))
    resolve = filler.resolve

    def part(facts: Facts) -> bytes:
        value = resolve(facts)
        if type(value) is str:
            return encode_basestring_ascii(value).encode()
        return json_text.write(filler(facts))

    return part


def _fillers(value: Any, judge: Judge, sample: Callable[[], Any]) -> list[tuple[_Hole, _Filler]]:
    """Every hole with its filler; the fallbacks are chosen so that together they are valid."""
    holes = list(_holes(value, ()))
    whole = value
    fallbacks: dict[Path, Any] = {}
    for hole in holes:
        base = judge(_replaced(whole, hole.path, hole.raw))
        candidates = [(judge(_replaced(whole, hole.path, one)), one) for one in hole.stand_ins()]
        if all(count >= base > 0 for count, _ in candidates):
            candidates += [
                (judge(_replaced(whole, hole.path, one)), one)
                for one in _values_at(sample(), hole.path)
            ]
        fewest = min(count for count, _ in candidates)
        fallbacks[hole.path] = next(one for count, one in candidates if count == fewest)
        whole = _replaced(whole, hole.path, fallbacks[hole.path])
    return [(hole, _Filler(hole, whole, fallbacks[hole.path], judge)) for hole in holes]


def _holes(value: Any, path: Path) -> Iterator[_Hole]:
    if isinstance(value, str):
        text = echo.compile_text(value)
        if text:
            yield _Hole(path, value, text)
    elif isinstance(value, dict):
        for key, member in value.items():
            yield from _holes(member, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _holes(item, (*path, index))


def _values_at(value: Any, path: Path) -> list[Any]:
    """What stands at a path, where any item of a list may stand for another."""
    if not path:
        return [value]
    if isinstance(value, dict):
        return _values_at(value[path[0]], path[1:]) if path[0] in value else []
    if isinstance(value, list):
        return [found for item in value for found in _values_at(item, path[1:])]
    return []


def _replaced(value: Any, path: Sequence[str | int], new: Any) -> Any:
    """A copy of a value with something else at one place; what is not on the way is shared."""
    if not path:
        return new
    first, rest = path[0], path[1:]
    if isinstance(value, dict):
        return {key: _replaced(v, rest, new) if key == first else v for key, v in value.items()}
    return [_replaced(v, rest, new) if index == first else v for index, v in enumerate(value)]


def _mark(number: int, value: Any) -> str:
    """A string that stands nowhere in the value."""
    dumped, salt = json.dumps(value), 0
    while f"hole-{salt}-{number}-" in dumped:
        salt += 1
    return f"hole-{salt}-{number}-"


def _dumped(value: Any) -> bytes:
    try:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
    except UnicodeEncodeError:
        return json.dumps(value, separators=(",", ":")).encode()
