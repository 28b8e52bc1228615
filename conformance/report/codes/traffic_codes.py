"""The codes of `conformance judge` that are not those of a run."""

from __future__ import annotations

from conformance.report.codes.code import Code
from conformance.report.codes.finding_code import FindingCode
from conformance.report.level import Level

__all__ = ["TRAFFIC_CODES"]


def _code(name: FindingCode, level: Level, title: str, explain: str) -> Code:
    return Code(code=name, room="judge", level=level, title=title, explain=explain)


TRAFFIC_CODES: tuple[Code, ...] = (
    _code(
        FindingCode.CLIENT_SENDS_INVALID,
        Level.NOTE,
        "A client sends what the contract forbids",
        "The client breaks the contract here, not the deployment. The deployment's response is "
        "judged separately: accepting the request is a finding of its own.",
    ),
    _code(
        FindingCode.CANNED_DIFFERS,
        Level.NOTE,
        "The mock's canned answers and the deployment's differ",
        "The mock's examples contain a property that no success of the deployment had, or lack "
        "one that every success had, or have values of another JSON type. A frontend that is "
        "built against the mock depends on such properties, or never sees them. Change the "
        "examples in the overlay.",
    ),
)
