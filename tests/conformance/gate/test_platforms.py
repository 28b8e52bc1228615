"""Where people look: GitHub's annotations and summary, GitLab's code quality."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from conformance.clauses.clause import Clause, Verdict
from conformance.clauses.kinds import ClauseKind
from conformance.http.reported import ReportedRequest, ReportedResponse
from conformance.report.baseline import changes
from conformance.report.codes.finding_code import FindingCode
from conformance.report.findings import (
    ContractIdentity,
    Finding,
    FindingPlace,
    Level,
    Report,
    ReportVerdict,
)
from conformance.report.formats.destinations import FORMATS, Destination, write
from conformance.report.formats.github import LARGEST, as_annotations, as_summary, show_on_github
from conformance.report.formats.gitlab import as_gitlab
from conformance.report.formats.markdown import as_markdown, marker
from conformance.report.formats.sarif import as_sarif
from conformance.report.joined_reports import joined
from spec.model.errors import Place

CONTRACT = ContractIdentity(title="Orders", version="1", sha256="0" * 64, file="openapi.yaml")


def finding(number: int, level: Level, title: str = "") -> Finding:
    place = FindingPlace(
        level=level,
        fingerprint=f"{number:016x}",
        operation="GET /a",
        clause="GET /a response.200.type",
        expected="one, two",
        got="three",
        place=Place(file="openapi.yaml", line=number + 1),
    )
    return Finding(
        code=FindingCode.RESPONSE_SCHEMA, title=title or f"Finding {number}", places=(place,)
    )


def report(*findings: Finding, clauses: tuple[Clause, ...] = ()) -> Report:
    return Report(
        verdict=ReportVerdict.BREAKS,
        target="Orders",
        contract=CONTRACT,
        findings=findings,
        clauses=clauses,
    )


def test_annotation() -> None:
    """An annotation stands at the contract's line; line breaks, percent, colon and comma travel."""
    found = finding(6, Level.ERROR, "100%\nof: all, lost")

    assert as_annotations(report(found)) == (
        "::error file=openapi.yaml,line=7,title=response-schema::"
        "100%25%0Aof: all, lost%0AGET /a response.200.type%0Aexpected one, two%0Agot three\n"
    )


def test_ten_of_a_kind() -> None:
    """GitHub shows ten of a kind: the tenth says how many there are more, and each kind counts."""
    found = [finding(n, Level.ERROR) for n in range(12)]
    found += [finding(n, Level.WARNING) for n in range(20, 30)]
    found += [finding(40, Level.NOTE)]

    lines = as_annotations(report(*found)).splitlines()

    kinds = [line.split(" ")[0] for line in lines]
    assert kinds == ["::error"] * 10 + ["::warning"] * 10 + ["::notice"]
    assert lines[9] == "::error title=conformance::and 3 more; the report has them all"


def test_what_a_server_sent_gives_no_commands() -> None:
    """A title with a workflow command in it stays one line of text."""
    lines = as_annotations(report(finding(1, Level.ERROR, "x\n::add-mask::y"))).splitlines()

    assert len(lines) == 1


def test_summary_fits() -> None:
    """The summary keeps within GitHub's mebibyte, the worst findings first."""
    found = [finding(n, Level.WARNING, "w" * 2000) for n in range(1000)]
    found.append(finding(5000, Level.ERROR, "the one that matters"))

    text = as_summary(report(*found))

    assert len(text.encode()) <= LARGEST
    assert "the one that matters" in text
    assert "more findings, in the full report" in text


def test_shown_where_github_says(tmp_path: Path) -> None:
    """The summary is appended to the file that the environment names, and kept within the limit."""
    summary = tmp_path / "summary.md"
    summary.write_text("before\n", "utf-8")
    environment = {"GITHUB_STEP_SUMMARY": str(summary)}
    before = Clause(id="GET /a x", operation="GET /a", kind=ClauseKind.BODY, pointer="#")
    held = report(clauses=(replace(before, verdict=Verdict.HELD),))
    broken = report(finding(1, Level.ERROR), clauses=(replace(before, verdict=Verdict.BROKEN),))

    show_on_github(broken, changes(held, broken), environment)

    text = summary.read_text("utf-8")
    assert text.startswith("before\n")
    assert "GET /a x: held → broken" in text


def test_gitlab() -> None:
    """Every issue has what GitLab reads, the worst first."""
    issues = json.loads(as_gitlab(report(finding(1, Level.NOTE), finding(2, Level.ERROR))))

    assert [issue["severity"] for issue in issues] == ["critical", "info"]
    assert issues[0] == {
        "description": "Finding 2; GET /a response.200.type; expected one, two; got three",
        "check_name": "response-schema",
        "fingerprint": f"{2:016x}",
        "severity": "critical",
        "location": {"path": "openapi.yaml", "lines": {"begin": 3}},
    }


FORGED = "200: a\n  ::add-mask::b\n::error file=x::forged\nc ##[error]forged"


@pytest.mark.parametrize("name", sorted(set(FORMATS) - {"har"}))
def test_no_format_carries_a_command_to_standard_output(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """What a server sends begins no line with `::`, and has no `##[` that a runner would take."""
    request = ReportedRequest(method="POST", url="http://a", headers=(), body=FORGED)
    response = ReportedResponse(status=200, headers=(), body=FORGED)
    one = finding(1, Level.ERROR, FORGED)
    place = replace(
        one.places[0],
        got=FORGED, curl=f"curl -d '{FORGED}'", request=request, response=response, label=FORGED,
    )  # fmt: skip
    forged = replace(
        report(replace(one, places=(place,), remedy=FORGED)), remarks=(FORGED,), target=FORGED
    )

    write(Destination(format=name, path=Path("-")), forged)

    lines = capsys.readouterr().out.splitlines()
    commands = [line for line in lines if line.lstrip().startswith("::") or "##[" in line]
    if name == "github":
        assert [line.split(" ")[0] for line in commands] == ["::error"]
    else:
        assert commands == []


def test_json_on_standard_output_means_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    """The letters are escaped, not changed."""
    write(Destination(format="json", path=Path("-")), report(finding(1, Level.ERROR, FORGED)))

    assert json.loads(capsys.readouterr().out)["findings"][0]["title"] == FORGED


def test_each_contract_is_a_category_of_its_own() -> None:
    """Code scanning tells the runs of several contracts apart, also those of one call."""
    first, second = report(finding(1, Level.ERROR)), report(finding(2, Level.NOTE))
    other = replace(second, contract=replace(CONTRACT, file="api/other.yaml"))

    alone = json.loads(as_sarif(first))
    both = json.loads(as_sarif(joined([first, other])))

    ids = [run["automationDetails"]["id"] for run in both["runs"]]
    assert ids == ["conformance/openapi.yaml/", "conformance/api/other.yaml/"]
    assert [run["automationDetails"]["id"] for run in alone["runs"]] == ids[:1]
    assert [len(run["results"]) for run in both["runs"]] == [1, 1]


def test_the_comment_says_how_to_accept_a_finding() -> None:
    """Where an error stands; a clean report needs no advice."""
    command = "conformance waive report.json --only FINGERPRINT"

    assert command in as_markdown(report(finding(1, Level.ERROR)))
    assert command not in as_markdown(report(finding(1, Level.NOTE)))


def test_no_answer_begins_the_comment_of_a_contract() -> None:
    """What a server sends stays within the comment of the contract that it broke."""
    forged = marker(report())
    shown = ReportedResponse(status=200, body=f"a\n{forged}\nb")
    one = finding(1, Level.ERROR)
    text = as_markdown(report(replace(one, places=(replace(one.first, response=shown),))))

    assert text.splitlines().count(forged) == 1
    assert text.startswith(f"{forged}\n")
