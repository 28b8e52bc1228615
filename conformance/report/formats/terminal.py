"""The report on a terminal: findings first, then the ledger, then what was not seen."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from conformance.report.baseline import Change
from conformance.report.findings import (
    Finding,
    Level,
    Report,
    ReportVerdict,
)
from conformance.report.formats.printable import printable
from conformance.report.formats.verdicts import (
    headline,
    in_order,
    plural,
    standing,
    summary,
)
from conformance.report.tally import Tally, ledger, unseen

__all__ = ["TerminalReport"]

_STYLES = {Level.ERROR: "bold red", Level.WARNING: "bold yellow", Level.NOTE: "bold cyan"}
_VERDICTS = {
    ReportVerdict.CONFORMS: "bold green",
    ReportVerdict.BREAKS: "bold red",
    ReportVerdict.UNDECIDED: "bold yellow",
    ReportVerdict.UNREACHABLE: "bold red",
    ReportVerdict.INTERRUPTED: "bold yellow",
}
_BODY = 400
_PLACES = 12
_REASONS = 8
_CHANGES = 20


class TerminalReport:
    """A renderable for rich: `console.print(TerminalReport(report))`."""

    def __init__(self, report: Report, changed: tuple[Change, ...] = ()) -> None:
        self.report, self.changed = report, changed

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        if self.report.alert:
            yield Text(printable(self.report.alert), style="bold red")
            yield ""
        for finding in in_order(standing(self.report.findings)):
            yield _finding(finding)
            yield ""
        if self.report.clauses:
            yield _by_operation(self.report)
            yield ""
            yield _by_kind(self.report)
            yield ""
            yield from _unseen(self.report)
        if self.changed:
            yield from _changes(self.changed)
        for remark in self.report.remarks:
            yield Text(f"• {printable(remark)}", style="yellow")
        yield Text(printable(headline(self.report)), style=_VERDICTS[self.report.verdict])
        yield Text(summary(self.report))


def _finding(finding: Finding) -> RenderableType:
    head = Text.assemble(
        (finding.level.value.upper(), _STYLES[finding.level]),
        " ",
        (printable(finding.title), "bold"),
        (f"  {finding.code.value}", "dim"),
    )
    facts = Table.grid(padding=(0, 2))
    facts.add_column(style="dim", no_wrap=True)
    facts.add_column(overflow="fold")
    for name, text in _facts(finding):
        facts.add_row(name, Text(printable(text)))
    return Group(head, Padding(facts, (0, 0, 0, 2)))


def _places(finding: Finding) -> Iterator[tuple[str, str]]:
    """Each place of several, with the fingerprint that `waive` and `replay` take."""
    if len(finding.places) == 1:
        return
    for number, place in enumerate(finding.places[:_PLACES]):
        waived = ", waived" if place.waived else ""
        yield "" if number else "places", f"{place.fingerprint}  {place.clause}{waived}"
    if len(finding.places) > _PLACES:
        yield "", f"…and {plural(len(finding.places) - _PLACES, 'more place')}, in the reports"


def _facts(finding: Finding) -> list[tuple[str, str]]:
    facts = [
        ("where", ", ".join(finding.operations)),
        *_places(finding),
        ("contract", f"{finding.place or ''}  {finding.pointer}".strip()),
        ("expected", finding.expected),
        ("got", finding.got),
        ("tried", finding.first.label),
        ("answer", _answer(finding)),
        ("reproduce", finding.curl),
        ("remedy", finding.remedy),
        ("seen", f"{plural(finding.occurrences, 'time')}, fingerprint {finding.fingerprint}"),
    ]
    return [(name, text) for name, text in facts if text]


def _answer(finding: Finding) -> str:
    if finding.response is None or finding.got.startswith(str(finding.response.status)):
        return ""
    body = " ".join((finding.response.body or "").split())
    cut = "…" if len(body) > _BODY else ""
    return f"{finding.response.status} {body[:_BODY]}{cut}".strip()


def _table(first: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column(first, overflow="fold")
    for verdict in ("held", "broken", "inconclusive", "unobserved"):
        table.add_column(verdict, justify="right", no_wrap=True)
    return table


def _row(table: Table, name: str, tally: Tally, style: str = "") -> None:
    counts = (
        (tally.held, "green"),
        (tally.broken, "bold red"),
        (tally.inconclusive, "yellow"),
        (tally.unobserved, "dim"),
    )
    cells = [
        Text(str(number) if number else "·", shade if number else "dim") for number, shade in counts
    ]
    table.add_row(Text(printable(name)), *cells, style=style)


def _by_operation(report: Report) -> Table:
    found = ledger(report)
    table = _table("operation")
    for name, tally in found.by_operation.items():
        _row(table, name, tally)
    _row(table, "all", found.whole, style="bold")
    return table


def _by_kind(report: Report) -> Table:
    table = _table("kind")
    for name, tally in ledger(report).by_kind.items():
        _row(table, name, tally)
    return table


def _unseen(report: Report) -> list[RenderableType]:
    groups = unseen(report)
    if not groups:
        return []
    lines: list[RenderableType] = [Text("Not seen", style="bold")]
    for group in groups[:_REASONS]:
        text = f"{plural(len(group.clauses), 'clause')}: {printable(group.why)}"
        lines += [Padding(Text(text), (0, 0, 0, 2))]
    if len(groups) > _REASONS:
        lines.append(
            Text(f"  …and {len(groups) - _REASONS} more reasons, in the JSON and HTML reports")
        )
    return [*lines, ""]


def _changes(changed: tuple[Change, ...]) -> list[RenderableType]:
    worse = sum(change.worse for change in changed)
    lines: list[RenderableType] = [
        Text(f"Since the baseline: {worse} worse, {len(changed) - worse} better or new", "bold")
    ]
    for change in changed[:_CHANGES]:
        lines += [Text(f"  {printable(str(change))}", style="red" if change.worse else "green")]
    if len(changed) > _CHANGES:
        lines.append(Text(f"  …and {len(changed) - _CHANGES} more"))
    return [*lines, ""]
