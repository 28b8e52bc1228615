"""What a tool answers to a coding agent: a verdict, the smallest witness, the next call."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from conformance.report.findings import Finding, Report, ReportVerdict
from conformance.report.formats.printable import one_line
from conformance.report.formats.verdicts import headline, in_order, standing, summary
from spec.model.short_texts import shortened

__all__ = ["LIMIT", "AgentAnswer", "clipped", "compared", "proved"]

LIMIT = 2000
"""Characters of an answer: it becomes a part of what the agent reads again with every step."""
_LONGEST_LINE = 600
"""Characters of one line of an answer: an agent pays for each of them."""
_LONGEST_HINT = 300
"""Characters of the note that says where the rest is."""
_MOST_OTHERS = 12
"""Findings that are listed in one line each, beside the one that is explained."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentAnswer:
    """An answer by the order in which it is given up: `body` is cut, `verdict` and `then` are not.

    `whole` says where everything stands that was left out.
    """

    verdict: str
    then: str
    body: Sequence[str] = field(default=())
    whole: str = ""

    def text(self) -> str:
        """The answer, in at most `LIMIT` characters."""
        first, last = clipped(self.verdict), f"next: {clipped(self.then)}"
        kept = [first]
        lines = [line for text in self.body for line in text.splitlines()]
        for number, line in enumerate(lines):
            where = f": {clipped(self.whole, _LONGEST_HINT)}" if self.whole else ""
            cut = f"({len(lines) - number} more lines{where})"
            if len("\n".join([*kept, clipped(line), cut, last])) > LIMIT:
                return "\n".join([*kept, cut, last])
            kept.append(clipped(line))
        return "\n".join([*kept, last])


def clipped(text: str, longest: int = _LONGEST_LINE) -> str:
    """The text in one line of at most so many characters."""
    return shortened(one_line(text), longest)


def proved(report: Report, file: Path) -> str:
    """A run's report: the worst finding with its request, the others by their titles."""
    found = in_order(standing(report.findings))
    return AgentAnswer(
        verdict=f"{report.verdict.value}: {headline(report)}; {summary(report)}",
        body=[*_alert(report), *_witnessed(found), *_further_findings(found[1:]), *_doubts(report)],
        then=_after_run(report, found),
        whole=f"the report is {file}",
    ).text()


def compared(report: Report) -> str:
    """The difference of two contracts: each breaking change with the sentence that shows it."""
    found = in_order(standing(report.findings))
    broken = report.verdict is ReportVerdict.BREAKS
    return AgentAnswer(
        verdict=f"{report.verdict.value}: {headline(report)}; {summary(report)}",
        body=[*_witnessed(found), *_further_findings(found[1:])],
        then="undo the change, or announce it with x-sunset first"
        if broken
        else "call prove(url=…) to test the implementation against the new contract",
    ).text()


def _alert(report: Report) -> Iterator[str]:
    if report.alert:
        yield report.alert


def _witnessed(found: Sequence[Finding]) -> Iterator[str]:
    """The first finding with all that shows it."""
    for finding in found[:1]:
        yield _finding_line(finding)
        yield from _facts(finding)


def _facts(finding: Finding) -> Iterator[str]:
    place = finding.first
    facts = {
        "clause": place.clause,
        "contract": f"{place.place or ''} {place.pointer}".strip(),
        "expected": place.expected,
        "got": place.got,
        "reproduce": place.curl,
        "witness": json.dumps(place.witness, ensure_ascii=False) if place.witness else "",
        "remedy": finding.remedy,
    }
    for name, text in facts.items():
        if text:
            yield f"  {name}: {clipped(text)}"


def _further_findings(found: Sequence[Finding]) -> Iterator[str]:
    yield from (_finding_line(finding) for finding in found[:_MOST_OTHERS])
    if len(found) > _MOST_OTHERS:
        yield f"and {len(found) - _MOST_OTHERS} more findings"


def _finding_line(finding: Finding) -> str:
    name = f"{finding.level.value} {finding.code.value} [{finding.fingerprint}]"
    return clipped(f"{name}: {finding.title}", 300)


def _doubts(report: Report) -> Iterator[str]:
    yield from (doubt.remark for doubt in report.doubts)


def _after_run(report: Report, found: Sequence[Finding]) -> str:
    if report.verdict is ReportVerdict.UNREACHABLE:
        return "start the implementation, then call prove(url=…) again"
    if found and report.verdict is ReportVerdict.BREAKS:
        place = found[0].first
        again = f'replay(fingerprints=["{place.fingerprint}"])'
        if place.trial is None:
            again = f'prove(operation="{place.operation}")'
        return (
            f"correct the implementation, then call {again}; explain(name=FINGERPRINT) shows "
            f"the other findings"
        )
    if report.verdict is ReportVerdict.UNDECIDED:
        return "resolve the doubt above, then call prove(url=…) again"
    return "nothing needs to be done; call prove(url=…) again after the next change"
