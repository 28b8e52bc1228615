"""What a deployment keeps of its OpenAPI contract, clause by clause.

From a test: `conformance.verify(app_or_url, …)`. The names below are imported when they are used,
so that `conformance lint` does not wait for what only `run` needs.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from conformance.clauses.clause import Clause, Verdict
    from conformance.report.findings import (
        Finding,
        Level,
        Report,
        ReportVerdict,
    )
    from conformance.run.verification import NonconformanceError, verify

__all__ = [
    "Clause",
    "Finding",
    "Level",
    "NonconformanceError",
    "Report",
    "ReportVerdict",
    "Verdict",
    "verify",
]

_HOMES = {
    "Clause": "conformance.clauses.clause",
    "Finding": "conformance.report.findings",
    "Level": "conformance.report.findings",
    "NonconformanceError": "conformance.run.verification",
    "Report": "conformance.report.findings",
    "ReportVerdict": "conformance.report.findings",
    "Verdict": "conformance.clauses.clause",
    "verify": "conformance.run.verification",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'conformance' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
