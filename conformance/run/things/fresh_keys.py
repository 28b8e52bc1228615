"""Keys by which a deployment knows a request again: each request gets one of its own.

An idempotency key (draft-ietf-httpapi-idempotency-key-header) that comes a second time is answered
with what the first request has made, or refused where the request is another one; a nonce is
refused. No contract can say so, the name of the parameter does.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from conformance.cases.case import Case
from conformance.cases.draft_parameters import is_allowed
from conformance.clauses.ids import local_part, parameter_prefix
from conformance.http.exchange import Request
from conformance.run.things.fresh_ids import new_values
from spec import Contract
from spec.model.contract_model import Operation, Parameter
from spec.text.name_words import words_of

__all__ = ["with_new_keys"]

_NAMES = frozenset({"idempotency", "nonce"})
"""Words of the names of such parameters."""


def with_new_keys(
    contract: Contract, operation: Operation, case: Case, request: Request
) -> Request:
    """The request of a case with new keys, unless the case tries the values of the key itself."""
    for parameter in _keys(operation):
        name = parameter.name.lower()
        sent = [text for key, text in request.headers if key.lower() == name]
        # What the contract forbids there is the fault of the case, and must arrive.
        if (
            len(sent) != 1
            or _is_tried(parameter, case)
            or not is_allowed(contract, parameter, sent[0])
        ):
            continue
        new = next((one for one in new_values() if is_allowed(contract, parameter, str(one))), None)
        if new is not None:
            pairs = (
                (key, str(new) if key.lower() == name else old) for key, old in request.headers
            )
            request = replace(request, headers=tuple(pairs))
    return request


def _keys(operation: Operation) -> Iterator[Parameter]:
    for parameter in operation.parameters:
        if parameter.location == "header" and not _NAMES.isdisjoint(words_of(parameter.name)):
            yield parameter


def _is_tried(parameter: Parameter, case: Case) -> bool:
    prefix = parameter_prefix("header", parameter.name)
    own = (local_part(clause) for clause in case.clauses)
    return any(one.startswith(f"{prefix}.") and one != f"{prefix}.optional" for one in own)
