"""Why a contract does not allow a request or an answer, read from its text alone."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from conformance.http.exchange import Answer, Request
from conformance.messages.operation_finder import operations_of
from conformance.messages.sequence_bodies import is_sequence, said_in
from conformance.messages.writing import header_codec
from spec import Contract, Direction, MediaType, Operation, Parameter, Schema
from spec.contract.parameter_codecs import ParameterCodec, parameter_codec
from spec.model.contract_model import Header
from spec.model.path_templates import template_names
from spec.schemas.shapes import shape_of
from spec.text.forms import form_codec, is_form
from spec.text.json_values import StyleError, loads
from spec.text.media_types import is_json, match
from spec.text.pairs import split_cookies, split_query
from spec.text.styles import Absent

__all__ = ["answer_refusal", "path_refusal", "read_body", "read_parameter", "refusal"]


def refusal(contract: Contract, request: Request) -> str:
    """Why the contract does not allow a request; "" where it does. Credentials are not judged."""
    found = operations_of(contract).find(request)
    if found is None:
        return f"no operation answers {request.method} {request.target.partition('?')[0]}"
    operation, raw_path = found
    sources = _sources(operation, raw_path, request)
    for parameter in operation.inputs:
        reason = _value_refusal(contract, parameter, operation, sources[parameter.location])
        if reason:
            return f"{parameter.location} parameter {parameter.name!r} {reason}"
    return _body_refusal(contract, operation, request)


def path_refusal(contract: Contract, operation: Operation, request: Request) -> str:
    """Why the values in a request's path are none of the operation's; "" where they are."""
    found = operations_of(contract).find(request)
    sources = _sources(operation, found[1] if found else (), request)
    for parameter in operation.parameters:
        if parameter.location == "path":
            reason = _value_refusal(contract, parameter, operation, sources["path"])
            if reason:
                return f"path parameter {parameter.name!r} {reason}"
    return ""


def read_parameter(
    contract: Contract, operation: Operation, parameter: Parameter, request: Request
) -> Any:
    """The value that a contract reads in a request for one of its parameters.

    Raises:
        StyleError: the text is not in the parameter's style.
    """
    found = operations_of(contract).find(request)
    raw_path = found[1] if found else ()
    sources = _sources(operation, raw_path, request)
    way = parameter_codec(contract, operation, parameter)
    return way.decode(tuple(sources[parameter.location]))


def read_body(contract: Contract, media_type: MediaType, request: Request) -> Any:
    """The value that a contract reads in a request's body under one of its media types.

    Raises:
        StyleError: the body is not in the media type's form.
    """
    content_type = request.header("content-type") or ""
    return _body_value(contract, media_type, request.body or b"", content_type, Direction.REQUEST)


def _sources(
    operation: Operation, raw_path: tuple[str, ...], request: Request
) -> dict[str, tuple[tuple[str, str], ...]]:
    query = request.target.partition("?")[2]
    return {
        "path": tuple(zip(template_names(operation.path), raw_path, strict=False)),
        "query": split_query(query),
        "querystring": (("", query),) if query else (),
        "header": request.headers,
        "cookie": split_cookies(request.header("cookie") or ""),
    }


def answer_refusal(contract: Contract, operation: Operation, answer: Answer) -> str:
    """Why the contract does not allow an answer of an operation; "" where it does."""
    response = operation.response_for(answer.status)
    if response is None:
        return f"the status {answer.status} is not documented"
    for header in response.headers:
        reason = _value_refusal(contract, header, None, answer.headers)
        if reason:
            return f"header {header.name!r} {reason}"
    if not response.content or not answer.body:
        return ""
    content_type = answer.header("content-type")
    media_type = _media_type(content_type, response.content)
    if media_type is None:
        return f"the content type {content_type} is not documented for {response.status}"
    return _content_refusal(
        contract, media_type, answer.body, content_type or "", Direction.RESPONSE
    )


def _body_refusal(contract: Contract, operation: Operation, request: Request) -> str:
    body = operation.request_body
    if request.body is None:
        return "the body is required" if body is not None and body.required else ""
    content_type = request.header("content-type") or ""
    if body is None or not body.content:
        return f"it declares no request body, and {content_type} is sent"
    media_type = _media_type(content_type, body.content)
    if media_type is None:
        return f"the content type {content_type} is not declared"
    return _content_refusal(contract, media_type, request.body, content_type, Direction.REQUEST)


def _content_refusal(
    contract: Contract, media_type: MediaType, body: bytes, content_type: str, direction: Direction
) -> str:
    if is_sequence(media_type):
        return _sequence_refusal(contract, media_type, body, content_type, direction)
    if media_type.schema is None:
        return ""
    try:
        value = _body_value(contract, media_type, body, content_type, direction)
    except (StyleError, UnicodeDecodeError) as error:
        return f"body: {error}"
    return _violated(contract, media_type.schema, direction, value, "body")


def _sequence_refusal(
    contract: Contract, media_type: MediaType, body: bytes, content_type: str, direction: Direction
) -> str:
    try:
        said = said_in(contract, media_type, body, content_type, direction)
    except StyleError as error:
        return f"body: {error}"
    for one in said:
        schema = one.media_type.schema
        where = f"{one.part}: " if one.part else "body"
        reason = schema and _violated(contract, schema, direction, one.value, where)
        if reason:
            return reason
    return ""


def _body_value(
    contract: Contract, media_type: MediaType, body: bytes, content_type: str, direction: Direction
) -> Any:
    if is_json(content_type):
        return loads(body.decode())
    if is_form(content_type):
        form = form_codec(media_type, lambda schema: contract.standalone(schema, direction))
        return form.decode(body, content_type)
    text = body.decode()
    assert media_type.schema is not None
    shape = shape_of(contract.standalone(media_type.schema, direction))
    if "string" in shape.types:
        return text
    # A type of which OpenAPI does not say how its values are written (XML, say) is shown as JSON.
    return loads(text)


def _value_refusal(
    contract: Contract,
    owner: Parameter | Header,
    operation: Operation | None,
    pairs: Iterable[tuple[str, str]],
) -> str:
    direction = Direction.RESPONSE if isinstance(owner, Header) else Direction.REQUEST
    try:
        value = _codec(contract, owner, operation).decode(tuple(pairs))
    except StyleError as error:
        return str(error)
    if isinstance(value, Absent):
        return "is required" if owner.required and value is Absent.ABSENT else ""
    schema = owner.value_schema
    return _violated(contract, schema, direction, value, "") if schema else ""


def _codec(
    contract: Contract, owner: Parameter | Header, operation: Operation | None
) -> ParameterCodec:
    if isinstance(owner, Header) or operation is None:
        assert isinstance(owner, Header)
        return header_codec(contract, owner)
    return parameter_codec(contract, operation, owner)


def _violated(
    contract: Contract, schema: Schema, direction: Direction, value: Any, where: str
) -> str:
    # The validator alone first: it is quick, and collects no messages.
    if contract.validator(schema, direction).is_valid(value):
        return ""
    found = contract.violations(schema, direction, value)
    return "; ".join(
        " ".join(part for part in (f"{where}{one.pointer}", one.message) if part) for one in found
    )


def _media_type(content_type: str | None, declared: tuple[MediaType, ...]) -> MediaType | None:
    name = match(content_type, [one.name for one in declared])
    return next((one for one in declared if one.name == name), None)
