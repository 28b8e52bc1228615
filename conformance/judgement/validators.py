"""What the validators of an answer, and its 304, are by RFC 9110 sections 8.8, 13 and 15.4.5."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from conformance.http.exchange import Answer
from conformance.http.shown_texts import brief
from conformance.judgement.observation import Observation, broken, held, inconclusive
from conformance.report.codes.finding_code import FindingCode
from conformance.report.level import Level

__all__ = ["Validators", "changed_anyway", "malformed", "not_modified"]

_TAG = re.compile(r'(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"')
"""An entity tag (RFC 9110 section 8.8.3)."""
# The form that must be sent; the two obsolete ones must only be read (RFC 9110 section 5.6.7).
_DATE = re.compile(
    r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d{2} (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
    r" \d{4} \d{2}:\d{2}:\d{2} GMT"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Validators:
    """Those of one answer; "" where it has none that can be sent back."""

    tag: str = ""
    date: str = ""

    @classmethod
    def of(cls, answer: Answer) -> Validators:
        """The well-formed ones among its headers."""
        tag, date = answer.header("etag") or "", answer.header("last-modified") or ""
        return cls(
            tag=tag if _TAG.fullmatch(tag) else "", date=date if _DATE.fullmatch(date) else ""
        )

    @property
    def weak(self) -> str:
        """The tag as what is compared weakly has it, as conditions on reads do."""
        return self.tag if self.tag.startswith("W/") else f"W/{self.tag}"


def malformed(clause: str, answer: Answer) -> Iterator[Observation]:
    """Validators that are none: no cache can send them back as they should be."""
    for name, form, example in (
        ("ETag", _TAG, 'a quoted string, "1" or W/"1"'),
        ("Last-Modified", _DATE, "a date such as Sun, 06 Nov 1994 08:49:37 GMT"),
    ):
        sent = answer.header(name)
        if sent is not None and not form.fullmatch(sent):
            yield _broken(
                clause, FindingCode.FALSE_VALIDATOR, example, f"{name}: {brief(sent, 80)}"
            )


def not_modified(clause: str, answer: Answer, known: Validators) -> Observation:
    """An answer to a request that says what it has: 304, unless that has changed meanwhile."""
    if answer.status == 304:
        return _as_304(clause, answer, known)
    now = Validators.of(answer)
    same = now.weak == known.weak if known.tag else now.date == known.date
    # RFC 9110 section 13.1.2: it is for all methods but GET and HEAD.
    if answer.status == 412 and known.tag:
        return _broken(clause, FindingCode.IGNORED_VALIDATOR, "304", "412 to GET")
    if not answer.success:
        return inconclusive(clause, f"a conditional request was answered with {answer.status}")
    if not same:
        return inconclusive(clause, "the validator is another one in each answer")
    what = f"ETag: {known.tag}" if known.tag else f"Last-Modified: {known.date}"
    # RFC 9110: a tag must be heeded (section 13.1.2), a date should be (section 13.1.3).
    level = Level.WARNING if known.tag else Level.NOTE
    got = f"{answer.status} with the same {what}"
    return _broken(clause, FindingCode.IGNORED_VALIDATOR, "304", got, level)


def _as_304(clause: str, answer: Answer, known: Validators) -> Observation:
    code = FindingCode.FALSE_NOT_MODIFIED
    if answer.body:
        return _broken(clause, code, "304 without a body", f"304 with {len(answer.body)} bytes")
    if known.tag and answer.header("etag") is None:
        return _broken(clause, code, f"304 with ETag: {known.tag}", "304 without ETag")
    return held(clause)


def changed_anyway(clause: str, answer: Answer) -> Observation:
    """An answer to a request that says to have what was never sent: all but 304."""
    if answer.status != 304:
        return held(clause)
    expected = "the whole answer to a tag that was never issued"
    return _broken(clause, FindingCode.FALSE_NOT_MODIFIED, expected, "304")


def _broken(
    clause: str, code: FindingCode, expected: str, got: str, level: Level = Level.WARNING
) -> Observation:
    return broken(clause, code, level=level, expected=expected, got=got, cause=f"{code}|{expected}")
