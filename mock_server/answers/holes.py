"""Holes in example values: where expressions are, and which values may replace them.

A hole must not make an answer break its schema. At load each hole is probed: which types of value
fit there whatever they are? Such a value is taken without a further look; any other is tried
against the schema first, and where it does not fit the hole's fallback is served.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from mock_server.answers import echo
from mock_server.answers.echo import Facts
from mock_server.model.request import MISSING
from spec import SpecError

__all__ = ["Filler", "Hole", "Judge", "anything_fits", "fillers_of", "replaced_at"]

Judge: TypeAlias = Callable[[Any], int]
"""Counts the violations of a whole value; 0 is valid."""
Path: TypeAlias = "tuple[str | int, ...]"

MOST_WORK = 200_000
"""Holes times values of an example. For each hole the whole is judged some thirty times, which
costs about a second here, and perhaps once more for each request."""

# Short and long, small and large, with and without content: a type all of whose probes fit is bound
# by no keyword, so that any value of it fits.
_PROBES: dict[type, tuple[Any, ...]] = {
    str: ("", "a", "0", "\n\x00é\U0001f600", "x" * 70_000),
    int: (0, -1, 2**62, -(2**62)),
    float: (0.5, -1.0e300),
    bool: (True, False),
    type(None): (None,),
    list: ([], [None], [{}, 1, "a"]),
    dict: ({}, {"a": 1, "": [None]}),
}
# One of them fits most schemas; a value generated from the schema is tried after them.
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
class Hole:
    """An expression, or a text with some, at its place in the value."""

    path: Path
    raw: str
    text: echo.Text

    def value(self, facts: Facts) -> Any:
        """The value for one request."""
        return self.text.resolvers[0](facts) if self.text.is_single else self.text.fill(facts)

    def stand_ins(self) -> tuple[Any, ...]:
        """Values to try in its place when the answer is judged before any request."""
        if self.text.is_single:
            return (*_STAND_INS, self.raw)
        bare = "".join(self.text.literals)
        return (bare, self.raw, *_STAND_INS)


class Filler:
    """Gives the value of one hole such that the whole keeps to its schema."""

    __slots__ = ("_fallback", "_free", "_whole", "resolve")

    def __init__(self, hole: Hole, whole: Any, fallback: Any, judge: Judge) -> None:
        def holds(probe: Any) -> bool:
            return not judge(replaced_at(whole, hole.path, probe))

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
        """The value for one request; the fallback where the schema refuses it."""
        value = self.resolve(facts)
        # Whatever such a value is, the probes have shown that it fits: no validator runs.
        if type(value) in self._free:
            return value
        return value if value is not MISSING and self._fits(value) else self._fallback

    def _fits(self, value: Any) -> bool:
        try:
            return self._whole(value)
        except UnicodeEncodeError:  # a lone surrogate, which no validator takes
            return False


def fillers_of(value: Any, judge: Judge, sample: Callable[[], Any]) -> list[tuple[Hole, Filler]]:
    """Every hole with its filler; the fallbacks are chosen so that together they are valid.

    Raises:
        spec.SpecError: to judge the whole value for each of its holes would take too long.
    """
    holes = list(_holes(value, ()))
    if len(holes) > 1 and len(holes) * (size := _size(value)) > MOST_WORK:
        raise SpecError(
            f"{len(holes):,} runtime expressions in an example of {size:,} values would take too"
            f" long to check; use fewer, or a smaller example"
        )
    whole = value
    fallbacks: dict[Path, Any] = {}
    for hole in holes:
        base = judge(replaced_at(whole, hole.path, hole.raw))
        candidates = [(judge(replaced_at(whole, hole.path, one)), one) for one in hole.stand_ins()]
        # No stand-in breaks less than the text of the expression itself: a sample shows what fits.
        if all(count >= base > 0 for count, _ in candidates):
            candidates += [
                (judge(replaced_at(whole, hole.path, one)), one)
                for one in _values_at(sample(), hole.path)
            ]
        fewest = min(count for count, _ in candidates)
        fallbacks[hole.path] = next(one for count, one in candidates if count == fewest)
        whole = replaced_at(whole, hole.path, fallbacks[hole.path])
    return [(hole, Filler(hole, whole, fallbacks[hole.path], judge)) for hole in holes]


def _size(value: Any) -> int:
    """How many values there are in a value, itself included."""
    if isinstance(value, dict):
        return 1 + sum(map(_size, value.values()))
    return 1 + sum(map(_size, value)) if isinstance(value, list) else 1


def anything_fits(_value: Any) -> int:
    """The judge where nothing is said of the value: no violations."""
    return 0


def _holes(value: Any, path: Path) -> Iterator[Hole]:
    if isinstance(value, str):
        text = echo.compile_expressions(value)
        if text:
            yield Hole(path, value, text)
    elif isinstance(value, dict):
        for key, member in value.items():
            yield from _holes(member, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _holes(item, (*path, index))


def _values_at(value: Any, path: Path) -> list[Any]:
    """What is at a path, where any item of a list may stand for another."""
    if not path:
        return [value]
    if isinstance(value, dict):
        return _values_at(value[path[0]], path[1:]) if path[0] in value else []
    if isinstance(value, list):
        return [found for item in value for found in _values_at(item, path[1:])]
    return []


def replaced_at(value: Any, path: Sequence[str | int], new: Any) -> Any:
    """A copy of a value with something else at one place; what is not on the way is shared."""
    if not path:
        return new
    first, rest = path[0], path[1:]
    if isinstance(value, dict):
        return {key: replaced_at(v, rest, new) if key == first else v for key, v in value.items()}
    return [replaced_at(v, rest, new) if index == first else v for index, v in enumerate(value)]
