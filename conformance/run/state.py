"""What was written is read back: created, changed, and gone.

Shown only with `--allow-writes`, right after the good request was accepted. A deployment may need a
moment until a write shows, or not look at ids at all: neither is accused.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from conformance.cases.case import Case, Expect
from conformance.cases.operation_under_test import Subject
from conformance.cases.presence import full_bodies
from conformance.clauses.clause import Verdict
from conformance.clauses.kinds import ClauseKind
from conformance.clauses.state_promises import (
    StateAspect,
    StatePromise,
    state_promise,
)
from conformance.http.exchange import Answer, Request
from conformance.http.request_drafts import Draft
from conformance.judgement import Observation
from conformance.judgement.observation import inconclusive
from conformance.judgement.states import Presence
from conformance.run.fresh_values import FreshValues
from conformance.run.named_things import Named, created
from conformance.run.other_values import other_values
from conformance.run.prober import Prober
from conformance.run.reading_back import BackReader, back_reader
from conformance.run.removal import removers_of
from conformance.run.request_sequences import RequestSequence
from conformance.run.witnesses import Testimony, is_found, is_gone, shows_new
from conformance.run.written_items import WrittenItem
from spec.contract.resource_paths import collection_of

__all__ = ["read_back"]


async def read_back(prober: Prober, subject: Subject, *, again: bool = False) -> None:
    """Write, read, and judge; what deviates is done once more, with another write.

    Where the least was stored, `again` shows whether the fullest body is: it costs a success more.
    """
    promise = state_promise(subject.contract, subject.operation)
    if promise is None or not prober.focus.asks([subject.id(promise.local)]):
        return
    clause = subject.id(promise.local)
    reader = back_reader(prober, subject, promise)
    if isinstance(reader, str):
        prober.ledger.excuse_clauses([clause], reader)
        return
    trial = _WriteTrial(prober=prober, subject=subject, promise=promise, reader=reader)
    if again:
        shown = await trial.dropping() if prober.ledger.seen_held(clause, refusal=False) else None
    elif (shown := await trial.telling()) is None and not prober.budget.left:
        prober.budget.skip_clauses([clause])
    elif shown is None:
        why = "the good request was not accepted again, so nothing was written that could be read"
        prober.ledger.note(inconclusive(clause, why))
    if shown is not None:
        await trial.write(shown)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shown:
    """What a reading showed: its request as a case, its answer, and what that proves.

    `written` is what was sent before it, `steps` the requests before it.
    """

    written: Draft
    case: Case
    answer: Answer
    found: Observation
    steps: RequestSequence = field(default_factory=RequestSequence)

    @property
    def broken(self) -> bool:
        """Whether it deviates."""
        return self.found.verdict is Verdict.BROKEN


@dataclass(frozen=True, slots=True, kw_only=True)
class _WriteTrial:
    """Writes, each time with a draft, and reads back by the `reader`."""

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

    async def telling(self) -> _Shown | None:
        """The first write that decides, or one that does not; None where none was accepted."""
        new, last = self.promise.aspect is StateAspect.READABLE, self.prober.last_good
        if new and last is not None and self._is_told_apart():
            # What the run has created just now costs no further success, and is there for sure.
            return await self._created(self._case(self.subject.control), *last)
        found: _Shown | None = None
        for draft in self._drafts():
            shown = await self.shown(draft)
            found = shown or found
            # The control too may differ from what was before, where new values were refused.
            if shown is not None and shown.found.verdict is not Verdict.INCONCLUSIVE:
                break
        return await self._turned_back(found)

    async def _turned_back(self, found: _Shown | None) -> _Shown | None:
        """The control once more, where a boolean that was kept may just have stayed as it was.

        It has two values only: what is never stored may show the one that was written second.
        """
        control = self.subject.control
        if found is None or found.broken or self.promise.aspect is not StateAspect.CHANGED:
            return found
        values = control.body.values() if isinstance(control.body, dict) else ()
        if found.written.body == control.body or not any(isinstance(one, bool) for one in values):
            return found
        back = await self.shown(control)
        return back if back is not None and back.broken else found

    def _is_told_apart(self) -> bool:
        """Whether what the last good request wrote is found by its id."""
        last, listing = self.prober.last_good, self.promise.listing
        return not listing or (last is not None and bool(self.item.sought(*last).id))

    async def write(self, shown: _Shown) -> None:
        """Write down what was shown, and whether it shows again."""
        # Another write, not another reading: what is lost intermittently is not steady.
        briefly = replace(self, reader=replace(self.reader, briefly=True))
        again = await briefly.shown(shown.written) if shown.broken else None
        repeats = again is None or again.found.code == shown.found.code
        self.prober.write(
            shown.case, shown.answer, [shown.found], lambda _: repeats, steps=shown.steps
        )
        own = collection_of(self.subject.operation.path)
        gone = self.promise.aspect is StateAspect.GONE
        if shown.broken and repeats and gone and own is not None:
            self.prober.session.things.disbelieve(own)

    async def dropping(self) -> _Shown | None:
        """The fullest body, where it loses values that the least one does not have."""
        sent = self.subject.control.body
        if not isinstance(sent, dict) or self.item.names.keys() <= sent.keys():
            return None
        for body in full_bodies(self.subject)[:1]:
            named = self.prober.session.things.referring(body)
            shown = await self.shown(self.subject.control.but(body=named))
            # What the fullest body says may end the item's life (`expires`): only values count.
            if shown is not None and shown.broken and shown.answer.success:
                return shown
        return None

    def _drafts(self) -> Iterator[Draft]:
        """What to write, the most telling first: a change must differ from what was there."""
        if self.promise.aspect is StateAspect.CHANGED:
            yield from other_values(self.subject)
        yield self.subject.control

    async def shown(self, draft: Draft) -> _Shown | None:
        """What became of one write; None where it was refused, or could not be afforded."""
        # Without an id only new values tell it, in a list, from what was there before.
        fresh = None if self._is_told_apart() else FreshValues.of(self.subject)
        case = self._case(draft if fresh is None else fresh.renewed(draft))
        if not self.prober.budget.affords(case):
            return None
        ways = {StateAspect.CHANGED: self.changed, StateAspect.GONE: self.gone}
        return await ways.get(self.promise.aspect, self.created)(case)

    def _case(self, draft: Draft) -> Case:
        label, local = "the good request, read back", self.promise.local
        return self.subject.case(local, ClauseKind.STATE, label, draft, expect=Expect.ACCEPTED)

    async def created(self, case: Case) -> _Shown | None:
        """A POST, and GET of what its answer names."""
        request = await self.prober.aimed(case)
        answer = await self.prober.deliver(case, request)
        return await self._created(case, request, answer) if answer.success else None

    async def _created(self, case: Case, request: Request, answer: Answer) -> _Shown:
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
        steps = steps if things.origin(named.thing) else steps.then(operation, request)
        shown = await self._read(case, read, self.item.judge(request, answer), steps)
        # A guess that leads to something holds; one that leads nowhere may be a wrong guess.
        if shown.found.verdict is Verdict.BROKEN and not named.sure:
            return self._untold(
                case, read, shown.answer, "its answer does not say which value is the id"
            )
        return shown

    async def _listed(
        self, case: Case, request: Request, answer: Answer, named: Named | None
    ) -> _Shown:
        """The list after a POST, and a DELETE of what it does not show."""
        operation, things = self.subject.operation, self.prober.session.things
        read = self.reader.beside(operation, request)
        steps = self._steps(read)
        origin = things.origin(named.thing) if named else None
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

    async def changed(self, case: Case) -> _Shown | None:
        """GET, PUT or PATCH, and GET again."""
        request = await self.prober.aimed(case)
        read = self.reader.beside(self.subject.operation, request)
        before = await self.reader.answer(read)
        answer = await self.prober.deliver(case, request)
        if not answer.success:
            return None
        if answer.status == 202:
            return self._untold(case, request, answer, "the change was accepted for later (202)")
        shown = await self._read(
            case, read, self.item.judge(request, answer, [before]), self._after(read, request)
        )
        return await self._unless_canned(shown, request, answer)

    async def gone(self, case: Case) -> _Shown | None:
        """Two GETs, DELETE, and GET again."""
        request = await self.prober.aimed(case)
        read = self.reader.beside(self.subject.operation, request)
        # Twice: what differs between them (a counter, a clock) says nothing after the DELETE.
        before = [await self.reader.answer(read), await self.reader.answer(read)]
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
        listed = shown.broken and self.promise.listing
        if listed and await is_gone(self.prober, self.subject.operation, request):
            why = "a second DELETE says that it is gone: the list may show what is deleted"
            return self._untold(case, read, shown.answer, why)
        return await self._unless_canned(shown, request, answer)

    async def _unless_canned(self, shown: _Shown, request: Request, answer: Answer) -> _Shown:
        """What was shown, unless the list shows the same at all times."""
        operation, reading = self.subject.operation, self.item.reading(request, answer)
        if not shown.broken or not self.promise.listing:
            return shown
        if await shows_new(self.prober, operation, self.reader, reading):
            return shown
        why = f"{self.reader.operation.id} does not show what was created since"
        return replace(shown, found=inconclusive(shown.found.clause, why))

    def _after(self, read: Request, request: Request) -> RequestSequence:
        """The requests that have made what is read, and the one that has written it."""
        operation, things = self.subject.operation, self.prober.session.things
        made = things.sequence(operation, request) if self.promise.listing else self._steps(read)
        return replace(made, operation=self.reader.operation).then(operation, request)

    def _steps(self, read: Request) -> RequestSequence:
        """The requests that have made what is read."""
        return self.prober.session.things.sequence(self.reader.operation, read)

    async def _read(
        self,
        case: Case,
        read: Request,
        judge: Callable[[Answer], Observation],
        steps: RequestSequence,
    ) -> _Shown:
        """What a reading shows, unless the same is shown for an id that nobody has."""
        answer, found = await self.reader.settled(read, judge)
        # That something is there proves nothing either where everything is.
        new = self.promise.aspect is StateAspect.READABLE and found.verdict is Verdict.HELD
        if self.promise.listing:
            return replace(self._shown(case, read, answer, found), steps=steps)
        if (found.verdict is Verdict.BROKEN or new) and await self.reader.answers_anything(read):
            return self._untold(
                case, read, answer, "GET is also answered for an id that nobody has"
            )
        return replace(self._shown(case, read, answer, found), steps=steps)

    def _untold(self, case: Case, request: Request, answer: Answer, why: str) -> _Shown:
        found = inconclusive(self.subject.id(self.promise.local), why)
        return self._shown(case, request, answer, found)

    def _shown(self, case: Case, request: Request, answer: Answer, found: Observation) -> _Shown:
        assert case.draft is not None
        read = replace(
            case,
            request=request,
            draft=None,
            expect=Expect.ANYTHING,
            label=f"GET after the {self.subject.operation.method}",
        )
        return _Shown(written=case.draft, case=read, answer=answer, found=found)
