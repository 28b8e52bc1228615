"""What changed between two contracts, as Markdown for release notes."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from conformance.diff.model.change import others
from conformance.report.codes.finding_code import FindingCode
from conformance.report.findings import Finding
from conformance.report.formats.printable import code_span, printable, without_commands
from conformance.report.level import Level
from spec import Contract

__all__ = ["as_changelog"]

_ADDED, _DEPRECATED, _REMOVED = "Added", "Deprecated", "Removed as announced"
_BREAKING, _CHECK, _COMPATIBLE = "Breaking changes", "Please check", "Compatible changes"
_SECTIONS = (_BREAKING, _DEPRECATED, _REMOVED, _CHECK, _ADDED, _COMPATIBLE)
_OF_CODES = {
    _ADDED: frozenset(
        {
            FindingCode.OPERATION_ADDED,
            FindingCode.WEBHOOK_ADDED,
            FindingCode.PARAMETER_ADDED,
            FindingCode.PROPERTY_DECLARED,
            FindingCode.REQUEST_BODY_ADDED,
            FindingCode.REQUEST_MEDIA_TYPE_ADDED,
            FindingCode.RESPONSE_BODY_ADDED,
            FindingCode.RESPONSE_MEDIA_TYPE_ADDED,
            FindingCode.RESPONSE_HEADER_ADDED,
            FindingCode.PART_HEADER_ADDED,
            FindingCode.KNOWN_VALUE_ADDED,
            FindingCode.LINK_ADDED,
            FindingCode.SERVER_PATH_ADDED,
        }
    ),
    _DEPRECATED: frozenset(
        {
            FindingCode.OPERATION_DEPRECATED,
            FindingCode.PARAMETER_DEPRECATED,
            FindingCode.PROPERTY_DEPRECATED,
            FindingCode.SUNSET_CHANGED,
        }
    ),
    _REMOVED: frozenset({FindingCode.REMOVED_AS_ANNOUNCED}),
}
_COUNTERPARTS = frozenset({FindingCode.REQUEST_WIDENED, FindingCode.RESPONSE_NARROWED})
"""Codes that tell the harmless side of a change whose other side breaks somebody."""
_ABOUT_VERSIONS = frozenset(
    {
        FindingCode.VERSION_DECREASED,
        FindingCode.VERSION_NOT_MAJOR,
        FindingCode.VERSION_NOT_RAISED,
    }
)
_MOST_OPERATIONS = 5
"""Operations that one line of the changelog names."""
_TALL = 30
"""Lines of an example."""
_WIDE = 90
"""Characters of a body that stands in one line."""


def as_changelog(old: Contract, new: Contract, findings: tuple[Finding, ...]) -> str:
    """The changes by what they mean to a client, then by operation; breaking ones with a proof."""
    told = list(_worth_telling(findings))
    parts = [f"## {_flat(new.title)} {_flat(new.version)}", _versions(old, new)]
    for title in _SECTIONS:
        found = [finding for finding in told if _section(finding) == title]
        if found:
            parts += [f"### {title}", *_entries(found)]
    if not told:
        parts.append("Nothing changed in what the contract allows and promises.")
    return "\n\n".join(part for part in parts if part) + "\n"


def _versions(old: Contract, new: Contract) -> str:
    return f"Changes since {_flat(old.version)}." if old.version != new.version else ""


def _worth_telling(findings: tuple[Finding, ...]) -> Iterator[Finding]:
    """Without the remarks on the version, and without the harmless side of what breaks."""
    broken = {
        (place.operation, place.label)
        for finding in findings
        for place in finding.places
        if finding.level is Level.ERROR
    }
    for finding in findings:
        places = {(place.operation, place.label) for place in finding.places}
        # `now takes at most 5` says that 6 is refused; what it takes since is no news.
        counterpart = finding.code in _COUNTERPARTS and places <= broken
        if finding.code not in _ABOUT_VERSIONS and not counterpart:
            yield finding


def _section(finding: Finding) -> str:
    if finding.level is Level.ERROR:
        return _BREAKING
    for title, codes in _OF_CODES.items():
        if finding.code in codes:
            return title
    return _CHECK if finding.level is Level.WARNING else _COMPATIBLE


def _entries(findings: list[Finding]) -> Iterator[str]:
    """The entries under their operations; what several operations share comes last."""
    groups: dict[tuple[str, ...], list[Finding]] = {}
    for finding in findings:
        groups.setdefault(finding.operations, []).append(finding)
    for operations, found in sorted(groups.items(), key=lambda one: len(one[0]) > 1):
        yield _heading(operations)
        yield "\n".join(map(_entry, found))


def _heading(operations: tuple[str, ...]) -> str:
    if not operations:
        return ""
    heads = ", ".join(map(code_span, operations[:_MOST_OPERATIONS]))
    more = len(operations) - _MOST_OPERATIONS
    return f"**{heads}**" + (f" and {more} more" if more > 0 else "")


def _entry(finding: Finding) -> str:
    title = _flat(finding.title.removesuffix(others(len(finding.operations))))
    shown = _example(finding.witness) if finding.witness else ""
    return f"- {title[:1].upper()}{title[1:]}.{shown}"


def _example(witness: Mapping[str, Any]) -> str:
    """The witness folded away: release notes are read by people who believe them."""
    text = "\n\n".join(
        message
        for message in (_request(witness.get("request")), _response(witness.get("response")))
        if message
    )
    fence = "```"
    # A body may hold a fence of its own.
    while fence in text:
        fence += "`"
    lines = without_commands(text).splitlines()
    if len(lines) > _TALL:
        lines = [*lines[:_TALL], "…"]
    block = "\n".join(f"  {line}".rstrip() for line in [fence, *lines, fence])
    return f"\n\n  <details><summary>For example</summary>\n\n{block}\n\n  </details>"


def _request(request: Mapping[str, Any] | None) -> str:
    if request is None:
        return ""
    return _message(f"{request['method']} {request['path']}", request)


def _response(response: Mapping[str, Any] | None) -> str:
    return "" if response is None else _message(f"HTTP {response['status']}", response)


def _message(first: str, message: Mapping[str, Any]) -> str:
    """A message as people write one: the first line, the headers, the body."""
    headers = [f"{name}: {value}" for name, value in message["headers"].items()]
    head = "\n".join(printable(line) for line in (first, *headers))
    body = message["body"]
    if body is None:
        return head
    written = body if isinstance(body, str) else json.dumps(body, ensure_ascii=False)
    if len(written) > _WIDE and not isinstance(body, str):
        written = json.dumps(body, indent=2, ensure_ascii=False)
    return f"{head}\n\n{printable(written)}"


def _flat(text: str) -> str:
    """One line in which only our own code spans are markup."""
    parts = " ".join(printable(text).split()).split("`")
    if len(parts) % 2 == 0:
        # One backtick is somebody else's: which ones are ours nobody knows.
        return _escaped("`".join(parts))
    return "`".join(part if at % 2 else _escaped(part) for at, part in enumerate(parts))


def _escaped(text: str) -> str:
    for mark in "\\*_[]|#@`":
        text = text.replace(mark, f"\\{mark}")
    return text.replace("<", "&lt;")
