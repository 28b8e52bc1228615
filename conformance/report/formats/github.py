"""A report where GitHub Actions shows it: annotations at the contract's lines, the step summary.

GitHub shows ten annotations of a kind for a step and takes one mebibyte of summary
(docs.github.com, "Workflow commands for GitHub Actions"). It drops everything beyond silently, so
the worst findings come first, and the last annotation says how many more there are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import click

from conformance.report.baseline import BaselineChange
from conformance.report.findings import Finding, FindingPlace, Level, Report
from conformance.report.formats.markdown import as_markdown
from conformance.report.formats.printable import printable
from conformance.report.formats.verdicts import headline, in_order

__all__ = ["as_annotations", "as_summary", "show_on_github"]

MOST = 10
"""Annotations of one kind in one step."""
LARGEST = 1024 * 1024
"""Bytes of a step summary."""
_COMMANDS = {Level.ERROR: "error", Level.WARNING: "warning", Level.NOTE: "notice"}
_ESCAPES = {"%": "%25", "\r": "%0D", "\n": "%0A"}
"""As the runner reads them back (actions/toolkit, `command.ts`); `:` and `,` end a property."""
_PROPERTY_ESCAPES = {**_ESCAPES, ":": "%3A", ",": "%2C"}


def show_on_github(
    report: Report, changed: tuple[BaselineChange, ...], environment: Mapping[str, str]
) -> None:
    """Print annotations and append to the summary, where the environment is GitHub's.

    Raises:
        OSError: the summary's file cannot be written.
    """
    if environment.get("GITHUB_ACTIONS") == "true":
        click.echo(as_annotations(report), nl=False)
    if environment.get("GITHUB_STEP_SUMMARY"):
        summary = Path(environment["GITHUB_STEP_SUMMARY"])
        used = summary.stat().st_size if summary.exists() else 0
        with summary.open("a", encoding="utf-8") as file:
            file.write(as_summary(report, changed, LARGEST - used))


def as_annotations(report: Report) -> str:
    """Workflow commands, ten of a kind at the most; one that says so where there is no finding."""
    lines: list[str] = []
    for level in reversed(Level):
        found = list(_open(report, level))
        shown = found if len(found) <= MOST else found[: MOST - 1]
        lines += [_annotation(finding, place) for finding, place in shown]
        if len(found) > len(shown):
            more = f"and {len(found) - len(shown)} more; the report has them all"
            lines.append(f"::{_COMMANDS[level]} title=conformance::{more}")
    lines = lines or [f"::notice title=conformance::{_escaped(headline(report), _ESCAPES)}"]
    return "".join(f"{line}\n" for line in lines)


def _open(report: Report, level: Level) -> Iterator[tuple[Finding, FindingPlace]]:
    """The places of a level that are not waived, one place of each finding first."""
    places = [
        (number, finding, place)
        for finding in in_order(report.findings)
        for number, place in enumerate(finding.places)
        if place.level is level and not place.waived
    ]
    yield from ((finding, place) for _, finding, place in sorted(places, key=lambda one: one[0]))


def _annotation(finding: Finding, place: FindingPlace) -> str:
    properties = {"title": finding.code.value}
    if place.place is not None and not Path(place.place.file).is_absolute():
        at = {"file": place.place.file, "line": str(max(1, place.place.line))}
        properties = at | properties
    facts = [
        finding.title,
        place.clause,
        f"expected {place.expected}" if place.expected else "",
        f"got {place.got}" if place.got else "",
        place.curl,
    ]
    message = _escaped("\n".join(printable(fact) for fact in facts if fact), _ESCAPES)
    written = ",".join(
        f"{name}={_escaped(value, _PROPERTY_ESCAPES)}" for name, value in properties.items()
    )
    return f"::{_COMMANDS[place.level]} {written}::{message}"


def _escaped(text: str, escapes: Mapping[str, str]) -> str:
    return "".join(escapes.get(letter, letter) for letter in text)


def as_summary(
    report: Report, changed: tuple[BaselineChange, ...] = (), room: int = LARGEST
) -> str:
    """The report as Markdown that fits into so many bytes; "" where nothing does."""
    for text in _shorter(report, changed):
        if len(text.encode()) <= room:
            return text
    return ""


def _shorter(report: Report, changed: tuple[BaselineChange, ...]) -> Iterator[str]:
    most = max(25, len(report.findings))
    while most:
        yield as_markdown(report, changed, most)
        most //= 2
    yield as_markdown(report, (), 0)
