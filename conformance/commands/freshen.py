"""`conformance freshen`: an overlay whose canned answers look like the deployment's."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import click
import ijson

from conformance.clauses.clause import Verdict
from conformance.clauses.kinds import ClauseKind
from conformance.clauses.value_paths import EACH
from conformance.commands.contracts.contract_choice import chosen_contract, said_of
from conformance.commands.contracts.reach import Reach, reach_options
from conformance.commands.options.help_texts import SectionedCommand
from conformance.commands.options.parameter_types import OutputFile
from conformance.commands.options.report_places import report_of
from conformance.commands.options.telling import tell
from conformance.commands.run import with_options_of_run
from conformance.commands.running.traffic_sources import taken_in, traffic_options
from conformance.http.exchange import Answer
from conformance.judgement.canned import CannedDifference
from conformance.judgement.json_answers import read_json
from conformance.report.codes.finding_code import FindingCode
from conformance.report.findings import FindingPlace, Report
from conformance.traffic.freshening import Freshening, Proposal
from conformance.traffic.har import BROKEN_JSON
from conformance.traffic.traffic_judge import TrafficJudge
from spec import Contract, OverlayError, overlay_of
from spec.model.short_texts import plural
from spec.reading.document_text import read_file
from spec.reading.overlay_text import with_actions
from spec.reading.regular_files import open_regular
from spec.settings.option_sources import configured

__all__ = ["command"]

_EXAMPLES = {
    "conformance freshen e2e.har --output api.overlay.yaml": "use recorded traffic",
    "conformance freshen run.json": "use the differences that a run's report lists",
    "conformance freshen --follow http://127.0.0.1:4010 --time-budget 60": (
        "use the live traffic of a mock-server with --upstream"
    ),
}


@configured("conformance")
@with_options_of_run("overlay", "quiet")
@click.command("freshen", cls=SectionedCommand, examples=_EXAMPLES)
@click.argument(
    "files",
    metavar="[HAR|REPORT]...",
    nargs=-1,
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
)
@traffic_options
@click.option(
    "--output",
    type=OutputFile(may_be_overlay=True),
    metavar="FILE",
    help="File to write; it may be the existing overlay. Default: standard output.",
)
@reach_options
def command(files: tuple[Path, ...], **given: Any) -> None:
    """Propose an overlay whose examples match the responses of a deployment.

    HAR is recorded traffic, including that of a run (--report har=FILE); REPORT is the JSON report
    of `run` or `judge`. Properties that the deployment never sends are removed from the examples,
    properties that it always sends are added, and values of another JSON type are replaced. Where
    there is no example yet, a recorded response becomes one. The new actions are appended to the
    existing overlay, whose comments are kept. Responses that break the contract are left out and
    listed.

    Exit codes: 0 the overlay was written, 2 wrong usage or input, or no successful response was
    seen.
    """
    if not files and not given["follow"]:
        raise click.UsageError("no traffic was given; name HAR files or --follow URL")
    path = chosen_contract(given["contract"])
    if not isinstance(path, Path):
        raise click.UsageError("--contract must be a file here: its overlay lies beside it")
    reach = Reach.of(given)
    overlay = overlay_of(path, given["overlay"])
    contract = reach.load(path, overlay=overlay)
    if not given["quiet"]:
        tell(said_of(contract, given["contract"]))
    proposal = _proposal(contract, files, given)
    text = _proposed_overlay(overlay, proposal)
    _check(text, path, reach)
    _write(text, given["output"])
    if not given["quiet"]:
        _tell(proposal)


def _proposal(contract: Contract, files: Iterable[Path], given: Mapping[str, Any]) -> Proposal:
    judge = TrafficJudge(contract, "freshen", given["url"] or "")
    freshening = Freshening(contract, judge.redactor.said)
    judge.on_success = freshening.see
    hars, reports = list[Path](), list[Report]()
    for file in files:
        if _is_report(file):
            reports.append(report_of(file))
            _learn(freshening, contract, reports[-1])
        else:
            hars.append(file)
    remarks, interrupted = taken_in(judge, hars, given)
    for remark in remarks:
        tell(remark)
    if interrupted:
        raise click.Abort
    if freshening.empty and not any(map(_saw_a_success, reports)):
        raise click.UsageError(
            "no success of an operation of the contract was seen, and no report says that canned "
            "answers differ; nothing can be learned"
        )
    return freshening.proposal()


def _is_report(file: Path) -> bool:
    """Whether a file is a report of this kit: it begins with its version, an archive with `log`."""
    try:
        with open_regular(file) as opened:
            events = ijson.basic_parse(opened, use_float=True)
            return (next(events)[0], next(events)) == ("start_map", ("map_key", "version"))
    except (*BROKEN_JSON, StopIteration, OSError):
        return False


def _saw_a_success(report: Report) -> bool:
    """Whether the canned answers were compared with one, and no note says that they differ."""
    held = (one.kind for one in report.clauses if one.verdict is Verdict.HELD)
    return ClauseKind.CONTROL in held


def _learn(freshening: Freshening, contract: Contract, report: Report) -> None:
    for finding in report.findings:
        if finding.code == FindingCode.CANNED_DIFFERS:
            for place in finding.places:
                _learn_place(freshening, contract, place)


def _learn_place(freshening: Freshening, contract: Contract, place: FindingPlace) -> None:
    """What a note says; an answer that the report has cut shows no values."""
    operation, shown = contract.operation(place.operation), place.response
    response = operation.response_for(shown.status) if operation and shown else None
    if shown is None or response is None or not place.witness:
        return
    body = (shown.body or "").encode("utf-8", "replace")
    if read_json(body).problem:
        body = b""
    freshening.keep(place.operation, Answer(status=shown.status, headers=shown.headers, body=body))
    steps = place.witness["place"]
    freshening.tell(
        CannedDifference(
            operation=place.operation,
            response=response,
            place=tuple(EACH if step is None else str(step) for step in steps),
            canned=tuple(place.witness["canned"]),
            seen=tuple(place.witness["deployment"]),
        )
    )


def _proposed_overlay(overlay: Path | None, proposal: Proposal) -> str:
    # Read for its errors: to text that is no YAML nothing can be appended.
    read_file(overlay) if overlay else None
    text = overlay.read_text("utf-8-sig") if overlay else None
    remarks = [
        "Proposed by `conformance freshen`: what the deployment was seen to answer.",
        *(f"Put aside: {one}" for one in proposal.aside),
    ]
    return with_actions(text, proposal.actions, remarks)


def _check(text: str, contract: Path, reach: Reach) -> None:
    """Lay the overlay over the contract before anybody gets it."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "proposed.overlay.yaml"
        file.write_text(text, "utf-8")
        try:
            reach.load(contract, overlay=file)
        except OverlayError as error:
            raise click.UsageError(f"no overlay can be made that fits: {error}") from error


def _write(text: str, output: Path | None) -> None:
    if output is None:
        click.echo(text, nl=False)
        return
    try:
        output.write_text(text, "utf-8")
    except OSError as error:
        raise click.UsageError(f"--output {output}: {error.strerror}") from error


def _tell(proposal: Proposal) -> None:
    for one in proposal.aside:
        tell(f"put aside: {one}")
    count = len(proposal.actions)
    tell(
        f"{plural(count, 'action')} appended"
        if count
        else "canned answers look like the deployment's; nothing is to change"
    )
