"""From a documented response to its `Reply`: every answer that it can give, made ready."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import quote

import jsonschema_rs

from mock_server import cors, files, rendering
from mock_server.answers import Answer, HeaderLine, HeaderLines, Reply, RequestExample
from mock_server.choice import status_of
from mock_server.definitions import Samples
from mock_server.rendering import Body, Stream
from mock_server.settings import Settings
from mock_server.templates import Template
from spec import (
    Contract,
    Direction,
    Example,
    Header,
    MediaType,
    Operation,
    Response,
    SpecError,
    compile_schema,
    media_types,
)
from spec.styles import codec

__all__ = ["ReplyMaker", "Unserved", "content_type_line", "header_text"]

_BODILESS = frozenset({204, 205, 304})
_OURS = frozenset(
    {"connection", "content-length", "content-type", "date", "keep-alive", "server"}
    | {"trailer", "transfer-encoding", "upgrade", "vary", "x-mock-source"}
)
"""Documented headers that the mock decides on itself."""
_OF_FILES = frozenset({"audio", "image"})
_UNFIT = re.compile("[^ -~]+")
_UNKEPT = ((b"cache-control", b"no-cache"), (b"x-accel-buffering", b"no"))
"""What keeps proxies from storing a stream, or from holding it back until it is complete."""
_VARY = (b"vary", b"Accept, Origin, Prefer")
_RANKS = {"examples": 0, "example": 1, "schema": 2}
_CONDITIONAL, _GENERATED = 3, 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Unserved:
    """Something that the contract documents and the mock cannot answer with."""

    operation: str
    status: str
    media_type: str
    reason: str

    def __str__(self) -> str:
        kind = f" {self.media_type}" if self.media_type else ""
        return f"{self.operation} {self.status}{kind}: {self.reason}"


@dataclass(slots=True, kw_only=True)
class ReplyMaker:
    """Makes the replies of one operation; what cannot be made is added to `unserved`."""

    contract: Contract
    operation: Operation
    settings: Settings
    samples: Samples
    challenges: HeaderLines = ()
    unserved: list[Unserved] = field(default_factory=list)

    def reply(self, response: Response) -> Reply | None:
        """The reply of one entry of `responses`; None where nothing of it can be served."""
        status = status_of(response.status)
        if status < 200:
            self._miss(response, "", "a 1xx status is no final answer (RFC 9110 section 15.2)")
            return None
        headers = self._headers(response, status)
        content = response.content or response.mock_content
        if status in _BODILESS or not content:
            answers = [_bare_answer(status, headers)]
        else:
            answers = [
                one for medium in content for one in self._answers(response, medium, headers)
            ]
        if not answers:
            return None
        media = list(dict.fromkeys(one.medium for one in answers))
        answers.sort(key=lambda one: (media.index(one.medium), one.rank))
        examples = self._request_examples({one.name for one in answers if one.name})
        by_body = not any(one.parameters for one in examples)
        return Reply(
            status=response.status,
            answers=tuple(answers),
            media=tuple(media),
            examples=examples,
            bodies=tuple(one.body[0] for one in examples) if by_body else None,
            conditional=tuple(one for one in answers if one.when is not None),
        )

    def generated(self, medium_name: str, response: Response, seed: int | None) -> Answer | None:
        """An answer generated anew for one media type of a reply; None where there is no schema."""
        status = status_of(response.status)
        headers = self._headers(response, status)
        for medium in response.content or response.mock_content:
            for content_type in _content_types(medium.name, generated=True):
                if content_type == medium_name:
                    return self._generated(medium, content_type, headers, seed)
        return None

    def _answers(
        self, response: Response, medium: MediaType, headers: HeaderLines
    ) -> Iterator[Answer]:
        """The answers of one media type; a value is generated where no example can be served."""
        served = False
        for example in medium.examples:
            for content_type in _content_types(medium.name, generated=False):
                try:
                    yield self._from_example(example, medium, content_type, headers)
                    served = True
                except SpecError as error:
                    self._miss(response, content_type, f"example {example.name}: {error}")
        if served:
            return
        for content_type in _content_types(medium.name, generated=True):
            try:
                yield self._generated(medium, content_type, headers, self.settings.seed)
            except SpecError as error:
                self._miss(response, content_type, str(error))

    def _from_example(
        self, example: Example, medium: MediaType, content_type: str, headers: HeaderLines
    ) -> Answer:
        label, body = rendering.rendered(
            example.value, content_type, medium, self.contract, generated=False
        )
        when = None if example.when is None else self._condition(example)
        name = example.name
        return _answer(
            f"example:{name}" if name else "example" if example.origin == "example" else "schema",
            content_type,
            body,
            (content_type_line(label), *headers),
            name=name,
            when=when,
            rank=_RANKS[example.origin] if example.when is None else _CONDITIONAL,
        )

    def _condition(self, example: Example) -> jsonschema_rs.Validator:
        try:
            return compile_schema({} if example.when is None else example.when)
        except jsonschema_rs.ValidationError as error:
            raise SpecError(f"x-mock-when is no valid schema: {error.message}") from None

    def _generated(
        self, medium: MediaType, content_type: str, headers: HeaderLines, seed: int | None
    ) -> Answer:
        kind = media_types.parse(content_type)
        if medium.schema is not None:
            value = self.samples.get(medium.schema, seed)
        else:
            value = {} if kind and kind.is_json else "mock"
        label, body = rendering.rendered(value, content_type, medium, self.contract, generated=True)
        source = f"generated:{seed or 0}"
        lines = (content_type_line(label), *headers)
        return _answer(source, content_type, body, lines, rank=_GENERATED)

    def _headers(self, response: Response, status: int) -> HeaderLines:
        lines: list[HeaderLine] = []
        for header in response.headers:
            if header.name.lower() in _OURS or header.name.lower().startswith("access-control-"):
                continue
            try:
                lines += self._header_lines(header)
            except SpecError as error:
                self._miss(response, "", f"the header {header.name}: {error}")
        if status == 401 and not any(name == b"www-authenticate" for name, _ in lines):
            lines += self.challenges
        return (*lines, *deprecation(self.operation))

    def _header_lines(self, header: Header) -> Iterator[HeaderLine]:
        schema = header.content.schema if header.content else header.schema
        if header.examples:
            value = header.examples[0].value
        elif schema is not None:
            value = self.samples.get(schema, self.settings.seed)
        else:
            value = "mock"
        encoder = codec(header, lambda one: self.contract.standalone(one, Direction.RESPONSE))
        for _, text in encoder.encode(value):
            yield header.name.lower().encode("latin-1", "replace"), header_text(text)

    def _request_examples(self, names: set[str]) -> tuple[RequestExample, ...]:
        """The named examples of the request that some answer is named after."""
        bodies = self.operation.request_body.content if self.operation.request_body else ()
        body_examples = {e.name: (e.value,) for m in bodies for e in m.examples if e.name}
        parameters: dict[str, dict[tuple[str, str], Any]] = {}
        for parameter in self.operation.parameters:
            for example in parameter.examples:
                if example.name:
                    place = (parameter.location, parameter.name)
                    parameters.setdefault(example.name, {})[place] = example.value
        return tuple(
            RequestExample(
                name=name,
                body=body_examples.get(name, ()),
                parameters=parameters.get(name, {}),
                has_numbers=_has_numbers(body_examples.get(name, ())),
            )
            for name in dict.fromkeys((*body_examples, *parameters))
            if name in names
        )

    def _miss(self, response: Response, media_type: str, reason: str) -> None:
        self.unserved.append(
            Unserved(
                operation=self.operation.id,
                status=response.status,
                media_type=media_type,
                reason=reason,
            )
        )


def deprecation(operation: Operation) -> HeaderLines:
    """`Deprecation` (RFC 9745) and `Sunset` (RFC 8594), where the overlay gives their dates."""
    lines: list[HeaderLine] = []
    if (moment := _moment(operation.extensions.get("x-deprecated-at"))) is not None:
        lines.append((b"deprecation", f"@{int(moment.timestamp())}".encode()))
    if (moment := _moment(operation.extensions.get("x-sunset-at"))) is not None:
        lines.append((b"sunset", moment.strftime("%a, %d %b %Y %H:%M:%S GMT").encode()))
    return tuple(lines)


def header_text(text: str) -> bytes:
    """A header value without what could end its line; other than ASCII is percent-encoded."""
    return _UNFIT.sub(lambda found: quote(found.group(), errors="replace"), text).strip().encode()


def _has_numbers(value: Any) -> bool:
    if isinstance(value, dict):
        return any(map(_has_numbers, value.values()))
    if isinstance(value, (list, tuple)):
        return any(map(_has_numbers, value))
    return isinstance(value, (int, float))


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


def _answer(
    source: str, medium: str, body: Body | None, headers: HeaderLines, **more: Any
) -> Answer:
    lines = (*headers, (b"x-mock-source", header_text(source)), _VARY)
    if isinstance(body, Stream):
        own = {name for name, _ in headers}
        lines += tuple(line for line in _UNKEPT if line[0] not in own)
    fixed = b"" if body is None else None if isinstance(body, Stream) else body.fixed
    if fixed is not None and body is not None:
        lines = (*lines, (b"content-length", str(len(fixed)).encode()))
    return Answer(
        source=source,
        medium=medium,
        body=body,
        fixed=fixed,
        headers=lines,
        cors_headers=(*lines, *cors.exposing(lines)),
        **more,
    )


def _bare_answer(status: int, headers: HeaderLines) -> Answer:
    """The answer of a response without content; an error gets a problem when it is answered."""
    return _answer("status", "", None if status in _BODILESS else Template(()), headers)


def content_type_line(label: str) -> HeaderLine:
    """The line that says what a body is."""
    return (b"content-type", header_text(label))


def _content_types(name: str, *, generated: bool) -> tuple[str, ...]:
    """The concrete types that a key of `content` is served as; a range stays as the last resort."""
    kind = media_types.parse(name)
    if kind is None or not kind.is_range:
        return (name,)
    typical = media_types.concrete(name)
    known = files.types_within(kind) if generated and kind.type in _OF_FILES else ()
    return tuple(dict.fromkeys((typical, *known, name)))
