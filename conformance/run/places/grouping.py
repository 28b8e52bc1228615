"""Deviations become places, and places that one sentence is true of are shown as one finding.

Grouping is for reading. It changes no verdict and loses no place: what is joined has the same code,
the same expectation and the same deviation, and nothing in the scope that the title names was seen
to hold.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from conformance.cases.case import Case
from conformance.clauses.credential_aspects import OF_OTHERS
from conformance.clauses.ids import local_part
from conformance.http.redaction import Redactor
from conformance.http.reported import ReportedStep
from conformance.report.codes.finding_code import FindingCode
from conformance.report.codes.registry import code
from conformance.report.finding_places import Trial
from conformance.report.findings import Finding, FindingPlace, Level
from conformance.report.fingerprint import fingerprint
from conformance.run.places.evidence import Ledger
from conformance.run.places.evidence_places import EvidencePlace, places_of
from conformance.run.places.groups import Group, grouped
from conformance.run.places.promised_scopes import Promises
from conformance.run.places.scopes import CREDENTIALS, answer_steps, named, scope_of
from conformance.run.places.shell_sequences import in_shell
from conformance.run.places.titles import Cause, title
from conformance.run.things.request_sequences import SequenceStep

__all__ = ["findings"]

BLOCKING = (FindingCode.REFUSED_CREDENTIAL, FindingCode.REFUSED_CONTROL)
"""What keeps everything behind it from being seen."""


def findings(ledger: Ledger, redactor: Redactor) -> tuple[Finding, ...]:
    """The findings, the most severe first, each place with its smallest request."""
    groups = grouped(places_of(ledger), Promises(ledger))
    found = [_finding(group, ledger, redactor) for group in groups]
    return tuple(sorted(found, key=_order))


def _finding(group: Group, ledger: Ledger, redactor: Redactor) -> Finding:
    name = FindingCode(group.places[0].smallest.observation.code)
    places = [_shown(place, ledger, redactor) for place in group.places]
    best = group.places[0].smallest
    operations = tuple(dict.fromkeys(place.operation for place in places))
    content_type = best.answer.header("content-type") or ""
    cause = Cause(
        code=name,
        operations=operations,
        scope=group.named,
        status=best.answer.status,
        leaf=group.named == group.places[0].scope,
        listed=[place.scope for place in group.heads] if group.listed else (),
        every=ledger.whole and not group.some and len(operations) == len(ledger.operations),
        forbidden=group.places[0].of_refusal,
        partial=[ledger.seen_held(place.clause.id, refusal=True) for place in group.heads],
        forms=[redactor.text(label) for label in _forms(group)],
        wanted=_wanted(places),
        size=min(
            (unit.size for place in group.heads for unit in place.smallest.case.units), default=0
        ),
        omitting=_omitting(group),
        content_type=redactor.sentence(content_type.partition(";")[0].strip()),
        absent=_absent(group),
    )
    return Finding(
        code=name,
        title=f"{title(cause)}{_doubt(places[0], best.case, ledger)}",
        places=tuple(places),
        remedy=code(name).explain,
    )


def _wanted(places: Sequence[FindingPlace]) -> str:
    """What should have been answered at one place or another, each status once."""
    statuses = (one for place in places for one in place.expected.split(" or "))
    return " or ".join(sorted(set(statuses)))


def _absent(group: Group) -> bool | None:
    """Whether the answers lack the header that a group is about; None where some have it."""
    name = scope_steps[-1] if (scope_steps := answer_steps(group.named)) else ""
    found = {place.smallest.answer.header(name) is None for place in group.heads}
    return found.pop() if len(found) == 1 else None


def _omitting(group: Group) -> bool | None:
    """Whether an optional part was left out; None where it is not known, or here and there."""
    found = {
        unit.omitting
        for place in group.heads
        for unit in place.smallest.case.units
        if unit.clause == place.clause.id
    }
    return found.pop() if len(found) == 1 else None


def _forms(group: Group) -> Iterable[str]:
    """Everything that shows what the title is about, in words."""
    return dict.fromkeys(one.case.label for place in group.heads for one in place.evidence)


def _doubt(place: FindingPlace, case: Case, ledger: Ledger) -> str:
    if place.batch and case.apart:
        others = [scope_of(ledger.clauses[one]) for one in place.batch[1:]]
        many = f"{len(others)} other good values"
        return f", but only beside {named(others[0][:-1]) if len(others) == 1 else many}"
    if place.batch:
        return f", one of {len(place.batch)} edges that were sent together"
    return " (intermittent)" if place.intermittent else ""


def _shown(place: EvidencePlace, ledger: Ledger, redactor: Redactor) -> FindingPlace:
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


def _order(finding: Finding) -> tuple[int, int, int]:
    """What blocks everything, credentials, failures, and then by the clauses touched."""
    credential = any(local_part(one.clause).startswith(f"{CREDENTIALS}.") for one in finding.places)
    # The first that is true: what blocks all, credentials, failures, everything else.
    marks = (finding.code in BLOCKING, credential, finding.code is FindingCode.SERVER_ERROR, True)
    return -finding.level.rank, marks.index(True), -len(finding.places)
