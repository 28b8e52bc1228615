"""Cases for an operation that writes, none of which changes anything, whatever is tolerated.

Without `--allow-writes` nothing else is sent to it. A deployment may read JSON under any media
type, ignore a query, take what is before a fault, fill in what is missing, or ask nobody for a
credential. So a body is no document at all, an identifier was never issued, and an operation for
which a request without a body might be a good one gets no request. One whose body may be empty,
or a text, is among them: many readers make that of what they cannot read.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final
from urllib.parse import quote

from conformance.cases.case import Case, Expect
from conformance.cases.credential_cases import OF_BODIES, credential_cases, in_order
from conformance.cases.draft_parameters import with_parameter
from conformance.cases.never_issued import TEXT, never_issued
from conformance.cases.operation_under_test import Subject
from conformance.clauses.ids import node_clause, parameter_prefix
from conformance.clauses.kinds import ClauseKind
from conformance.clauses.schema_nodes import root_node
from conformance.http.request_drafts import Draft
from conformance.report.codes.finding_code import FindingCode
from spec import Contract, Direction
from spec.contract.parameter_codecs import parameter_codec
from spec.model.contract_model import MediaType, Operation, Parameter
from spec.text.media_types import concrete, is_json

__all__ = ["UNREADABLE", "inert_cases", "inert_draft", "takes_anything"]

UNREADABLE = b"&"
"""Text without any JSON value: a reader that continues after a fault finds no value either.

It is empty for a reader of forms, which separates fields by it, and malformed in YAML and XML.
"""
_READINGS: Final[tuple[Any, ...]] = (
    # What stands for nothing: `get_json(silent=True) or {}` and its like.
    {},
    [],
    None,
    "",
    0,
    False,
    # The text itself, a list of its lines, whether there is one, and its octet as MessagePack.
    "&",
    ["&"],
    True,
    ord("&"),
)
"""What a tolerant reader may take the unreadable text for."""


def inert_draft(contract: Contract, operation: Operation) -> Draft | None:
    """A request without a credential that no reader can take for a good one; None without one."""
    if _may_be_read(contract, operation):
        return None
    media_type = _json(operation)
    draft = Draft(method=operation.method, path=operation.path, base=operation.base_paths[0])
    draft = _with_ids(contract, operation, draft)
    if media_type:
        return draft.but(media_type=concrete(media_type.name), raw=UNREADABLE)
    # Deleting what was never there changes nothing; every other method may make it.
    known = [never_issued(contract, one) for one in _path_parameters(operation)]
    deletes = operation.method == "DELETE" and _needs_no_body(operation)
    return draft if deletes and known and None not in known else None


def takes_anything(contract: Contract, operation: Operation) -> bool:
    """Whether any request with its path and method may be a good one."""
    if operation.method == "DELETE":
        return False
    return _json(operation) is None or _may_be_read(contract, operation)


def inert_cases(subject: Subject) -> Iterator[Case]:
    """Bad credentials, and identifiers that are none; `subject.control` is the inert draft."""
    empty = _fits(subject.contract, subject.operation, {})
    for number, case in enumerate(credential_cases(subject, alone=True)):
        # The first has no credential; of a made-up id a refusal may speak as well.
        ordered = not number and subject.control.raw is not None and not subject.control.segments
        # A reader of queries would take the credential for a property.
        if empty and case.request.target != subject.control.request().target:
            continue
        case = in_order(subject, case) if ordered else case
        yield replace(case, also=case.also | OF_BODIES | {404})
    if subject.control.raw is None:
        yield from _no_identifiers(subject)


def _no_identifiers(subject: Subject) -> Iterator[Case]:
    for parameter in _path_parameters(subject.operation):
        node = root_node(subject.contract, parameter.schema)
        if node is None or never_issued(subject.contract, parameter) == TEXT:
            continue
        named = next((k for k in ("pattern", "format") if k in node.keywords), "type")
        segments = {**subject.control.segments, parameter.name: quote(TEXT, safe="")}
        yield subject.case(
            node_clause(parameter_prefix("path", parameter.name), node.name, named),
            ClauseKind.PARAMETERS,
            f"`{parameter.name}`: {TEXT!r}",
            subject.control.but(segments=segments),
            expect=Expect.REFUSED,
            code=FindingCode.ACCEPTED_INVALID_PARAMETER,
            also=frozenset({404}),
        )


def _with_ids(contract: Contract, operation: Operation, draft: Draft) -> Draft:
    for parameter in _path_parameters(operation):
        value = never_issued(contract, parameter)
        if value is None:
            draft = draft.but(segments={**draft.segments, parameter.name: TEXT})
        else:
            draft = with_parameter(
                draft, parameter, parameter_codec(contract, operation, parameter), value
            )
    return draft


def _path_parameters(operation: Operation) -> list[Parameter]:
    return [one for one in operation.parameters if one.location == "path"]


def _json(operation: Operation) -> MediaType | None:
    """The JSON media type of a body that must be there; None where there is none."""
    body = operation.request_body
    if body is None or not body.required:
        return None
    return next((one for one in body.content if is_json(one.name)), None)


def _may_be_read(contract: Contract, operation: Operation) -> bool:
    """Whether a reader may take the unreadable text for a body that the contract allows.

    A PATCH without a change changes nothing, but may create what its path names (RFC 5789 section
    2): of that which has no id there is only one.
    """
    if _json(operation) is None:
        return False
    patches = operation.method == "PATCH" and "{" not in operation.path
    readings = (one for one in _READINGS if one != {} or not patches)
    return any(_fits(contract, operation, one) for one in readings)


def _fits(contract: Contract, operation: Operation, value: Any) -> bool:
    media_type = _json(operation)
    if media_type is None:
        return False
    schema = media_type.schema
    return schema is None or not contract.violations(schema, Direction.REQUEST, value)


def _needs_no_body(operation: Operation) -> bool:
    return operation.request_body is None or not operation.request_body.required
