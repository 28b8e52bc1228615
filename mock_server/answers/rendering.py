"""A value of the contract as the bytes of a media type: JSON, text, forms, XML, files, streams."""

from __future__ import annotations

import json
import re
from functools import cache, partial
from typing import Any, TypeAlias

from mock_server.answers import streams, templates
from mock_server.answers.holes import Judge, anything_fits
from mock_server.answers.streams import Stream
from mock_server.answers.templates import Template
from mock_server.model.definitions import definition
from mock_server.model.header_lines import HeaderLine, content_type_line
from mock_server.model.sliced_validity import SlicedJudge, judge_in_slices
from spec import (
    Contract,
    Direction,
    MediaType,
    Schema,
    SpecError,
    UnsatisfiableError,
)
from spec.sampling import smallest_files
from spec.schemas.shapes import shape_of
from spec.text import forms, media_types, tables, xml_text
from spec.text.charsets import codec_of
from spec.text.long_json import is_large
from spec.text.media_types import MediaRange
from spec.text.web_tokens import web_token
from spec.text.xml_reading import is_xml

__all__ = ["Body", "file", "holds_any_text", "labelled", "rendered", "sequence"]

_BOUNDARY = "mock-server-boundary"
"""Always the same, so that equal answers are equal bytes; made longer where the value has it."""
_HOLD_JSON = frozenset({"application/octet-stream", "text/plain"})
"""Types of which a JSON text is one: any octets, and any text."""
_SERIALIZED = re.compile(
    r"msgpack|protobuf|(?:^|[.+-])(?:arrow|avro|bson|capnp|cbor|flatbuffers?|ion|parquet|smile"
    r"|thrift|ubjson|ms-[a-z.-]+|openxmlformats-.*|oasis\..*|sqlite3?)(?:$|[.+-])"
)
"""Binary formats of structured data, which no writer here knows."""
_TOKEN = re.compile(r"(?:^|\+)jwt$")
"""JSON Web Tokens; an object is what one claims."""
_WITH_CHARSET = frozenset(
    {"application/javascript", "application/sql", "application/toml", "application/yaml"}
)
"""Types beside `text/*` for which a `charset` parameter is usual."""


Body: TypeAlias = "Template | Stream"


def rendered(
    value: Any, content_type: str, medium: MediaType, contract: Contract, *, generated: bool
) -> tuple[str, Body]:
    """The `Content-Type` and the body of a value.

    `content_type` is concrete. A generated value of a binary schema is replaced with a file of that
    type.

    Raises:
        spec.SpecError: nothing here writes such a value as that type.
    """
    kind = media_types.parse(content_type)
    essence = kind.essence if kind else content_type
    judge = _judge(medium, contract)
    if kind is None or kind.is_json:
        # Only where a hole's own stand-ins break the schema is a sample made.
        sample = partial(_sample, medium, contract)
        return content_type, templates.compile_json(value, judge, sample)
    if streams.is_stream(kind):
        return content_type, streams.stream(value, kind, of_items=medium.item_schema is not None)
    if forms.is_form(content_type) and isinstance(value, (dict, list)):
        return _form(value, medium, contract)
    if generated and _SERIALIZED.search(kind.subtype):
        raise SpecError(f"{essence} can be served only from an example of its bytes")
    octets = _file(kind, medium.schema, contract, judge) if generated else None
    if octets is not None:
        return file(octets, content_type)
    if generated and isinstance(value, str) and is_xml(kind):
        # Only an example can be the text of a whole document.
        value = xml_text.write(value, medium.schema, contract.resolve)
    return _as_text(value, kind, content_type, medium, contract)


def sequence(item: Any, content_type: str) -> list[Any]:
    """The items of a sequence that has one (OpenAPI 3.2, `itemSchema`).

    Raises:
        spec.SpecError: nothing here writes sequences of that type.
    """
    kind = media_types.parse(content_type)
    if kind is None or not (streams.is_stream(kind) or kind.type == "multipart"):
        raise SpecError(f"items of an itemSchema cannot be generated as {content_type}")
    return [item]


def holds_any_text(content_type: str) -> bool:
    """Whether a text of whatever content is a body of a media type, as far as anybody can tell.

    A mere text is a file as well (OpenAPI 3.0 section 4.7.14.2), and of what it consists is open.
    """
    kind = media_types.parse(content_type)
    if kind is None or streams.is_stream(kind) or forms.is_form(content_type):
        return False
    return not (kind.is_json or is_xml(kind) or _SERIALIZED.search(kind.subtype))


def file(octets: bytes, content_type: str) -> tuple[str, Body]:
    """The `Content-Type` and the body of a file."""
    return labelled(content_type), Template((octets,))


def _form(value: Any, medium: MediaType, contract: Contract) -> tuple[str, Body]:
    codec = forms.form_codec(
        medium,
        lambda schema: contract.standalone(schema, Direction.RESPONSE),
        lambda schema: contract.sample(schema, Direction.RESPONSE),
    )
    content_type, body = codec.encode(value, _unused_boundary(value))
    return content_type, Template((body,))


def _as_text(
    value: Any, kind: MediaRange, content_type: str, medium: MediaType, contract: Contract
) -> tuple[str, Body]:
    """A value as text, written as what the media type is. Raises SpecError where it cannot be."""
    charset, essence = _charset(kind), kind.essence
    delimiter = tables.delimiter_of(kind)
    is_document = is_xml(kind)
    if isinstance(value, str):
        judge = _judge(medium, contract)
        if is_document:
            body = templates.compile_text(value, judge, xml_text.escaped)
            return _with_charset(content_type), body
        return labelled(content_type), templates.compile_text(value, judge, charset=charset)
    if is_document:
        text = xml_text.write(value, medium.schema, contract.resolve)
        body = templates.compile_text(text, anything_fits, xml_text.escaped)
        return _with_charset(content_type), body
    if delimiter is not None:
        text = tables.write(value, delimiter)
        body = templates.compile_text(text, anything_fits, tables.quoted, charset)
        return labelled(content_type), body
    if isinstance(value, dict) and _TOKEN.search(kind.subtype):
        return content_type, Template((web_token(value),))
    holds_json = essence in _HOLD_JSON or kind.is_yaml or kind.may_be_json
    if isinstance(value, (dict, list)) and not holds_json:
        raise SpecError(f"the mock cannot write {_json_kind(value)} as {essence}")
    text = json.dumps(value, ensure_ascii=False)
    return labelled(content_type), templates.compile_text(text, anything_fits, charset=charset)


def _json_kind(value: Any) -> str:
    return "a list" if isinstance(value, list) else "an object"


def _judge(medium: MediaType, contract: Contract) -> Judge:
    if medium.schema is None:
        return anything_fits
    schema = definition(medium.schema, contract)

    @cache
    def sliced() -> SlicedJudge | None:
        return judge_in_slices(contract, schema, Direction.RESPONSE)

    def judge(value: Any) -> int:
        # What a request says may be large: then it fits or not, and the number does not matter.
        if is_large(value) and (in_slices := sliced()) is not None:
            return 0 if in_slices.is_valid(value) else 1
        if contract.validator(schema, Direction.RESPONSE).is_valid(value):
            return 0
        return len(contract.violations(schema, Direction.RESPONSE, value))

    return judge


def _sample(medium: MediaType, contract: Contract) -> Any:
    try:
        return medium.schema and contract.sample(medium.schema, Direction.RESPONSE)
    except UnsatisfiableError:
        return None


def _file(
    kind: MediaRange, schema: Schema | None, contract: Contract, judge: Judge
) -> bytes | None:
    """The smallest file, where a schema asks for octets and nothing more precise of them."""
    known = smallest_files.smallest(kind.essence)
    unknown = smallest_files.XML if is_xml(kind) else smallest_files.TEXT
    if schema is None:
        return known or unknown
    shape = shape_of(contract.standalone(definition(schema, contract), Direction.RESPONSE))
    if shape.binary or shape.is_anything:
        return known or unknown
    # Latin-1 makes one character of each octet, so that `maxLength` counts octets.
    fits = known and "string" in shape.types and not judge(known.decode("latin-1"))
    return known if fits else None


def concrete_line(medium: str, accept: bytes | None) -> HeaderLine:
    """The `Content-Type` where the contract has a range: as near to `Accept` as it allows."""
    concrete = media_types.concrete(medium, (accept or b"").decode("latin-1"))
    return content_type_line(labelled(concrete))


def labelled(content_type: str) -> str:
    """The `Content-Type` of a body of ours: with its charset, where it is text."""
    kind = media_types.parse(content_type)
    has_charset = kind is not None and (kind.type == "text" or kind.essence in _WITH_CHARSET)
    return _with_charset(content_type) if has_charset else content_type


def _charset(kind: MediaRange) -> str:
    """The charset that a media type names, where it is one that is known."""
    return codec_of(kind.charset or "") or "utf-8"


def _with_charset(content_type: str) -> str:
    return content_type if "charset" in content_type else f"{content_type}; charset=utf-8"


def _unused_boundary(value: Any) -> str:
    boundary, dumped = _BOUNDARY, json.dumps(value, ensure_ascii=False)
    while boundary in dumped:
        boundary += "-"
    return boundary
