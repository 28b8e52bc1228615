"""Bodies with broken syntax (JSON, XML, lines, parts), which client libraries cannot send."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import Any

from conformance.cases.body_wire import Wire
from conformance.cases.case import Case, Expect
from conformance.cases.operation_under_test import Subject
from conformance.clauses.kinds import ClauseKind
from conformance.clauses.value_paths import Path, expand, get, put
from conformance.http.request_drafts import Draft, dumps
from conformance.report.codes.finding_code import FindingCode
from conformance.report.findings import Level
from spec.contract.media_codecs import root_name
from spec.text import json_text
from spec.text.body_codecs import BodyKind
from spec.text.json_text import UnreadableError

__all__ = ["syntax_cases"]

NUMBERS = 3
"""So many numbers of the body are replaced by one that JSON does not have."""


def syntax_cases(subject: Subject) -> Iterator[Case]:
    """What is no text of the media type, and must be refused."""
    wire = subject.wire
    if wire is None:
        return
    if wire.kind is BodyKind.JSON:
        yield from _json(subject, wire)
    elif wire.kind is BodyKind.LINES:
        yield from _lines(subject)
    elif wire.kind is BodyKind.XML:
        yield from _xml(subject, wire)
    elif wire.kind is BodyKind.PARTS and wire.judged({}):
        yield from _boundary_cases(subject)


def _syntax_case(subject: Subject, local: str, label: str, draft: Draft, **more: Any) -> Case:
    return subject.case(
        f"{subject.body_clause}.syntax.{local}",
        ClauseKind.SYNTAX,
        label,
        draft,
        expect=Expect.REFUSED,
        code=FindingCode.ACCEPTED_MALFORMED_BODY,
        **more,
    )


def _json(subject: Subject, wire: Wire) -> Iterator[Case]:
    """What is no JSON text by RFC 8259."""
    good = dumps(subject.control.body)
    for local, label, raw in (*_malformed(good), *_more(good)):
        # Of a number the half is a number, and so are two of them in a row; no bytes are no body.
        if not raw or _is_json(raw):
            continue
        # Decoders of browsers, Java and Go put U+FFFD in the place of such bytes, and RFC 8259
        # section 9 lets a parser accept more than JSON.
        level = Level.WARNING if local == "utf-8" else Level.ERROR
        yield _syntax_case(subject, local, label, subject.control.but(raw=raw), level=level)
    for name, path in islice(_numbers(wire, subject.control.body), NUMBERS):
        raw = dumps(put(subject.control.body, path, float("nan")))
        yield _syntax_case(subject, "numbers", f"`{name}`: NaN", subject.control.but(raw=raw))
    if good.startswith(b"{") and len(good) > 2:
        for number in ("NaN", "Infinity", "-Infinity"):
            raw = good[:-1] + f', "x": {number}}}'.encode()
            draft = subject.control.but(raw=raw)
            # RFC 8259 section 9 lets a parser accept more than JSON.
            yield _syntax_case(subject, "numbers", number, draft, level=Level.WARNING)


def _numbers(wire: Wire, body: Any) -> Iterator[tuple[str, Path]]:
    """Where the schema has a number: those of the body, and those that could be added to it."""
    for node in wire.nodes():
        if node.branched or not node.typed or node.types[0] not in ("number", "integer"):
            continue
        *above, last = node.steps or ("",)
        found = list(expand(body, node.steps))
        if not found and isinstance(last, str):
            objects = (one for one in expand(body, above) if isinstance(get(body, one), dict))
            found = [(*path, last) for path in objects]
        for path in found[:1]:
            yield node.name or "the body", path


def _is_json(raw: bytes) -> bool:
    try:
        json_text.read(raw)
    except UnreadableError:
        return False
    return True


def _lines(subject: Subject) -> Iterator[Case]:
    good = subject.control.request().body or b""
    cut = good.rstrip(b"\n")
    for label, raw in (
        ("the last line cut off in the middle", cut[: -(len(cut.splitlines()[-1]) + 1) // 2]),
        ("plain text after the last line", good + b"hello\n"),
        ("XML after the last line", good + b"<line/>\n"),
    ):
        last = raw.rstrip().rpartition(b"\n")[2]
        if last and not _is_json(last):
            yield _syntax_case(subject, "malformed", label, subject.control.but(raw=raw))


def _xml(subject: Subject, wire: Wire) -> Iterator[Case]:
    """What is no well-formed document (XML 1.0 section 2.1), or has another root element."""
    good = (subject.control.request().body or b"").decode()
    body, _, end = good.rpartition("</")
    for label, text in (
        ("the last end tag missing", body),
        ("another end tag", f"{body}</{end[:-1]}x>"),
        ("two root elements", f"{good}<more/>"),
        ("an entity that is not declared", f"{body}&undeclared;</{end}"),
        ("an ampersand by itself", f"{body} & </{end}"),
        ("plain text", "hello"),
        ("JSON", "{}"),
    ):
        # An empty element has no end tag to leave out.
        if text:
            draft = subject.control.but(raw=text.encode())
            yield _syntax_case(subject, "malformed", label, draft)
    name = root_name(subject.contract, wire.schema)
    if name and re.search(rf"<{re.escape(name)}[ />]", good):
        renamed = re.sub(rf"(</?){re.escape(name)}(?=[ />])", r"\1another-root", good)
        draft = subject.control.but(raw=renamed.encode())
        # Binders often do not look at it; every element below is as it should be.
        label = "another root element"
        yield _syntax_case(subject, "root", label, draft, level=Level.WARNING)


def _boundary_cases(subject: Subject) -> Iterator[Case]:
    """What has no parts (RFC 2046 section 5.1.1): the boundary is not there, or is another one."""
    name = subject.control.media_type
    good = subject.control.request().body or b""
    for label, content_type, raw, also in (
        # Without its parameter the type is incomplete: a server may find it unsupported.
        ("no boundary in Content-Type", name, good, {415}),
        ("another boundary in Content-Type", f"{name}; boundary=another", good, ()),
        ("text without parts", f"{name}; boundary=another", b"hello", ()),
    ):
        draft = subject.control.but(raw=raw).header("Content-Type", content_type)
        yield _syntax_case(subject, "malformed", label, draft, also=frozenset[int](also))


def _malformed(good: bytes) -> Iterator[tuple[str, str, bytes]]:
    yield "malformed", "the body cut off in the middle", good[: len(good) // 2]
    yield "malformed", "the last brace missing", good[:-1]
    yield "malformed", "plain text", b"hello"
    yield "malformed", "XML", b"<request/>"
    if good.startswith(b"{") and len(good) > 2:
        yield "malformed", "a comma after the last property", good[:-1] + b",}"
        yield "malformed", "single quotes", good.replace(b"'", b"").replace(b'"', b"'")
        yield "malformed", "a name without quotes", good[:-1] + b", unquoted: 1}"
        yield "malformed", "a comment", good[:-1] + b" /* comment */}"
        yield "malformed", "a line break in a string", good[:-1] + b', "x": "a\nb"}'


def _more(good: bytes) -> Iterator[tuple[str, str, bytes]]:
    yield "trailing", "text after the document", good + b" x"
    yield "trailing", "the document twice", good + good
    yield "trailing", "a brace too many", good + b"}"
    if good.startswith(b"{") and len(good) > 2:
        yield "numbers", "a leading zero", good[:-1] + b', "x": 01}'
        yield "utf-8", "a byte that is not UTF-8", good[:-1] + b', "x": "\xff"}'
        yield "utf-8", "an overlong encoding", good[:-1] + b', "x": "\xc0\xaf"}'
        yield "utf-8", "a character cut in half", good[:-1] + b', "x": "\xe2\x82"}'
