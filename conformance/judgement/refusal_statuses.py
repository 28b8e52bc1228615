"""The statuses by which a contract has a fault refused."""

from __future__ import annotations

from dataclasses import dataclass

from conformance.cases.case import Case, Expect
from conformance.clauses.kinds import ClauseKind
from spec.model.contract_model import Operation
from spec.model.http_statuses import VALIDATION

__all__ = ["OUTSIDE", "Refusals", "refusals"]

OUTSIDE = frozenset({404, 405, 406, 408, 411, 413, 414, 415, 417, 431})
"""HTTP doing its work, by a server in front perhaps, on what the contract does not speak of."""
_OF_BODIES = frozenset({ClauseKind.BODY, ClauseKind.SYNTAX})
"""Families whose fault stands in the body."""
_CREDENTIAL = frozenset({401, 403})
"""What is answered to a missing or bad credential (RFC 9110 sections 15.5.2 and 15.5.4)."""
_RANGES = frozenset({"4XX", "DEFAULT"})
"""They document every refusal that has no response of its own (OpenAPI, Responses Object)."""
_NOT_A_VERDICT = frozenset({401, 403, 405, 406, 407, 408, 421, 425, 429})
"""4xx that speak of the caller, or of HTTP, and never of a fault in a body or parameter."""
_OF_MESSAGES = frozenset({400, 404, 405, 406, 411, 413, 414, 415, 422, 431})
"""What may be answered to a message that is not in the form that the operation takes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusals:
    """`right` are promised; `usual` are what the rest of the world answers, documented or not.

    A usual status where the contract has another one is worth a note (for a fault in a value), or a
    finding of its own (for a credential: `right` says which).
    """

    right: frozenset[int]
    usual: frozenset[int]


def refusals(operation: Operation, case: Case) -> Refusals:
    """How the fault of a case is refused, by what the operation documents."""
    documented = {response.status.upper() for response in operation.responses}
    codes = frozenset(int(status) for status in documented if status.isdigit())
    if case.expect is Expect.UNAUTHORIZED:
        return Refusals(
            right=_credential(codes) | (frozenset({401}) if documented & _RANGES else frozenset()),
            usual=frozenset() if 401 in codes else _CREDENTIAL,
        )
    found = codes & VALIDATION
    if documented & _RANGES:
        found |= frozenset(range(400, 500)) - _NOT_A_VERDICT
    found |= codes & case.unrouted
    usual = frozenset[int]() if found & VALIDATION else VALIDATION
    if not found:
        found = _only_documented(operation, case, codes) or VALIDATION | case.unrouted
    if case.expect is Expect.UNSUPPORTED:
        found |= _OF_MESSAGES
    return Refusals(right=found, usual=usual)


def _credential(codes: frozenset[int]) -> frozenset[int]:
    """What documents neither 401 nor 403 may hide behind its 404 (RFC 9110 section 15.5.4)."""
    if 403 in codes and 401 not in codes:
        return frozenset({403})
    return frozenset({401}) | (frozenset() if 401 in codes else codes & {404})


def _only_documented(operation: Operation, case: Case, codes: frozenset[int]) -> frozenset[int]:
    """The refusals of an operation that documents neither 400 nor 422, as frameworks that bind.

    Where the path names a thing, 404 speaks of that and not of what is in a body.
    """
    if case.family in _OF_BODIES and "{" in operation.path:
        return frozenset()
    secured = any(one.schemes for one in operation.security)
    return codes & ({404} if secured else {403, 404})
