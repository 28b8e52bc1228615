"""What OpenAPI 3.2 added is checked and served: whole queries, and sequences of items."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mock_server import MockApp
from spec import load
from tests.mock_server.asking import ask, mock_of

OF_N = "{type: object, required: [n], properties: {n: {type: integer}}}"
ITEMS = f"{{itemSchema: {OF_N}}}"


def whole_query(folder: Path, media_type: str, *, version: str = "3.2.0") -> MockApp:
    """A mock of one operation whose query is one value, that must be given."""
    return mock_of(
        folder,
        f"""\
        paths:
          /a:
            parameters:
              - {{name: all, in: querystring, required: true,
                 content: {{{media_type}: {{schema: {OF_N}}}}}}}
            get: {{responses: {{'204': {{description: d}}}}}}
        """,
        version=version,
    )


@pytest.mark.parametrize(
    ("media_type", "query", "status"),
    [
        ("application/x-www-form-urlencoded", "?n=1", 204),
        ("application/x-www-form-urlencoded", "?n=%31", 204),
        ("application/x-www-form-urlencoded", "?n=1&other=2", 204),
        ("application/x-www-form-urlencoded", "?n=x", 400),
        ("application/x-www-form-urlencoded", "?other=2", 400),
        ("application/x-www-form-urlencoded", "", 400),
        ("application/json", "?%7B%22n%22:1%7D", 204),
        ("application/json", "?%7B%22n%22:%22x%22%7D", 400),
        ("application/json", "?%7B", 400),
        ("application/json", "?n=1", 400),
        ("application/json", "", 400),
    ],
)
def test_a_whole_query(tmp_path: Path, media_type: str, query: str, status: int) -> None:
    """It is read as its media type says, and judged by its schema."""
    answer = ask(whole_query(tmp_path, media_type), "GET", f"/a{query}")

    assert answer.status == status
    assert status == 204 or answer.json["errors"][0].items() >= {"parameter": "all"}.items()


def test_wishes_are_no_part_of_a_whole_query(tmp_path: Path) -> None:
    """What is asked of the mock itself is not judged by the contract."""
    app = whole_query(tmp_path, "application/x-www-form-urlencoded")

    assert ask(app, "GET", "/a?n=1&__seed=3").status == 204


@pytest.mark.parametrize(("version", "told"), [("3.1.0", ["later-version"]), ("3.2.0", [])])
def test_whole_queries_are_of_3_2(tmp_path: Path, version: str, told: list[str]) -> None:
    """Before, `querystring` was no place for a parameter, and that is said."""
    whole_query(tmp_path, "application/json", version=version)

    assert [one.code for one in load(tmp_path / "contract.yaml").faults] == told


def test_a_whole_query_without_content_is_told(tmp_path: Path) -> None:
    """It is left out, so that the operation can be asked."""
    app = mock_of(
        tmp_path,
        """\
        paths:
          /a:
            get:
              parameters: [{name: all, in: querystring, schema: {type: string}}]
              responses: {'204': {description: d}}
        """,
        version="3.2.0",
    )

    assert ask(app, "GET", "/a?x").status == 204
    assert [one.code for one in load(tmp_path / "contract.yaml").faults] == ["malformed"]


def sequence(folder: Path, media_type: str, content: str) -> MockApp:
    """A mock of one path that takes and answers a sequence."""
    said = f"content: {{{media_type}: {content}}}"
    return mock_of(
        folder,
        f"""\
        paths:
          /a:
            get: {{responses: {{'200': {{description: d, {said}}}}}}}
            post:
              requestBody: {{required: true, {said}}}
              responses: {{'204': {{description: d}}}}
        """,
        version="3.2.0",
    )


@pytest.mark.parametrize(
    ("media_type", "mark"), [("application/jsonl", ""), ("application/json-seq", "\x1e")]
)
def test_items_of_lines(tmp_path: Path, media_type: str, mark: str) -> None:
    """An answer is made of the items' schema, and each line of a request is judged by it."""
    app = sequence(tmp_path, media_type, ITEMS)

    answer = ask(app, "GET", "/a")
    assert answer.body.startswith(mark.encode())
    assert isinstance(json.loads(answer.body.strip(b"\x1e"))["n"], int)

    def sent(*lines: str) -> int:
        body = "".join(f"{mark}{line}\n" for line in lines).encode()
        return ask(app, "POST", "/a", body, headers={"content-type": media_type}).status

    assert sent('{"n": 1}', '{"n": 2}') == 204
    assert sent('{"n": 1}', '{"n": "x"}') == 400


def test_items_of_events(tmp_path: Path) -> None:
    """An item is an event by its fields, each a line; text of several lines is several."""
    schema = (
        "{type: object, required: [event, data, retry], properties: {event: {const: tick},"
        ' data: {type: string, default: "a\\nb"}, retry: {const: 5}}}'
    )
    answer = ask(sequence(tmp_path, "text/event-stream", f"{{itemSchema: {schema}}}"), "GET", "/a")

    assert sorted(answer.body.decode().splitlines()) == [
        "", "data: a", "data: b", "event: tick", "retry: 5",
    ]  # fmt: skip
    assert answer.body.endswith(b"\n\n")


def test_json_in_the_data_of_events(tmp_path: Path) -> None:
    """`contentSchema` says what the text of `data` is."""
    data = f"{{type: string, contentMediaType: application/json, contentSchema: {OF_N}}}"
    schema = f"{{type: object, required: [data], properties: {{data: {data}}}}}"
    answer = ask(sequence(tmp_path, "text/event-stream", f"{{itemSchema: {schema}}}"), "GET", "/a")

    assert isinstance(json.loads(answer.body.removeprefix(b"data: "))["n"], int)


def test_examples_of_events(tmp_path: Path) -> None:
    """A list of events, as an example has it, is written by the fields too."""
    content = "{itemSchema: {type: object}, example: [{data: x}, {id: '7', data: ''}, {n: 1}]}"
    answer = ask(sequence(tmp_path, "text/event-stream", content), "GET", "/a")

    assert answer.body == b'data: x\n\nid: 7\ndata: \n\ndata: {"n":1}\n\n'


def test_items_that_nothing_here_writes_are_told(tmp_path: Path) -> None:
    """A body under a false label would be worse than none."""
    answer = ask(sequence(tmp_path, "application/cbor-seq", ITEMS), "GET", "/a")

    assert answer.status == 501
    assert "itemSchema" in answer.json["detail"]


PARTS = (
    "{itemSchema: {type: object, required: [n], properties: {n: {type: integer, example: 4}}},"
    " prefixEncoding: [{contentType: application/json}],"
    " itemEncoding: {contentType: application/x+json}}"
)


def test_parts_have_the_schema_of_an_item(tmp_path: Path) -> None:
    """A `multipart/mixed` answer has a part by `itemSchema`, of the type of its position."""
    answer = ask(sequence(tmp_path, "multipart/mixed", PARTS), "GET", "/a")

    assert answer.headers["content-type"].startswith("multipart/mixed; boundary=")
    assert b'Content-Type: application/json\r\n\r\n{"n": 4}\r\n' in answer.body


@pytest.mark.parametrize(
    ("parts", "told"),
    [
        ([("application/json", '{"n": 1}'), ("application/x+json", '{"n": 2}')], ""),
        ([("application/json", '{"n": 1}'), ("application/x+json", "{}")], "body /1/n"),
        ([("application/json", '{"n": 1}'), ("image/png", '{"n": 2}')], "application/x+json"),
        ([("application/x+json", '{"n": 1}')], "application/json"),
    ],
)
def test_parts_are_judged_one_by_one(
    tmp_path: Path, parts: list[tuple[str, str]], told: str
) -> None:
    """By the schema of an item, and by the media type of each position."""
    app = sequence(tmp_path, "multipart/mixed", PARTS)
    body = "".join(f"--cut\r\nContent-Type: {kind}\r\n\r\n{text}\r\n" for kind, text in parts)
    headers = {"content-type": "multipart/mixed; boundary=cut"}
    answer = ask(app, "POST", "/a", f"{body}--cut--\r\n".encode(), headers=headers)

    assert answer.status == (400 if told else 204)
    assert not told or told in answer.json["detail"]
