"""The report as Markdown for a pull request: the verdict, the worst findings, what changed."""

from __future__ import annotations

import hashlib
from pathlib import Path

from conformance.report.baseline import BaselineChange
from conformance.report.findings import Finding, Level, Report, ReportVerdict
from conformance.report.formats.printable import APART, code_span, printable
from conformance.report.formats.verdicts import headline, in_order, outcome, standing, summary
from conformance.report.tally import Tally, clause_matrix, unseen
from spec.model.short_texts import listed, plural

__all__ = ["as_markdown", "marker"]

_MARKS = {Level.ERROR: "❌", Level.WARNING: "⚠️", Level.NOTE: "💡"}
_VERDICTS = {
    ReportVerdict.CONFORMS: "✅",
    ReportVerdict.BREAKS: "❌",
    ReportVerdict.UNDECIDED: "❔",
    ReportVerdict.UNREACHABLE: "🔌",
    ReportVerdict.INTERRUPTED: "✋",
}
_HOW_TO_ACCEPT = """\
To accept a finding until a date, add it to the waivers and commit the file:

```bash
conformance waive report.json --only FINGERPRINT --reason '…' --owner '…'
```"""
_MARKER = "<!-- contract-gate"
"""How the comment begins by which a pipeline finds the report that it wrote before."""
_REASONS = 8
"""Reasons that are listed; a comment of GitHub has 65,536 characters."""
_BODY = 1500
"""Characters of a response's body."""
_PLACES = 50
"""Places of one finding."""


def as_markdown(report: Report, changed: tuple[BaselineChange, ...] = (), most: int = 25) -> str:
    """The report as GitHub-flavoured Markdown; `most` findings are shown whole, the worst first.

    The text of one contract begins with a hidden comment that is always the
    same for the contract, so that a pull request's comment on it is found again.
    """
    if not report.parts:
        return _of_one(report, changed, most)
    rows = [f"- {_VERDICTS[one.verdict]} {_escaped(_name_of(one))}: {summary(one)}"
            for one in report.parts]  # fmt: skip
    whole = [_heading(report), f"{summary(report)}.", "\n".join(rows)]
    whole += [_changes(changed)] if changed else []
    # Rounded up, so that each contract shows one finding at least.
    share = -(-most // len(report.parts))
    return "\n\n".join(
        [
            *whole,
            *(_of_one(one, (), share, f"{code_span(_name_of(one))}: ") for one in report.parts),
        ]
    )


def marker(report: Report) -> str:
    """The comment of a contract: made of its file, or of its title where it has none."""
    name = _name_of(report).encode("utf-8", "surrogatepass")
    return f"{_MARKER} {hashlib.sha256(name).hexdigest()[:16]} -->"


def _name_of(report: Report) -> str:
    """The contract as it is called wherever the checkout lies."""
    file = Path(report.contract.file)
    if file.is_absolute() and file.is_relative_to(Path.cwd()):
        return file.relative_to(Path.cwd()).as_posix()
    return report.contract.file or report.contract.title


def _heading(report: Report) -> str:
    return f"## {_VERDICTS[report.verdict]} {_escaped(headline(report))}"


def _of_one(report: Report, changed: tuple[BaselineChange, ...], most: int, named: str = "") -> str:
    ordered = in_order(standing(report.findings))
    parts = [
        marker(report),
        _heading(report),
        f"{named}{summary(report)}.",
        *(f"> {_escaped(remark)}" for remark in report.remarks),
        *(_finding_section(finding) for finding in ordered[:most]),
    ]
    if len(ordered) > most:
        parts.append(f"…and {plural(len(ordered) - most, 'more finding')}, in the full report.")
    if any(finding.level is Level.ERROR for finding in ordered):
        parts.append(_HOW_TO_ACCEPT)
    if changed:
        parts.append(_changes(changed))
    if report.clauses:
        parts += [_ledger(report), _unseen(report)]
    return "\n\n".join(part for part in parts if part) + "\n"


def _finding_section(finding: Finding) -> str:
    rows = [
        ("Expected", finding.expected),
        ("Got", finding.got),
        ("Tried", finding.first.label),
        ("Remedy", finding.remedy),
    ]
    place = code_span(str(finding.place)) if finding.place else ""
    where = listed([code_span(name) for name in finding.operations], _PLACES, "operation")
    head = f"### {_MARKS[finding.level]} {_escaped(finding.title)}"
    facts = [
        f"{where}{' · ' if where and place else ''}{place} · `{finding.code.value}` · "
        f"seen {plural(finding.occurrences, 'time')} · `{finding.fingerprint}`",
        _places(finding),
        "\n".join(f"- **{name}:** {_escaped(text)}" for name, text in rows if text),
        _fenced("bash", finding.curl),
        _answer_details(finding),
    ]
    return "\n\n".join([head, *(fact for fact in facts if fact)])


def _places(finding: Finding) -> str:
    """Each place of several: what a waiver, or a replay, calls by its fingerprint."""
    if len(finding.places) == 1:
        return ""
    rows = [
        f"- {code_span(place.clause)} `{place.fingerprint}`{', waived' if place.waived else ''}"
        f" {_escaped(outcome(place, finding))}".rstrip()
        for place in finding.places[:_PLACES]
    ]
    more = len(finding.places) - len(rows)
    rows += [f"- …and {plural(more, 'more place')}"] if more else []
    head = f"<details><summary>{plural(len(finding.places), 'place')}</summary>"
    return "\n".join([head, "", *rows, "", "</details>"])


def _answer_details(finding: Finding) -> str:
    if finding.response is None:
        return ""
    body = (finding.response.body or "")[:_BODY]
    shown = _fenced("", body) if body else "_no body_"
    head = f"<details><summary>The answer: {finding.response.status}</summary>"
    return f"{head}\n\n{shown}\n\n</details>"


def _changes(changed: tuple[BaselineChange, ...]) -> str:
    worse = [change for change in changed if change.worse]
    better = [change for change in changed if not change.worse]
    lines = [f"### Since the baseline: {len(worse)} worse, {len(better)} better or new"]
    lines += [f"- {'🔻' if one.worse else '🔺'} {code_span(str(one))}" for one in changed[:50]]
    if len(changed) > 50:
        lines.append(f"- …and {len(changed) - 50} more")
    return "\n".join([lines[0], "", *lines[1:]])


def _ledger(report: Report) -> str:
    found = clause_matrix(report)
    rows = [
        "| operation | held | broken | inconclusive | unobserved |",
        "|---|--:|--:|--:|--:|",
        # A bar ends a cell even inside a code span (GitHub Flavored Markdown, section 4.10).
        *(
            _row(code_span(name).replace("|", "\\|"), tally)
            for name, tally in found.by_operation.items()
        ),
        _row("**all**", found.whole),
    ]
    return "\n".join(rows)


def _row(name: str, tally: Tally) -> str:
    counts = (tally.held, tally.broken, tally.inconclusive, tally.unobserved)
    return f"| {name} | {' | '.join(map(str, counts))} |"


def _unseen(report: Report) -> str:
    groups = unseen(report)
    if not groups:
        return ""
    lines = [
        f"- {plural(len(group.clauses), 'clause')}: {_escaped(group.why)}"
        for group in groups[:_REASONS]
    ]
    if len(groups) > _REASONS:
        lines.append(f"- …and {len(groups) - _REASONS} more reasons")
    return "\n".join(
        ["<details><summary>What was not observed, and why</summary>", "", *lines, "", "</details>"]
    )


def _escaped(text: str) -> str:
    """Text that comes from a server must not become markup, a mention or a line of its own."""
    flat = " ".join(printable(text).split())
    for mark in "\\`*_[]<>|#@":
        flat = flat.replace(mark, f"\\{mark}" if mark != "<" else "&lt;")
    return flat


def _fenced(language: str, text: str) -> str:
    """A fence longer than any run of backticks inside it."""
    if not text:
        return ""
    fence = "```"
    while fence in text:
        fence += "`"
    # What a server answers cannot begin the comment of another contract.
    shown = printable(text).replace(_MARKER, f"<!{APART}{_MARKER[2:]}")
    return f"{fence}{language}\n{shown}\n{fence}"
