"""The tokens of the backend: JWTs signed with HS256, and opaque ones given by hand."""

from __future__ import annotations

import time
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from tests.conformance.backend.messages import encoded

__all__ = ["ADMIN", "CLIENT", "TokenError", "Tokens"]

ADMIN = "admin"
CLIENT = "client"
SECRET = "a secret that no deployment has ever used, 2026"
OTHER_SECRET = "another secret, with which nothing here is ever signed"
ISSUED, PAST, FUTURE = 1_577_836_800, 1_580_515_200, 4_102_444_800
"""January and February of 2020, and the year 2100: the same token in every run."""


class TokenError(Exception):
    """The token proves nothing; the sentence says why and never repeats the token."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens:
    """Who may enter: `opaque` maps a literal token to its role; any other must be our JWT."""

    opaque: Mapping[str, str] = field(default_factory=dict)
    secret: str = SECRET

    @property
    def admin(self) -> str:
        """A token for the operations of the tag Admin; it also opens those of Client."""
        return self._given(ADMIN) or self.mint(ADMIN)

    @property
    def client(self) -> str:
        """A token for the operations of the tag Client alone."""
        return self._given(CLIENT) or self.mint(CLIENT)

    def _given(self, role: str) -> str:
        return next((token for token, holder in self.opaque.items() if holder == role), "")

    def mint(self, role: str, *, expires: int = FUTURE, secret: str = "") -> str:
        """A signed JWT; `expires` is in seconds since 1970."""
        key = OctKey.import_key(secret or self.secret)
        return jwt.encode({"alg": "HS256"}, _claims(role, expires), key)

    def expired(self, role: str = CLIENT) -> str:
        """Rightly signed, and expired long ago."""
        return self.mint(role, expires=PAST)

    def forged(self, role: str = CLIENT) -> str:
        """Signed with a key that is not ours."""
        return self.mint(role, secret=OTHER_SECRET)

    def unsigned(self, role: str = CLIENT) -> str:
        """`alg: none` (RFC 7519 section 6): claims that anybody can write."""
        return f"{_part({'alg': 'none', 'typ': 'JWT'})}.{_part(_claims(role, FUTURE))}."

    def role(self, token: str) -> str:
        """The role that a token proves; raises TokenError where it proves none."""
        if token in self.opaque:
            return self.opaque[token]
        claims = self.claims(token)
        if not isinstance(expiry := claims.get("exp"), int) or expiry <= time.time():
            raise TokenError("the token has expired")
        return str(claims.get("role"))

    def claims(self, token: str) -> Mapping[str, object]:
        """The claims of a JWT whose signature is ours, expired or not."""
        try:
            claims = _verified(token, self.secret)
        except (JoseError, ValueError) as error:
            raise TokenError("the token is not one of ours") from error
        if not _canonical(token):
            raise TokenError("the token is not written as it was issued")
        return claims


@lru_cache(maxsize=64)
def _verified(token: str, secret: str) -> Mapping[str, object]:
    """The claims of a JWT. A run sends the same token thousands of times: each costs a signature.

    Raises JoseError, ValueError: the signature is not made with the secret.
    """
    return jwt.decode(token, OctKey.import_key(secret), algorithms=["HS256"]).claims


def _claims(role: str, expires: int) -> dict[str, object]:
    return {"sub": f"{role}-1", "role": role, "iat": ISSUED, "exp": expires}


def _part(value: object) -> str:
    return urlsafe_b64encode(encoded(value)).decode().rstrip("=")


def _canonical(token: str) -> bool:
    """No unused bit of the signature's last character is set (RFC 4648 section 3.5).

    HMAC-SHA256 fills 43 characters but for two bits, so four spellings of the last one decode
    to the same signature.
    """
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    return alphabet.find(token[-1]) % 4 == 0
