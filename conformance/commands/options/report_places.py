"""Reports and their places as a command line names them."""

from __future__ import annotations

from pathlib import Path

import click

from conformance.report.findings import Finding, FindingPlace, Report
from conformance.report.formats.json_reader import ReportError, read_report
from spec.model.near_names import did_you_mean
from spec.model.short_texts import plural

__all__ = ["place_of", "report_of"]


def report_of(path: Path) -> Report:
    """The report in a file. Raises click.UsageError where there is none in it."""
    try:
        return read_report(path)
    except ReportError as error:
        raise click.UsageError(str(error)) from error


def place_of(report: Report, fingerprint: str) -> tuple[Finding, FindingPlace]:
    """The place of a fingerprint, with its finding.

    Raises:
        click.UsageError: the report has none, with those that are near.
    """
    known = {place.fingerprint: (one, place) for one in report.findings for place in one.places}
    if fingerprint in known:
        return known[fingerprint]
    places = f"it has {plural(len(known), 'place')}"
    meant = did_you_mean(fingerprint, known, places, most=3, cutoff=0.5)
    raise click.UsageError(f"the report has no place {fingerprint!r}; {meant}")
