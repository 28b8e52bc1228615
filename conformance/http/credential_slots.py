"""Where a request carries credentials, and what is shown there: even one letter is a secret."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from urllib.parse import unquote

from conformance.http.exchange import Headers, Request
from conformance.http.masking import ALTERED, TOKEN
from spec.text.secrets import credentials_in, is_secret_name

__all__ = ["carried", "header_secrets", "shown_header", "shown_target"]

_CARRIERS = ("authorization", "cookie", "proxy-authorization")
"""Headers that carry a credential by their definition, in lower case (RFC 9110 section 11)."""


def header_secrets(headers: Headers) -> tuple[str, ...]:
    """What is secret among the headers that the caller adds: `Authorization` has a credential."""
    found = list[str]()
    for name, value in headers:
        if name.lower() in _CARRIERS or is_secret_name(name):
            found += credentials_in(name, value)
    return tuple(one for one in found if one)


def carried(request: Request) -> Iterator[str]:
    """What may be a credential: the values of the query, of headers and of cookies."""
    for pair in request.target.partition("?")[2].split("&"):
        yield unquote(pair.partition("=")[2])
    for name, value in request.headers:
        yield value
        if name.lower() in _CARRIERS:
            yield from credentials_in(name, value)


def shown_header(name: str, value: str, own: Sequence[str]) -> str:
    """A header with marks for the caller's `own` secrets; the names of cookies and schemes stay."""
    if name.lower() == "cookie":
        pairs = [pair.partition("=") for pair in value.split("; ")]
        return "; ".join(f"{key}{sign}{_stand_in(text, own)}" for key, sign, text in pairs)
    # The scheme stays, so that a reader sees `Bearer` where `Basic` was wanted.
    scheme, space, rest = value.partition(" ")
    # Of an API key the word before its space is a part of the key.
    if name.lower() in _CARRIERS and space and value not in own:
        return f"{scheme} {_stand_in(rest, own)}"
    return _stand_in(value, own)


def shown_target(target: str, own: Sequence[str]) -> str:
    """A target with marks for the caller's `own` secrets among the values of its query."""
    path, mark, query = target.partition("?")
    pairs = [pair.partition("=") for pair in query.split("&")] if query else []
    shown = "&".join(f"{name}{sign}{_stand_in(value, own)}" for name, sign, value in pairs)
    return f"{path}{mark}{shown}"


def _stand_in(value: str, own: Sequence[str]) -> str:
    """`$TOKEN` for a secret, `$ALTERED_TOKEN` for what would tell most of it."""
    plain = unquote(value)
    if plain in own:
        return TOKEN
    return ALTERED if any(_tells(plain, one) for one in own) else value


def _tells(value: str, secret: str) -> bool:
    """Whether a value is the secret recased, cut, or with a little changed or added."""
    if not value or not secret or len(value) > len(secret) + 4:
        return False
    if value.lower() == secret.lower():
        return True
    # A third at either end is enough to find the secret among the keys that somebody has.
    # Of a short one it takes more, up to three letters: `t` of `test` would hide `true`.
    most = max(len(secret) // 3, min(len(secret) // 2, 3))
    return most > 0 and (value[:most] == secret[:most] or value[-most:] == secret[-most:])
