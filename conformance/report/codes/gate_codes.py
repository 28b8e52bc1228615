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
        "A waiver's last day is over",
        "A finding was accepted until a day that has passed. The waiver no longer counts, and it "
        "fails by itself, so that nothing stays accepted by being forgotten. Mend the cause and "
        "delete the entry, or have somebody accept it anew with another day.",
    ),
    _code(
        FindingCode.WAIVER_UNUSED,
        Level.WARNING,
        "A waiver that nothing needs any more",
        "No finding has this fingerprint. Delete the entry: if the finding comes back, it should "
        "be seen.",
    ),
)
