"""Credentials that must not be accepted, one fault at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import reduce
from itertools import islice
from operator import or_

from conformance.cases.case import Case, Expect
from conformance.cases.operation_under_test import Subject
from conformance.cases.parameter_cases import parameter_cases
from conformance.cases.scheme_cases import refused_case, scheme_cases
from conformance.clauses.credential_aspects import OF_OTHERS, can_be_wrong
from conformance.clauses.kinds import ClauseKind
from conformance.http.credentials import Foreign, Placed, place
from conformance.report.codes.finding_code import FindingCode
from conformance.report.findings import Level
from conformance.report.token_trials import TokenPair
from spec.model.contract_model import SecurityRequirement
from spec.text.media_types import is_json

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
"""The statuses that speak of a body or parameter, which may be looked at before a credential."""


def credential_cases(subject: Subject, *, alone: bool = False) -> Iterator[Case]:
    """All the cases of a secured operation; none if the operation needs no credential.

    With `alone` nothing but the credential differs from the control.
    """
    if not asks_for_one(subject):
        return
    security = subject.operation.security
    yield refused_case(subject, "missing", "no credential", Placed())
    if not alone:
        yield from _missing_beside(subject)
    for name in dict.fromkeys(name for one in security for name in one.schemes):
        scheme = subject.contract.security_schemes.get(name)
        if scheme is None:
            continue
        value = subject.credentials.value(subject.contract, subject.operation, name)
        rest = _without(subject, name)
        if rest is not None and not alone and not _suffices(subject, rest):
            yield refused_case(subject, "missing", f"no `{name}`, all else good", rest)
        for case in scheme_cases(subject, scheme, value):
            if not _is_good(subject, case, value):
                yield case if rest is None else _beside(case, rest)
    yield from _foreign(subject)


def _without(subject: Subject, name: str) -> Placed | None:
    """What the good credential has beside the scheme; None where that is all of it, or not in it.

    Of two that are required together each must be looked at, so the other one stays good. A token
    that serves both in one line cannot be left out for one of them alone.
    """
    own, others = subject.control.credential.schemes, list[Placed]()
    if name not in own or len(own) == 1:
        return None
    for other in own:
        scheme = subject.contract.security_schemes.get(other)
        value = subject.credentials.value(subject.contract, subject.operation, other)
        placed = None if scheme is None or other == name else place(scheme, value)
        others += [] if placed is None else [placed]
    rest = reduce(or_, others, Placed())
    left_out = set(_lines(subject.control.credential)) - set(_lines(rest))
    return rest if left_out else None


def _lines(placed: Placed) -> Iterator[tuple[str, str, str]]:
    """Where a credential travels, and what is written there."""
    yield from (("headers", name.lower(), value) for name, value in placed.headers)
    yield from (("query", name, value) for name, value in placed.query)
    yield from (("cookies", name, value) for name, value in placed.cookies)


def _is_good(subject: Subject, case: Case, value: str) -> bool:
    """Whether what a case carries is good in another scheme that suffices by itself.

    Of a bearer token and a key in `Authorization`, the token without its scheme is the key.
    """
    carried = set(_lines(case.draft.credential)) if value and case.draft is not None else set()
    for one in subject.operation.security:
        scheme = subject.contract.security_schemes.get(next(iter(one.schemes), ""))
        placed = place(scheme, value) if scheme is not None and len(one.schemes) == 1 else None
        if placed is not None and carried and carried == set(_lines(placed)):
            return True
    return False


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
    """Whether a request without a credential must be refused.

    Where none was given that the contract declares, a header of the caller may be what lets in.
    """
    security = subject.operation.security
    if subject.vouched and not subject.control.credential.schemes:
        return False
    return bool(security) and not any(_needs_no_message(subject, one) for one in security)


def _needs_no_message(subject: Subject, requirement: SecurityRequirement) -> bool:
    """Whether nothing in a request fulfils it: it asks for nothing, or the connection proves it."""
    found = subject.contract.security_schemes
    kinds = {found[name].type for name in requirement.schemes if name in found}
    return kinds <= {"mutualTLS"}


def again(subject: Subject) -> Case:
    """Without a credential, once more: for after a good request."""
    label = "no credential, directly after a valid request"
    return refused_case(subject, "again", label, Placed())


def _foreign(subject: Subject) -> Iterator[Case]:
    """What is good elsewhere, by itself: 401, or the 403 that is documented."""
    documented = subject.operation.response_for(403) is not None
    also = frozenset({403} if documented else ())
    for one in subject.credentials.foreign:
        label = f"the foreign credential {one.name} alone"
        yield refused_case(subject, "foreign", label, one.placed, also=also)


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


def other_tag_cases(subject: Subject) -> Iterator[tuple[TokenPair, Case]]:
    """The tokens that were given for other operations, each with the request that carries it."""
    given, security = subject.credentials, subject.operation.security
    names = {name for one in security for name in one.schemes}
    scheme = subject.contract.security_schemes.get(next(iter(names), ""))
    if len(names) != 1 or scheme is None or scheme.name in given.by_scheme:
        return
    own = given.value(subject.contract, subject.operation, scheme.name)
    documented = subject.operation.response_for(403) is not None
    for token, name in given.tokens.items():
        placed = place(scheme, token)
        if own and placed is not None and token != own:
            case = refused_case(subject, OF_OTHERS, "the token of other operations", placed)
            yield (
                (given.tokens[own], name),
                replace(case, also=frozenset({403} if documented else ())),
            )


def in_order(subject: Subject, case: Case) -> Case:
    """The case of another fault beside a missing credential: it shows what is looked at first."""
    return replace(case, clauses=(*case.clauses, subject.id("security.order")))


def _missing_beside(subject: Subject) -> Iterator[Case]:
    """Of two faults in one request either may be reported (RFC 9110 sets no order)."""
    if subject.operation.request_body is not None:
        for name in ("text/plain", "application/x-www-form-urlencoded"):
            odd = subject.control.header("Content-Type", name)
            label = f"no credential, and {name}"
            yield refused_case(subject, "missing", label, Placed(), odd, OF_BODIES)
        # One is refused by its schema, the other one by the reader, which may come before.
        bad = {b"[]": "a body that is refused"}
        if is_json(subject.control.media_type):
            bad[b"{"] = "a body that cannot be read"
        for raw, what in bad.items():
            odd, label = subject.control.but(raw=raw), f"no credential, and {what}"
            case = refused_case(subject, "missing", label, Placed(), odd, OF_BODIES)
            yield in_order(subject, case)
    elif can_be_wrong(subject.contract, subject.operation):
        yield from _with_bad_parameter(subject)
    if subject.operation.method == "GET":
        # Guards are written for GET, and frameworks answer HEAD by the same handler.
        head = subject.control.but(method="HEAD")
        # A gateway says 403 to whatever is not declared.
        no_method = frozenset({403, 404, 405, 501})
        case = refused_case(subject, "head", "no credential, with HEAD", Placed(), head, no_method)
        yield replace(case, level=Level.WARNING)


def _with_bad_parameter(subject: Subject) -> Iterator[Case]:
    """What is looked at first where there is no body: one parameter that must be refused."""
    forbidden = (one for one in parameter_cases(subject) if one.must_be_refused)
    for bad in islice(forbidden, 1):
        label = f"no credential, and {bad.label}"
        also = bad.also | OF_BODIES | bad.unrouted
        yield in_order(subject, refused_case(subject, "missing", label, Placed(), bad.draft, also))
