"""Our verdict on every pair, and the page that lists them: `docs/diff-rules.md`."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from conformance.diff import changes, findings
from spec import Contract, load
from tests.conformance.gate.field_rules import (
    RuleCase,
    differently,
    levels,
    outside,
    rule_cases,
)

__all__ = ["Decided", "decided", "page"]

_NAMES = {"error": "breaking", "warning": "warning", "note": "harmless", "silent": "no change"}
_HEAD = """\
# Rules compared with oasdiff

`conformance diff` has no list of rules: it compares what two contracts allow and promise. This page
compares its verdicts with oasdiff, the largest published set of rules ({rules} rules, August 2026):
{breaking} rules that oasdiff calls breaking or a warning, {harmless} that it calls harmless. A pair
of contracts tests each rule (`tests/conformance/gate/field_rules/`), and a test fails if this page
differs from the results. {same} levels are the same; {other} differ, each with its reason;
{outside} rules are not about promises of a contract. {undecided} of {pairs} pairs are undecided.
`python -m tests.conformance.gate.field_rules` writes this page.

*breaking* is an `error` with a witness, *harmless* is a `note`. *no change* means no finding,
because both contracts allow and promise the same. `--level CODE=…` changes the level of a code.
"""

_COLUMNS = "| change | rules | ours | codes | why |\n|---|---|---|---|---|"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """A rule's case with our verdict: the worst level (`silent` without a finding), the codes."""

    case: RuleCase
    level: str
    codes: tuple[str, ...]
    shown: bool

    @property
    def rule(self) -> str:
        """The rule's name."""
        return self.case.rule


@cache
def decided() -> tuple[Decided, ...]:
    """All the pairs, compared."""
    with tempfile.TemporaryDirectory() as folder:
        return tuple(_decided(case, Path(folder)) for case in rule_cases())


def _decided(case: RuleCase, folder: Path) -> Decided:
    found = findings(changes(_loaded(folder, case.old), _loaded(folder, case.new)))
    errors = [one for one in found if one.level.value == "error"]
    return Decided(
        case=case,
        level=found[0].level.value if found else "silent",
        codes=tuple(dict.fromkeys(one.code.value for one in found)),
        shown=all(one.witness for one in errors),
    )


def _loaded(folder: Path, document: Mapping[str, Any]) -> Contract:
    file = folder / "openapi.json"
    file.write_text(json.dumps(document), "utf-8")
    return load(file)


def page() -> str:
    """The whole page."""
    theirs, ours, reasons = levels(), decided(), outside()
    counts = {name: sum(level == name for level in theirs.values()) for name in _NAMES}
    head = _HEAD.format(
        rules=len(theirs),
        breaking=counts["error"] + counts["warning"],
        harmless=counts["note"],
        same=len(theirs) - len(differently()) - len(reasons),
        other=len(differently()),
        outside=len(reasons),
        undecided=sum("undecided" in one.codes for one in ours),
        pairs=len(ours),
    )
    parts = [head]
    for level, title in (("error", "Breaking"), ("warning", "Warnings"), ("note", "Harmless")):
        parts += [
            f"## {title} there\n",
            "| change | rules | ours | codes | why |",
            "|---|---|---|---|---|",
        ]
        parts += [*_rows(level, theirs), ""]
    parts += ["## Not tried\n", "| rules | why |", "|---|---|"]
    for why in dict.fromkeys(reasons.values()):
        rules = ", ".join(f"`{rule}`" for rule in reasons if reasons[rule] == why)
        parts.append(f"| {rules} | {why} |")
    return "\n".join(parts) + "\n"


def _rows(level: str, theirs: Mapping[str, str]) -> Iterator[str]:
    """A row for each kind of change with one verdict."""
    rows: dict[tuple[str, ...], list[str]] = {}
    others = differently()
    for one in decided():
        if theirs[one.rule] == level:
            why = others[one.rule].why if one.rule in others else ""
            codes = ", ".join(f"`{code}`" for code in one.codes)
            rows.setdefault((one.case.what, _NAMES[one.level], codes, why), []).append(one.rule)
    for (what, verdict, codes, why), rules in rows.items():
        named = ", ".join(f"`{rule}`" for rule in rules)
        yield f"| {what} | {named} | {verdict} | {codes} | {why} |"
