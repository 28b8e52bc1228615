"""Credentials: what a request has to bring, compiled once for each operation.

A check looks at headers, query and cookies, and gives None or the rejection that says what is
wrong. Requirements are alternatives of conjunctions (OpenAPI 3.0 section 4.7.30). A scheme that
no one can ask for over HTTP (mutual TLS) or that the contract does not describe is met by anybody.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias
from urllib.parse import unquote

from mock_server.checks.challenges import ASKED_FOR, Rejection
from mock_server.checks.tokens import Judge, judge_of
from mock_server.model.mock_settings import AuthPolicy
from spec import SecurityRequirement, SecurityScheme
from spec.text.pairs import split_cookies, split_query, unquote_query

__all__ = ["Check", "compile_security"]

# A class with both cases is four times as fast as one in a pattern that ignores case.
_GOOD_BEARER = re.compile(rb"(?i:bearer) +[A-Za-z0-9\-._~+/]++=*+ *+\Z")


Check: TypeAlias = Callable[[Mapping[bytes, bytes], bytes], Rejection | None]
"""Looks at header fields by lower-case name and the raw query; None where a request may enter."""


def compile_security(
    requirements: Sequence[SecurityRequirement],
    schemes: Mapping[str, SecurityScheme],
    policy: AuthPolicy,
) -> Check | None:
    """The check of an operation; None where everybody is let in."""
    if policy.mode == "off" or not requirements:
        return None
    alternatives = [
        [check for name in one.schemes if (check := _scheme_check(schemes[name], policy))]
        for one in requirements
    ]
    # An alternative without a check lets anybody in: `{}`, or mutual TLS alone.
    if not all(alternatives):
        return None
    checks = [one[0] if len(one) == 1 else _all_of(one) for one in alternatives]
    return checks[0] if len(checks) == 1 else _any_of(checks)


def _all_of(checks: Sequence[Check]) -> Check:
    def check(headers: Mapping[bytes, bytes], query: bytes) -> Rejection | None:
        # A credential that is wrong is worth more to the client than one that is missing.
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
        # The client meant the alternative whose credential it sent; the others would only confuse.
        invalid = [one for one in rejections if one.invalid]
        if invalid:
            return invalid[0]
        details = dict.fromkeys(one.detail for one in rejections)
        return Rejection("; or ".join(details), invalid=False)

    return check


def _scheme_check(scheme: SecurityScheme, policy: AuthPolicy) -> Check | None:
    if scheme.type not in ASKED_FOR:
        return None
    if scheme.type == "apiKey":
        return _api_key_check(scheme, policy)
    kind = scheme.scheme if scheme.type == "http" else "bearer"
    check = _authorization_check(kind, judge_of(kind, policy))
    return _any_bearer(check) if kind == "bearer" and policy.mode == "any" else check


def _any_bearer(explain: Check) -> Check:
    """The check that most requests meet: one look at the header, and words only where it fails."""
    is_good = _GOOD_BEARER.match

    def check(headers: Mapping[bytes, bytes], query: bytes) -> Rejection | None:
        value = headers.get(b"authorization")
        return None if value is not None and is_good(value) else explain(headers, query)

    return check


def _authorization_check(kind: str, judge: Judge) -> Check:
    wanted = kind.encode()
    missing = Rejection(
        f"the Authorization header is missing; send `Authorization: {kind.title()} …`",
        invalid=False,
    )

    def check(headers: Mapping[bytes, bytes], _query: bytes) -> Rejection | None:
        value = headers.get(b"authorization")
        if not value:
            return missing
        scheme, _, credential = value.partition(b" ")
        if scheme.lower() != wanted:
            # A token that was sent without its scheme stands where the scheme should.
            sent = f": {scheme.decode('latin-1')[:20]}" if credential else ""
            return Rejection(f"the Authorization header uses another scheme{sent}", invalid=False)
        fault = judge(credential.strip(b" ").decode("latin-1"))
        return None if fault is None else Rejection(fault, invalid=True)

    return check


def _api_key_check(scheme: SecurityScheme, policy: AuthPolicy) -> Check | None:
    find = _FINDERS.get(scheme.location)
    if find is None:
        return None
    parameter, judge = scheme.parameter, judge_of("apikey", policy)
    missing = Rejection(f"the {scheme.location} parameter '{parameter}' is missing", invalid=False)

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
