"""The key by which parallel clients of one mock are kept apart."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import unquote

from spec.text.pairs import split_cookies

__all__ = ["key_of"]


def key_of(fields: Mapping[bytes, bytes]) -> str | None:
    """The key that keeps a client's requests apart: `X-Mock-Key`, or the cookie `mock-key`."""
    if (key := fields.get(b"x-mock-key")) is not None:
        # Some clients send other letters in UTF-8, browsers in Latin-1.
        try:
            return key.decode()
        except UnicodeDecodeError:
            return key.decode("latin-1")
    cookie = fields.get(b"cookie")
    if cookie is None or b"mock-key" not in cookie:
        return None
    raw = dict(split_cookies(cookie.decode("latin-1"))).get("mock-key")
    return None if raw is None else unquote(raw)
