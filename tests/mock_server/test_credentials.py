"""Credentials of every kind: well formed, missing, wrong, combined, verified."""

from __future__ import annotations

import time
import warnings
from pathlib import Path
from typing import Any

import pytest
from joserfc import jwt
from joserfc.errors import SecurityWarning
from joserfc.jwk import OctKey

from mock_server.model.mock_settings import AuthPolicy
from tests.mock_server.asking import Answered, ask, mock_of

CONTRACT = """
components:
  securitySchemes:
    bearer: {{type: http, scheme: Bearer, bearerFormat: JWT}}
    basic: {{type: http, scheme: basic}}
    digest: {{type: http, scheme: digest}}
    hoba: {{type: http, scheme: HOBA}}
    header: {{type: apiKey, in: header, name: X-Key}}
    query: {{type: apiKey, in: query, name: key}}
    cookie: {{type: apiKey, in: cookie, name: sid}}
    oauth: {{type: oauth2, flows: {{implicit: {{authorizationUrl: 'https://a/', scopes: {{}}}}}}}}
    oidc: {{type: openIdConnect, openIdConnectUrl: 'https://a/'}}
    mtls: {{type: mutualTLS}}
    pigeon: {{type: carrierPigeon}}
paths:
  /a:
    get:
      security: {security}
      responses: {{'200': {{description: In}}}}
"""
DIGEST = 'Digest username="u", realm="r", nonce="n", uri="/a", response="0"'


def asked(
    folder: Path, security: str, headers: Any = (), query: str = "", auth: AuthPolicy | None = None
) -> Answered:
    app = mock_of(folder, CONTRACT.format(security=security), auth=auth or AuthPolicy())
    return ask(app, "GET", f"/a{query}", headers=headers)


@pytest.mark.parametrize(
    ("security", "headers", "query", "status"),
    [
        ("[]", {}, "", 200),
        ("[{}]", {}, "", 200),
        ("[{bearer: []}, {}]", {}, "", 200),
        ("[{bearer: []}]", {}, "", 401),
        ("[{bearer: []}]", {"authorization": ""}, "", 401),
        ("[{bearer: []}]", {"authorization": "Bearer abc"}, "", 200),
        ("[{bearer: []}]", {"authorization": "bEARER abc.d-e_f~+/=="}, "", 200),
        ("[{bearer: []}]", {"authorization": "Bearer  abc "}, "", 200),
        ("[{bearer: []}]", {"authorization": "Bearer"}, "", 401),
        ("[{bearer: []}]", {"authorization": "Bearer a b"}, "", 401),
        ("[{bearer: []}]", {"authorization": "Bearer é"}, "", 401),
        ("[{bearer: []}]", {"authorization": "Basic dTpw"}, "", 401),
        ("[{bearer: []}]", {"authorization": "abc"}, "", 401),
        ("[{basic: []}]", {"authorization": "Basic dTpw"}, "", 200),
        ("[{basic: []}]", {"authorization": "Basic dXA="}, "", 401),
        ("[{basic: []}]", {"authorization": "Basic !!"}, "", 401),
        ("[{digest: []}]", {"authorization": DIGEST}, "", 200),
        ("[{digest: []}]", {"authorization": 'Digest username="u"'}, "", 401),
        ("[{hoba: []}]", {"authorization": "HOBA result=x"}, "", 200),
        ("[{header: []}]", {"x-key": "k"}, "", 200),
        ("[{header: []}]", {"x-key": ""}, "", 401),
        ("[{query: []}]", {}, "?a=b&key=k%20", 200),
        ("[{query: []}]", {}, "?key=", 401),
        ("[{cookie: []}]", {"cookie": "a=b; sid=1"}, "", 200),
        ("[{cookie: []}]", {"cookie": "xsid=1"}, "", 401),
        ("[{oauth: [read]}]", {"authorization": "Bearer t"}, "", 200),
        ("[{oidc: []}]", {"authorization": "Bearer t"}, "", 200),
        ("[{oidc: []}]", {}, "", 401),
        ("[{mtls: []}]", {}, "", 200),
        ("[{pigeon: []}]", {}, "", 200),
        ("[{header: [], query: []}]", {"x-key": "k"}, "?key=1", 200),
        ("[{header: [], query: []}]", {"x-key": "k"}, "", 401),
        ("[{header: []}, {query: []}]", {}, "?key=1", 200),
        ("[{header: []}, {query: []}]", {}, "", 401),
        ("[{header: [], pigeon: []}]", {}, "", 401),
        ("[{header: [], basic: []}, {bearer: []}]", {"x-key": "1"}, "", 401),
    ],
)
def test_well_formed(
    tmp_path: Path, security: str, headers: dict[str, str], query: str, status: int
) -> None:
    """By default any well-formed credential of the declared schemes lets in."""
    assert asked(tmp_path, security, headers, query).status == status


@pytest.mark.parametrize(
    ("security", "headers", "challenge"),
    [
        ("[{bearer: []}]", {}, 'Bearer realm="Test"'),
        (
            "[{bearer: []}]",
            {"authorization": "Bearer a b"},
            'Bearer realm="Test", error="invalid_token", error_description='
            '"the bearer token is not well formed (RFC 6750 section 2.1)"',
        ),
        ("[{bearer: []}]", {"authorization": "Basic dTpw"}, 'Bearer realm="Test"'),
        ("[{basic: []}]", {}, 'Basic realm="Test", charset="UTF-8"'),
        ("[{hoba: []}]", {}, 'HOBA realm="Test"'),
        ("[{header: []}]", {}, 'ApiKey realm="Test", in="header", name="X-Key"'),
        ("[{oauth: [a, b]}]", {}, 'Bearer realm="Test", scope="a b"'),
        (
            "[{header: [], basic: []}, {bearer: []}]",
            {},
            'ApiKey realm="Test", in="header", name="X-Key", '
            'Basic realm="Test", charset="UTF-8", Bearer realm="Test"',
        ),
    ],
)
def test_challenges(tmp_path: Path, security: str, headers: dict[str, str], challenge: str) -> None:
    """A 401 names every scheme that would have let in; a sent token is an invalid one."""
    answer = asked(tmp_path, security, headers)

    assert (answer.status, answer.headers["www-authenticate"]) == (401, challenge)


def test_a_digest_challenge_is_fresh(tmp_path: Path) -> None:
    """Every nonce is another one."""
    found = {asked(tmp_path, "[{digest: []}]").headers["www-authenticate"] for _ in range(3)}

    assert len(found) == 3
    assert all(one.startswith('Digest realm="Test", qop="auth", algorithm=') for one in found)


@pytest.mark.parametrize(
    ("security", "headers", "query", "status"),
    [
        ("[{bearer: []}]", {"authorization": "Bearer t1"}, "", 200),
        ("[{bearer: []}]", {"authorization": "Bearer u:p"}, "", 200),
        ("[{bearer: []}]", {"authorization": "Bearer t"}, "", 401),
        ("[{bearer: []}]", {"authorization": "Bearer t1é"}, "", 401),
        ("[{basic: []}]", {"authorization": "Basic dTpw"}, "", 200),
        ("[{basic: []}]", {"authorization": "Basic dTpx"}, "", 401),
        ("[{query: []}]", {}, "?key=t1", 200),
        ("[{query: []}]", {}, "?key=t2", 401),
    ],
)
def test_tokens(
    tmp_path: Path, security: str, headers: dict[str, str], query: str, status: int
) -> None:
    """With `token=` these credentials alone let in, in whichever scheme."""
    auth = AuthPolicy(mode="token", tokens=("t1", "u:p"))

    assert asked(tmp_path, security, headers, query, auth).status == status


def test_jwt(tmp_path: Path) -> None:
    """With `jwt` the signature and `exp` are verified, and the reason of a refusal is told."""
    auth = AuthPolicy(mode="jwt", secret="s3cret")
    now = int(time.time())
    tokens = {
        "good": signed({"exp": now + 60}, "s3cret"),
        "endless": signed({}, "s3cret"),
        "expired": signed({"exp": now - 60}, "s3cret"),
        "early": signed({"nbf": now + 60}, "s3cret"),
        "forged": signed({"exp": now + 60}, "other"),
        "unsigned": "eyJhbGciOiJub25lIn0.e30.",
        "garbage": "a.b.c",
        "no": "nojwt",
    }
    statuses = {
        name: asked(
            tmp_path, "[{bearer: []}]", {"authorization": f"Bearer {token}"}, auth=auth
        ).status
        for name, token in tokens.items()
    }
    expired = asked(
        tmp_path, "[{bearer: []}]", {"authorization": f"Bearer {tokens['expired']}"}, auth=auth
    )

    assert statuses == {name: 200 if name in ("good", "endless") else 401 for name in tokens}
    assert 'error="invalid_token"' in expired.headers["www-authenticate"]
    assert expired.json["detail"] == "the token has expired"


def test_off(tmp_path: Path) -> None:
    """With `off` nothing is asked for."""
    assert asked(tmp_path, "[{bearer: []}]", auth=AuthPolicy(mode="off")).status == 200


def test_a_scheme_that_is_not_declared_lets_in(tmp_path: Path) -> None:
    """Nobody can know the credential that it would ask for."""
    assert asked(tmp_path, "[{nowhere: []}]").status == 200


@pytest.mark.parametrize(
    ("documented", "status"),
    [("'403'", 403), ("'401', '403'", 401), ("'403', 4XX", 401), ("'403', default", 401)],
)
def test_the_refusal_is_the_documented_one(tmp_path: Path, documented: str, status: int) -> None:
    """A range, or `default`, documents 401 as well."""
    responses = ", ".join(f"{one}: {{description: d}}" for one in documented.split(", "))
    text = CONTRACT.format(security="[{bearer: []}]").replace("'200'", f"{responses}, '200'")
    answer = ask(mock_of(tmp_path, text), "GET", "/a")

    assert answer.status == status
    assert answer.headers["www-authenticate"].startswith("Bearer")


def signed(claims: dict[str, Any], secret: str) -> str:
    """A JWT, by a secret that is as short as people's test secrets are."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SecurityWarning)
        return jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(secret))
