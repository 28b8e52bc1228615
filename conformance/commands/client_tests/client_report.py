"""What a proof of a client becomes: a report by the owner's levels and waivers, and a file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import click

from conformance.client.trial_report import Proof
from conformance.commands.contracts.contract_choice import chosen_waivers
from conformance.commands.options.level_option import levels_of
from conformance.report.command_outcome import breaks
from conformance.report.findings import Doubt, Level, Report, ReportVerdict
from conformance.report.levels import leveled
from conformance.report.waivers import apply
from spec.text.yaml_output import yaml_of

__all__ = ["judged", "write_failing"]


def judged(report: Report, proof: Proof, given: Mapping[str, Any]) -> Report:
    """The report with its findings at the owner's levels, waived where they are accepted."""
    waivers = chosen_waivers(given["waivers"], proof.contract.file)
    result = apply(proof.findings(), waivers, date.today(), rooms=())
    found, fail_on = leveled(result.findings, levels_of(given["levels"])), Level(given["fail_on"])
    doubts = () if report.clauses else (Doubt(text="no response to the client could be varied"),)
    verdict = report.verdict
    if verdict is not ReportVerdict.INTERRUPTED:
        verdict = ReportVerdict.UNDECIDED if doubts else ReportVerdict.CONFORMS
        verdict = ReportVerdict.BREAKS if breaks(found, fail_on) else verdict
    return replace(
        report,
        verdict=verdict,
        findings=found,
        doubts=doubts,
        remarks=(*report.remarks, *result.remarks(), *(one.remark for one in doubts)),
    )


def write_failing(file: Path, proof: Proof) -> None:
    """Write the scenarios of what breaks the client, for `mock-server --scenarios`.

    Raises:
        click.UsageError: the file cannot be written.
    """
    text = yaml_of(proof.scenarios())
    try:
        file.write_text(text, "utf-8")
    except OSError as error:
        raise click.UsageError(f"--failing {file}: {error.strerror}") from error
