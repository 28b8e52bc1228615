"""Challenges: which credentials a 401 asks for (RFC 9110 section 11.6.1)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from secrets import token_hex

from mock_server.model.header_lines import header_text
from spec import SecurityRequirement, SecurityScheme

__all__ = ["ASKED_FOR", "Rejection", "challenges"]

ASKED_FOR = frozenset({"http", "apiKey", "oauth2", "openIdConnect"})
"""The types of security schemes whose credentials can be seen in a request."""


@dataclass(frozen=True, slots=True)
class Rejection:
    """Why a request is not let in. `invalid` tells a bad credential from a missing one."""

    detail: str
    invalid: bool


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
            scheme = schemes[name]
            if scheme.type in ASKED_FOR:
                found[_challenge(scheme, scopes, realm, rejection)] = None
    return tuple(header_text(one) for one in found)


def _challenge(
    scheme: SecurityScheme, scopes: Sequence[str], realm: str, rejection: Rejection | None
) -> str:
    parameters = {"realm": realm}
    # OAuth 2.0 and OpenID Connect send bearer tokens (RFC 6750 section 3).
    kind = scheme.scheme if scheme.type == "http" else "bearer"
    if scheme.type == "apiKey":
        # No registered scheme fits; a name of our own still tells a client where the key belongs.
        kind = "apikey"
        parameters |= {"in": scheme.location, "name": scheme.parameter}
    elif kind == "basic":
        # RFC 7617 section 2.1; without it, clients encode a password as they like.
        parameters["charset"] = "UTF-8"
    elif kind == "digest":
        parameters |= {"qop": "auth", "algorithm": "SHA-256", "nonce": token_hex(16)}
    elif kind == "bearer":
        parameters |= {"scope": " ".join(scopes)} if scopes else {}
        # RFC 6750 section 3.1: no error code where no credential was sent.
        if rejection and rejection.invalid:
            parameters |= {"error": "invalid_token", "error_description": rejection.detail}
    listed = ", ".join(f'{name}="{_quotable(value)}"' for name, value in parameters.items())
    return f"{_CASED.get(kind, kind.title())} {listed}"


_CASED = {"apikey": "ApiKey", "hoba": "HOBA", "dpop": "DPoP", "gnap": "GNAP", "vapid": "vapid"}


def _quotable(text: str) -> str:
    visible = "".join(one if " " <= one <= "~" else "?" for one in text)
    return visible.replace("\\", "\\\\").replace('"', "'")
