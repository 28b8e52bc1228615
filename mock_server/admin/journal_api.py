"""The part of the admin API that watches: the journal, live too, and verification."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import suppress
from dataclasses import asdict, replace

from mock_server.admin.access import Access
from mock_server.admin.calls import FILTER_NAMES, AdminCall, Route
from mock_server.admin.journal_documents import EntryViews
from mock_server.admin.operation_names import UnknownOperationError, named_operation
from mock_server.admin.page import Page, done_page, json_page, text_page
from mock_server.admin.questions import (
    CommonKnowledge,
    joined_archive,
    joined_entries,
    joined_verification,
)
from mock_server.admin.services import Services
from mock_server.admin.verification import Expectation, ExpectationError, concluded
from mock_server.model.journal import Entry, Filter, Foreign, Journal
from mock_server.model.problems import Problem, Refused
from mock_server.model.scenarios import ANY_OPERATION
from mock_server.model.state_store import StateLostError
from mock_server.plan.whole_plan import Plan

__all__ = ["JournalApi"]

_MOST_LISTED = 100
"""Entries of a list whose request names no limit."""
_SILENCE = 15.0
"""Seconds after which a follower of the journal gets a comment, so that a dead one is noticed."""


class JournalApi:
    """Answers from the journals of all processes.

    A page of another origin sees what pages of its origin have sent with the key that it names.
    """

    def __init__(
        self,
        plan: Plan,
        services: Services,
        views: EntryViews,
        knowledge: CommonKnowledge,
        access: Access,
    ) -> None:
        self._plan, self._services, self._views = plan, services, views
        self._knowledge, self._access = knowledge, access
        self.routes = (
            Route.of(
                "GET", "/requests", self._entries, query=(*FILTER_NAMES, "limit"), is_open=True
            ),
            Route.of("DELETE", "/requests", self._forget, query=("key",), is_open=True),
            Route.of("GET", r"/requests/(\d+)", self._entry, is_open=True),
            Route.of("GET", r"/requests\.har", self._archive, query=FILTER_NAMES, is_open=True),
            Route.of("GET", "/requests/stream", self._follow, query=FILTER_NAMES, is_open=True),
            Route.of("POST", "/requests/verify", self._verify, is_open=True),
        )

    async def _entries(self, call: AdminCall) -> Page:
        wanted, _ = await self._wanted(call), self._journal()
        most = call.number("limit", _MOST_LISTED)
        question = {"what": "entries", "filter": asdict(wanted), "limit": most}
        found = await self._knowledge.asked(question)
        return json_page(call.request, joined_entries(found, most))

    async def _forget(self, call: AdminCall) -> Page:
        await self._access.origin_for(call.request, call.key)
        self._journal()
        await self._knowledge.asked({"what": "forget", "key": call.key})
        return done_page(call.request)

    async def _entry(self, call: AdminCall) -> Page:
        # The path allows any number of digits, and no id has more than these.
        question = {"what": "entry", "id": int(call.id[:18])}
        found = await self._knowledge.asked(question)
        entry = next((one for one in found if one is not None), None)
        origin = await self._access.origin_for(call.request, entry["key"] if entry else None)
        self._journal()
        # 404 and not 403: a page does not learn which ids exist.
        if entry is None or (origin is not None and entry["headers"].get("origin") != origin):
            raise Refused(Problem.of("no-such-path", f"the journal has no entry {call.id[:40]}"))
        return json_page(call.request, entry)

    async def _archive(self, call: AdminCall) -> Page:
        wanted, _ = await self._wanted(call), self._journal()
        version = self._plan.contract.version
        question = {"what": "archive", "filter": asdict(wanted), "version": version}
        texts = await self._knowledge.asked(question)
        return text_page(call.request, joined_archive(texts).encode(), "application/json")

    async def _verify(self, call: AdminCall) -> Page:
        document = await call.document()
        key = document.get("key") if isinstance(document, dict) else None
        origin = await self._access.origin_for(call.request, key)
        try:
            expected = Expectation.read(document)
            if expected.operation is not None:
                # Of a misspelt name nothing was ever asked, which `times: 0` would take for good.
                document = {**document, "operation": self._operation_id(expected.operation)}
                expected = Expectation.read(document)
        except (ExpectationError, UnknownOperationError) as error:
            raise Refused(Problem.of("invalid-request", str(error))) from None
        self._journal()
        question = {"expected": document, "filter": asdict(Filter(origin=origin))}
        # A process that is left out would make "never called" of a request that it has.
        # Two questions: counting is cheap, and why the others do not match is needed only after a
        # failure.
        found = await self._knowledge.asked({"what": "matches", **question}, everybody=True)
        if expected.is_met(sum(found)):
            return json_page(call.request, concluded(expected, sum(found)).document())
        found = await self._knowledge.asked({"what": "verification", **question}, everybody=True)
        return json_page(call.request, joined_verification(expected, found).document())

    async def _follow(self, call: AdminCall) -> Page:
        wanted, journal = await self._wanted(call), self._journal()
        queue = journal.follow()
        if queue is None:
            raise Refused(
                Problem.of("too-many-followers", "close one of the pages that follow the journal")
            )
        await self._follow_peers()
        events = self._events(journal, queue, wanted)
        return text_page(call.request, b"", "text/event-stream", stream=events)

    async def _events(
        self, journal: Journal, queue: asyncio.Queue[Entry | Foreign], wanted: Filter
    ) -> AsyncGenerator[bytes, None]:
        try:
            yield b": the journal, live\n\n"
            while True:
                try:
                    entry = await asyncio.wait_for(queue.get(), _SILENCE)
                except TimeoutError:
                    yield b": still here\n\n"
                    await self._follow_peers()
                    continue
                if (document := self._as_followed(entry, wanted)) is not None:
                    yield f"id: {document['id']}\ndata: {json.dumps(document)}\n\n".encode()
        finally:
            journal.unfollow(queue)

    async def _follow_peers(self) -> None:
        """Have the other processes tell of their entries, for a while longer than silence lasts."""
        if self._services.peers is not None:
            with suppress(StateLostError):
                await self._services.peers.ask({"what": "follow", "seconds": 4 * _SILENCE})

    def _as_followed(self, entry: Entry | Foreign, wanted: Filter) -> Foreign | None:
        """An entry as followers get it; None where it is not wanted."""
        if isinstance(entry, Entry):
            return self._views.document(entry) if wanted.fits(entry) else None
        return entry if wanted.fits_foreign(entry) else None

    async def _wanted(self, call: AdminCall) -> Filter:
        """The entries that a call is about, of those that it may see. Raises Refused."""
        origin = await self._access.origin_for(call.request, call.key)
        wanted = call.filter()
        operation = wanted.operation
        if operation is not None:
            with suppress(UnknownOperationError):  # of another contract, before a reload
                operation = self._operation_id(operation)
        is_any = operation == ANY_OPERATION
        return replace(wanted, operation=None if is_any else operation, origin=origin)

    def _operation_id(self, operation: str) -> str:
        return named_operation(operation, self._plan)

    def _journal(self) -> Journal:
        if self._services.journal is None:
            raise Refused(
                Problem.of("no-such-path", "requests are not recorded: --no-journal was given")
            )
        return self._services.journal
