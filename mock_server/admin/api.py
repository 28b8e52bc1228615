"""The admin API: operations, the journal, scenarios, verification and metrics, as documents."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import Any, TypeAlias

from starlette.types import Receive

from mock_server.admin.guard import Guard
from mock_server.admin.journal_documents import EntryViews
from mock_server.admin.metrics_text import metrics_text
from mock_server.admin.page import Page, json_page, text_page
from mock_server.admin.questions import (
    OwnKnowledge,
    Peers,
    joined_archive,
    joined_entries,
    joined_metrics,
    joined_verification,
)
from mock_server.admin.scenario_documents import (
    ScenarioError,
    as_document,
    read_scenario,
    remarks,
)
from mock_server.admin.verification import Expectation, ExpectationError, concluded
from mock_server.checks.receiving import received
from mock_server.model.journal import Entry, Filter, Foreign, Journal
from mock_server.model.metrics import Metrics
from mock_server.model.problems import Breach, Problem, Refused, invalid_request
from mock_server.model.request import Request
from mock_server.model.state_store import StateLostError
from mock_server.model.waiting_scenarios import (
    ScenarioStore,
    TooManyScenariosError,
    WaitingScenario,
)
from mock_server.plan.joining import label_of
from mock_server.plan.operation_plan import OperationPlan, Plan
from spec.text import json_text
from spec.text.pairs import split_query, unquote_query

__all__ = ["AdminApi", "Services"]

_MOST_BYTES = 4 * 1024 * 1024
_MOST_ENTRIES = 100
_SILENCE = 15.0
"""Seconds after which a follower of the journal gets a comment, so that a dead one is noticed."""

Handler: TypeAlias = Callable[["AdminApi", Request, str, Receive], Awaitable[Page]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """What of a mock can be steered and watched, whatever contract it serves.

    `peers` are the other processes that share the mock, None where there is one alone.
    """

    scenarios: ScenarioStore
    journal: Journal | None
    metrics: Metrics
    reset: Callable[[str | None], Awaitable[None]]
    peers: Peers | None = None


class AdminApi:
    """Answers for one plan. `methods` tells what a path may be asked with."""

    def __init__(self, plan: Plan, services: Services, guard: Guard) -> None:
        self._plan, self._services, self._guard = plan, services, guard
        self._views = EntryViews(plan.contracts)
        self.own = OwnKnowledge(self._views, services.journal, services.metrics, guard)

    def methods(self, path: str) -> tuple[str, ...]:
        """The methods of a path; none where there is no such path."""
        return tuple(method for method, pattern, _ in _ROUTES if pattern.fullmatch(path))

    async def answer(self, request: Request, path: str, receive: Receive) -> Page:
        """Answer a request for one of `methods`. Raises Refused."""
        method = "GET" if request.method == "HEAD" else request.method
        handle, found = next(
            (one, match)
            for name, pattern, one in _ROUTES
            if name == method and (match := pattern.fullmatch(path))
        )
        if not _is_for_pages(path, method) or self._guard.page_of(request) is None:
            self._guard.check(request)
        try:
            return await handle(self, request, (found[1] if found.lastindex else ""), receive)
        except StateLostError as lost:
            detail = f"the state that the mock's processes share cannot be reached: {lost}"
            raise Refused(Problem.of("shared-state-lost", detail)) from None

    async def _operations(self, request: Request, _id: str, _receive: Receive) -> Page:
        labels = {id(one): label_of(one, self._plan.contracts) for one in self._plan.contracts}
        every = self._plan.operations.values()
        return json_page(request, [_operation(one, labels[id(one.contract)]) for one in every])

    async def _entries(self, request: Request, _id: str, _receive: Receive) -> Page:
        query, _ = _query(request), self._journal()
        most = _number(query, "limit", _MOST_ENTRIES)
        question = {"what": "entries", "filter": asdict(_filter(query)), "limit": most}
        return json_page(request, joined_entries(await self._asked(question), most))

    async def _forget_entries(self, request: Request, _id: str, _receive: Receive) -> Page:
        self._journal()
        await self._asked({"what": "forget", "key": _query(request).get("key")})
        return Page(status=204, source="admin", lines=(), body=b"")

    async def _entry(self, request: Request, id_: str, _receive: Receive) -> Page:
        self._journal()
        found = await self._asked({"what": "entry", "id": int(id_[:18])})
        entry = next((one for one in found if one is not None), None)
        if entry is None:
            raise Refused(Problem.of("no-such-path", f"the journal has no entry {id_}"))
        return json_page(request, entry)

    async def _archive(self, request: Request, _id: str, _receive: Receive) -> Page:
        self._journal()
        version = self._plan.contract.version
        wanted = asdict(_filter(_query(request)))
        texts = await self._asked({"what": "archive", "filter": wanted, "version": version})
        return text_page(request, joined_archive(texts).encode(), "application/json")

    async def _follow(self, request: Request, _id: str, _receive: Receive) -> Page:
        journal, wanted = self._journal(), _filter(_query(request))
        queue = journal.follow()
        if queue is None:
            raise Refused(
                Problem.of("too-many-followers", "close one of the pages that follow the journal")
            )
        await self._follow_peers()
        return text_page(
            request, b"", "text/event-stream", stream=self._events(journal, queue, wanted)
        )

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
                if (told := self._told(entry, wanted)) is not None:
                    yield f"id: {told['id']}\ndata: {json.dumps(told)}\n\n".encode()
        finally:
            journal.unfollow(queue)

    async def _follow_peers(self) -> None:
        """Have the other processes tell of their entries, for a while longer than silence lasts."""
        if self._services.peers is not None:
            with suppress(StateLostError):
                await self._services.peers.ask({"what": "follow", "seconds": 4 * _SILENCE})

    def _told(self, entry: Entry | Foreign, wanted: Filter) -> Foreign | None:
        """An entry as followers get it; None where it is not wanted."""
        if isinstance(entry, Entry):
            return self._views.document(entry) if wanted.fits(entry) else None
        return entry if wanted.fits_foreign(entry) else None

    async def _asked(self, question: dict[str, Any], *, everybody: bool = False) -> list[Any]:
        """What this process and all others know; those that cannot be reached are left out.

        Raises StateLostError instead where `everybody` has to be heard.
        """
        others: list[Any] = []
        if self._services.peers is not None and everybody:
            others = await self._services.peers.ask(question, everybody=True)
            return [self.own.answer(question), *others]
        if self._services.peers is not None:
            with suppress(StateLostError):
                others = await self._services.peers.ask(question)
        return [self.own.answer(question), *others]

    async def _verify(self, request: Request, _id: str, receive: Receive) -> Page:
        document = await _document(receive)
        try:
            expected = Expectation.read(document)
        except ExpectationError as error:
            raise Refused(Problem.of("invalid-request", str(error))) from None
        self._journal()
        # A process that is left out would make "never called" of a request that it has.
        count = sum(await self._asked({"what": "matches", "expected": document}, everybody=True))
        if expected.is_met(count):
            return json_page(request, concluded(expected, count).document())
        question = {"what": "verification", "expected": document}
        found = await self._asked(question, everybody=True)
        return json_page(request, joined_verification(expected, found).document())

    async def _play(self, request: Request, _id: str, receive: Receive) -> Page:
        document = await _document(receive)
        key = document.get("key") if isinstance(document, dict) else None
        await self._check_page(request, key)
        try:
            scenario = read_scenario(document, self._plan)
            id_ = await self._services.scenarios.add(scenario)
        except ScenarioError as error:
            breaches = [
                Breach(place="body", keyword="scenario", message=what, pointer=pointer)
                for pointer, what in error.problems
            ]
            raise Refused(invalid_request(breaches, 400)) from None
        except TooManyScenariosError as error:
            raise Refused(Problem.of("too-many-scenarios", str(error))) from None
        told = {
            "id": id_,
            "name": scenario.name or id_,
            "undocumented": remarks(scenario, self._plan),
        }
        return json_page(request, told, status=201)

    async def _scenarios(self, request: Request, _id: str, _receive: Receive) -> Page:
        return json_page(
            request, [as_document(one) for one in await self._services.scenarios.listed()]
        )

    async def _scenario(self, request: Request, id_: str, _receive: Receive) -> Page:
        return json_page(request, as_document(await self._waiting(id_)))

    async def _take_back(self, request: Request, id_: str, _receive: Receive) -> Page:
        await self._check_page(request, (await self._waiting(id_)).scenario.key)
        await self._services.scenarios.remove(id_)
        return Page(status=204, source="admin", lines=(), body=b"")

    async def _take_all_back(self, request: Request, _id: str, _receive: Receive) -> Page:
        await self._services.scenarios.clear(_query(request).get("key"))
        return Page(status=204, source="admin", lines=(), body=b"")

    async def _reset(self, request: Request, _id: str, _receive: Receive) -> Page:
        await self._services.reset(_query(request).get("key"))
        return Page(status=204, source="admin", lines=(), body=b"")

    async def _metrics(self, request: Request, _id: str, _receive: Receive) -> Page:
        rows, kept = joined_metrics(await self._asked({"what": "metrics_rows"}))
        waiting = 0
        with suppress(StateLostError):
            waiting = len(await self._services.scenarios.listed())
        text = metrics_text(rows, waiting, kept)
        return text_page(request, text, "text/plain; version=0.0.4; charset=utf-8")

    async def _check_page(self, request: Request, key: Any) -> None:
        origin = self._guard.page_of(request)
        question = {"what": "page_key", "origin": origin, "key": key}
        # Which of the processes has seen the page's own requests is chance.
        if origin and isinstance(key, str) and any(await self._asked(question)):
            request.is_private = False
        else:
            self._guard.check(request)

    def _journal(self) -> Journal:
        if self._services.journal is None:
            raise Refused(
                Problem.of("no-such-path", "requests are not recorded: --no-journal was given")
            )
        return self._services.journal

    async def _waiting(self, id_: str) -> WaitingScenario:
        listed = await self._services.scenarios.listed()
        found = next((one for one in listed if one.id == id_), None)
        if found is None:
            raise Refused(Problem.of("no-such-path", f"no scenario {id_} waits"))
        return found


def _is_for_pages(path: str, method: str) -> bool:
    """Whether the handler itself decides who may: it has to know the key first."""
    return path.startswith("/scenarios") and (
        method == "POST" or (method == "DELETE" and path != "/scenarios")
    )


_ROUTES: tuple[tuple[str, re.Pattern[str], Handler], ...] = tuple(
    (method, re.compile(pattern), handler)
    for method, pattern, handler in (
        ("GET", "/operations", AdminApi._operations),
        ("GET", "/requests", AdminApi._entries),
        ("DELETE", "/requests", AdminApi._forget_entries),
        ("GET", r"/requests/(\d+)", AdminApi._entry),
        ("GET", r"/requests\.har", AdminApi._archive),
        ("GET", "/requests/stream", AdminApi._follow),
        ("POST", "/requests/verify", AdminApi._verify),
        ("GET", "/scenarios", AdminApi._scenarios),
        ("POST", "/scenarios", AdminApi._play),
        ("DELETE", "/scenarios", AdminApi._take_all_back),
        ("GET", r"/scenarios/(\w+)", AdminApi._scenario),
        ("DELETE", r"/scenarios/(\w+)", AdminApi._take_back),
        ("POST", "/reset", AdminApi._reset),
        ("GET", "/metrics", AdminApi._metrics),
    )
)


def _operation(plan: OperationPlan, contract: str) -> dict[str, Any]:
    statuses: dict[str, Any] = {}
    for response in plan.operation.responses:
        content = response.content or response.mock_content
        examples = {one.name: one.summary for media in content for one in media.examples}
        statuses[response.status] = {
            "media": [media.name for media in content],
            "examples": [{"name": n, "summary": s} for n, s in examples.items() if n is not None],
        }
    return {
        "id": plan.id,
        "contract": contract,
        "method": plan.operation.method,
        "path": plan.path,
        "deprecated": plan.operation.deprecated,
        "statuses": statuses,
        "unserved": [str(one) for one in plan.unserved],
    }


def _query(request: Request) -> dict[str, str]:
    pairs = split_query(request.raw_query.decode("utf-8", "replace"))
    return {name: unquote_query(value) for name, value in pairs}


def _filter(query: dict[str, str]) -> Filter:
    status = _number(query, "status", 0)
    return Filter(
        operation=query.get("operation") or None,
        status=status or None,
        key=query.get("key") or None,
        since=_number(query, "since", 0),
    )


def _number(query: dict[str, str], name: str, default: int) -> int:
    text = query.get(name, "")
    if not text:
        return default
    if not (text.isdecimal() and len(text) < 19):
        raise Refused(Problem.of("invalid-request", f"{name}={text[:40]} is not a number"))
    return int(text)


async def _document(receive: Receive) -> Any:
    raw = await received(await receive(), receive, _MOST_BYTES)
    try:
        return json_text.read(raw)
    except json_text.UnreadableError as error:
        raise Refused(Problem.of("invalid-request", f"the body {error}")) from None
