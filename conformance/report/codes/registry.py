"""All the codes, and how one is found by its name."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from types import MappingProxyType

from conformance.report.codes.client_codes import CLIENT_CODES
from conformance.report.codes.code import Code
from conformance.report.codes.diff_codes import DIFF_CODES
from conformance.report.codes.finding_code import FindingCode
from conformance.report.codes.gate_codes import GATE_CODES
from conformance.report.codes.lint_codes import LINT_CODES
from conformance.report.codes.run_codes import RUN_CODES
from conformance.report.codes.traffic_codes import TRAFFIC_CODES

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
        self.nearest = [str(one) for one in get_close_matches(name, CODES, n=1, cutoff=0.5)]

    def __str__(self) -> str:
        hint = f"did you mean {self.nearest[0]!r}?" if self.nearest else "`--list` shows them all"
        return f"there is no finding code {self.name!r}; {hint}"


def code(name: str) -> Code:
    """The code of that name; raises `UnknownCodeError` with the nearest one."""
    try:
        return CODES[FindingCode(name)]
    except (KeyError, ValueError):
        raise UnknownCodeError(name) from None
