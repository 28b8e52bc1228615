"""What a check has to say, before it is a finding."""

from __future__ import annotations

from dataclasses import dataclass

from conformance.report.codes.finding_code import FindingCode
from conformance.report.codes.registry import code
from conformance.report.findings import Finding, FindingPlace
from conformance.report.fingerprint import fingerprint
from spec import Contract
from spec.model.errors import Place

__all__ = ["Remark"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """A fault at a pointer. `place` is only given where it is known better than by the pointer."""

    code: str
    pointer: str
    what: str
    remedy: str
    place: Place | None = None

    def finding(self, contract: Contract) -> Finding:
        """The finding, with its line and the operation that it stands in."""
        owners = (
            o.id for o in contract.operations if f"{self.pointer}/".startswith(f"{o.pointer}/")
        )
        operation = next(owners, "")
        place = FindingPlace(
            fingerprint=fingerprint(self.code, operation, self.pointer, self.what),
            operation=operation,
            clause=self.pointer,
            level=code(self.code).level,
            place=self.place or contract.place(self.pointer),
            pointer=self.pointer,
        )
        name = FindingCode(self.code)
        return Finding(code=name, title=self.what, places=(place,), remedy=self.remedy)
