"""The requests that a deployment may accept: the good one first, others by how it was refused."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum

from conformance.cases.case import Case
from conformance.cases.later_times import with_later_times
from conformance.cases.operation_under_test import Subject
from conformance.cases.presence import least
from conformance.clauses.undeletions import may_undelete
from conformance.http.exchange import Answer
from conformance.http.request_drafts import Draft
from conformance.run.exchanges.unrepeatable import REPEATED
from conformance.run.things.fresh_values import FreshValues
from conformance.run.things.item_placement import is_about_own
from conformance.run.turns.nearer_requests import Nearer
from conformance.run.turns.turn import OperationTurn

__all__ = ["Candidates", "Excuse", "SearchWay"]


class Excuse(StrEnum):
    """Why the values of a refused candidate may be to blame, since another one is accepted."""

    LISTED = "the example names what the deployment does not know; what it has shown is accepted"
    TAKEN = "the example may have the name of what is there already; with new values it is accepted"
    SHRUNK = "without its optional parts it is accepted; each of them is tried by itself"
    DELETED = "what it is about had not been deleted; of what was, it is accepted"
    PAST = "its times may be over; with later ones it is accepted"
    FAULTY = "the example breaks a `format`; with a value that keeps it, it is accepted"


class SearchWay(StrEnum):
    """How further candidates are found, each once."""

    LATER = "with later times"
    RENEWED = "with new values"
    GROWN = "with optional parameters"
    SHRUNK = "without what is optional in the body"
    DELETED = "about what was deleted"


class Candidates:
    """The candidates that are left, and what those before them were answered.

    `excuse` is why the values of the refused ones may be to blame, should the last one be accepted.
    """

    def __init__(self, turn: OperationTurn) -> None:
        self.turn, self.refusals = turn, list[tuple[Case, Answer]]()
        self.drafts = turn.good.drafts()
        self.others = turn.good.otherwise(self.drafts[0])
        self.excuse: Excuse | None = None
        self.ways = set[SearchWay]()
        self._nearer: Nearer | None = None
        self._new, self._least, self._later = list[Draft](), list[Draft](), list[Draft]()

    def __bool__(self) -> bool:
        return bool(self.drafts or self.others or self._least)

    @property
    def says_errors(self) -> bool:
        """Whether it was answered by a success that says in its body that it is an error."""
        return any(answer.refuses for _, answer in self.refusals)

    def next(self) -> Draft:
        """The next one. The example of the contract is asked for first, and listed values after."""
        if not (self.drafts or self.others):
            self.excuse = Excuse.SHRUNK
            return self._least.pop(0)
        listed = not self.drafts or (bool(self.refusals) and bool(self.others))
        draft = self.others.pop(0) if listed else self.drafts.pop(0)
        self.excuse = Excuse.LISTED if listed else Excuse.TAKEN if draft in self._new else None
        self.excuse = Excuse.PAST if draft in self._later else self.excuse
        if SearchWay.DELETED in self.ways:
            self.excuse = Excuse.DELETED
        return draft

    def refused(self, trial: Subject, case: Case, answer: Answer, *, ended: bool) -> None:
        """Find further candidates by how one was refused, or leave some out.

        A credential that has `ended` says nothing of the request.
        """
        self.refusals += [] if ended else [(case, answer)]
        secured = answer.status == 401 and bool(trial.control.credential.schemes)
        if answer.status in (0, 405) or secured or not answer.whole:
            # Another body changes nothing about a credential, a method or a dead server.
            self.drafts, self.others = self._with_another_credential(trial) if ended else [], []
            self._least = []
            return
        there = is_about_own(self.turn.prober.session.things, trial.operation)
        invalid = answer.status in (400, 422) or answer.refuses
        if invalid and self._once(SearchWay.LATER):
            self._later = with_later_times(trial)
            self.drafts[:0] = self._later
        self._renew(trial, answer, invalid=invalid)
        if invalid and not self and self._once(SearchWay.GROWN):
            self.drafts += self.turn.good.with_more(trial.control)
        self._shrink(trial, answer, invalid=invalid, there=there)
        if (invalid or (answer.status == 404 and there)) and not self:
            self._nearer = self._nearer or Nearer(self._refused_drafts())
            self.drafts += self._nearer.after(trial, answer)
        if there and answer.status in REPEATED and not self:
            self._delete_first(trial)
        if answer.status == 406:
            self.drafts[:0] = _otherwise_accepting(self.turn, trial.control)
        if answer.status in (403, 404) and not there:
            self.drafts = []  # the path leads nowhere; a listed value may still be what is missing

    def _renew(self, trial: Subject, answer: Answer, *, invalid: bool) -> None:
        """What an earlier run, or somebody else, has made has the name of the example."""
        if (answer.status == 409 or (invalid and not self)) and self._once(SearchWay.RENEWED):
            self._new = _with_new_values(trial)
            self.drafts[:0] = self._new

    def _shrink(self, trial: Subject, answer: Answer, *, invalid: bool, there: bool) -> None:
        """What a body asks for may not be there, may exclude something else in it, or may crash."""
        named = "{" not in trial.operation.path or there
        of_body = invalid or answer.status in (409, 500) or (answer.status in (403, 404) and named)
        if of_body and trial.operation.request_body is not None and self._once(SearchWay.SHRUNK):
            self._least += _least(trial)

    def _delete_first(self, trial: Subject) -> None:
        """An operation that brings back what was deleted needs one that is."""
        if may_undelete(trial.operation) and self._once(SearchWay.DELETED):
            self.turn.prober.session.things.used.undeleting.add(trial.operation.id)
            self.drafts.append(trial.control)

    def _once(self, way: SearchWay) -> bool:
        """Whether it is the first time that candidates are looked for in this way."""
        is_new = way not in self.ways
        self.ways.add(way)
        return is_new

    def _refused_drafts(self) -> Iterator[tuple[Draft, Answer]]:
        return ((case.draft, answer) for case, answer in self.refusals if case.draft is not None)

    def _with_another_credential(self, trial: Subject) -> list[Draft]:
        """The request with what else was given for it."""
        left = self.turn.prober.session.credentials
        given = left.alternatives(trial.contract, trial.operation)
        return [trial.control.but(credential=one) for one in given if one.schemes][:1]


def _least(trial: Subject) -> list[Draft]:
    """The good request with nothing optional in its body, and with new values besides."""
    draft = least(trial)
    return [] if draft is None else [draft, *_with_new_values(trial.but(control=draft))]


def _with_new_values(trial: Subject) -> list[Draft]:
    """The good request of a writer with new texts, one of which may be a name that is taken."""
    ways = () if trial.operation.safe else FreshValues.ways(trial)
    return [fresh.renewed(trial.control) for fresh in ways]


def _otherwise_accepting(turn: OperationTurn, draft: Draft) -> list[Draft]:
    """The draft that asks for a documented media type by its name, and one that asks for none.

    Only where it asked for any: what it asks for by name is not asked for again.
    """
    named = any(name.lower() == "accept" for name, _ in draft.headers)
    good = [one for one in turn.operation.responses if one.status[:1] in ("2", "d")]
    offers = [media_type.name for one in good for media_type in one.content]
    if named or not offers:
        return []
    return [draft.header("Accept", offers[0]), draft.without("Accept")]
