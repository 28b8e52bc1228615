"""JSON Web Tokens that a deployment must not accept: expired, unsigned, signed with another key."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any

__all__ = [
    "FUTURE",
    "ISSUED",
    "PLAUSIBLE",
    "expired_jwt",
    "forged_jwt",
    "is_jwt",
    "unsigned_jwt",
]

OTHER_KEY = b"a key that no deployment has ever used"
"""What forged tokens are signed with: only a server that checks the signature refuses them."""
ISSUED = 1_000_000_000
"""2001-09-09: what was issued then has expired long ago."""
FUTURE = 4_102_444_800
"""2100-01-01, in seconds since 1970."""
_FEW = 8
"""Letters in a row by which two texts are compared."""
PLAUSIBLE = {"sub": "00000000-0000-4000-8000-000000000001", "role": "authenticated"}
"""Claims of a token where none was given: a subject, and the role that backends give to users."""


def is_jwt(token: str) -> bool:
    """Whether a token is a signed JWT (RFC 7519) that can be read."""
    return token.count(".") == 2 and bool(_decoded(token.split(".")[0]))


def expired_jwt(token: str) -> str:
    """A JWT with the token's claims that expired in 2001; its signature is not the deployment's."""
    return forged_jwt(token, iat=ISSUED - 3600, exp=ISSUED)


def unsigned_jwt(token: str = "", algorithm: str = "none") -> str:
    """A JWT with the token's claims that claims to need no signature (RFC 7519 section 6)."""
    return f"{_content({'alg': algorithm, 'typ': 'JWT'}, _claims_of(token), token)}."


def forged_jwt(token: str = "", **claims: int) -> str:
    """A JWT with the token's claims, signed with HS256 and a key that is not the deployment's."""
    head = {"alg": "HS256", "typ": "JWT"}
    content = _content(head, {**_claims_of(token), **claims}, token)
    signature = hmac.new(OTHER_KEY, content.encode(), hashlib.sha256).digest()
    return f"{content}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"


def _claims_of(token: str) -> Mapping[str, Any]:
    """The given token's claims, or plausible ones; none that has expired."""
    if is_jwt(token) and (claims := _decoded(token.split(".")[1])):
        *others, last = claims
        # In another order: a text that ends as a part of the token does is hidden there.
        return {name: claims[name] for name in (last, *others)} | {"exp": FUTURE}
    return {**PLAUSIBLE, "iat": ISSUED, "exp": FUTURE}


def _content(head: Mapping[str, Any], claims: Mapping[str, Any], token: str) -> str:
    """Both parts, in other letters than those of the token.

    A report hides each part of a secret, and what is hidden in part cannot be sent again.
    """
    return ".".join(_encoded(part, token) for part in (head, claims))


def _encoded(value: Mapping[str, Any], unlike: str) -> str:
    """The value as base64. White space in it moves all octets after it to other letters."""
    # Not before it: some servers tell a JWT by its first letters, `eyJ`.
    first, colon, rest = json.dumps(dict(value), separators=(",", ":")).partition(":")
    ways = (
        base64.urlsafe_b64encode(f"{first}{colon}{' ' * spaces}{rest}".encode())
        for spaces in range(3)
    )
    texts = [way.rstrip(b"=").decode() for way in ways]
    return min(texts, key=lambda text: _in_common(text.lower(), unlike.lower()))


def _in_common(text: str, other: str) -> int:
    """How many runs of a few letters two texts have in common."""
    return sum(text[at : at + _FEW] in other for at in range(len(text) - _FEW + 1))


def _decoded(part: str) -> dict[str, Any]:
    try:
        value = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
