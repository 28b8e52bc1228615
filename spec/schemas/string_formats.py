"""The string formats by one table: how each is judged, generated, broken and compared.

A new format is a row of `STRING_FORMATS`. `int32` and `int64` are no strings: they become bounds
when a schema is translated.
"""

from __future__ import annotations

import base64
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random
from string import ascii_letters, digits
from typing import Any, TypeAlias

__all__ = ["STRING_FORMATS", "Make", "StringFormat", "words"]

Make: TypeAlias = Callable[[Random | None, int], str]
"""Takes the source of chance, None for the plainest value, and the least length in characters."""

_WORDS = (
    *("amber", "birch", "cedar", "delta", "ember", "fjord", "grove", "haven", "iris", "juniper"),
    *("kelp", "lunar", "maple", "north", "opal", "pine", "quartz", "river", "stone", "tide"),
    *("umber", "violet", "willow", "xenon", "yarrow", "zephyr"),
)
_PLAIN_UUID = "123e4567-e89b-42d3-a456-426614174000"


def words(random: Random, count: int) -> list[str]:
    """Some words."""
    return [random.choice(_WORDS) for _ in range(count)]


def _padded(start: str, body: str, end: str, shortest: int) -> str:
    """The text with its body repeated until it is long enough."""
    missing = shortest - len(start) - len(body) - len(end)
    filler = (body * (missing // len(body) + 1))[:missing] if missing > 0 else ""
    return start + body + filler + end


def _email(random: Random | None, shortest: int) -> str:
    local = "user" if random is None else random.choice(_WORDS)
    if shortest <= 64:
        return _padded("", local, "@example.com", shortest)
    # RFC 5321 lets 64 octets stand before the @, so the rest is in the domain.
    return _padded("", local, "@", 65) + _hostname(random, shortest - 65)


def _hostname(random: Random | None, shortest: int) -> str:
    name = "example.com" if random is None else f"{random.choice(_WORDS)}.example.com"
    while len(name) < shortest:
        missing = shortest - len(name)
        name = ("abcdefghij" * 7)[: max(1, min(62, missing - 1))] + "." + name
    return name


def _uri(random: Random | None, shortest: int) -> str:
    path = "" if random is None else random.choice(_WORDS)
    return "https://example.com/" + (path or "a" * (shortest - 20)).ljust(shortest - 20, "a")


def _reference(random: Random | None, shortest: int) -> str:
    return _padded("/", "path" if random is None else random.choice(_WORDS), "", shortest)


def _date(random: Random | None, _: int) -> str:
    if random is None:
        return "2026-01-15"
    return f"{random.randint(2000, 2030)}-{random.randint(1, 12):02}-{random.randint(1, 28):02}"


def _time(random: Random | None, shortest: int) -> str:
    clock = "09:30:00"
    if random is not None:
        clock = ":".join(f"{random.randint(0, most):02}" for most in (23, 59, 59))
    missing = shortest - len(clock) - 1
    return clock + ("." + "0" * max(1, missing - 1) if missing > 0 else "") + "Z"


def _date_time(random: Random | None, shortest: int) -> str:
    return f"{_date(random, 0)}T{_time(random, shortest - 11)}"


def _duration(random: Random | None, shortest: int) -> str:
    days = "1" if random is None else str(random.randint(1, 30))
    return f"P{days.rjust(shortest - 2, '1')}D"


def _uuid(random: Random | None, _: int) -> str:
    return _PLAIN_UUID if random is None else str(uuid.UUID(int=random.getrandbits(128), version=4))


def _ipv4(random: Random | None, _: int) -> str:
    return "192.0.2.1" if random is None else f"192.0.2.{random.randint(1, 254)}"


def _ipv6(random: Random | None, _: int) -> str:
    return "2001:db8::1" if random is None else f"2001:db8::{random.randint(1, 0xFFFF):x}"


def _base64(random: Random | None, shortest: int) -> str:
    content = b"example" if random is None else random.choice(_WORDS).encode()
    return base64.b64encode(content.ljust(shortest * 3 // 4, b".")).decode()


def _decimal(random: Random | None, shortest: int) -> str:
    return ("1" if random is None else str(random.randint(1, 9))).ljust(shortest, "0")


def _pointer(random: Random | None, shortest: int) -> str:
    return _padded("/", "items" if random is None else random.choice(_WORDS), "", shortest)


def _plain(word: str) -> Make:
    def made(random: Random | None, shortest: int) -> str:
        return _padded("", word if random is None else random.choice(_WORDS), "", shortest)

    return made


_DAY = r"(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])"
_DATE, _ANY_DATE = rf"20[0-3][0-9]-{_DAY}", r"[0-9]{4}-[01][0-9]-[0-3][0-9]"
_ZONE = r"(?:Z|[+-](?:0[0-9]|1[0-2]):[0-5][0-9])"
_TIME = rf"(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]{{1,9}})?{_ZONE}"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,20}[A-Za-z0-9])?"
_HOST = rf"{_LABEL}(?:\.{_LABEL})*"
_OCTET = r"(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
_IPV4 = rf"{_OCTET}(?:\.{_OCTET}){{3}}"
_HEX = r"[0-9A-Fa-f]{1,4}"
_IPV6 = "|".join(
    [
        rf"(?:{_HEX}:){{7}}{_HEX}",
        rf"(?:{_HEX}:){{1,7}}:",
        *(rf"(?:{_HEX}:){{1,{7 - n}}}(?::{_HEX}){{{n}}}" for n in range(1, 7)),
        rf":(?::{_HEX}){{1,7}}",
        "::",
    ]
)
_SEGMENTS = r"(?:/[A-Za-z0-9._~!$&'()*+,;=:@-]*)*"
_TAIL = rf"{_SEGMENTS}(?:\?[A-Za-z0-9._~!$&'()*+,;=:@/?-]*)?(?:#[A-Za-z0-9._~!$&'()*+,;=:@/?-]*)?"
_AUTHORITY = rf"(?:[A-Za-z0-9._~-]+@)?{_HOST}(?::[0-9]{{1,5}})?"
_URI = rf"[A-Za-z][A-Za-z0-9+.-]*:(?://{_AUTHORITY})?[A-Za-z0-9._~:-]*{_TAIL}"
_EMAIL = rf"[A-Za-z0-9_%+-]+(?:\.[A-Za-z0-9_%+-]+)*@{_HOST}"
_POINTER = r"(?:/(?:[^~/]|~[01])*)*"
_DURATION = (
    r"P(?:[0-9]+W|[0-9]+Y|[0-9]+M|[0-9]+D|[0-9]+Y[0-9]+M|[0-9]+M[0-9]+D|[0-9]+Y[0-9]+M[0-9]+D"
    r"|(?:[0-9]+D)?T(?:[0-9]+H|[0-9]+M|[0-9]+S|[0-9]+H[0-9]+M|[0-9]+M[0-9]+S|[0-9]+H[0-9]+M[0-9]+S))"
)
_DECIMAL = r"-?(?:0|[1-9][0-9]{0,12})(?:\.[0-9]{1,6})?"
_DIGITS = r"(?:0|[1-9][0-9]{0,17})"
_BASE64_LETTERS = f"{ascii_letters}{digits}+/".encode()
_BASE64 = r"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?"


def _is_base64(value: Any) -> bool:
    """RFC 4648 section 4; what is no string is the business of `type`."""
    if not isinstance(value, str):
        return True
    bare = value.rstrip("=")
    is_padded = len(value) % 4 == 0 and len(value) - len(bare) <= 2
    # Files come so: the pattern takes ten times as long, in which no other thread does anything.
    return is_padded and bare.isascii() and not bare.encode().translate(None, _BASE64_LETTERS)


@dataclass(frozen=True, slots=True, kw_only=True)
class StringFormat:
    """What is known of a format.

    `make` gives values, and `shorter` has shorter ones, the plainest first. `grammars` are
    patterns, what looks real first; a match has to be judged by its format still. `broken` are
    texts that are none of it, `wider` the formats that allow all that it allows. It is judged by
    the engine, by `is_valid` where the engine does not know it, and else by nobody.
    """

    make: Make
    shorter: tuple[str, ...] = ()
    grammars: tuple[str, ...] = ()
    broken: tuple[str, ...] = ()
    wider: tuple[str, ...] = ()
    is_valid: Callable[[Any], bool] | None = None
    known_to_engine: bool = True

    @property
    def patterns(self) -> tuple[str, ...]:
        """The grammars, each for a whole text."""
        return tuple(f"^(?:{one})$" for one in self.grammars)


STRING_FORMATS: Mapping[str, StringFormat] = {
    "date": StringFormat(
        make=_date, grammars=(_DATE, _ANY_DATE), broken=("2026-02-30", "01/02/2026")
    ),
    "date-time": StringFormat(
        make=_date_time,
        grammars=(rf"{_DATE}T{_TIME}", rf"{_ANY_DATE}[Tt ]{_TIME}"),
        broken=("2026-02-30T00:00:00Z", "2026-01-01 00:00"),
    ),
    "time": StringFormat(make=_time, grammars=(_TIME,), broken=("25:00:00Z",)),
    "duration": StringFormat(make=_duration, grammars=(_DURATION,), broken=("1 hour",)),
    "email": StringFormat(
        make=_email,
        shorter=("ada@mail.com", "me@mail.io", "ada@x.io", "a@b.co", "a@b"),
        grammars=(_EMAIL,),
        broken=("someone", "a@b@c"),
        wider=("idn-email",),
    ),
    "idn-email": StringFormat(
        make=_email,
        shorter=("ada@mail.com", "a@b.co", "a@b"),
        grammars=(_EMAIL,),
        broken=("someone",),
    ),
    "hostname": StringFormat(
        make=_hostname,
        shorter=("mail.com", "x.io", "a"),
        grammars=(_HOST,),
        broken=("-a.example", "a_b..example"),
        wider=("idn-hostname",),
    ),
    "idn-hostname": StringFormat(
        make=_hostname, shorter=("mail.com", "x.io", "a"), grammars=(_HOST,)
    ),
    "ipv4": StringFormat(make=_ipv4, grammars=(_IPV4,), broken=("256.1.1.1", "1.2.3")),
    "ipv6": StringFormat(
        make=_ipv6,
        shorter=("2001:db8::", "fe80::1", "::1", "::"),
        grammars=(_IPV6,),
        broken=("::g", "1:2"),
    ),
    "uri": StringFormat(
        make=_uri,
        shorter=("https://x.io", "http://a", "a:b"),
        grammars=(_URI,),
        broken=("no uri", "//host/path"),
        wider=("uri-reference", "iri", "iri-reference"),
    ),
    "uri-reference": StringFormat(
        make=_reference,
        shorter=("/a", "/", ""),
        grammars=(rf"(?:{_URI}|{_TAIL})",),
        broken=("\\\\no uri",),
        wider=("iri-reference",),
    ),
    "iri": StringFormat(
        make=_uri,
        shorter=("https://x.io", "http://a", "a:b"),
        grammars=(_URI,),
        wider=("iri-reference",),
    ),
    "iri-reference": StringFormat(
        make=_reference, shorter=("/a", "/", ""), grammars=(rf"(?:{_URI}|{_TAIL})",)
    ),
    "uri-template": StringFormat(
        make=lambda random, shortest: _uri(random, shortest - 4) + "{id}",
        shorter=("/{id}", "{a}", "/"),
        grammars=(rf"(?:{_URI})?(?:/[A-Za-z0-9]*|/?\{{[A-Za-z0-9]+\}})*",),
    ),
    "uuid": StringFormat(
        make=_uuid,
        grammars=(r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}",),
        broken=("2eb8aa08-aa98-11ea-b4aa73b441d16380", "not-a-uuid"),
    ),
    "json-pointer": StringFormat(make=_pointer, grammars=(_POINTER,), broken=("no-slash",)),
    "relative-json-pointer": StringFormat(
        make=lambda random, _: "0" if random is None else str(random.randint(0, 9)),
        grammars=(rf"(?:0|[1-9][0-9]*)(?:#|{_POINTER})",),
    ),
    "regex": StringFormat(make=_plain("a"), grammars=(r"[A-Za-z0-9 _,:;@-]*",), broken=("(",)),
    # OpenAPI's own (3.0 section 4.4), and what authors write beside them.
    "byte": StringFormat(
        make=_base64,
        grammars=(_BASE64,),
        broken=("not base64!",),
        is_valid=_is_base64,
        known_to_engine=False,
    ),
    "base64": StringFormat(make=_base64, grammars=(_BASE64,), known_to_engine=False),
    "binary": StringFormat(make=_plain("binary"), known_to_engine=False),
    "password": StringFormat(
        make=_plain("password"), shorter=("secret", "pass", "p"), known_to_engine=False
    ),
    # OpenAPI's registry: a number in digits, as text where a float would not do.
    "decimal": StringFormat(make=_decimal, grammars=(_DECIMAL,), known_to_engine=False),
    # So Protocol Buffers write what a float would round (ProtoJSON format).
    **dict.fromkeys(
        ("int64", "uint64"), StringFormat(make=_decimal, grammars=(_DIGITS,), known_to_engine=False)
    ),
    "url": StringFormat(
        make=_uri, shorter=("https://x.io", "http://a"), grammars=(_URI,), known_to_engine=False
    ),
}
