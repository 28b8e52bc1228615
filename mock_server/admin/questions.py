"""What one process knows of the requests, as JSON: the others that share a mock ask it for that.

The admin API asks all of them, its own process included, and joins what they say.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import chain, islice
from typing import Any, Protocol

from mock_server.admin.guard import Guard
from mock_server.admin.journal_documents import EntryViews
from mock_server.admin.verification import (
    Expectation,
    Miss,
    Verification,
    compared,
    concluded,
    counted,
)
from mock_server.model.journal import Entry, Filter, Journal
from mock_server.model.metrics import Metrics
from mock_server.model.state_store import StateLostError

__all__ = [
    "CommonKnowledge",
    "OwnKnowledge",
    "Peers",
    "joined_archive",
    "joined_entries",
    "joined_metrics",
    "joined_verification",
]

Question = dict[str, Any]


class Peers(Protocol):
    """The other processes that share the mock."""

    async def ask(self, question: Question, *, everybody: bool = False) -> list[Any]:
        """What each of them answers. May raise StateLostError.

        Those that do not answer in time are left out, unless `everybody` is to be heard.
        """


class OwnKnowledge:
    """Answers questions from the journal, the counts and the guard of this process."""

    def __init__(
        self, views: EntryViews, journal: Journal | None, metrics: Metrics, guard: Guard
    ) -> None:
        self._views, self._journal, self._metrics = views, journal, metrics
        self._guard = guard

    def answer(self, question: Question) -> Any:
        """The answer to a question: `what` names it."""
        # A question comes from a process of the same mock, never from a client.
        return getattr(self, f"_{question['what']}")(question)

    def listed(self, entry: Entry) -> dict[str, Any]:
        """An entry as the list of entries has it."""
        return self._views.document(entry)

    def _fitting(self, question: Question) -> Iterator[Entry]:
        """The entries that a question is about, newest first."""
        return filter(Filter(**question["filter"]).fits, self._journal or ())

    def _entries(self, question: Question) -> list[dict[str, Any]]:
        """The newest entries that fit, newest first."""
        newest = islice(self._fitting(question), question["limit"])
        return [self._views.document(one) for one in newest]

    def _entry(self, question: Question) -> dict[str, Any] | None:
        entry = self._journal.find(question["id"]) if self._journal is not None else None
        return self._views.whole(entry) if entry is not None else None

    def _archive(self, question: Question) -> str:
        return self._views.har(self._fitting(question), question["version"])

    def _matches(self, question: Question) -> int:
        return counted(self._fitting(question), Expectation.read(question["expected"]))

    def _verification(self, question: Question) -> list[Any]:
        count, misses = compared(self._fitting(question), Expectation.read(question["expected"]))
        return [count, [[miss.id, list(miss.why)] for miss in misses]]

    def _forget(self, question: Question) -> None:
        if self._journal is not None:
            self._journal.clear(question["key"])

    def _page_key(self, question: Question) -> bool:
        return self._guard.has_page_key(question["origin"], question["key"])

    def _metrics_rows(self, _question: Question) -> dict[str, Any]:
        kept = len(self._journal.entries) if self._journal is not None else 0
        return {"answers": [list(row) for row in self._metrics], "entries": kept}


class CommonKnowledge:
    """What this process and all others know together."""

    def __init__(self, own: OwnKnowledge, peers: Peers | None) -> None:
        self._own, self._peers = own, peers

    async def asked(self, question: Question, *, everybody: bool = False) -> list[Any]:
        """The answer of each; processes that cannot be reached are left out.

        Raises StateLostError instead where `everybody` has to be heard.
        """
        others: list[Any] = []
        if self._peers is not None:
            # Suppressing nothing lets the caller report that a process did not answer.
            with suppress(*(() if everybody else (StateLostError,))):
                others = await self._peers.ask(question, everybody=everybody)
        return [self._own.answer(question), *others]


def joined_entries(found: Iterable[list[dict[str, Any]]], most: int) -> list[dict[str, Any]]:
    """The newest entries of all processes."""
    return sorted(chain(*found), key=lambda one: int(one["id"]), reverse=True)[:most]


def joined_archive(texts: list[str]) -> str:
    """One archive of those of all processes, oldest entry first."""
    if len(texts) == 1:
        return texts[0]
    archives = [json.loads(text) for text in texts]
    entries = chain(*(one["log"]["entries"] for one in archives))
    # By time, since an archive has no ids; ISO 8601 in one time zone sorts as text.
    archives[0]["log"]["entries"] = sorted(entries, key=lambda one: str(one["startedDateTime"]))
    return json.dumps(archives[0], indent=2)


def joined_verification(expected: Expectation, found: Iterable[list[Any]]) -> Verification:
    """The verification over the requests of all processes."""
    parts = list(found)
    misses = [Miss(id=id_, why=tuple(why)) for _, some in parts for id_, why in some]
    return concluded(expected, sum(count for count, _ in parts), misses)


def joined_metrics(
    found: Iterable[dict[str, Any]],
) -> tuple[list[tuple[str | None, int, int, float]], int]:
    """The counts of all processes together, and how many entries they keep."""
    rows: dict[tuple[str | None, int], list[float]] = {}
    kept = 0
    for one in found:
        kept += one["entries"]
        for operation, status, number, seconds in one["answers"]:
            row = rows.setdefault((operation, status), [0, 0.0])
            row[0] += number
            row[1] += seconds
    listed = [(name, status, int(n), seconds) for (name, status), (n, seconds) in rows.items()]
    return listed, kept
