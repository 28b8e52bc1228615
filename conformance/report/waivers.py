"""Accepted findings: which, why, by whom, and until when. `waiver_file` reads and writes them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from conformance.report.codes.finding_code import FindingCode
from conformance.report.codes.registry import CODES
from conformance.report.findings import Finding, FindingPlace, Level
from conformance.report.fingerprint import fingerprint
from spec.model.errors import Place
from spec.model.short_texts import plural

__all__ = ["ROOMS", "Waived", "Waiver", "apply"]

ROOMS = ("run", "lint", "diff")
"""The parts of the gate that have findings."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiver:
    """One accepted place, through the day `expires`; `finding` says what it is, for people.

    `code` says which part of the gate may need it; an entry without one is taken for a run's.
    """

    fingerprint: str
    reason: str
    owner: str
    expires: date
    finding: str = ""
    code: str = ""
    place: Place | None = None

    @property
    def room(self) -> str:
        """The part of the gate whose findings it is about."""
        return CODES[FindingCode(self.code)].room if self.code in CODES else "run"

    def expired(self, today: date) -> bool:
        """Whether its last day is over."""
        return today > self.expires


@dataclass(frozen=True, slots=True, kw_only=True)
class Waived:
    """`findings` are all, with the accepted places marked, and with what is wrong with waivers."""

    findings: tuple[Finding, ...]
    accepted: tuple[tuple[Finding, FindingPlace, Waiver], ...]

    def remarks(self) -> tuple[str, ...]:
        """Who accepted what: a sentence for all waivers of one code and one decision."""
        decisions = dict[tuple[str, str, str], list[tuple[Finding, FindingPlace]]]()
        for finding, place, waiver in self.accepted:
            who = f"waived until {waiver.expires} by {waiver.owner}"
            decisions.setdefault((who, finding.code, waiver.reason), []).append((finding, place))
        return tuple(
            f"{who}: {_named(found)} ({reason})" for (who, _, reason), found in decisions.items()
        )


def apply(
    findings: Iterable[Finding],
    waivers: tuple[Waiver, ...],
    today: date,
    *,
    rooms: Collection[str] = ROOMS,
) -> Waived:
    """Mark the places that are waived, and report the waivers that are expired or unused.

    `rooms` are those in which everything was looked at: only there an unused waiver means anything.
    """
    valid = {one.fingerprint: one for one in waivers if not one.expired(today)}
    marked = [finding.at(lambda place: _marked(place, valid)) for finding in findings]
    accepted = tuple(
        (finding, place, valid[place.fingerprint])
        for finding in marked
        for place in finding.places
        if place.waived
    )
    # Before the findings of waivers are added: their places are no evidence of a deployment.
    seen = {place.fingerprint for finding in marked for place in finding.places}
    for waiver in waivers:
        if waiver.expired(today):
            marked.append(_expired(waiver))
        elif waiver.room in rooms and waiver.fingerprint not in seen:
            marked.append(_unused(waiver))
    return Waived(findings=tuple(marked), accepted=accepted)


def _named(accepted: Sequence[tuple[Finding, FindingPlace]]) -> str:
    """What is accepted: of a finding with several places some alone, not what its title says."""
    finding, place = accepted[0]
    if len(accepted) == len(finding.places) == 1:
        return finding.title
    others = len(accepted) - 1
    more = f" and {plural(others, 'more place')}" if others else ""
    return f"{finding.code} at {place.clause}{more}"


def _marked(place: FindingPlace, valid: Mapping[str, Waiver]) -> FindingPlace:
    return replace(place, waived=True) if place.fingerprint in valid else place


def _expired(waiver: Waiver) -> Finding:
    place = _waiver_place(
        FindingCode.WAIVER_EXPIRED,
        waiver,
        level=Level.ERROR,
        expected=f"resolved by {waiver.expires}",
        got=f"{waiver.owner} accepted it until then: {waiver.reason}",
    )
    return Finding(
        code=FindingCode.WAIVER_EXPIRED,
        title=f"the waiver of {waiver.fingerprint} expired on {waiver.expires}",
        places=(place,),
        remedy="correct the cause and delete the entry, or accept the finding again with a new "
        "date",
    )


def _unused(waiver: Waiver) -> Finding:
    return Finding(
        code=FindingCode.WAIVER_UNUSED,
        title=f"the waiver of {waiver.fingerprint} matches no finding any more",
        places=(
            _waiver_place(
                FindingCode.WAIVER_UNUSED, waiver, level=Level.WARNING, got=waiver.finding
            ),
        ),
        remedy="delete the entry",
    )


def _waiver_place(
    code: str, waiver: Waiver, *, level: Level, got: str, expected: str = ""
) -> FindingPlace:
    return FindingPlace(
        fingerprint=fingerprint(code, "", waiver.fingerprint),
        clause=f"waiver {waiver.fingerprint}",
        level=level,
        expected=expected,
        got=got,
        place=waiver.place,
    )
