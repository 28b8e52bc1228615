"""Answers made ready at load: heads and bodies of everything that a response may be."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from mock_server.answers.heads import Echo
from mock_server.answers.rendering import Body
from mock_server.answers.request_examples import RequestExample
from mock_server.answers.streams import Stream
from mock_server.model.header_lines import HeaderLine, HeaderLines

__all__ = ["GENERATED", "Condition", "PreparedAnswer", "Reply"]

Condition: TypeAlias = Callable[[Any], bool]
"""Whether path, query, headers and body of a request, as one value, are what is described."""
GENERATED = 4
"""The rank of an answer that is made of a schema."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedAnswer:
    """One thing that a response may say.

    `source` is what `X-Mock-Source` tells. `medium` is the media type as the contract names it, and
    "" for an answer without content. `rank` orders answers of one media type: unconditional
    examples first, generated values last. `fixed` is the whole body where no request changes it,
    and `length` its Content-Length; `body` is None for a status that has none. `headers` lack what
    a request decides, `echoes` among it, and `cors_headers` are those for a page of another origin.
    """

    source: str
    medium: str
    body: Body | None
    fixed: bytes | None
    length: HeaderLine | None
    headers: HeaderLines
    cors_headers: HeaderLines
    name: str | None = None
    when: Condition | None = None
    rank: int = 0
    echoes: tuple[Echo, ...] = ()

    @property
    def is_generated(self) -> bool:
        """Whether no person has written it."""
        return self.rank == GENERATED


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """One entry of `responses`: its answers, and what decides among them.

    `status` is a code, a range or `default`. `media` are the media types in the contract's order,
    and so are `answers`. `bodies` are those of `examples`, None where one is not of the body alone.
    `by_accept` keeps what the `Accept` fields that came first accept.
    """

    status: str
    answers: tuple[PreparedAnswer, ...]
    media: tuple[str, ...]
    examples: tuple[RequestExample, ...] = ()
    bodies: tuple[Any, ...] | None = None
    conditional: tuple[PreparedAnswer, ...] = ()
    by_accept: dict[bytes, tuple[str, ...]] = field(default_factory=dict, compare=False)

    @property
    def size(self) -> int:
        """About how many bytes it takes: those of its bodies and headers."""
        return sum(_size(one) for one in self.answers)

    @property
    def names(self) -> tuple[str, ...]:
        """The example names that can be wished for."""
        return tuple(dict.fromkeys(a.name for a in self.answers if a.name is not None))


def _size(answer: PreparedAnswer) -> int:
    body = answer.body
    pieces = body.pieces if isinstance(body, Stream) else (body,) if body else ()
    parts = (part for piece in pieces for part in piece.parts if isinstance(part, bytes))
    lines = (*answer.headers, *answer.cors_headers)
    return sum(map(len, parts)) + sum(len(name) + len(value) for name, value in lines)
