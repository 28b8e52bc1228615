"""What an answer hands out under a telling name: in JSON, forms, XML, HTML, parts and tables."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice
from typing import Any

from conformance.http.exchange import Headers
from spec.text.secrets import is_flag, is_secret_name, is_secret_parameter, may_name_secrets

__all__ = ["SHORTEST", "handed_out", "handed_out_in_headers", "masked_values"]

_NAME = r"[\w.$ -]{1,64}"
_HEAD = re.compile(
    rf"(?P<quote>\\*[\"']|&quot;|&\#0?3[49];|%22)(?P<json>{_NAME})(?P=quote)"
    r"(?:\s|%20)*(?::|%3A)(?:\s|%20)*(?P=quote)"
    r"|(?:(?<=[&?;\#])|(?<=\\u0026)|(?<=%26)|(?<=%3F))(?P<query>[\w.-]{1,64})(?:=|%3D|\\u003d)"
    r"|(?:^|(?<=\s))(?P<form>[\w.-]{1,64})="
    r"|<[^<>]{0,200}?\s(?:name|key|id)=[\"'](?P<attribute>[\w.-]{1,64})[\"']"
    r"[^<>]{0,200}?(?:\bvalue=[\"']|>(?:<!\[CDATA\[)?)"
    r"|<(?:\w+:)?(?P<xml>[\w.-]{1,64})(?:\s[^<>]{0,200})?>(?:<!\[CDATA\[)?"
    r"|;\s*name=\"(?P<part>[\w.-]{1,64})\"[^\n]*\n(?:[^\r\n]+\r?\n)*\r?\n"
    # With a digit in it: "password: is too short" is what a server says of one.
    r"|(?:(?<![\w.\\-])|(?<=\\n))(?P<line>[\w.-]{1,64})[ \t]*[:=][ \t]*(?:\\?[\"'])?"
    r"(?=[^\s\"'<>,;\\]*\d)(?=[^\s\"'<>,;\\]{6})",
    re.MULTILINE | re.IGNORECASE,
)
"""A name before its value: in JSON (also within a string, or escaped for HTML or a URL), in a form,
in a URL, in HTML and XML, in a part of a multipart body, in a line of YAML."""
_VALUES = {
    "json": re.compile(r'(?:[^"\\]++|\\.)*+', re.DOTALL),
    "form": re.compile(r"[^&\s;\"'<]*"),
    "query": re.compile(r"(?:[^&\s;\"'<\\%]++|%(?!26))*+"),
    "line": re.compile(r"[^\s\"'<>,;\\]*"),
    "attribute": re.compile(r"[^<>\"'\]]*"),
    # A text that merely names a placeholder, "Bearer <token>", ends where its string ends.
    "xml": re.compile(r"[^<\]]*(?=</|\]\]>)|[^<\"\\]*"),
    "part": re.compile(r"[^\r\n]*"),
}
_OF_USER = re.compile(r"://[^\s/?#\"'<>@:]*:([^\s/?#\"'<>@]+)@")
"""The password in the authority of a URL (RFC 3986 section 3.2.1)."""
_OF_SCHEME = re.compile(r"\b(?:Bearer|Basic)\s+([\w.~+/=-]*\d[\w.~+/=-]{7,})", re.IGNORECASE)
"""What stands after the name of a scheme and is no word: it has a digit (RFC 9110 section 11)."""
_OF_FILE = re.compile(r"-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----((?:(?!-----).)++)", re.DOTALL)
"""The text of a private key (RFC 7468 section 10), in lines or within a string of JSON."""
_OF_CLAIMS = re.compile(r"\b(eyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]*)")
"""A JSON Web Token (RFC 7519 section 3): what it is shows, whatever its name."""
_BY_SIGN = (
    (_OF_USER, ("://",)),
    (_OF_SCHEME, ("bearer", "basic")),
    (_OF_FILE, ("private key",)),
    (_OF_CLAIMS, ("eyj",)),
)
"""Each with what stands in small letters in a text that has one: a plain search is quick."""
SHORTEST = 6
"""Characters from which a value is a secret wherever it stands; a shorter one only by itself."""
_MOST_ROWS = 1000
_DIGIT = re.compile(r"\d")


# A server gives the same answer to most requests: each text is searched once.
@lru_cache(maxsize=32)
def handed_out(text: str, named: frozenset[str] = frozenset()) -> tuple[str, ...]:
    """The values that stand under telling names, or `named` ones."""
    telling = bool(named) or may_name_secrets(text)
    spans = _spans(text, named, telling=telling)
    found = [text[start:end].replace('\\"', '"') for start, end in spans]
    return (*found, *(_within(text, named) if telling else ()))


def handed_out_in_headers(headers: Headers) -> Iterator[str]:
    """The values of cookies that open something, of telling fields, and in URLs."""
    for name, value in headers:
        if name.lower() == "set-cookie":
            key, _, rest = value.partition("=")
            cookie = rest.partition(";")[0].strip('"')
            if is_secret_name(key) or _is_random(cookie):
                yield cookie
        elif is_secret_name(name) and not is_flag(value):
            yield value.partition(" ")[2] or value
        elif "=" in value:
            yield from handed_out(value)


def _is_random(value: str) -> bool:
    """Whether it is no word: what opens something is long, and has a digit."""
    return len(value) > 2 * SHORTEST and _DIGIT.search(value) is not None


def masked_values(text: str, mark: str, kept: str, named: frozenset[str]) -> str:
    """The text with a mark for what is under telling names; what begins with `kept` stays."""
    parts, at, telling = list[str](), 0, bool(named) or may_name_secrets(text)
    for start, end in sorted(_spans(text, named, telling=telling)):
        if start >= at and not text.startswith(kept, start):
            parts += [text[at:start], mark]
            at = end
    shown = "".join([*parts, text[at:]])
    for value in set(_within(text, named)) if telling else ():
        for spelt in (json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1], value):
            shown = shown if value.startswith(kept) else shown.replace(spelt, mark)
    return shown


def _spans(text: str, named: frozenset[str], *, telling: bool) -> Iterator[tuple[int, int]]:
    """Where the values begin and end; empty ones are none. `telling`: some name may be there."""
    low = text.lower()
    for pattern, signs in _BY_SIGN:
        if any(sign in low for sign in signs):
            yield from (found.span(1) for found in pattern.finditer(text))
    at = 0
    while telling and (found := _HEAD.search(text, at)):
        at = found.end()
        kind = str(found.lastgroup)
        is_telling = is_secret_parameter if kind == "query" else is_secret_name
        if found[kind] in named or is_telling(found[kind]):
            value = _value(kind, found["quote"]).match(text, at)
            assert value is not None
            if value.end() > at:
                yield at, value.end()
            at = value.end()
        elif kind == "xml":
            at = found.end(kind)  # an attribute may hold a URL


def _value(kind: str, quote: str | None) -> re.Pattern[str]:
    """The pattern of a value: within a string of a string it ends at the quote of its name."""
    if kind != "json" or quote in (None, '"'):
        return _VALUES[kind]
    return re.compile(rf"(?:(?!{re.escape(str(quote))}).)*+", re.DOTALL | re.IGNORECASE)


def _within(text: str, named: frozenset[str]) -> Iterator[str]:
    """Values that stand apart from their names: in lists, in pairs of name and value, in rows."""
    if text.lstrip()[:1] in ("{", "["):
        try:
            yield from _of_json(json.loads(text), named)
        except (ValueError, RecursionError):
            return
    elif "," in text.partition("\n")[0]:
        yield from _of_table(text, named)


def _of_json(value: Any, named: frozenset[str]) -> Iterator[str]:
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, list):
            waiting += one
        elif isinstance(one, dict):
            waiting += one.values()
            yield from _of_object(one, named)


def _of_object(value: dict[str, Any], named: frozenset[str]) -> Iterator[str]:
    for name, below in value.items():
        if isinstance(below, list) and is_secret_name(name.removesuffix("s")):
            # The tokens of a text are words.
            yield from filter(_is_random, _long(below))
        if name not in named and not is_secret_name(name):
            continue
        # A property that is an object has other members than the secret itself.
        inner = below.get("value") if isinstance(below, dict) else below
        yield from _long(inner if isinstance(inner, list) else [inner])
    told = value.get("name", value.get("key"))
    if isinstance(told, str) and (told in named or is_secret_name(told)):
        yield from _long([value.get("value")])


def _long(values: list[Any]) -> Iterator[str]:
    yield from (one for one in values if isinstance(one, str) and len(one) >= SHORTEST)


def _of_table(text: str, named: frozenset[str]) -> Iterator[str]:
    try:
        rows = list(islice(csv.reader(text.splitlines()), _MOST_ROWS))
    except csv.Error:
        return
    names = [one.strip() for one in rows[0]] if rows else []
    telling = [at for at, name in enumerate(names) if name in named or is_secret_name(name)]
    for row in rows[1:] if len(rows) > 1 and len(names) == len(rows[1]) else ():
        yield from _long([row[at] for at in telling if at < len(row)])
