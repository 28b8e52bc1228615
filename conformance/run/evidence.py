"""The ledger: what was observed of each clause, and the verdicts that follow from it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace

from conformance.clauses.clause import Clause, Verdict
from conformance.http.exchange import Answer, Request
from conformance.judgement import Observation

__all__ = ["Evidence", "Ledger"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """A deviation with the exchange that shows it.

    `tested` is the clause for which the request was made, which need not be the broken one.
    `units` are the clauses of all the edges that travelled with it. `repeatable` is False where a
    replay did not show it.
    """

    observation: Observation
    operation: str
    tested: str
    family: str
    label: str
    request: Request
    answer: Answer
    units: tuple[str, ...] = ()
    repeatable: bool = True

    @property
    def batched(self) -> bool:
        """Whether it is not known which of several edges it is."""
        return len(self.units) > 1


class Ledger:
    """Collects observations; `deviations` are in the order in which they were seen."""

    def __init__(self, clauses: Iterable[Clause]) -> None:
        self.clauses = {clause.id: clause for clause in clauses}
        self.deviations = list[Evidence]()
        self.succeeded = set[str]()
        self._held, self._broken = Counter[str](), Counter[str]()
        self._inconclusive = defaultdict[str, list[str]](list)
        self._excuses = dict[str, str]()

    def note(self, observation: Observation) -> None:
        """Count what is no deviation."""
        if observation.verdict is Verdict.HELD:
            self._held[observation.clause] += 1
        elif observation.verdict is Verdict.INCONCLUSIVE:
            self._inconclusive[observation.clause].append(observation.got)

    def accuse(self, evidence: Evidence) -> None:
        """Count a deviation."""
        self._broken[evidence.observation.clause] += 1
        self.deviations.append(evidence)

    def excuse(self, operation: str, why: str, kinds: Iterable[str] = ()) -> None:
        """Say why an operation's clauses, or those of some kinds, were not seen."""
        wanted = set(kinds)
        for clause in self.clauses.values():
            if clause.operation == operation and (not wanted or clause.kind in wanted):
                self._excuses.setdefault(clause.id, why)

    def judged(self) -> int:
        """How many clauses have been seen at all."""
        return len(self._held.keys() | self._broken.keys() | self._inconclusive.keys())

    def cases(self, clause: str) -> int:
        """How many observations speak of the clause."""
        return self._held[clause] + self._broken[clause] + len(self._inconclusive.get(clause, ()))

    def verdicts(self) -> tuple[Clause, ...]:
        """The clauses with their verdicts, in the order of the contract."""
        return tuple(self._judged(clause) for clause in self.clauses.values())

    def _judged(self, clause: Clause) -> Clause:
        name, why = clause.id, ""
        if self._broken[name]:
            verdict = Verdict.BROKEN
        elif self._held[name]:
            verdict = Verdict.HELD
        elif name in self._inconclusive:
            verdict, why = Verdict.INCONCLUSIVE, self._inconclusive[name][0]
        else:
            verdict, why = Verdict.UNOBSERVED, self._excuses.get(name, _unseen(clause))
        return replace(clause, verdict=verdict, cases=self.cases(name), why=why)


def _unseen(clause: Clause) -> str:
    if clause.id.endswith(" security.other-tag"):
        return "one token was given; give one for each tag: --token TAG=…"
    if clause.kind == "status" and clause.id.rpartition(".")[2].startswith("5"):
        return "no request of this run made the server fail"
    if clause.kind == "status":
        return "no request of this run was answered with it"
    if clause.kind == "response":
        return "no answer of this run had it"
    if clause.kind == "streams":
        return "no answer of this run was a stream"
    return "no request of this run could show it"
