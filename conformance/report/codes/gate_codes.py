"""The codes of `conformance gate`, and of waivers wherever they count."""

from __future__ import annotations

from conformance.report.codes.code import Code
from conformance.report.codes.finding_code import FindingCode
from conformance.report.level import Level

__all__ = ["GATE_CODES"]


def _code(name: FindingCode, level: Level, title: str, explain: str) -> Code:
    return Code(code=name, room="gate", level=level, title=title, explain=explain)


GATE_CODES: tuple[Code, ...] = (
    _code(
        FindingCode.WAIVER_EXPIRED,
        Level.ERROR,
        "A waiver has expired",
        "A finding was accepted until a date that has passed. The waiver has no effect any more, "
        "and an expired waiver is a finding itself, so that it is not forgotten. Correct the "
        "cause and delete the entry, or accept the finding again with a new date.",
    ),
    _code(
        FindingCode.WAIVER_UNUSED,
        Level.WARNING,
        "A waiver without a finding",
        "No finding has this fingerprint any more. Delete the entry, so that the finding is "
        "reported if it returns.",
    ),
)
