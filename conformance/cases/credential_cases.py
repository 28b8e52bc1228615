"""Credentials that must not be accepted, one fault at a time."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from dataclasses import replace
from functools import reduce
from operator import or_

from conformance.cases.case import Case, Expect
from conformance.cases.forged_tokens import (
    FUTURE,
    ISSUED,
    PLAUSIBLE,
    claims_of,
    expired_jwt,
    forged_jwt,
    is_jwt,
    unsigned_jwt,
)
from conformance.cases.operation_under_test import Subject
from conformance.clauses.kinds import ClauseKind
from conformance.http.credentials import Foreign, Placed, is_bearer, place
from conformance.http.request_drafts import Draft
from conformance.report.codes.finding_code import FindingCode
from conformance.report.findings import Level
from spec.model.contract_model import SecurityRequirement, SecurityScheme

__all__ = [
    "OF_BODIES",
    "again",
    "asks_for_one",
    "beside_cases",
    "credential_cases",
    "in_order",
    "other_tag_cases",
]

OF_BODIES = frozenset({400, 413, 415, 422})
"""The statuses that speak of a body, which may be looked at before the credential."""


def credential_cases(subject: Subject, *, alone: bool = False) -> Iterator[Case]:
    """All the cases of a secured operation; none if the operation needs no credential.

    With `alone` nothing but the credential differs from the control.
    """
    if not asks_for_one(subject):
        return
    security = subject.operation.security
    yield _case(subject, "missing", "no credential", Placed())
    if not alone:
        yield from _missing_beside(subject)
    for name in dict.fromkeys(name for one in security for name in one.schemes):
        scheme = subject.contract.security_schemes.get(name)
        if scheme is None:
            continue
        value = subject.credentials.value(subject.contract, subject.operation, name)
        rest = _without(subject, name)
        if rest is not None and not alone and not _suffices(subject, rest):
            yield _case(subject, "missing", f"no `{name}`, all else good", rest)
        for case in _of_scheme(subject, scheme, value):
            yield case if rest is None else _beside(case, rest)
    yield from _foreign(subject)


def _without(subject: Subject, name: str) -> Placed | None:
    """What the good credential has beside the scheme; None where that is all of it, or not in it.

    Of two that are required together each must be looked at, so the other one stays good.
    """
    own, others = subject.control.credential.schemes, list[Placed]()
    if name not in own or len(own) == 1:
        return None
    for other in own:
        scheme = subject.contract.security_schemes.get(other)
        value = subject.credentials.value(subject.contract, subject.operation, other)
        placed = None if scheme is None or other == name else place(scheme, value)
        others += [] if placed is None else [placed]
    return reduce(or_, others, Placed())


def _suffices(subject: Subject, placed: Placed) -> bool:
    """Whether an alternative of the contract asks for no more than that."""
    return any(set(one.schemes) <= set(placed.schemes) for one in subject.operation.security)


def _beside(case: Case, rest: Placed) -> Case:
    """The case with the rest of the good credential, where both can stand in one request."""
    draft = case.draft
    if draft is None or not Foreign(name="", placed=draft.credential).fits_beside(rest):
        return case
    both = draft.but(credential=replace(rest | draft.credential, schemes=draft.credential.schemes))
    return replace(case, draft=both, request=both.request())


def asks_for_one(subject: Subject) -> bool:
    """Whether a request without a credential must be refused."""
    security = subject.operation.security
    return bool(security) and not any(_needs_no_message(subject, one) for one in security)


def _needs_no_message(subject: Subject, requirement: SecurityRequirement) -> bool:
    """Whether nothing in a request fulfils it: it lets anybody in, or the connection proves it."""
    found = subject.contract.security_schemes
    kinds = {found[name].type for name in requirement.schemes if name in found}
    return kinds <= {"mutualTLS"}


def again(subject: Subject) -> Case:
    """Without a credential, once more: for after a good request."""
    label = "no credential, directly after a valid request"
    return _case(subject, "again", label, Placed())


def _foreign(subject: Subject) -> Iterator[Case]:
    """What is good elsewhere, by itself: 401, or the 403 that is documented."""
    documented = subject.operation.response_for(403) is not None
    also = frozenset({403} if documented else ())
    for one in subject.credentials.foreign:
        label = f"the foreign credential {one.name} alone"
        yield _case(subject, "foreign", label, one.placed, also=also)


def beside_cases(subject: Subject) -> Iterator[Case]:
    """What is good elsewhere beside the good credential: a success all the same."""
    own = subject.control.credential
    for one in subject.credentials.foreign:
        if own.schemes and one.fits_beside(own):
            both = replace(own | one.placed, schemes=own.schemes)
            yield subject.case(
                "security.beside",
                ClauseKind.CREDENTIALS,
                f"the valid credential together with the foreign {one.name}",
                subject.control.but(credential=both),
                expect=Expect.ACCEPTED,
                code=FindingCode.SPOILED_CREDENTIAL,
            )


def other_tag_cases(subject: Subject) -> Iterator[tuple[str, Case]]:
    """The tokens that were given for other operations, each with the request that carries it."""
    given, security = subject.credentials, subject.operation.security
    names = {name for one in security for name in one.schemes}
    scheme = subject.contract.security_schemes.get(next(iter(names), ""))
    if len(names) != 1 or scheme is None or scheme.name in given.by_scheme:
        return
    own = given.value(subject.contract, subject.operation, scheme.name)
    documented = subject.operation.response_for(403) is not None
    for token in dict.fromkeys((given.token, *given.by_tag.values())):
        placed = place(scheme, token) if token else None
        if own and placed is not None and token != own:
            case = _case(subject, "other-tag", "the token of other operations", placed)
            yield token, replace(case, also=frozenset({403} if documented else ()))


def _case(
    subject: Subject,
    local: str,
    label: str,
    placed: Placed,
    draft: Draft | None = None,
    also: frozenset[int] = frozenset(),
) -> Case:
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


def in_order(subject: Subject, case: Case) -> Case:
    """The case of a bad body without a credential, which shows what is looked at first."""
    return replace(case, clauses=(*case.clauses, subject.id("security.order")))


def _missing_beside(subject: Subject) -> Iterator[Case]:
    """Of two faults in one request either may be told (RFC 9110 sets no order)."""
    if subject.operation.request_body is not None:
        for name in ("text/plain", "application/x-www-form-urlencoded"):
            odd = subject.control.header("Content-Type", name)
            label = f"no credential, and {name}"
            yield _case(subject, "missing", label, Placed(), odd, OF_BODIES)
        bad = subject.control.but(raw=b"[]")
        label = "no credential, and a body that is refused"
        case = _case(subject, "missing", label, Placed(), bad, OF_BODIES)
        yield in_order(subject, case)
    if subject.operation.method == "GET":
        head = subject.control.but(method="HEAD")
        no_method = frozenset({404, 405, 501})
        case = _case(subject, "head", "no credential, with HEAD", Placed(), head, no_method)
        yield replace(case, level=Level.WARNING)


def _of_scheme(subject: Subject, scheme: SecurityScheme, value: str) -> Iterator[Case]:
    if scheme.type == "apiKey":
        yield from _of_key(subject, scheme, value)
    elif is_bearer(subject.contract, scheme.name):
        yield from _of_bearer(subject, value)
    elif scheme.type == "http" and scheme.scheme == "basic":
        yield from _of_basic(subject, value)
    if value:
        yield from _misplaced(subject, scheme, value)


def _of_bearer(subject: Subject, token: str) -> Iterator[Case]:
    def bearing(local: str, label: str, authorization: str) -> Case:
        placed = Placed(headers=(("Authorization", authorization),), secrets=(token,))
        return _case(subject, local, label, placed)

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
    claims = claims_of(token)
    yield bearing(
        "wrong", "a well-formed token that was never issued", f"Bearer {_unissued(token)}"
    )
    if subject.credentials.expired:
        expired = subject.credentials.expired
        yield bearing("expired", "the expired token that was given", f"Bearer {expired}")
    yield bearing("expired", "a JWT that expired long ago", f"Bearer {expired_jwt(claims)}")
    for algorithm in ("none", "None"):
        unsigned = unsigned_jwt(claims, algorithm)
        yield bearing("unsigned", f"an unsigned JWT (alg: {algorithm})", f"Bearer {unsigned}")
    yield bearing("forged", "a JWT signed with another key", f"Bearer {forged_jwt(claims)}")
    if token:
        yield bearing("malformed", "the right token without its scheme", token)
        yield bearing("malformed", "the right token under another scheme", f"Token {token}")
        yield bearing("malformed", "the right token under Basic", f"Basic {token}")
        for label, altered in _altered(token):
            yield bearing("altered", label, f"Bearer {altered}")


def _of_key(subject: Subject, scheme: SecurityScheme, key: str) -> Iterator[Case]:
    def keyed(local: str, label: str, value: str) -> Case | None:
        placed = place(scheme, value)
        return None if placed is None else _case(subject, local, label, placed)

    tries = [("missing", "an empty key", ""), ("malformed", "the word null", "null")]
    tries += [
        ("malformed", "the word undefined", "undefined"),
        ("malformed", "garbage", "][;,%"),
    ]
    tries += [("wrong", "a well-formed key that was never issued", _unissued(key))]
    tries += [("altered", label, altered) for label, altered in _altered(key)] if key else []
    yield from (case for one in tries if (case := keyed(*one)) is not None)


def _of_basic(subject: Subject, pair: str) -> Iterator[Case]:
    def basic(local: str, label: str, sent: str) -> Case:
        return _case(subject, local, label, Placed(headers=(("Authorization", sent),)))

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
        for label, altered in _altered(password):
            yield basic("altered", f"the password: {label}", encoded(f"{user}:{altered}"))


def _misplaced(subject: Subject, scheme: SecurityScheme, value: str) -> Iterator[Case]:
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
        yield _case(subject, "misplaced", label, placed)


def _altered(secret: str) -> Iterator[tuple[str, str]]:
    last = _other_character(secret[-1])
    altered = {
        "its last character changed": secret[:-1] + last,
        "its first character changed": _other_character(secret[0]) + secret[1:],
        "its case changed": secret.swapcase(),
        "its last character cut off": secret[:-1],
        "half of it": secret[: len(secret) // 2],
        "something after it": f"{secret}x",
    }
    if is_jwt(secret):
        altered["without its signature"] = secret.rpartition(".")[0] + "."
    seen = {secret, ""}
    for label, value in altered.items():
        if value not in seen:
            seen.add(value)
            yield f"the right one, {label}", value


def _other_character(letter: str) -> str:
    """Another character, far away: base64's last one may have bits that mean nothing."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    at = alphabet.find(letter)
    return alphabet[at ^ 32] if at >= 0 else "x" if letter != "x" else "y"


def _unissued(secret: str) -> str:
    if not secret or is_jwt(secret):
        return forged_jwt({**PLAUSIBLE, "iat": ISSUED, "exp": FUTURE})
    letters = "".join(
        "abcdefghijklmnopqrstuvwxyz"[int(digit, 16)] for digit in hashlib.sha256(b"x").hexdigest()
    )
    return (letters * (len(secret) // len(letters) + 1))[: max(len(secret), 8)]
