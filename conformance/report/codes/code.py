"""A finding code: its name never changes and is never used for anything else."""

from __future__ import annotations

from dataclasses import dataclass

from conformance.report.codes.finding_code import FindingCode
from conformance.report.level import Level

__all__ = ["Code"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """`level` is the usual one (a finding may be milder); `explain` says why it matters."""

    code: FindingCode
    room: str
    level: Level
    title: str
    explain: str
