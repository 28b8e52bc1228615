"""The report on a terminal: findings first, then the ledger, what was not seen, and a list at last.

Into a pipe nothing is wrapped or padded, so that it can be searched and pasted; nor can a text of a
server begin a line there, where a pipeline would read it as a command (`::error`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from conformance.report.baseline import BaselineChange
from conformance.report.findings import Finding, Level, Report, ReportVerdict
from conformance.report.formats.printable import one_line
from conformance.report.formats.verdicts import headline, in_order, outcome, standing, summary
from conformance.report.tally import ClauseMatrix, Tally, clause_matrix, unseen
from spec.model.short_texts import listed, plural

__all__ = ["TerminalReport"]

_STYLES = {Level.ERROR: "bold red", Level.WARNING: "bold yellow", Level.NOTE: "bold cyan"}
_VERDICTS = {
    ReportVerdict.CONFORMS: "bold green",
    ReportVerdict.BREAKS: "bold red",
    ReportVerdict.UNDECIDED: "bold yellow",
    ReportVerdict.UNREACHABLE: "bold red",
    ReportVerdict.INTERRUPTED: "bold yellow",
}
_WHOLE = frozenset({"contract", "reproduce"})
"""Facts that are copied: they stay one line, however narrow the terminal is."""
_WORTH_A_LIST, _LISTED = 2, 40
_BODY = 400
"""Characters of a response's body."""
_PLACES = 12
"""Places of one finding; the reports have all."""
_REASONS = 8
"""Reasons for clauses that were not observed."""
_CHANGES = 20
"""Changes since the baseline."""


class TerminalReport:
    """A renderable for rich: `console.print(TerminalReport(report), soft_wrap=True)`.

    `folded` says that a person looks at it: then prose is folded at the width of the terminal.
    """

    def __init__(
        self, report: Report, changed: tuple[BaselineChange, ...] = (), *, folded: bool = False
    ) -> None:
        self.report, self.changed, self.folded = report, changed, folded

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        if self.report.alert:
            yield Text(one_line(self.report.alert), style="bold red")
            yield ""
        found = in_order(standing(self.report.findings))
        for finding in found:
            yield from _finding_rows(finding, folded=self.folded)
            yield ""
        if self.report.clauses:
            matrix = clause_matrix(self.report)
            yield _by_operation(matrix)
            yield ""
            yield _by_kind(matrix)
            yield ""
            yield from _unseen(self.report)
        if self.changed:
            yield from _changes(self.changed)
        for remark in self.report.remarks:
            yield Text(f"• {one_line(remark)}", style="yellow")
        yield from _summary_list(found)
        yield Text(one_line(headline(self.report)), style=_VERDICTS[self.report.verdict])
        yield Text(summary(self.report))


def _finding_rows(finding: Finding, *, folded: bool) -> Iterator[RenderableType]:
    yield _head(finding)
    facts = [(name, one_line(text)) for name, text in _facts(finding)]
    width = max(len(name) for name, _ in facts)
    for name, text in facts:
        if folded and name not in _WHOLE:
            # What is folded keeps its column; a command or a pointer is left to the terminal,
            # which gives it back as one line when it is copied.
            row = Table.grid(padding=(0, 2))
            row.add_column(style="dim", no_wrap=True, width=width)
            row.add_column(overflow="fold")
            row.add_row(name, Text(text))
            yield Padding(row, (0, 0, 0, 2))
        else:
            yield Text.assemble("  ", (f"{name:<{width}}", "dim"), "  ", text)


def _head(finding: Finding) -> Text:
    return Text.assemble(
        (finding.level.value.upper(), _STYLES[finding.level]),
        " ",
        (one_line(finding.title), "bold"),
        (f"  {finding.code.value}", "dim"),
    )


def _summary_list(found: Sequence[Finding]) -> Iterator[RenderableType]:
    """Each finding once more in one line, where the eye is at the end."""
    if len(found) < _WORTH_A_LIST:
        return
    for finding in found[:_LISTED]:
        head = _head(finding)
        head.append(f"  {finding.first.fingerprint}", "dim")
        yield head
    if len(found) > _LISTED:
        yield Text(f"…and {plural(len(found) - _LISTED, 'more finding')} above")
    yield ""


def _places(finding: Finding) -> Iterator[tuple[str, str]]:
    """Each place of several, with the fingerprint that `waive` and `replay` take."""
    if len(finding.places) == 1:
        return
    for number, place in enumerate(finding.places[:_PLACES]):
        waived = ", waived" if place.waived else ""
        # Places of one request each are told apart by their clause, those of a file by their line.
        at = f"  {place.place}" if place.place and place.request is None else ""
        came = f"  {told}" if (told := outcome(place, finding)) else ""
        yield "" if number else "places", f"{place.fingerprint}  {place.clause}{at}{waived}{came}"
    if len(finding.places) > _PLACES:
        yield "", f"…and {plural(len(finding.places) - _PLACES, 'more place')}, in the reports"


def _facts(finding: Finding) -> list[tuple[str, str]]:
    facts = [
        ("where", listed(finding.operations, _PLACES, "operation")),
        *_places(finding),
        ("contract", f"{finding.place or ''}  {finding.pointer}".strip()),
        ("expected", finding.expected),
        ("got", finding.got),
        ("tried", finding.first.label),
        ("answer", _answer_line(finding)),
        ("reproduce", finding.curl),
        ("remedy", finding.remedy),
        ("seen", f"{plural(finding.occurrences, 'time')}, fingerprint {finding.fingerprint}"),
    ]
    return [(name, text) for name, text in facts if text]


def _answer_line(finding: Finding) -> str:
    # What `got` begins with need not be said twice.
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
    table.add_row(Text(one_line(name)), *cells, style=style)


def _by_operation(matrix: ClauseMatrix) -> Table:
    table = _table("operation")
    for name, tally in matrix.by_operation.items():
        _row(table, name, tally)
    _row(table, "all", matrix.whole, style="bold")
    return table


def _by_kind(matrix: ClauseMatrix) -> Table:
    table = _table("kind")
    for name, tally in matrix.by_kind.items():
        _row(table, name, tally)
    return table


def _unseen(report: Report) -> list[RenderableType]:
    groups = unseen(report)
    if not groups:
        return []
    lines: list[RenderableType] = [Text("Not seen", style="bold")]
    for group in groups[:_REASONS]:
        text = f"{plural(len(group.clauses), 'clause')}: {one_line(group.why)}"
        lines += [Padding(Text(text), (0, 0, 0, 2))]
    if len(groups) > _REASONS:
        lines.append(
            Text(f"  …and {len(groups) - _REASONS} more reasons, in the JSON and HTML reports")
        )
    return [*lines, ""]


def _changes(changed: tuple[BaselineChange, ...]) -> list[RenderableType]:
    worse = sum(change.worse for change in changed)
    lines: list[RenderableType] = [
        Text(f"Since the baseline: {worse} worse, {len(changed) - worse} better or new", "bold")
    ]
    for change in changed[:_CHANGES]:
        lines += [Text(f"  {one_line(str(change))}", style="red" if change.worse else "green")]
    if len(changed) > _CHANGES:
        lines.append(Text(f"  …and {len(changed) - _CHANGES} more"))
    return [*lines, ""]
