"""All the codes, and how one is found by its name."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from conformance.report.codes.client_codes import CLIENT_CODES
from conformance.report.codes.code import Code
from conformance.report.codes.diff_codes import DIFF_CODES
from conformance.report.codes.finding_code import FindingCode
from conformance.report.codes.gate_codes import GATE_CODES
from conformance.report.codes.lint_codes import LINT_CODES
from conformance.report.codes.run_codes import RUN_CODES
from conformance.report.codes.traffic_codes import TRAFFIC_CODES
from spec.model.near_names import did_you_mean

__all__ = ["CODES", "UnknownCodeError", "code"]

CODES: Mapping[str, Code] = MappingProxyType(
    {
        entry.code: entry
        for entry in (
            *RUN_CODES,
            *TRAFFIC_CODES,
            *CLIENT_CODES,
            *LINT_CODES,
            *DIFF_CODES,
            *GATE_CODES,
        )
    }
)


class UnknownCodeError(LookupError):
    """A name that no finding has."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name

    def __str__(self) -> str:
        listed = "`conformance explain --list` shows them all"
        hint = did_you_mean(self.name, CODES, listed, cutoff=0.5, quoted=repr)
        return f"there is no finding code {self.name!r}; {hint}"


def code(name: str) -> Code:
    """The code of that name; raises `UnknownCodeError` with the nearest one."""
    try:
        return CODES[FindingCode(name)]
    except (KeyError, ValueError):
        raise UnknownCodeError(name) from None
