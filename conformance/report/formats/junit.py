"""The report as JUnit XML: one test a clause, one suite an operation.

Broken is a failure; what was not decided is skipped, with the reason. A finding that no clause
carries is a failed test of its own, so that no pipeline can miss it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from xml.etree import ElementTree as ET

from conformance.clauses.clause import Clause, Verdict
from conformance.report.findings import Finding, Level, Report

__all__ = ["as_junit"]

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def as_junit(report: Report) -> str:
    """The report as XML text."""
    findings = {name: f for f in reversed(report.findings) for name in f.clauses}
    root = ET.Element("testsuites", name="conformance", time=f"{report.seconds:.3f}")
    for operation in dict.fromkeys(clause.operation for clause in report.clauses):
        clauses = [clause for clause in report.clauses if clause.operation == operation]
        _suite(root, operation, [_test(clause, findings.get(clause.id)) for clause in clauses])
    broken = {clause.id for clause in report.clauses if clause.verdict is Verdict.BROKEN}
    others = [one for one in report.findings if not broken.intersection(one.clauses)]
    if others:
        _suite(root, "findings", [_loose(finding) for finding in others])
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, "unicode") + "\n"


def _suite(root: ET.Element, name: str, tests: list[ET.Element]) -> None:
    def number(tag: str) -> str:
        return str(sum(test.find(tag) is not None for test in tests))

    suite = ET.SubElement(root, "testsuite", name=_clean(name), tests=str(len(tests)), errors="0")
    suite.set("failures", number("failure"))
    suite.set("skipped", number("skipped"))
    suite.extend(tests)


def _test(clause: Clause, finding: Finding | None) -> ET.Element:
    local = clause.id.removeprefix(clause.operation).strip() or clause.id
    test = ET.Element("testcase", classname=_clean(clause.operation), name=_clean(local))
    if clause.place:
        test.set("file", clause.place.file)
        test.set("line", str(clause.place.line))
    if clause.verdict is Verdict.BROKEN:
        title = finding.title if finding else clause.promise
        _failure(test, title, finding.code if finding else "", _told(clause, finding))
    elif clause.verdict is not Verdict.HELD:
        ET.SubElement(test, "skipped", message=_clean(f"{clause.verdict.value}: {clause.why}"))
    return test


def _loose(finding: Finding) -> ET.Element:
    place = ", ".join(finding.operations) or finding.pointer or "contract"
    test = ET.Element("testcase", classname=_clean(place), name=_clean(finding.title))
    if finding.level is Level.ERROR:
        _failure(test, finding.title, finding.code, _lines(finding))
    else:
        output = ET.SubElement(test, "system-out")
        output.text = _clean("\n".join(_lines(finding)))
    return test


def _failure(test: ET.Element, message: str, kind: str, lines: Iterable[str]) -> None:
    failure = ET.SubElement(test, "failure", message=_clean(message), type=_clean(kind))
    failure.text = _clean("\n".join(lines))


def _told(clause: Clause, finding: Finding | None) -> list[str]:
    head = [f"{clause.promise}  ({clause.place})" if clause.place else clause.promise]
    return head + (_lines(finding) if finding else [])


def _lines(finding: Finding) -> list[str]:
    facts = [
        ("expected", finding.expected),
        ("got", finding.got),
        ("contract", f"{finding.place or ''} {finding.pointer}".strip()),
        ("reproduce", finding.curl),
        ("remedy", finding.remedy),
        ("fingerprint", finding.fingerprint),
    ]
    return [f"{name}: {text}" for name, text in facts if text]


def _clean(text: str) -> str:
    """XML 1.0 section 2.2 has no place for most control characters."""
    return _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", text)
