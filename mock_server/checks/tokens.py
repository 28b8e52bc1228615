"""One credential: whether it is well formed, one of those that are good, or rightly signed."""

from __future__ import annotations

import base64
import binascii
import re
import warnings
from collections.abc import Callable, Sequence
from hmac import compare_digest
from typing import TypeAlias

from mock_server.model.mock_settings import AuthPolicy

__all__ = ["Judge", "judge_of"]

Judge: TypeAlias = Callable[[str], str | None]
"""Says what is wrong with a credential; None where nothing is."""

_TOKEN68 = re.compile(r"[A-Za-z0-9\-._~+/]+=*")


def judge_of(kind: str, policy: AuthPolicy) -> Judge:
    """What judges the credentials of one kind: an HTTP scheme in lower case, or `apikey`."""
    if policy.mode == "token":
        return _one_of(policy.tokens, kind)
    if policy.mode == "jwt" and kind == "bearer":
        return _signed_with(policy.secret)
    return {"bearer": _bearer, "basic": _basic, "digest": _digest}.get(kind, _present)


def _one_of(tokens: Sequence[str], kind: str) -> Judge:
    known = [token.encode() for token in tokens]

    def judge(credential: str) -> str | None:
        raw = credential.encode("utf-8", "replace")
        # `--auth token=user:password` is easier to write than its base64.
        candidates = [raw, _decoded_pair(credential) or raw] if kind == "basic" else [raw]
        # Every token is compared, and each in constant time, so that time tells nothing.
        equal = [compare_digest(one, token) for one in candidates for token in known]
        return None if any(equal) else "the credential is not one of those that are accepted"

    return judge


def _signed_with(secret: str) -> Judge:
    from joserfc import jwt
    from joserfc.errors import ExpiredTokenError, JoseError, SecurityWarning
    from joserfc.jwk import OctKey

    with warnings.catch_warnings():
        # A short secret guards nothing here: it is one that tests of a frontend share.
        warnings.simplefilter("ignore", SecurityWarning)
        key = OctKey.import_key(secret.encode())
    claims = jwt.JWTClaimsRegistry()

    def judge(credential: str) -> str | None:
        try:
            # Named, since a token names its own algorithm: `none` must not do.
            token = jwt.decode(credential, key, algorithms=["HS256", "HS384", "HS512"])
            claims.validate(token.claims)
        except ExpiredTokenError:
            return "the token has expired"
        except (JoseError, ValueError, TypeError) as error:
            return f"the token is not a JWT signed with the secret: {error}"
        return None

    return judge


def _bearer(credential: str) -> str | None:
    if _TOKEN68.fullmatch(credential):
        return None
    return "the bearer token is not well formed (RFC 6750 section 2.1)"


def _basic(credential: str) -> str | None:
    pair = _decoded_pair(credential)
    return None if pair and b":" in pair else "the credential is not base64 of user:password"


def _digest(credential: str) -> str | None:
    sent = {one.lower() for one in re.findall(r"(\w+)\s*=", credential)}
    lacking = {"username", "nonce", "uri", "response"} - sent
    return f"the digest lacks {', '.join(sorted(lacking))}" if lacking else None


def _present(credential: str) -> str | None:
    return None if credential else "the credential is empty"


def _decoded_pair(credential: str) -> bytes | None:
    try:
        return base64.b64decode(credential, validate=True)
    except (binascii.Error, ValueError):
        return None
