"""The good request as a case that must be accepted."""

from __future__ import annotations

from conformance.cases.case import Case, Expect
from conformance.cases.operation_under_test import Subject
from conformance.clauses.kinds import ClauseKind
from conformance.report.codes.finding_code import FindingCode

__all__ = ["UNKNOWN", "control_case"]

UNKNOWN = frozenset({403, 404, 409, 410})
"""Statuses for a resource that does not exist or belongs to another caller."""


def control_case(
    subject: Subject,
    local: str = "control",
    label: str = "the good request",
    *,
    made_up: bool = False,
) -> Case:
    """The control as a case that must be accepted.

    What a `made_up` one asks for may not exist, or not be open to everybody: such a refusal, where
    it is documented, leaves everything undecided.
    """
    return subject.case(
        local,
        ClauseKind.CONTROL if local == "control" else ClauseKind.STEADINESS,
        label,
        subject.control,
        expect=Expect.ACCEPTED,
        code={
            "control": FindingCode.REFUSED_CONTROL,
            "steady.repeated": FindingCode.UNSTEADY,
            "steady.concurrent": FindingCode.UNSTEADY,
            "steady.after-bad": FindingCode.POISONED,
        }.get(local, FindingCode.REFUSED_VALID),
        open_statuses=_open(subject) if made_up else frozenset(),
    )


def _open(subject: Subject) -> frozenset[int]:
    """What asks for no credential of the request's own may judge one in its body: a login."""
    return UNKNOWN if subject.operation.secured else UNKNOWN | {401}
