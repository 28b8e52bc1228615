"""Strings by length, pattern and format, the plainest first."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from random import Random

from spec.sampling.common_words import words_in_common
from spec.sampling.layers import Layer
from spec.sampling.names import texts_named
from spec.sampling.patterns import strings_matching
from spec.sampling.search import DeadEndError
from spec.schemas.compiled import compile_schema
from spec.schemas.string_formats import STRING_FORMATS, Make, words

__all__ = ["matches", "strings_of"]

_LONGEST = 10_000_000
_STARTS = ("user", "user@", "https://example.com/file", "https://example.com/", "https://")
"""What may have to stand before the end that a pattern names, so that a format is kept as well."""


@dataclass(frozen=True, slots=True)
class _Wish:
    """What all the layers together ask of a string."""

    shortest: int
    longest: int | None
    patterns: tuple[str, ...]
    formats: tuple[str, ...]
    encoding: str | None
    barred: tuple[str, ...]

    def admits(self, text: str) -> bool:
        if len(text) < self.shortest or (self.longest is not None and len(text) > self.longest):
            return False
        if not all(matches(pattern, text) for pattern in self.patterns):
            return False
        if any(matches(pattern, text) for pattern in self.barred):
            return False
        return all(_has_format(name, text) for name in self.formats)


def strings_of(
    layers: Sequence[Layer], name: str, random: Random | None, nth: int
) -> Iterator[str]:
    """Candidates for a string that satisfies the layers.

    `name` is the plain text where nothing else is asked for; `nth` gives another one, so that
    the items of a list can differ. Raises DeadEndError where no string can satisfy the lengths.
    """
    wish = _wish(layers)
    varied = random or (Random(nth) if nth else None)
    for text in _candidates(wish, name, random, varied, nth):
        if wish.admits(text):
            yield text


def _candidates(
    wish: _Wish, name: str, random: Random | None, varied: Random | None, nth: int
) -> Iterator[str]:
    for form in wish.formats:
        yield from _attempts(STRING_FORMATS[form].make, varied, wish.shortest)
        yield from STRING_FORMATS[form].shorter
    if wish.encoding == "base64":
        yield from _attempts(STRING_FORMATS["byte"].make, varied, wish.shortest)
    if wish.patterns:
        for pattern in wish.patterns:
            # An empty text says nothing, and is often refused where a pattern would allow it.
            for text in strings_matching(pattern, varied, max(1, wish.shortest), wish.longest):
                yield text
                # `format: uri, pattern: \.pdf$`: the pattern gives an end, and the format wants a
                # beginning.
                yield from (start + text for start in _STARTS if wish.formats)
        yield ""
    known = texts_named(name)
    if known and random is not None:
        yield random.choice(known)
    # From the nth on, so that the items of a list differ.
    yield from known[nth:]
    if random is None:
        yield from _texts_like_name(wish, name, nth)
    for attempt in range(20):
        yield _fitted(" ".join(words(random or Random(attempt), 2)), wish)
    # Last, since a search through automata is slow: the plain candidates nearly always do.
    if wish.formats or wish.patterns:
        for grammars in product(*(STRING_FORMATS[form].patterns or ("",) for form in wish.formats)):
            yield from words_in_common(
                [*grammars, *wish.patterns], wish.barred, wish.shortest, wish.longest, varied
            )


def _attempts(make: Make, random: Random | None, shortest: int) -> Iterator[str]:
    yield make(random, shortest)
    for attempt in range(10):
        yield make(random or Random(attempt), shortest)


def _texts_like_name(wish: _Wish, name: str, nth: int) -> Iterator[str]:
    text = name or "string"
    suffix = str(nth + 1) if nth else ""
    if suffix and wish.longest is not None:
        text = text[: max(0, wish.longest - len(suffix))]
    yield _fitted(text + suffix, wish)


def _fitted(text: str, wish: _Wish) -> str:
    """The text repeated or cut, so that its length is within the window."""
    if len(text) < wish.shortest:
        text = ((text or "string") + " ") * (wish.shortest // (len(text) + 1) + 1)
        text = text[: wish.shortest]
        # A blank at the end is often trimmed on the way, and the text would be too short.
        text = text[:-1] + "." if text.endswith(" ") else text
    return text if wish.longest is None else text[: wish.longest]


def _wish(layers: Sequence[Layer]) -> _Wish:
    shortest = max((int(layer.get("minLength", 0)) for layer in layers), default=0)
    lengths = [int(layer["maxLength"]) for layer in layers if "maxLength" in layer]
    longest = min(lengths, default=None)
    if shortest > _LONGEST or (longest is not None and shortest > longest):
        raise DeadEndError
    named = [layer["format"] for layer in layers if "format" in layer]
    formats = dict.fromkeys(form for form in named if form in STRING_FORMATS)
    encodings = [layer["contentEncoding"] for layer in layers if "contentEncoding" in layer]
    return _Wish(
        shortest,
        longest,
        tuple(dict.fromkeys(layer["pattern"] for layer in layers if "pattern" in layer)),
        tuple(formats),
        encodings[0] if encodings else None,
        tuple(_barred(layers)),
    )


def _barred(layers: Sequence[Layer]) -> Iterator[str]:
    """The patterns that `not: {pattern: …}` bars."""
    for layer in layers:
        barred = layer.get("not")
        if isinstance(barred, dict) and barred.keys() == {"pattern"}:
            yield barred["pattern"]


def matches(pattern: str, text: str) -> bool:
    """Whether an ECMA-262 pattern is found in a text; no, where it costs too much to tell."""
    return _judged("pattern", pattern, text)


def _has_format(name: str, text: str) -> bool:
    return _judged("format", name, text)


def _judged(keyword: str, argument: str, text: str) -> bool:
    judge = _judge(keyword, argument)
    return judge is not None and judge(text)


# Compiling costs more than judging, and the same few patterns come again and again.
@lru_cache(maxsize=2048)
def _judge(keyword: str, argument: str) -> Callable[[str], bool] | None:
    try:
        return compile_schema({keyword: argument}).is_valid
    except ValueError:
        return None
