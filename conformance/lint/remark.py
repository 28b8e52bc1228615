"""What a check has to say, before it is a finding."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from conformance.report.codes.finding_code import FindingCode
from conformance.report.codes.registry import code
from conformance.report.findings import Finding, FindingPlace, Level
from conformance.report.fingerprint import fingerprint
from spec import Contract
from spec.model.errors import Place

__all__ = ["Remark", "findings", "holders_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """A fault at a pointer. `place` is only given where it is known better than by the pointer.

    Remarks that say the same in several places are one finding; `many` is what several have in
    common where each says it of something else: "operations document no 401". `level` is only
    given where this case is milder or more severe than its code is by default. `explains` is the
    pointer of what else is faulty for the same reason, and need not be reported again.
    """

    code: str
    pointer: str
    what: str
    remedy: str
    place: Place | None = None
    many: str = ""
    level: Level | None = None
    explains: str = ""

    @property
    def weight(self) -> Level:
        """The level of the finding."""
        return self.level or code(self.code).level

    @property
    def cause(self) -> tuple[str, ...]:
        """What the remarks of one finding have in common."""
        about = (self.many,) if self.many else (self.what, self.remedy)
        return (self.code, self.weight, *about)


def findings(contract: Contract, remarks: Iterable[Remark]) -> tuple[Finding, ...]:
    """One finding a cause, in the order of the first lines that they point at."""
    owners = {operation.pointer: operation.id for operation in contract.operations}
    causes: dict[tuple[str, ...], dict[str, tuple[Remark, FindingPlace]]] = {}
    for remark in remarks:
        place = _place(contract, remark, owners)
        causes.setdefault(remark.cause, {}).setdefault(place.fingerprint, (remark, place))
    made = [_finding(list(together.values())) for together in causes.values()]
    return tuple(sorted(made, key=lambda one: _line(one.places[0])))


def _finding(together: list[tuple[Remark, FindingPlace]]) -> Finding:
    together.sort(key=lambda one: _line(one[1]))
    first, number = together[0][0], len(together)
    title = first.what
    if number > 1:
        title = f"{number} {first.many}" if first.many else f"{first.what}, in {number} places"
    return Finding(
        code=FindingCode(first.code),
        title=title,
        places=tuple(place for _, place in together),
        remedy=first.remedy,
    )


def _line(place: FindingPlace) -> tuple[bool, Place]:
    return place.place is None, place.place or Place(file="", line=0)


def _place(contract: Contract, remark: Remark, owners: Mapping[str, str]) -> FindingPlace:
    """The place with its line, and the operation that it stands in."""
    holders = holders_of(remark.pointer)
    operation = next((owners[one] for one in holders if one in owners), "")
    return FindingPlace(
        fingerprint=fingerprint(remark.code, operation, remark.pointer, remark.what),
        operation=operation,
        clause=remark.pointer,
        level=remark.weight,
        place=remark.place or contract.place(remark.pointer),
        pointer=remark.pointer,
    )


def holders_of(pointer: str) -> Iterator[str]:
    """The pointer itself and those of all that it stands in, the innermost first."""
    while pointer:
        yield pointer
        pointer = pointer.rpartition("/")[0]
