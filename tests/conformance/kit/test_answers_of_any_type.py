"""Answers that are no JSON: read by their media type, judged by their schema."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.cases.case import Case, Expect
from conformance.clauses.clause import Verdict
from conformance.clauses.derive import derive
from conformance.clauses.kinds import ClauseKind
from conformance.http.exchange import Answer, Request
from conformance.judgement import Judge, Observation
from spec import load

OPERATION = "GET /state"
STATE = "{type: object, required: [name], properties: {name: {type: string}, n: {type: integer}}}"
UPLOAD = "{type: object, required: [n], properties: {n: {type: integer}, f: {format: binary}}}"
XML = """{type: object, xml: {name: state}, required: [level], properties: {level: {type: integer},
  id: {type: integer, xml: {attribute: true}}, tags: {type: array, xml: {wrapped: true},
  items: {type: string, maxLength: 3, xml: {name: tag}}}}}"""
EVENTS = "{type: object, required: [event], properties: {event: {enum: [tick]}}}"
ITEM = "{type: object, required: [id], properties: {id: {type: integer}}}"
PAIR = "{type: array, minItems: 2, items: {type: integer}}"
FORM, PARTS = "application/x-www-form-urlencoded", "multipart/form-data"
LINES, SEQUENCE = "application/x-ndjson", "application/json-seq"


def seen(folder: Path, media_type: str, schema: str, body: bytes, sent: str) -> list[Observation]:
    """What a 200 with this body shows."""
    key = "itemSchema" if schema in (EVENTS, ITEM) else "schema"
    file = folder / "contract.yaml"
    file.write_text(
        "openapi: 3.2.0\ninfo: {title: T, version: '1'}\npaths:\n  /state:\n    get:\n"
        "      responses:\n        '200':\n          description: ok\n"
        f"          content: {{'{media_type}': {{{key}: {schema}}}}}\n",
        "utf-8",
    )
    case = Case(
        operation=OPERATION,
        clauses=(f"{OPERATION} control",),
        family=ClauseKind.CONTROL,
        label="the good request",
        request=Request(method="GET", target="/state"),
        expect=Expect.ACCEPTED,
    )
    contract = load(file)
    answer = Answer(status=200, headers=(("Content-Type", sent or media_type),), body=body)
    found = Judge(contract).judge(case, answer)
    known = {clause.id for clause in derive(contract)}
    assert {one.clause for one in found} <= known
    return found


def part(name: str, text: str, more: str = "") -> str:
    """One part of a multipart body."""
    return f'--b\r\nContent-Disposition: form-data; name="{name}"{more}\r\n\r\n{text}\r\n'


def documents(*texts: str) -> bytes:
    """A body of nameless parts of JSON."""
    parts = "".join(f"--b\r\nContent-Type: application/json\r\n\r\n{one}\r\n" for one in texts)
    return f"{parts}--b--\r\n".encode()


MULTIPART = f"{PARTS}; boundary=b"
WRONG = "response-schema", "error"
MALFORMED = "response-malformed", "error"
HIDDEN_OR_FLAG = (
    "{type: object, properties: {password: {anyOf: "
    "[{type: string, writeOnly: true}, {type: boolean}]}}}"
)
FAULTS = {
    "text-enum": ("text/plain", "{type: string, enum: [up, down]}", b"sideways", "", WRONG),
    "text-pattern": ("text/plain", "{type: string, pattern: '^a+$'}", b"b", "", WRONG),
    "text-number": ("text/plain", "{type: integer, minimum: 3}", b"2", "", WRONG),
    "text-no-number": ("text/plain", "{type: integer}", b"two", "", WRONG),
    "text-no-utf-8": ("text/plain", "{type: string}", b"\xff", "", MALFORMED),
    "line": (LINES, STATE, b'{"name": "a"}\n{"name": 1}\n', "", WRONG),
    "line-missing": (LINES, STATE, b'{"n": 1}\n', "", WRONG),
    "line-of-array": (LINES, "{type: array, items: {type: integer}}", b"1\nx1\n", "", MALFORMED),
    "item-of-array": (LINES, "{type: array, items: {type: integer}}", b'1\n"x"\n', "", WRONG),
    "too-few-lines": (LINES, PAIR, b"1\n", "", WRONG),
    "item-of-parts": (
        "multipart/mixed", ITEM, documents('{"id": 1}', '{"id": "2"}'),
        "multipart/mixed; boundary=b", WRONG,
    ),
    "no-line": (LINES, STATE, b'{"name": "a"}\n{oops\n', "", MALFORMED),
    "jsonl": ("application/jsonl", STATE, b"{}\n", "", WRONG),
    "sequence": (SEQUENCE, STATE, b'\x1e{"name": "a"}\n\x1e{"name":\n2}\n', "", WRONG),
    "form": (FORM, STATE, b"name=a&n=x", "", WRONG),
    "form-missing": (FORM, STATE, b"n=1", "", WRONG),
    "parts": (PARTS, UPLOAD, (part("n", "x") + "--b--\r\n").encode(), MULTIPART, WRONG),
    "no-parts": (PARTS, UPLOAD, b"n=1", MULTIPART, MALFORMED),
    "no-boundary": (PARTS, UPLOAD, (part("n", "1") + "--b--").encode(), PARTS, MALFORMED),
    "unclosed": (
        PARTS, UPLOAD, part("n", "1").encode(), MULTIPART, ("response-malformed", "warning")
    ),
    "xml-cut": ("application/xml", XML, b"<state><level>1</level>", "", MALFORMED),
    "xml-text-after": ("text/xml", XML, b"<state><level>1</level></state> & {", "", MALFORMED),
    "xml-root": ("application/xml", XML, b"<other><level>1</level></other>", "", MALFORMED),
    "xml-number": ("application/a+xml", XML, b"<state><level>x</level></state>", "", WRONG),
    "xml-missing": ("application/xml", XML, b"<state><Level>1</Level></state>", "", WRONG),
    "xml-attribute": ("application/xml", XML, b"<state id='x'><level>1</level></state>", "", WRONG),
    "xml-item": (
        "application/xml", XML,
        b"<state><level>1</level><tags><tag>abcd</tag></tags></state>", "", WRONG,
    ),
    "table": (
        "text/csv", "{type: array, items: {type: object, properties: {n: {type: integer}}}}",
        b"n\r\nx\r\n", "", WRONG,
    ),
    "event": ("text/event-stream", EVENTS, b"event: tock\ndata: 1\n\n", "", WRONG),
    "event-unnamed": ("text/event-stream", EVENTS, b"data: 1\n\n", "", WRONG),
    "data": ("text/event-stream", STATE, b'data: {"name": "a"}\n\ndata: {"n": 2}\n\n', "", WRONG),
    "range": ("text/*", "{type: string, enum: [up]}", b"down", "text/plain", WRONG),
    "write-only": (
        "application/json",
        "{type: object, properties: {password: {type: string, writeOnly: true}}}",
        b'{"password": "x"}', "", ("response-schema", "warning"),
    ),
    "write-only-line": (
        LINES, "{type: object, properties: {password: {type: string, writeOnly: true}}}",
        b'{"password": "x"}', "", ("response-schema", "warning"),
    ),
    "write-only-alternative": (
        "application/json", HIDDEN_OR_FLAG,
        b'{"password": "x"}', "", ("response-schema", "warning"),
    ),
}  # fmt: skip


@pytest.mark.parametrize(
    ("media_type", "schema", "body", "sent", "shown"), FAULTS.values(), ids=FAULTS
)
def test_what_its_schema_forbids_is_shown(
    tmp_path: Path, media_type: str, schema: str, body: bytes, sent: str, shown: tuple[str, str]
) -> None:
    """The answer shows this deviation, of a clause of the contract, and no other kind."""
    found = seen(tmp_path, media_type, schema, body, sent)

    broken = {(one.code, one.level.value) for one in found if one.verdict is Verdict.BROKEN}
    assert broken == {shown}


UTF_16 = "<?xml version='1.0' encoding='UTF-16'?><state><level>1</level></state>"
RIGHT = {
    "text": ("text/plain", "{type: string, enum: [up, down]}", b"up", ""),
    "text-line-break": ("text/plain", "{type: string, enum: [up, down]}", b"up\r\n", ""),
    "text-mark": ("text/plain", "{type: string, enum: [up]}", b"\xef\xbb\xbfup", ""),
    "text-charset": (
        "text/plain", "{type: string, pattern: '^é$'}", b"\xe9", "text/plain; charset=ISO-8859-1"
    ),
    "text-empty": ("text/plain", "{type: string}", b"", ""),
    "no-lines": (LINES, STATE, b"", ""),
    "lines-enough": (LINES, PAIR, b"1\n2\n", ""),
    "items-of-parts": (
        "multipart/mixed", ITEM, documents('{"id": 1}', '{"id": 2}'), "multipart/mixed; boundary=b"
    ),
    "write-only-alternative": ("application/json", HIDDEN_OR_FLAG, b'{"password": true}', ""),
    "lines-without-end": (LINES, STATE, b'{"name": "a"}\r\n\r\n{"name": "b"}', ""),
    "sequence": (SEQUENCE, STATE, b'\x1e{"name":\n"a"}\n\x1e{"name": "b"}\n', ""),
    "form": (FORM, STATE, b"name=a+b%26&n=1&other=%C3%A9", f"{FORM}; charset=UTF-8"),
    "parts-in-other-order": (
        PARTS, UPLOAD,
        (part("f", "\0", '; filename=""') + part("n", "1") + "--b--").encode(),
        'multipart/form-data; charset=utf-8; boundary="b"',
    ),
    "xml-declared": (
        "application/xml", XML,
        b"\xef\xbb\xbf<?xml version='1.0'?>\r\n<!-- x --><state id='2'><level> 1\n</level></state>",
        "application/xml; charset=utf-8",
    ),
    "xml-utf-16": ("application/xml", XML, UTF_16.encode("utf-16"), ""),
    "xml-cdata": ("application/xml", XML, b"<state><level><![CDATA[1]]></level></state>", ""),
    "xml-namespace": (
        "application/xml", XML,
        b"<s:state xmlns:s='urn:s' s:schema='x'><s:level>1</s:level><s:tags/></s:state>", "",
    ),
    "xml-more": ("application/xml", XML, b"<state><level>1</level><a><b/></a></state>", ""),
    "table": (
        "text/csv", "{type: array, items: {type: object, properties: {n: {type: integer}}}}",
        b'\xef\xbb\xbfn,"b"\n1,\n', "text/csv; header=present",
    ),
    "event": ("text/event-stream", EVENTS, b": x\n\nid: 1\nevent: tick\nretry: 3\ndata:\n\n", ""),
    "done": ("text/event-stream", STATE, b'data: {"name": "a"}\n\ndata: [DONE]\n\n', ""),
    "heartbeat": (
        "text/event-stream", STATE, b'event: ping\ndata: 1\n\ndata: {"name": "a"}\n\n', ""
    ),
    "stream-of-text": ("text/event-stream", "{type: string}", b'data: {"n": 1}\n\n', ""),
    "not-sent": (
        "application/json",
        "{type: object, properties: {password: {type: string, writeOnly: true}}}", b"{}", "",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("media_type", "schema", "body", "sent"), RIGHT.values(), ids=RIGHT)
def test_what_it_allows_is_held(
    tmp_path: Path, media_type: str, schema: str, body: bytes, sent: str
) -> None:
    """However odd it looks, nothing is found in it, and a clause of its body is held."""
    found = seen(tmp_path, media_type, schema, body, sent)

    assert [one for one in found if one.verdict is not Verdict.HELD] == []
    assert any(one.clause.startswith(f"{OPERATION} response.200") for one in found)


@pytest.mark.parametrize(
    ("media_type", "body", "sent"),
    [
        ("application/xml", b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", ""),
        ("text/plain", b"up", "text/plain; charset=x-unknown"),
        ("application/xml", b"<a><b/></a>", ""),
        ("application/xml", b"<?xml version='1.0' encoding='x-unknown'?><a/>", ""),
    ],
)
def test_what_is_not_read_proves_nothing(
    tmp_path: Path, media_type: str, body: bytes, sent: str
) -> None:
    """A document with entities, or in an unknown charset, leaves its clause inconclusive."""
    found = seen(tmp_path, media_type, "{type: string}", body, sent)

    assert [one.verdict for one in found if one.verdict is not Verdict.HELD] == [
        Verdict.INCONCLUSIVE
    ]


def test_what_cannot_be_read_is_unobserved_and_says_so(tmp_path: Path) -> None:
    """A schema of msgpack is one clause with a reason; one of mere bytes promises nothing."""
    file = tmp_path / "contract.yaml"
    file.write_text(
        """
openapi: 3.0.3
info: {title: T, version: '1'}
paths:
  /state:
    get:
      responses:
        '200':
          description: ok
          content:
            application/msgpack: {schema: {type: object}}
            image/png: {schema: {type: string, format: binary}}
""",
        "utf-8",
    )
    found = {one.id.partition(".200")[2]: one.why for one in derive(load(file)) if ".200" in one.id}

    assert found["(application/msgpack).schema"] == "the kit cannot read application/msgpack"
    assert not any("image/png" in name for name in found)
