"""The values that documented responses send, before a media type makes bytes of them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import partial
from typing import Any

from mock_server.answers import rendering
from mock_server.model.definitions import Samples, definition
from spec import Contract, Direction, MediaType, Schema, SpecError
from spec.contract.media_codecs import content_schemas
from spec.sampling.proposals import VALUE, expressed
from spec.schemas.marks import without_marked
from spec.schemas.shapes import Shape, shape_of
from spec.text import forms, media_types
from spec.text.media_types import MediaRange

__all__ = ["ResponseValues"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseValues:
    """Values of the responses of one contract: generated ones, and examples as they travel."""

    contract: Contract
    samples: Samples

    def generated(self, medium: MediaType, content_type: str, seed: int | None) -> Any:
        """A value generated for a media type; without a schema, the plainest thing of that type.

        Raises:
            spec.SpecError: no value of the schema was found, or its items make no such sequence.
        """
        kind = media_types.parse(content_type)
        if medium.schema is not None and not self._says_nothing(medium.schema, kind):
            made = self.without_write_only(self.samples.get(medium.schema, seed), medium.schema)
            has_wishes = VALUE in self.contract.keys_present
            return expressed(made, self._shape(medium.schema)) if has_wishes else made
        if medium.item_schema is not None:
            return rendering.sequence(self._with_data(medium.item_schema, seed), content_type)
        return _plainest(kind)

    def without_write_only(self, value: Any, schema: Schema | None) -> Any:
        """The value without what is `writeOnly`, which no answer has (OpenAPI 3.0 section 4.7.24).

        Raises:
            spec.SpecError: without it, the value breaks more of its schema than with it.
        """
        is_marked = "writeOnly" in self.contract.keys_present
        if not is_marked or schema is None or not isinstance(value, (dict, list)):
            return value
        schema = definition(schema, self.contract)
        left = without_marked(value, self._shape(schema), "writeOnly")
        if left == value:
            return value
        faults = self.contract.violations(schema, Direction.RESPONSE, left)
        before = self.contract.violations(schema, Direction.RESPONSE, value)
        if len(faults) > len(before):
            raise SpecError("without its writeOnly properties it breaks the schema")
        return left

    def _says_nothing(self, schema: Schema, kind: MediaRange | None) -> bool:
        """Whether a schema leaves even the form of a body to its media type, which is not JSON."""
        return kind is not None and not kind.is_json and self._shape(schema).is_anything

    def _shape(self, schema: Schema) -> Shape:
        schema = definition(schema, self.contract)
        return shape_of(self.contract.standalone(schema, Direction.RESPONSE))

    def _with_data(self, item: Schema, seed: int | None) -> Any:
        """A value of `itemSchema`; the text of its `data` is JSON where `contentSchema` says so."""
        made = self.samples.get(item, seed)
        if not isinstance(made, dict) or not isinstance(made.get("data"), str):
            return made
        inner = next(content_schemas(self.contract, item, partial(self._is_valid, made)), None)
        if inner is None:
            return made
        full = made | {"data": json.dumps(self.samples.get(inner, seed), ensure_ascii=False)}
        return full if self._is_valid(full, item) else made

    def _is_valid(self, value: Any, schema: Schema) -> bool:
        return self.contract.validator(schema, Direction.RESPONSE).is_valid(value)


def _plainest(kind: MediaRange | None) -> Any:
    """The plainest value that makes a body of a media type without a schema."""
    if kind is None:
        return "mock"
    if kind.is_json:
        return {}
    if kind.is_json_lines:
        return [{}]
    return {"mock": "mock"} if forms.is_form(kind.essence) else "mock"
