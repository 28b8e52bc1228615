"""What changed between two contracts, as Markdown for release notes."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from conformance.report.findings import Finding, Level
from conformance.report.formats.printable import printable
from spec import Contract

__all__ = ["as_changelog"]

_SECTIONS = {
    Level.ERROR: "Breaking changes",
    Level.WARNING: "Worth a look",
    Level.NOTE: "Compatible changes",
}


def as_changelog(old: Contract, new: Contract, findings: tuple[Finding, ...]) -> str:
    """The changes by weight and then by operation; breaking ones with what shows them."""
    parts = [f"## {_flat(new.title)} {_flat(new.version)}", _versions(old, new)]
    for level, title in _SECTIONS.items():
        found = [finding for finding in findings if finding.level is level]
        if found:
            parts += [f"### {title}", *_by_operation(found)]
    if not findings:
        parts.append("Nothing changed in what the contract allows and promises.")
    return "\n\n".join(part for part in parts if part) + "\n"


def _versions(old: Contract, new: Contract) -> str:
    return f"Since {_flat(old.version)}:" if old.version != new.version else ""


def _by_operation(findings: list[Finding]) -> Iterator[str]:
    places = dict.fromkeys(finding.operations for finding in findings)
    for operations in places:
        heads = ", ".join(f"`{operation}`" for operation in operations[:5])
        more = f" and {len(operations) - 5} more" if len(operations) > 5 else ""
        entries = [_entry(one) for one in findings if one.operations == operations]
        yield "\n".join([f"{heads}{more}", "", *entries]) if heads else "\n".join(entries)


def _entry(finding: Finding) -> str:
    old, new = finding.expected.removeprefix("OLD: "), finding.got.removeprefix("NEW: ")
    change = f" ({_flat(old)} → {_flat(new)})" if old and new else ""
    shown = _shown(finding.witness) if finding.witness else ""
    return f"- {_flat(finding.title)}{change}{shown}"


def _shown(witness: Mapping[str, object]) -> str:
    """The witness folded away: release notes are read by people who believe them."""
    facts = {key: witness[key] for key in ("request", "response") if key in witness}
    text = json.dumps(facts, indent=2, ensure_ascii=False)
    fence = "```"
    while fence in text:
        fence += "`"
    block = "\n".join(f"  {line}" for line in [f"{fence}json", *text.splitlines(), fence])
    return f"\n\n  <details><summary>For example</summary>\n\n{block}\n\n  </details>"


def _flat(text: str) -> str:
    """One line in which only our own code spans are markup."""
    parts = " ".join(printable(text).split()).split("`")
    return "`".join(part if at % 2 else _escaped(part) for at, part in enumerate(parts))


def _escaped(text: str) -> str:
    for mark in "\\*_[]|#@":
        text = text.replace(mark, f"\\{mark}")
    return text.replace("<", "&lt;")
