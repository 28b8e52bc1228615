"""Which of many secrets a text may say: found in one look at the text, and not in one for each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from functools import lru_cache

from conformance.http.inner_texts import (
    dumps_in,
    letters_of,
    numbers_of,
    other_readings,
    packed_texts,
)
from conformance.http.secret_shapes import PIECE, TAIL, shapes_of
from conformance.http.secret_spellings import ending, views_of, without_escapes

__all__ = ["SecretIndex"]

_WINDOW, _STEP = 6, 3
"""Characters of a sign by which it is looked up, and of how many places in a text one is looked at:
in a sign that is long enough a window begins at one of them."""


class SecretIndex:
    """Secrets by how their signs begin, in the views of a text that `SecretShapes` looks at."""

    def __init__(self) -> None:
        self._by_sign = defaultdict[str, set[str]](set)
        self._by_head = defaultdict[str, set[str]](set)
        self._always = set[str]()

    def add(self, secret: str) -> None:
        """Look for one more."""
        for shapes in shapes_of(secret) if secret else ():
            self._by_head[shapes.low[:TAIL]].add(secret)
            for sign in shapes.signs:
                for at in range(_STEP):
                    self._by_sign[sign[at : at + _WINDOW]].add(secret)
            if min(map(len, shapes.signs)) < _WINDOW + _STEP - 1:
                self._always.add(secret)

    def may_say(self, text: str) -> set[str]:
        """All secrets that the text says in any spelling, and hardly any other ones."""
        if not self._by_head:
            return set()
        found = set(self._always)
        for head in self._by_head.keys() & _windows(ending(text)[-PIECE:], TAIL, step=1):
            found |= self._by_head[head]
        for sign in self._by_sign.keys() & _windows_of_views(text):
            found |= self._by_sign[sign]
        return found


def _windows(text: str, size: int, *, step: int) -> set[str]:
    return {text[at : at + size] for at in range(0, len(text) - size + 1, step)}


@lru_cache(maxsize=4)
def _windows_of_views(text: str) -> frozenset[str]:
    every = set[str]()
    for view in set(_views(text)):
        every |= _windows(view, _WINDOW, step=_STEP)
    return frozenset(every)


def _views(text: str) -> Iterator[str]:
    views = views_of(text)
    yield from (views.low, views.squeezed, views.codes, views.octets)
    yield from (views.unescaped, views.folded, *views.lines)
    yield from dumps_in(text)
    yield from (inner for _, inner in packed_texts(text))
    for reading in other_readings(text):
        yield from (reading, without_escapes(reading))
    yield from (letters_of(text), letters_of(views.unescaped))
    yield from numbers_of(text)
