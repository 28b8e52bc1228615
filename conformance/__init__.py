"""What a deployment keeps of its OpenAPI contract, clause by clause.

From a test: `conformance.verify(app_or_url, …)`. The names below are imported when they are used,
so that `conformance lint` does not wait for what only `run` needs.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from conformance.model import Clause, Finding, Level, Report, ReportVerdict, Verdict
    from conformance.verification import NonconformanceError, verify

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


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'conformance' has no attribute {name!r}")
    home = (
        "conformance.verification"
        if name in ("NonconformanceError", "verify")
        else "conformance.model"
    )
    return getattr(import_module(home), name)
