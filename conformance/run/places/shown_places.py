"""Evidence as a report shows it: places without secrets, each with its smallest request."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from conformance.cases.case import Case
from conformance.clauses.clause import Clause
from conformance.clauses.credential_aspects import OF_OTHERS
from conformance.clauses.ids import local_part
from conformance.http.redaction import Redactor
from conformance.http.reported import ReportedStep
from conformance.report.codes.finding_code import FindingCode
from conformance.report.finding_places import Likeness, Trial
from conformance.report.findings import Finding, FindingPlace, Level
from conformance.report.fingerprint import fingerprint
from conformance.run.places.evidence import Evidence, Ledger
from conformance.run.places.evidence_places import EvidencePlace, places_of
from conformance.run.places.grouping import findings_of
from conformance.run.places.promised_scopes import Promises
from conformance.run.places.scopes import CREDENTIALS, scope_of
from conformance.run.places.shell_sequences import in_shell
from conformance.run.things.request_sequences import SequenceStep

__all__ = ["findings", "shown_alone", "shown_places"]


def findings(ledger: Ledger, clauses: Iterable[Clause], redactor: Redactor) -> tuple[Finding, ...]:
    """What the evidence of a run amounts to, the most severe first; `clauses` have verdicts."""
    promises = Promises(clauses, ledger.operations)
    return findings_of(shown_places(ledger, redactor), promises)


def shown_places(ledger: Ledger, redactor: Redactor) -> Iterator[tuple[FindingCode, FindingPlace]]:
    """The places of a ledger with their codes, in the order in which they were seen."""
    numbers = dict[int, int]()
    for place in places_of(ledger):
        requests = [id(one.case) for one in (place.smallest, *place.evidence)]
        own = tuple(numbers.setdefault(one, len(numbers)) for one in dict.fromkeys(requests))
        code = FindingCode(place.smallest.observation.code)
        yield code, _shown(place, own, ledger, redactor)


def shown_alone(evidence: Evidence, ledger: Ledger, redactor: Redactor) -> FindingPlace:
    """The place of a deviation that the ledger does not count yet."""
    own = Ledger([ledger.clauses[evidence.observation.clause]])
    own.accuse(evidence)
    ((_, place),) = shown_places(own, redactor)
    return place


def _shown(
    place: EvidencePlace, requests: tuple[int, ...], ledger: Ledger, redactor: Redactor
) -> FindingPlace:
    best, clause = place.smallest, place.clause
    observation = best.observation
    # A milder observation of the same place does not weaken the more severe one.
    levels = [one.observation.level for one in place.evidence if one.repeatable == best.repeatable]
    level = max(levels, key=lambda one: one.rank)
    return FindingPlace(
        fingerprint=fingerprint(observation.code, clause.operation, clause.id),
        operation=clause.operation,
        clause=clause.id,
        # What did not show again, or may be another edge, is no error.
        level=level if best.repeatable and not best.batched else _milder(level),
        pointer=observation.pointer or clause.pointer,
        label=redactor.text(best.case.label) if _depends_on_request(place, ledger) else "",
        expected=redactor.said(observation.expected),
        got=redactor.said(observation.got),
        request=redactor.repeatable(best.case.request),
        response=redactor.response(best.answer),
        curl=in_shell(best.steps, best.case.request, _named(best.case, redactor)),
        place=clause.place,
        intermittent=not best.repeatable,
        batch=tuple(unit.clause for unit in best.case.units) if best.batched else (),
        occurrences=len(place.evidence),
        trial=_trial(best.case, alone=best.complete),
        steps=tuple(_step(one, redactor) for one in best.steps.steps),
        times=best.steps.times,
        beside=tuple(redactor.repeatable(one) for one in best.steps.beside),
        kept=best.steps.kept,
        likeness=_likeness(place, requests, redactor),
    )


def _likeness(place: EvidencePlace, requests: tuple[int, ...], redactor: Redactor) -> Likeness:
    best, own = place.smallest, place.clause.id
    observation, answer, case = best.observation, best.answer, best.case
    called = {unit.called for unit in case.units if unit.clause == own}
    labels = dict.fromkeys(one.case.label for one in place.evidence)
    of_credentials = scope_of(place.clause)[:1] == (CREDENTIALS,)
    # Which statuses are documented differs; that it is one of them, every operation promises.
    by_case = place.tested or observation.code == FindingCode.UNDOCUMENTED_STATUS
    return Likeness(
        # Of a test the expectation; of what was broken beside it, what it should have been.
        asked=case.expect.name if by_case else redactor.said(observation.expected),
        schema=observation.pointer,
        accepted=answer.success,
        trouble=answer.trouble.value if answer.trouble else "",
        tested=place.tested,
        requests=requests,
        forms=tuple(map(redactor.text, labels)) if of_credentials else (),
        size=min((unit.size for unit in case.units), default=None),
        omitting=tuple(sorted({unit.omitting for unit in case.units if unit.clause == own})),
        called=tuple(sorted({case.called} if case.called else called)),
        apart=case.apart,
    )


def _depends_on_request(place: EvidencePlace, ledger: Ledger) -> bool:
    """Whether it matters what was sent: not where each answer of the operation shows the place."""
    held = (ledger.seen_held(place.clause.id, refusal=refusal) for refusal in (False, True))
    return place.tested or any(held)


def _named(case: Case, redactor: Redactor) -> Redactor:
    """The redactor that names the credential of the case as its sender knows it."""
    of_others = local_part(case.clause) == f"{CREDENTIALS}.{OF_OTHERS}"
    return redactor.with_other_credential() if of_others else redactor


def _step(step: SequenceStep, redactor: Redactor) -> ReportedStep:
    made = step.made
    return ReportedStep(
        operation=step.operation.id,
        request=redactor.repeatable(step.request),
        collection=made.collection if made else "",
        ids=tuple(redactor.text(one) for one in made.ids) if made else (),
        refused=step.refused,
    )


def _trial(case: Case, *, alone: bool) -> Trial:
    return Trial(
        expect=case.expect.name,
        strength=case.strength.name,
        family=case.family,
        code=case.code,
        clauses=case.clauses,
        also=tuple(sorted(case.also)),
        alone=alone,
        level="" if case.level is None else case.level.value,
        open_statuses=tuple(sorted(case.open_statuses)),
        layer=case.layer.name,
        may_close=case.may_close,
        authorized=case.authorized,
        inert=case.inert,
        beside=case.beside,
    )


def _milder(level: Level) -> Level:
    return Level.WARNING if level is Level.ERROR else level
