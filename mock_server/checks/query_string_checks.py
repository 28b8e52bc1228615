"""The whole query as one value (OpenAPI 3.2, `in: querystring`): read and judged like a body."""

from __future__ import annotations

from dataclasses import dataclass, replace
from urllib.parse import unquote_to_bytes

from mock_server.checks.body_checks import BodyReader, body_reader
from mock_server.model.problems import Breach
from spec import Contract
from spec.model.contract_model import QueryString
from spec.text import forms

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
        # A form is percent-encoded by itself; any other text is encoded to be a query.
        raw = query if forms.is_form(self.media_type) else unquote_to_bytes(query)
        _, breaches = self.reader.check(raw, self.media_type.encode())
        return [replace(one, place="query", name=self.name) for one in breaches]


def compile_query_string(declared: QueryString, contract: Contract) -> QueryStringCheck:
    """The check of a parameter that is the whole query."""
    return QueryStringCheck(
        name=declared.name,
        required=declared.required,
        media_type=declared.content.name,
        reader=body_reader(declared.content, contract),
    )
