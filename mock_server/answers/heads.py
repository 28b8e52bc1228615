"""Header lines that a contract documents, written once; `Deprecation` and `Sunset` among them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from email.utils import format_datetime
from typing import Any, TypeAlias

from mock_server.answers import echo
from mock_server.answers.response_values import ResponseValues
from mock_server.model.definitions import Samples
from mock_server.model.header_lines import HeaderLine, HeaderLines, header_text
from spec import Contract, Direction, Example, Header, Operation, SpecError
from spec.text.styles import codec

__all__ = [
    "Echo",
    "HeaderWriter",
    "deprecation",
]

Echo: TypeAlias = tuple[bytes, echo.Text]
"""A header whose value is made for each request."""

_DECIDED_HERE = frozenset(
    {"connection", "content-length", "content-type", "date", "keep-alive", "server"}
    | {"trailer", "transfer-encoding", "upgrade", "vary", "x-mock-source"}
)
"""Documented headers that the mock decides on itself."""
_NAME = re.compile(r"[!#$%&'*+\-.^_`|~0-9a-z]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Grammar:
    """What HTTP lets a field say, whatever its schema allows besides."""

    pattern: re.Pattern[str]
    example: str

    def allows(self, text: str) -> bool:
        return self.pattern.fullmatch(text) is not None


_DATE = _Grammar(
    pattern=re.compile(r"[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT"),
    example="Thu, 15 Jan 2026 09:30:00 GMT",
)
_TAG = _Grammar(pattern=re.compile(r'(?:W/)?"[^"]*"'), example='"mock"')
_GRAMMARS: Mapping[str, _Grammar] = {"etag": _TAG, "expires": _DATE, "last-modified": _DATE}
"""Fields that a client reads by a grammar of their own (RFC 9110 sections 5.6.7 and 8.8.3)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeaderWriter:
    """Writes the documented headers of responses: their example, else a generated value."""

    contract: Contract
    samples: Samples
    seed: int | None

    def lines(self, header: Header, example: str | None = None) -> Iterator[HeaderLine]:
        """The lines of one documented header; none where the mock decides on it itself.

        `example` is the name of the body's example: the header's of the same name belongs to it.

        Raises:
            spec.SpecError: no value satisfies its schema, or none can be written, or not its name.
        """
        name = header.name.lower()
        if _is_decided_here(name):
            return
        if not _NAME.fullmatch(name):
            raise SpecError("its name is not an HTTP field name (RFC 9110 section 5.1)")
        if _echo_text(header, example) is not None:
            return
        value = self._value(header, example)
        if name == "set-cookie" and isinstance(value, list):
            # The one field whose values cannot share a line (RFC 9110 section 5.3).
            yield from ((name.encode(), header_text(str(one))) for one in value)
            return
        encoder = codec(header, lambda one: self.contract.standalone(one, Direction.RESPONSE))
        for _, text in encoder.encode(value):
            yield name.encode(), header_text(text)

    def echoes(self, header: Header, example: str | None) -> Iterator[Echo]:
        """The header, where its example repeats something of the request."""
        name, text = header.name.lower(), _echo_text(header, example)
        if text is not None and not _is_decided_here(name) and _NAME.fullmatch(name):
            yield name.encode(), text

    def _value(self, header: Header, example: str | None) -> Any:
        schema = header.value_schema
        if header.examples:
            values = ResponseValues(contract=self.contract, samples=self.samples)
            return values.without_write_only(_chosen(header, example).value, schema)
        made = "mock" if schema is None else self.samples.get(schema, self.seed)
        return self._of_its_grammar(header, made)

    def _of_its_grammar(self, header: Header, made: Any) -> Any:
        """The value, or one that HTTP allows in a field of that name, if its schema allows both."""
        field, schema = _GRAMMARS.get(header.name.lower()), header.value_schema
        if field is None or not isinstance(made, str) or field.allows(made):
            return made
        if schema is not None and self.contract.violations(
            schema, Direction.RESPONSE, field.example
        ):
            return made
        return field.example


def deprecation(operation: Operation) -> HeaderLines:
    """`Deprecation` (RFC 9745) and `Sunset` (RFC 8594), where the overlay gives their dates."""
    lines: list[HeaderLine] = []
    if (moment := _moment(operation.extensions.get("x-deprecated-at"))) is not None:
        lines.append((b"deprecation", b"@%d" % moment.timestamp()))
    if (moment := _moment(operation.extensions.get("x-sunset-at"))) is not None:
        lines.append((b"sunset", format_datetime(moment, usegmt=True).encode()))
    return tuple(lines)


def _is_decided_here(name: str) -> bool:
    return name in _DECIDED_HERE or name.startswith("access-control-")


def _chosen(header: Header, name: str | None) -> Example:
    """The example of that name, else the first."""
    named = [one for one in header.examples if name is not None and one.name == name]
    return (named or header.examples)[0]


def _echo_text(header: Header, example: str | None) -> echo.Text | None:
    value = _chosen(header, example).value if header.examples else None
    return echo.compile_expressions(value) if isinstance(value, str) else None


def _moment(written: object) -> datetime | None:
    """The instant that an ISO 8601 date, with or without a time, begins with; in UTC."""
    if isinstance(written, date):
        written = written.isoformat()
    if not isinstance(written, str):
        return None
    try:
        moment = datetime.fromisoformat(written)
    except ValueError:
        return None
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
