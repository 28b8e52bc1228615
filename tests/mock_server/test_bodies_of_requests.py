"""Bodies of media types that are neither JSON nor a form with fields, and bodies of no bytes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mock_server import MockApp
from tests.mock_server.asking import Answered, ask, mock_of

FORM = "application/x-www-form-urlencoded"
TYPES = """
paths:
  /x:
    post:
      requestBody:
        required: true
        content:
          application/yaml:
            schema: &thing {type: object, required: [n], properties: {n: {type: integer}}}
          application/openapi+yaml: {schema: *thing}
          text/x-yaml: {schema: *thing}
          application/vnd.acme.v1: {schema: *thing}
          application/cbor: {schema: *thing}
          application/jwt: {schema: {type: string, pattern: '^[^.]+[.][^.]+[.][^.]*$'}}
          application/merge-patch+json: {schema: *thing}
          application/problem+xml:
            schema: {type: object, required: [n], xml: {name: x}, properties: {n: {type: integer}}}
          application/sql: {schema: {type: string, pattern: ^select}}
      responses: {'204': {description: d}}
"""


@pytest.fixture(scope="module")
def typed(tmp_path_factory: pytest.TempPathFactory) -> MockApp:
    return mock_of(tmp_path_factory.mktemp("types"), TYPES)


def sent(app: MockApp, content_type: str, body: bytes | None) -> Answered:
    return ask(app, "POST", "/x", body, headers={"content-type": content_type})


def messages(answer: Answered) -> list[Any]:
    return [one["message"] for one in answer.json.get("errors", ())] if answer.body else []


@pytest.mark.parametrize(
    ("content_type", "body", "expected"),
    [
        ("application/yaml", b"n: 5\n# a remark\n", []),
        ("application/yaml", b'{"n": 5}', []),
        ("application/yaml", b"n: five", ["must be an integer, got a string"]),
        ("application/yaml", b"- n: 5", ["must be an object, got an array"]),
        ("application/yaml; charset=utf-8", b"n: &a 5\nm: *a", []),
        ("application/yaml", b"n: 5\n---\nn: 6", []),
        ("application/yaml", b"n: !secret x", []),
        ("application/yaml", b"n: x" + b" " * 1024 * 1024, []),
        (
            "application/yaml",
            b"a: [1\nb: 2",
            ["is not YAML: did not find expected ',' or ']', line 2"],
        ),
        ("application/openapi+yaml", b"m: 5", ["is required"]),
        ("text/x-yaml", b"m: 5", ["is required"]),
        ("application/vnd.acme.v1", b'{"n": "x"}', ["must be an integer, got a string"]),
        ("application/vnd.acme.v1", b"\x82\x01n", []),
        ("application/cbor", b"\xa0", []),
        ("application/jwt", b"a.b.", []),
        ("application/jwt", b"a.b", ['must match ^[^.]+[.][^.]+[.][^.]*$, got "a.b"']),
        ("application/merge-patch+json", b'{"n": "x"}', ["must be an integer, got a string"]),
        ("application/problem+xml", b"<x><n>y</n></x>", ["must be an integer, got a string"]),
        ("application/sql", b"drop", ['must match ^select, got "drop"']),
    ],
)
def test_what_says_a_value_is_judged(
    typed: MockApp, content_type: str, body: bytes, expected: list[str]
) -> None:
    """YAML, text and a vendor's JSON are judged; what nothing here reads is taken as it comes."""
    answer = sent(typed, content_type, body)

    assert (answer.status, messages(answer)) == (400 if expected else 204, expected)


def of_form(folder: Path, schema: str, *, required: str = "true") -> MockApp:
    return mock_of(
        folder,
        f"""
paths:
  /x:
    post:
      requestBody: {{required: {required}, content: {{{FORM}: {{schema: {schema}}}}}}}
      responses: {{'204': {{description: d}}}}
""",
    )


NEEDS = "{type: object, required: [a, b], properties: {a: {type: string}, b: {type: integer}}}"
OPTIONAL = "{type: object, properties: {a: {type: string}}}"


@pytest.mark.parametrize(
    ("schema", "required", "body", "expected"),
    [
        (NEEDS, "true", b"", ["is required", "is required"]),
        (NEEDS, "true", None, ["is required", "is required"]),
        (NEEDS, "false", b"", []),
        (OPTIONAL, "true", b"", []),
        (OPTIONAL, "true", None, ["is missing"]),
        (OPTIONAL, "false", None, []),
    ],
    ids=["lacks fields", "not sent", "optional", "no fields", "not announced", "neither"],
)
def test_a_form_without_fields(
    tmp_path: Path, schema: str, required: str, body: bytes | None, expected: list[str]
) -> None:
    """`Content-Length: 0` is a form of no fields: what it lacks is told, field by field."""
    answer = sent(of_form(tmp_path, schema, required=required), FORM, body)

    assert (answer.status, messages(answer)) == (400 if expected else 204, expected)


@pytest.mark.parametrize("content_type", ["application/yaml", "application/sql", "application/jwt"])
def test_other_bodies_of_no_bytes_are_missing(typed: MockApp, content_type: str) -> None:
    """Clients send a `Content-Type` with nothing behind it: the body was forgotten."""
    assert messages(sent(typed, content_type, b"")) == ["is missing"]


@pytest.mark.parametrize(
    ("key", "accept", "detail"),
    [
        ("'*/*'", "application/xml", "*/*, which the mock writes as application/json, and"),
        ("application/*", "application/xml", "application/*, which the mock writes as "),
        ("text/*", "text/html", "text/*, which the mock writes as text/plain"),
    ],
)
@pytest.mark.parametrize("more", ["", ", example: {n: 1}"])
def test_a_type_of_a_range_that_cannot_be_written(
    tmp_path: Path, key: str, accept: str, detail: str, more: str
) -> None:
    """The contract offers it: the answer says what this mock can write of the range instead."""
    content = f"{{{key}: {{schema: {{type: object}}{more}}}}}"
    get = f"get: {{responses: {{'200': {{description: d, content: {content}}}}}}}"
    app = mock_of(tmp_path, f"paths:\n  /x:\n    {get}\n")

    answer = ask(app, "GET", "/x", headers={"accept": accept})
    assert answer.status == 501
    assert f"documents 200 as {detail}" in answer.json["detail"]
    assert answer.json["detail"].endswith(f"and not as {accept}")


def test_a_406_names_what_the_contract_offers(tmp_path: Path) -> None:
    """Of a range the contract's own key is named, and not only what the mock makes of it."""
    content = "{text/*: {schema: {type: string}}}"
    get = f"get: {{responses: {{'200': {{description: d, content: {content}}}}}}}"
    app = mock_of(tmp_path, f"paths:\n  /x:\n    {get}\n")

    answer = ask(app, "GET", "/x", headers={"accept": "image/png"})
    assert (answer.status, answer.json["detail"]) == (406, "the contract offers text/*")
    assert ask(app, "GET", "/x", headers={"accept": "text/*"}).headers["content-type"] == (
        "text/plain; charset=utf-8"
    )


@pytest.mark.parametrize(
    ("schema", "accept", "expected"),
    [
        ("{type: string}", "text/css", b"string"),
        ("{type: string}", "text/html", b"<!doctype html>"),
        ("{type: string, minLength: 2}", "text/html", b"string"),
        ("{type: string}", "application/x-anything", b"string"),
        ("{type: string}", "application/json", b'"string"'),
        ("{type: string}", "application/xml", 501),
        ("{type: string}", "image/png", b"\x89PNG"),
        ("{type: string}", "application/x-ndjson", 501),
        ("{type: string}", "application/xml, text/plain;q=0.5", 501),
        ("{type: string, example: <a/>}", "application/xml", b"<a/>"),
        ("{type: string, format: binary}", "image/png", b"\x89PNG"),
        ("{type: string, format: binary}", "application/pdf", b"%PDF"),
        ("{type: string, format: binary}", "application/octet-stream", b"mock"),
    ],
)
def test_what_is_generated_for_a_range_is_called_what_it_is(
    tmp_path: Path, schema: str, accept: str, expected: bytes | int
) -> None:
    """A text is no XML because a client would like one; a file is made of the type asked for."""
    content = f"{{'*/*': {{schema: {schema}}}}}"
    get = f"get: {{responses: {{'200': {{description: d, content: {content}}}}}}}"
    app = mock_of(tmp_path, f"paths:\n  /x:\n    {get}\n")

    answer = ask(app, "GET", "/x", headers={"accept": accept})
    if isinstance(expected, int):
        assert answer.status == expected
    else:
        assert (answer.status, answer.body[: len(expected)]) == (200, expected)
        assert answer.headers["content-type"].startswith(accept)
