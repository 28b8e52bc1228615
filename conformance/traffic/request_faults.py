"""What is wrong with a request by the contract: the clauses that its refusal would hold."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from conformance.cases.body_cases import WITHOUT_BODY
from conformance.clauses.ids import (
    body_prefix,
    clause_id,
    node_clause,
    parameter_prefix,
)
from conformance.clauses.kinds import ClauseKind
from conformance.clauses.schema_nodes import nodes
from conformance.http.exchange import Request
from conformance.http.masking import is_hidden
from conformance.messages.disallowed import read_parameter
from conformance.messages.merge_patches import without_removals
from conformance.messages.sequence_bodies import is_sequence, said_in
from conformance.report.codes.finding_code import FindingCode
from spec import Contract, Direction, Violation
from spec.contract.media_codecs import media_codec
from spec.model.contract_model import MediaType, Operation, Schema
from spec.model.pointers import split
from spec.text.json_text import BeyondLimitsError, read
from spec.text.json_values import StyleError
from spec.text.media_types import is_json, match
from spec.text.styles import Absent
from spec.text.xml_reading import UnjudgedError

__all__ = ["RequestFault", "request_faults"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestFault:
    """One clause that a request breaks; `code` is the finding where it is accepted all the same.

    `also` are statuses that refuse it as well as those that the contract documents.
    """

    clause: str
    label: str
    code: FindingCode
    family: ClauseKind
    also: frozenset[int] = frozenset()


def request_faults(
    contract: Contract, operation: Operation, request: Request, *, body_known: bool = True
) -> tuple[RequestFault, ...]:
    """All that the contract does not allow of a request, one fault a clause.

    Credentials are not looked at, nor a body that was not recorded, nor what is hidden (`$TOKEN`).
    """
    found = list(_of_parameters(contract, operation, request))
    if body_known:
        found += _of_body(contract, operation, request)
    return tuple({one.clause: one for one in reversed(found)}.values())[::-1]


def _of_parameters(
    contract: Contract, operation: Operation, request: Request
) -> Iterator[RequestFault]:
    for parameter in operation.inputs:
        prefix = parameter_prefix(parameter.location, parameter.name)
        named = f"{parameter.location} parameter `{parameter.name}`"
        try:
            value = read_parameter(contract, operation, parameter, request)
        except StyleError as error:
            yield _parameter_fault(operation, f"{prefix}.type", f"{named} {error}")
            continue
        if value is Absent.ABSENT:
            if parameter.required:
                yield _parameter_fault(operation, f"{prefix}.required", f"{named} is missing")
            continue
        schema = parameter.value_schema
        if schema is None or isinstance(value, Absent) or is_hidden(str(value)):
            continue
        for local, said in _violated(contract, schema, value, prefix):
            yield _parameter_fault(operation, local, f"{named} {said}")


def _parameter_fault(operation: Operation, local: str, label: str) -> RequestFault:
    return RequestFault(
        clause=clause_id(operation.id, local),
        label=label,
        code=FindingCode.ACCEPTED_INVALID_PARAMETER,
        family=ClauseKind.PARAMETERS,
    )


def _of_body(contract: Contract, operation: Operation, request: Request) -> Iterator[RequestFault]:
    body = operation.request_body
    if body is None:
        return
    if not request.body:
        if body.required:
            missing = _body_fault(operation, "body.missing", "the body is missing")
            yield replace(missing, also=WITHOUT_BODY)
        return
    media_type = _media_type(request, body.content)
    if media_type is None:
        sent = request.header("content-type") or "no Content-Type"
        label = f"the content type {sent} is not declared"
        yield RequestFault(
            clause=clause_id(operation.id, "media.undeclared"),
            label=label,
            code=FindingCode.ACCEPTED_MEDIA_TYPE,
            family=ClauseKind.MEDIA_TYPES,
        )
        return
    prefix = body_prefix(media_type.name)
    try:
        said = _body_values(contract, media_type, request)
    except BeyondLimitsError:
        return
    except (StyleError, ValueError):
        local, label = f"{prefix}.syntax.malformed", f"the body is not {media_type.name}"
        yield _body_fault(operation, local, label, FindingCode.ACCEPTED_MALFORMED_BODY)
        return
    for schema, value in said:
        for local, what in _violated(contract, schema, value, prefix, media_type.name):
            yield _body_fault(operation, local, f"the body: {what}")


def _body_values(
    contract: Contract, media_type: MediaType, request: Request
) -> Iterable[tuple[Schema, Any]]:
    """The values of a body, each with its schema; none where nothing here reads it.

    Raises StyleError or ValueError where it is none of its media type, and BeyondLimitsError where
    it is one that no receiver has to read.
    """
    body, sent = request.body or b"", request.header("content-type") or ""
    if is_sequence(media_type):
        found = said_in(contract, media_type, body, sent, Direction.REQUEST)
        return [(one.media_type.schema, one.value) for one in found if one.media_type.schema]
    if media_type.schema is None:
        return []
    if is_json(media_type.name):
        return [(media_type.schema, read(body))]
    way = media_codec(contract, media_type, Direction.REQUEST)
    try:
        return [] if way is None else [(media_type.schema, way.read(body, sent))]
    except UnjudgedError:
        return []


def _body_fault(
    operation: Operation,
    local: str,
    label: str,
    code: FindingCode = FindingCode.ACCEPTED_INVALID_BODY,
) -> RequestFault:
    return RequestFault(
        clause=clause_id(operation.id, local), label=label, code=code, family=ClauseKind.BODY
    )


def _media_type(request: Request, declared: tuple[MediaType, ...]) -> MediaType | None:
    sent = request.header("content-type")
    name = match(sent, [one.name for one in declared]) if sent else None
    return next((one for one in declared if one.name == name), None)


def _violated(
    contract: Contract, schema: Schema, value: Any, prefix: str, media_type: str = ""
) -> Iterator[tuple[str, str]]:
    """The local names of the clauses that a value breaks, each with what is said of it."""
    found = contract.violations(schema, Direction.REQUEST, value)
    for one in without_removals(found, media_type, value):
        pointer, _, keyword = one.schema_pointer.rpartition("/")
        where = f"{one.pointer} " if one.pointer else ""
        for node in nodes(contract, schema):
            if node.pointer == pointer:
                yield node_clause(prefix, node.name, _keyword(one)), f"{where}{one.message}"
                break
        else:
            yield f"{prefix}.{keyword}", f"{where}{one.message}"


def _keyword(violation: Violation) -> str:
    """The keyword; that of a missing property, to which the pointer leads, is the property's."""
    if violation.keyword != "required":
        return violation.keyword
    return f"required:{split(violation.pointer)[-1]}"
