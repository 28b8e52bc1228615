"""Reports and their places as a command line names them."""

from __future__ import annotations

from difflib import get_close_matches
from pathlib import Path

import click

from conformance.report.findings import Finding, FindingPlace, Report
from conformance.report.formats.json_reader import ReportError, read_report

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
    near = get_close_matches(fingerprint, known, n=3, cutoff=0.5)
    meant = f"did you mean {' or '.join(near)}?" if near else f"it has {len(known)} places"
    raise click.UsageError(f"the report has no place {fingerprint!r}; {meant}")
