"""The report as one HTML file: no network, no script needed to read it, light or dark."""

from __future__ import annotations

from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from conformance.clauses.clause import Verdict
from conformance.report.baseline import BaselineChange
from conformance.report.codes.registry import CODES
from conformance.report.findings import Level, Report
from conformance.report.formats.excerpts import excerpt
from conformance.report.formats.printable import printable
from conformance.report.formats.verdicts import headline, in_order, summary
from conformance.report.tally import clause_matrix, unseen
from spec.model.short_texts import plural

__all__ = ["as_html"]


def as_html(report: Report, changed: tuple[BaselineChange, ...] = ()) -> str:
    """The report as a page for people."""
    return _template().render(**_facts(report, changed))


def _template() -> Template:
    environment = Environment(
        loader=PackageLoader(str(__package__), "."),
        # What a server sent stands in the page: none of it may become markup.
        autoescape=True,
        finalize=_printable,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["plural"] = plural
    return environment.get_template("report.html.j2")


def _printable(value: object) -> object:
    """Each text of the page, except what is markup already."""
    if not isinstance(value, str) or hasattr(value, "__html__"):
        return value
    return printable(value)


def _facts(report: Report, changed: tuple[BaselineChange, ...]) -> dict[str, Any]:
    findings = in_order(report.findings)
    return {
        "report": report,
        "headline": headline(report),
        "summary": summary(report),
        "findings": [
            {
                "finding": one,
                "excerpt": excerpt(one.place),
                "explain": CODES[one.code].explain if one.code in CODES else "",
            }
            for one in findings
        ],
        "counts": {level.value: sum(f.level is level for f in findings) for level in Level},
        "verdicts": {verdict.value: number for verdict, number in report.counts().items()},
        "ledger": clause_matrix(report),
        "clauses": report.clauses_by_operation().items(),
        "by_clause": {name: f.fingerprint for f in reversed(findings) for name in f.clauses},
        "broken": Verdict.BROKEN,
        "unseen": unseen(report),
        "changed": changed,
    }
