"""The clauses of a request body: its values, how they are written, and its media types."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.clauses.clause import Clause
from conformance.clauses.clause_maker import ClauseMaker
from conformance.clauses.ids import body_prefix, declared_media_type, part_header, part_type
from conformance.clauses.keyword_sentences import body_keywords, has_charset
from conformance.clauses.kinds import ClauseKind
from spec import Direction
from spec.contract.media_codecs import is_bytes, item_media_type, media_kind, root_name
from spec.model.contract_model import MediaType, RequestBody
from spec.model.pointers import join
from spec.text.body_codecs import BodyKind
from spec.text.media_types import is_json

__all__ = ["body_clauses"]


def body_clauses(make: ClauseMaker) -> Iterator[Clause]:
    """What an operation says of its request body, for each of its media types."""
    body = make.operation.request_body
    if body is None:
        return
    if body.required:
        promise = "a request without a body is refused"
        yield make("body.missing", ClauseKind.BODY, join(body.pointer, "required"), promise)
    for media_type in body.content:
        yield from _request_schema(make, media_type)
        if is_json(media_type.name):
            yield from _syntax(make, media_type)
        else:
            yield from _other_syntax(make, media_type)
        # Of one media type alone the control says the same.
        if len(body.content) > 1:
            promise = f"an ordinary request with a body of {media_type.name} succeeds"
            local = declared_media_type(media_type.name)
            yield make(local, ClauseKind.MEDIA_TYPES, media_type.pointer, promise)
    yield from _media(make, body)


def _request_schema(make: ClauseMaker, media_type: MediaType) -> Iterator[Clause]:
    contract, prefix = make.contract, body_prefix(media_type.name)
    kind = media_kind(contract, media_type, Direction.REQUEST)
    schema = item_media_type(contract, media_type, Direction.REQUEST).schema
    bytes_alone = kind is None and is_bytes(contract, media_type, Direction.REQUEST)
    if schema is None or bytes_alone:
        return
    why = "" if kind else f"the kit cannot write {media_type.name}"
    for one in body_keywords(contract, prefix, contract.resolve(schema), kind):
        yield make(one.local, one.kind or ClauseKind.BODY, one.pointer, one.promise, why)


def _syntax(make: ClauseMaker, media_type: MediaType) -> Iterator[Clause]:
    prefix = body_prefix(media_type.name)
    promises = {
        "malformed": "a body that is not JSON is refused (RFC 8259)",
        "trailing": "text after the JSON document is refused (RFC 8259 section 2)",
        "numbers": "NaN and Infinity are refused (RFC 8259 section 6)",
        "utf-8": "bytes that are not UTF-8 are refused (RFC 8259 section 8.1)",
        "spelling": "escapes, whitespace and the order of keys make no difference (RFC 8259)",
        "transfer": "a chunked body is read like any other (RFC 9112 section 7.1)",
        "limits": "NUL, depth, size and digits are accepted, or refused without failing",
        "surrogates": "a lone surrogate does not make the server fail",
    }
    for name, promise in promises.items():
        yield make(f"{prefix}.syntax.{name}", ClauseKind.SYNTAX, media_type.pointer, promise)


_NO_JSON = {
    BodyKind.LINES: "a line that is not JSON is refused",
    BodyKind.PARTS: "a body that is not multipart is refused (RFC 2046 section 5.1)",
    BodyKind.XML: "a body that is not well-formed XML is refused (XML 1.0 section 2.1)",
}


def _other_syntax(make: ClauseMaker, media_type: MediaType) -> Iterator[Clause]:
    kind = media_kind(make.contract, media_type, Direction.REQUEST)
    schema = item_media_type(make.contract, media_type, Direction.REQUEST).schema
    if kind is None or schema is None:
        return
    prefix = body_prefix(media_type.name)
    if kind in _NO_JSON:
        name = f"{prefix}.syntax.malformed"
        yield make(name, ClauseKind.SYNTAX, media_type.pointer, _NO_JSON[kind])
    if kind is BodyKind.XML and root_name(make.contract, schema):
        promise = "a document with another root element is refused"
        yield make(f"{prefix}.syntax.root", ClauseKind.SYNTAX, media_type.pointer, promise)
    promise = "a chunked body is read like any other (RFC 9112 section 7.1)"
    yield make(f"{prefix}.syntax.transfer", ClauseKind.SYNTAX, media_type.pointer, promise)
    if kind is BodyKind.PARTS:
        yield from _part_clauses(make, media_type)


def _part_clauses(make: ClauseMaker, media_type: MediaType) -> Iterator[Clause]:
    prefix, pointer = body_prefix(media_type.name), join(media_type.pointer, "encoding")
    for name, said in media_type.encoding.items():
        if isinstance(said, dict) and isinstance(said.get("contentType"), str):
            promise = f"the part `{name}` is {said['contentType']} or is refused"
            yield make(part_type(prefix, name), ClauseKind.BODY, join(pointer, name), promise)
    for name, headers in media_type.part_headers.items():
        for header in headers:
            if header.required:
                promise = f"the part `{name}` has the header {header.name} or is refused"
                local = part_header(prefix, name, header.name)
                yield make(local, ClauseKind.BODY, header.pointer, promise)


def _media(make: ClauseMaker, body: RequestBody) -> Iterator[Clause]:
    kinds = {media_kind(make.contract, one, Direction.REQUEST) for one in body.content}
    promises = {
        "undeclared": "a media type that is not declared is refused",
        "absent": "a body without Content-Type does not make the server fail",
        "spelling": "a media type is accepted in any case and with a charset (RFC 9110 section "
        "8.3)",
        "encoding": "a Content-Encoding is not ignored (RFC 9110 section 8.4: 415 may refuse it)",
    }
    if any(map(has_charset, kinds)):
        promises["charset"] = "a charset that is not UTF-8 is refused, or read as such"
    for name, promise in promises.items():
        yield make(f"media.{name}", ClauseKind.MEDIA_TYPES, join(body.pointer, "content"), promise)
