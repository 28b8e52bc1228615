"""The report as JSON, version 2; `report.schema.json` describes it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, replace
from importlib.resources import files
from typing import Any

from conformance.clauses.clause import Clause
from conformance.http.reported import ReportedRequest, ReportedResponse, ReportedStep
from conformance.report.finding_places import Likeness, Trial
from conformance.report.findings import Doubt, Finding, FindingPlace, Report
from conformance.report.token_trials import TokenTrial
from spec.model.errors import Place

__all__ = ["as_json", "as_mapping", "report_schema"]


def report_schema() -> dict[str, Any]:
    """The JSON Schema of the report, as shipped in the wheel."""
    text = files(str(__package__)).joinpath("report.schema.json").read_text("utf-8")
    return dict(json.loads(text))


def as_json(report: Report) -> str:
    """The report as JSON text, a clause a line. Lone surrogates travel as escapes."""
    # One finding after the other: a change that reaches 450 operations is a report of 40 MB.
    frame = json.dumps(as_mapping(replace(report, findings=(), clauses=())), indent=2)
    head, _, rest = frame.partition('\n  "findings": []')
    between, _, tail = rest.partition('\n  "clauses": []')
    findings = (_finding_text(one) for one in report.findings)
    clauses = (json.dumps(_clause(one)) for one in report.clauses)
    return "".join(
        [head, *_listed("findings", findings), between, *_listed("clauses", clauses), tail, "\n"]
    )


def _listed(key: str, texts: Iterable[str]) -> Iterator[str]:
    """A list of the report's own level, item by item."""
    yield f'\n  "{key}": ['
    comma = ""
    for text in texts:
        yield f"{comma}\n    {text}"
        comma = ","
    yield "\n  ]" if comma else "]"


def _finding_text(finding: Finding) -> str:
    """A finding, and each of its places, with a member a line: a third less than all indented."""
    item = _finding_item(finding)
    places = (f"\n        {_lines(_written(one), 8)}" for one in item.pop("places"))
    return _lines({**_written(item), "places": f"[{','.join(places)}\n      ]"}, 4)


def _written(value: dict[str, Any]) -> dict[str, str]:
    return {key: json.dumps(one) for key, one in value.items()}


def _lines(members: dict[str, str], margin: int) -> str:
    begin, end = "\n" + " " * (margin + 2), "\n" + " " * margin
    lines = ",".join(f"{begin}{json.dumps(key)}: {text}" for key, text in members.items())
    return f"{{{lines}{end}}}"


def as_mapping(report: Report) -> dict[str, Any]:
    """The report as plain JSON values, keys in the documented order."""
    return {
        "version": report.version,
        "verdict": report.verdict.value,
        "target": report.target,
        "contract": {
            "title": report.contract.title,
            "version": report.contract.version,
            "sha256": report.contract.sha256,
            "file": report.contract.file,
        },
        "seed": report.seed,
        "requests": report.requests,
        "billable": report.billable,
        "seconds": round(report.seconds, 3),
        "alert": report.alert,
        "remarks": list(report.remarks),
        "doubts": [_doubt(one) for one in report.doubts],
        "listings": [asdict(one) for one in report.listings],
        "operations": list(report.operations),
        "token_trials": [_token_trial(one) for one in report.token_trials],
        "findings": [_finding_item(finding) for finding in report.findings],
        "clauses": [_clause(clause) for clause in report.clauses],
    }


def _finding_item(finding: Finding) -> dict[str, Any]:
    return {
        "code": finding.code.value,
        "level": finding.level.value,
        "title": finding.title,
        "operations": list(finding.operations),
        "clauses": list(finding.clauses),
        "expected": finding.expected,
        "got": finding.got,
        "request": _request(finding.request),
        "response": _response(finding.response),
        "curl": finding.curl,
        "witness": None if finding.witness is None else dict(finding.witness),
        "occurrences": finding.occurrences,
        "fingerprint": finding.fingerprint,
        "waived": finding.waived,
        "remedy": finding.remedy,
        "place": _place_item(finding.place),
        "pointer": finding.pointer,
        "places": [_found_at(place) for place in finding.places],
    }


def _doubt(doubt: Doubt) -> dict[str, Any]:
    return {**asdict(doubt), "operations": list(doubt.operations)}


def _token_trial(trial: TokenTrial) -> dict[str, Any]:
    place = trial.place
    return {"pair": list(trial.pair), "place": None if place is None else _found_at(place)}


def _found_at(place: FindingPlace) -> dict[str, Any]:
    return {
        "fingerprint": place.fingerprint,
        "operation": place.operation,
        "clause": place.clause,
        "pointer": place.pointer,
        "level": place.level.value,
        "label": place.label,
        "expected": place.expected,
        "got": place.got,
        "request": _request(place.request),
        "response": _response(place.response),
        "curl": place.curl,
        "place": _place_item(place.place),
        "witness": None if place.witness is None else dict(place.witness),
        "intermittent": place.intermittent,
        "batch": list(place.batch),
        "occurrences": place.occurrences,
        "trial": None if place.trial is None else _trial(place.trial),
        "steps": [_step(one) for one in place.steps],
        "times": place.times,
        "beside": [_request(one) for one in place.beside],
        "kept": place.kept,
        "likeness": None if place.likeness is None else _likeness(place.likeness),
        "waived": place.waived,
    }


def _trial(trial: Trial) -> dict[str, Any]:
    # `asdict` keeps tuples, which the report's schema does not know.
    lists = {name: list(getattr(trial, name)) for name in ("clauses", "also", "open_statuses")}
    return {**asdict(trial), **lists}


def _likeness(likeness: Likeness) -> dict[str, Any]:
    lists = {
        name: list(getattr(likeness, name)) for name in ("requests", "forms", "omitting", "called")
    }
    return {**asdict(likeness), **lists}


def _clause(clause: Clause) -> dict[str, Any]:
    return {
        "id": clause.id,
        "operation": clause.operation,
        "kind": clause.kind,
        "pointer": clause.pointer,
        "verdict": clause.verdict.value,
        "cases": clause.cases,
        "promise": clause.promise,
        "place": _place_item(clause.place),
        "why": clause.why,
        "unsent": clause.unsent,
        "kept_by": sorted(one.value for one in clause.kept_by),
    }


def _place_item(place: Place | None) -> dict[str, Any] | None:
    return None if place is None else {"file": place.file, "line": place.line}


def _request(request: ReportedRequest | None) -> dict[str, Any] | None:
    if request is None:
        return None
    headers = [list(header) for header in request.headers]
    return {
        "method": request.method,
        "url": request.url,
        "headers": headers,
        "body": request.body,
        "exact": None if request.exact is None else asdict(request.exact),
    }


def _step(step: ReportedStep) -> dict[str, Any]:
    return {
        "operation": step.operation,
        "request": _request(step.request),
        "collection": step.collection,
        "ids": list(step.ids),
        "refused": step.refused,
    }


def _response(response: ReportedResponse | None) -> dict[str, Any] | None:
    if response is None:
        return None
    headers = [list(header) for header in response.headers]
    return {"status": response.status, "headers": headers, "body": response.body}
