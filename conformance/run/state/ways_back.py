"""One write, and GET before and after it: what the reading shows of what was written."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from conformance.cases.case import Case, Expect
from conformance.cases.operation_under_test import Subject
from conformance.clauses.bulk_removals import bulk_removal
from conformance.clauses.clause import Verdict
from conformance.clauses.collection_operations import collection_operations
from conformance.clauses.state_promises import StateAspect, StatePromise, promise_by_list
from conformance.http.exchange import Answer, Request
from conformance.http.request_drafts import Draft
from conformance.judgement import Observation
from conformance.judgement.json_answers import read_json
from conformance.judgement.listings import Sought
from conformance.judgement.observation import inconclusive
from conformance.judgement.states import GONE, Presence, Reading
from conformance.report.codes.finding_code import FindingCode
from conformance.run.making.removal import removers_of
from conformance.run.sending.prober import Prober
from conformance.run.state.list_beside import ListBeside, list_beside
from conformance.run.state.reading_back import BackReader, back_reader
from conformance.run.state.testimony import (
    Testimony,
    fails_for_nobody,
    is_found,
    is_gone,
    shows_new,
)
from conformance.run.things.named_things import Named, created, new_id
from conformance.run.things.request_sequences import RequestSequence
from conformance.run.things.written_items import WrittenItem

__all__ = ["Shown", "WayBack"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What a reading showed: its request as a case, its answer, and what that proves.

    `written` is what was sent before it, `steps` the requests before it. `listed`: what was deleted
    is still there in a list alone.
    """

    written: Draft
    case: Case
    answer: Answer
    found: Observation
    steps: RequestSequence = field(default_factory=RequestSequence)
    listed: bool = False

    @property
    def broken(self) -> bool:
        """Whether it deviates."""
        return self.found.verdict is Verdict.BROKEN

    @property
    def fails(self) -> bool:
        """Whether the server fails since the write."""
        return self.found.code == FindingCode.SERVER_ERROR


@dataclass(frozen=True, slots=True, kw_only=True)
class WayBack:
    """Writes what a case says, and reads it by the `reader`, as its `promise` asks."""

    prober: Prober
    subject: Subject
    promise: StatePromise
    reader: BackReader

    @property
    def item(self) -> WrittenItem:
        """What is written, and how its reading is judged."""
        subject = self.subject
        return WrittenItem(
            contract=subject.contract,
            operation=subject.operation,
            promise=self.promise,
            wire=subject.wire,
        )

    async def shown(self, case: Case) -> Shown | None:
        """What became of one write; None where it was refused."""
        ways = {StateAspect.CHANGED: self._changed, StateAspect.GONE: self._gone}
        return await ways.get(self.promise.aspect, self._created)(case)

    async def _created(self, case: Case) -> Shown | None:
        """A POST, and GET of what its answer names."""
        request = await self.prober.aimed(case)
        answer = await self.prober.deliver(case, request)
        return await self.of_created(case, request, answer) if answer.success else None

    async def of_created(self, case: Case, request: Request, answer: Answer) -> Shown:
        """GET of what the answer to a POST names, or of its list."""
        shown = await self._of_created(case, request, answer)
        if shown.broken and self.reader.apart and self._is_hidden(shown):
            why = f"{self.reader.operation.id} is asked with another credential: it may be hidden"
            untold = self._untold(case, request, shown.answer, why)
            return await self._by_list(replace(untold, steps=shown.steps), request, answer)
        return shown

    def _is_hidden(self, shown: Shown) -> bool:
        """Whether what was created is not shown at all."""
        return self.promise.listing or shown.answer.status in GONE

    async def _of_created(self, case: Case, request: Request, answer: Answer) -> Shown:
        things, operation = self.prober.session.things, self.subject.operation
        named = created(things.resources, operation, request, answer)
        if answer.status == 202 or (named is None and not self.promise.listing):
            why = "202: it is created later" if answer.status == 202 else "its answer names no item"
            return self._untold(
                case, request, answer, f"{operation.method} was accepted, but {why}"
            )
        if self.promise.listing:
            return await self._listed(case, request, answer, named)
        assert named is not None, "without a name only a list could show it"
        read = self.reader.of(named.thing)
        steps = self._steps(read)
        # Too large to be kept as what has made the thing: it is shown with the id that it had.
        steps = steps if things.origins.of(named.thing) else steps.then(operation, request)
        shown = await self._read(case, read, self.item.judge(request, answer), steps)
        # A guess that leads nowhere, or to something without a text of it, may be a wrong guess.
        sure = self.item.is_shown_by(shown.answer, request, answer, named)
        if shown.found.verdict is Verdict.BROKEN and not sure:
            why = "its answer does not say which value is the id"
            untold = self._untold(case, read, shown.answer, why)
            return await self._by_list(replace(untold, steps=shown.steps), request, answer)
        return shown

    async def _by_list(self, untold: Shown, request: Request, answer: Answer) -> Shown:
        """What the list shows of a new thing that GET of the item does not find.

        It may be hidden there, or have another id; whoever is allowed to see it sees it in the
        list, by one of its ids.
        """
        contract, operation = self.subject.contract, self.subject.operation
        promise = promise_by_list(contract, operation, self.promise.aspect)
        reader = back_reader(self.prober, self.subject, promise) if promise is not None else ""
        if promise is None or isinstance(reader, str) or reader.apart:
            return untold
        item = replace(self.item, promise=promise)
        reading = replace(item.reading(request, answer), narrowed=item.narrowed(request, answer))
        other = new_id(read_json(answer.body).value)
        readings = [reading, *([replace(reading, sought=Sought(id=other))] if other else [])]

        why = f"{self.reader.operation.id} does not find it either"

        def judge(listed: Answer) -> Observation:
            if {one.sighting(listed).presence for one in readings} != {Presence.ABSENT}:
                return untold.found
            return reading.of_missing(listed, why)

        read = reader.beside(operation, request)
        listed, found = await reader.settled(read, judge)
        if found.verdict is not Verdict.BROKEN:
            return untold
        steps = replace(untold.steps, operation=promise.reader)
        case = replace(untold.case, request=read)
        return replace(untold, case=case, answer=listed, found=found, steps=steps)

    async def _listed(
        self, case: Case, request: Request, answer: Answer, named: Named | None
    ) -> Shown:
        """The list after a POST, and a DELETE of what it does not show."""
        operation, things = self.subject.operation, self.prober.session.things
        read = self.reader.beside(operation, request)
        steps = self._steps(read)
        origin = things.origins.of(named.thing) if named else None
        steps = steps.then(operation, request) if origin is None else steps.and_then(origin)
        reading, judge = self.item.reading(request, answer), self.item.judge(request, answer)
        if reading.sought is None or not (reading.sought.id or reading.sought.texts):
            return self._untold(case, request, answer, "nothing tells the new item from others")
        shown = await self._read(case, read, judge, steps)
        missing = reading.sighting(shown.answer).presence in (Presence.ABSENT, Presence.UNSHOWN)
        removers = removers_of(self.subject.contract, self.prober.session.options)
        remover = removers.get(named.thing.collection) if named is not None else None
        if not missing or named is None or remover is None:
            return shown
        said = await is_found(self.prober, remover, named.thing)
        if said is Testimony.THERE:
            why = f"{self.reader.operation.id} does not show it, but {remover.id} finds it"
            return self._untold(case, read, shown.answer, why)
        if said is Testimony.GONE and named.sure:
            why = f"{remover.id} does not find it either"
            return replace(shown, found=reading.of_missing(shown.answer, why))
        return shown

    async def _changed(self, case: Case) -> Shown | None:
        """GET, PUT or PATCH, and GET again."""
        request = await self.prober.aimed(case)
        read = self.reader.beside(self.subject.operation, request)
        before = await self.reader.answer(read)
        answer = await self.prober.deliver(case, request)
        if not answer.success:
            return None
        if answer.status == 202:
            return self._untold(case, request, answer, "the change was accepted for later (202)")
        item = self.item.seeing(before, self._sent_before(read))
        judge = item.judge(request, answer, [before])
        if self._creates(request, answer):
            judge = item.reading(request, answer).unless_absent(judge)
        shown = await self._read(case, read, judge, self._after(read, request))
        shown = await self._unless_for_nobody(shown, request)
        if self.reader.apart and self._is_new(request, answer) and self._is_hidden(shown):
            return await self._by_list(shown, request, answer)
        return await self._unless_canned(shown, request, answer)

    def _is_new(self, request: Request, answer: Answer) -> bool:
        """Whether there must be something now: it was created, or else was there before."""
        creates = collection_operations(self.subject.contract).creates_at_its_path
        return request.method == "PUT" and (answer.status == 201 or creates(self.subject.operation))

    def _sent_before(self, read: Request) -> Iterator[Any]:
        """What the thing that is read was made with, and what may have changed it since."""
        things = self.prober.session.things
        named = things.own(self.reader.operation, read.target)
        origin = things.origins.of(named) if named is not None else None
        if origin is not None:
            yield read_json(origin.request.body or b"").value
        yield self.subject.control.body

    def _creates(self, request: Request, answer: Answer) -> bool:
        """Whether what a PUT has created must be shown to everyone at its path."""
        return self._is_new(request, answer) and not (self.promise.listing or self.reader.apart)

    async def _gone(self, case: Case) -> Shown | None:
        """Two GETs, DELETE, and GET again."""
        request, operation = await self.prober.aimed(case), self.subject.operation
        read = self._reading(request)
        # Twice: what differs between them (a counter, a clock) says nothing after the DELETE.
        before = [await self.reader.answer(read), await self.reader.answer(read)]
        beside = await list_beside(self.prober, self.subject, self.item, request)
        answer = await self.prober.deliver(case, request)
        if not answer.success:
            return None
        if answer.status == 202 or any(one.status != 200 for one in before):
            why = "202: it is deleted later" if answer.status == 202 else "GET did not show it"
            return self._untold(case, request, answer, f"before and after the DELETE: {why}")
        judge, steps = self.item.judge(request, answer, before), self._after(read, request)
        reading = self.item.reading(request, answer)
        if any(reading.sighting(one).presence is not Presence.THERE for one in before):
            why = f"{self.reader.operation.id} did not show it before the DELETE"
            return self._untold(case, request, answer, why)
        shown = await self._read(case, read, judge, steps)
        listed = self.promise.listing
        if shown.fails:
            return await self._unless_for_nobody(shown, request)
        if not shown.broken:
            again = await self._removed_again(shown, request, reading)
            if beside is not None and again.found.verdict is Verdict.HELD:
                return await self._unless_listed(again, request, answer, beside)
            return again
        if listed and await is_gone(self.prober, operation, request):
            why = "a second DELETE says that it is gone: the list may show what is deleted"
            return self._untold(case, read, shown.answer, why)
        return await self._unless_canned(shown, request, answer)

    async def _removed_again(self, shown: Shown, request: Request, reading: Reading) -> Shown:
        """What the same DELETE is answered once more: that nothing is there is no failure."""
        operation = self.subject.operation
        clauses, secured = shown.case.clauses, operation.secured
        again = await self.prober.session.send(operation.id, request, clauses, authorized=secured)
        if again.status < 500:
            return shown
        label = "the same DELETE once more"
        case = replace(shown.case, request=request, label=label)
        found, made = reading.of_failure(again), self._after(shown.case.request, request)
        steps = replace(made, operation=operation)
        return replace(shown, case=case, answer=again, found=found, steps=steps)

    async def _unless_listed(
        self, shown: Shown, request: Request, answer: Answer, beside: ListBeside
    ) -> Shown:
        """What was shown, unless the list still has what GET does not find any more."""
        still = await beside.still(request, answer)
        if still is None:
            return shown
        listed, found = still
        steps = replace(shown.steps, operation=beside.reader.operation)
        case = replace(shown.case, request=beside.read)
        return replace(shown, case=case, answer=listed, found=found, steps=steps, listed=True)

    async def _unless_for_nobody(self, shown: Shown, request: Request) -> Shown:
        """What was shown, unless reading fails for whatever is not there."""
        operation, reader = self.subject.operation, self.reader
        if not shown.fails or self.promise.listing:
            return shown
        if not await fails_for_nobody(self.prober, operation, reader, request):
            return shown
        why = f"{reader.operation.id} fails for whatever is not there"
        return replace(shown, found=inconclusive(shown.found.clause, why))

    async def _unless_canned(self, shown: Shown, request: Request, answer: Answer) -> Shown:
        """What was shown, unless the list shows the same at all times."""
        operation, reading = self.subject.operation, self.item.reading(request, answer)
        if not shown.broken or shown.fails or not self.promise.listing:
            return shown
        if await shows_new(self.prober, operation, self.reader, reading):
            return shown
        why = f"{self.reader.operation.id} does not show what was created since"
        return replace(shown, found=inconclusive(shown.found.clause, why))

    def _reading(self, request: Request) -> Request:
        """The GET of what a request names, in its path or in its list."""
        operation, things = self.subject.operation, self.prober.session.things
        named = things.named(operation, request)
        if bulk_removal(self.subject.contract, operation) is None or named is None:
            return self.reader.beside(operation, request)
        return self.reader.of(named)

    def _after(self, read: Request, request: Request) -> RequestSequence:
        """The requests that have made what is read, and the one that has written it."""
        operation, things = self.subject.operation, self.prober.session.things
        listing, origins = self.promise.listing, things.origins
        made = origins.sequence(operation, request) if listing else self._steps(read)
        named = things.named(operation, request)
        step = origins.of(named) if named is not None else None
        # What is named in a list of ids is in no path.
        made = made if step is None or step in made.steps else made.and_then(step)
        return replace(made, operation=self.reader.operation).then(operation, request)

    def _steps(self, read: Request) -> RequestSequence:
        """The requests that have made what is read."""
        return self.prober.session.things.origins.sequence(self.reader.operation, read)

    async def _read(
        self,
        case: Case,
        read: Request,
        judge: Callable[[Answer], Observation],
        steps: RequestSequence,
    ) -> Shown:
        """What a reading shows, unless the same is shown for an id that nobody has."""
        answer, found = await self.reader.settled(read, judge)
        # That something is there proves nothing either where everything is.
        new = self.promise.aspect is StateAspect.READABLE and found.verdict is Verdict.HELD
        if self.promise.listing:
            return replace(self._as_shown(case, read, answer, found), steps=steps)
        if (found.verdict is Verdict.BROKEN or new) and await self.reader.answers_anything(read):
            return self._untold(
                case, read, answer, "GET is also answered for an id that nobody has"
            )
        return replace(self._as_shown(case, read, answer, found), steps=steps)

    def _untold(self, case: Case, request: Request, answer: Answer, why: str) -> Shown:
        found = inconclusive(self.subject.id(self.promise.local), why)
        return self._as_shown(case, request, answer, found)

    def _as_shown(self, case: Case, request: Request, answer: Answer, found: Observation) -> Shown:
        assert case.draft is not None
        read = replace(
            case,
            request=request,
            draft=None,
            expect=Expect.ANYTHING,
            label=f"GET after the {self.subject.operation.method}",
        )
        return Shown(written=case.draft, case=read, answer=answer, found=found)
