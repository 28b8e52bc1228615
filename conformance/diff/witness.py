"""Concrete requests and answers, and what a contract says of them.

A claim that a change breaks somebody is only as good as the request or the answer that shows it.
Both are written out as they would travel, and judged from that text, by each contract for itself.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any
from urllib.parse import quote

from conformance.http.exchange import Answer, Headers, Request
from spec import Contract, Direction, MediaType, Operation, Parameter, Schema
from spec.model.contract_model import Header, ParameterLocation
from spec.schemas.shapes import shape_of
from spec.text.forms import form_codec, is_form
from spec.text.json_values import StyleError, loads
from spec.text.media_types import concrete, is_json, match
from spec.text.pairs import (
    join_cookies,
    join_query,
    split_cookies,
    split_query,
)
from spec.text.styles import Absent, Codec, codec

__all__ = [
    "Call",
    "Reader",
    "Witness",
    "answer_of",
    "answer_refusal",
    "plain_call",
    "read",
    "read_body",
    "read_parameter",
    "refusal",
    "request_of",
    "sampled",
    "schema_of",
]

BOUNDARY = "witness-boundary"
Place = tuple[ParameterLocation, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A request of an operation before it is written out: values, not text.

    `media_type` is None where there is no body. `base_path` stands before the operation's path.
    `credential` holds header lines, query pairs and cookies that a security scheme asks for.
    """

    operation: Operation
    values: Mapping[Place, Any] = field(default_factory=dict)
    media_type: MediaType | None = None
    body: Any = None
    base_path: str = ""
    credential: tuple[tuple[str, str, str], ...] = ()

    def with_value(self, parameter: Parameter, value: Any) -> Call:
        """The same call with another value of a parameter."""
        values = {**self.values, (parameter.location, parameter.name): value}
        return replace(self, values=values)

    def with_body(self, media_type: MediaType, body: Any) -> Call:
        """The same call with another body."""
        return replace(self, media_type=media_type, body=body)


def plain_call(contract: Contract, operation: Operation) -> Call:
    """The smallest request that the contract allows: what is required, and nothing else.

    Raises:
        UnsatisfiableError: no value of a required part could be found.
    """
    values = {
        (parameter.location, parameter.name): sampled(contract, parameter, Direction.REQUEST)
        for parameter in operation.parameters
        if parameter.required
    }
    call = Call(operation=operation, values=values, base_path=operation.base_paths[0])
    body = operation.request_body
    if body is None or not body.required or not body.content:
        return call
    return call.with_body(body.content[0], sampled(contract, body.content[0], Direction.REQUEST))


def sampled(contract: Contract, owner: Parameter | Header | MediaType, direction: Direction) -> Any:
    """The plainest value of a parameter, a header or a body; a text where nothing is said."""
    schema = schema_of(owner)
    if schema is None:
        return "value"
    return contract.sample(schema, direction)


def schema_of(owner: Parameter | Header | MediaType) -> Schema | None:
    """The schema of a value, whether it is written under `schema` or `content`."""
    return owner.schema if isinstance(owner, MediaType) else owner.value_schema


# Writing


def request_of(contract: Contract, call: Call) -> Request:
    """The call as it would travel, in the styles and media types of its own contract.

    Raises:
        StyleError: a style cannot express a value.
    """
    pairs: dict[str, list[tuple[str, str]]] = {"query": [], "header": [], "cookie": []}
    path = call.operation.path
    for parameter in call.operation.parameters:
        place = (parameter.location, parameter.name)
        if place not in call.values:
            continue
        written = _codec(contract, parameter, call.operation).encode(call.values[place])
        if parameter.location == "path":
            path = path.replace(f"{{{parameter.name}}}", written[0][1] if written else "")
        else:
            pairs[parameter.location].extend(written)
    for location, name, value in call.credential:
        pairs[location].append((name, value if location != "query" else quote(value, safe="$")))
    query = join_query(pairs["query"])
    headers: Headers = tuple(pairs["header"])
    if pairs["cookie"]:
        headers = (*headers, ("Cookie", join_cookies(pairs["cookie"])))
    target = f"{call.base_path}{path}" + (f"?{query}" if query else "")
    request = Request(method=call.operation.method, target=target, headers=headers)
    if call.media_type is None:
        return request
    content_type, body = _written(contract, call.media_type, call.body, Direction.REQUEST)
    return replace(request, headers=(*headers, ("Content-Type", content_type)), body=body)


def answer_of(
    contract: Contract,
    status: int,
    media_type: MediaType | None = None,
    body: Any = None,
    headers: Iterable[tuple[Header, Any]] = (),
) -> Answer:
    """An answer as it would travel. Raises StyleError as `request_of` does."""
    fields: list[tuple[str, str]] = []
    for header, value in headers:
        fields.extend(_codec(contract, header, None).encode(value))
    if media_type is None:
        return Answer(status=status, headers=tuple(fields))
    content_type, data = _written(contract, media_type, body, Direction.RESPONSE)
    return Answer(status=status, headers=(*fields, ("Content-Type", content_type)), body=data)


def _written(
    contract: Contract, media_type: MediaType, value: Any, direction: Direction
) -> tuple[str, bytes]:
    name = concrete(media_type.name)
    if is_form(name) and isinstance(value, Mapping):
        form = form_codec(media_type, lambda schema: contract.standalone(schema, direction))
        return form.encode(value, BOUNDARY)
    if isinstance(value, str) and not is_json(name):
        return name, value.encode()
    return name, json.dumps(value, ensure_ascii=False).encode()


def _codec(contract: Contract, owner: Parameter | Header, operation: Operation | None) -> Codec:
    direction = Direction.RESPONSE if isinstance(owner, Header) else Direction.REQUEST
    siblings = (
        ()
        if operation is None or isinstance(owner, Header)
        else [p.name for p in operation.parameters if p.location == owner.location]
    )
    return codec(owner, lambda schema: contract.standalone(schema, direction), siblings)


# Judging


@dataclass(frozen=True, slots=True)
class Reader:
    """Finds the operation that a request means. Made once for a contract."""

    contract: Contract
    routes: Mapping[tuple[str, int], tuple[tuple[re.Pattern[str], Operation], ...]]

    @classmethod
    def of(cls, contract: Contract) -> Reader:
        """The routes of a contract, concrete paths before templated ones (OpenAPI 4.7.8)."""
        routes: dict[tuple[str, int], list[tuple[re.Pattern[str], Operation]]] = {}
        for operation in sorted(contract.operations, key=lambda one: one.path.count("{")):
            for base in operation.base_paths:
                path = base + operation.path
                found = routes.setdefault((operation.method, path.count("/")), [])
                found.append((_template(path), operation))
        return cls(contract, {key: tuple(found) for key, found in routes.items()})

    def find(self, request: Request) -> tuple[Operation, tuple[str, ...]] | None:
        """The operation and the raw values of its path's names, in the path's order."""
        path = request.target.partition("?")[0]
        for pattern, operation in self.routes.get((request.method, path.count("/")), ()):
            found = pattern.fullmatch(path)
            if found:
                return operation, found.groups()
        return None


@lru_cache(maxsize=8)
def read(contract: Contract) -> Reader:
    """The reader of a contract, kept for the next question."""
    return Reader.of(contract)


def refusal(contract: Contract, request: Request) -> str:
    """Why the contract does not allow a request; "" where it does. Credentials are not judged."""
    found = read(contract).find(request)
    if found is None:
        return f"no operation answers {request.method} {request.target.partition('?')[0]}"
    operation, raw_path = found
    sources = _sources(operation, raw_path, request)
    for parameter in operation.parameters:
        reason = _value_refusal(contract, parameter, operation, sources[parameter.location])
        if reason:
            return f"{parameter.location} parameter {parameter.name!r} {reason}"
    return _body_refusal(contract, operation, request)


def read_parameter(
    contract: Contract, operation: Operation, parameter: Parameter, request: Request
) -> Any:
    """The value that a contract reads in a request for one of its parameters.

    Raises:
        StyleError: the text is not in the parameter's style.
    """
    found = read(contract).find(request)
    raw_path = found[1] if found else ()
    sources = _sources(operation, raw_path, request)
    return _codec(contract, parameter, operation).decode(tuple(sources[parameter.location]))


def read_body(contract: Contract, media_type: MediaType, request: Request) -> Any:
    """The value that a contract reads in a request's body under one of its media types.

    Raises:
        StyleError: the body is not in the media type's form.
    """
    content_type = _header(request.headers, "content-type") or ""
    return _body_value(contract, media_type, request.body or b"", content_type, Direction.REQUEST)


def _sources(
    operation: Operation, raw_path: tuple[str, ...], request: Request
) -> dict[str, tuple[tuple[str, str], ...]]:
    return {
        "path": _path_pairs(operation, raw_path),
        "query": split_query(request.target.partition("?")[2]),
        "header": request.headers,
        "cookie": split_cookies(_header(request.headers, "cookie") or ""),
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
    content_type = _header(request.headers, "content-type") or ""
    if body is None or not body.content:
        return f"it declares no request body, and {content_type} is sent"
    media_type = _media_type(content_type, body.content)
    if media_type is None:
        return f"the content type {content_type} is not declared"
    return _content_refusal(contract, media_type, request.body, content_type, Direction.REQUEST)


def _content_refusal(
    contract: Contract, media_type: MediaType, body: bytes, content_type: str, direction: Direction
) -> str:
    if media_type.schema is None:
        return ""
    try:
        value = _body_value(contract, media_type, body, content_type, direction)
    except (StyleError, UnicodeDecodeError) as error:
        return f"body: {error}"
    return _violated(contract, media_type.schema, direction, value, "body")


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
    if value is Absent.ABSENT:
        return "is required" if owner.required else ""
    schema = schema_of(owner)
    return _violated(contract, schema, direction, value, "") if schema else ""


def _violated(
    contract: Contract, schema: Schema, direction: Direction, value: Any, where: str
) -> str:
    if contract.validator(schema, direction).is_valid(value):
        return ""
    found = contract.violations(schema, direction, value)
    return "; ".join(
        " ".join(part for part in (f"{where}{one.pointer}", one.message) if part) for one in found
    )


def _media_type(content_type: str | None, declared: tuple[MediaType, ...]) -> MediaType | None:
    name = match(content_type, [one.name for one in declared])
    return next((one for one in declared if one.name == name), None)


def _path_pairs(operation: Operation, raw: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    return tuple(zip(_NAMES.findall(operation.path), raw, strict=False))


_NAMES = re.compile(r"\{([^{}]+)\}")


def _template(path: str) -> re.Pattern[str]:
    parts = _NAMES.split(path)
    literal = (re.escape(part) if i % 2 == 0 else "([^/]+)" for i, part in enumerate(parts))
    return re.compile("".join(literal))


def _header(headers: Headers, name: str) -> str | None:
    return next((value for key, value in headers if key.lower() == name), None)


# Showing


@dataclass(frozen=True, slots=True, kw_only=True)
class Witness:
    """A request or an answer, and what each of two contracts says of it."""

    old: str
    new: str
    operation: str
    request: Request | None = None
    answer: Answer | None = None

    def as_mapping(self) -> dict[str, Any]:
        """The witness for a report: bodies are values where they are JSON, else text."""
        made: dict[str, Any] = {"operation": self.operation}
        if self.request is not None:
            made["request"] = _shown_request(self.request)
        if self.answer is not None:
            made["response"] = _shown_answer(self.answer)
        return {**made, "old": self.old, "new": self.new}


def _shown_request(request: Request) -> dict[str, Any]:
    return {
        "method": request.method,
        "path": request.target,
        "headers": dict(request.headers),
        "body": _shown(request.body, _header(request.headers, "content-type")),
    }


def _shown_answer(answer: Answer) -> dict[str, Any]:
    body = answer.body or None
    return {
        "status": answer.status,
        "headers": dict(answer.headers),
        "body": _shown(body, answer.header("content-type")),
    }


def _shown(body: bytes | None, content_type: str | None) -> Any:
    if body is None:
        return None
    text = body.decode("utf-8", "backslashreplace")
    return json.loads(text) if is_json(content_type) else text
