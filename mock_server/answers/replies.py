"""From a documented response to its `Reply`: every answer that it can give, made ready."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import jsonschema_rs

from mock_server.answers import cors, rendering
from mock_server.answers.choice import status_of
from mock_server.answers.heads import HeaderWriter, deprecation
from mock_server.answers.prepared_answers import GENERATED, Condition, PreparedAnswer, Reply
from mock_server.answers.rendering import Body
from mock_server.answers.request_examples import request_examples
from mock_server.answers.response_values import ResponseValues
from mock_server.answers.streams import Stream
from mock_server.answers.templates import Template
from mock_server.model.definitions import Samples
from mock_server.model.header_lines import (
    STREAMED,
    VARY,
    HeaderLine,
    HeaderLines,
    content_type_line,
    header_text,
    length_line,
)
from mock_server.model.mock_settings import Settings
from mock_server.model.sliced_validity import SlicedJudge
from spec import (
    Contract,
    Example,
    MediaType,
    Operation,
    Response,
    Schema,
    SpecError,
    compile_schema,
)
from spec.model.http_statuses import BODILESS
from spec.sampling import smallest_files
from spec.text import media_types
from spec.text.long_json import is_large
from spec.text.media_types import MediaRange

__all__ = ["NOT_MODIFIED", "ReplyMaker", "Unserved"]

_JSON_KIN = "application/*+json"
_JSON_RANGE = MediaRange(type="application", subtype="*+json")
_OF_FILES = frozenset({"audio", "image"})
# Of one media type: what a person has written goes before what is generated.
_RANKS = {"examples": 0, "example": 1, "schema": 2}
_CONDITIONAL = 3
_MERE_STRING = {"type", "title", "description"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Unserved:
    """Something that the contract documents and the mock cannot answer with."""

    operation: str
    status: str
    media_type: str
    reason: str

    def __str__(self) -> str:
        what = " ".join(filter(None, (self.operation, self.status, self.media_type)))
        return f"{what}: {self.reason}"


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
            self._miss(response, "", "a 1xx status is not a final response (RFC 9110 section 15.2)")
            return None
        content = response.served_content
        if status in BODILESS or not content:
            bare = _bare_answer(status, self._headers(response, None))
            answers = [self._with_echoes(bare, response)]
        else:
            # A type that is named goes before a range, whichever stands first.
            ordered = sorted(content, key=lambda one: media_types.is_range(one.name))
            answers = [one for medium in ordered for one in self._answers(response, medium)]
        if not answers:
            return None
        media = list(dict.fromkeys(one.medium for one in answers))
        answers.sort(key=lambda one: (media.index(one.medium), one.rank))
        examples = request_examples(self.operation, {one.name for one in answers if one.name})
        # Then a body that is none of theirs needs no further look: `choice.choose`.
        by_body = not any(one.parameters for one in examples)
        return Reply(
            status=response.status,
            answers=tuple(answers),
            media=tuple(media),
            examples=examples,
            bodies=tuple(one.body[0] for one in examples) if by_body else None,
            conditional=tuple(one for one in answers if one.when is not None),
        )

    def generated(
        self, medium_name: str, response: Response, seed: int | None
    ) -> PreparedAnswer | None:
        """An answer generated anew for one media type of a reply; None where there is no schema."""
        for medium in response.served_content:
            for content_type in _content_types(medium, response, generated=True):
                if content_type == medium_name:
                    return self._generated(medium, content_type, response, seed)
        return None

    def _answers(self, response: Response, medium: MediaType) -> Iterator[PreparedAnswer]:
        """The answers of one media type; a value is generated where no example can be served."""
        served = False
        for example in medium.examples:
            made, missed = False, []
            for content_type in _content_types(medium, response, generated=False):
                try:
                    yield self._from_example(example, medium, content_type, response)
                    made = True
                except SpecError as error:
                    named = f"example {example.name}" if example.name else "the example"
                    missed.append((content_type, f"{named}: {error}"))
            served = served or made
            # Of a range it is enough that one of its types can be written: a client asks for that.
            for content_type, reason in () if made else missed:
                self._miss(response, content_type, reason)
        if served:
            return
        for content_type in _content_types(medium, response, generated=True):
            try:
                yield self._generated(medium, content_type, response, self.settings.seed)
            except SpecError as error:
                self._miss(response, content_type, str(error))
        schema = medium.schema or medium.item_schema
        for name in self.samples.left_out(schema) if schema else ():
            self._miss(
                response, medium.name, f"it lacks {name}, for which no value could be generated"
            )

    def _from_example(
        self, example: Example, medium: MediaType, content_type: str, response: Response
    ) -> PreparedAnswer:
        if example.octets is not None:
            label, body = rendering.file(example.octets, content_type)
        else:
            value = self._values.without_write_only(example.value, medium.schema)
            label, body = rendering.rendered(
                value, content_type, medium, self.contract, generated=False
            )
        when = None if example.when is None else self._condition(example)
        name = example.name
        made = _answer(
            f"example:{name}" if name else "example" if example.origin == "example" else "schema",
            content_type,
            body,
            (content_type_line(label), *self._headers(response, name)),
            name=name,
            when=when,
            rank=_RANKS[example.origin] if example.when is None else _CONDITIONAL,
        )
        return self._with_echoes(made, response)

    def _condition(self, example: Example) -> Condition:
        schema: Any = {} if example.when is None else example.when
        try:
            whole = compile_schema(schema)
        except jsonschema_rs.ValidationError as error:
            raise SpecError(f"x-mock-when is not a valid schema: {error.message}") from None
        # A person's own schema may refer to any place in it, which no slice has.
        if not isinstance(schema, Mapping) or "$ref" in json.dumps(schema):
            return whole.is_valid
        sliced = SlicedJudge(schema=schema)
        return lambda facts: (sliced if is_large(facts) else whole).is_valid(facts)

    def _generated(
        self, medium: MediaType, content_type: str, response: Response, seed: int | None
    ) -> PreparedAnswer:
        value = self._values.generated(medium, content_type, seed)
        label, body = rendering.rendered(value, content_type, medium, self.contract, generated=True)
        source = f"generated:{seed or 0}"
        lines = (content_type_line(label), *self._headers(response, None))
        made = _answer(source, content_type, body, lines, rank=GENERATED)
        return self._with_echoes(made, response)

    def _with_echoes(self, answer: PreparedAnswer, response: Response) -> PreparedAnswer:
        """The answer with those headers that repeat something of the request."""
        echoes = tuple(
            one for header in response.headers for one in self._writer.echoes(header, answer.name)
        )
        return replace(answer, echoes=echoes) if echoes else answer

    @property
    def _values(self) -> ResponseValues:
        return ResponseValues(contract=self.contract, samples=self.samples)

    @property
    def _writer(self) -> HeaderWriter:
        return HeaderWriter(contract=self.contract, samples=self.samples, seed=self.settings.seed)

    def _headers(self, response: Response, example: str | None) -> HeaderLines:
        """The documented headers of an answer; those of the example's name where they have it."""
        lines: list[HeaderLine] = []
        for header in response.headers:
            try:
                lines += self._writer.lines(header, example)
            except SpecError as error:
                self._miss(response, "", f"the header {header.name}: {error}")
        # RFC 9110 section 15.5.2: a 401 has at least one challenge, documented or not.
        is_refusal = status_of(response.status) == 401
        if is_refusal and not any(name == b"www-authenticate" for name, _ in lines):
            lines += self.challenges
        dated = deprecation(self.operation)
        # The overlay's dates are known; what is documented of the same header is an example.
        return (*(line for line in lines if line[0] not in dict(dated)), *dated)

    def _miss(self, response: Response, media_type: str, reason: str) -> None:
        missed = Unserved(
            operation=self.operation.id,
            status=response.status,
            media_type=media_type,
            reason=reason,
        )
        if missed not in self.unserved:
            self.unserved.append(missed)


def _answer(
    source: str, medium: str, body: Body | None, headers: HeaderLines, **more: Any
) -> PreparedAnswer:
    lines = (*headers, (b"x-mock-source", header_text(source)), VARY)
    if isinstance(body, Stream):
        own = {name for name, _ in headers}
        lines += tuple(line for line in STREAMED if line[0] not in own)
    fixed = b"" if body is None else None if isinstance(body, Stream) else body.fixed
    return PreparedAnswer(
        source=source,
        medium=medium,
        body=body,
        fixed=fixed,
        length=length_line(fixed) if fixed is not None and body is not None else None,
        headers=lines,
        cors_headers=(*lines, *cors.exposing(lines)),
        **more,
    )


def _bare_answer(status: int, headers: HeaderLines) -> PreparedAnswer:
    """The answer of a response without content; an error gets a problem when it is answered."""
    return _answer("status", "", None if status in BODILESS else Template(()), headers)


NOT_MODIFIED = _bare_answer(304, ())
"""The 304 of HTTP itself, where the contract has none (RFC 9110 section 15.4.5)."""


def _is_file(schema: Schema | None) -> bool:
    """Whether a schema asks for a mere string, which may be a file (OpenAPI 3.0, 4.7.14.2)."""
    written = schema.value if schema is not None else None
    if not isinstance(written, Mapping) or written.get("type") != "string":
        return False
    return written.get("format") == "binary" or written.keys() <= _MERE_STRING


def _content_types(medium: MediaType, response: Response, *, generated: bool) -> tuple[str, ...]:
    """The concrete types that a key of `content` is served as; a range stays as the last resort.

    A type for which the response has a narrower key is that one's (OpenAPI 3.0 section 4.7.17).
    """
    kind = media_types.parse(medium.name)
    if kind is None or not kind.is_range:
        return (medium.name,)
    names = [one.name for one in response.served_content]
    typical = media_types.concrete(medium.name)
    has_files = kind.type in _OF_FILES or (kind.type != "text" and _is_file(medium.schema))
    known = smallest_files.types_within(kind) if generated and has_files else ()
    # What a client calls by a name of its own that ends in `+json` is JSON (RFC 6839 section 3.1).
    offered = (typical, *known, *([_JSON_KIN] if kind.covers(_JSON_RANGE) else ()))
    own = [one for one in offered if media_types.match(one, names) == medium.name]
    return tuple(dict.fromkeys((*own, medium.name)))
