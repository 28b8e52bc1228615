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
from conformance.clauses.clause import Verdict
from conformance.clauses.derive import IF_MATCH, IF_NONE_MATCH
from conformance.clauses.kinds import ClauseKind
from conformance.clauses.state_promises import state_promise
from conformance.http.exchange import Answer, Request
from conformance.http.methods import CHANGING
from conformance.http.request_drafts import Draft
from conformance.judgement import Observation
from conformance.judgement.conditional_changes import Precondition
from conformance.judgement.observation import inconclusive
from conformance.judgement.validators import Validators
from conformance.run.exchanges.conditional import NEVER
from conformance.run.sending.prober import Prober
from conformance.run.state.other_values import other_values
from conformance.run.state.reading_back import BackReader, back_reader
from conformance.run.things.request_sequences import RequestSequence, SequenceStep

__all__ = ["preconditions"]

_CHANGES = 3
"""So many changes with the current tag are tried until one changes the tag."""


async def preconditions(prober: Prober, subject: Subject) -> None:
    """Try the conditions that an operation which changes something may have."""
    if subject.operation.method not in CHANGING:
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
            again = judge(await self.prober.send(case))
            # A DELETE is about another thing each time, which may be refused for what it is.
            repeats = again.code == found.code or again.verdict is Verdict.INCONCLUSIVE
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
    drafts = [draft]
    if trial.subject.operation.method != "DELETE":
        others = (*islice(other_values(trial.subject), 1, None), trial.subject.control)
        drafts += [one for one in others if one.body != draft.body]
    # What the thing is already changes no tag: then it is another value that will.
    for one in drafts[: _CHANGES if reader is not None else 0]:
        assert reader is not None, "what is changed is read"
        if not await _with_own_tag(trial, one, reader):
            break


async def _with_own_tag(trial: _Conditions, draft: Draft, reader: BackReader) -> bool:
    """The current tag lets a change through; afterwards it is stale, and does so no more.

    True where the change was accepted and has changed nothing, so that no tag is stale.
    """
    request = await trial.prober.aimed(trial.case(draft, ""))
    read = reader.beside(trial.subject.operation, request)
    before = await reader.answer(read)
    tag = Validators.of(before).tag
    # A weak tag never matches here (section 13.1.1 asks for the strong comparison).
    if before.status != 200 or not tag or tag.startswith("W/"):
        return False
    first = await _about(trial, draft.header("If-Match", tag), "the current tag", request)
    if not trial.prober.budget.affords(first):
        return False
    answer = await trial.prober.deliver(first, first.request)
    after = await reader.answer(read) if trial.subject.operation.method != "DELETE" else Answer()
    found = trial.judge.of_current(answer, before, after)
    steps = trial.prober.session.things.origins.sequence(trial.subject.operation, first.request)
    steps = steps.and_then(SequenceStep(operation=reader.operation, request=read, tag=tag))
    trial.prober.write(first, answer, [found], lambda _: True, steps=steps)
    if not answer.success or after.status != 200 or found.code:
        return False
    if Validators.of(after).tag in ("", tag):
        return bool(Validators.of(after).tag)
    await _with_stale_tag(trial, first, tag, steps.then(trial.subject.operation, first.request))
    return False


async def _with_stale_tag(
    trial: _Conditions, first: Case, tag: str, steps: RequestSequence
) -> None:
    """Another change of the thing, with the tag that it had before the `first` one."""
    other = await _another(trial, first, tag)
    if other is not None and trial.prober.budget.affords(other):
        stale = await trial.prober.deliver(other, other.request)
        observed = trial.judge.of_stale(stale)
        trial.prober.write(other, stale, [observed], lambda _: True, steps=steps)


async def _another(trial: _Conditions, first: Case, tag: str) -> Case | None:
    """A change with the tag of before the `first` one; None where none would change anything.

    What is there already may be answered with success (section 13.1.1): it must be another one.
    """
    for draft in (*other_values(trial.subject), trial.subject.control):
        label = "the tag of before a change"
        case = await _about(trial, draft.header("If-Match", tag), label, first.request)
        if case.request.body != first.request.body:
            return case
    if trial.declared:
        why = "no second change was found that differs from the first one"
        trial.prober.ledger.note(inconclusive(first.clause, why))
    return None


async def _about(trial: _Conditions, draft: Draft, label: str, about: Request) -> Case:
    """A change, with a tag, of the very thing that a request is about."""
    case = trial.case(draft, f"If-Match with {label}")
    # A DELETE would be given another thing each time.
    removes = case.request.method == "DELETE"
    made = case.request if removes else await trial.prober.aimed(case)
    return replace(case, request=replace(made, target=about.target))


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
