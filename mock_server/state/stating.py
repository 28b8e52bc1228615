"""From a document to an answer of the contract: its schema, its headers, and what else it has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote

from mock_server.answers import cors
from mock_server.answers.prepared_answers import PreparedAnswer, Reply
from mock_server.answers.streams import Stream
from mock_server.answers.templates import Template
from mock_server.model.header_lines import HeaderLines, header_text, length_line
from mock_server.plan.selection import RoutedRequest, answer_for, media_for, not_modified, reply_for
from mock_server.state.fitting import shown_in
from mock_server.state.outlines import enveloped, media_type, shape_for
from mock_server.state.places import Asked, ThingPlace
from mock_server.state.resources import Resource
from spec import Direction, MediaType, Violation
from spec.schemas.shapes import Shape
from spec.text import json_text, media_types

__all__ = [
    "AnswerDraft",
    "Stated",
    "contracts_own",
    "draft",
    "first_thing",
    "location",
    "reply_when",
    "unchanged",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """What is sent: an answer from state, or the contract's own where `lines` say why."""

    answer: PreparedAnswer
    status: int
    lines: HeaderLines = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerDraft:
    """The contract's own answer, into which a document or a list is put.

    `value` is its JSON, None where it has none. `shape` is what the schema says of it.
    """

    asked: Asked
    own: PreparedAnswer
    status: int
    medium: MediaType | None
    shape: Shape
    value: Any

    @property
    def thing(self) -> dict[str, Any]:
        """What the contract's own answer says of the thing; empty where it says nothing of it."""
        name = enveloped(self.shape, self.asked.resource.nouns)
        value = self.value.get(name) if name and isinstance(self.value, dict) else self.value
        return value if isinstance(value, dict) else {}

    @property
    def headers(self) -> HeaderLines:
        """The headers of the contract's own answer; those that echo the request are empty here."""
        return (*self.own.headers, *((name, b"") for name, _ in self.own.echoes))

    def of_thing(self, document: dict[str, Any], lines: HeaderLines = ()) -> Stated:
        """The answer that shows a document."""
        if self.value is None or not self._is_about(document):
            # A response without a body needs no document; one whose body is not JSON cannot take
            # one.
            if self.own.medium and self.value is None:
                return self.refused("only JSON responses are built from state")
            return self._stated(None, lines)
        resource = self.asked.resource
        value, why = shown_in(self.wrong, document, self.shape, self.value, resource)
        if why:
            return self.refused(why)
        return self._stated(value, lines)

    def of_value(self, value: Any, lines: HeaderLines) -> Stated:
        """The answer that is a value."""
        if wrong := self.wrong(value):
            return self.refused(f"{wrong[0].pointer or 'it'} {wrong[0].message}")
        return self._stated(value, lines)

    def refused(self, why: str) -> Stated:
        """The contract's own answer, and why no other one can be given."""
        return Stated(answer=self.own, status=self.status, lines=_reason_lines(why))

    def wrong(self, value: Any) -> Sequence[Violation]:
        """Why a value cannot be the answer."""
        schema = self.medium.schema if self.medium else None
        contract = self.asked.request.operation.contract
        if schema is None or contract.validator(schema, Direction.RESPONSE).is_valid(value):
            return ()
        return contract.violations(schema, Direction.RESPONSE, value)

    def _stated(self, value: Any, lines: HeaderLines) -> Stated:
        # A `Location` that the contract echoes from the request gives way to that of the thing.
        names = {name for name, _ in lines}
        echoes = tuple(one for one in self.own.echoes if one[0] not in names)
        answer = _from_state(replace(self.own, echoes=echoes), value)
        return Stated(answer=answer, status=self.status, lines=lines)

    def _is_about(self, document: dict[str, Any]) -> bool:
        """Whether the answer shows the thing at all, or says something else: `{ok: true}`."""
        name = enveloped(self.shape, self.asked.resource.nouns)
        names = (self.shape.member(name) if name else self.shape).properties.keys()
        return not names or bool(names & (document.keys() | self.asked.resource.shape.properties))


def draft(asked: Asked, reply: Reply, status: int) -> AnswerDraft:
    """The contract's own answer to a request, ready for state. Raises Refused with a 406."""
    request = asked.request
    own = answer_for(request, reply, media_for(request, reply))
    medium = media_type(request.operation, reply.status, own.medium) if own.medium else None
    schema = medium.schema if medium else None
    return AnswerDraft(
        asked=asked,
        own=own,
        status=status,
        medium=medium,
        shape=shape_for(request.operation, schema, Direction.RESPONSE),
        value=_json_of(own, request),
    )


def reply_when(asked: Asked, *, created: bool) -> tuple[Reply, int]:
    """The response for a thing that was made or changed: 201 says that it was made."""
    operation = asked.request.operation
    wanted = (201,) if created else (200, 204, 202)
    # Only where the contract's first success would say the wrong thing about it.
    for status in wanted if created or operation.success_status == 201 else ():
        reply = operation.reply_for(status) if operation.response_of(str(status)) else None
        if reply is not None:
            return reply, status
    return reply_for(asked.request)


def unchanged(asked: Asked) -> Stated:
    """The 304 of a thing that the client has already."""
    return Stated(answer=_from_state(not_modified(asked.request)), status=304)


def contracts_own(asked: Asked, why: str = "") -> Stated:
    """The contract's own response, with the reason why the state was not used."""
    reply, status = reply_for(asked.request)
    request = asked.request
    own = answer_for(request, reply, media_for(request, reply))
    return Stated(answer=own, status=status, lines=_reason_lines(why))


def first_thing(resource: Resource, request: RoutedRequest) -> dict[str, Any]:
    """What the contract's first answer says of a thing; empty where it has none."""
    success = resource.reading.success if resource.reading else None
    value = _json_of(success.answers[0], request) if success else None
    if isinstance(value, dict) and not value.keys() & resource.shape.properties.keys():
        inner = [one for one in value.values() if isinstance(one, dict)]
        value = inner[0] if len(inner) == 1 else value
    return value if isinstance(value, dict) else {}


def location(asked: Asked, own: PreparedAnswer, place: ThingPlace) -> HeaderLines:
    """`Location` of a new thing, where the contract documents one."""
    named = [*own.headers, *((name, b"") for name, _ in own.echoes)]
    written = next((value for name, value in named if name == b"location"), None)
    if written is None:
        return ()
    request = asked.request
    bases = request.operation.operation.base_paths
    path = f"{bases[0]}{place.path}"
    if asked.is_at_collection:
        path = f"{request.raw_path.decode('latin-1').rstrip('/')}/{quote(place.id, safe='')}"
    start = request.origin if written.startswith(b"http") else ""
    return ((b"location", header_text(f"{start}{path}")),)


def _json_of(answer: PreparedAnswer, request: RoutedRequest) -> Any:
    if not media_types.is_json(answer.medium) or isinstance(answer.body, Stream):
        return None
    octets = answer.fixed
    if octets is None:
        octets = answer.body.fill(request) if answer.body else b""
    try:
        return json_text.read(octets)
    except json_text.UnreadableError:
        return None


def _from_state(answer: PreparedAnswer, value: Any = None) -> PreparedAnswer:
    """The answer with another source, and with another value unless that is None."""
    lines = tuple(
        (name, b"state" if name == b"x-mock-source" else text) for name, text in answer.headers
    )
    made = replace(
        answer, source="state", headers=lines, cors_headers=(*lines, *cors.exposing(lines))
    )
    if value is None:
        return made
    octets = json_text.write(value)
    return replace(made, body=Template((octets,)), fixed=octets, length=length_line(octets))


def _reason_lines(why: str) -> HeaderLines:
    return (
        ((b"x-mock-state", header_text(f"the contract's own answer: {why}"[:300])),) if why else ()
    )
