"""`conformance judge HAR…`: what recorded traffic shows of a deployment, and of its clients."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import click

from conformance.commands.contracts.contract_choice import chosen_waivers, said_of
from conformance.commands.contracts.reach import Reach, reach_options
from conformance.commands.options.help_texts import SectionedCommand
from conformance.commands.options.level_option import level_option, levels_of
from conformance.commands.options.reporting import fail_on_option, publish, report_option
from conformance.commands.options.telling import tell
from conformance.commands.run import baseline_of, contract_of, with_options_of_run
from conformance.commands.running.traffic_sources import taken_in, traffic_options
from conformance.report.baseline import changes
from conformance.report.command_outcome import breaks, exit_code
from conformance.report.findings import Level, Report, ReportVerdict
from conformance.report.levels import leveled
from conformance.report.waivers import apply
from conformance.traffic.traffic_judge import TrafficJudge
from spec.settings.option_sources import configured

__all__ = ["command"]

_EXAMPLES = {
    "conformance judge e2e.har --contract openapi.yaml": "a HAR of Playwright's recordHar",
    "conformance judge *.har --url https://staging.example.com/api": (
        "only the traffic of one deployment"
    ),
    "conformance judge --follow http://127.0.0.1:4010": "a mock-server with --upstream, live",
}


@configured("conformance")
@with_options_of_run("overlay", "min_observed", "waivers", "baseline", "quiet")
@click.command("judge", cls=SectionedCommand, examples=_EXAMPLES)
@click.argument(
    "hars",
    metavar="[HAR]...",
    nargs=-1,
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
)
@traffic_options
@reach_options
@level_option
@fail_on_option
@report_option
@click.pass_context
def command(ctx: click.Context, /, hars: tuple[Path, ...], **given: Any) -> None:
    """Judge recorded traffic of a deployment by its contract, without sending requests.

    HAR is an HTTP Archive from a browser, Playwright (recordHar), a proxy or a mock
    (/__mock/requests.har). Requests that break the contract are findings about the client,
    separate from those about the deployment.

    Exit codes: 0 conforms, 1 findings, 2 wrong usage or input, or undecided, 130 interrupted.
    """
    if not hars and not given["follow"]:
        raise click.UsageError("no traffic was given; name HAR files or --follow URL")
    if any(one.shows_exchanges for one in given["reports"]):
        raise click.UsageError(
            "--report har=… is not possible here: the traffic is already in HAR files"
        )
    contract = contract_of(given["contract"], given["overlay"], Reach.of(given))
    baseline = baseline_of(given["baseline"])
    if not given["quiet"]:
        tell(said_of(contract, given["contract"]))
    name = given["url"] or given["follow"] or ", ".join(map(str, hars))
    judge = TrafficJudge(contract, name, given["url"] or "")
    remarks, interrupted = taken_in(judge, hars, given)
    report = _report_of(judge, given, remarks, interrupted=interrupted)
    changed = changes(baseline, report) if baseline is not None else ()
    publish(report, given["reports"], changed)
    ctx.exit(exit_code(report))


def _report_of(
    judge: TrafficJudge, given: dict[str, Any], remarks: list[str], *, interrupted: bool
) -> Report:
    fail_on = Level(given["fail_on"])
    report = judge.report(fail_on, given["min_observed"])
    waivers = chosen_waivers(given["waivers"], judge.contract.file)
    result = apply(report.findings, waivers, date.today(), rooms=())
    found = leveled(result.findings, levels_of(given["levels"]))
    verdict = ReportVerdict.UNDECIDED if report.doubts else ReportVerdict.CONFORMS
    verdict = ReportVerdict.BREAKS if breaks(found, fail_on) else verdict
    return replace(
        report,
        findings=found,
        verdict=ReportVerdict.INTERRUPTED if interrupted else verdict,
        remarks=(*remarks, *report.remarks, *result.remarks()),
    )
