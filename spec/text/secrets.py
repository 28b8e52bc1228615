"""Which names stand for credentials, and values with the credentials in them masked."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from spec.text.name_words import words_of

__all__ = [
    "MASK",
    "credentials_in",
    "is_flag",
    "is_secret_name",
    "is_secret_parameter",
    "masked",
    "masked_header",
    "masked_text",
    "masked_urls",
    "may_name_secrets",
]

MASK = "••••"

_SECRET = frozenset(
    {"token", "secret", "password", "passwd", "passphrase", "pwd", "credential", "credentials"}
    | {"authorization", "jwt", "apikey", "accesskey", "secretkey", "privatekey", "passcode", "pin"}
    | {"bearer", "passwords", "session", "sessionid", "sessionkey"}
)
_ENDINGS = (
    *("token", "secret", "password", "passwd", "passphrase", "credential", "credentials"),
    *("apikey", "accesskey", "secretkey", "privatekey"),
)
"""How a word of several, written as one, ends where it is a credential: `accesstoken`."""
_OF_A_PAGE = frozenset({"next", "page", "prev", "previous", "sync", "continuation", "cursor"})
"""Words before `token` that make it a place in a list, and no credential."""
_STORES = frozenset({"connection", "database"})
"""Words before `string` and `url` that make it an address with a password in it."""
_HINTS = (
    *("key", "token", "secret", "pass", "pwd", "pin", "cred", "auth", "jwt", "bearer", "session"),
    *("connect", "datab", "sig", "hmac"),
)
"""Every name of a credential has one of them in it."""
_KINDS_OF_KEYS = frozenset(
    {"api", "access", "secret", "private", "signing", "encryption", "service", "anon", "admin"}
    | {"auth", "master", "account", "license", "subscription", "provider", "functions"}
)
_HEADERS = frozenset(
    {"authorization", "proxy-authorization", "cookie", "set-cookie", "x-csrf-token"}
)
_MEMBER = re.compile(r'("([^"\\]{1,80})"\s*:\s*)"(?:[^"\\]++|\\.)*+"?')
_FIELD = re.compile(r"(?<![\w.-])([\w.-]{1,80})=[^&\s\"]+")
# No scheme is longer: without the limit `a.a.a.…` would take the square of its time.
_URL = re.compile(r"(?i)\b([a-z][a-z0-9+.-]{0,30}://)([^\s/?#@'\"]*@)?([^\s'\"<>]*)")
_PARAMETER = re.compile(r"([?&#;])([^=&#;]{1,80})=([^&#;]+)")
_OF_URLS = (["key"], ["sig"], ["signature"], ["hmac"])
"""Last words of names that are credentials in a URL, and often something else in a body."""
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9._~+-]*) +(?=\S)")


def may_name_secrets(text: str) -> bool:
    """Whether the text may contain a name of a credential; if not, no search is needed."""
    # Plain searches of all hints take a twentieth of the time of one pattern that ignores case.
    low = text.lower()
    return any(hint in low for hint in _HINTS)


@lru_cache(maxsize=4096)
def is_secret_name(name: str) -> bool:
    """Whether a property, parameter or header of this name holds a credential.

    The last word decides: `accessToken` and `api_key` do, `max_tokens`, `tokenType` and
    `nextPageToken` do not.
    """
    words = list(words_of(name))
    if len(words) > 1 and words[-1] == "id":
        words.pop()  # `accessKeyId`, `session_id`
        if words[-1] not in ("key", "session"):
            return False
    if not words:
        return False
    last, before = words[-1], words[-2] if len(words) > 1 else ""
    if last == "key":
        return before in _KINDS_OF_KEYS or before == "session"
    if last in ("string", "url"):
        return before in _STORES
    if last.endswith("token") and any(one in _OF_A_PAGE or _is_page(one) for one in words):
        return False
    return last in _SECRET or last.endswith(_ENDINGS)


def is_secret_parameter(name: str) -> bool:
    """Whether a parameter of a URL has such a name: `X-Amz-Signature` signs what whoever has it may
    do, and `sig` and `key` are often something else in a body.
    """
    return is_secret_name(name) or words_of(name)[-1:] in _OF_URLS


def _is_page(word: str) -> bool:
    return word.endswith("token") and any(part in word for part in _OF_A_PAGE)


def masked(value: Any) -> Any:
    """A JSON value without credentials: texts of properties that are named so, parts of URLs."""
    if isinstance(value, dict):
        return {
            name: _masked_whole(one) if is_secret_name(name) else masked(one)
            for name, one in value.items()
        }
    if isinstance(value, str):
        return masked_urls(value)
    return [masked(one) for one in value] if isinstance(value, list) else value


def masked_text(text: str) -> str:
    """The same for a text that is not read as JSON: cut, broken, or of form fields."""
    text = masked_urls(text)
    text = _MEMBER.sub(lambda m: f"{m[1]}{MASK}" if is_secret_name(m[2]) else m[0], text)
    return _FIELD.sub(lambda m: f"{m[1]}={MASK}" if is_secret_name(m[1]) else m[0], text)


def masked_urls(text: str) -> str:
    """A text whose URLs have no user, no password and no credential among their parameters."""
    return _URL.sub(_masked_url, text) if "://" in text else text


def _masked_url(found: re.Match[str]) -> str:
    user = f"{MASK}@" if found[2] else ""
    return f"{found[1]}{user}{_PARAMETER.sub(_masked_parameter, found[3])}"


def _masked_parameter(found: re.Match[str]) -> str:
    return f"{found[1]}{found[2]}={MASK}" if is_secret_parameter(found[2]) else found[0]


def is_flag(value: str) -> bool:
    """Whether a text under the name of a credential tells only that there is one, or none."""
    return value.strip().lower() in ("true", "false")


def masked_header(name: str, value: str) -> str:
    """A header's value, or a parameter's, with a credential in it masked; its scheme stays.

    A flag tells nothing: `Access-Control-Allow-Credentials: true`.
    """
    if name.lower() not in _HEADERS and not is_secret_name(name):
        return value
    if is_flag(value):
        return value
    scheme = _SCHEME.match(value) if name.lower().endswith("authorization") else None
    return f"{scheme[1]} {MASK}" if scheme else MASK


def credentials_in(name: str, value: str) -> Iterator[str]:
    """What a header that carries credentials says of them.

    The value of each cookie (RFC 6265 section 4.2), else what follows the name of a scheme (RFC
    9110 section 11.4).
    """
    if name.lower() == "cookie":
        yield from (pair.partition("=")[2] for pair in value.split("; "))
    else:
        scheme, _, rest = value.partition(" ")
        yield rest or scheme


def _masked_whole(value: Any) -> Any:
    """Texts and numbers are masked; what is null or a flag tells nothing."""
    if isinstance(value, dict):
        return {name: _masked_whole(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_masked_whole(one) for one in value]
    return value if value is None or isinstance(value, bool) else MASK
