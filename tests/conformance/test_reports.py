"""What each report format says, from one report that has everything in it."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass, replace
from enum import Enum
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from rich.console import Console
from sarif_pydantic import Sarif
from syrupy.assertion import SnapshotAssertion

from conformance.clauses.clause import Clause, Verdict
from conformance.clauses.kinds import ClauseKind
from conformance.http.reported import ReportedExchange, ReportedRequest, ReportedResponse
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
from conformance.report.formats.destinations import (
    FORMATS,
    Destination,
    DestinationError,
    destination,
    write,
)
from conformance.report.formats.har import as_har
from conformance.report.formats.html import as_html
from conformance.report.formats.json_report import as_json
from conformance.report.formats.junit import as_junit
from conformance.report.formats.markdown import as_markdown
from conformance.report.formats.sarif import as_sarif
from conformance.report.formats.terminal import TerminalReport
from conformance.report.tally import clause_matrix, unseen
from spec import AI_CONTRACT, Place

IMAGE = "POST /api/ai/image/generation"
NASTY = "</pre><script>alert(1)</script> `a` \x1b[31m | @all"
REQUEST = ReportedRequest(
    method="POST",
    url="http://127.0.0.1:9/api/ai/image/generation?a=1",
    headers=(("Authorization", "Bearer $TOKEN"), ("Content-Type", "application/json")),
    body='{"model":"m"}',
)
RESPONSE = ReportedResponse(
    status=200, headers=(("Content-Type", "application/json"),), body=f'{{"error":"{NASTY}"}}'
)


def clause(
    local: str, kind: ClauseKind, verdict: Verdict, operation: str = IMAGE, why: str = ""
) -> Clause:
    """A clause with a place in the packaged contract."""
    return Clause(
        id=f"{operation} {local}",
        operation=operation,
        kind=kind,
        pointer="#/components/schemas/ImageGenerationOptions/required",
        promise=f"the promise of {local}",
        place=Place(file=str(AI_CONTRACT), line=30),
        verdict=verdict,
        cases=3,
        why=why,
    )


CLAUSES = (
    clause("body.required.prompt", ClauseKind.BODY, Verdict.BROKEN),
    clause("control", ClauseKind.CONTROL, Verdict.HELD),
    clause("stream.end", ClauseKind.STREAMS, Verdict.UNOBSERVED, why="no stream was asked for"),
    clause(
        "security.expired", ClauseKind.CREDENTIALS, Verdict.INCONCLUSIVE, why="give --expired-token"
    ),
    clause("control", ClauseKind.CONTROL, Verdict.HELD, operation="GET /api/ai/models"),
)
FINDINGS = (
    Finding(
        code=FindingCode.MISSING_CHALLENGE,
        title="A 401 without a challenge",
        places=(
            FindingPlace(
                fingerprint="00000000000000aa",
                operation="GET /api/ai/models",
                level=Level.WARNING,
                expected="WWW-Authenticate",
                got="none",
            ),
        ),
    ),
    Finding(
        code=FindingCode.UNDOCUMENTED_STATUS,
        title=f"A missing prompt is accepted {NASTY}",
        places=(
            FindingPlace(
                fingerprint="00000000000000bb",
                operation=IMAGE,
                clause=f"{IMAGE} body.required.prompt",
                level=Level.ERROR,
                expected="400",
                got="200",
                request=REQUEST,
                response=RESPONSE,
                curl="curl -H 'Authorization: Bearer $TOKEN' …",
                occurrences=2,
                place=Place(file=str(AI_CONTRACT), line=30),
                pointer="#/x",
            ),
        ),
        remedy="refuse it",
    ),
)
PLACE = FINDINGS[1].places[0]
REPORT = Report(
    verdict=ReportVerdict.BREAKS,
    target="http://127.0.0.1:9",
    contract=ContractIdentity(title="API", version="1", sha256="ab" * 32, file=str(AI_CONTRACT)),
    seed=7,
    requests=120,
    billable=5,
    seconds=1.25,
    findings=FINDINGS,
    clauses=CLAUSES,
    remarks=("writes were left out: --allow-writes",),
    exchanges=(
        ReportedExchange(
            request=REQUEST, response=RESPONSE, started=0.0, seconds=0.5, clauses=("a", "b")
        ),
        ReportedExchange(request=REQUEST, response=None, started=1.0, seconds=10.0),
    ),
)
EMPTY = replace(
    REPORT, verdict=ReportVerdict.CONFORMS, findings=(), clauses=(), remarks=(), exchanges=()
)
BASELINE = replace(
    REPORT,
    clauses=(
        replace(CLAUSES[0], verdict=Verdict.HELD),
        replace(CLAUSES[1], verdict=Verdict.BROKEN),
        clause("old", ClauseKind.BODY, Verdict.HELD),
        *CLAUSES[2:],
    ),
)


def shown(report: Report, width: int = 100, *, folded: bool = True, **facts: object) -> str:
    """What a terminal of that width shows."""
    text = io.StringIO()
    console = Console(file=text, width=width, force_terminal=False, color_system=None)
    made = TerminalReport(report, changes(BASELINE, report) if facts else (), folded=folded)
    console.print(made, soft_wrap=True)
    lines = (line.rstrip() for line in text.getvalue().splitlines())
    return re.sub(r"\S*spec/ai\.yaml", "spec/ai.yaml", "\n".join(lines))


def test_the_ledger_counts_by_operation_and_kind() -> None:
    """Every clause is counted once in each direction."""
    found = clause_matrix(REPORT)

    assert found.kinds == ("body", "control", "streams", "credentials")
    assert (found.whole.total, found.whole.held, found.whole.broken) == (5, 2, 1)
    assert found.by_operation[IMAGE].worst is Verdict.BROKEN
    assert found.by_kind["control"].held == 2
    assert found.cells["GET /api/ai/models", "control"].observed == 1.0


def test_what_was_not_seen_is_grouped_by_its_reason() -> None:
    """Held and broken clauses have been seen."""
    assert [(one.why, len(one.clauses)) for one in unseen(REPORT)] == [
        ("give --expired-token", 1),
        ("no stream was asked for", 1),
    ]


def test_a_baseline_shows_what_changed_worse_first() -> None:
    """A clause that vanished while it held is worse; one that was mended is not."""
    found = changes(BASELINE, REPORT)

    assert [(one.worse, str(one)) for one in found] == [
        (True, f"{IMAGE} body.required.prompt: held → broken"),
        (True, f"{IMAGE} old: held → absent"),
        (False, f"{IMAGE} control: broken → held"),
    ]


def test_a_part_of_a_run_is_compared_with_the_same_part_of_the_baseline() -> None:
    """What `--include`, `--clause` or `--shard` left out has not vanished."""
    found = changes(BASELINE, REPORT, whole=False)

    assert [str(one) for one in found if one.after is None] == []
    assert str(found[0]) == f"{IMAGE} body.required.prompt: held → broken"


def test_the_terminal_shows_findings_then_the_ledger_then_the_unseen(
    snapshot: SnapshotAssertion,
) -> None:
    """A snapshot, since the whole is what a person sees; no control character gets through."""
    text = shown(REPORT, baseline=True)

    assert "\x1b" not in text
    assert text == snapshot


def test_a_narrow_terminal_loses_nothing() -> None:
    """At 60 columns every fact is still there."""
    text = "".join(shown(REPORT, width=60).split())

    for fact in ("undocumented-status", "missing-challenge", "00000000000000bb", "--allow-writes"):
        assert fact in text


def test_markdown_is_inert(snapshot: SnapshotAssertion) -> None:
    """What a server answers can neither mention people nor open a tag in a pull request."""
    text = as_markdown(REPORT, changes(BASELINE, REPORT)).replace(str(AI_CONTRACT), "spec/ai.yaml")

    assert "<script>" not in re.sub(r"(?s)```.*?```", "", text)
    assert re.search(r"(?<!\\)@all", re.sub(r"(?s)```.*?```", "", text)) is None
    assert text == snapshot


def test_markdown_shows_the_worst_and_counts_the_rest() -> None:
    """A pull request is not the place for a hundred findings."""
    text = as_markdown(REPORT, most=1)

    assert "undocumented-status" in text
    assert "missing-challenge" not in text
    assert "…and 1 more finding, in the full report." in text


def test_junit_has_one_test_a_clause() -> None:
    """Broken fails, undecided is skipped, a warning without a clause is told and passes."""
    root = ET.fromstring(as_junit(REPORT))
    tests = {
        f"{test.get('classname')} {test.get('name')}": [child.tag for child in test]
        for test in root.iter("testcase")
    }

    assert tests == {
        f"{IMAGE} body.required.prompt": ["failure"],
        f"{IMAGE} control": [],
        f"{IMAGE} stream.end": ["skipped"],
        f"{IMAGE} security.expired": ["skipped"],
        "GET /api/ai/models control": [],
        "GET /api/ai/models A 401 without a challenge": ["system-out"],
    }
    image = root.find("testsuite")
    assert image is not None
    assert (image.get("tests"), image.get("failures"), image.get("skipped")) == ("4", "1", "2")
    failure = root.find(".//failure")
    assert failure is not None
    assert "expected: 400\ngot: 200" in (failure.text or "")


def test_an_error_without_a_clause_fails_a_test_of_its_own() -> None:
    """No pipeline can miss it."""
    loose = FINDINGS[1].at(lambda place: replace(place, clause=""))
    root = ET.fromstring(as_junit(replace(REPORT, clauses=(), findings=(loose,))))

    assert root.find("testsuite/testcase/failure") is not None


def test_sarif_points_at_the_contracts_lines(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A path below the current folder is relative, as code scanning needs it."""
    monkeypatch.chdir(AI_CONTRACT.parent.parent)
    run = json.loads(as_sarif(REPORT))["runs"][0]
    first, second = run["results"]

    assert [first["level"], second["level"]] == ["warning", "error"]
    where = second["locations"][0]["physicalLocation"]
    assert where == {
        "artifactLocation": {"uri": "spec/ai.yaml"},
        "region": {"startLine": 30},
    }
    assert second["partialFingerprints"] == {"conformance/v2": "00000000000000bb"}
    rules = run["tool"]["driver"]["rules"]
    assert [rules[one["ruleIndex"]]["id"] for one in run["results"]] == [
        one["ruleId"] for one in run["results"]
    ]


@pytest.mark.parametrize("report", [REPORT, EMPTY], ids=["full", "empty"])
def test_sarif_is_what_others_read(report: Report) -> None:
    """SARIF 2.1.0, as an independent model of the standard has it."""
    read = Sarif.model_validate_json(as_sarif(report))

    assert len(read.runs[0].results or []) == len(report.findings)


def test_har_holds_every_exchange() -> None:
    """An answer that never came has status 0."""
    entries = json.loads(as_har(REPORT))["log"]["entries"]

    assert [entry["response"]["status"] for entry in entries] == [200, 0]
    assert entries[0]["request"]["postData"]["text"] == '{"model":"m"}'
    assert entries[0]["request"]["queryString"] == [{"name": "a", "value": "1"}]
    assert entries[0]["comment"] == "a, b"


def test_html_is_one_file_that_escapes_everything() -> None:
    """No resource is fetched, and nothing that a server said becomes markup."""
    page = as_html(REPORT, changes(BASELINE, REPORT))

    assert "<script>alert(1)</script>" not in page
    assert re.findall(r"(?:src|href)=\"(?!#)[^\"]*\"", page) == []
    assert "curl -H &#39;Authorization: Bearer $TOKEN&#39;" in page
    assert AI_CONTRACT.read_text(encoding="utf-8").splitlines()[29].strip() in page
    for one in CLAUSES:
        assert one.id in page


UNSEEN = "\x00\x07\x1b[31m\x7f\x85\x9b\u200b\u200f\u202e\u2028\u2066\ufeff\U000e0041\ud800"
"""Letters that a reader does not see, or that change how others are seen."""
EXACT = frozenset({"har", "json"})
"""Formats for programs, which have each text as it was."""
OURS = frozenset({"file", "fingerprint", "sha256"})
"""Texts that come from no server and no contract."""


def filled(value: Any) -> Any:
    """The value with `UNSEEN` in every text that comes from a server or from a contract."""
    if isinstance(value, str) and not isinstance(value, Enum):
        return f"a{UNSEEN}b"
    if isinstance(value, tuple):
        return tuple(map(filled, value))
    if not is_dataclass(value) or isinstance(value, type):
        return value
    names = [one.name for one in fields(value) if one.name not in OURS]
    return replace(value, **{name: filled(getattr(value, name)) for name in names})


def texts(value: object) -> Iterator[str]:
    """All texts of a JSON value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for one in value.values() if isinstance(value, dict) else value:
            yield from texts(one)


@pytest.mark.parametrize("name", [*(one for one in FORMATS if one not in EXACT), "terminal"])
def test_a_reader_sees_every_letter(tmp_path: Path, name: str) -> None:
    """Control characters, and those that turn the direction of a text, are shown as escapes."""
    report = filled(REPORT)
    if name == "terminal":
        told = [shown(report)]
    else:
        write(Destination(format=name, path=tmp_path / name), report)
        told = [(tmp_path / name).read_text("utf-8")]
    if name in ("gitlab", "sarif"):
        told = list(texts(json.loads(told[0])))
    letters = set("".join(told)) & set(UNSEEN) - set("[31m")

    assert letters == set()
    assert any("\\u202e" in one or "%E2%80%AE" in one for one in told)


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("report", [REPORT, EMPTY], ids=["full", "empty"])
def test_every_format_is_written_whole(tmp_path: Path, name: str, report: Report) -> None:
    """Also for a report that has nothing to say; nothing but the report is left in the folder."""
    to = destination(f"{name}={tmp_path}/sub/report.out")
    write(to, report)

    assert to.path.stat().st_size > 0
    assert [one.name for one in (tmp_path / "sub").iterdir()] == ["report.out"]


class Walked(tuple[Clause, ...]):
    """Clauses that count how often somebody goes through all of them."""

    times = 0

    def __iter__(self) -> Iterator[Clause]:
        self.times += 1
        return super().__iter__()


@pytest.mark.parametrize("write", [as_html, as_json, as_junit, as_markdown, shown])
def test_what_a_report_costs_grows_with_its_clauses(write: Callable[[Report], str]) -> None:
    """They are not gone through once more for each operation."""
    times = list[int]()
    for operations in (1, 9):
        clauses = Walked(
            clause("control", ClauseKind.CONTROL, Verdict.HELD, f"GET /{number}")
            for number in range(operations)
        )
        write(replace(REPORT, clauses=clauses))
        times.append(clauses.times)

    assert times[0] == times[1] > 0


def test_a_long_name_is_written(tmp_path: Path) -> None:
    """The file beside it that takes its place at last has no longer name."""
    to = destination(f"json={tmp_path}/{'n' * 250}")
    write(to, EMPTY)

    assert to.path.exists()


def test_a_lone_surrogate_stops_no_report(tmp_path: Path) -> None:
    """Servers echo what they were sent."""
    response = replace(RESPONSE, body="\ud800\x00")
    odd = FINDINGS[1].at(lambda place: replace(place, got="\ud800", response=response))
    for name in FORMATS:
        write(Destination(format=name, path=tmp_path / name), replace(REPORT, findings=(odd,)))

    assert len(list(tmp_path.iterdir())) == len(FORMATS)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("json", "'json' is not FORMAT=PATH"),
        ("jsn=a", "there is no report format 'jsn'; did you mean json?"),
        ("pdf=a", "use one of github, gitlab, har"),
        ("json=.", "cannot be written: it is a folder"),
        ("json=/proc/nowhere/a.json", "cannot be written"),
    ],
)
def test_a_path_that_cannot_be_written_is_told_before_the_run(text: str, message: str) -> None:
    """Nothing is found only to be lost."""
    with pytest.raises(DestinationError, match=re.escape(message)):
        destination(text)


def test_json_is_what_the_terminal_said() -> None:
    """One report, one truth: all that the terminal names is in the JSON."""
    data = json.loads(as_json(REPORT))

    assert data["verdict"] == "breaks"
    assert [one["fingerprint"] for one in data["findings"]] == [
        "00000000000000aa",
        "00000000000000bb",
    ]


def test_a_pipe_gets_each_fact_in_one_line() -> None:
    """Nothing is wrapped or padded there, and no text of a server begins a line."""
    long = "curl " + "x" * 300 + " --data-binary '{}'"
    forged = replace(PLACE, curl=long, got="200: a\n::error file=x::forged\x1b[2J")
    finding = replace(FINDINGS[1], title="a title\n::error::forged", places=(forged,))
    lines = shown(replace(REPORT, findings=(finding,)), folded=False).splitlines()

    assert any(line.endswith(long) for line in lines)
    assert not any(line.lstrip().startswith("::") for line in lines)
    assert not any("\x1b" in line for line in lines)


@pytest.mark.parametrize(
    ("write", "most"), [(lambda report: shown(report, folded=False), 12), (as_markdown, 50)]
)
def test_many_operations_are_named_in_part(write: Callable[[Report], str], most: int) -> None:
    """A line of hundreds hides what is wrong with them; the other reports have all."""
    places = tuple(replace(PLACE, operation=f"GET /{number}", clause="") for number in range(60))
    text = write(replace(REPORT, findings=(replace(FINDINGS[1], places=places),), clauses=()))

    assert f"GET /{most - 1}" in text
    assert f"GET /{most}" not in text
    assert f"…and {60 - most} more operations" in text


def test_several_findings_are_listed_once_more_at_the_end() -> None:
    """Below the tables, each with the fingerprint that `waive` and `replay` take."""
    lines = shown(REPORT, folded=False).splitlines()
    table = next(n for n, line in enumerate(lines) if line.startswith("operation"))
    last = [line for line in lines[table:] if line.startswith(("ERROR", "WARNING"))]

    assert [line.rpartition(" ")[2] for line in last] == ["00000000000000bb", "00000000000000aa"]


@pytest.mark.parametrize("verdict", [ReportVerdict.INTERRUPTED, ReportVerdict.UNDECIDED])
def test_what_was_not_seen_is_no_passed_test(verdict: ReportVerdict) -> None:
    """A run that ended before its time is an error in JUnit, with the number of its requests."""
    unseen = replace(REPORT, verdict=verdict, requests=3, clauses=(), findings=(), rooms=())
    root = ET.fromstring(as_junit(unseen))
    (error,) = root.iter("error")

    assert error.get("message") == f"{verdict.value} after 3 requests"
    assert [suite.get("errors") for suite in root] == ["1"]
