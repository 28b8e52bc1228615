"""Request bodies that are no JSON: every fault is shown, and no right server is accused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from conformance.report.findings import Report
from conformance.report.level import Level
from tests.conformance.kit.applications import Application
from tests.conformance.kit.body_server import CONTRACT, server
from tests.conformance.kit.running import contract_of, run

WITH_LEAVE: dict[str, Any] = {"allow_writes": True, "max_billable": 100}
FORM = "application/x-www-form-urlencoded"
FAULTS = {
    "form": (
        "/parcels", FORM,
        ("to.minLength", "weight.maximum", "kind.enum", "tags.maxItems", "tags[].pattern"),
    ),
    "form-missing": ("/parcels", FORM, ("to.required", "weight.type")),
    "parts": (
        "/files", "multipart/form-data",
        ("file.encoding", "title.maxLength", "pages.minimum", "meta.n.type"),
    ),
    "parts-missing": ("/files", "multipart/form-data", ("file.required", "meta.n.required")),
    "text": ("/notes", "text/plain", ("maxLength",)),
    "lines": (
        "/events", "application/x-ndjson", ("id.required", "id.minimum", "name.maxLength")
    ),
    "xml": (
        "/orders", "application/xml",
        ("id.type", "count.maximum", "state.enum", "items.maxItems", "items[].maxLength"),
    ),
    "xml-missing": ("/orders", "application/xml", ("count.required", "syntax.root")),
    "rows": ("/rows", "text/csv", ("[].n.maximum",)),
    "second-type": ("/both", FORM, ("to.required", "weight.minimum", "kind.enum")),
    "first-type": ("/both", "application/json", ("weight.minimum", "kind.enum")),
}  # fmt: skip


def of(report: Report, path: str) -> set[str]:
    """The broken clauses of the operation at a path."""
    names = [c.id for c in report.clauses if c.verdict.value == "broken" and "prop" not in c.id]
    return {name.removeprefix(f"POST {path} ") for name in names if f" {path} " in name}


def test_a_right_server_is_not_accused(tmp_path: Path) -> None:
    """It refuses what is forbidden, takes what is allowed, and every operation succeeds."""
    contract = contract_of(tmp_path, CONTRACT)
    report = run(contract, Application(server()), max_examples=25, **WITH_LEAVE)

    assert [one for one in report.findings if one.level.at_least(Level.WARNING)] == []
    held = {clause.id for clause in report.clauses if clause.verdict.value == "held"}
    assert {f"POST {path} control" for path, _, _ in FAULTS.values()} <= held
    assert f"POST /both media.declared({FORM})" in held


@pytest.mark.parametrize(("path", "media_type", "faults"), FAULTS.values(), ids=FAULTS)
def test_several_faults_at_once(
    tmp_path: Path, path: str, media_type: str, faults: tuple[str, ...]
) -> None:
    """Each is a broken clause of its own, and nothing else is broken."""
    lax = server(*(f"{path} {media_type} {name}" for name in faults))
    contract = contract_of(tmp_path, CONTRACT)
    report = run(
        contract, Application(lax), allow_writes=True, max_billable=100, include=(f"POST {path}",)
    )

    prefix = "body" if media_type == "application/json" else f"body({media_type})"
    shown = {name if name.startswith("[") else f".{name}" for name in faults}
    assert of(report, path) == {f"{prefix}{name}" for name in shown}


@pytest.mark.parametrize(
    ("path", "media_type"),
    [
        ("/files", "multipart/form-data"),
        ("/events", "application/x-ndjson"),
        ("/orders", "application/xml"),
    ],
)
def test_what_is_none_of_the_media_type_is_a_fault(
    tmp_path: Path, path: str, media_type: str
) -> None:
    """A server that takes what it cannot read shows it."""
    lax = server(f"{path} {media_type} syntax")
    contract = contract_of(tmp_path, CONTRACT)
    report = run(
        contract, Application(lax), allow_writes=True, max_billable=100, include=(f"POST {path}",)
    )

    assert f"body({media_type}).syntax.malformed" in of(report, path)


def test_nothing_is_sent_without_leave(tmp_path: Path) -> None:
    """No reader is given a form, a text, lines, XML or a table that it could take for good."""
    application = Application(lambda asked: (200, None))
    run(contract_of(tmp_path, CONTRACT), application)

    written = [asked for asked in application.asked if asked.method == "POST"]
    assert {asked.path for asked in written} <= {"/both"}
    assert {asked.body for asked in written} <= {b"]"}
