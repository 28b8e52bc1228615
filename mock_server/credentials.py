"""Credentials: what a request has to bring, compiled once for each operation.

A check looks at headers, query and cookies, and gives None or the rejection that says what is
wrong. Requirements are alternatives of conjunctions (OpenAPI 3.0 section 4.7.30). A scheme that
no one can ask for over HTTP (mutual TLS) or that the contract does not describe is met by anybody.
"""

from __future__ import annotations

import base64
import binascii
import re
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from hmac import compare_digest
from secrets import token_hex
from typing import TypeAlias
from urllib.parse import unquote

from mock_server.heads import header_text
from mock_server.settings import AuthPolicy
from spec import SecurityRequirement, SecurityScheme
from spec.pairs import split_cookies, split_query, unquote_query

__all__ = ["Check", "Rejection", "challenges", "compile_security"]

_TOKEN68 = re.compile(r"[A-Za-z0-9\-._~+/]+=*")
_GOOD_BEARER = re.compile(rb"bearer +[a-z0-9\-._~+/]+=* *\Z", re.IGNORECASE)
_BEARERS = frozenset({"oauth2", "openIdConnect"})
_ASKED_FOR = frozenset({"http", "apiKey", *_BEARERS})


@dataclass(frozen=True, slots=True)
class Rejection:
    """Why a request is not let in. `invalid` tells a bad credential from a missing one."""

    detail: str
    invalid: bool


Check: TypeAlias = Callable[[Mapping[bytes, bytes], bytes], Rejection | None]
_Judge: TypeAlias = Callable[[str], str | None]
"""Says what is wrong with a credential; None where nothing is."""


def compile_security(
    requirements: Sequence[SecurityRequirement],
    schemes: Mapping[str, SecurityScheme],
    policy: AuthPolicy,
) -> Check | None:
    """The check of an operation; None where everybody is let in."""
    if policy.mode == "off" or not requirements:
        return None
    alternatives = [
        [check for name in one.schemes if (check := _scheme_check(schemes.get(name), policy))]
        for one in requirements
    ]
    if not all(alternatives):
        return None
    checks = [one[0] if len(one) == 1 else _all_of(one) for one in alternatives]
    return checks[0] if len(checks) == 1 else _any_of(checks)


def challenges(
    requirements: Sequence[SecurityRequirement],
    schemes: Mapping[str, SecurityScheme],
    realm: str,
    rejection: Rejection | None = None,
) -> tuple[bytes, ...]:
    """The values of `WWW-Authenticate`, one for each scheme that is asked for (RFC 9110 11.6.1)."""
    found: dict[str, None] = {}
    for requirement in requirements:
        for name, scopes in requirement.schemes.items():
            scheme = schemes.get(name)
            if scheme is not None and scheme.type in _ASKED_FOR:
                found[_challenge(scheme, scopes, realm, rejection)] = None
    return tuple(header_text(one) for one in found)


def _challenge(
    scheme: SecurityScheme, scopes: Sequence[str], realm: str, rejection: Rejection | None
) -> str:
    parameters = {"realm": realm}
    kind = scheme.scheme if scheme.type == "http" else "bearer"
    if scheme.type == "apiKey":
        kind = "apikey"
        parameters |= {"in": scheme.location, "name": scheme.parameter}
    elif kind == "basic":
        parameters["charset"] = "UTF-8"
    elif kind == "digest":
        parameters |= {"qop": "auth", "algorithm": "SHA-256", "nonce": token_hex(16)}
    elif kind == "bearer":
        parameters |= {"scope": " ".join(scopes)} if scopes else {}
        if rejection and rejection.invalid:
            parameters |= {"error": "invalid_token", "error_description": rejection.detail}
    listed = ", ".join(f'{name}="{_quotable(value)}"' for name, value in parameters.items())
    return f"{_CASED.get(kind, kind.title())} {listed}"


_CASED = {"apikey": "ApiKey", "hoba": "HOBA", "dpop": "DPoP", "gnap": "GNAP", "vapid": "vapid"}


def _quotable(text: str) -> str:
    visible = "".join(one if " " <= one <= "~" else "?" for one in text)
    return visible.replace("\\", "\\\\").replace('"', "'")


def _all_of(checks: Sequence[Check]) -> Check:
    def check(headers: Mapping[bytes, bytes], query: bytes) -> Rejection | None:
        rejections = [one for each in checks if (one := each(headers, query))]
        return max(rejections, key=lambda one: one.invalid, default=None)

    return check


def _any_of(checks: Sequence[Check]) -> Check:
    def check(headers: Mapping[bytes, bytes], query: bytes) -> Rejection | None:
        rejections = []
        for each in checks:
            rejection = each(headers, query)
            if rejection is None:
                return None
            rejections.append(rejection)
        invalid = [one for one in rejections if one.invalid]
        if invalid:
            return invalid[0]
        details = dict.fromkeys(one.detail for one in rejections)
        return Rejection("; or ".join(details), invalid=False)

    return check


def _scheme_check(scheme: SecurityScheme | None, policy: AuthPolicy) -> Check | None:
    if scheme is None or scheme.type not in _ASKED_FOR:
        return None
    if scheme.type == "apiKey":
        return _api_key_check(scheme, policy)
    kind = scheme.scheme if scheme.type == "http" else "bearer"
    check = _authorization_check(kind, _judge(kind, policy))
    return _any_bearer(check) if kind == "bearer" and policy.mode == "any" else check


def _any_bearer(explain: Check) -> Check:
    """The check that most requests meet: one look at the header, and words only where it fails."""
    is_good = _GOOD_BEARER.match

    def check(headers: Mapping[bytes, bytes], query: bytes) -> Rejection | None:
        value = headers.get(b"authorization")
        return None if value is not None and is_good(value) else explain(headers, query)

    return check


def _authorization_check(kind: str, judge: _Judge) -> Check:
    wanted = kind.encode()
    missing = Rejection(
        f"there is no Authorization header; send `Authorization: {kind.title()} …`", invalid=False
    )

    def check(headers: Mapping[bytes, bytes], _query: bytes) -> Rejection | None:
        value = headers.get(b"authorization")
        if not value:
            return missing
        scheme, _, credential = value.partition(b" ")
        if scheme.lower() != wanted:
            # A token that was sent without its scheme stands where the scheme should.
            sent = f": {scheme.decode('latin-1')[:20]}" if credential else ""
            return Rejection(
                f"the Authorization header is of another scheme{sent}", invalid=False
            )
        fault = judge(credential.strip(b" ").decode("latin-1"))
        return None if fault is None else Rejection(fault, invalid=True)

    return check


def _api_key_check(scheme: SecurityScheme, policy: AuthPolicy) -> Check | None:
    find = _FINDERS.get(scheme.location)
    if find is None:
        return None
    parameter, judge = scheme.parameter, _judge("apikey", policy)
    missing = Rejection(f"there is no {scheme.location} parameter '{parameter}'", invalid=False)

    def check(headers: Mapping[bytes, bytes], query: bytes) -> Rejection | None:
        value = find(headers, query, parameter)
        if not value:
            return missing
        fault = judge(value)
        return None if fault is None else Rejection(fault, invalid=True)

    return check


def _in_header(headers: Mapping[bytes, bytes], _query: bytes, name: str) -> str | None:
    value = headers.get(name.lower().encode())
    return None if value is None else value.decode("latin-1")


def _in_query(_headers: Mapping[bytes, bytes], query: bytes, name: str) -> str | None:
    pairs = split_query(query.decode("utf-8", "replace"))
    return next((unquote_query(raw) for key, raw in pairs if key == name), None)


def _in_cookie(headers: Mapping[bytes, bytes], _query: bytes, name: str) -> str | None:
    pairs = split_cookies(headers.get(b"cookie", b"").decode("utf-8", "replace"))
    return next((unquote(raw) for key, raw in pairs if key == name), None)


_FINDERS = {"header": _in_header, "query": _in_query, "cookie": _in_cookie}


def _judge(kind: str, policy: AuthPolicy) -> _Judge:
    if policy.mode == "token":
        return _one_of(policy.tokens, kind)
    if policy.mode == "jwt" and kind == "bearer":
        return _signed_with(policy.secret)
    return {"bearer": _bearer, "basic": _basic, "digest": _digest}.get(kind, _present)


def _one_of(tokens: Sequence[str], kind: str) -> _Judge:
    known = [token.encode() for token in tokens]

    def judge(credential: str) -> str | None:
        raw = credential.encode("utf-8", "replace")
        candidates = [raw, _decoded_pair(credential) or raw] if kind == "basic" else [raw]
        # Every token is compared, and each in constant time, so that time tells nothing.
        equal = [compare_digest(one, token) for one in candidates for token in known]
        return None if any(equal) else "the credential is not one of those that are accepted"

    return judge


def _signed_with(secret: str) -> _Judge:
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
            token = jwt.decode(credential, key, algorithms=["HS256", "HS384", "HS512"])
            claims.validate(token.claims)
        except ExpiredTokenError:
            return "the token has expired"
        except (JoseError, ValueError, TypeError) as error:
            return f"the token is no JWT that was signed with the secret: {error}"
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
