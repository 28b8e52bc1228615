"""Request bodies, responses, and the media types and headers that they are made of."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from spec.contract.examples import ExampleReader
from spec.model.contract_model import Direction, Header, MediaType, RequestBody, Response, Schema
from spec.model.pointers import join
from spec.reading.grammar import OBJECTS
from spec.reading.walking import Walker, extensions

__all__ = ["MessageReader"]

_MEDIA_TYPE = re.compile(r"\s*[!#$%&'*+.^_`|~\w-]+/[!#$%&'*+.^_`|~\w-]+\s*(;.*)?\Z", re.ASCII)
_STATUS = re.compile(r"[1-5](?:[0-9]{2}|XX)\Z|default\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageReader:
    """Reads what messages consist of."""

    walk: Walker
    examples: ExampleReader

    @property
    def demands_responses(self) -> bool:
        """Whether an operation must have `responses`: OpenAPI 3.1 section 4.8.10 lets it go."""
        return str(self.walk.document.get("openapi")).startswith("3.0")

    @property
    def is_32(self) -> bool:
        """Whether the document is of OpenAPI 3.2."""
        return str(self.walk.document.get("openapi")).startswith("3.2")

    def schema(self, holder: Mapping[str, Any], pointer: str, key: str = "schema") -> Schema | None:
        """The schema of a parameter, header or media type; a broken reference is a fault."""
        if key not in holder:
            return None
        value, here = holder[key], join(pointer, key)
        if not isinstance(value, dict | bool):
            self.walk.fault("malformed", here, "a schema must be a mapping", "correct it")
            return None
        return Schema(pointer=here, value=value)

    def only_content(
        self, value: Mapping[str, Any], pointer: str, direction: Direction
    ) -> MediaType | None:
        """The one media type of a parameter or header that is described by `content`."""
        return next(iter(self.content(value, "content", pointer, direction)), None)

    def request_body(self, value: Any, pointer: str) -> RequestBody | None:
        """A Request Body Object (OpenAPI 3.0 section 4.7.13)."""
        found, at = self.walk.resolved(value, pointer)
        if found is None:
            return None
        body = self.walk.mapping(found, at)
        return RequestBody(
            required=body.get("required") is True,
            content=self.content(body, "content", at, Direction.REQUEST),
            pointer=at,
        )

    def content(
        self, holder: Mapping[str, Any], key: str, pointer: str, direction: Direction
    ) -> tuple[MediaType, ...]:
        """The media types under a key, `content` or `x-mock-content`."""
        found = []
        for name, value, at in self.walk.objects(holder, key, pointer):
            if _MEDIA_TYPE.match(name):
                found.append(self.media_type(name, value, at, direction))
            elif not name.startswith("x-"):
                how = "write it as type/subtype (RFC 9110 section 8.3.1)"
                if name in OBJECTS["MediaType"]:
                    how = "write a media type, such as `application/json`, above it"
                self.walk.fault(
                    "malformed",
                    join(pointer, key, name),
                    f"{name!r} is not a media type",
                    f"{how}; until then it is left out",
                )
        return tuple(found)

    def media_type(
        self, name: str, value: Mapping[str, Any], pointer: str, direction: Direction
    ) -> MediaType:
        """A Media Type Object (OpenAPI 3.0 section 4.7.14)."""
        # Types are compared without case, and parameters, such as a boundary, with it (RFC 9110
        # section 8.3.1).
        essence, separator, parameters = name.partition(";")
        name = essence.strip().lower() + separator + parameters
        schema = self.schema(value, pointer)
        return MediaType(
            name=name,
            schema=schema,
            item_schema=self.schema(value, pointer, "itemSchema"),
            examples=self.examples.read(value, pointer, schema, direction, name),
            encoding=self.walk.mapping(value.get("encoding"), join(pointer, "encoding")),
            part_headers=self.part_headers(value, pointer) if name.startswith("multipart/") else {},
            prefix_encoding=_mappings(value.get("prefixEncoding")),
            item_encoding=self.walk.mapping(
                value.get("itemEncoding"), join(pointer, "itemEncoding")
            ),
            pointer=pointer,
            extensions=extensions(value),
        )

    def part_headers(self, value: Mapping[str, Any], pointer: str) -> dict[str, tuple[Header, ...]]:
        """The `headers` of Encoding Objects (OpenAPI 3.0 section 4.7.15)."""
        return {
            part: tuple(
                self.header(name, header, below)
                for name, header, below in self.walk.objects(encoding, "headers", at)
                if name.lower() != "content-type"
            )
            for part, encoding, at in self.walk.objects(value, "encoding", pointer)
            if "headers" in encoding
        }

    def responses(self, value: Mapping[str, Any], pointer: str) -> tuple[Response, ...]:
        """The documented responses; a key that is no status is a fault and left out."""
        found = []
        for status, response, at in self.walk.objects(value, "responses", pointer):
            if status.startswith("x-"):
                continue
            if not _STATUS.match(status.upper() if status != "default" else status):
                self.walk.fault(
                    "malformed",
                    join(pointer, "responses", status),
                    f"{status!r} is not a status",
                    "write a code such as 200, a range such as 4XX, or default",
                )
                continue
            found.append(self.response(status, response, at))
        if not found and (self.demands_responses or "responses" in value):
            self.walk.fault(
                "no-response", pointer, "the operation documents no response", "document one"
            )
        return tuple(found)

    def response(self, status: str, value: Mapping[str, Any], pointer: str) -> Response:
        """A Response Object (OpenAPI 3.0 section 4.7.17)."""
        content = self.content(value, "content", pointer, Direction.RESPONSE)
        mock = self.content(value, "x-mock-content", pointer, Direction.RESPONSE)
        if content and mock:
            self.walk.fault(
                "needless-mock-content",
                join(pointer, "x-mock-content"),
                "the response has a `content` of its own, which is served instead",
                "put the examples there",
            )
        return Response(
            status=status if status == "default" else status.upper(),
            description=str(value.get("description", "")),
            content=content,
            mock_content=() if content else mock,
            headers=tuple(
                self.header(name, header, at)
                for name, header, at in self.walk.objects(value, "headers", pointer)
                # OpenAPI 3.0 section 4.7.17: a header named Content-Type is ignored.
                if name.lower() != "content-type"
            ),
            pointer=pointer,
            extensions=extensions(value),
        )

    def header(self, name: str, value: Mapping[str, Any], pointer: str) -> Header:
        """A Header Object (OpenAPI 3.0 section 4.7.21)."""
        schema = self.schema(value, pointer)
        content = None if schema else self.only_content(value, pointer, Direction.RESPONSE)
        own = self.examples.read(value, pointer, schema, Direction.RESPONSE)
        return Header(
            name=name,
            required=value.get("required") is True,
            schema=schema,
            content=content,
            explode=value.get("explode") is True,
            examples=own or (content.examples if content else ()),
            pointer=pointer,
        )


def _mappings(listed: Any) -> tuple[Mapping[str, Any], ...]:
    """The members of a list by their positions; what is no mapping says nothing."""
    members = listed if isinstance(listed, list) else ()
    return tuple(one if isinstance(one, Mapping) else {} for one in members)
