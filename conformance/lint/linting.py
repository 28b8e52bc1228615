"""All the checks, in the order of the lines that they point at."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.lint.components import component_remarks
from conformance.lint.openapi_objects import object_remarks
from conformance.lint.operation_ids import name_remarks
from conformance.lint.operations import operation_remarks
from conformance.lint.path_mistakes import path_remarks
from conformance.lint.remark import Remark, findings, holders_of
from conformance.lint.security_requirements import credential_remarks
from conformance.lint.validity import validity_remarks
from conformance.report.codes.finding_code import FindingCode
from conformance.report.codes.registry import CODES
from conformance.report.findings import Finding, Level
from spec import Contract, Direction
from spec.model.pointers import join

__all__ = ["lint"]

_FOLLOWING = frozenset(
    {FindingCode.UNKNOWN_PATH_PARAMETER, FindingCode.UNDECLARED_PATH_PARAMETER}
    | {FindingCode.UNSATISFIABLE_SCHEMA, FindingCode.INVALID_PATTERN}
    | {FindingCode.UNRESOLVED_REFERENCE}
)
"""Faults that follow from what a remark explains better."""


def lint(contract: Contract) -> tuple[Finding, ...]:
    """Everything that is wrong with a contract; the first line first."""
    # First: schemas are compiled when they are needed, and only then have faults.
    contract.check_schemas()
    _check_components(contract)
    found = [*object_remarks(contract), *path_remarks(contract), *operation_remarks(contract)]
    found += [*credential_remarks(contract), *name_remarks(contract), *component_remarks(contract)]
    found += _faults(contract, found)
    covered = {one.pointer for one in found if one.weight is Level.ERROR}
    covered |= {fault.pointer for fault in contract.faults}
    covered |= {one.explains for one in found if one.explains}
    holders = {above for one in covered for above in holders_of(one)}
    found += [
        one
        for one in validity_remarks(contract)
        if one.pointer == "#" or not _is_covered(one.pointer, covered, holders)
    ]
    return findings(contract, found)


def _check_components(contract: Contract) -> None:
    """Compile what no operation uses as well, so that its defects are among the faults."""
    components = contract.document.get("components")
    named = components.get("schemas") if isinstance(components, dict) else None
    for name in named if isinstance(named, dict) else ():
        schema = contract.schema(join("#", "components", "schemas", name))
        contract.validator(schema, Direction.REQUEST)


def _faults(contract: Contract, remarks: list[Remark]) -> Iterator[Remark]:
    """What the reader of the contract found, unless a remark has said why."""
    explained = {one.explains for one in remarks if one.explains}
    for fault in contract.faults:
        if fault.code in _FOLLOWING and not explained.isdisjoint(holders_of(fault.pointer)):
            continue
        yield Remark(
            code=fault.code if fault.code in CODES else FindingCode.MALFORMED,
            pointer=fault.pointer,
            what=fault.what,
            remedy=fault.remedy,
            place=fault.place,
            many=fault.many,
        )


def _is_covered(pointer: str, covered: set[str], holders: set[str]) -> bool:
    """Whether a check of our own says the same: there, just above, or anywhere below (`holders`).

    The validator blames the whole parameter where one keyword of its schema is wrong.
    """
    return pointer in holders or pointer.rpartition("/")[0] in covered
