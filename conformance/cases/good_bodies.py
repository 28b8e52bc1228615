"""Good bodies of one media type: the examples, the plainest value, the fullest one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from conformance.cases.body_wire import LOST, Wire, wire_of
from conformance.cases.valid_values import ValidValueBuilder
from conformance.http.request_drafts import Draft
from spec import Contract, Direction, UnsatisfiableError
from spec.contract.media_codecs import is_bytes, item_media_type, media_codec, root_name
from spec.model.contract_model import MediaType, Operation
from spec.model.errors import SpecError
from spec.sampling.smallest_files import smallest
from spec.text.body_codecs import BodyCodec, BodyKind
from spec.text.media_types import concrete, is_json, parse

__all__ = ["allows_body", "bodied", "good_bodies"]

_OF_MEMBERS = frozenset({BodyKind.FORM, BodyKind.PARTS, BodyKind.XML})
"""Bodies that are made of fields, parts or elements."""


def good_bodies(contract: Contract, base: Draft, media_type: MediaType) -> Iterator[Draft]:
    """The base with good bodies of the media type, the most promising first.

    What nothing here writes is sent as an example of its text or bytes has it, or not at all.
    """
    seen = list[Any]()
    codec = media_codec(contract, media_type, Direction.REQUEST)
    for one, octets in _values(contract, media_type):
        for value in _lists(codec, one):
            draft = bodied(contract, base, media_type, value)
            draft = draft if octets is None else draft.but(raw=octets)
            if draft.body not in seen and _travels(contract, media_type, draft):
                seen.append(draft.body)
                yield draft


def allows_body(contract: Contract, operation: Operation, draft: Draft) -> bool:
    """Whether the schema of the draft's media type allows its body; False where there is none."""
    for media_type in operation.request_content:
        schema = item_media_type(contract, media_type, Direction.REQUEST).schema
        if media_type.name == draft.media_type and schema is not None:
            return not contract.violations(schema, Direction.REQUEST, draft.body)
    return False


def _lists(codec: BodyCodec | None, value: Any) -> Iterator[Any]:
    """An item twice, then alone: a receiver may look at the first of several lines only."""
    if codec is not None and codec.of_items and not isinstance(value, (str, list)):
        yield [value, value]
    yield value


def bodied(contract: Contract, base: Draft, media_type: MediaType, value: Any) -> Draft:
    """The base with this body. Where a text is a whole form, document or table, it is read."""
    codec = media_codec(contract, media_type, Direction.REQUEST)
    if codec is not None and codec.of_items and not isinstance(value, (str, list)):
        value = [value]
    draft = base.but(media_type=concrete(media_type.name), body=value, raw=None, codec=codec)
    wire = wire_of(contract, media_type, draft)
    if codec is None or wire is None:
        return draft
    if isinstance(value, str) and codec.kind is not BodyKind.TEXT:
        return _of_text(draft, wire, value)
    arrived = wire.arrived(value)
    return draft if arrived is LOST else draft.but(body=arrived)


def _of_text(draft: Draft, wire: Wire, text: str) -> Draft:
    """The text as its value, so that faults can be laid on it; else to the letter."""
    raw = text.encode("utf-8", "surrogatepass")
    # A document with namespaces may be good as it stands alone.
    read = LOST if b"xmlns" in raw else wire.read(raw)
    if read is LOST:
        return draft.but(raw=raw)
    written = draft.but(body=read)
    is_other = wire.kind is BodyKind.XML and _root(written.request().body or b"") != _root(raw)
    return draft.but(raw=raw) if is_other else written


def _root(document: bytes) -> bytes:
    found = re.search(rb"<([^\s!?/>]+)", document)
    return found.group(1) if found else b""


def _travels(contract: Contract, media_type: MediaType, draft: Draft) -> bool:
    """Whether the body can be written in its media type, and arrives as a good one."""
    if draft.codec is None or draft.raw is not None:
        return True
    try:
        _, raw = draft.codec.write(draft.body)
    except (SpecError, ValueError):
        return False
    if not raw:
        return False  # it may be taken for a missing one
    wire = wire_of(contract, media_type, draft)
    return wire is None or not wire.violations(draft.body)


def _values(contract: Contract, media_type: MediaType) -> Iterator[tuple[Any, bytes | None]]:
    codec = media_codec(contract, media_type, Direction.REQUEST)
    writable = _is_writable(contract, media_type, codec)
    for example in media_type.examples:
        if writable or isinstance(example.value, str):
            yield example.value, example.octets
    file = None if codec or is_json(media_type.name) else smallest(concrete(media_type.name))
    if writable and not media_type.examples and file is not None:
        # Latin-1 has a character for every byte, so the text can become the bytes again.
        yield file.decode("latin-1"), file
    if writable:
        made = _made(contract, media_type, codec)
        yield from ((_with_files(codec, value), None) for value in made)


def _with_files(codec: BodyCodec | None, value: Any) -> Any:
    """The value with the smallest file in each part that must be one of a type."""
    form = codec.form if codec is not None else None
    if form is None or not form.is_multipart or not isinstance(value, dict):
        return value
    files = {
        name: file.decode("latin-1")
        for name, admitted in form.content_types.items()
        if name in value and form.shape.member(name).binary
        if (file := smallest(concrete(admitted[0]))) is not None
    }
    return {**value, **files}


def _is_writable(contract: Contract, media_type: MediaType, codec: BodyCodec | None) -> bool:
    parsed = parse(media_type.name)
    if parsed is None or parsed.is_json or parsed.is_range:
        return True
    if codec is None:
        return is_bytes(contract, media_type, Direction.REQUEST)
    # The schema of a text says nothing of the fields of a form, or of a document's elements.
    if not codec.shape.is_primitive or codec.kind not in _OF_MEMBERS:
        return True
    schema = media_type.schema
    return codec.kind is BodyKind.XML and schema is not None and bool(root_name(contract, schema))


def _made(contract: Contract, media_type: MediaType, codec: BodyCodec | None) -> Iterator[Any]:
    schema = item_media_type(contract, media_type, Direction.REQUEST).schema
    if schema is None:
        if not media_type.examples:
            empty = is_json(media_type.name) or (codec and codec.kind is not BodyKind.TEXT)
            # A form of no fields has no bytes, and would be taken for a missing body.
            is_form = codec is not None and codec.kind is BodyKind.FORM
            yield {"x": "x"} if is_form else {} if empty else "x"
        return
    builder = ValidValueBuilder(contract=contract)
    try:
        yield builder.plain(schema)
    except UnsatisfiableError:
        return
    full = builder.full(schema)
    if full is not None:
        yield full
