"""Changes under a condition (RFC 9110 section 13): with a tag that is current, stale, or of nobody.

A stale tag says that somebody else has changed the thing meanwhile: a change that is made all the
same loses that update. Where the contract does not declare the condition, a strong ETag of the GET
is what asks for it, and what is found is a note.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import islice

from conformance.cases.case import Case
from conformance.cases.operation_under_test import Subject
from conformance.clauses.derive import IF_MATCH, IF_NONE_MATCH
from conformance.clauses.kinds import ClauseKind
from conformance.clauses.state_promises import state_promise
from conformance.http.exchange import Answer, Request
from conformance.http.request_drafts import Draft
from conformance.judgement import Observation
from conformance.judgement.conditional_changes import Precondition
from conformance.judgement.observation import inconclusive
from conformance.judgement.validators import Validators
from conformance.run.conditional import NEVER
from conformance.run.other_values import other_values
from conformance.run.prober import Prober
from conformance.run.reading_back import BackReader, back_reader

__all__ = ["preconditions"]


async def preconditions(prober: Prober, subject: Subject) -> None:
    """Try the conditions that an operation which changes something may have."""
    if subject.operation.method not in ("PUT", "PATCH", "DELETE"):
        return
    for local, tried in ((IF_MATCH, _if_match), (IF_NONE_MATCH, _if_none_match)):
        if not prober.focus.asks([subject.id(local)]):
            continue
        clause, draft = subject.id(local), _change(prober, subject)
        if isinstance(draft, str):
            prober.ledger.excuse_clauses([clause], draft)
        else:
            declared = clause in prober.ledger.clauses
            await tried(
                _Conditions(prober=prober, subject=subject, local=local, declared=declared), draft
            )


def _change(prober: Prober, subject: Subject) -> Draft | str:
    """A request that would change something, or why there is none.

    What is there already may be answered with success, whatever the tag (section 13.1.1).
    """
    if subject.operation.method == "DELETE":
        own = prober.session.things.is_own(subject.operation, subject.control.request())
        return subject.control if own else "the run has created nothing that it could delete"
    other = next(other_values(subject), None)
    return other or "no other value than that of the good request could be sent"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Conditions:
    """Sends changes with a condition; `declared` tells that the contract has its header."""

    prober: Prober
    subject: Subject
    local: str
    declared: bool

    @property
    def judge(self) -> Precondition:
        """What judges the answers."""
        return Precondition(clause=self.subject.id(self.local), declared=self.declared)

    def reader(self) -> BackReader | None:
        """The GET of what is changed, where there is one that can be sent."""
        promise = state_promise(self.subject.contract, self.subject.operation)
        if promise is None or promise.listing:
            return None  # the tag of a list is not that of an item
        reader = back_reader(self.prober, self.subject, promise)
        return reader if isinstance(reader, BackReader) else None

    async def changed(
        self, draft: Draft, value: str, label: str, judge: Callable[[Answer], Observation]
    ) -> Observation | None:
        """Send the change, and once more where it deviates; None where it is not affordable."""
        name = "If-None-Match" if self.local == IF_NONE_MATCH else "If-Match"
        case = self.case(draft.header(name, value), f"{name} with {label}")
        if not self.prober.budget.affords(case):
            self.prober.budget.skip(case)
            return None
        answer = await self.prober.send(case)
        found, repeats = judge(answer), True
        if found.code and self.prober.budget.affords(case):
            repeats = judge(await self.prober.send(case)).code == found.code
        self.prober.write(case, answer, [found], lambda _: repeats)
        return found

    def case(self, draft: Draft, label: str) -> Case:
        """The change as a case of the clause."""
        return self.subject.case(self.local, ClauseKind.STATE, label, draft)


async def _if_match(trial: _Conditions, draft: Draft) -> None:
    if trial.declared:
        # Nothing has it: free where it is heeded.
        found = await trial.changed(draft, NEVER, "a tag of nobody", trial.judge.of_stale)
        # Who heeds no tag at all heeds a stale one no more.
        if found is None or found.code:
            return
    reader = trial.reader()
    if reader is not None:
        await _with_own_tag(trial, draft, reader)


async def _with_own_tag(trial: _Conditions, draft: Draft, reader: BackReader) -> None:
    """The current tag lets a change through; afterwards it is stale, and does so no more."""
    request = await trial.prober.aimed(trial.case(draft, ""))
    read = reader.beside(trial.subject.operation, request)
    before = await reader.answer(read)
    tag = Validators.of(before).tag
    # A weak tag never matches here (section 13.1.1 asks for the strong comparison).
    if before.status != 200 or not tag or tag.startswith("W/"):
        return
    first = trial.case(draft.header("If-Match", tag), "If-Match with the current tag")
    if not trial.prober.budget.affords(first):
        return
    answer = await _sent(trial, first, request)
    after = await reader.answer(read) if trial.subject.operation.method != "DELETE" else Answer()
    found = trial.judge.of_current(answer, before, after)
    trial.prober.write(first, answer, [found], lambda _: True)
    same = Validators.of(after).tag in ("", tag)
    if not answer.success or after.status != 200 or same:
        return
    # Another one than before: what is there already may be answered with success.
    for other in islice(other_values(trial.subject), 1):
        case = trial.case(other.header("If-Match", tag), "If-Match with the tag of before a change")
        if trial.prober.budget.affords(case):
            stale = await _sent(trial, case, request)
            observed = trial.judge.of_stale(stale)
            trial.prober.write(case, stale, [observed], lambda _: True)


async def _sent(trial: _Conditions, case: Case, about: Request) -> Answer:
    """The answer to a change of the very thing whose tag it has."""
    # A DELETE would be given another thing each time.
    removes = case.request.method == "DELETE"
    made = case.request if removes else await trial.prober.aimed(case)
    return await trial.prober.deliver(case, replace(made, target=about.target))


async def _if_none_match(trial: _Conditions, draft: Draft) -> None:
    """`*` lets a PUT create, and overwrite nothing (section 13.1.2)."""
    if not trial.declared:
        return
    reader, clause = trial.reader(), trial.subject.id(IF_NONE_MATCH)
    request = await trial.prober.aimed(trial.case(draft, ""))
    there = (
        reader is not None
        and (await reader.answer(reader.beside(trial.subject.operation, request))).status == 200
    )
    if not there:
        why = "GET shows nothing at the path that could be overwritten"
        trial.prober.ledger.note(inconclusive(clause, why))
        return
    await trial.changed(draft, "*", "*, where something is", trial.judge.of_stale)
