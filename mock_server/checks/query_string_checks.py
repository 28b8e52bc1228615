"""The whole query as one value (OpenAPI 3.2, `in: querystring`): read and judged like a body."""

from __future__ import annotations

from dataclasses import dataclass, replace

from mock_server.checks.body_checks import BodyReader, body_reader
from mock_server.model.problems import Breach
from spec import Contract, MediaType
from spec.model.contract_model import Parameter
from spec.text.query_strings import content_of

__all__ = ["QueryStringCheck", "compile_query_string"]


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryStringCheck:
    """What an operation says of its query as a whole."""

    name: str
    required: bool
    media_type: str
    reader: BodyReader

    def check(self, query: bytes) -> list[Breach]:
        """Everything that is wrong with a query; without one only that it is missing."""
        if not query:
            missing = Breach(
                place="query", name=self.name, keyword="required", message="is missing"
            )
            return [missing] if self.required else []
        raw = content_of(query, self.media_type)
        _, breaches = self.reader.check(raw, self.media_type.encode())
        return [replace(one, place="query", name=self.name) for one in breaches]


def compile_query_string(
    declared: Parameter, content: MediaType, contract: Contract
) -> QueryStringCheck:
    """The check of a parameter that is the whole query, in the media type of its `content`."""
    return QueryStringCheck(
        name=declared.name,
        required=declared.required,
        media_type=content.name,
        reader=body_reader(content, contract),
    )
