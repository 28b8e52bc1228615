"""The headers that a contract documents for the parts of a multipart body (OpenAPI 4.8.15)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from spec.model.contract_model import Header, Schema
from spec.schemas.alternatives import SchemaValue
from spec.text.json_values import StyleError
from spec.text.multipart import Part
from spec.text.styles import Absent, Codec, codec

__all__ = ["PartHeader", "header_fault", "part_header"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PartHeader:
    """A header that the contract documents for the parts of one name, and a good value."""

    codec: Codec
    required: bool
    text: str | None


def part_header(
    header: Header, resolve: Callable[[Schema], SchemaValue], sample: Callable[[Schema], Any]
) -> PartHeader:
    """What to send and expect of a header of a part; a value is made for a required one only.

    `resolve` and `sample` are those of `form_codec`.
    """
    made = codec(header, resolve)
    value = header.examples[0].value if header.examples else None
    if value is None and header.required:
        schema = header.content.schema if header.content else header.schema
        value = "x" if schema is None else sample(schema)
    pairs = () if value is None else made.encode(value)
    return PartHeader(codec=made, required=header.required, text=pairs[0][1] if pairs else None)


def header_fault(header: PartHeader, part: Part) -> str:
    """What is wrong with a header of a part; "" where nothing is."""
    name = header.codec.name
    try:
        value = header.codec.decode(part.headers)
    except StyleError as error:
        return f"with the header {name}, which {error}"
    if value is Absent.ABSENT:
        return f"without its header {name}" if header.required else ""
    if header.codec.shape.admits(value):
        return ""
    return f"with a header {name} that its schema does not admit"
