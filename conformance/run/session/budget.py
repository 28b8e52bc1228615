"""What may still be sent to one operation: successes of unsafe methods may cost money."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from conformance.cases.case import Case, Expect, Unit
from conformance.cases.edge_values import Strength
from conformance.http.methods import is_safe
from conformance.run.places.evidence import Ledger
from conformance.run.session.session import Session
from spec.model.contract_model import Operation

__all__ = ["Budget"]

SURPRISES = 2
"""Successes beyond the shares, in all, of faults that are refused as far as was seen."""


class Budget:
    """The budget of one operation (`--max-billable`), in 2xx of unsafe methods.

    `writing` says that nothing at all may be accepted, for want of leave. `halted` says why
    nothing more is sent: a write was accepted that had to be refused, the credential has ended, or
    requests get no answer; "" as long as it goes on. `surprises` are the successes beyond a share,
    and `most` are those that it may have in all.
    """

    def __init__(self, operation: Operation, session: Session) -> None:
        self.operation, self.session = operation.id, session
        self.writing = session.options.lacks_leave(operation)
        self.halted, self.surprises = "", 0
        self.most = session.options.most_successes(operation)
        self._ceiling = self.most
        self._skipped, self._unrefused = set[str](), dict[str, str]()
        self._unsent, self._reached = dict[Unit, None](), set[Unit]()

    @property
    def spent(self) -> int:
        """The 2xx of unsafe methods so far."""
        return self.session.billable[self.operation]

    @property
    def left(self) -> int:
        """How many more successes may be caused now, by the budget or by a share of it."""
        return max(0, self._ceiling - self.spent)

    @property
    def left_for_refused(self) -> int:
        """How many requests may be sent that will be refused, as far as was seen.

        A share need not end what is free: the budget as a whole does, and a few surprises.
        """
        return min(self.most - self.spent, self.left + SURPRISES - self.surprises)

    @property
    def lasts(self) -> bool:
        """Whether a success is left in the budget as a whole, whatever the share."""
        return not self.halted and not self.is_none and self.spent < self.most

    @property
    def is_none(self) -> bool:
        """Whether no success is wanted at all: only what must be refused is sent, one by one."""
        return self.writing or self.session.options.max_billable == 0

    @contextmanager
    def within(self, share: int, *, reserving: int = 0, least: int = 0) -> Iterator[None]:
        """Cause at most so many successes more, and leave `reserving` of the budget for later.

        The `least` of the share is given in any case: one that may bring no success sends nothing.
        """
        before = self._ceiling
        kept = max(0, before - reserving, self.spent + least)
        self._ceiling = min(before, self.spent + share, kept)
        try:
            yield
        finally:
            self._ceiling = before

    @contextmanager
    def counting_surprises(self) -> Iterator[None]:
        """Count the successes of what is sent meanwhile that are beyond the present share."""
        before, left = self.spent, self.left
        yield
        self.surprises += max(0, self.spent - before - left)

    def affords(self, case: Case, *, refused: bool = False) -> bool:
        """Whether the case may be sent now: a success that it may bring must be within budget.

        `refused` says that it will bring none, as far as was seen.
        """
        if self.halted:
            return False
        # GET and its like cost nothing, whatever comes of them.
        if is_safe(case.request.method):
            return True
        # What must be refused is free where all is well, and the only thing sent where nothing may
        # be.
        if self.is_none:
            return case.must_be_refused or case.expect is Expect.NO_METHOD
        return (self.left_for_refused if refused else self.left) > 0

    def skip(self, case: Case) -> None:
        """Remember that the budget did not reach to a case: its clauses say so."""
        self.skip_clauses(case.clauses)
        if case.must_be_refused:
            for clause in case.clauses:
                self._unrefused.setdefault(clause, case.label)
        self.skip_units(case.units)

    def skip_clauses(self, clauses: Iterable[str]) -> None:
        """Remember that the budget did not reach to these clauses."""
        self._skipped.update(clauses)

    def skip_units(self, units: Iterable[Unit]) -> None:
        """Remember that the budget did not reach to these good values, if it never does.

        What no keyword names is no promise of the clause that it speaks for.
        """
        self._unsent.update((unit, None) for unit in units if unit.strength is Strength.NAMED)

    def reach(self, units: Iterable[Unit]) -> None:
        """Remember that these good values were seen accepted, or refused by themselves."""
        self._reached.update(units)

    def unreached(self, units: Iterable[Unit]) -> list[Unit]:
        """Those of the good values that were seen neither accepted nor refused by themselves."""
        return [unit for unit in units if unit not in self._reached]

    def excuse(self, ledger: Ledger) -> None:
        """Say of the clauses that were not reached why, and how to see them."""
        budget = f"budget: --max-billable {self.session.options.max_billable} was used up; raise it"
        if self.most < self.session.options.max_billable:
            budget = (
                f"budget: it reaches people or replaces a credential, so at most {self.most} of "
                f"its requests are to succeed; --harmless '{self.operation}' lifts this"
            )
        # What ended everything is the reason then, and not the budget.
        why = self.halted or budget
        if self.halted or self._skipped or self._unsent.keys() - self._reached:
            ledger.fall_short(self.operation, why)
        ledger.excuse_clauses(self._skipped, why)
        for clause, label in self._unrefused.items():
            ledger.leave_open(clause, label, why)
        for unit in self._unsent:
            if unit not in self._reached:
                ledger.leave_unsent(unit.clause, unit.label, why)
