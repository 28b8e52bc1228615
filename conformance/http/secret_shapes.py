"""One secret in a text: it is found in every spelling, and a mark is put in its place."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cached_property, lru_cache

from conformance.http.handed_out import SHORTEST
from conformance.http.inner_texts import (
    dumps_in,
    letters_of,
    numbers_of,
    other_readings,
    packed_texts,
)
from conformance.http.secret_spellings import (
    LONG,
    beginnings_of,
    codes_in,
    encoded,
    ending,
    gapped,
    is_spread,
    letter,
    squeezed,
    views_of,
)

__all__ = ["PIECE", "TAIL", "SecretShapes", "shapes_of", "without"]

PIECE = 128
"""Characters of a longer secret that are looked for at once. Its spellings are one pattern, whose
end is nested as deep as it is long, and Python's parser of patterns has a limit."""
TAIL = 4
"""Characters of a secret that tell it where a text was cut."""
_JOSE_HEADER = re.compile(r"eyj[\w-]{8,}\.")
"""How each JSON Web Token of an algorithm begins (RFC 7519 section 5), in small letters."""


def without(text: str, secret: str, mark: str) -> str:
    """The text with a mark for each place of the secret, or of a part of a long one."""
    shapes = shapes_of(secret)
    for one in shapes:
        text = one.replace(text, mark)
    return text if len(shapes) == 1 else re.sub(f"{mark}+", mark, text)


@lru_cache(maxsize=1024)
def shapes_of(secret: str) -> tuple[SecretShapes, ...]:
    """Those of its parts of nearly the same length: none is so short that it is a usual word."""
    number = -(-len(secret) // PIECE)
    size = -(-len(secret) // number)
    return tuple(SecretShapes(secret[at : at + size]) for at in range(0, len(secret), size))


class SecretShapes:
    """The spellings of one secret: plain, escaped, encoded, with gaps, a large part."""

    def __init__(self, secret: str) -> None:
        self.secret, self.low = secret, secret.lower()
        self.parts = tuple(_telling_parts(self.low))
        self.tight, self.long = squeezed(self.low), len(secret) >= LONG and not secret.isalpha()
        self.letters = letters_of(secret)
        self._first_word = _first_word(self.low)

    @cached_property
    def signs(self) -> tuple[str, ...]:
        """Texts of which one stands in a view of each text that says the secret, but a cut one."""
        gapped = (self.tight,) if self.long else ()
        letters = (self.letters,) if len(self.letters) >= LONG else ()
        return (self.low, *self.parts, *gapped, *letters, *beginnings_of(self.secret))

    def replace(self, text: str, mark: str) -> str:
        """The text with a mark in each place of the secret."""
        if len(self.secret) < SHORTEST:
            # A token of one letter must not eat every word that has it.
            pattern = rf"(?<![\w-]){re.escape(self.secret)}(?![\w-])"
            return re.sub(pattern, lambda _: mark, text)
        if not text:
            return text
        views = views_of(text)
        if self.long and views.squeezed.count(self.tight) > views.low.count(self.low):
            text = self.gapped.sub(lambda _: mark, text)
            views = views_of(text)
        # What each event or line has of it tells it to whoever reads all of them.
        spread = self.long and is_spread(self.low, views)
        if spread or (self.long and any(self.low in one for one in dumps_in(text))):
            return mark
        for code in encoded(self.secret, views):
            text = code.sub(lambda _: mark, text)
        # First by every spelling: where only a part is plain, the rest would be left.
        if self.low not in views.low and any(map(self._stands_in, (views.unescaped, views.folded))):
            text = self.pattern.sub(lambda _: mark, text)
        low = text.lower()
        plain = self._stands_in(low) or self._cut(low)
        text = self.plain.sub(lambda _: mark, text) if plain else text
        again = views_of(text)
        spelt = any(map(self._stands_in, (again.unescaped, again.folded)))
        text = self.pattern.sub(lambda _: mark, text) if spelt else text
        return self._without_inner(text, mark)

    def _without_inner(self, text: str, mark: str) -> str:
        """The text without what says the secret in another way than letter by letter."""
        for run, inner in packed_texts(text):
            if self._stands_in(inner):
                text = text.replace(run, mark)
        # No place in it can be told from the rest: all of it goes.
        if self.long and any(map(self._is_said_by, other_readings(text))):
            return mark
        mixed = not (self.letters.isalpha() or self.letters.isdigit())
        if self.long and mixed and LONG <= len(self.letters) <= len(text):
            letters = map(letters_of, (text, views_of(text).unescaped))
            says = any(self.letters in one for one in letters)
            return mark if says or any(self.low in one for one in numbers_of(text)) else text
        return text

    def _is_said_by(self, reading: str) -> bool:
        return self.low in reading or codes_in(self.secret, reading)

    def _stands_in(self, low: str) -> bool:
        return self.low in low or any(part in low for part in self.parts)

    def _cut(self, low: str) -> bool:
        """Whether the text ends with a beginning of the secret."""
        # A plain word with which it begins (`token` of `token-1`) may end any sentence.
        if self._first_word and ending(low).endswith(self._first_word):
            return False
        end = ending(low)[-len(self.secret) :]
        # From where it may begin, and not length by length: a JWT has hundreds, and every text
        # of every exchange is looked at.
        at = end.find(self.low[:TAIL])
        while at >= 0 and not self.low.startswith(end[at:]):
            at = end.find(self.low[:TAIL], at + 1)
        return at >= 0

    @cached_property
    def gapped(self) -> re.Pattern[str]:
        """The letters with what stands between them."""
        return re.compile(gapped(self.secret), re.IGNORECASE)

    @cached_property
    def plain(self) -> re.Pattern[str]:
        """Itself, in any case."""
        return self._in_letters(lambda one: rf"\\*{re.escape(one)}")

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """Every spelling by letters."""
        return self._in_letters(letter)

    def _in_letters(self, spelt: Callable[[str], str]) -> re.Pattern[str]:
        """The whole, and its parts; the longest first, so that nothing of it is left over."""
        whole = "".join(map(spelt, self.secret))
        parts = ["".join(map(spelt, one)) for one in sorted(self.parts, key=len, reverse=True)]
        # An end before a part: a text that is cut late would keep what is after the part.
        return re.compile("|".join([whole, self._end(spelt), *parts]), re.IGNORECASE)

    def _end(self, spelt: Callable[[str], str]) -> str:
        """The beginning of the secret where the text ends."""
        below = ""
        for one in reversed(self.secret[TAIL:-1]):
            below = f"(?:{spelt(one)}{below})?"
        head = "".join(map(spelt, self.secret[:TAIL]))
        end = r"[…\"' ]*\Z"
        word = rf"(?!{re.escape(self._first_word)}{end})" if self._first_word else ""
        return rf"{word}{head}{below}(?={end})"


def _first_word(low: str) -> str:
    """The plain word with which a secret begins, if that is less than half of it; else ""."""
    found = re.match(r"[a-z]+(?=[^a-z0-9])", low)
    word = found[0] if found else ""
    return word if TAIL <= len(word) < len(low) / 2 else ""


def _telling_parts(low: str) -> Iterator[str]:
    """Beginnings and ends that give it away. A plain word of a secret may stand in any text."""
    header = _JOSE_HEADER.match(low)
    # What stands in other tokens too is no beginning of this one.
    known = header.end() if header is not None else 0
    begins, ends = _shares(len(low) - known), _shares(len(low))
    for (begin, most), (end, _) in zip(begins, ends, strict=True):
        for part in (low[: known + begin], low[-end:]):
            if len(part) < len(low) and (most or not part.replace("-", "").isalpha()):
                yield part


def _shares(length: int) -> tuple[tuple[int, bool], ...]:
    """So many characters give a secret away, and whether they do so whatever they are."""
    # Half of it, at least 8 characters, unless that is made of letters alone (`production` of
    # `production-key-1`); three quarters, rounded up, whatever they are.
    return (max(8, length // 2), False), (max(10, -(-length * 3 // 4)), True)
