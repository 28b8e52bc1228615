"""Every clause of a contract, derived without any target."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from conformance.clauses.body_clauses import body_clauses
from conformance.clauses.clause import Clause
from conformance.clauses.clause_maker import ClauseMaker
from conformance.clauses.credential_aspects import aspects_of
from conformance.clauses.ids import parameter_prefix, response_prefix
from conformance.clauses.keyword_sentences import answer_keywords, can_be_shown, request_keywords
from conformance.clauses.kinds import ClauseKind
from conformance.clauses.schema_nodes import SchemaNode, nodes
from conformance.clauses.state_promises import state_promise
from conformance.http.methods import CHANGING
from spec import Contract, Direction
from spec.contract.media_codecs import content_schemas, is_bytes, item_media_type, media_kind
from spec.model.contract_model import MediaType, Operation, Parameter, Response, Schema
from spec.model.pointers import join
from spec.text.body_codecs import BodyKind
from spec.text.media_types import parse

__all__ = ["IF_MATCH", "IF_NONE_MATCH", "clauses_of", "derive"]

IF_MATCH = "state.if-match"
"""The clause that a change is made only where its tag is current."""
IF_NONE_MATCH = "state.if-none-match"
"""The clause that a PUT with `If-None-Match: *` overwrites nothing."""


def derive(contract: Contract, operations: Sequence[Operation] | None = None) -> tuple[Clause, ...]:
    """All clauses, operation by operation in the order of the document; ids are unique.

    Of the `operations` of a run, in its order, the first one speaks for its path's other methods.
    """
    found: dict[str, Clause] = {}
    first_of_path: dict[str, str] = {}
    for operation in contract.operations if operations is None else operations:
        first_of_path.setdefault(operation.path, operation.id)
    wanted = None if operations is None else {operation.id for operation in operations}
    for operation in contract.operations:
        if wanted is not None and operation.id not in wanted:
            continue
        leads = first_of_path[operation.path] == operation.id
        for clause in clauses_of(contract, operation, leads=leads):
            # Two alternatives may promise the same of one place: it is one clause.
            found.setdefault(clause.id, clause)
    return tuple(found.values())


def clauses_of(contract: Contract, operation: Operation, *, leads: bool = True) -> Iterator[Clause]:
    """The clauses of one operation; `leads` says that it speaks for its path's other methods."""
    make = ClauseMaker(contract=contract, operation=operation)
    yield make("control", ClauseKind.CONTROL, operation.pointer, "an ordinary request succeeds")
    yield from _credentials(make)
    yield from body_clauses(make)
    for parameter in operation.inputs:
        yield from _parameter(make, parameter)
    yield from _http(make, leads=leads)
    yield from _statuses(make)
    for response in operation.responses:
        yield from _response(make, response)
    yield from _steadiness(make)
    yield from _state(make)


def _credentials(make: ClauseMaker) -> Iterator[Clause]:
    for one in aspects_of(make.contract, make.operation):
        pointer = make.operation.security[0].pointer
        yield make(f"security.{one.name}", ClauseKind.CREDENTIALS, pointer, one.promise)


def _parameter(make: ClauseMaker, parameter: Parameter) -> Iterator[Clause]:
    prefix = parameter_prefix(parameter.location, parameter.name)
    name = f"the {parameter.location} parameter `{parameter.name}`"
    if parameter.required and parameter.location != "path":
        pointer = join(parameter.pointer, "required")
        promise = f"{name} is present or is refused"
        yield make(f"{prefix}.required", ClauseKind.PARAMETERS, pointer, promise)
    elif not parameter.required:
        promise = f"{name} may be left out"
        yield make(f"{prefix}.optional", ClauseKind.PARAMETERS, parameter.pointer, promise)
    kind = None
    if parameter.location == "querystring" and parameter.content is not None:
        kind = media_kind(make.contract, parameter.content, Direction.REQUEST)
        if kind in (BodyKind.JSON, BodyKind.XML):
            promise = f"a query that is not {kind.value} is refused"
            yield make(f"{prefix}.malformed", ClauseKind.PARAMETERS, parameter.pointer, promise)
    schema = parameter.value_schema
    for node in nodes(make.contract, schema):
        for one in request_keywords(prefix, node, name):
            if _is_shown_in_text(parameter, kind, node, one.keyword):
                yield make(one.local, ClauseKind.PARAMETERS, one.pointer, one.promise)


def _is_shown_in_text(
    parameter: Parameter, kind: BodyKind | None, node: SchemaNode, keyword: str
) -> bool:
    """Whether a parameter can break the keyword; `kind` is that of a whole query."""
    if kind is not None:
        return can_be_shown(kind, node, keyword)
    # Outside of a query an empty text is none, and a long one may be refused for its length.
    if keyword in ("empty", "long") and parameter.location != "query":
        return False
    return keyword != "type" or not node.takes_text


def _http(make: ClauseMaker, *, leads: bool) -> Iterator[Clause]:
    pointer = make.operation.pointer
    if leads:
        promise = "methods that the contract does not declare are refused with 404 or 405"
        yield make("methods.undeclared", ClauseKind.METHODS, pointer, promise)
        promise = "Allow says which methods there are (RFC 9110 10.2.1)"
        yield make("methods.allow", ClauseKind.METHODS, pointer, promise)
        promise = "another spelling of the path is another path (RFC 3986 section 6.2.2.1)"
        yield make("http.path", ClauseKind.WIRE, pointer, promise)
    if make.operation.method == "GET":
        promise = "the answer's own ETag or Last-Modified is heeded (RFC 9110 section 13)"
        yield make("http.validators", ClauseKind.WIRE, pointer, promise)
        if make.operation.request_body is None:
            promise = "a body that is not declared spoils nothing (RFC 9110 section 9.3.1)"
            yield make("http.body", ClauseKind.WIRE, pointer, promise)
    yield make("accept.range", ClauseKind.MEDIA_TYPES, pointer, "an Accept range is understood")
    promise = (
        "a response has no content coding that Accept-Encoding forbids (RFC 9110 section 12.5.3)"
    )
    yield make("accept.coding", ClauseKind.MEDIA_TYPES, pointer, promise)
    yield make(
        "accept.other", ClauseKind.MEDIA_TYPES, pointer, "an impossible Accept does not fail"
    )
    promises = {
        "query": "an unknown query parameter is accepted",
        "conditional": "conditional and range requests do not make the server fail",
        "headers": "an oversized header is answered or refused, and does not fail",
        "escapes": "malformed percent-escapes do not make the server fail",
    }
    if make.operation.query_string is not None:
        del promises["query"]  # the schema of the whole query says what else may stand in it
    for name, promise in promises.items():
        yield make(f"http.{name}", ClauseKind.WIRE, pointer, promise)
    if make.operation.request_body is not None:
        promise = "wrong framing is refused without failing (RFC 9112 section 6.3)"
        yield make("http.framing", ClauseKind.WIRE, pointer, promise)


def _statuses(make: ClauseMaker) -> Iterator[Clause]:
    pointer = join(make.operation.pointer, "responses")
    if make.operation.responses:
        promise = "only documented statuses occur"
        yield make("status.documented", ClauseKind.STATUS, pointer, promise)
    yield make("status.no-failure", ClauseKind.STATUS, pointer, "no request makes the server fail")
    for response in make.operation.responses:
        promise = f"{response.status} occurs"
        yield make(f"status.{response.status}", ClauseKind.STATUS, response.pointer, promise)
    promises = {
        "framing": "length, chunks and encoding of a response are correct (RFC 9112 section 6)",
        "time": "answers come within the time limit",
        "honest": "a 2xx response does not report an error in its body",
        "well-formed": "a body is what its Content-Type says",
        "discreet": "no response shows stack traces or internals of the server",
    }
    for name, promise in promises.items():
        yield make(f"answer.{name}", ClauseKind.RESPONSE, pointer, promise)


def _response(make: ClauseMaker, response: Response) -> Iterator[Clause]:
    base = response_prefix(response.status)
    for header in response.headers:
        promise = f"the header `{header.name}` is as documented"
        yield make(f"{base}.header.{header.name}", ClauseKind.RESPONSE, header.pointer, promise)
    if not response.content:
        return
    pointer = join(response.pointer, "content")
    yield make(
        f"{base}.content-type", ClauseKind.RESPONSE, pointer, "Content-Type is a documented one"
    )
    for media_type in response.content:
        yield from _media_response(make, response, media_type)


def _media_response(
    make: ClauseMaker, response: Response, media_type: MediaType
) -> Iterator[Clause]:
    prefix = response_prefix(response.status, media_type.name)
    kind = media_kind(make.contract, media_type, Direction.RESPONSE)
    item = item_media_type(make.contract, media_type, Direction.RESPONSE)
    parsed = parse(media_type.name)
    if kind is BodyKind.EVENTS:
        yield from _stream(make, prefix, media_type)
    elif kind is not None or (parsed is not None and parsed.is_range):
        promise = f"the body is {kind.value if kind else 'what it says'}, as its Content-Type says"
        if kind is BodyKind.JSON:
            promise = "the body is one JSON document in UTF-8 (RFC 8259)"
        yield make(f"{prefix}.well-formed", ClauseKind.RESPONSE, media_type.pointer, promise)
    elif not is_bytes(make.contract, media_type, Direction.RESPONSE):
        why = f"the kit cannot read {media_type.name}"
        promise = "the body satisfies its schema as a whole"
        yield make(f"{prefix}.schema", ClauseKind.RESPONSE, media_type.pointer, promise, why)
        return
    else:
        return
    yield from _response_schema(make, prefix, item.schema)
    if media_type.item_schema is not None and kind is BodyKind.EVENTS:
        for schema in content_schemas(make.contract, media_type.item_schema):
            yield from _response_schema(make, prefix, schema)


def _stream(make: ClauseMaker, prefix: str, media_type: MediaType) -> Iterator[Clause]:
    promises = {
        "framing": "the stream can be read (WHATWG HTML section 9.2)",
        "end": "the stream ends, and does not break off",
        "honest": "a failure that is known at the start is reported by a status, not by an event",
    }
    for name, promise in promises.items():
        yield make(f"{prefix}.stream.{name}", ClauseKind.STREAMS, media_type.pointer, promise)


def _response_schema(make: ClauseMaker, prefix: str, schema: Schema | None) -> Iterator[Clause]:
    if schema is None:
        return
    for one in answer_keywords(make.contract, prefix, make.contract.resolve(schema)):
        yield make(one.local, ClauseKind.RESPONSE, one.pointer, one.promise)
    promise = "the body satisfies its schema as a whole"
    yield make(f"{prefix}.schema", ClauseKind.RESPONSE, schema.pointer, promise)


def _steadiness(make: ClauseMaker) -> Iterator[Clause]:
    promises = {
        "repeated": "the valid request succeeds repeatedly",
        "concurrent": "each concurrent caller receives its own response",
        "kept": "a kept connection carries a second request (RFC 9112 section 9.3)",
        "after-bad": "the valid request still succeeds after refused ones",
    }
    operation = make.operation
    # Shown by a GET of the same path, before and after.
    readable = make.contract.operation(f"GET {operation.path}") is not None
    if readable and operation.request_body is not None and operation.method != "GET":
        promises["unchanged"] = "a refused request leaves everything as it was"
    for name, promise in promises.items():
        yield make(f"steady.{name}", ClauseKind.STEADINESS, operation.pointer, promise)
    if operation.request_body is not None or operation.inputs:
        promise = "generated valid requests are answered as the contract says"
        yield make("property.valid", ClauseKind.PROPERTIES, operation.pointer, promise)
        promise = "generated invalid requests are refused as the contract says"
        yield make("property.invalid", ClauseKind.PROPERTIES, operation.pointer, promise)


def _state(make: ClauseMaker) -> Iterator[Clause]:
    method = make.operation.method
    conditions = {
        "if-match": (
            IF_MATCH,
            CHANGING,
            "a change with a stale If-Match is refused with 412 (RFC 9110 section 13.1.1)",
        ),
        "if-none-match": (
            IF_NONE_MATCH,
            ("PUT",),
            "If-None-Match: * overwrites nothing: 412 (RFC 9110 section 13.1.2)",
        ),
    }
    for parameter in make.operation.parameters:
        local, methods, text = conditions.get(parameter.name.lower(), ("", (), ""))
        if parameter.location == "header" and method in methods:
            yield make(local, ClauseKind.STATE, parameter.pointer, text)
    promise = state_promise(make.contract, make.operation)
    if promise is not None:
        yield make(promise.local, ClauseKind.STATE, make.operation.pointer, promise.text)
