"""A request for the admin API, as its handlers read it."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from starlette.types import Receive

from mock_server.admin.page import Page
from mock_server.admin.suggestions import suggestion
from mock_server.checks.receiving import received
from mock_server.model.journal import Filter
from mock_server.model.problems import Problem, Refused
from mock_server.model.request import Request
from spec.text import json_text
from spec.text.pairs import split_query, unquote_query

__all__ = ["FILTER_NAMES", "AdminCall", "Route", "read_query"]

FILTER_NAMES = ("operation", "status", "key", "since")
"""The query parameters that choose entries of the journal."""
_MOST_BYTES = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class AdminCall:
    """One request; `id` is what its path names, "" where it names nothing."""

    request: Request
    id: str
    receive: Receive
    query: Mapping[str, str] = field(default_factory=dict)

    @property
    def key(self) -> str | None:
        """The client's key that the query names."""
        return self.query.get("key") or None

    def number(self, name: str, default: int) -> int:
        """A query parameter that is a number from 0 on. Raises Refused."""
        text = self.query.get(name, "")
        if not text:
            return default
        # Python takes the digits of every script for a number, and so does not JavaScript.
        if not (text.isascii() and text.isdecimal() and len(text) < 19):
            raise _refusal(f"{name}={text[:40]} is not a number from 0 to 10^18")
        return int(text)

    def filter(self) -> Filter:
        """Which entries of the journal are meant. Raises Refused."""
        return Filter(
            operation=self.query.get("operation") or None,
            # A status of 0 is that of a connection that was cut before an answer.
            status=self.number("status", 0) if self.query.get("status") else None,
            key=self.key,
            since=self.number("since", 0),
        )

    async def document(self) -> Any:
        """The body as JSON, whatever its media type. Raises Refused: 400, 413.

        Tests write it, so a name that stands twice is a slip, and one of both would be lost.
        """
        raw = await received(await self.receive(), self.receive, _MOST_BYTES)
        try:
            return json_text.read(raw, _refuse_repeated)
        except json_text.UnreadableError as error:
            raise _refusal(f"the body {error}") from None


def read_query(request: Request, names: Sequence[str]) -> dict[str, str]:
    """The query parameters, of which the last counts.

    Raises Refused for one that is not among the names: ignoring a filter would be an answer to
    another question.
    """
    pairs = split_query(request.raw_query.decode("utf-8", "replace"))
    found = {unquote_query(name): unquote_query(value) for name, value in pairs}
    for name in found:
        if name not in names:
            hint = (
                suggestion(name, names)
                if names
                else "this resource has none; a POST says all in its body"
            )
            raise _refusal(f"there is no query parameter {name[:40]!r}; {hint}")
    return found


def _refuse_repeated(name: str) -> None:
    raise _refusal(f"the body has the name {name[:40]!r} twice in one object")


def _refusal(detail: str) -> Refused:
    return Refused(Problem.of("invalid-request", detail))


Handler: TypeAlias = Callable[[AdminCall], Awaitable[Page]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """What answers a method at a path below `/__mock`; a group in the pattern is the call's id.

    `query` names the parameters that it has.
    The handler decides who may call it where `is_open`: it has to know the client's key for that.
    """

    method: str
    pattern: re.Pattern[str]
    handler: Handler
    query: tuple[str, ...] = ()
    is_open: bool = False

    @classmethod
    def of(
        cls,
        method: str,
        pattern: str,
        handler: Handler,
        *,
        query: tuple[str, ...] = (),
        is_open: bool = False,
    ) -> Route:
        """A route with the pattern as text."""
        compiled = re.compile(pattern)
        return cls(method=method, pattern=compiled, handler=handler, query=query, is_open=is_open)
