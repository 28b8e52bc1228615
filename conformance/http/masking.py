"""What must not be shown, in every spelling in which a server may repeat it."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Container
from dataclasses import dataclass, field

from conformance.http.exchange import Headers
from conformance.http.handed_out import (
    SHORTEST,
    handed_out,
    handed_out_in_headers,
    masked_values,
)
from conformance.http.secret_index import SecretIndex
from conformance.http.secret_shapes import without
from spec.text.secrets import MASK

__all__ = ["ALTERED", "SECRET", "TOKEN", "Secrets", "is_hidden"]

TOKEN, SECRET = "$TOKEN", "$SECRET"
"""What stands for a credential of the caller, and for one that an answer handed out."""
ALTERED = "$ALTERED_TOKEN"
"""What stands for a credential with something changed: it would tell most of the real one."""


def is_hidden(value: str) -> bool:
    """Whether who recorded a value has put a mark in its place, so that nothing is known of it."""
    return any(mark in value for mark in (TOKEN, SECRET, ALTERED, MASK))


_STAND_INS = {TOKEN: "\ufdd0", ALTERED: "\ufdd1", SECRET: "\ufdd2"}
"""Noncharacters for the marks while a text is searched: a secret may begin with `token` itself."""
MOST_LEARNED = 200
"""Secrets of answers that are remembered: every text of the report is searched for each of them."""
LONGEST = 8_000
"""Characters of a longer value are hidden under its name alone: no header carries such a one."""
MOST_SENT = 500
"""So many bodies of requests are remembered, the latest."""
_SHORT = 200
_SHORT_ONES, _LONG_ONES = 4096, 64
"""So many texts are remembered with what is shown of them: the same headers stand in every request
and answer, and a list is often the same."""


@dataclass(frozen=True)
class Secrets:
    """The caller's secrets, and those that answers have handed out so far.

    `own` are those that were given, and those that were fetched since.
    `named` are the names of properties that the contract marks as secret (`format: password`,
    `writeOnly`), beside those that are known as such. `words` are what the contract says openly: an
    answer that has one of them under a telling name hands out nothing.
    """

    given: tuple[str, ...] = field(default=(), repr=False)
    named: frozenset[str] = frozenset()
    words: Callable[[], Container[str]] = field(default=frozenset, repr=False, compare=False)
    own: list[str] = field(init=False, repr=False, compare=False)
    _index: SecretIndex = field(default_factory=SecretIndex, init=False, repr=False, compare=False)
    _learned: dict[str, None] = field(default_factory=dict, repr=False, compare=False)
    _sent: deque[bytes] = field(
        default_factory=lambda: deque(maxlen=MOST_SENT), repr=False, compare=False
    )
    _shown: dict[tuple[str, int], str] = field(default_factory=dict, repr=False, compare=False)
    _long_shown: dict[tuple[str, int], str] = field(default_factory=dict, repr=False, compare=False)

    def __post_init__(self) -> None:
        # The class is frozen, but the list itself grows when a credential is fetched again.
        object.__setattr__(self, "own", list(self.given))
        for one in (*self.own, *self._learned):
            self._index.add(one)

    def add(self, secret: str) -> None:
        """Hide one more of the caller's: a credential that was fetched again."""
        if secret not in self.own:
            self.own.append(secret)
            self._look_for(secret)

    def note_sent(self, body: bytes) -> None:
        """Remember the body of a request: who reads back what the run has stored hands out nothing.

        A long one is long for its own sake.
        """
        if len(body) <= LONGEST:
            self._sent.append(body)

    def learn(self, answer: str, sent: Callable[[], str], headers: Headers = ()) -> None:
        """Remember what an answer hands out under a telling name, unless it was sent there."""
        for value in (*handed_out(answer, self.named), *handed_out_in_headers(headers)):
            known = value in self.own or value in self._learned
            if known or len(self._learned) >= MOST_LEARNED:
                continue
            if not SHORTEST <= len(value) <= LONGEST or value in self.words():
                continue
            if value not in sent() and not self._was_sent(value):
                self._learned[value] = None
                self._look_for(value)

    def _was_sent(self, value: str) -> bool:
        written = json.dumps(value)[1:-1].encode()
        return any(written in one for one in self._sent)

    def _look_for(self, secret: str) -> None:
        self._index.add(secret)
        self._shown.clear()
        self._long_shown.clear()

    def hide(self, text: str, *, shortest: int = 1) -> str:
        """The text without any of them, whatever the spelling, also where one is cut off.

        Of the caller's those with fewer characters than the `shortest` stay.
        """
        short = len(text) <= _SHORT
        shown, most = (self._shown, _SHORT_ONES) if short else (self._long_shown, _LONG_ONES)
        if (text, shortest) not in shown:
            if len(shown) >= most:
                shown.clear()
            shown[text, shortest] = self._hidden(text, shortest)
        return shown[text, shortest]

    def _hidden(self, text: str, shortest: int) -> str:
        for mark, stand_in in _STAND_INS.items():
            text = text.replace(mark, stand_in)
        wanted = [(one, _STAND_INS[TOKEN]) for one in self.own if len(one) >= shortest]
        wanted += ((one, _STAND_INS[SECRET]) for one in self._learned)
        before, said = "", self._index.may_say(text)
        # Where one was taken out, what is beside it may say another one.
        while said and text != before:
            before = text
            for value, stand_in in wanted:
                if value in said:
                    text = without(text, value, stand_in)
            said = self._index.may_say(text) - said if text != before else set()
        for mark, stand_in in _STAND_INS.items():
            text = text.replace(stand_in, mark)
        return text

    def mask(self, answer: str) -> str:
        """What an answer says, without secrets, and without what telling names carry."""
        return masked_values(self.hide(answer), SECRET, TOKEN, self.named)
