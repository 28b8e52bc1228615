"""A report whose sentences quote no secret."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from conformance.http.redaction import Redactor
from conformance.report.findings import Report

__all__ = ["redacted"]


def redacted(report: Report, redactor: Redactor) -> Report:
    """The report with no secret in what it says of itself, and of its clauses.

    Its findings and exchanges are redacted where they are made, with the requests and answers.
    """
    told = cache(redactor.sentence)
    return replace(
        report,
        alert=told(report.alert),
        remarks=tuple(map(told, report.remarks)),
        doubts=tuple(replace(one, text=told(one.text)) for one in report.doubts),
        clauses=tuple(
            replace(one, why=told(one.why), unsent=told(one.unsent))
            if one.why or one.unsent
            else one
            for one in report.clauses
        ),
    )
