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
    "claims_of",
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
PLAUSIBLE = {"sub": "00000000-0000-4000-8000-000000000001", "role": "authenticated"}
"""Claims of a token where none was given: a subject, and the role that backends give to users."""


def is_jwt(token: str) -> bool:
    """Whether a token is a signed JWT (RFC 7519) that can be read."""
    return token.count(".") == 2 and bool(_decoded(token.split(".")[0]))


def claims_of(token: str) -> Mapping[str, Any]:
    """The given token's claims, or plausible ones."""
    if is_jwt(token) and (claims := _decoded(token.split(".")[1])):
        return {**claims, "exp": FUTURE}
    return {**PLAUSIBLE, "iat": ISSUED, "exp": FUTURE}


def expired_jwt(claims: Mapping[str, Any]) -> str:
    """A JWT with these claims that expired in 2001; its signature is not the deployment's."""
    return forged_jwt({**claims, "iat": ISSUED - 3600, "exp": ISSUED})


def unsigned_jwt(claims: Mapping[str, Any], algorithm: str = "none") -> str:
    """A JWT that claims to need no signature (RFC 7519 section 6)."""
    return f"{_encoded({'alg': algorithm, 'typ': 'JWT'})}.{_encoded(claims)}."


def forged_jwt(claims: Mapping[str, Any]) -> str:
    """A JWT signed with HS256 and a key that is not the deployment's."""
    content = f"{_encoded({'alg': 'HS256', 'typ': 'JWT'})}.{_encoded(claims)}"
    signature = hmac.new(OTHER_KEY, content.encode(), hashlib.sha256).digest()
    return f"{content}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"


def _encoded(value: Mapping[str, Any]) -> str:
    text = json.dumps(dict(value), separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()


def _decoded(part: str) -> dict[str, Any]:
    try:
        value = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
