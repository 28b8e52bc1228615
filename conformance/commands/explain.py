"""`conformance explain CODE|FINGERPRINT`."""

from __future__ import annotations

import shlex
import textwrap
from collections.abc import Iterator
from pathlib import Path

import click

from conformance.commands.options.level_option import level_option, levels_of
from conformance.commands.options.report_places import place_of, report_of
from conformance.report.codes.code import Code
from conformance.report.codes.registry import CODES, UnknownCodeError, code
from conformance.report.findings import FindingPlace, Report
from conformance.report.fingerprint import is_fingerprint
from conformance.report.formats.printable import one_line
from conformance.report.levels import Levels
from spec.settings.option_sources import OptionOfACall, configured

__all__ = ["command"]

_WIDTH = 88
"""Columns of a paragraph: longer lines are hard to read, whatever the terminal has."""


@configured("conformance")
@click.command("explain")
@click.argument("name", metavar="CODE|FINGERPRINT", required=False)
@click.option(
    "--report",
    cls=OptionOfACall,
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    metavar="REPORT",
    help="JSON report that contains FINGERPRINT.",
)
@click.option("--list", "list_all", is_flag=True, help="List all finding codes with their levels.")
@level_option
def command(name: str | None, report: Path | None, list_all: bool, levels: tuple[str, ...]) -> None:
    """Explain what a finding code means and what to do about it, or show one place of a report.

    An arrow marks a level that your settings changed: `error → note`.
    """
    own = levels_of(levels)
    if list_all or name is None:
        for entry in CODES.values():
            click.echo(f"{entry.code:29} {_level(entry, own):17} {entry.title}")
    elif report is not None:
        _explain_place(report_of(report), name, report)
    elif is_fingerprint(name):
        raise click.UsageError(
            f"explaining {name} needs the report that contains it: --report REPORT"
        )
    else:
        _explain_code(name, own)


def _level(entry: Code, own: Levels) -> str:
    """The usual level, and the owner's where it is another one."""
    names = dict.fromkeys((entry.level.value, own.get(entry.code, entry.level).value))
    return " → ".join(names)


def _explain_code(name: str, own: Levels) -> None:
    try:
        entry = code(name)
    except UnknownCodeError as error:
        raise click.UsageError(str(error)) from error
    click.echo(f"{entry.code} ({_level(entry, own)}, {entry.room})\n{entry.title}\n")
    click.echo(textwrap.fill(entry.explain, width=_WIDTH))


def _explain_place(report: Report, fingerprint: str, path: Path) -> None:
    finding, place = place_of(report, fingerprint)
    click.echo(f"{fingerprint} ({place.level.value}, {finding.code.value})")
    click.echo(f"{one_line(finding.title)}\n")
    for name, text in _facts(report, place, path):
        if text:
            click.echo(f"{name:<9}  {one_line(text)}")
    click.echo(f"\n{textwrap.fill(code(finding.code).explain, width=_WIDTH)}")


def _facts(report: Report, place: FindingPlace, path: Path) -> Iterator[tuple[str, str]]:
    """What is promised, what was sent, what came, and what can be done with it."""
    promises = {clause.id: clause.promise for clause in report.clauses}
    yield "clause", place.clause
    yield "promised", promises.get(place.clause, "")
    yield "contract", f"{place.place or ''}  {place.pointer}".strip()
    yield "tried", place.label
    if place.request is not None:
        yield "sent", f"{place.request.method} {place.request.url}"
        for name, value in place.request.headers:
            yield "", f"{name}: {value}"
        yield "", place.request.body or ""
    yield "expected", place.expected
    yield "got", place.got
    if place.response is not None:
        yield "answer", f"{place.response.status} {place.response.body or ''}".strip()
    yield "seen", "intermittently" if place.intermittent else ""
    yield "one of", ", ".join(place.batch)
    yield "reproduce", place.curl
    file = shlex.quote(str(path))
    if place.trial is not None:
        yield "replay", f"conformance replay {file} {place.fingerprint}"
    yield (
        "waive",
        f"conformance waive {file} --only {place.fingerprint} --reason '…' --owner '…'",
    )
