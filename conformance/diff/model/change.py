"""One difference between two contracts, and how differences become findings."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from conformance.diff.model.witness import Witness
from conformance.http.redaction import Redactor
from conformance.http.target import Target
from conformance.report.codes.finding_code import FindingCode
from conformance.report.codes.registry import code
from conformance.report.findings import Finding, FindingPlace, Level
from conformance.report.fingerprint import fingerprint
from spec.model.errors import Place
from spec.model.short_texts import shortened

__all__ = ["Change", "findings", "others"]

_MOST_SHOWN = 160
"""Characters that a report shows of what a contract says; a fingerprint is made of all of it."""
HOST = Redactor(Target(scheme="https", host="HOST", port=443))
"""A witness is for any deployment, so its address is left to be filled in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One difference, at one place of one operation.

    `part` names the place: `request body /prompt`, `response 200 header X-Total`. `old` and `new`
    say what each contract says there, in full. `origin` is where the cause is in a contract, and
    `detail` tells causes at one place apart; changes with the same cause are one finding.
    `show` makes the witness when it is needed, and gives None where none could be verified; an
    error without one is not claimed. `written` is what was removed, as OLD writes it. `undone` is
    the sentence for the same difference in the other direction, from NEW to OLD.
    """

    code: FindingCode
    operation: str
    part: str
    what: str
    old: str
    new: str
    origin: str = ""
    detail: str = ""
    place: Place | None = None
    show: Callable[[], Witness | None] | None = field(default=None, compare=False)
    written: Any = field(default=None, compare=False)
    undone: str = field(default="", compare=False)

    @property
    def level(self) -> Level:
        """The level of its code."""
        return code(self.code).level

    @property
    def named(self) -> str:
        """The change itself, by which a waiver knows it: another value or bound is another one."""
        # A unit separator: no JSON text has one unescaped (RFC 8259, section 7).
        return "\x1f".join((self.detail, self.old, self.new))

    @property
    def cause(self) -> tuple[str, ...]:
        """What the occurrences of one cause have in common."""
        place = self.origin or f"{self.operation} {self.part}"
        return (self.code, place, self.detail, self.old, self.new)


def findings(changes: Iterable[Change]) -> tuple[Finding, ...]:
    """One finding a cause, with every operation that it touches; the worst first."""
    causes: dict[tuple[str, ...], list[Change]] = {}
    for change in changes:
        causes.setdefault(change.cause, []).append(change)
    made = [_finding(together) for together in causes.values()]
    return tuple(sorted(made, key=lambda one: -one.level.rank))


def _finding(together: list[Change]) -> Finding:
    first = together[0]
    witness = _witness(together) if first.level is Level.ERROR else None
    # No witness, no claim: what cannot be shown is undecided.
    claimed = witness is not None or first.level is not Level.ERROR
    name, level = (first.code, first.level) if claimed else (FindingCode.UNDECIDED, Level.WARNING)
    places = {place.fingerprint: place for one in together if (place := _place(one, name, level))}
    head, *others = places.values()
    shown = head if witness is None else replace(head, **_evidence(witness, first))
    title = _title(together) if claimed else f"{first.what}, it seems; {UNSHOWN}"
    return Finding(code=name, title=title, places=(shown, *others))


UNSHOWN = "no request or answer that shows it could be made"


def _title(together: list[Change]) -> str:
    return together[0].what + others(len({one.operation for one in together}))


def others(operations: int) -> str:
    """What a title says of the operations that a change reaches beside the one it names."""
    more = operations - 1
    return f" (and {more} more {'operation' if more == 1 else 'operations'})" if more else ""


def _place(change: Change, name: str, level: Level) -> FindingPlace:
    """Where one operation meets the change; the fingerprint says which change it is."""
    return FindingPlace(
        fingerprint=fingerprint(name, change.operation, change.part, change.named),
        operation=change.operation,
        clause=f"{change.operation} {change.part}".strip(),
        level=level,
        label=change.part,
        expected=f"OLD: {shortened(change.old, _MOST_SHOWN)}",
        got=f"NEW: {shortened(change.new, _MOST_SHOWN)}",
        place=change.place,
        pointer=change.origin,
        detail=change.detail,
    )


def _evidence(witness: Witness, change: Change) -> dict[str, Any]:
    """The witness as every format shows what a finding is shown by.

    Of a request NEW says something; of an answer it says that it may be sent.
    """
    request, answer = witness.request, witness.answer
    said = f"; {witness.new}" if request is not None else ""
    return {
        "got": f"NEW: {shortened(change.new, _MOST_SHOWN)}{said}",
        "witness": witness.as_mapping(),
        "request": HOST.request(request) if request else None,
        "curl": HOST.curl(request) if request else "",
        "response": HOST.response(answer) if answer else None,
    }


MOST_TRIED = 5
"""Occurrences of one cause whose witness is looked for; each may cost a search."""


def _witness(together: list[Change]) -> Witness | None:
    """The first occurrence's that can be shown; the occurrences are alike."""
    # The first may stand where no plain request can be made, such as behind a tuple of parts.
    for change in together[:MOST_TRIED]:
        witness = change.show() if change.show else None
        if witness is not None:
            return witness
    return None
