"""What Allow says of methods, where trying them needs leave."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from conformance.report.findings import Report
from tests.conformance.kit.applications import Application, Asked
from tests.conformance.kit.running import contract_of, run

CONTRACT = """
paths:
  /lamps:
    get: {responses: {'200': {description: ok}}}
"""


def of_methods(report: Report) -> set[tuple[str, str]]:
    """Code and level of what was found at the clauses of methods."""
    places = [(one.code.value, place) for one in report.findings for place in one.places]
    return {(code, at.level.value) for code, at in places if " methods." in at.clause}


def lamps(asked: Asked) -> tuple[int, Any]:
    """GET alone."""
    return (200, None) if asked.method in ("GET", "HEAD") else (405, None)


@pytest.mark.parametrize(
    ("allow", "found"),
    [
        ("GET", set()),
        ("GET, HEAD, OPTIONS", set()),
        ("GET, DELETE", {("accepted-method", "warning")}),
        ("GET, FROBNICATE", {("false-allow", "warning")}),
    ],
)
def test_what_allow_names(tmp_path: Path, allow: str, found: set[tuple[str, str]]) -> None:
    """The server's own word for an undeclared method is told; the method itself is never sent."""
    application = Application(lamps, allow)

    report = run(contract_of(tmp_path, CONTRACT), application, max_examples=0)

    assert of_methods(report) == found
    assert not {"POST", "PUT", "PATCH", "DELETE"} & {one.method for one in application.asked}


def test_with_leave_a_named_method_is_tried(tmp_path: Path) -> None:
    """Then what Allow says of it is either true, or a false Allow."""
    application = Application(lamps, "GET, DELETE")

    report = run(contract_of(tmp_path, CONTRACT), application, max_examples=0, allow_writes=True)

    assert of_methods(report) == {("false-allow", "warning")}
    assert "DELETE" in {one.method for one in application.asked}


def test_options_may_tell_as_well(tmp_path: Path) -> None:
    """A success to OPTIONS is right; an undeclared method in its Allow is told."""

    def answer(asked: Asked) -> tuple[int, Any]:
        return (200, None) if asked.method in ("GET", "HEAD", "OPTIONS") else (404, None)

    report = run(contract_of(tmp_path, CONTRACT), Application(answer, "GET, PUT"), max_examples=0)

    assert of_methods(report) == {("accepted-method", "warning")}
