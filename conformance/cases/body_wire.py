"""How the bodies of a media type are written, and how their parsed values are judged.

A fault counts only if the body, written in its media type and read back, still violates the schema,
and a valid value only if it is read back unchanged. What the serialisation loses is neither a
fault nor evidence.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from conformance.cases.valid_values import ValidValueBuilder
from conformance.clauses.schema_nodes import Branch, SchemaNode, nodes
from conformance.clauses.value_paths import DROP, EACH
from conformance.http.request_drafts import NOTHING, Draft
from conformance.messages.merge_patches import without_removals
from spec import Contract, Direction
from spec.contract.media_codecs import item_media_type
from spec.model.contract_model import MediaType, Schema, Violation
from spec.model.errors import SpecError
from spec.text.body_codecs import BodyCodec, BodyKind
from spec.text.json_text import UnreadableError
from spec.text.media_types import is_json
from spec.text.xml_reading import UnjudgedError

__all__ = ["LOST", "Wire", "wire_by", "wire_of"]

LOST: Final = object()
"""Stands for a value that the media type cannot carry at all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wire:
    """Bodies of one media type: `schema` is that of each item where they are lists of items.

    `codec` is None for JSON, which carries every value as it is. A body that is not `required` may
    be left out.
    """

    contract: Contract
    name: str
    schema: Schema
    codec: BodyCodec | None
    required: bool = True

    @property
    def kind(self) -> BodyKind:
        """How a body says its value."""
        return BodyKind.JSON if self.codec is None else self.codec.kind

    @property
    def of_items(self) -> bool:
        """Whether a body is a list, of lines or of parts, and the schema that of each member."""
        return self.codec is not None and self.codec.of_items

    def nodes(self) -> tuple[SchemaNode, ...]:
        """The places of a body; those of items stand in each of them."""
        found = nodes(self.contract, self.schema)
        if not self.of_items:
            return found
        return tuple(replace(node, steps=(EACH, *node.steps)) for node in found)

    def arrived(self, body: Any) -> Any:
        """What a receiver reads where the body was written; LOST where it cannot be."""
        if self.codec is None or body is NOTHING:
            return body
        try:
            content_type, raw = self.codec.write(body)
        except (SpecError, ValueError):
            return LOST
        return self.read(raw, content_type)

    def read(self, raw: bytes, content_type: str = "") -> Any:
        """The value that bytes say; LOST where they are none of the media type."""
        try:
            return LOST if self.codec is None else self.codec.read(raw, content_type or self.name)
        except (SpecError, UnreadableError, UnjudgedError):
            return LOST

    def violations(self, body: Any) -> Sequence[Violation]:
        """What the schema says against a body as it arrives; nothing where it cannot travel.

        Nor where it may be left out and has no bytes: a receiver cannot tell it from none.
        """
        arrived = self.arrived(body)
        if arrived is not LOST and not self.required and self.is_empty(body):
            return ()
        return self.judged(arrived)

    def broken(self, body: Any) -> frozenset[tuple[str, str]]:
        """The keywords that a body breaks, each with the pointer to where."""
        return frozenset((one.keyword, one.pointer) for one in self.violations(body))

    def judged(self, value: Any) -> Sequence[Violation]:
        """What the schema says against a value that has arrived."""
        if value is LOST:
            return ()
        if not self.of_items:
            found = self.contract.violations(self.schema, Direction.REQUEST, value)
            return without_removals(found, self.name, value)
        return [
            replace(one, pointer=f"/{number}{one.pointer}")
            for number, item in enumerate(value)
            for one in self.contract.violations(self.schema, Direction.REQUEST, item)
        ]

    def valid(self, builder: ValidValueBuilder, body: Any) -> bool:
        """Whether a receiver reads exactly this value, and the contract allows it.

        A body of no bytes is no good one for sure: many receivers take it for a missing one. Nor is
        a null: as text it has no spelling of its own, and `null` may be read as a string.
        """
        if self.codec is not None and (self.arrived(body) != body or self.is_empty(body)):
            return False
        if self.kind.of_text and _has_null(body):
            return False
        if self.of_items:
            return all(builder.valid(self.schema, item) for item in body)
        return builder.valid(self.schema, body)

    def is_empty(self, body: Any) -> bool:
        """Whether a body that can be written is one of no bytes."""
        return self.codec is not None and not self.codec.write(body)[1]

    def full(self, builder: ValidValueBuilder, branches: tuple[Branch, ...], base: Any) -> Any:
        """A good body with every optional property that travels; None if there is none."""
        if not self.of_items:
            grown = builder.full(self.schema, branches, base)
        else:
            items = base if isinstance(base, list) and base else [DROP]
            found = [builder.full(self.schema, branches, item) for item in items]
            grown = None if None in found else found
        settled = None if grown is None else self.arrived(grown)
        good = settled is not LOST and not self.judged(settled)
        return settled if good and not (self.kind.of_text and _has_null(settled)) else None


def _has_null(value: Any) -> bool:
    if isinstance(value, dict):
        return any(map(_has_null, value.values()))
    return any(map(_has_null, value)) if isinstance(value, list) else value is None


def wire_by(contract: Contract, operation: str, draft: Draft) -> Wire | None:
    """How a draft's body travels, by the media type that the operation declares for it."""
    declared = contract.operation(operation)
    stated = declared.request_body if declared is not None else None
    content = stated.content if stated is not None else ()
    media_type = next((one for one in content if one.name == draft.media_type), None)
    if stated is None or media_type is None:
        return None
    return wire_of(contract, media_type, draft, required=stated.required)


def wire_of(
    contract: Contract, media_type: MediaType, draft: Draft, *, required: bool = True
) -> Wire | None:
    """How a draft's body travels; None where it has none, or where no schema judges it."""
    if draft.body is NOTHING or draft.raw is not None:
        return None
    if draft.codec is None and not is_json(media_type.name):
        return None
    schema = item_media_type(contract, media_type, Direction.REQUEST).schema
    if schema is None:
        return None
    return Wire(
        contract=contract,
        name=media_type.name,
        schema=schema,
        codec=draft.codec,
        required=required,
    )
