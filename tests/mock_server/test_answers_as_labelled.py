# ruff: noqa: E501 (schemas read better on one line)
"""An answer is what its media type says, or it is not served and the reason is told."""

from __future__ import annotations

import csv
import io
import json
from base64 import urlsafe_b64decode
from email import message_from_bytes
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from conformance.clauses.clause import Verdict
from conformance.http.exchange import Answer
from conformance.judgement.answers import AnswerJudge
from conformance.judgement.body_judgement import BodyJudge
from mock_server import MockApp
from spec import load
from tests.mock_server.asking import ask, mock_of

ROWS = "type: array, items: {type: object, properties: {shelf: {type: string}, boxes: {type: integer}}}"


def answering(folder: Path, content: str, more: str = "") -> MockApp:
    """A mock of one operation with this content."""
    return mock_of(
        folder,
        f"paths: {{/a: {{get: {{responses: {{'200': {{description: A, content: {{{content}}}}}{more}}}}}}}}}",
    )


def test_tables_are_tables(tmp_path: Path) -> None:
    """CSV and TSV have a header line and a line for each object, quoted where they must be."""
    example = 'example: [{shelf: "top, left", boxes: 4}, {shelf: low}]'
    app = answering(
        tmp_path,
        f"text/csv: {{schema: {{{ROWS}}}, {example}}}, text/tab-separated-values: {{schema: {{{ROWS}}}}}",
    )
    comma = ask(app, "GET", "/a", headers={"accept": "text/csv"})
    tab = ask(app, "GET", "/a", headers={"accept": "text/tab-separated-values"})

    assert comma.headers["content-type"] == "text/csv; charset=utf-8"
    assert list(csv.reader(io.StringIO(comma.body.decode()))) == [
        ["shelf", "boxes"],
        ["top, left", "4"],
        ["low", ""],
    ]
    assert tab.body.split(b"\r\n")[0] == b"shelf\tboxes"


@pytest.mark.parametrize(
    "kind",
    [
        "application/msgpack",
        "application/x-msgpack",
        "application/x-protobuf",
        "application/vnd.google.protobuf",
        "application/cbor",
        "application/vnd.api+cbor",
        "application/avro",
        "application/vnd.ms-excel",
        "text/html",
        "text/css",
        "application/toml",
    ],
)
def test_what_nothing_here_writes_is_told_and_not_served(tmp_path: Path, kind: str) -> None:
    """No JSON under a false label: a 501 with the reason, also for a wish, and a line at the start."""
    app = answering(
        tmp_path,
        f"{kind}: {{schema: {{type: object, properties: {{a: {{type: integer}}}}}}}}",
        ", '400': {description: Bad}",
    )
    got, wished = ask(app, "GET", "/a"), ask(app, "GET", "/a?__code=200")

    assert (got.status, wished.status) == (501, 501)
    assert kind in got.json["detail"]
    assert any(kind in str(one) for one in app.unserved)
    assert ask(app, "GET", "/a?__code=400").status == 400


@pytest.mark.parametrize(
    "kind",
    ["application/yaml", "text/plain", "application/vnd.acme.v2", "application/x-amz-json-1.1"],
)
def test_what_json_is_true_under_holds_it(tmp_path: Path, kind: str) -> None:
    """Plain text and YAML may be JSON, and a vendor's type is what the contract describes."""
    app = answering(tmp_path, f"{kind}: {{schema: {{type: object}}, example: {{a: 1}}}}")

    assert ask(app, "GET", "/a").json == {"a": 1}


def test_bytes_of_ones_own_are_served_under_any_label(tmp_path: Path) -> None:
    """A file of the contract's folder is the answer as it is; no other file ever is."""
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "a.msgpack").write_bytes(b"\x81\xa1a\x01")
    (tmp_path / "own" / "page.pdf").write_bytes(b"%PDF-own\xff\x00")
    (tmp_path / "secret.txt").write_text("secret")
    (tmp_path / "own" / "link.txt").symlink_to(tmp_path / "secret.txt")
    (tmp_path / "own" / "a.json").write_text('{"n": "no number"}')
    schema = "schema: {type: object, properties: {n: {type: integer}}}"
    app = mock_of(
        tmp_path / "own",
        f"""
        paths:
          /a: {{get: {{responses: {{'200': {{description: A, content: {{
            application/msgpack: {{{schema}, examples: {{own: {{externalValue: a.msgpack}}}}}},
            application/pdf: {{examples: {{own: {{externalValue: ./page.pdf}}}}}},
            application/json: {{{schema}, examples: {{own: {{externalValue: a.json}}}}}}}}}}}}}}}}
          /link: {{get: {{responses: {{'200': {{description: A, content: {{
            text/plain: {{examples: {{own: {{externalValue: link.txt}}}}}}}}}}}}}}}}
          /up: {{get: {{responses: {{'200': {{description: A, content: {{
            text/plain: {{examples: {{own: {{externalValue: ../secret.txt}}}}}}}}}}}}}}}}
          /url: {{get: {{responses: {{'200': {{description: A, content: {{
            text/plain: {{examples: {{own: {{externalValue: 'file:///etc/passwd'}}}}}}}}}}}}}}}}
        """,
    )

    assert ask(app, "GET", "/a", headers={"accept": "application/msgpack"}).body == b"\x81\xa1a\x01"
    assert ask(app, "GET", "/a", headers={"accept": "application/pdf"}).body == b"%PDF-own\xff\x00"
    plain = ask(app, "GET", "/a", headers={"accept": "application/json"})
    assert isinstance(plain.json, dict)
    for path in ("/link", "/up", "/url"):
        assert b"secret" not in ask(app, "GET", path).body
    told = [fault.code for fault in app.contract.faults]
    assert (told.count("unread-example"), told.count("faulty-example")) == (3, 1)


def test_xml_is_named_and_placed_as_the_schema_says(tmp_path: Path) -> None:
    """Attributes, wrappers, prefixes and namespaces, through references, allOf and oneOf."""
    app = mock_of(
        tmp_path,
        """
        components:
          schemas:
            Base:
              type: object
              required: [id, tags, arms]
              properties:
                id: {type: integer, example: 7, xml: {attribute: true, prefix: x, namespace: 'urn:x'}}
                tags:
                  type: array
                  minItems: 2
                  xml: {wrapped: true, name: list}
                  items: {type: string, example: red, xml: {name: tag}}
                arms: {type: array, minItems: 1, items: {$ref: '#/components/schemas/Arm'}}
            Arm: {type: object, required: [n], properties: {n: {type: integer, example: 1}}}
            Lamp:
              xml: {name: lamp, prefix: l, namespace: 'urn:lamp'}
              allOf:
                - $ref: '#/components/schemas/Base'
                - oneOf: [{type: object, required: [w], properties: {w: {type: integer, example: 4, xml: {name: watt}}}}]
        paths:
          /a: {get: {responses: {'200': {description: A, content: {application/xml: {schema: {$ref: '#/components/schemas/Lamp'}}}}}}}
        """,
    )
    root = ET.fromstring(ask(app, "GET", "/a").body)

    assert root.tag == "{urn:lamp}lamp"
    assert root.attrib == {"{urn:x}id": "7"}
    assert [one.text for one in root.findall("list/tag")] == ["red", "red"]
    assert [one.findtext("n") for one in root.findall("arms")] == ["1"]
    assert root.findtext("watt") == "4"


@pytest.mark.parametrize("kind", ["application/jwt", "application/token-introspection+jwt"])
def test_an_object_is_what_a_token_claims(tmp_path: Path, kind: str) -> None:
    """It is not signed, and says so (RFC 7519 section 6.1): a parser of tokens reads it."""
    app = answering(
        tmp_path, f"{kind}: {{schema: {{type: object}}, example: {{iss: 'ü', exp: 1}}}}"
    )
    answer = ask(app, "GET", "/a")
    parts = answer.body.split(b".")
    decoded = [json.loads(urlsafe_b64decode(one + b"=" * (-len(one) % 4))) for one in parts[:2]]

    assert (answer.status, answer.headers["content-type"]) == (200, kind)
    assert (decoded, parts[2:]) == ([{"alg": "none"}, {"iss": "ü", "exp": 1}], [b""])


def test_character_data_of_xml(tmp_path: Path) -> None:
    """`nodeType: cdata` (OpenAPI 3.2, XML Object) writes a section, whatever stands in it."""
    schema = (
        "{type: object, xml: {name: a}, required: [t], properties: {t: {xml: {nodeType: cdata}}}}"
    )
    app = mock_of(
        tmp_path,
        f"""
        paths:
          /a:
            get:
              responses:
                '200':
                  description: A
                  content: {{application/xml: {{schema: {schema}, example: {{t: '<b>]]>&'}}}}}}
        """,
        version="3.2.0",
    )
    body = ask(app, "GET", "/a").body

    assert b"<a><![CDATA[<b>]]" in body
    assert ET.fromstring(body).text == "<b>]]>&"


@pytest.mark.parametrize("kind", ["multipart/form-data", "multipart/mixed", "multipart/related"])
def test_multipart_answers_have_parts(tmp_path: Path, kind: str) -> None:
    """Each property is a part, with the type and the headers that `encoding` gives it."""
    encoding = "encoding: {a: {contentType: text/plain, headers: {X-N: {required: true, schema: {type: integer}}}}}"
    app = answering(
        tmp_path,
        f"{kind}: {{schema: {{type: object, properties: {{a: {{type: string}}, b: {{type: object}}}}}}, "
        f"example: {{a: text, b: {{c: 1}}}}, {encoding}}}",
    )
    got = ask(app, "GET", "/a")
    parsed = message_from_bytes(
        b"Content-Type: " + got.headers["content-type"].encode() + b"\r\n\r\n" + got.body
    )
    first, second = list(parsed.walk())[1:]

    assert got.headers["content-type"].startswith(f"{kind}; boundary=")
    assert (first.get_content_type(), first["X-N"]) == ("text/plain", "1")
    assert (second.get_content_type(), second.get_payload()) == ("application/json", '{"c": 1}')


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        (None, "application/json"),
        ("*/*", "application/json"),
        ("application/json", "application/json"),
        ("text/plain", "text/plain"),
        ("application/json;q=0.1, text/plain", "text/plain"),
    ],
)
def test_a_range_does_not_beat_a_type_that_is_named(
    tmp_path: Path, accept: str | None, kind: str
) -> None:
    """Whichever stands first: `*/*` answers what no narrower key does."""
    app = answering(tmp_path, "'*/*': {example: words}, application/json: {example: {a: 1}}")
    got = ask(app, "GET", "/a", headers={"accept": accept} if accept else {})

    assert got.headers["content-type"].partition(";")[0] == kind
    assert (got.body == b"words") is (kind == "text/plain")


def test_the_success_that_cannot_be_made_is_no_other_status(tmp_path: Path) -> None:
    """A good request gets a 501 with the reason, and never a documented status as if it were true."""
    impossible = "{type: string, format: date, pattern: '^x'}"
    app = answering(
        tmp_path,
        f"application/json: {{schema: {impossible}}}",
        ", '201': {description: Made}, default: {description: Else}",
    )

    assert [ask(app, "GET", f"/a{query}").status for query in ("", "?__code=200")] == [501, 501]
    assert ask(app, "GET", "/a?__code=201").status == 201


def test_named_examples_bring_their_headers(tmp_path: Path) -> None:
    """A header's example of the same name belongs to the body; one with `content` has it there."""
    app = mock_of(
        tmp_path,
        """
        paths:
          /a: {get: {responses: {'200': {description: A,
            headers: {
              X-N: {schema: {type: integer}, examples: {one: {value: 1}, two: {value: 2}}},
              X-Echo: {schema: {type: string}, examples: {two: {value: '{$request.query.q}'}, one: {value: plain}}},
              X-C: {content: {application/json: {examples: {one: {value: [1]}, two: {value: [2]}}}}}},
            content: {application/json: {examples: {one: {value: a}, two: {value: b}}}}}}}}
        """,
    )
    first, second = ask(app, "GET", "/a?q=z"), ask(app, "GET", "/a?q=z&__example=two")

    assert [first.headers[name] for name in ("x-n", "x-echo", "x-c")] == ["1", "plain", "[1]"]
    assert [second.headers[name] for name in ("x-n", "x-echo", "x-c")] == ["2", "z", "[2]"]


def test_what_is_write_only_stays_out_of_answers(tmp_path: Path) -> None:
    """From every kind of example, at every depth, and from what is generated with one inside."""
    app = mock_of(
        tmp_path,
        """
        components:
          schemas:
            User:
              type: object
              required: [id, pin]
              properties: {id: {type: integer}, pin: {type: string, writeOnly: true}}
              example: {id: 8, pin: hush}
        paths:
          /own: {get: {responses: {'200': {description: A, content: {application/json: {schema: {$ref: '#/components/schemas/User'}}}}}}}
          /list: {get: {responses: {'200': {description: A, content: {application/json: {
            schema: {type: array, minItems: 1, items: {$ref: '#/components/schemas/User'}}}}}}}}
          /named: {get: {responses: {'200': {description: A, content: {application/json: {
            schema: {type: object, properties: {users: {type: array, items: {allOf: [{$ref: '#/components/schemas/User'}]}}}},
            examples: {one: {value: {users: [{id: 1, pin: hush}], pin: mine}}}}}}}}}
          /pattern: {get: {responses: {'200': {description: A,
            headers: {X-User: {content: {application/json: {schema: {$ref: '#/components/schemas/User'}, example: {id: 1, pin: hush}}}}},
            content: {application/json: {
              schema: {type: object, patternProperties: {^p: {type: string, writeOnly: true}}},
              example: {pin: hush, id: 1}}}}}}}
        """,
    )
    by_pattern = ask(app, "GET", "/pattern")

    assert ask(app, "GET", "/own").json == {"id": 8}
    assert ask(app, "GET", "/list").json == [{"id": 8}]
    assert ask(app, "GET", "/named").json == {"users": [{"id": 1}], "pin": "mine"}
    assert b"hush" not in ask(app, "GET", "/list?__dynamic=true&__seed=4").body
    assert (by_pattern.json, by_pattern.headers["x-user"]) == ({"id": 1}, '{"id": 1}')


def test_every_split_of_a_path_is_tried(tmp_path: Path) -> None:
    """`/a.min.js` is the name `a.min` where only `js` is an ending; the answer repeats it so."""
    parameter = "{{name: {0}, in: path, required: true, schema: {1}}}"
    app = mock_of(
        tmp_path,
        f"""
        paths:
          /f/{{name}}.{{ext}}-{{n}}:
            get:
              parameters:
                - {parameter.format("name", "{type: string}")}
                - {parameter.format("ext", "{type: string, enum: [js, css]}")}
                - {parameter.format("n", "{type: integer}")}
              responses:
                '200':
                  description: A
                  content: {{application/json: {{example: '{{$request.path.name}} {{$request.path.ext}} {{$request.path.n}}'}}}}
        """,
    )

    assert ask(app, "GET", "/f/a.js-1").json == "a js 1"
    assert ask(app, "GET", "/f/a.min-2.x.css-3").json == "a.min-2.x css 3"
    assert ask(app, "GET", "/f/a.min.png-1").status == 400
    assert ask(app, "GET", f"/f/{'a.' * 400}js-1").status in (200, 400)


def test_expressions_steer_generated_values(tmp_path: Path) -> None:
    """`x-mock-value` with an expression repeats the request, with its type, and stays valid."""
    app = mock_of(
        tmp_path,
        """
        paths:
          /a/{id}:
            get:
              parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
              responses:
                '200':
                  description: A
                  content:
                    application/json:
                      schema:
                        type: object
                        required: [id, text, list]
                        properties:
                          id: {type: integer, maximum: 10, x-mock-value: '{$request.path.id}'}
                          text: {type: string, x-mock-value: 'number {$request.path.id}'}
                          list: {type: array, x-mock-length: 2, items: {type: string, x-mock-value: [b, a]}}
                          bad: {type: boolean, x-mock-value: maybe}
        """,
    )

    assert ask(app, "GET", "/a/7").json == {
        "id": 7,
        "text": "number 7",
        "list": ["b", "b"],
        "bad": True,
    }
    assert ask(app, "GET", "/a/70").json["id"] <= 10
    assert [fault.code for fault in app.contract.faults] == ["faulty-steering"]


@pytest.mark.parametrize("schema", ["{}", "{schema: {}}", "{schema: {description: anything}}"])
@pytest.mark.parametrize(
    "media_type",
    [
        *(
            "application/json",
            "application/problem+json",
            "application/x-ndjson",
            "application/json-seq",
        ),
        *("application/xml", "text/xml", "application/problem+xml", "image/svg+xml"),
        *("multipart/form-data", "multipart/mixed", "application/x-www-form-urlencoded"),
        *("text/csv", "text/plain", "text/event-stream", "application/jwt", "application/pdf"),
    ],
)
def test_without_a_schema_it_is_still_of_its_type(
    tmp_path: Path, media_type: str, schema: str
) -> None:
    """The form of a body that no schema describes is that of its media type; the kit reads it."""
    app = answering(tmp_path, f"{media_type}: {schema}")
    contract = load(tmp_path / "contract.yaml")
    operation = contract.operations[0]
    seen = ask(app, "GET", "/a")

    answer = Answer(status=200, headers=tuple(seen.headers.items()), body=seen.body)
    found = AnswerJudge(contract, BodyJudge(contract)).observe(operation, answer, "GET")
    broken = [one for one in found if one.verdict is Verdict.BROKEN]
    assert [f"{one.clause}: {one.got}" for one in broken] == []
    assert seen.headers["content-type"].startswith(media_type)
    assert seen.body


@pytest.mark.parametrize("key", ["application/*", "'*/*'"])
def test_json_under_a_range_is_json_under_every_name_of_it(tmp_path: Path, key: str) -> None:
    """A narrower key takes its own type away; the example is still that of all others."""
    app = answering(
        tmp_path, f"{key}: {{example: {{a: 1}}}}, application/json: {{schema: {{type: integer}}}}"
    )
    kin = ask(app, "GET", "/a", headers={"accept": "application/hal+json"})
    own = ask(app, "GET", "/a", headers={"accept": "application/json"})

    assert (kin.headers["content-type"], kin.json) == ("application/hal+json", {"a": 1})
    assert (own.headers["content-type"], own.json) == ("application/json", 1)
    assert app.unserved == ()
