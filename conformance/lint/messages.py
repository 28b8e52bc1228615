"""Bodies where HTTP has none, media types that nothing has, examples and styles that contradict."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from conformance.lint.keyword_types import types_of
from conformance.lint.remark import Remark
from conformance.report.codes.finding_code import FindingCode
from conformance.report.findings import Level
from spec import Contract, Operation, Response, Schema
from spec.model.http_statuses import BODILESS
from spec.model.near_names import as_code, did_you_mean, near_names
from spec.model.pointers import join
from spec.text.forms import is_form
from spec.text.http_tokens import is_token
from spec.text.media_types import parse

__all__ = [
    "body_remarks",
    "content_remarks",
    "example_remarks",
    "form_remarks",
    "header_name_remarks",
    "parameter_remarks",
]

"""A token (RFC 9110, section 5.6.2)."""
_NAMED_PARTS = (parse("multipart/form-data"), parse("application/x-www-form-urlencoded"))
_COMPOSED = frozenset({"allOf", "anyOf", "oneOf", "$ref", "patternProperties"})
"""Keywords by which a schema may have properties that it does not list itself."""

_SECTIONS: Mapping[str, str] = {
    "GET": "9.3.1",
    "HEAD": "9.3.2",
    "DELETE": "9.3.5",
    "TRACE": "9.3.8",
}
"""The sections of RFC 9110 that give a request body no meaning."""
_TOP_LEVEL = frozenset(
    {"application", "audio", "chemical", "example", "font", "haptics", "image", "message"}
    | {"model", "multipart", "text", "video", "x-conference", "*"}
)
"""The kinds of media types (IANA registry, RFC 6838 section 4.2), and two that are in wide use."""
_STYLES: Mapping[str, tuple[str, ...]] = {
    "path": ("simple", "label", "matrix"),
    "query": ("form", "spaceDelimited", "pipeDelimited", "deepObject"),
    "header": ("simple",),
    "cookie": ("form", "cookie"),
}
"""The styles of each location (OpenAPI 3.2, 4.12.3; `cookie` since that version)."""
_STYLED: Mapping[str, tuple[str, ...]] = {
    "deepObject": ("object",),
    "spaceDelimited": ("array", "object"),
    "pipeDelimited": ("array", "object"),
}
"""The types that a style is defined for, where it is not all of them."""


def body_remarks(operation: Operation) -> Iterator[Remark]:
    """The remarks on bodies that HTTP has no place for (RFC 9110)."""
    section = _SECTIONS.get(operation.method)
    if operation.request_body is not None and section:
        yield Remark(
            code=FindingCode.BODY_WITHOUT_MEANING,
            pointer=join(operation.pointer, "requestBody"),
            what=f"the body of a {operation.method} request has no meaning (RFC 9110, {section})",
            remedy="write parameters, or use POST",
            many=f"{operation.method} operations declare a body, which has no meaning there "
            f"(RFC 9110, {section})",
        )
    for response in operation.responses:
        if response.content and _is_bodiless(response):
            yield Remark(
                code=FindingCode.BODY_WITHOUT_MEANING,
                pointer=join(response.pointer, "content"),
                what=f"a response {response.status} has no body (RFC 9110, section 6.4.1)",
                remedy="remove its `content`, or write the status that has one",
            )


def _is_bodiless(response: Response) -> bool:
    return response.status in map(str, BODILESS) or response.status.startswith("1")


def content_remarks(pointer: str, content: Any) -> Iterator[Remark]:
    """The remarks on the names of the media types of one `content`."""
    for name in content if isinstance(content, Mapping) else ():
        read = parse(name)
        if read is None or read.type in _TOP_LEVEL or read.type.startswith("x-"):
            continue
        near = near_names(read.type, _TOP_LEVEL)
        meant = f"{near[0]}/{read.subtype}" if near else ""
        yield Remark(
            code=FindingCode.UNKNOWN_MEDIA_TYPE,
            pointer=join(pointer, name),
            what=f"there are no media types `{read.type}/…`",
            remedy=f"did you mean `{meant}`?" if meant else "write a registered media type",
        )


def parameter_remarks(
    contract: Contract, pointer: str, kind: str, value: Mapping[str, Any]
) -> Iterator[Remark]:
    """The remarks on one Parameter, Header or Media Type Object."""
    yield from _exclusive(pointer, value, "example", "examples")
    if kind == "MediaType":
        return
    yield from _exclusive(pointer, value, "schema", "content")
    content = value.get("content")
    if isinstance(content, Mapping) and len(content) != 1:
        yield Remark(
            code=FindingCode.INVALID_OPENAPI,
            pointer=join(pointer, "content"),
            what=f"the `content` of a {kind.lower()} has one media type, got {len(content)}",
            remedy="keep the one that is sent",
        )
    if kind == "Parameter" and isinstance(where := value.get("in"), str):
        yield from _style(contract, pointer, where, value)
        for key in ("allowReserved", "allowEmptyValue"):
            if value.get(key) is True and where != "query" and not _is_reserved_32(contract, key):
                yield Remark(
                    code=FindingCode.KEYWORD_WITHOUT_EFFECT,
                    pointer=join(pointer, key),
                    what=f"`{key}` has a meaning for query parameters only",
                    remedy="remove it",
                    explains=pointer,
                )


def example_remarks(pointer: str, example: Mapping[str, Any]) -> Iterator[Remark]:
    """The remarks on one Example Object."""
    yield from _exclusive(pointer, example, "value", "externalValue")


def header_name_remarks(pointer: str, name: Any) -> Iterator[Remark]:
    """A name that no header field can have (RFC 9110, section 5.1)."""
    if isinstance(name, str) and not is_token(name):
        yield Remark(
            code=FindingCode.INVALID_OPENAPI,
            pointer=pointer,
            what=f"no header can be named {name!r}",
            remedy="write a token (RFC 9110, section 5.6.2): no spaces, colons or brackets",
        )


def form_remarks(
    contract: Contract, pointer: str, name: str, media_type: Mapping[str, Any]
) -> Iterator[Remark]:
    """The remarks on `encoding`, and on a form whose schema is no object."""
    encoding, schema = media_type.get("encoding"), media_type.get("schema")
    if isinstance(encoding, Mapping) and encoding and not _may_be_form(name):
        yield Remark(
            code=FindingCode.KEYWORD_WITHOUT_EFFECT,
            pointer=join(pointer, "encoding"),
            what=f"`encoding` has a meaning for forms and multipart bodies only, not for {name}",
            remedy="remove it",
        )
        return
    if not is_form(name) or not isinstance(schema, Mapping):
        return
    resolved = contract.resolve(Schema(pointer=join(pointer, "schema"), value=schema)).value
    if not isinstance(resolved, Mapping):
        return
    types = types_of(resolved)
    # Parts of the other multipart types may go by their order (OpenAPI 3.2, Encoding By Position).
    if types and "object" not in types and parse(name) in _NAMED_PARTS:
        yield Remark(
            code=FindingCode.KEYWORD_WITHOUT_EFFECT,
            pointer=join(pointer, "schema"),
            what=f"a body of {name} has named parts, and `type: {' or '.join(types)}` has none",
            remedy="write `type: object`, with a property for each part",
        )
    yield from _unknown_parts(pointer, encoding, resolved)


def _unknown_parts(pointer: str, encoding: Any, schema: Mapping[str, Any]) -> Iterator[Remark]:
    """Entries of `encoding` for parts that a schema without composition does not declare."""
    properties = schema.get("properties")
    if not isinstance(properties, Mapping) or not schema.keys().isdisjoint(_COMPOSED):
        return
    for part in encoding if isinstance(encoding, Mapping) else ():
        if part not in properties:
            declare = "declare the part, or remove it"
            yield Remark(
                code=FindingCode.KEYWORD_WITHOUT_EFFECT,
                pointer=join(pointer, "encoding", part),
                what=f"`encoding` is for a part `{part}`, which the schema does not have",
                remedy=did_you_mean(part, properties, declare, quoted=as_code),
            )


def _may_be_form(name: str) -> bool:
    read = parse(name)
    return read is None or read.is_range or is_form(name) or read.type == "multipart"


def _is_reserved_32(contract: Contract, key: str) -> bool:
    """Since OpenAPI 3.2 `allowReserved` is for all parameters that are percent-encoded."""
    return key == "allowReserved" and contract.openapi.startswith("3.2")


def _exclusive(pointer: str, value: Mapping[str, Any], one: str, other: str) -> Iterator[Remark]:
    if one in value and other in value:
        yield Remark(
            code=FindingCode.INVALID_OPENAPI,
            pointer=join(pointer, other),
            what=f"`{one}` and `{other}` exclude each other",
            remedy="keep one of them",
        )


def _style(
    contract: Contract, pointer: str, where: str, value: Mapping[str, Any]
) -> Iterator[Remark]:
    style, styles = value.get("style"), _STYLES.get(where, ())
    if not isinstance(style, str) or not styles:
        return
    if style not in styles:
        yield Remark(
            code=FindingCode.INVALID_OPENAPI,
            pointer=join(pointer, "style"),
            what=f"there is no `style: {style}` for a parameter `in: {where}`",
            remedy=f"write {' or '.join(f'`{one}`' for one in styles)}",
            explains=pointer,
        )
        return
    schema = value.get("schema")
    if style not in _STYLED or not isinstance(schema, Mapping):
        return
    resolved = contract.resolve(Schema(pointer=join(pointer, "schema"), value=schema)).value
    types = types_of(resolved) if isinstance(resolved, Mapping) else ()
    if types and not set(types) & set(_STYLED[style]):
        yield Remark(
            code=FindingCode.KEYWORD_WITHOUT_EFFECT,
            pointer=join(pointer, "style"),
            what=f"`style: {style}` is not defined for a value of `type: {' or '.join(types)}`",
            remedy=f"write `type: {_STYLED[style][0]}`, or leave the style out",
            level=Level.WARNING,
        )
