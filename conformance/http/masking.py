"""What must not be shown, in every spelling in which a server may repeat it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

from conformance.http.exchange import Headers
from conformance.http.handed_out import (
    SHORTEST,
    handed_out,
    handed_out_in_headers,
    masked_values,
)
from conformance.http.inner_texts import (
    dumps_in,
    letters_of,
    numbers_of,
    other_readings,
    packed_texts,
)
from conformance.http.secret_spellings import (
    LONG,
    codes_in,
    encoded,
    gapped,
    is_spread,
    letter,
    squeezed,
    views_of,
)

__all__ = ["ALTERED", "SECRET", "TOKEN", "Secrets"]

TOKEN, SECRET = "$TOKEN", "$SECRET"
"""What stands for a credential of the caller, and for one that an answer handed out."""
ALTERED = "$ALTERED_TOKEN"
"""What stands for a credential with something changed: it would tell most of the real one."""
_STAND_INS = {TOKEN: "\ufdd0", ALTERED: "\ufdd1", SECRET: "\ufdd2"}
"""Noncharacters for the marks while a text is searched: a secret may begin with `token` itself."""
MOST_LEARNED = 200
"""Secrets of answers that are remembered: every text of the report is searched for each of them."""
LONGEST = 8_000
"""Characters of a longer value are hidden under its name alone: no header carries such a one."""
_REMEMBERED, _MOST_REMEMBERED = 200, 4096
"""Characters of a text that is remembered with what is shown of it, and so many of them: the same
headers stand in every request and answer."""
_PIECE = 128
"""Characters of a longer secret that are looked for at once. Its spellings are one pattern, whose
end is nested as deep as it is long, and Python's parser of patterns has a limit."""
_TAIL = 4
"""Characters of a secret that tell it where a text was cut."""


@dataclass(frozen=True)
class Secrets:
    """The caller's secrets, and those that answers have handed out so far.

    `own` are those that were given, and those that were fetched since.
    `named` are the names of properties that the contract marks as secret (`format: password`,
    `writeOnly`), beside those that are known as such.
    """

    given: tuple[str, ...] = field(default=(), repr=False)
    named: frozenset[str] = frozenset()
    own: list[str] = field(init=False, repr=False, compare=False)
    _learned: dict[str, None] = field(default_factory=dict, repr=False, compare=False)
    _shown: dict[tuple[str, int], str] = field(default_factory=dict, repr=False, compare=False)

    def __post_init__(self) -> None:
        # The class is frozen, but the list itself grows when a credential is fetched again.
        object.__setattr__(self, "own", list(self.given))

    def add(self, secret: str) -> None:
        """Hide one more of the caller's: a credential that was fetched again."""
        if secret not in self.own:
            self.own.append(secret)
            self._shown.clear()

    def learn(self, answer: str, sent: str, headers: Headers = ()) -> None:
        """Remember what an answer hands out under a telling name, unless it was sent there."""
        for value in (*handed_out(answer, self.named), *handed_out_in_headers(headers)):
            known = len(self._learned) >= MOST_LEARNED or value in self.own
            if SHORTEST <= len(value) <= LONGEST and value not in sent and not known:
                self._learned[value] = None
                self._shown.clear()

    def hide(self, text: str, *, shortest: int = 1) -> str:
        """The text without any of them, whatever the spelling, also where one is cut off.

        Of the caller's those with fewer characters than the `shortest` stay.
        """
        if len(text) > _REMEMBERED:
            return self._hidden(text, shortest)
        if (text, shortest) not in self._shown:
            if len(self._shown) >= _MOST_REMEMBERED:
                self._shown.clear()
            self._shown[text, shortest] = self._hidden(text, shortest)
        return self._shown[text, shortest]

    def _hidden(self, text: str, shortest: int) -> str:
        for mark, stand_in in _STAND_INS.items():
            text = text.replace(mark, stand_in)
        for value in self.own:
            if len(value) >= shortest:
                text = _without(text, value, _STAND_INS[TOKEN])
        for value in self._learned:
            text = _without(text, value, _STAND_INS[SECRET])
        for mark, stand_in in _STAND_INS.items():
            text = text.replace(stand_in, mark)
        return text

    def mask(self, answer: str) -> str:
        """What an answer says, without secrets, and without what telling names carry."""
        return masked_values(self.hide(answer), SECRET, TOKEN, self.named)


def _without(text: str, secret: str, mark: str) -> str:
    """The text with a mark for each place of the secret, or of a part of a long one."""
    pieces = _pieces(secret)
    for piece in pieces:
        text = _shapes(piece).replace(text, mark)
    return text if len(pieces) == 1 else re.sub(f"{mark}+", mark, text)


@lru_cache(maxsize=MOST_LEARNED * 2)
def _pieces(secret: str) -> tuple[str, ...]:
    """The secret in parts of nearly the same length: none is so short that it is a usual word."""
    number = -(-len(secret) // _PIECE)
    size = -(-len(secret) // number)
    return tuple(secret[at : at + size] for at in range(0, len(secret), size))


class _Shapes:
    """The spellings of one secret: plain, escaped, encoded, with gaps, a large part."""

    def __init__(self, secret: str) -> None:
        self.secret, self.low = secret, secret.lower()
        self.parts = tuple(_telling_parts(self.low))
        self.tight, self.long = squeezed(self.low), len(secret) >= LONG and not secret.isalpha()
        self.letters = letters_of(secret)

    def replace(self, text: str, mark: str) -> str:
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
        end = low.rstrip("…\"' ")[-len(self.secret) :]
        # From where it may begin, and not length by length: a JWT has hundreds, and every text
        # of every exchange is looked at.
        at = end.find(self.low[:_TAIL])
        while at >= 0 and not self.low.startswith(end[at:]):
            at = end.find(self.low[:_TAIL], at + 1)
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
        for one in reversed(self.secret[_TAIL:-1]):
            below = f"(?:{spelt(one)}{below})?"
        head = "".join(map(spelt, self.secret[:_TAIL]))
        return rf"{head}{below}(?=[…\"' ]*\Z)"


def _telling_parts(low: str) -> Iterator[str]:
    """Beginnings and ends that give it away. A plain word of a secret may stand in any text."""
    # Half of it, at least 8 characters, unless that is made of letters alone (`production` of
    # `production-key-1`); three quarters, rounded up, whatever they are.
    for half, most in ((max(8, len(low) // 2), False), (max(10, -(-len(low) * 3 // 4)), True)):
        for part in (low[:half], low[-half:]):
            if half < len(low) and (most or not part.replace("-", "").isalpha()):
                yield part


@lru_cache(maxsize=MOST_LEARNED * 8)
def _shapes(secret: str) -> _Shapes:
    return _Shapes(secret)
