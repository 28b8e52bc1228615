"""What a deployment keeps of its OpenAPI contract, clause by clause.

From a test: `conformance.verify(app_or_url, …)`, and `conformance.watch(app_or_client)` for what
other tests show. The names below are imported when they are used,
so that `conformance lint` does not wait for what only `run` needs.
"""

from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from conformance.clauses.clause import Clause, Verdict
    from conformance.report.findings import (
        Finding,
        Level,
        Report,
        ReportVerdict,
    )
    from conformance.run.contract_verification import NonconformanceError, verify
    from conformance.traffic.watched import watch

__all__ = [
    "Clause",
    "Finding",
    "Level",
    "NonconformanceError",
    "Report",
    "ReportVerdict",
    "Verdict",
    "verify",
    "watch",
]

_HOMES = {
    "Clause": ".clauses.clause",
    "Finding": ".report.findings",
    "Level": ".report.findings",
    "NonconformanceError": ".run.contract_verification",
    "Report": ".report.findings",
    "ReportVerdict": ".report.findings",
    "Verdict": ".clauses.clause",
    "verify": ".run.contract_verification",
    "watch": ".traffic.watched",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        return getattr(import_module(_HOMES[name], __name__), name)
    except ImportError as error:
        raise _hidden(error) from error


def _hidden(error: ImportError) -> ImportError:
    """The error, or the one sentence that says which file stands where `spec` is looked for."""
    found = find_spec("spec")
    home = Path(__file__).parents[1] / "spec"
    if found is None:
        return error
    where = found.origin or next(iter(found.submodule_search_locations or ()), "")
    if Path(where).is_relative_to(home):
        return error
    return ImportError(f"{where} hides the package `spec` that conformance needs; rename it")
