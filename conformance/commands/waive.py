"""`conformance waive REPORT`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path

import click

from conformance.report.findings import Finding, FindingPlace, Level
from conformance.report.formats.json_reader import ReportError, read_report
from conformance.report.waiver_file import WaiverError, as_yaml, extended, read_waivers, renewed
from conformance.report.waivers import Waiver
from spec.model.short_texts import plural
from spec.settings.option_sources import configured

__all__ = ["command"]

_DAYS = 90
"""Days that a waiver holds where no last day is given."""


@configured("conformance")
@click.command("waive")
@click.argument("report", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--reason", required=True, help="Reason why the findings are accepted.")
@click.option("--owner", required=True, help="Person or team that is responsible for the waiver.")
@click.option(
    "--expires",
    metavar="YYYY-MM-DD",
    help=f"Last day on which they are accepted. Default: {_DAYS} days from now.",
)
@click.option(
    "--only",
    multiple=True,
    metavar="FINGERPRINT",
    help="Fingerprint of one place, or a finding code. Repeatable. Default: all errors.",
)
@click.option(
    "--waivers",
    type=click.Path(path_type=Path, dir_okay=False),
    default=Path("contract-waivers.yaml"),
    show_default=True,
    help="File that the waivers are added to.",
)
def command(
    report: Path,
    reason: str,
    owner: str,
    expires: str | None,
    only: tuple[str, ...],
    waivers: Path,
) -> None:
    """Accept findings of a JSON report until a date, with a reason. Each place gets its own waiver.

    A waiver that is still valid is not changed. One that has expired is renewed.
    """
    for option, text in (("--reason", reason), ("--owner", owner)):
        if not text.strip():
            raise click.UsageError(f"{option}: it is empty, and a waiver needs one; write a text")
    try:
        known = read_waivers(waivers) if waivers.exists() else ()
        chosen = _chosen(read_report(report).findings, only)
    except (WaiverError, ReportError) as error:
        raise click.UsageError(str(error)) from error
    last_day = _day(expires)
    valid = {one.fingerprint: one for one in known if not one.expired(date.today())}
    added = [
        _waiver(*one, reason, owner, last_day)
        for fingerprint, one in chosen.items()
        if fingerprint not in valid
    ]
    if not added:
        why = f"{waivers} has them all" if chosen else "the report has no error to accept"
        click.echo(f"nothing is added: {why}")
        return
    _write(waivers, _text(waivers, known, added))
    click.echo(f"{plural(len(added), 'waiver')} added to {waivers}, until {last_day}")


def _text(path: Path, known: Sequence[Waiver], added: Sequence[Waiver]) -> str:
    """The file with what is added: a waiver that is renewed has new values at its old place."""
    before, new = {one.fingerprint for one in known}, {one.fingerprint for one in added}
    fresh = [one for one in added if one.fingerprint not in before]
    text = path.read_text("utf-8") if known else None
    if text is not None and len(fresh) < len(added):
        text = renewed(text, [one for one in added if one.fingerprint in before])
    if text is not None and fresh:
        text = extended(text, fresh)
    return text or as_yaml([*(one for one in known if one.fingerprint not in new), *added])


def _chosen(
    findings: tuple[Finding, ...], only: tuple[str, ...]
) -> Mapping[str, tuple[Finding, FindingPlace]]:
    """The places to waive, by fingerprint."""
    every = [(finding, place) for finding in findings for place in finding.places]
    names = {name for finding, place in every for name in (place.fingerprint, finding.code)}
    for name in only:
        if name not in names:
            raise click.UsageError(f"--only {name}: the report has no such fingerprint or code")
    return {
        place.fingerprint: (finding, place)
        for finding, place in every
        if not finding.code.startswith("waiver-")
        and (
            place.fingerprint in only
            or finding.code in only
            or (not only and place.level is Level.ERROR)
        )
    }


def _day(text: str | None) -> date:
    if text is None:
        return date.today() + timedelta(days=_DAYS)
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise click.UsageError(f"--expires {text}: write a date such as 2027-01-31") from None
    if day < date.today():
        raise click.UsageError(f"--expires {text}: this day has passed")
    return day


def _waiver(
    finding: Finding, place: FindingPlace, reason: str, owner: str, expires: date
) -> Waiver:
    at = f", {place.clause}" if len(finding.places) > 1 else ""
    return Waiver(
        fingerprint=place.fingerprint,
        reason=reason,
        owner=owner,
        expires=expires,
        code=finding.code.value,
        finding=f"{finding.title}{at}",
    )


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise click.UsageError(f"{path} cannot be written: {error.strerror}") from error
