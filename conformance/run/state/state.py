"""What was written is read back: created, changed, and gone.

Shown only with `--allow-writes`, right after the good request was accepted. A deployment may need a
moment until a write shows, or not look at ids at all: neither is accused.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from conformance.cases.case import Case, Expect
from conformance.cases.operation_under_test import Subject
from conformance.cases.presence import full_bodies
from conformance.clauses.bulk_removals import own_collection
from conformance.clauses.clause import Verdict
from conformance.clauses.kinds import ClauseKind
from conformance.clauses.state_promises import StateAspect, StatePromise, state_promise
from conformance.http.request_drafts import Draft
from conformance.judgement.observation import inconclusive
from conformance.run.sending.prober import Prober
from conformance.run.state.other_values import other_values
from conformance.run.state.reading_back import back_reader
from conformance.run.state.ways_back import Shown, WayBack
from conformance.run.things.fresh_values import FreshValues
from conformance.run.things.item_placement import referring

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
    way = WayBack(prober=prober, subject=subject, promise=promise, reader=reader)
    trial = _WriteTrial(way=way)
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
class _WriteTrial:
    """Chooses what is written, and concludes from what reading it back shows."""

    way: WayBack

    @property
    def prober(self) -> Prober:
        """What sends requests, and writes down what they show."""
        return self.way.prober

    @property
    def subject(self) -> Subject:
        """The operation that writes."""
        return self.way.subject

    @property
    def promise(self) -> StatePromise:
        """What is to be seen after its write."""
        return self.way.promise

    async def telling(self) -> Shown | None:
        """The first write that decides, or one that does not; None where none was accepted."""
        new, last = self.promise.aspect is StateAspect.READABLE, self.prober.last_good
        if new and last is not None and self._is_told_apart():
            # What the run has created just now costs no further success, and is there for sure.
            return await self.way.of_created(self._case(self.subject.control), *last)
        found: Shown | None = None
        for draft in self._drafts():
            shown = await self.shown(draft)
            found = shown or found
            # The control too may differ from what was before, where new values were refused.
            if shown is not None and shown.found.verdict is not Verdict.INCONCLUSIVE:
                break
        return await self._turned_back(found)

    async def _turned_back(self, found: Shown | None) -> Shown | None:
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
        return not listing or (last is not None and bool(self.way.item.sought(*last).id))

    async def write(self, shown: Shown) -> None:
        """Write down what was shown, and whether it shows again."""
        # Another write, not another reading: what is lost intermittently is not steady.
        reader = replace(self.way.reader, briefly=True)
        briefly = replace(self, way=replace(self.way, reader=reader))
        again = await briefly.shown(shown.written) if shown.broken else None
        repeats = again is None or again.found.code == shown.found.code
        self.prober.write(
            shown.case, shown.answer, [shown.found], lambda _: repeats, steps=shown.steps
        )
        own = own_collection(self.subject.contract, self.subject.operation)
        gone = self.promise.aspect is StateAspect.GONE
        stays = shown.broken and not (shown.fails or shown.listed)
        if stays and repeats and gone and own is not None:
            self.prober.session.things.disbelieve(own)

    async def dropping(self) -> Shown | None:
        """The fullest body, where it loses values that the least one does not have."""
        several = isinstance(self.subject.control.body, list)
        for draft in self._fuller():
            shown = await self.shown(draft)
            # What the fullest body says may end the item's life (`expires`): only values count, and
            # the items of a longer list.
            if shown is not None and shown.broken and (shown.answer.success or several):
                return shown
            # One that was stored with other values shows all that the fullest itself would.
            if shown is not None and self.promise.aspect is StateAspect.READABLE:
                return None
        return None

    def _fuller(self) -> Iterator[Draft]:
        """The fullest body, also with other values, for what has a default.

        Nothing where the good request has them all.
        """
        control, names = self.subject.control, self.way.item.names
        new = self.promise.aspect is StateAspect.READABLE
        if new and isinstance(control.body, list) and len(control.body) == 1:
            # Several at once: a deployment may store the first alone.
            yield from islice(other_values(self.subject), 1)
        if not isinstance(control.body, dict):
            return
        whole = names.keys() <= control.body.keys()
        for body in full_bodies(self.subject)[:1]:
            named = referring(self.prober.session.things, self.subject.operation, body)
            draft = control.but(body=named)
            others = islice(other_values(self.subject.but(control=draft)), 1)
            if new and (not whole or self._is_default(named)):
                yield from others
            if not whole:
                yield draft
                yield from () if new else others

    def _is_default(self, body: dict[str, Any]) -> bool:
        """Whether a value that is sent may also be there because it is the default."""
        nodes, missing = self.way.item.names, object()
        return any(
            nodes[name].keywords.get("default", missing) == value
            for name, value in body.items()
            if name in nodes
        )

    def _drafts(self) -> Iterator[Draft]:
        """What to write, the most telling first: a change must differ from what was there."""
        if self.promise.aspect is StateAspect.CHANGED:
            yield from other_values(self.subject)
        yield self.subject.control

    async def shown(self, draft: Draft) -> Shown | None:
        """What became of one write; None where it was refused, or could not be afforded."""
        # Without an id only new values tell it, in a list, from what was there before.
        fresh = None if self._is_told_apart() else FreshValues.of(self.subject)
        case = self._case(draft if fresh is None else fresh.renewed(draft))
        if not self.prober.budget.affords(case):
            return None
        return await self.way.shown(case)

    def _case(self, draft: Draft) -> Case:
        label, local = "the good request, read back", self.promise.local
        return self.subject.case(local, ClauseKind.STATE, label, draft, expect=Expect.ACCEPTED)
