"""Which names stand for credentials, and values with the credentials in them masked."""

from __future__ import annotations

import re
from typing import Any

from spec.text.name_words import words_of

__all__ = ["MASK", "is_secret_name", "masked", "masked_header", "masked_text"]

MASK = "••••"

_SECRET = frozenset(
    {"token", "secret", "password", "passwd", "passphrase", "pwd", "credential", "credentials"}
    | {"authorization", "jwt", "apikey", "accesskey", "secretkey", "privatekey", "passcode", "pin"}
)
_KINDS_OF_KEYS = frozenset(
    {"api", "access", "secret", "private", "signing", "encryption", "service", "anon", "admin"}
    | {"auth", "master", "account", "license", "subscription", "provider", "functions"}
)
_HEADERS = frozenset(
    {"authorization", "proxy-authorization", "cookie", "set-cookie", "x-csrf-token"}
)
_MEMBER = re.compile(r'("([^"\\]{1,80})"\s*:\s*)"(?:[^"\\]|\\.)*"?')
_FIELD = re.compile(r"(?<![\w.-])([\w.-]{1,80})=[^&\s\"]+")
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9._~+-]*) +(?=\S)")


def is_secret_name(name: str) -> bool:
    """Whether a property, parameter or header of this name holds a credential.

    The last word decides: `accessToken` and `api_key` do, `max_tokens` and `tokenType` do not.
    """
    words = words_of(name)
    if not words:
        return False
    if words[-1] in _SECRET:
        return True
    return words[-1] == "key" and (len(words) > 1 and words[-2] in _KINDS_OF_KEYS)


def masked(value: Any) -> Any:
    """A JSON value with the texts of all properties masked that are named like credentials."""
    if isinstance(value, dict):
        return {
            name: _masked_whole(one) if is_secret_name(name) else masked(one)
            for name, one in value.items()
        }
    return [masked(one) for one in value] if isinstance(value, list) else value


def masked_text(text: str) -> str:
    """The same for a text that is not read as JSON: cut, broken, or of form fields."""
    text = _MEMBER.sub(lambda m: f"{m[1]}{MASK}" if is_secret_name(m[2]) else m[0], text)
    return _FIELD.sub(lambda m: f"{m[1]}={MASK}" if is_secret_name(m[1]) else m[0], text)


def masked_header(name: str, value: str) -> str:
    """A header's value, or a parameter's, with a credential in it masked; its scheme stays."""
    if name.lower() not in _HEADERS and not is_secret_name(name):
        return value
    scheme = _SCHEME.match(value) if name.lower().endswith("authorization") else None
    return f"{scheme[1]} {MASK}" if scheme else MASK


def _masked_whole(value: Any) -> Any:
    """Texts and numbers are masked; what is null or a flag tells nothing."""
    if isinstance(value, dict):
        return {name: _masked_whole(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_masked_whole(one) for one in value]
    return value if value is None or isinstance(value, bool) else MASK
