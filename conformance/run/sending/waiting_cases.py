"""Cases that wait: for their share of the budget, or because their place is not checked."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from conformance.cases.batches import without
from conformance.cases.case import Case, Expect
from conformance.clauses.kinds import ClauseKind
from conformance.http.exchange import Answer
from conformance.http.methods import is_safe
from conformance.run.places.evidence import Ledger
from conformance.run.sending.suspicion import said_of_others
from conformance.run.session.open_places import OpenPlaces

__all__ = ["WaitingCases", "costs_by_mistake"]


class WaitingCases:
    """The cases of one operation that are still to be sent, and what their likes were answered.

    `places` says which of them will be accepted, or refused, as far as was seen. `idle_words` are
    those of refusals that name nothing of what was wrong.
    """

    def __init__(self, ledger: Ledger) -> None:
        self.places, self._ledger, self._cases = OpenPlaces(), ledger, list[Case]()
        self._tried, self._paid = set[tuple[str, str]](), set[str]()
        self.idle_words = set[str]()

    def add(self, cases: Iterable[Case]) -> None:
        """Have cases wait, after those that wait already."""
        self._cases += cases

    def put_off(self, cases: Iterable[Case]) -> None:
        """Have cases wait, before those that wait already."""
        self._cases[:0] = cases

    def note(self, case: Case, answer: Answer) -> None:
        """Remember how a case was answered."""
        self._tried.add((case.clause, case.fault))
        if answer.success and not is_safe(case.request.method):
            self._paid.add(case.clause)
        if costs_by_mistake(case) and answer.status:
            self.places.note(case, accepted=answer.success)
            if not answer.success:
                self.idle_words |= said_of_others(answer, case)

    def take_unseen(self, *, everything: bool) -> list[Case]:
        """Take one case for each clause that nothing has tried yet.

        That a clause was kept by what it allows does not show what becomes of what it forbids.
        What stands where nothing is looked at waits on, unless `everything` is taken.
        """
        first = dict[tuple[str, str], Case]()
        for case in self._cases:
            if not everything and self.places.is_unlooked(case):
                continue
            if not self._ledger.shown(case.clause, refusal=case.must_be_refused):
                # What had to be no failure, and was answered with something else, is paid once.
                if case.must_be_refused or case.clause not in self._paid:
                    first.setdefault((case.clause, ""), case)
            # That a text was refused says nothing of a null, or of a fraction for an integer.
            elif self._may_differ(case):
                first.setdefault((case.clause, case.fault), case)
        self._cases = without(self._cases, first.values())
        # What must be refused is worth a success more than what only must not fail.
        return sorted(first.values(), key=lambda one: not one.must_be_refused)

    def take_unshown(self) -> list[Case]:
        """Take the first fault of each clause of which none was tried yet.

        They are faults that may travel beside others. Where a clause has refused one, that is the
        first of another kind that is let in elsewhere.
        """
        first = dict[tuple[str, str], Case]()
        for case in self._cases:
            if not (case.must_be_refused and case.slot):
                continue
            if not self._ledger.shown(case.clause, refusal=True):
                first.setdefault((case.clause, ""), case)
            elif self._may_differ(case) and self.places.expects_success(case):
                first.setdefault((case.clause, case.fault), case)
        self._cases = without(self._cases, first.values())
        return list(first.values())

    def take_faults(self, family: ClauseKind | None) -> list[Case]:
        """Take what must be refused, of one family or of all."""
        return self._take(lambda case: case.must_be_refused and family in (None, case.family))

    def take_checked(self) -> list[Case]:
        """Take what will be refused, as far as was seen."""
        return self._take(self.places.is_checked)

    def take_all(self) -> list[Case]:
        """Take everything."""
        taken, self._cases = self._cases, []
        return taken

    def _take(self, wanted: Callable[[Case], bool]) -> list[Case]:
        taken, left = list[Case](), list[Case]()
        for case in self._cases:
            (taken if wanted(case) else left).append(case)
        self._cases = left
        return taken

    def _may_differ(self, case: Case) -> bool:
        """Whether it is another kind of fault than those that its clause was seen to refuse."""
        new = bool(case.fault) and (case.clause, case.fault) not in self._tried
        return new and not self._ledger.doubted(case.clause)


def costs_by_mistake(case: Case) -> bool:
    """Whether a success would be a deviation, and may cost."""
    unwanted = case.must_be_refused or case.expect is Expect.NO_METHOD
    return unwanted and not is_safe(case.request.method)
