"""A value for each format of JSON Schema and OpenAPI, the plainest first."""

from __future__ import annotations

import base64
import uuid
from collections.abc import Callable
from random import Random

__all__ = ["FORMATS", "GRAMMARS", "SHORT", "words"]

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


def _pointer(random: Random | None, shortest: int) -> str:
    return _padded("/", "items" if random is None else random.choice(_WORDS), "", shortest)


def _plain(word: str) -> Callable[[Random | None, int], str]:
    def made(random: Random | None, shortest: int) -> str:
        return _padded("", word if random is None else random.choice(_WORDS), "", shortest)

    return made


FORMATS: dict[str, Callable[[Random | None, int], str]] = {
    "base64": _base64,
    "binary": _plain("binary"),
    "byte": _base64,
    "date": _date,
    "date-time": _date_time,
    "duration": _duration,
    "email": _email,
    "hostname": _hostname,
    "idn-email": _email,
    "idn-hostname": _hostname,
    "ipv4": _ipv4,
    "ipv6": _ipv6,
    "iri": _uri,
    "iri-reference": _reference,
    "json-pointer": _pointer,
    "password": _plain("password"),
    "regex": _plain("a"),
    "relative-json-pointer": lambda random, _: "0" if random is None else str(random.randint(0, 9)),
    "time": _time,
    "uri": _uri,
    "uri-reference": _reference,
    "uri-template": lambda random, shortest: _uri(random, shortest - 4) + "{id}",
    "url": _uri,
    "uuid": _uuid,
}
"""From a format's name to a maker of values, which takes the source of chance (None for the
plainest value) and the least length in characters."""

SHORT: dict[str, tuple[str, ...]] = {
    "email": ("ada@mail.com", "me@mail.io", "ada@x.io", "a@b.co", "a@b"),
    "hostname": ("mail.com", "x.io", "a"),
    "idn-email": ("ada@mail.com", "a@b.co", "a@b"),
    "idn-hostname": ("mail.com", "x.io", "a"),
    "ipv6": ("2001:db8::", "fe80::1", "::1", "::"),
    "iri": ("https://x.io", "http://a", "a:b"),
    "iri-reference": ("/a", "/", ""),
    "password": ("secret", "pass", "p"),
    "uri": ("https://x.io", "http://a", "a:b"),
    "uri-reference": ("/a", "/", ""),
    "uri-template": ("/{id}", "{a}", "/"),
    "url": ("https://x.io", "http://a"),
}
"""Shorter values of a format, the plainest first."""

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
_BASE64 = r"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?"

GRAMMARS = {
    name: tuple(f"^(?:{one})$" for one in grammars)
    for name, grammars in {
        "base64": (_BASE64,),
        "byte": (_BASE64,),
        "date": (_DATE, _ANY_DATE),
        "date-time": (rf"{_DATE}T{_TIME}", rf"{_ANY_DATE}[Tt ]{_TIME}"),
        "duration": (_DURATION,),
        "email": (_EMAIL,),
        "hostname": (_HOST,),
        "idn-email": (_EMAIL,),
        "idn-hostname": (_HOST,),
        "ipv4": (_IPV4,),
        "ipv6": (_IPV6,),
        "iri": (_URI,),
        "iri-reference": (rf"(?:{_URI}|{_TAIL})",),
        "json-pointer": (_POINTER,),
        "regex": (r"[A-Za-z0-9 _,:;@-]*",),
        "relative-json-pointer": (rf"(?:0|[1-9][0-9]*)(?:#|{_POINTER})",),
        "time": (_TIME,),
        "uri": (_URI,),
        "uri-reference": (rf"(?:{_URI}|{_TAIL})",),
        "uri-template": (rf"(?:{_URI})?(?:/[A-Za-z0-9]*|/?\{{[A-Za-z0-9]+\}})*",),
        "url": (_URI,),
        "uuid": (r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}",),
    }.items()
}
"""The formats as patterns, what looks real first; a match has to be judged by its format still."""
