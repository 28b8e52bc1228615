"""Levels that the owner of a pipeline gives to codes (`--level CODE=note`)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from conformance.report.codes.finding_code import FindingCode
from conformance.report.codes.registry import code
from conformance.report.findings import Finding, FindingPlace
from conformance.report.level import Level

__all__ = ["Levels", "leveled"]

Levels = Mapping[FindingCode, Level]
"""The codes whose level the owner has changed."""


def leveled(findings: Iterable[Finding], levels: Levels) -> tuple[Finding, ...]:
    """The findings with the owner's levels.

    A place that weighs less than its code usually does (it could not be repeated) is never raised:
    the reason for that is none of the owner's.
    """
    return tuple(_changed(one, levels) if one.code in levels else one for one in findings)


def _changed(finding: Finding, levels: Levels) -> Finding:
    return finding.at(lambda place: _leveled(place, finding.code, levels))


def _leveled(place: FindingPlace, name: FindingCode, levels: Levels) -> FindingPlace:
    own = levels[name]
    if place.level.rank < code(name).level.rank:
        own = min(own, place.level, key=lambda level: level.rank)
    return replace(place, level=own)
