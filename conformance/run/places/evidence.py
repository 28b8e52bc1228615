"""The ledger: what was observed of each clause, and the verdicts that follow from it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from conformance.cases.case import Case
from conformance.clauses.clause import Clause, KeptBy, Verdict
from conformance.clauses.credential_aspects import ASPECTS
from conformance.clauses.ids import clause_id, local_part
from conformance.clauses.kinds import OF_SEVERAL_REQUESTS, ClauseKind
from conformance.http.exchange import KEPT_BYTES, Answer
from conformance.judgement import Observation
from conformance.report.codes.finding_code import FindingCode
from conformance.run.places.scopes import answer_steps, scope_of
from conformance.run.things.request_sequences import RequestSequence

__all__ = ["Evidence", "Ledger"]


_UNSEEN = {
    **{f"security.{one.name}": one.unseen for one in ASPECTS if one.unseen},
    "answer.well-formed": "every JSON body of this run was in a response that is documented",
}
"""Why no response spoke of a clause, by its name in the operation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """A deviation with the exchange that shows it.

    `repeatable` is False where a replay did not show it; `steps` are the requests before it that
    it needs.
    """

    observation: Observation
    case: Case
    answer: Answer
    repeatable: bool = True
    steps: RequestSequence = field(default_factory=RequestSequence)

    @property
    def operation(self) -> str:
        """The operation that was asked."""
        return self.case.operation

    @property
    def batched(self) -> bool:
        """Whether it is not known which of several edges it is."""
        edges = {unit.clause for unit in self.case.units}
        return len(self.case.units) > 1 and self.observation.clause in edges

    @property
    def alone(self) -> bool:
        """Whether this one request shows it, without those before it."""
        # What HTTP says of a path or of a validator one request shows.
        several = local_part(self.observation.clause).partition(".")[0] in ("steady", "state")
        return self.case.family not in OF_SEVERAL_REQUESTS or not several

    @property
    def complete(self) -> bool:
        """Whether its requests show it, sent again in their order."""
        # What is read back of a write is judged by itself, and not by the last answer alone, unless
        # that is a failure.
        fails = self.observation.code == FindingCode.SERVER_ERROR
        told = self.case.family is not ClauseKind.STATE or fails
        return self.alone or (self.steps.tells and told)


class Ledger:
    """Collects observations; `deviations` are in the order in which they were seen.

    A `focused` one is asked for some clauses alone, and says nothing of others. `operations` are
    those of its clauses; that of a shard is given those of all shards.
    """

    def __init__(
        self,
        clauses: Iterable[Clause],
        *,
        focused: bool = False,
        operations: Iterable[str] = (),
    ) -> None:
        self.focused = focused
        self.clauses = {clause.id: clause for clause in clauses}
        own = (clause.operation for clause in self.clauses.values())
        self.operations = tuple(dict.fromkeys((*operations, *own)))
        # A contract of thousands of operations has each of them excused.
        self._promised = defaultdict[str, list[Clause]](list)
        for clause in self.clauses.values():
            self._promised[clause.operation].append(clause)
        self.deviations = list[Evidence]()
        self.succeeded = set[str]()
        self._held, self._broken = Counter[str](), Counter[str]()
        self._kept_by = defaultdict[str, set[KeptBy]](set)
        self._inconclusive = defaultdict[str, list[str]](list)
        self._excuses, self._open = dict[str, str](), dict[str, tuple[str, str]]()
        self._untold = dict[str, str]()
        self._short, self._failed = dict[str, str](), set[tuple[str, str]]()

    def note(self, observation: Observation, *, refusal: bool = False) -> None:
        """Count what is no deviation; `refusal` says that a refusal was asked for."""
        if observation.verdict is Verdict.HELD:
            self._held[observation.clause] += 1
            # An acceptance and a refusal hold a clause in two senses: a title needs to know which.
            self._kept_by[observation.clause].add(KeptBy.by(refusal=refusal))
        elif observation.verdict is Verdict.INCONCLUSIVE:
            self._inconclusive[observation.clause].append(observation.got)
            if observation.as_required:
                self._kept_by[observation.clause].add(KeptBy.UNPROVEN_REFUSAL)
            elif refusal:
                self._untold.setdefault(observation.clause, observation.got)

    def accuse(self, evidence: Evidence) -> None:
        """Count a deviation. One of several edges is not broken as long as it may be another."""
        clause = evidence.observation.clause
        if not self.focused and clause not in self.clauses:
            # Evidence is never lost: what was broken is a clause, if the contract lists it or not.
            self.clauses[clause] = _found(evidence)
            self._promised[self.clauses[clause].operation].append(self.clauses[clause])
        if evidence.batched:
            others = len(evidence.case.units) - 1
            self._inconclusive[clause].append(
                f"refused in one request with {others} other edges; one of them is the cause"
            )
        else:
            self._broken[clause] += 1
        refused = evidence.answer.refuses or 400 <= evidence.answer.status < 500
        if evidence.case.must_be_refused and refused:
            self._kept_by[clause].add(KeptBy.OTHER_REFUSAL)
        if evidence.answer.status >= 500:
            failed = evidence.operation, str(evidence.answer.status)
            self._failed |= {failed, (failed[0], "5XX")}
        self.deviations.append(_bounded(evidence))

    def withdraw(self, clause: str, code: str, why: str) -> None:
        """Take back what a clause was accused of: later requests show that it proves nothing."""
        kept = [
            one
            for one in self.deviations
            if (one.observation.clause, one.observation.code) != (clause, code)
        ]
        gone, self.deviations = len(self.deviations) - len(kept), kept
        self._broken[clause] = max(0, self._broken[clause] - gone)
        self._inconclusive[clause].insert(0, why)

    def of(self, operation: str) -> Sequence[Clause]:
        """The clauses of one operation."""
        return self._promised[operation]

    def unseen(self, operation: str, kind: ClauseKind) -> list[str]:
        """The clauses of an operation, of one kind, of which nothing speaks."""
        return [
            one.id
            for one in self._promised[operation]
            if one.kind is kind and not self.shown(one.id, refusal=False)
        ]

    def seen_held(self, clause: str, *, refusal: bool) -> bool:
        """Whether the clause held for a request that asked for the same: refusal, or acceptance."""
        return KeptBy.by(refusal=refusal) in self._kept_by.get(clause, ())

    def accused(self, clause: str, code: str) -> bool:
        """Whether the clause was broken in this way."""
        return any(
            (one.observation.clause, one.observation.code) == (clause, code)
            for one in self.deviations
        )

    def seen_checked(self, clause: str) -> bool:
        """Whether a fault of the clause was refused, with whichever status."""
        return any(one.is_refusal for one in self._kept_by.get(clause, ()))

    def shown(self, clause: str, *, refusal: bool) -> bool:
        """Whether anything speaks of the clause; of a fault an acceptance of good values does not.

        What was accepted at the edge of a range says nothing of what lies beyond it.
        """
        # What was tried and proves nothing was tried all the same.
        if self._broken[clause] or clause in self._inconclusive:
            return True
        return self.seen_held(clause, refusal=True) or (not refusal and bool(self._held[clause]))

    def doubted(self, clause: str) -> bool:
        """Whether anything speaks against the clause, or proves nothing of it."""
        return bool(self._broken[clause]) or clause in self._inconclusive

    def excuse(self, operation: str, why: str, kinds: Iterable[ClauseKind] = ()) -> None:
        """Say why an operation's clauses, or those of some kinds, were not seen."""
        wanted = set(kinds)
        for clause in self._promised[operation]:
            if not wanted or clause.kind in wanted:
                self._excuses.setdefault(clause.id, why)

    def fall_short(self, operation: str, why: str) -> None:
        """Say why not all was sent that might have had an answer which was never seen."""
        self._short.setdefault(operation, why)

    def excuse_clauses(self, clauses: Iterable[str], why: str) -> None:
        """Say why some clauses were not seen."""
        for clause in clauses:
            self._excuses.setdefault(clause, why)

    def leave_open(self, clause: str, value: str, why: str) -> None:
        """Say of a clause that a fault of it was not sent: refusals of others do not hold it."""
        self._leave(clause, value, f"a forbidden one was not sent; {why}")

    def leave_unsent(self, clause: str, value: str, why: str) -> None:
        """Say of a clause that a good value was not sent: refusals alone do not hold it."""
        self._leave(clause, value, f"an allowed one was not sent; {why}")

    def _leave(self, clause: str, value: str, why: str) -> None:
        refused = self.seen_held(clause, refusal=True)
        seen = "forbidden values were refused" if refused else "allowed values were accepted"
        self._open.setdefault(clause, (f"{seen}, but {why}", value))

    def judged(self) -> int:
        """How many clauses have been seen at all."""
        return len(self._held.keys() | self._broken.keys() | self._inconclusive.keys())

    def cases(self, clause: str) -> int:
        """How many observations speak of the clause."""
        return self._held[clause] + self._broken[clause] + len(self._inconclusive.get(clause, ()))

    def verdicts(self) -> tuple[Clause, ...]:
        """The clauses with their verdicts, by operation, in the order of the contract."""
        operations = dict.fromkeys((*self.operations, *self._promised))
        return tuple(self._judged(one) for name in operations for one in self._promised[name])

    def verdict(self, clause: str) -> Verdict:
        """What has been seen of a clause, as a whole."""
        # One deviation outweighs any number of answers that held.
        if self._broken[clause]:
            return Verdict.BROKEN
        if self._held[clause]:
            undecided = clause in self._open or self._is_untold(clause)
            return Verdict.INCONCLUSIVE if undecided else Verdict.HELD
        return Verdict.INCONCLUSIVE if clause in self._inconclusive else Verdict.UNOBSERVED

    def _is_untold(self, clause: str) -> bool:
        """Whether faults of it were sent, and none was judged: good values hold half of it."""
        return clause in self._untold and not self.seen_held(clause, refusal=True)

    def _judged(self, clause: Clause) -> Clause:
        name, why, unsent = clause.id, "", ""
        verdict = self.verdict(name)
        if verdict is Verdict.UNOBSERVED:
            why = clause.why or self._excuses.get(name) or self._unseen(clause)
        elif verdict is Verdict.INCONCLUSIVE and self._held[name]:
            told = f"allowed values were accepted, but a forbidden one: {self._untold.get(name)}"
            why, unsent = self._open.get(name, (told, ""))
        elif verdict is Verdict.INCONCLUSIVE:
            why = self._inconclusive[name][0]
        return replace(
            clause,
            verdict=verdict,
            cases=self.cases(name),
            why=why,
            unsent=unsent,
            kept_by=frozenset(self._kept_by.get(name, ())),
        )

    def _unseen(self, clause: Clause) -> str:
        """Why nothing speaks of a clause that nobody has excused."""
        if why := _UNSEEN.get(local_part(clause.id)):
            return why
        short = self._short.get(clause.operation, "")
        documented = answer_steps(scope_of(clause))[:1]
        status = documented[0].partition("(")[0] if documented else ""
        if clause.kind == ClauseKind.STATUS:
            status = clause.id.rpartition(".")[2]
        own = clause_id(clause.operation, f"status.{status}")
        if (clause.operation, status.upper()) in self._failed:
            return f"the server failed with {status}, which is a finding of its own"
        if status and (own == clause.id or not self._held[own]):
            return _without_status(status, short)
        if documented and short:
            return f"no response of this run had it, and not all was sent; {short}"
        if documented:
            return "no response of this run had it; --example can give a request that gets one"
        return (
            "no request of the kit shows it by itself; recorded traffic may (`conformance judge`)"
        )


def _without_status(status: str, short: str) -> str:
    if status.startswith("5"):
        return "no request of this run made the server fail"
    seen = f"no response of this run had the status {status}"
    return f"{seen}, and not all was sent; {short}" if short else seen


def _bounded(evidence: Evidence) -> Evidence:
    """The evidence with no more of the answer's body than a report shows of it."""
    answer = evidence.answer
    more = len(answer.body) - KEPT_BYTES
    if more <= 0:
        return evidence
    # Hundreds of large answers would fill the memory of a long run.
    kept = replace(answer, body=answer.body[:KEPT_BYTES], cut_off=more)
    return replace(evidence, answer=kept)


def _found(evidence: Evidence) -> Clause:
    observation, case = evidence.observation, evidence.case
    return Clause(
        id=observation.clause,
        operation=case.operation,
        kind=case.family,
        pointer=observation.pointer,
        promise=f"{observation.expected} to {case.label}",
    )
