"""Answers made ready at load: heads and bodies of everything that a response may be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from jsonschema_rs import Validator

from mock_server.rendering import Body

__all__ = ["Answer", "HeaderLine", "HeaderLines", "Reply", "RequestExample"]

HeaderLine = tuple[bytes, bytes]
HeaderLines = tuple[HeaderLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One thing that a response may say.

    `source` is what `X-Mock-Source` tells. `medium` is the media type as the contract names it, and
    "" for an answer without content. `rank` orders answers of one media type: unconditional
    examples first, generated values last. `fixed` is the whole body where no request changes it;
    `body` is None for a status that has none. `headers` lack what a request decides.
    """

    source: str
    medium: str
    body: Body | None
    fixed: bytes | None
    headers: HeaderLines
    cors_headers: HeaderLines
    name: str | None = None
    when: Validator | None = None
    rank: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestExample:
    """The parts of a request that go by one example name; a request equal to all of them has it.

    `has_numbers` is False for a body without numbers and booleans.
    """

    name: str
    body: tuple[Any, ...]
    parameters: Mapping[tuple[str, str], Any]
    has_numbers: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """One entry of `responses`: its answers, and what decides among them.

    `status` is a code, a range or `default`. `media` are the media types in the contract's order,
    and so are `answers`. `bodies` are those of `examples`, None where one is not of the body alone.
    """

    status: str
    answers: tuple[Answer, ...]
    media: tuple[str, ...]
    examples: tuple[RequestExample, ...] = ()
    bodies: tuple[Any, ...] | None = None
    conditional: tuple[Answer, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The example names that can be wished for."""
        return tuple(dict.fromkeys(a.name for a in self.answers if a.name is not None))
