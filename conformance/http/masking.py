"""What must not be shown, in every spelling in which a server may repeat it."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

from spec.text.secrets import is_secret_name, may_name_secrets

__all__ = ["ALTERED", "SECRET", "SHORTEST", "TOKEN", "Secrets", "handed_out", "masked"]

TOKEN, SECRET = "$TOKEN", "$SECRET"
"""What stands for a credential of the caller, and for one that an answer handed out."""
ALTERED = "$ALTERED_TOKEN"
"""What stands for a credential with something changed: it would tell most of the real one."""
_STAND_INS = {TOKEN: "\ufdd0", ALTERED: "\ufdd1", SECRET: "\ufdd2"}
"""Noncharacters for the marks while a text is searched: a secret may begin with `token` itself."""
MOST_LEARNED = 200
"""Secrets of answers that are remembered: every text of the report is searched for each of them."""
SHORTEST = 6
"""Characters from which a value is a secret wherever it stands; a shorter one only by itself."""
LONGEST = 8_000
"""Characters of a longer value are hidden under its name alone: no header carries such a one."""
_PIECE = 128
"""Characters of a longer secret that are looked for at once. Its spellings are one pattern, whose
end is nested as deep as it is long, and Python's parser of patterns has a limit."""
_TAIL = 4
"""Characters of a secret that tell it where a text was cut."""
_ESCAPED = re.compile(r"%(?:25)*([0-9A-Fa-f]{2})|\\+[ux](?:00)?([0-9A-Fa-f]{2})|&#x([0-9a-f]{2});")
"""A character as URLs, JSON and HTML escape it; `%2541` has been encoded twice."""


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

    def __post_init__(self) -> None:
        # The class is frozen, but the list itself grows when a credential is fetched again.
        object.__setattr__(self, "own", list(self.given))

    def add(self, secret: str) -> None:
        """Hide one more of the caller's: a credential that was fetched again."""
        if secret not in self.own:
            self.own.append(secret)

    def learn(self, answer: str, sent: str) -> None:
        """Remember what an answer hands out under a telling name, unless it was sent there."""
        for value in handed_out(answer, self.named):
            known = len(self._learned) >= MOST_LEARNED or value in self.own
            if SHORTEST <= len(value) <= LONGEST and value not in sent and not known:
                self._learned[value] = None

    def hide(self, text: str) -> str:
        """The text without any of them, whatever the spelling, also where one is cut off."""
        for mark, letter in _STAND_INS.items():
            text = text.replace(mark, letter)
        for value in filter(None, self.own):
            text = _without(text, value, _STAND_INS[TOKEN])
        for value in self._learned:
            text = _without(text, value, _STAND_INS[SECRET])
        for mark, letter in _STAND_INS.items():
            text = text.replace(letter, mark)
        return text

    def mask(self, answer: str) -> str:
        """What an answer says, without secrets, and without what telling names carry."""
        return masked(self.hide(answer), self.named)


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
    """The spellings of one secret: plain, escaped, base64 at each alignment, hex, a large part."""

    def __init__(self, secret: str) -> None:
        self.secret, self.low = secret, secret.lower()
        data = secret.encode("utf-8", "surrogatepass")
        self.codes = tuple(_base64(data)) if len(data) >= SHORTEST else ()
        self.hexes = tuple(data.hex(sep) if sep else data.hex() for sep in ("", ":", "-", " "))
        self.parts = tuple(_telling_parts(self.low))

    def replace(self, text: str, mark: str) -> str:
        if len(self.secret) < SHORTEST:
            # A token of one letter must not eat every word that has it.
            pattern = rf"(?<![\w-]){re.escape(self.secret)}(?![\w-])"
            return re.sub(pattern, lambda _: mark, text)
        if not text or not self._may_stand_in(text):
            return text
        return self.pattern.sub(lambda _: mark, text)

    def _may_stand_in(self, text: str) -> bool:
        """A cheap look before the pattern, which is slow, is tried."""
        low = text.lower()
        if self._stands_in(low) or self._cut(low):
            return True
        if any(sign in low for sign in "%\\&") and self._stands_in(_unescaped(low)):
            return True
        if any(one in low for one in self.hexes):
            return True
        plain = text.replace("-", "+").replace("_", "/")
        return any(code in plain for code in self.codes)

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
    def pattern(self) -> re.Pattern[str]:
        """Every spelling; the longest first, so that nothing of it is left over."""
        whole = "".join(map(_letter, self.secret))
        parts = ["".join(map(_letter, one)) for one in sorted(self.parts, key=len, reverse=True)]
        codes = [
            "".join("[+-]" if c == "+" else "[/_]" if c == "/" else re.escape(c) for c in code)
            for code in self.codes
        ]
        # An end before a part: a text that is cut late would keep what is after the part.
        ways = [whole, *codes, *self.hexes, self._end(), *parts]
        return re.compile("|".join(ways), re.IGNORECASE)

    def _end(self) -> str:
        """The beginning of the secret where the text ends."""
        below = ""
        for letter in reversed(self.secret[_TAIL:-1]):
            below = f"(?:{_letter(letter)}{below})?"
        head = "".join(map(_letter, self.secret[:_TAIL]))
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


def _base64(data: bytes) -> Iterator[str]:
    """What base64 of anything with the secret in it must contain, at each of three alignments."""
    for shift in range(3):
        code = base64.b64encode(bytes(shift) + data).decode()
        # The first and last digits also hold bits of what is before and after.
        first = (0, 2, 3)[shift]
        last = (len(data) + shift) * 8 // 6
        yield code[first:last]


def _letter(letter: str) -> str:
    """A character as text, JSON, URLs, HTML and Python's repr may write it."""
    ways = [re.escape(letter), rf"\\+{re.escape(letter)}"]
    octets = letter.encode("utf-8", "surrogatepass")
    ways.append("".join(rf"%(?:25)*{octet:02x}" for octet in octets))
    if len(octets) == 1:
        ways.append(rf"\\+x{octets[0]:02x}")
    ways += [rf"\\+u{ord(letter):04x}", rf"&#x0*{ord(letter):x};", rf"&#0*{ord(letter)};"]
    return f"(?:{'|'.join(ways)})"


def _unescaped(low: str) -> str:
    plain = _ESCAPED.sub(lambda found: chr(int(next(filter(None, found.groups())), 16)), low)
    plain = re.sub(r"&#(\d{2,3});", lambda found: chr(int(found[1])), plain)
    return plain.replace("\\", "").lower()


_HEAD = re.compile(
    r"(?P<escape>\\*)\"(?P<json>[\w.$ -]{1,64})\\*\"\s*:\s*\\*\""
    r"|(?:^|(?<=[&?;\s]))(?P<form>[\w.-]{1,64})="
    r"|<(?:\w+:)?(?P<xml>[\w.-]{1,64})(?:\s[^<>]*)?>",
    re.MULTILINE,
)
"""A name before its value: in JSON (also in JSON within a string), in a form, in XML."""
_VALUES = {
    "json": re.compile(r'(?:[^"\\]|\\.)*', re.DOTALL),
    "escaped": re.compile(r'(?:(?!\\*").)*', re.DOTALL),
    "form": re.compile(r"[^&\s;\"'<]*"),
    # A text that merely names a placeholder, "Bearer <token>", ends where its string ends.
    "xml": re.compile(r"[^<]*(?=</)|[^<\"\\]*"),
}


def handed_out(text: str, named: frozenset[str] = frozenset()) -> Iterator[str]:
    """The values that stand under telling names."""
    for start, end in _values(text, named):
        yield text[start:end].replace('\\"', '"')


def masked(text: str, named: frozenset[str] = frozenset()) -> str:
    """The text with `$SECRET` for what is under telling names."""
    parts, at = list[str](), 0
    for start, end in _values(text, named):
        if not text.startswith(TOKEN, start):
            parts += [text[at:start], SECRET]
            at = end
    return "".join([*parts, text[at:]])


def _values(text: str, named: frozenset[str]) -> Iterator[tuple[int, int]]:
    """Where the values of telling names begin and end; empty ones are none."""
    at = 0
    while (named or may_name_secrets(text)) and (found := _HEAD.search(text, at)):
        at = found.end()
        kind = str(found.lastgroup)
        if found[kind] in named or is_secret_name(found[kind]):
            value = _VALUES["escaped" if found["escape"] else kind].match(text, at)
            assert value is not None
            if value.end() > at:
                yield at, value.end()
            at = value.end()
