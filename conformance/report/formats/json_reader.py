"""A JSON report read back: what `waive`, `--baseline` and `gate` begin with."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jsonschema_rs

from conformance.clauses.clause import Clause, Verdict
from conformance.http.reported import ReportedRequest, ReportedResponse
from conformance.report.findings import (
    ContractIdentity,
    Finding,
    Level,
    Report,
    ReportVerdict,
)
from conformance.report.formats.json_report import report_schema
from spec.model.errors import Place

__all__ = ["ReportError", "read_report"]


class ReportError(ValueError):
    """A file that is no report of this kit: which file, and why."""


def read_report(path: Path) -> Report:
    """The report in that file; raises `ReportError` with one sentence."""
    try:
        content = json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise ReportError(f"{path}: cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise ReportError(f"{path}: is not JSON: {error}") from error
    for failure in jsonschema_rs.validator_for(report_schema()).iter_errors(content):
        where = "/".join(str(step) for step in failure.instance_path) or "the document"
        raise ReportError(
            f"{path}: is not a report of `conformance`: {where}: {failure.message}; "
            "write one with --report json=FILE"
        )
    return _report(content)


def _report(content: Mapping[str, Any]) -> Report:
    return Report(
        version=content["version"],
        verdict=ReportVerdict(content["verdict"]),
        target=content["target"],
        contract=ContractIdentity(**content["contract"]),
        seed=content["seed"],
        requests=content["requests"],
        billable=content["billable"],
        seconds=content["seconds"],
        interrupted=content.get("interrupted", False),
        remarks=tuple(content.get("remarks", ())),
        findings=tuple(_finding(item) for item in content["findings"]),
        clauses=tuple(_clause(item) for item in content["clauses"]),
    )


def _finding(item: Mapping[str, Any]) -> Finding:
    request, response = item.get("request"), item.get("response")
    return Finding(
        code=item["code"],
        level=Level(item["level"]),
        title=item["title"],
        fingerprint=item["fingerprint"],
        operations=tuple(item["operations"]),
        clauses=tuple(item["clauses"]),
        expected=item["expected"],
        got=item["got"],
        request=None if request is None else _request(request),
        response=None if response is None else _response(response),
        curl=item["curl"],
        occurrences=item["occurrences"],
        witness=item.get("witness"),
        place=_place(item.get("place")),
        pointer=item.get("pointer", ""),
        remedy=item.get("remedy", ""),
    )


def _clause(item: Mapping[str, Any]) -> Clause:
    return Clause(
        id=item["id"],
        operation=item["operation"],
        kind=item["kind"],
        pointer=item["pointer"],
        verdict=Verdict(item["verdict"]),
        cases=item["cases"],
        promise=item.get("promise", ""),
        place=_place(item.get("place")),
        why=item.get("why", ""),
    )


def _place(item: Mapping[str, Any] | None) -> Place | None:
    return None if item is None else Place(file=item["file"], line=item["line"])


def _request(item: Mapping[str, Any]) -> ReportedRequest:
    return ReportedRequest(
        method=item["method"],
        url=item["url"],
        headers=tuple((name, value) for name, value in item["headers"]),
        body=item["body"],
    )


def _response(item: Mapping[str, Any]) -> ReportedResponse:
    return ReportedResponse(
        status=item["status"],
        headers=tuple((name, value) for name, value in item["headers"]),
        body=item["body"],
    )
