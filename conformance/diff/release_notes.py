"""What changed between two contracts, as Markdown for release notes."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from conformance.report.codes.finding_code import FindingCode
from conformance.report.findings import Finding
from conformance.report.formats.printable import printable
from conformance.report.level import Level
from spec import Contract

__all__ = ["as_changelog"]

_SECTIONS = {
    Level.ERROR: "Breaking changes",
    Level.WARNING: "Please check",
    Level.NOTE: "New and compatible",
}
_ABOUT_VERSIONS = frozenset(
    {
        FindingCode.VERSION_DECREASED,
        FindingCode.VERSION_NOT_MAJOR,
        FindingCode.VERSION_NOT_RAISED,
    }
)
_MOST_OPERATIONS = 5


def as_changelog(old: Contract, new: Contract, findings: tuple[Finding, ...]) -> str:
    """The changes by weight and then by operation; breaking ones with what shows them."""
    told = [finding for finding in findings if finding.code not in _ABOUT_VERSIONS]
    parts = [f"## {_flat(new.title)} {_flat(new.version)}", _versions(old, new)]
    for level, title in _SECTIONS.items():
        found = [finding for finding in told if finding.level is level]
        if found:
            parts += [f"### {title}", *_entries(found)]
    if not told:
        parts.append("Nothing changed in what the contract allows and promises.")
    return "\n\n".join(part for part in parts if part) + "\n"


def _versions(old: Contract, new: Contract) -> str:
    return f"Since {_flat(old.version)}:" if old.version != new.version else ""


def _entries(findings: list[Finding]) -> Iterator[str]:
    """The entries, those of one operation together; what they share comes last."""
    order = dict.fromkeys(finding.operations for finding in findings)
    listed = [one for names in order for one in findings if one.operations == names]
    yield "\n".join(_entry(one) for one in listed)


def _entry(finding: Finding) -> str:
    title = _flat(finding.title)
    shown = _shown(finding.witness) if finding.witness else ""
    return f"- {title[:1].upper()}{title[1:]}.{_reached(finding)}{shown}"


def _reached(finding: Finding) -> str:
    """The operations of a change that reaches several; a title names one."""
    if len(finding.operations) < 2:
        return ""
    heads = ", ".join(f"`{operation}`" for operation in finding.operations[:_MOST_OPERATIONS])
    more = len(finding.operations) - _MOST_OPERATIONS
    return f" It reaches {heads}" + (f" and {more} more." if more > 0 else ".")


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
