"""What the kit promises of itself, before a whole backend: the same twice, kind, and discreet."""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
from dataclasses import replace
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from conformance.clauses.clause import Verdict
from conformance.clauses.kinds import ClauseKind
from conformance.http.credentials import Credentials
from conformance.http.target import Target, parse_target
from conformance.report.findings import Report, ReportVerdict
from conformance.report.formats.destinations import FORMATS, destination, write
from conformance.report.formats.terminal import TerminalReport
from conformance.run.session.run_options import RunOptions
from conformance.run.way_of_a_clause import way_of_a_clause
from conformance.run.whole_run import Run
from tests.conformance.backend import Backend, serving
from tests.conformance.backend.gateway import State
from tests.conformance.backend.operations import IMAGE, MODELS, PUT_CONFIG, ROTATE
from tests.conformance.examination.single import CONTRACT

pytestmark = pytest.mark.slow

FAULTY = ("prompt-optional", "tenth-fails", "no-challenge")
BOTH = (MODELS, IMAGE)
NEVER_GOOD = "a forged token was refused, which was never good; give --expired-token"
NO_FOREIGN = "no credential of another system was given: --foreign NAME=VALUE"


def run_against(backend: Backend, target: Target | None = None, **options: object) -> Report:
    """Run the kit with the backend's own tokens, and a few generated requests."""
    tokens = backend.tokens
    credentials = Credentials(token=tokens.admin, by_tag={"Client": tokens.client})
    usual = RunOptions(credentials=credentials, max_examples=3)
    given = replace(usual, **options)  # type: ignore[arg-type]
    run = Run(CONTRACT, target or Target(app=backend), given)
    asyncio.run(way_of_a_clause(run))
    return run.report()


def test_one_seed_sends_the_same_and_says_the_same() -> None:
    """Two runs with one seed: the same requests in the same order, and the same report."""
    first, second = (
        run_against(Backend(FAULTY), include=BOTH, keep_exchanges=True) for _ in range(2)
    )

    sent = [[one.request for one in report.exchanges] for report in (first, second)]
    assert sent[0] == sent[1]
    assert replace(first, seconds=0) == replace(second, seconds=0)
    assert len(first.findings) >= 2


def test_fingerprints_survive_another_seed_and_port() -> None:
    """What a waiver names is known again in the next run, wherever it goes."""
    found = []
    for seed in (1, 20261122):
        backend = Backend(["prompt-optional", "no-challenge"])
        with serving(backend) as url:
            report = run_against(backend, parse_target(url), include=BOTH, seed=seed)
        found.append({one.fingerprint for one in report.findings})

    assert found[0] == found[1] != set()


def test_without_allow_writes_the_state_stays() -> None:
    """What a correct target keeps is the same before and after, generated cases included."""
    backend = Backend()

    report = run_against(backend, include=(PUT_CONFIG, ROTATE), max_examples=40)

    assert (backend.state, report.billable) == (State(), 0)
    assert report.requests > 20


@pytest.mark.parametrize("budget", [0, 1, 7, 25])
def test_the_ledger_of_the_target_shows_the_budget_kept(budget: int) -> None:
    """No more 2xx of an unsafe operation than `--max-billable`, in the target's own count."""
    backend = Backend()

    report = run_against(backend, include=BOTH, max_billable=budget)

    assert backend.ledger.billable[IMAGE] <= budget
    assert report.billable == sum(backend.ledger.billable.values())
    assert report.requests == len(backend.ledger.entries)


@pytest.mark.parametrize("form", [*FORMATS, "terminal"])
def test_no_report_shows_a_secret(tmp_path: Path, form: str) -> None:
    """Neither a token nor most of one, in any format."""
    backend = Backend(["token-without-case", "last-character-ignored"])
    families = frozenset({ClauseKind.CREDENTIALS})
    report = run_against(backend, include=BOTH, families=families, keep_exchanges=form == "har")

    text = shown(report, form, tmp_path)

    tokens = (backend.tokens.admin, backend.tokens.client)
    ends = [token.rpartition(".")[2] for token in tokens]
    parts = [part for one in ends for part in (one[:20], one[-20:], one.swapcase()[:20])]
    assert "TOKEN" in text or form in ("gitlab", "github", "sarif")
    assert [part for part in parts if part in text] == []


def shown(report: Report, form: str, folder: Path) -> str:
    """The report as one of the formats has it."""
    if form == "terminal":
        console = Console(record=True, width=200, file=StringIO())
        console.print(TerminalReport(report))
        return console.export_text()
    file = folder / "report"
    write(destination(f"{form}={file}"), report)
    return file.read_text("utf-8")


def test_our_own_mock_passes(tmp_path: Path) -> None:
    """Started as people start it; what a mock cannot show is named."""
    command = [str(Path(sys.executable).parent / "mock-server"), "--port", "0"]
    mock = subprocess.Popen(
        [*command, "--auth", "token=t", "--quiet"], stdout=subprocess.PIPE, text=True, cwd=tmp_path
    )
    try:
        assert mock.stdout is not None
        found = re.search(r"http://\S+", mock.stdout.readline())
        assert found is not None
        options = RunOptions(
            credentials=Credentials(token="t"), include=(IMAGE,), max_billable=80, max_examples=5
        )
        run = Run(CONTRACT, parse_target(found.group()), options)
        asyncio.run(way_of_a_clause(run))
        report = run.report()
    finally:
        mock.terminate()
        mock.communicate()

    unseen = {
        one.id.removeprefix(f"{IMAGE} "): one.why
        for one in report.clauses
        if one.verdict is not Verdict.HELD
    }
    assert (report.verdict, report.findings) == (ReportVerdict.CONFORMS, ())
    assert unseen == {
        "security.other-tag": "only one token was given; give one for each tag: --token TAG=…",
        "security.foreign": NO_FOREIGN,
        "security.beside": NO_FOREIGN,
        "security.expired": NEVER_GOOD,
        "status.500": "no request of this run made the server fail",
    }
