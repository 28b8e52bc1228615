"""What a client wishes for: `Prefer: code=401, example=none` (RFC 7240), or `?__code=401`.

Browser code can often not set a header, so every preference exists as a query parameter too;
where both are given the header speaks. Names that are not ours are left to the contract.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Set
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import unquote_plus

from spec.model.near_names import did_you_mean
from spec.text.http_tokens import is_token

__all__ = [
    "NO_WISH",
    "OFFERS",
    "MalformedWishError",
    "Wish",
    "WishKey",
    "header_wishes",
    "may_wish",
    "query_wishes",
    "read",
    "unknown_message",
    "unknown_wish",
]

_ELEMENT = re.compile(r'(?:[^,"]++|"(?:[^"\\]++|\\.)*+"?)++')
# No two neighbours of these patterns can match the same character: time grows with the length.
_TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~\w]+")
_WORD = re.compile(r'"((?:[^"\\]++|\\.)*+)"|([^\s;"]*)', re.DOTALL)
_OURS = "__"
"""What the names of wishes in a query string begin with."""
_LONGEST_SEED = 18
_LONGEST_PREFER = 4096


class WishKey(StrEnum):
    """What can be wished for, by its name in `Prefer`."""

    CODE = "code"
    EXAMPLE = "example"
    DYNAMIC = "dynamic"
    SEED = "seed"
    WAIT = "wait"

    @property
    def in_query(self) -> str:
        """Its name in a query string."""
        return f"{_OURS}{self}"


_NAMES: Mapping[str, WishKey] = {str(key): key for key in WishKey}
_QUERY_NAMES: Mapping[str, WishKey] = {key.in_query: key for key in WishKey}
OFFERS = tuple(_QUERY_NAMES)
"""The wishes as a query string has them."""


class MalformedWishError(ValueError):
    """A preference of ours whose value cannot be read; the text says what it should look like."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """`code` and `example` name an answer; the others say how to come to one.

    `wait` is in seconds. `applied` are the preferences as `Preference-Applied` repeats them.
    """

    code: int | None = None
    example: str | None = None
    dynamic: bool | None = None
    seed: int | None = None
    wait: float = 0.0

    @property
    def names_answer(self) -> bool:
        """Whether the answer is chosen by this wish, before credentials and validation."""
        return self.code is not None or self.example is not None

    @property
    def applied(self) -> str:
        """The value of `Preference-Applied`, in visible ASCII."""
        pairs = {
            WishKey.CODE: self.code,
            WishKey.EXAMPLE: self.example and _quoted(self.example),
            WishKey.DYNAMIC: self.dynamic if self.dynamic is None else str(self.dynamic).lower(),
            WishKey.SEED: self.seed,
            WishKey.WAIT: f"{self.wait:g}" if self.wait else None,
        }
        return ", ".join(f"{name}={value}" for name, value in pairs.items() if value is not None)


NO_WISH = Wish()


def read(prefer: str, query: Mapping[WishKey, str]) -> Wish:
    """Make one wish of what the header and the query string say.

    Raises MalformedWishError where a value of ours cannot be read.
    """
    # The header goes before the query: a test that sets it must win over a URL that somebody
    # copied.
    said = {**query, **header_wishes(prefer[:_LONGEST_PREFER])}
    return Wish(
        code=_status(said[WishKey.CODE]) if WishKey.CODE in said else None,
        example=said.get(WishKey.EXAMPLE) or None,
        dynamic=_flag(said[WishKey.DYNAMIC]) if WishKey.DYNAMIC in said else None,
        seed=_seed(said[WishKey.SEED]) if WishKey.SEED in said else None,
        wait=_seconds(said[WishKey.WAIT]) if WishKey.WAIT in said else 0.0,
    )


def header_wishes(prefer: str) -> dict[WishKey, str]:
    """Our preferences in a `Prefer` field; of one that is repeated, the first counts (RFC 7240)."""
    found: dict[WishKey, str] = {}
    for element in _ELEMENT.findall(prefer):
        name, value = _preference(element.strip())
        if value is not None and name in _NAMES:
            found.setdefault(_NAMES[name], value)
    return found


def _preference(element: str) -> tuple[str, str | None]:
    """One preference (RFC 7240 section 2) without its parameters; None where it has no value."""
    token = _TOKEN.match(element)
    if token is None:
        return "", None
    rest = element[token.end() :].lstrip()
    value = ""
    if rest.startswith("="):
        rest = rest[1:].lstrip()
        word = _WORD.match(rest)
        if word is None:
            return "", None
        quoted, plain = word.groups()
        value = plain if quoted is None else re.sub(r"\\(.)", r"\1", quoted)
        rest = rest[word.end() :].lstrip()
    return token.group().lower(), None if rest and not rest.startswith(";") else value


def may_wish(query_string: bytes) -> bool:
    """Whether a query string can have a wish: a quick look, since most have none."""
    # `%5F%5Fcode` is the same name as `__code` (RFC 3986 section 2.3).
    return b"__" in query_string or b"%5" in query_string


def query_wishes(
    query_string: bytes, declared: Set[str] = frozenset()
) -> tuple[dict[WishKey, str], bytes]:
    """Take our parameters out of a query string: what they say, and the rest for the contract.

    A name that the contract has declared is the contract's, whatever it begins with.
    """
    found: dict[WishKey, str] = {}
    rest = []
    for pair in query_string.split(b"&"):
        name, _, value = pair.partition(b"=")
        written = name.decode("latin-1")
        wished = _QUERY_NAMES.get(unquote_plus(written) if "%" in written else written)
        if wished is None or wished.in_query in declared:
            rest.append(pair)
        else:
            found.setdefault(wished, unquote_plus(value.decode("utf-8", "replace")))
    return found, b"&".join(rest)


def unknown_wish(query_string: bytes, declared: Set[str]) -> str | None:
    """A name with the prefix of wishes that is neither a wish nor declared by the contract."""
    for pair in query_string.split(b"&"):
        name = unquote_plus(pair.partition(b"=")[0].decode("utf-8", "replace"))
        if name.startswith(_OURS) and declared.isdisjoint({name, name.partition("[")[0]}):
            return name
    return None


def unknown_message(name: str) -> str:
    """The sentence that refuses such a name: what there is, and what is nearest to it."""
    near = did_you_mean(name, _QUERY_NAMES, "")
    hint = f"; {near}" if near else "."
    listed = ", ".join(OFFERS)
    return (
        f"{name[:40]!r} is neither a wish nor a parameter of the contract{hint} "
        f"The wishes are {listed}"
    )


def _status(value: str) -> int:
    if not re.fullmatch(r"[1-5][0-9]{2}", value, re.ASCII):
        raise MalformedWishError(f"code={value!r} is not a status; write for example code=401")
    return int(value)


def _flag(value: str) -> bool:
    if value.lower() not in ("", "true", "false", "1", "0"):
        raise MalformedWishError(f"dynamic={value!r} is neither true nor false")
    return value.lower() in ("", "true", "1")


def _seed(value: str) -> int:
    if not re.fullmatch(rf"[0-9]{{1,{_LONGEST_SEED}}}", value, re.ASCII):
        raise MalformedWishError(
            f"seed={value!r} is not a whole number of at most {_LONGEST_SEED} digits"
        )
    return int(value)


def _seconds(value: str) -> float:
    if not re.fullmatch(r"[0-9]{1,6}(\.[0-9]{1,6})?", value, re.ASCII):
        raise MalformedWishError(f"wait={value!r} is not a number of seconds; write wait=2")
    return float(value)


def _quoted(text: str) -> str:
    if is_token(text):
        return text
    # The name came from the client: a line break in it would make another header of it.
    visible = "".join(one if " " <= one <= "~" else "?" for one in text)
    return '"' + re.sub(r'(["\\])', r"\\\1", visible) + '"'
