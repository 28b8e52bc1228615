"""A JSON report read back: what `waive`, `merge`, `replay` and `--baseline` begin with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any, TypeVar

import jsonschema_rs

from conformance.clauses.clause import Clause, KeptBy, Verdict
from conformance.clauses.kinds import ClauseKind
from conformance.http.reported import (
    ExactRequest,
    ReportedRequest,
    ReportedResponse,
    ReportedStep,
)
from conformance.report.codes.finding_code import FindingCode
from conformance.report.finding_places import Likeness, Trial
from conformance.report.findings import (
    ContractIdentity,
    Doubt,
    Finding,
    FindingPlace,
    Level,
    Listing,
    Report,
    ReportVerdict,
)
from conformance.report.formats.json_report import report_schema
from conformance.report.token_trials import TokenTrial
from spec.model.errors import Place
from spec.reading.regular_files import bytes_of
from spec.text.json_text import UnreadableError, decoded, read_text

__all__ = ["ReportError", "parsed_report", "read_report"]


_T = TypeVar("_T", Trial, Likeness)
_WRITE = "write a report with --report json=FILE, and name that"
OLDER = (1,)
"""Versions that were written once and are read no more."""


class ReportError(ValueError):
    """A file that is no report of this kit: which file, and why."""


def read_report(path: Path) -> Report:
    """The report in that file; raises `ReportError` with one sentence."""
    try:
        return parsed_report(decoded(bytes_of(path)), str(path))
    except OSError as error:
        raise ReportError(f"{path}: cannot be read: {error.strerror}") from error
    except UnreadableError as error:
        raise ReportError(f"{path}: {error}; {_WRITE}") from error


def parsed_report(text: str, path: str) -> Report:
    """The report of a JSON text, which messages call `path`; raises `ReportError`."""
    try:
        content = read_text(text, surrogates=True)
    except UnreadableError as error:
        raise ReportError(f"{path}: {error}; {_WRITE}") from error
    if isinstance(content, dict) and content.get("version") in OLDER:
        raise ReportError(
            f"{path}: is a report of version {content['version']}, whose fingerprints have "
            f"another meaning; make the report again with this version: --report json=FILE"
        )
    for failure in jsonschema_rs.validator_for(report_schema()).iter_errors(content):
        where = "/".join(str(step) for step in failure.instance_path) or "the document"
        raise ReportError(
            f"{path}: is not a report of `conformance`: {where}: {failure.message}; {_WRITE}"
        )
    try:
        return _report(content)
    except ValueError as error:
        # A name that this version does not have, of a finding or of a kind of clause.
        raise ReportError(
            f"{path}: is a report of another version of conformance: {error}; make it anew with "
            "this version: --report json=FILE"
        ) from error


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
        alert=content.get("alert", ""),
        remarks=tuple(content.get("remarks", ())),
        operations=tuple(content.get("operations", ())),
        doubts=tuple(map(_doubt, content.get("doubts", ()))),
        listings=tuple(Listing(**item) for item in content.get("listings", ())),
        token_trials=tuple(_token_trial(item) for item in content.get("token_trials", ())),
        findings=tuple(_finding_of(item) for item in content["findings"]),
        clauses=tuple(_clause(item) for item in content["clauses"]),
    )


def _finding_of(item: Mapping[str, Any]) -> Finding:
    return Finding(
        code=FindingCode(item["code"]),
        title=item["title"],
        places=tuple(_found_at(place) for place in item["places"]),
        remedy=item.get("remedy", ""),
    )


def _doubt(item: Mapping[str, Any]) -> Doubt:
    operations = tuple(item.get("operations", ()))
    return Doubt(text=item["text"], whole=item["whole"], operations=operations)


def _token_trial(item: Mapping[str, Any]) -> TokenTrial:
    own, other = item["pair"]
    place = item["place"]
    return TokenTrial(pair=(own, other), place=None if place is None else _found_at(place))


def _found_at(item: Mapping[str, Any]) -> FindingPlace:
    return FindingPlace(
        fingerprint=item["fingerprint"],
        operation=item["operation"],
        clause=item["clause"],
        level=Level(item["level"]),
        pointer=item["pointer"],
        label=item["label"],
        expected=item.get("expected", ""),
        got=item.get("got", ""),
        request=_request(item["request"]),
        response=_response(item["response"]),
        curl=item["curl"],
        place=_place_of(item.get("place")),
        witness=item.get("witness"),
        intermittent=item.get("intermittent", False),
        batch=tuple(item.get("batch", ())),
        occurrences=item.get("occurrences", 1),
        trial=_known(Trial, item.get("trial")),
        likeness=_known(Likeness, item.get("likeness")),
        steps=tuple(_step(one) for one in item.get("steps", ())),
        times=item.get("times", 1),
        beside=tuple(filter(None, map(_request, item.get("beside", ())))),
        kept=item.get("kept", False),
        waived=item["waived"],
    )


def _known(made: type[_T], item: Mapping[str, Any] | None) -> _T | None:
    if item is None:
        return None
    # A later version of the kit may have written more than this one knows.
    known = {one.name for one in fields(made)}
    given: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in item.items()
        if name in known
    }
    return made(**given)


def _clause(item: Mapping[str, Any]) -> Clause:
    return Clause(
        id=item["id"],
        operation=item["operation"],
        kind=ClauseKind(item["kind"]),
        pointer=item["pointer"],
        verdict=Verdict(item["verdict"]),
        cases=item["cases"],
        promise=item.get("promise", ""),
        place=_place_of(item.get("place")),
        why=item.get("why", ""),
        unsent=item.get("unsent", ""),
        kept_by=_kept_by(item),
    )


def _kept_by(item: Mapping[str, Any]) -> frozenset[KeptBy]:
    """Which answers kept the clause; where an older report does not say it, any may have."""
    if "kept_by" in item:
        return frozenset(map(KeptBy, item["kept_by"]))
    return frozenset() if item["verdict"] == Verdict.UNOBSERVED.value else frozenset(KeptBy)


def _place_of(item: Mapping[str, Any] | None) -> Place | None:
    return None if item is None else Place(file=item["file"], line=item["line"])


def _step(item: Mapping[str, Any]) -> ReportedStep:
    request = _request(item["request"])
    assert request is not None, "the schema demands it"
    return ReportedStep(
        operation=item["operation"],
        request=request,
        collection=item["collection"],
        ids=tuple(item["ids"]),
        refused=item.get("refused", False),
    )


def _request(item: Mapping[str, Any] | None) -> ReportedRequest | None:
    if item is None:
        return None
    exact = item.get("exact")
    return ReportedRequest(
        method=item["method"],
        url=item["url"],
        headers=_headers_of(item),
        body=item["body"],
        exact=None if exact is None else ExactRequest(**exact),
    )


def _response(item: Mapping[str, Any] | None) -> ReportedResponse | None:
    if item is None:
        return None
    return ReportedResponse(status=item["status"], headers=_headers_of(item), body=item["body"])


def _headers_of(item: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    return tuple((name, value) for name, value in item["headers"])
