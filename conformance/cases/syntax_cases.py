"""Bodies that are no JSON, or hardly any: what no client library would send."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.cases.case import Case, Expect
from conformance.cases.operation_under_test import Subject
from conformance.clauses.ids import body_prefix
from conformance.http.request_drafts import dumps
from conformance.report.codes.finding_code import FindingCode

__all__ = ["syntax_cases"]


def syntax_cases(subject: Subject) -> Iterator[Case]:
    """What is no JSON text by RFC 8259, and must be refused."""
    media_type = subject.json_body
    if media_type is None:
        return
    prefix, good = body_prefix(media_type.name), dumps(subject.control.body)
    for local, label, raw in (*_malformed(good), *_more(good)):
        yield subject.case(
            f"{prefix}.syntax.{local}",
            "syntax",
            label,
            subject.control.but(raw=raw),
            expect=Expect.REFUSED,
            code=FindingCode.ACCEPTED_MALFORMED_BODY,
        )


def _malformed(good: bytes) -> Iterator[tuple[str, str, bytes]]:
    yield "malformed", "the body cut off in the middle", good[: len(good) // 2]
    yield "malformed", "the last brace missing", good[:-1]
    yield "malformed", "plain text", b"hello"
    yield "malformed", "XML", b"<request/>"
    if good.startswith(b"{") and len(good) > 2:
        yield "malformed", "a comma after the last property", good[:-1] + b",}"
        yield "malformed", "single quotes", b"{'a': 'b'}"
        yield "malformed", "a name without quotes", good[:-1] + b", unquoted: 1}"
        yield "malformed", "a comment", good[:-1] + b" /* comment */}"
        yield "malformed", "a line break in a string", good[:-1] + b', "x": "a\nb"}'


def _more(good: bytes) -> Iterator[tuple[str, str, bytes]]:
    yield "trailing", "text after the document", good + b" x"
    yield "trailing", "the document twice", good + good
    yield "trailing", "a brace too many", good + b"}"
    if good.startswith(b"{") and len(good) > 2:
        for number in (b"NaN", b"Infinity", b"-Infinity"):
            yield "numbers", number.decode(), good[:-1] + b', "x": ' + number + b"}"
        yield "numbers", "a leading zero", good[:-1] + b', "x": 01}'
        yield "utf-8", "a byte that is no UTF-8", good[:-1] + b', "x": "\xff"}'
        yield "utf-8", "an overlong encoding", good[:-1] + b', "x": "\xc0\xaf"}'
        yield "utf-8", "a character cut in half", good[:-1] + b', "x": "\xe2\x82"}'
