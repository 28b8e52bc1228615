"""The journal: the last requests with their answers, as they were; views word them when asked."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from time import time
from typing import Any, TypeAlias

from mock_server.model.client_keys import key_of
from mock_server.model.header_lines import HeaderLines
from mock_server.model.request import MISSING, Request

__all__ = ["LONGEST_BODY", "Entry", "Filter", "Foreign", "Journal", "ids_of"]

MOST_WAITING = 1000
"""Entries that wait for a follower who does not read; the next ones are lost to it."""
LONGEST_BODY = 64 * 1024
"""Bytes of a body that are kept; of a longer one the rest is only counted."""
MOST_FOLLOWERS = 64


@dataclass(slots=True, kw_only=True, eq=False)
class Entry:
    """One request with its answer. `at` is in seconds since 1970, `ms` in milliseconds.

    It is written before the answer leaves. `ms`, and `answer` of a stream, are those of the whole
    answer from when that has left. `body` and `answer` are what was kept of the bodies, of which
    `body_size` and `answer_size` say the whole size in bytes. What the request knows itself, and
    what can be read from it, is asked for when somebody looks, which nobody does for most entries.
    """

    id: int
    at: float
    ms: float
    request: Request
    body: bytes | None
    body_size: int
    lines: HeaderLines
    answer: bytes
    answer_size: int

    @property
    def operation(self) -> str | None:
        """The operation that was meant, as `POST /api/…`; None where the contract has none."""
        return self.request.operation_id

    @property
    def status(self) -> int:
        """The status of the answer; 0 where the connection was cut before it."""
        return self.request.status

    @property
    def source(self) -> str:
        """What `X-Mock-Source` says."""
        return self.request.source

    @property
    def scenario(self) -> str | None:
        """The id of the scenario that gave the answer."""
        turn = self.request.scenario
        return None if turn is None else turn.id

    @property
    def key(self) -> str | None:
        """The key that the client sent."""
        return key_of(self.request.fields)

    @property
    def origin(self) -> str | None:
        """The origin of the page that sent it; None for what browsers tell none of."""
        origin = self.request.fields.get(b"origin")
        return None if origin is None else origin.decode("latin-1")


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which entries are meant; what is None does not matter. `since` is an id.

    `origin` is that of the page that sent the request, as its browser tells it.
    """

    operation: str | None = None
    status: int | None = None
    key: str | None = None
    since: int = 0
    origin: str | None = None

    def fits_foreign(self, entry: Foreign) -> bool:
        """Whether an entry of another process is meant."""
        return (
            entry["id"] > self.since
            and self.operation in (None, entry["operation"])
            and self.status in (None, entry["status"])
            and self.key in (None, entry["key"])
            and self.origin in (None, entry["headers"].get("origin"))
        )

    def fits(self, entry: Entry) -> bool:
        """Whether an entry is meant."""
        return (
            entry.id > self.since
            and self.operation in (None, entry.operation)
            and self.status in (None, entry.status)
            and self.key in (None, entry.key)
            and self.origin in (None, entry.origin)
        )


Foreign: TypeAlias = dict[str, Any]
"""An entry of another process, as the list of entries has it."""


def ids_of(member: int) -> Iterator[int]:
    """Ids that grow with time, and that no other `member` (0 to 1023) gives out.

    They stay below 2**53, so that JavaScript can count them, until 2043.
    """
    last = 0
    while True:
        last = max(last + 1, int((time() - _NEW_YEAR_2026) * _TICKS))
        yield last * _MEMBERS + member


_NEW_YEAR_2026 = 1_767_225_600
_MEMBERS = 1024
_TICKS = 16_000
"""A second has so many: two requests of one client, one after the other, are further apart."""


@dataclass(slots=True)
class Journal:
    """The last entries. Followers get each one when its answer has left.

    `ids` grow; processes that share a mock have some that do not meet.
    """

    entries: deque[Entry] = field(default_factory=deque)
    ids: Iterator[int] = field(default_factory=lambda: count(1))
    _followers: set[asyncio.Queue[Entry | Foreign]] = field(default_factory=set)

    @classmethod
    def of_size(cls, most: int) -> Journal:
        """A journal that keeps so many entries, and then drops the oldest."""
        return cls(entries=deque(maxlen=most))

    def add(
        self, request: Request, lines: HeaderLines, answer: bytes, *, at: float, ms: float
    ) -> Entry:
        """Write an entry. The request is kept, and of its body no more than the first bytes.

        This comes before the answer leaves: a client that has its answer, or gave up waiting for
        it, and then asks the journal, must find the request there.
        """
        body = request.raw_body
        size = len(body) if body is not None else 0
        if body is not None and size > LONGEST_BODY:
            body = body[:LONGEST_BODY]
        # The entry has the bytes now. A value takes several times as much memory; it is read again
        # by who asks for it, and freed as soon as nothing refers to it.
        request.body, request.held, request.raw_body = MISSING, None, None
        entry = Entry(
            id=next(self.ids),
            at=at,
            ms=ms,
            request=request,
            body=body,
            body_size=size,
            lines=lines,
            answer=answer[:LONGEST_BODY],
            answer_size=len(answer),
        )
        self.entries.append(entry)
        return entry

    def finish(self, entry: Entry, *, ms: float, answer: bytes | None = None) -> None:
        """Complete an entry whose answer has left, and pass it to the followers.

        `answer` is the body where that was not known before.
        """
        entry.ms = ms
        if answer is not None:
            entry.answer, entry.answer_size = answer[:LONGEST_BODY], len(answer)
        if self._followers:
            self.hear(entry)

    def __iter__(self) -> Iterator[Entry]:
        """The entries, newest first."""
        return reversed(list(self.entries))

    def find(self, id_: int) -> Entry | None:
        """The entry of an id, while it is kept."""
        return next((entry for entry in self if entry.id == id_), None)

    def clear(self, key: str | None = None) -> None:
        """Forget all entries, or those of a key; ids go on."""
        kept = [entry for entry in self.entries if key is not None and entry.key != key]
        self.entries.clear()
        # The deque stays the same object: followers and views hold it.
        self.entries.extend(kept)

    def hear(self, entry: Entry | Foreign) -> None:
        """Pass an entry to the followers: one of another process is not kept here."""
        for follower in self._followers:
            # A follower that does not read loses entries, and slows nobody down.
            if not follower.full():
                follower.put_nowait(entry)

    def follow(self) -> asyncio.Queue[Entry | Foreign] | None:
        """A queue of the entries to come; None where too many follow already."""
        if len(self._followers) >= MOST_FOLLOWERS:
            return None
        queue = asyncio.Queue[Entry | Foreign](maxsize=MOST_WAITING)
        self._followers.add(queue)
        return queue

    def unfollow(self, queue: asyncio.Queue[Entry | Foreign]) -> None:
        """Tell a queue of nothing more."""
        self._followers.discard(queue)
