"""The report as JUnit XML: one test a clause, one suite an operation; one test a rule.

What is broken is a failure; what was not decided, or is waived, is skipped with the reason. A place
that no clause of the report carries is a test of its own, so that no pipeline can miss it, and a
rule that found nothing is a test that passes, so that a clean report has tests. A run that was
interrupted, or shows nothing, is an error: what it has not seen would look like tests that passed.

XML 1.0 (section 2.2) has no place for most control characters; what is printable has one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias
from xml.etree import ElementTree as ET

from conformance.clauses.clause import Clause, Verdict
from conformance.report.codes.registry import CODES
from conformance.report.findings import Finding, FindingPlace, Level, Report, ReportVerdict
from conformance.report.formats.printable import printable
from spec.model.short_texts import plural

__all__ = ["as_junit"]

_Found: TypeAlias = tuple[Finding, FindingPlace]


def as_junit(report: Report) -> str:
    """The report as XML text."""
    found = [(finding, place) for finding in report.findings for place in finding.places]
    root = ET.Element("testsuites", name="conformance", time=f"{report.seconds:.3f}")
    by_clause = _by_clause(report, found)
    for operation, clauses in report.clauses_by_operation().items():
        tests = [_test(clause, by_clause.get(clause.id, ())) for clause in clauses]
        _suite(root, operation, tests)
    # By identity: two places of different findings may be equal.
    carried = {id(place) for places in by_clause.values() for _, place in places}
    others = [_loose(finding, place) for finding, place in found if id(place) not in carried]
    if others:
        _suite(root, "findings", others)
    kept = _kept_rules(report)
    if kept:
        _suite(root, "rules", kept)
    if report.verdict not in (ReportVerdict.CONFORMS, ReportVerdict.BREAKS) or not len(root):
        _suite(root, "verdict", [_verdict(report)])
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, "unicode") + "\n"


def _by_clause(report: Report, found: Sequence[_Found]) -> Mapping[str, list[_Found]]:
    """The places at the clauses that the report has as broken."""
    broken = {one.id for one in report.clauses if one.verdict is Verdict.BROKEN}
    rows: dict[str, list[_Found]] = {}
    for finding, place in found:
        if place.clause in broken:
            rows.setdefault(place.clause, []).append((finding, place))
    return rows


def _kept_rules(report: Report) -> list[ET.Element]:
    broken = {finding.code for finding in report.findings}
    wanted = (one for one in CODES.values() if one.room in report.rooms and one.code not in broken)
    return [_passed(one.room, one.code.value) for one in wanted]


def _verdict(report: Report) -> ET.Element:
    """A test that passes if the report has shown what it was made for."""
    test = _passed("conformance", "verdict")
    if report.verdict is not ReportVerdict.CONFORMS:
        asked = plural(report.requests, "request")
        said = [f"{report.verdict.value} after {asked}", *report.remarks]
        error = ET.SubElement(test, "error", message=printable(said[0]), type=report.verdict.value)
        error.text = printable("\n".join(said))
    return test


def _passed(room: str, name: str) -> ET.Element:
    return ET.Element("testcase", classname=room, name=name)


def _suite(root: ET.Element, name: str, tests: list[ET.Element]) -> None:
    def number(tag: str) -> str:
        return str(sum(test.find(tag) is not None for test in tests))

    suite = ET.SubElement(root, "testsuite", name=printable(name), tests=str(len(tests)))
    suite.set("errors", number("error"))
    suite.set("failures", number("failure"))
    suite.set("skipped", number("skipped"))
    suite.extend(tests)


def _test(clause: Clause, found: Sequence[_Found]) -> ET.Element:
    local = clause.id.removeprefix(clause.operation).strip() or clause.id
    test = ET.Element("testcase", classname=printable(clause.operation), name=printable(local))
    if clause.place:
        test.set("file", printable(clause.place.file))
        test.set("line", str(clause.place.line))
    standing = [(finding, place) for finding, place in found if not place.waived]
    if clause.verdict is Verdict.BROKEN and found and not standing:
        ET.SubElement(test, "skipped", message="waived")
    elif clause.verdict is Verdict.BROKEN:
        told = [line for one in standing for line in _lines(*one)]
        title, kind = (standing[0][0].title, standing[0][0].code.value) if standing else ("", "")
        _failure(test, title or clause.promise, kind, [_promise(clause), *told])
    elif clause.verdict is not Verdict.HELD:
        unsent = f" (not sent: {clause.unsent})" if clause.unsent else ""
        why = printable(f"{clause.verdict.value}: {clause.why}{unsent}")
        ET.SubElement(test, "skipped", message=why)
    return test


def _promise(clause: Clause) -> str:
    return f"{clause.promise}  ({clause.place})" if clause.place else clause.promise


def _loose(finding: Finding, place: FindingPlace) -> ET.Element:
    where = place.operation or place.pointer or "contract"
    local = place.clause.removeprefix(place.operation).strip()
    name = f"{finding.code.value}: {local}" if local else finding.title
    test = ET.Element("testcase", classname=printable(where), name=printable(name))
    if place.waived:
        ET.SubElement(test, "skipped", message="waived")
    elif place.level is Level.ERROR:
        _failure(test, finding.title, finding.code.value, _lines(finding, place))
    else:
        output = ET.SubElement(test, "system-out")
        output.text = printable("\n".join(_lines(finding, place)))
    return test


def _failure(test: ET.Element, message: str, kind: str, lines: Iterable[str]) -> None:
    failure = ET.SubElement(test, "failure", message=printable(message), type=printable(kind))
    failure.text = printable("\n".join(lines))


def _lines(finding: Finding, place: FindingPlace) -> list[str]:
    facts = [
        ("finding", finding.title),
        ("expected", place.expected),
        ("got", place.got),
        ("tried", place.label),
        ("contract", f"{place.place or ''} {place.pointer}".strip()),
        ("reproduce", place.curl),
        ("remedy", finding.remedy),
        ("fingerprint", place.fingerprint),
    ]
    return [f"{name}: {text}" for name, text in facts if text]
