"""Request bodies: read by media type, judged by schema."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

from mock_server.checks.body_readings import Reading, medium_shape, reading_of, unread
from mock_server.checks.large_values import explained
from mock_server.model.definitions import definition
from mock_server.model.header_lines import header_text
from mock_server.model.problems import Breach, Problem, Refused
from mock_server.model.request import MISSING
from mock_server.model.sliced_validity import SlicedJudge, judge_in_slices
from spec import (
    Contract,
    Direction,
    MediaType,
    RequestBody,
    Violation,
)
from spec.schemas.shapes import Shape
from spec.text import media_types
from spec.text.forms import FaultyPartsError
from spec.text.json_text import UnreadableError
from spec.text.json_values import StyleError
from spec.text.long_json import LONG
from spec.text.media_types import MediaRange
from spec.text.xml_reading import is_xml

__all__ = ["BodyCheck", "BodyReader", "body_reader", "compile_body"]

_KEPT_TYPES = 256
_LONG_FORM = 8 * 1024
"""Bytes from which what is not JSON is long: Python reads a form a tenth as fast."""
_FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True, kw_only=True)
class BodyReader:
    """How a body of one media type is read and judged. What is no JSON value is not judged.

    `sliced` gives the judge of a long body; without one, that is judged as a whole. `long` are the
    bytes from which a body is read beside the event loop.
    """

    read: Reading
    is_valid: Callable[[Any], bool]
    violations: Callable[[Any], Sequence[Violation]]
    sliced: Callable[[], SlicedJudge | None] = lambda: None
    long: int = LONG

    def check(self, raw: bytes, content_type: bytes) -> tuple[Any, Sequence[Breach]]:
        """The value of a body, and everything that is wrong with it."""
        breaches: list[Breach] = []
        try:
            value = self.read(raw, content_type)
        except FaultyPartsError as error:
            # The form itself can be read, so faults of its values are reported too.
            value = error.value
            breaches += [
                Breach(place="body", keyword="encoding", message=one) for one in error.faults
            ]
        except (UnreadableError, StyleError) as error:
            return MISSING, [Breach(place="body", keyword="syntax", message=str(error))]
        # The judge in slices is slower in all; it is for bodies that would hold up other clients.
        judge = self.sliced() if len(raw) > LONG else None
        is_valid = judge.is_valid if judge is not None else self.is_valid
        if value is MISSING or is_valid(value):
            return value, breaches
        return value, breaches + [
            Breach(place="body", keyword=v.keyword, message=v.message, pointer=v.pointer)
            for v in explained(value, self.violations, judge.faults if judge else None)
        ]


@dataclass(frozen=True, slots=True, kw_only=True)
class BodyCheck:
    """What an operation says of its request body."""

    required: bool
    readers: Mapping[str, BodyReader]
    _by_header: dict[bytes, BodyReader] = field(default_factory=dict)

    def reader(self, content_type: bytes | None) -> BodyReader | None:
        """The reader for a `Content-Type`, None without one. Raises Refused with a 415."""
        if content_type is None:
            return None
        kept = self._by_header.get(content_type)
        if kept is not None:
            return kept
        name = media_types.match(content_type.decode("latin-1"), tuple(self.readers))
        if name is None:
            sent = content_type.decode("latin-1")[:80]
            raise self._unsupported(f"this operation declares no request body of the type '{sent}'")
        if len(self._by_header) < _KEPT_TYPES:
            self._by_header[content_type] = self.readers[name]
        return self.readers[name]

    def check(
        self,
        raw: bytes,
        content_type: bytes | None,
        reader: BodyReader | None,
        *,
        has_length: bool = False,
    ) -> tuple[Any, Sequence[Breach]]:
        """The value of a body, and its breaches; a body that was not sent is MISSING.

        `has_length` says that the request announces a body, which may be one of no bytes (RFC 9112
        section 6.3). Raises Refused with a 415 for a body without a `Content-Type`.
        """
        if reader is None or content_type is None:
            if not raw:
                return self._missing()
            raise self._unsupported("the body has no Content-Type")
        if raw:
            return reader.check(raw, content_type)
        return self._check_empty(content_type, reader, has_length)

    def _check_empty(
        self, content_type: bytes, reader: BodyReader, has_length: bool
    ) -> tuple[Any, Sequence[Breach]]:
        """No bytes of a media type: a form without fields, an optional empty text, or no body."""
        kind = media_types.parse(content_type.decode("latin-1"))
        is_form = kind is not None and kind.essence == _FORM
        if not is_form and (self.required or not _can_be_empty(kind)):
            return self._missing()
        value, breaches = reader.check(b"", content_type)
        if breaches:
            # It says more than that the body is missing; one that may be missing is.
            return (value, breaches) if self.required else (MISSING, ())
        return (value, ()) if has_length or not self.required else self._missing()

    def _missing(self) -> tuple[Any, Sequence[Breach]]:
        missing = Breach(place="body", keyword="required", message="is missing")
        return MISSING, [missing] if self.required else ()

    def _unsupported(self, detail: str) -> Refused:
        accepted = header_text(", ".join(self.readers))
        return Refused(
            Problem.of(
                "unsupported-media-type",
                detail,
                offers=tuple(self.readers),
                headers=((b"accept", accepted),),
            )
        )


def compile_body(body: RequestBody, contract: Contract) -> BodyCheck | None:
    """The check of a request body; None where the contract names no media type."""
    readers = {medium.name: body_reader(medium, contract) for medium in body.content}
    return BodyCheck(required=body.required, readers=readers) if readers else None


def body_reader(medium: MediaType, contract: Contract) -> BodyReader:
    """How a value of a media type is read and judged, in a body or as a whole query."""
    kind = media_types.parse(medium.name)
    long = LONG if kind is None or kind.is_json else _LONG_FORM
    is_of_lines = kind is not None and kind.is_json_lines
    is_of_parts = kind is not None and kind.type == "multipart" and medium.schema is None
    said = medium.schema or (medium.item_schema if is_of_lines or is_of_parts else None)
    schema = definition(said, contract) if said else None
    read = reading_of(medium, contract)
    if schema is None or read is unread:
        return BodyReader(
            read=read, is_valid=lambda _value: True, violations=lambda _value: (), long=long
        )
    is_valid = contract.validator(schema, Direction.REQUEST).is_valid

    def violations(value: Any) -> Sequence[Violation]:
        return contract.violations(schema, Direction.REQUEST, value)

    is_of_each = medium.schema is None or not _is_list(medium_shape(medium, contract))
    if is_of_parts or (is_of_lines and is_of_each):
        # The schema is that of each line, or of each part.
        return BodyReader(
            read=read,
            is_valid=lambda values: all(map(is_valid, values)),
            violations=lambda values: _of_each(values, violations),
            long=long,
        )

    @cache
    def sliced() -> SlicedJudge | None:
        return judge_in_slices(contract, schema, Direction.REQUEST)

    return BodyReader(read=read, is_valid=is_valid, violations=violations, sliced=sliced, long=long)


def _is_list(shape: Shape) -> bool:
    return any(way.kind == "array" for way in shape.ways)


def _of_each(
    values: Sequence[Any], violations: Callable[[Any], Sequence[Violation]]
) -> Sequence[Violation]:
    return [
        replace(one, pointer=f"/{index}{one.pointer}")
        for index, value in enumerate(values)
        for one in violations(value)
    ]


def _can_be_empty(kind: MediaRange | None) -> bool:
    """Whether no bytes at all are a value of a media type: they are no JSON, XML or multipart."""
    if kind is None or kind.is_json or kind.is_json_lines or kind.is_yaml or kind.may_be_json:
        return False
    return kind.type != "multipart" and not is_xml(kind)
