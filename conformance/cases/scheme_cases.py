"""Wrong credentials of one security scheme, by what the scheme is: bearer, key or HTTP Basic."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import replace

from conformance.cases.altered_secrets import altered_secrets, unissued_secret
from conformance.cases.case import Case, Expect
from conformance.cases.forged_tokens import expired_jwt, forged_jwt, unsigned_jwt
from conformance.cases.operation_under_test import Subject
from conformance.clauses.kinds import ClauseKind
from conformance.http.credentials import Placed, is_bearer, place
from conformance.http.request_drafts import Draft
from conformance.report.codes.finding_code import FindingCode
from spec.model.contract_model import SecurityScheme
from spec.model.http_statuses import VALIDATION

__all__ = ["refused_case", "scheme_cases"]

_NEVER_GOOD = "a forged token was refused, which was never good; give --expired-token"
"""Its signature alone is reason enough to refuse it, whether or not anybody looks at `exp`."""


def refused_case(
    subject: Subject,
    local: str,
    label: str,
    placed: Placed,
    draft: Draft | None = None,
    also: frozenset[int] = frozenset(),
) -> Case:
    """A case that must be answered with 401.

    Args:
        subject: the operation and its control.
        local: the aspect, which ends the clause's id: `security.LOCAL`.
        label: what is wrong with the credential, for people.
        placed: the credential that is sent.
        draft: the request that carries it; the control where it is None.
        also: other statuses that are right as well.
    """
    base = draft or subject.control
    return subject.case(
        f"security.{local}",
        ClauseKind.CREDENTIALS,
        label,
        base.but(credential=placed),
        expect=Expect.UNAUTHORIZED,
        code=FindingCode.ACCEPTED_CREDENTIAL,
        authorized=False,
        also=also,
    )


def scheme_cases(subject: Subject, scheme: SecurityScheme, value: str) -> Iterator[Case]:
    """The wrong credentials of a scheme; `value` is the right one, "" where there is none."""
    if scheme.type == "apiKey":
        yield from _key_cases(subject, scheme, value)
    elif is_bearer(subject.contract, scheme.name):
        yield from _bearer_cases(subject, value)
    elif scheme.type == "http" and scheme.scheme == "basic":
        yield from _basic_cases(subject, value)
    if value:
        yield from _misplaced_cases(subject, scheme, value)


def _bearer_cases(subject: Subject, token: str) -> Iterator[Case]:
    def bearing(local: str, label: str, authorization: str) -> Case:
        placed = Placed(headers=(("Authorization", authorization),), secrets=(token,))
        return refused_case(subject, local, label, placed)

    yield bearing("missing", "an empty Authorization", "")
    yield bearing("malformed", "the bare scheme", "Bearer")
    yield bearing("malformed", "another scheme: Basic", "Basic dXNlcjpwYXNzd29yZA==")
    yield bearing("malformed", "another scheme: Digest", 'Digest username="user"')
    for word in ("null", "undefined"):
        yield bearing("malformed", f"the word {word}", f"Bearer {word}")
        yield bearing("malformed", f"the bare word {word}", word)
    yield bearing("malformed", "garbage", "Bearer ][;,%")
    yield bearing("malformed", "garbage with dots", "Bearer a.b.c")
    yield bearing("malformed", "garbage outside ASCII", "Bearer t\xf6k\xe9n")
    yield bearing(
        "wrong", "a well-formed token that was never issued", f"Bearer {unissued_secret(token)}"
    )
    if subject.credentials.expired:
        expired = subject.credentials.expired
        yield bearing("expired", "the expired token that was given", f"Bearer {expired}")
    long_ago = bearing("expired", "a JWT that expired long ago", f"Bearer {expired_jwt(token)}")
    yield replace(long_ago, undecided=_NEVER_GOOD)
    # In two cases: what refuses `none` by its letters may take the other one for it.
    for algorithm in ("none", "None"):
        unsigned = unsigned_jwt(token, algorithm)
        yield bearing("unsigned", f"an unsigned JWT (alg: {algorithm})", f"Bearer {unsigned}")
    yield bearing("forged", "a JWT signed with another key", f"Bearer {forged_jwt(token)}")
    if token:
        yield bearing("malformed", "the right token without its scheme", token)
        # As long a word as Bearer: some cut off so many characters, whatever they say.
        yield bearing("malformed", "the right token under another scheme", f"Digest {token}")
        yield bearing("malformed", "the right token right behind its scheme", f"Bearer{token}")
        yield bearing("malformed", "the right token under Basic", f"Basic {token}")
        for label, altered in altered_secrets(token):
            yield bearing("altered", label, f"Bearer {altered}")


def _key_cases(subject: Subject, scheme: SecurityScheme, key: str) -> Iterator[Case]:
    def keyed(local: str, label: str, value: str) -> Case | None:
        placed = place(scheme, value)
        if placed is None:
            return None
        # A word that anybody may write is no secret: an answer may quote it.
        shown = placed if local in ("wrong", "altered") else replace(placed, secrets=())
        return refused_case(subject, local, label, shown)

    tries = [
        ("missing", "an empty key", ""),
        # What a page of JavaScript writes where it has no key.
        ("malformed", "the word null", "null"),
        ("malformed", "the word undefined", "undefined"),
        ("malformed", "garbage", "][;,%"),
        ("wrong", "a well-formed key that was never issued", unissued_secret(key)),
    ]
    tries += [("altered", label, altered) for label, altered in altered_secrets(key)] if key else []
    yield from (case for one in tries if (case := keyed(*one)) is not None)


def _basic_cases(subject: Subject, pair: str) -> Iterator[Case]:
    def basic(local: str, label: str, sent: str) -> Case:
        return refused_case(subject, local, label, Placed(headers=(("Authorization", sent),)))

    def encoded(text: str) -> str:
        return "Basic " + base64.b64encode(text.encode()).decode()

    yield basic("missing", "an empty Authorization", "")
    yield basic("malformed", "the bare scheme", "Basic")
    yield basic("malformed", "another scheme: Bearer", "Bearer null")
    yield basic("malformed", "no base64", "Basic ][;,%")
    yield basic("malformed", "no colon", encoded("user"))
    yield basic("wrong", "an unknown user", encoded("nobody:wrong-password"))
    yield basic("wrong", "empty name and password", encoded(":"))
    user, colon, password = pair.partition(":")
    if colon and password:
        yield basic("altered", "the right user without a password", encoded(f"{user}:"))
        for label, altered in altered_secrets(password):
            yield basic("altered", f"the password: {label}", encoded(f"{user}:{altered}"))


def _misplaced_cases(subject: Subject, scheme: SecurityScheme, value: str) -> Iterator[Case]:
    """The right credential where the contract declares none."""
    declared = {(scheme.location, scheme.parameter.lower())}
    for one in subject.contract.security_schemes.values():
        declared.add((one.location, one.parameter.lower()))
    places = [("query", "access_token"), ("query", "token"), ("query", "api_key")]
    places += [("cookie", "token"), ("cookie", "access_token"), ("cookie", "session")]
    places += [("header", "X-Api-Key"), ("header", "X-Auth-Token"), ("header", "X-Access-Token")]
    for location, name in places:
        # Beside what is the whole query it would be a fault of that.
        is_taken = location == "query" and subject.operation.query_string is not None
        if is_taken or (location, name.lower()) in declared:
            continue
        pair, secrets = ((name, value),), (value,)
        label = f"the right credential in the {location} {name}"
        if location == "query":
            placed = Placed(query=pair, secrets=secrets)
        elif location == "cookie":
            placed = Placed(cookies=pair, secrets=secrets)
        else:
            placed = Placed(headers=pair, secrets=secrets)
        # A parameter that the operation does not know may be refused before a credential is missed.
        also = VALIDATION if location == "query" else frozenset[int]()
        yield refused_case(subject, "misplaced", label, placed, also=also)
