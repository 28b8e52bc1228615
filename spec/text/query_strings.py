"""The whole query as one value (OpenAPI 3.2, Parameter Object, `in: querystring`).

A urlencoded form is a query as it stands; the text of any other media type is percent-encoded.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote_from_bytes, unquote_to_bytes

from spec.text.body_codecs import BodyCodec
from spec.text.forms import is_form
from spec.text.json_values import StyleError, loads
from spec.text.media_types import is_json
from spec.text.pairs import Pairs
from spec.text.styles import Absent
from spec.text.xml_reading import UnjudgedError

__all__ = ["QueryStringCodec", "content_of", "query_of"]


def content_of(query: bytes, media_type: str) -> bytes:
    """The text in a media type that a raw query is."""
    return query if is_form(media_type) else unquote_to_bytes(query)


def query_of(content: bytes, media_type: str) -> str:
    """The raw query that is a text in a media type."""
    return content.decode("ascii") if is_form(media_type) else quote_from_bytes(content, safe="")


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryStringCodec:
    """How a parameter `in: querystring` travels: as one pair without a name, the raw query.

    `body` reads and writes its media type; it is None for JSON and for mere text.
    """

    media_type: str
    body: BodyCodec | None

    def encode(self, value: Any) -> tuple[tuple[str, str], ...]:
        """The raw query; no pair if it is empty, which counts as left out.

        Raises StyleError where the media type cannot express the value.
        """
        query = query_of(self._query_bytes(value), self.media_type)
        return (("", query),) if query else ()

    def decode(self, pairs: Pairs) -> Any:
        """The value of the raw query, `Absent.ABSENT` where it is empty.

        Raises StyleError where the query is not in the media type's form.
        """
        query = "".join(raw for _, raw in pairs)
        if not query:
            return Absent.ABSENT
        content = content_of(query.encode("utf-8", "surrogatepass"), self.media_type)
        if self.body is not None:
            try:
                return self.body.read(content, self.media_type)
            except UnjudgedError:
                return Absent.UNJUDGED
        try:
            text = content.decode()
        except UnicodeDecodeError as error:
            raise StyleError(f"has a byte at {error.start} that is not UTF-8") from None
        return loads(text) if is_json(self.media_type) else text

    def _query_bytes(self, value: Any) -> bytes:
        if self.body is not None:
            return self.body.write(value)[1]
        is_text = isinstance(value, str) and not is_json(self.media_type)
        text = value if is_text else json.dumps(value, ensure_ascii=False)
        return str(text).encode("utf-8", "surrogatepass")
