"""Any contract: whatever OpenAPI 3.0 and 3.1 have is served, and every answer keeps its schema.

Answers are judged by `openapi-schema-validator`, on the document as PyYAML reads it: nothing of
our own reading or judging is in between.
"""

from __future__ import annotations

import base64
import csv
import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote
from xml.etree import ElementTree

import pytest
from openapi_schema_validator import OAS30ReadValidator, OAS31Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from mock_server import MockApp, create_app
from spec import load
from tests.command import ran_here
from tests.mock_server.asking import Answered, ask
from tests.yaml_files import read_yaml

CONTRACTS = Path(__file__).parents[1] / "contracts"
METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
BEARER = ("authorization", "Bearer abc.def.ghi")
TRACE = ("x-trace", "123e4567-e89b-42d3-a456-426614174000")
JSON, FORM = "application/json", "application/x-www-form-urlencoded"
UUID = "123e4567-e89b-42d3-a456-426614174000"

Row = tuple[str, str, int, Any, dict[str, str]]


def row(
    operation: str, target: str, status: int, body: Any = None, *fields: tuple[str, str]
) -> Row:
    """One request and the status it is answered with; what is no bytes is sent as JSON."""
    return operation, target, status, body, dict(fields)


def of(content_type: str) -> tuple[str, str]:
    """A `Content-Type` field."""
    return ("content-type", content_type)


def multipart(*parts: str) -> bytes:
    """A body of parts, each with its header lines, a blank line and its content."""
    return "".join(f"--B\r\n{part}\r\n" for part in (*parts,)).encode() + b"--B--\r\n"


MULTIPART = of("multipart/form-data; boundary=B")
FILE = 'Content-Disposition: form-data; name="file"; filename="a.png"\r\n'
PNG = f"{FILE}Content-Type: image/png\r\n\r\nPNG"
TEXT_FILE = PNG.replace("image/png", "text/plain")
META = 'Content-Disposition: form-data; name="meta"\r\n\r\n{"size": 3}'
BAD_META = META.replace("3", '"3"')
TAG = 'Content-Disposition: form-data; name="tags"\r\n\r\n'

SHAPES = {"exact": 7, "either": 10, "never": 1, "map": {"a": 1, "b": 2}}
PET = {"name": "Rex", "secret": "password"}
LEAF: dict[str, Any] = {"value": "", "children": []}

ROWS_30 = [
    row("GET /pets", "/pets", 200),
    row("GET /pets", "/v1/pets", 200),
    row("GET /pets", "/alternative/pets", 200),
    row("GET /pets", "/v2/pets", 404),
    row("GET /pets", "/pets?tag=ab&tag=cd&status=new,lost&ids=1%202+3&codes=1|2%7C3", 200),
    row("GET /pets", "/pets?tag=ab&tag=c", 400),
    row("GET /pets", "/pets?status=new,found", 400),
    row("GET /pets", "/pets?status=new&status=lost", 400),
    row("GET /pets", "/pets?ids=1,2", 400),
    row("GET /pets", "/pets?codes=1%20x", 400),
    row("GET /pets", "/pets?filter[min]=1&filter%5Bmax%5D=2", 200),
    row("GET /pets", "/pets?filter[max]=2", 400),
    row("GET /pets", "/pets?filter[min]=one", 400),
    row("GET /pets", "/pets?offset=0&limit=100", 200),
    row("GET /pets", "/pets?offset=-1", 400),
    row("GET /pets", "/pets?limit=101", 400),
    row("GET /pets", f"/pets?where={quote(json.dumps({'age': 3}))}", 200),
    row("GET /pets", f"/pets?where={quote(json.dumps({'age': '3'}))}", 400),
    row("GET /pets", "/pets?where=%7B", 400),
    row("GET /pets", "/pets?next=/a/b?c=d:e@f!$'()*,;[]", 200),
    row("GET /pets", "/pets?next=a", 400),
    row("GET /pets", "/pets?active=true&price=0.5&owner=null", 200),
    row("GET /pets", "/pets?active=yes", 400),
    row("GET /pets", "/pets?active=true&active=true", 400),
    row("GET /pets", "/pets?price=0", 400),
    row("GET /pets", "/pets?price=1e400", 400),
    row("GET /pets", "/pets?owner=0x10", 400),
    row("GET /pets", "/pets?unknown=1", 200),
    row("GET /pets", "/pets", 200, None, ("cookie", "a=b; session=0123abcd")),
    row("GET /pets", "/pets", 400, None, ("cookie", "session=nothex")),
    row("GET /pets", "/pets", 200, None, ("x-trace", "1, 2,3"), ("accept-language", "de-DE")),
    row("GET /pets", "/pets", 400, None, ("x-trace", "1,two")),
    row("GET /pets", "/pets", 400, None, ("accept-language", "much too long")),
    row("GET /pets", "/pets", 406, None, ("accept", "image/png")),
    row("POST /pets", "/pets", 201, PET, BEARER, TRACE),
    row("POST /pets", "/pets", 201, PET | {"extra": [{}]}, BEARER, TRACE),
    row("POST /pets", "/pets", 422, PET, BEARER),
    row("POST /pets", "/pets", 422, PET, BEARER, ("x-trace", "1,2")),
    row("POST /pets", "/pets", 422, {"name": "Rex"}, BEARER, TRACE),
    row("POST /pets", "/pets", 422, PET | {"name": " "}, BEARER, TRACE),
    row("POST /pets", "/pets", 422, PET | {"contact": {}}, BEARER, TRACE),
    row("POST /pets", "/pets", 422, PET | {"contact": {"phone": "0"}}, BEARER, TRACE),
    row("POST /pets", "/pets", 201, PET | {"contact": {"phone": "+4912"}}, BEARER, TRACE),
    row("POST /pets", "/pets", 422, None, BEARER, TRACE),
    row("POST /pets", "/pets", 415, b"<pet/>", BEARER, TRACE, of("application/xml")),
    row("POST /pets", "/pets", 401, PET, TRACE),
    row("GET /pets/{petId}", "/pets/1", 200, None, BEARER),
    row("GET /pets/{petId}", "/pets/0", 400, None, BEARER),
    row("GET /pets/{petId}", "/pets/1.5", 400, None, BEARER),
    row("GET /pets/{petId}", "/pets/%31", 200, None, BEARER),
    row("GET /pets/{petId}", f"/pets/{2**63}", 400, None, BEARER),
    row("GET /pets/{petId}", "/pets/1/2", 404, None, BEARER),
    row("PATCH /pets/{petId}", "/pets/1", 200, None, BEARER),
    row(
        "PATCH /pets/{petId}",
        "/pets/1",
        200,
        b'{"name": null}',
        BEARER,
        of("application/merge-patch+json"),
    ),
    row("PATCH /pets/{petId}", "/pets/1", 400, b"{}", BEARER, of("application/merge-patch+json")),
    row(
        "PATCH /pets/{petId}",
        "/pets/1",
        400,
        b'{"status": null}',
        BEARER,
        of("application/merge-patch+json"),
    ),
    row(
        "PATCH /pets/{petId}",
        "/pets/1",
        400,
        b'{"nam": ""}',
        BEARER,
        of("application/merge-patch+json"),
    ),
    row("PATCH /pets/{petId}", "/pets/1", 415, {"name": None}, BEARER),
    row("DELETE /pets/{petId}", "/pets/1", 204, None, BEARER),
    row("HEAD /pets/{petId}", "/pets/1", 200, None, BEARER),
    row("OPTIONS /pets/{petId}", "/pets/1", 200, None, BEARER),
    row("TRACE /pets/{petId}", "/pets/1", 200, None, BEARER),
    row("GET /files/{name}", "/files/a%2Fb%20%C3%A9.png", 200),
    row("GET /files/{name}", "/files/a%3Fb", 400),
    row("GET /files/{name}", "/files/a%zz", 400),
    row("PUT /files/{name}", "/files/a", 204, b"\xff\x00", BEARER, of("application/octet-stream")),
    row("PUT /files/{name}", "/files/a", 204, b"a,b", BEARER, of("text/csv; charset=utf-8")),
    row("PUT /files/{name}", "/files/a", 204, b"PNG", BEARER, of("image/png")),
    row("PUT /files/{name}", "/files/a", 415, b"GIF", BEARER, of("image/gif")),
    row("PUT /files/{name}", "/files/a", 400, b"", BEARER),
    row(
        "POST /files/{name}",
        "/big/files/a",
        202,
        multipart(PNG, META, TAG + "one", TAG + "two"),
        BEARER,
        MULTIPART,
    ),
    row("POST /files/{name}", "/files/a", 202, multipart(PNG, META), BEARER, MULTIPART),
    row("POST /files/{name}", "/files/a", 400, multipart(META), BEARER, MULTIPART),
    row("POST /files/{name}", "/files/a", 400, multipart(PNG, BAD_META), BEARER, MULTIPART),
    row(
        "POST /files/{name}",
        "/files/a",
        400,
        multipart(PNG, META, TAG + "too long"),
        BEARER,
        MULTIPART,
    ),
    row("POST /files/{name}", "/files/a", 400, multipart(TEXT_FILE, META), BEARER, MULTIPART),
    row("POST /files/{name}", "/files/a", 400, b"--B\r\n", BEARER, MULTIPART),
    row(
        "POST /files/{name}",
        "/files/a",
        202,
        b"url=http://a.b/&tags=x&tags=y&size[width]=3&crop=1,2,3,4",
        BEARER,
        of(FORM),
    ),
    row(
        "POST /files/{name}", "/files/a", 400, b"url=http://a.b/&size[width]=wide", BEARER, of(FORM)
    ),
    row("POST /files/{name}", "/files/a", 400, b"url=http://a.b/&crop=1,2,3", BEARER, of(FORM)),
    row("POST /files/{name}", "/files/a", 400, b"url=no+uri", BEARER, of(FORM)),
    row("POST /files/{name}", "/files/a", 400, b"tags=x", BEARER, of(FORM)),
    row("GET /styles/{plain}/{label}/{matrix}", "/styles/1,2/.3.4/;r=5;g=6", 200),
    row("GET /styles/{plain}/{label}/{matrix}", "/styles/1,x/.3.4/;r=5", 400),
    row("GET /styles/{plain}/{label}/{matrix}", "/styles/1/3.4/;r=5", 400),
    row("GET /styles/{plain}/{label}/{matrix}", "/styles/1/.3/;g=5", 400),
    row("GET /reports/{year}-{month}.{format}", "/reports/2026-11.csv", 200),
    row("GET /reports/{year}-{month}.{format}", "/reports/2026-13.csv", 400),
    row("GET /reports/{year}-{month}.{format}", "/reports/1999-1.json", 400),
    row("GET /reports/{year}-{month}.{format}", "/reports/2026-1.pdf", 400),
    row("GET /reports/latest", "/reports/latest", 200),
    row("GET /tree", "/forest/tree", 200, None, BEARER),
    row("PUT /tree", "/tree", 200, LEAF | {"parent": LEAF, "children": [LEAF]}, BEARER),
    row("PUT /tree", "/tree", 400, LEAF | {"parent": None}, BEARER),
    row("PUT /tree", "/tree", 400, LEAF | {"children": [{"value": ""}]}, BEARER),
    row("PUT /tree", "/tree", 400, LEAF | {"labels": {"a": LEAF | {"value": 1}}}, BEARER),
    row("GET /streams/events", "/streams/events", 200),
    row("GET /streams/lines", "/streams/lines", 200),
    row("POST /shapes", "/shapes", 200, SHAPES),
    row("POST /shapes", "/shapes", 400, SHAPES | {"exact": 8}),
    row("POST /shapes", "/shapes", 400, SHAPES | {"exact": None}),
    row("POST /shapes", "/shapes", 400, SHAPES | {"either": 9}),
    row("POST /shapes", "/shapes", 400, SHAPES | {"never": ""}),
    row("POST /shapes", "/shapes", 400, SHAPES | {"map": {"a": 1}}),
    row("POST /shapes", "/shapes", 400, SHAPES | {"map": {"a": 1, "b": 2**31}}),
    row("POST /shapes", "/shapes", 400, SHAPES | {"matrix": [[1, 2], [3]]}),
    row("POST /shapes", "/shapes", 400, SHAPES | {"bytes": "***"}),
    row("POST /shapes", "/shapes", 400, SHAPES | {"host": "-"}),
    row("POST /shapes", "/shapes", 400, SHAPES | {"address": "256.1.1.1"}),
    row("POST /shapes", "/shapes", 200, SHAPES | {"address": "::1", "anything": None}),
    row("GET /only-default", "/only-default", 200),
    row("GET /moved", "/moved", 302),
    row("POST /examples", "/examples", 200, {"size": "large"}),
    row("GET /secured/basic", "/secured/basic", 200, None, ("authorization", "basic dTpw")),
    row("GET /secured/basic", "/secured/basic", 401, None, ("authorization", "Basic ***")),
    row("GET /secured/digest", "/secured/digest", 401),
    row("GET /secured/bearer", "/secured/bearer", 200, None, BEARER),
    row("GET /secured/bearer", "/secured/bearer", 401, None, ("authorization", "abc")),
    row("GET /secured/header", "/secured/header", 200, None, ("x-api-key", "k")),
    row("GET /secured/header", "/secured/header?X-Api-Key=k", 401),
    row("GET /secured/query", "/secured/query?api_key=k", 200),
    row("GET /secured/query", "/secured/query", 401, None, ("api_key", "k")),
    row("GET /secured/cookie", "/secured/cookie", 200, None, ("cookie", "sid=k")),
    row("GET /secured/cookie", "/secured/cookie", 401, None, ("cookie", "id=k")),
    row("GET /secured/oauth", "/secured/oauth", 200, None, BEARER),
    row("GET /secured/oauth", "/secured/oauth", 401),
    row("GET /secured/oidc", "/secured/oidc", 200, None, BEARER),
    row("GET /secured/both", "/secured/both", 200, None, BEARER, ("x-api-key", "k")),
    row("GET /secured/both", "/secured/both", 401, None, BEARER),
    row("GET /secured/both", "/secured/both", 401, None, ("x-api-key", "k")),
    row("GET /secured/either", "/secured/either", 200, None, ("authorization", "Basic dTpw")),
    row("GET /secured/either", "/secured/either?api_key=k", 200),
    row("GET /secured/either", "/secured/either", 401, None, BEARER),
    row("GET /secured/mixed", "/secured/mixed?api_key=k", 401),
    row("GET /secured/mixed", "/secured/mixed?api_key=k", 200, None, ("x-api-key", "k")),
    row("GET /secured/mixed", "/secured/mixed", 200, None, BEARER),
    row("GET /secured/optional", "/secured/optional", 200),
]

TYPES = {"many": "ab", "fixed": {"a": [1, None]}, "nothing": None}
ARRAYS = {"tuple": ["a", 1], "mixed": [5, "x", 6]}
OBJECTS = {"named": {"x-a": 1}, "open": {"ab": True, "cd": False}}
PICTURE = PNG.replace('"file"', '"picture"')

ROWS_31 = [
    row("GET /things/{id}", f"/things/{UUID}", 200),
    row("GET /things/{id}", "/things/1", 400),
    row("POST /types", "/types", 200, TYPES),
    row("POST /types", "/types", 200, TYPES | {"many": None, "range": 0.5, "whatever": {}}),
    row("POST /types", "/types", 400, TYPES | {"many": 4}),
    row("POST /types", "/types", 400, TYPES | {"many": "a"}),
    row("POST /types", "/types", 400, TYPES | {"fixed": {"a": [True, None]}}),
    row("POST /types", "/types", 400, TYPES | {"nothing": 0}),
    row("POST /types", "/types", 400, TYPES | {"range": 1}),
    row("POST /types", "/types", 400, TYPES | {"other": 1}),
    row("POST /arrays", "/arrays", 200, ARRAYS),
    row("POST /arrays", "/arrays", 400, ARRAYS | {"tuple": ["a", 1, 2]}),
    row("POST /arrays", "/arrays", 400, ARRAYS | {"mixed": [5, 4]}),
    row("POST /arrays", "/arrays", 400, ARRAYS | {"mixed": [5, 6, 7, 8]}),
    row("POST /arrays", "/arrays", 400, ARRAYS | {"distinct": ["a", "b", "a"]}),
    row("POST /arrays", "/arrays", 400, ARRAYS | {"closed": [True, 1]}),
    row("POST /objects", "/objects", 200, OBJECTS),
    row("POST /objects", "/objects", 400, OBJECTS | {"named": {"y": 1}}),
    row("POST /objects", "/objects", 400, OBJECTS | {"open": {"ab": True, "long": True}}),
    row("POST /objects", "/objects", 400, OBJECTS | {"card": {"number": "1"}}),
    row("POST /objects", "/objects", 400, OBJECTS | {"paid": {"card": "1"}}),
    row("POST /objects", "/objects", 200, OBJECTS | {"paid": {"card": "1", "address": "abc"}}),
    row("POST /objects", "/objects", 400, OBJECTS | {"sealed": {"a": "", "b": ""}}),
    row("POST /conditions", "/conditions", 200, {"country": "US", "code": "12345"}),
    row("POST /conditions", "/conditions", 400, {"country": "US", "code": "DE"}),
    row("POST /conditions", "/conditions", 200, {"country": "DE", "code": "DE"}),
    row("GET /recursion", "/recursion", 200),
    row("POST /files", "/files", 200, multipart(PICTURE), MULTIPART),
    row("POST /files", "/files", 400, multipart(META.replace("meta", "place")), MULTIPART),
    row("POST /files", "/files", 200, b"\x00", of("application/octet-stream")),
    row("GET /security/tls", "/security/tls", 200),
    row("GET /security/roles", "/api/security/roles", 200, None, ("x-key", "k")),
    row("GET /security/roles", "/security/roles", 401),
]  # fmt: skip

ALL_ROWS = [("everything", one) for one in ROWS_30] + [("everything31", one) for one in ROWS_31]


@cache
def mock(name: str) -> MockApp:
    """A mock of one of the contracts."""
    return create_app(load(CONTRACTS / f"{name}.yaml"))


@cache
def document(name: str) -> Any:
    """The contract as PyYAML reads it."""
    return read_yaml(CONTRACTS / f"{name}.yaml")


def pointed(name: str, node: Any, pointer: str) -> tuple[Any, str]:
    """A node with its pointer, or what its `$ref` leads to."""
    while isinstance(node, dict) and "$ref" in node:
        pointer = node["$ref"].removeprefix("#")
        node = document(name)
        for token in pointer.split("/")[1:]:
            node = node[token.replace("~1", "/").replace("~0", "~")]
    return node, pointer


def operations(name: str) -> Iterator[tuple[str, Any, str]]:
    """Every operation's id, value and pointer."""
    for path, written in document(name)["paths"].items():
        item, pointer = pointed(name, written, f"/paths/{path.replace('/', '~1')}")
        for method in METHODS:
            if method in item:
                yield f"{method.upper()} {path}", item[method], f"{pointer}/{method}"


def documented() -> Iterator[Any]:
    """Every status and media type of every operation, with the pointer of its Media Type Object."""
    for name in ("everything", "everything31"):
        for operation, value, pointer in operations(name):
            for status, written in value["responses"].items():
                response, base = pointed(name, written, f"{pointer}/responses/{status}")
                for media in response.get("content") or [None]:
                    place = f"{base}/content/{media.replace('/', '~1')}" if media else ""
                    case = f"{name} {operation} {status} {media or 'no body'}"
                    yield pytest.param(name, operation, status, media, base, place, id=case)


def asked(name: str, one: Row, *more: tuple[str, str]) -> Answered:
    """Ask the mock for what a row says."""
    operation, target, _, body, fields = one
    method = operation.partition(" ")[0]
    headers = [*fields.items(), *more]
    if body is None or isinstance(body, bytes):
        return ask(mock(name), method, target, body, headers=headers)
    return ask(mock(name), method, target, json_body=body, headers=headers)


def judge(name: str, pointer: str, value: Any) -> None:
    """Validate a value against the schema at a pointer of the contract, as a response."""
    resource = DRAFT202012.create_resource(document(name))
    registry: Any = Registry().with_resource("urn:contract", resource)
    made = OAS31Validator if name.endswith("31") else OAS30ReadValidator
    schema = {"$ref": f"urn:contract#{quote(pointer, safe='/~*{}')}"}
    made(schema, registry=registry, format_checker=made.FORMAT_CHECKER).validate(value)


WISHED = {"4XX": "418", "5XX": "503", "default": "599"}
ACCEPTED = {"image/*": "image/png", "text/*": "text/plain", "*/*": "text/plain"}


@pytest.mark.parametrize(
    ("name", "operation", "status", "media", "base", "pointer"), list(documented())
)
@pytest.mark.parametrize("seed", [None, "7"], ids=["plain", "seeded"])
def test_every_documented_answer(
    name: str,
    operation: str,
    status: str,
    media: str | None,
    base: str,
    pointer: str,
    seed: str | None,
) -> None:
    """Every status in every media type can be had, and satisfies its schema and its headers."""
    rows = ROWS_31 if name.endswith("31") else ROWS_30
    good = next(one for one in rows if one[0] == operation and one[2] not in (404, 400))
    code = WISHED.get(status, status)
    wish = f"code={code}" + (f", dynamic=true, seed={seed}" if seed else "")
    answer = asked(
        name, good, ("prefer", wish), ("accept", ACCEPTED.get(media or "", media or "*/*"))
    )

    assert answer.status == int(code)
    if media is not None and answer.body and not operation.startswith("HEAD"):
        judge_body(name, pointer, media, answer)
    response, _ = pointed(name, {"$ref": f"#{base}"}, "")
    for header, value in response.get("headers", {}).items():
        judge_header(name, f"{base}/headers/{header}", value, answer.headers[header.lower()])


def judge_body(name: str, pointer: str, media: str, answer: Answered) -> None:
    """Judge the body of an answer by its media type."""
    content_type = answer.headers["content-type"]
    has_schema = "schema" in pointed(name, {"$ref": f"#{pointer}"}, "")[0]
    if "json" in media and "ndjson" not in media:
        assert "json" in content_type
        judge(name, f"{pointer}/schema", json.loads(answer.body))
    elif "ndjson" in media:
        judge(name, f"{pointer}/schema", [json.loads(line) for line in answer.body.splitlines()])
    elif "xml" in media:
        toy = ElementTree.fromstring(answer.body)
        price = toy.find("price")
        judge(name, "/components/schemas/Toy/properties/sku", toy.get("sku"))
        assert price is not None
        judge(name, "/components/schemas/Toy/properties/price", float(price.text or ""))
    elif media == "text/event-stream":
        assert answer.body.startswith(b"data: ")
        assert answer.body.endswith(b"\n\n")
    elif "png" in content_type:
        assert answer.body.startswith(b"\x89PNG")
    elif "pdf" in content_type:
        assert answer.body.startswith(b"%PDF")
    elif has_schema and content_type.startswith("text/"):
        assert content_type.endswith("charset=utf-8")
        judge(name, f"{pointer}/schema", answer.body.decode())
        assert list(csv.reader([answer.body.decode()]))


def judge_header(name: str, pointer: str, header: Any, text: str) -> None:
    """Judge a response header, read as RFC 6570 has it."""
    if "content" in header:
        judge(name, f"{pointer}/content/application~1json/schema", json.loads(text))
        return
    schema = header["schema"]
    value: Any = text
    if schema["type"] == "integer":
        value = int(text)
    elif schema["type"] == "array":
        value = text.split(",")
    elif schema["type"] == "object":
        value = {
            key: int(number) for key, _, number in (one.partition("=") for one in text.split(","))
        }
    judge(name, f"{pointer}/schema", value)


@pytest.mark.parametrize(
    ("name", "asking"),
    ALL_ROWS,
    ids=[f"{name} {one[0]} {one[2]} {one[1][:40]}" for name, one in ALL_ROWS],
)
def test_a_request_is_judged_by_the_contract(name: str, asking: Row) -> None:
    """What the contract allows is accepted, and what it forbids is refused with its status."""
    answer = asked(name, asking)

    assert (answer.status, answer.body[:500] if answer.status != asking[2] else b"") == (
        asking[2],
        b"",
    )


@pytest.mark.parametrize("name", ["everything", "everything31"])
def test_the_rows_cover_the_contract(name: str) -> None:
    """Every operation is asked for, and nothing in these contracts is found at fault."""
    rows = ROWS_31 if name.endswith("31") else ROWS_30
    contract = load(CONTRACTS / f"{name}.yaml")
    contract.check_schemas()

    assert {one[0] for one in rows} == {operation for operation, _, _ in operations(name)}
    assert contract.faults == ()
    assert mock(name).unserved == ()


def test_directions() -> None:
    """What is read-only is not demanded of a request, and what is write-only not of an answer."""
    created = asked("everything", next(one for one in ROWS_30 if one[0] == "POST /pets"))

    assert {"id", "name"} <= created.json.keys()
    assert "secret" not in created.json


@pytest.mark.parametrize(("size", "price"), [("small", 9.5), ("large", 19.5)])
def test_an_example_answers_its_request(size: str, price: float) -> None:
    """The response example whose name is that of the request's example is served."""
    answer = ask(mock("everything"), "POST", "/examples", json_body={"size": size})

    assert answer.json == {"price": price}


def test_bytes_in_json() -> None:
    """`contentEncoding: base64` is base64."""
    body = multipart(PICTURE)
    answer = ask(
        mock("everything31"), "POST", "/files", body, headers=[MULTIPART, ("accept", JSON)]
    )

    assert len(base64.b64decode(answer.json)) >= 6


SERVED_FAULTY = [
    ("GET", "/buckets/b/objects/a%2Fb", None, 200),
    ("POST", "/buckets", {"is_public": True}, 200),
    ("POST", "/buckets", {"isPublic": True}, 400),
    ("GET", "/secured", None, 200),
    ("GET", "/broken-reference", None, 200),
    ("POST", "/broken-pattern", {"a": "x"}, 200),
    ("POST", "/broken-pattern", {"a": 1}, 400),
    ("GET", "/impossible?__code=400", None, 400),
    ("GET", "/odd-types", None, 200),
    ("GET", "/odd-types?limit=x", None, 400),
]


@pytest.mark.parametrize(("method", "target", "body", "status"), SERVED_FAULTY)
def test_a_faulty_contract_is_served(method: str, target: str, body: Any, status: int) -> None:
    """What is at fault is served around: the rest of the contract counts."""
    answer = ask(mock("faulty"), method, target, json_body=body)

    assert answer.status == status


def test_a_faulty_example_is_never_served() -> None:
    """Where an example misses a required field, a valid value stands in its place."""
    created = ask(mock("faulty"), "POST", "/buckets?__code=201", json_body={})
    found = ask(mock("faulty"), "POST", "/buckets", json_body={"is_public": True})

    judge("faulty", "/components/schemas/Object", created.json)
    assert created.headers["x-mock-source"].startswith("generated")
    assert found.json == {"key": "a.png", "size": 12}


def test_what_cannot_be_served_is_told() -> None:
    """The faults stand with file and line, and an impossible schema says why it is."""
    contract = load(CONTRACTS / "faulty.yaml")
    contract.check_schemas()
    told = "\n".join(map(str, contract.faults))

    assert [str(one) for one in mock("faulty").unserved] == [
        "GET /impossible 200 application/json: no value satisfies the schema: "
        "minimum, maximum at # leaves no value"
    ]
    for line, what in (
        (6, "{objectKey}"),
        (23, "'is_public'"),
        (33, "/size is required"),
        (40, "/size must be an integer"),
        (44, "'undeclared'"),
        (46, "must be a string"),
        (50, "does not resolve"),
        (54, "'(['"),
        (70, "'twohundred'"),
        (71, "'no-slash'"),
        (74, "no response"),
        (77, "'cloudKey'"),
    ):
        assert any(f"faulty.yaml:{line}:" in one and what in one for one in told.splitlines()), (
            line,
            what,
        )


def test_strict_refuses_a_faulty_contract() -> None:
    """With --strict the command lists every fault with its line, and does not start."""
    ended = ran_here(CONTRACTS / "faulty.yaml", "--strict", "--port", "0")
    contract = load(CONTRACTS / "faulty.yaml")
    contract.check_schemas()

    assert (ended.returncode, ended.stdout) == (2, "")
    assert "Traceback" not in ended.stderr
    for fault in contract.faults:
        assert f"faulty.yaml:{fault.place.line}: " in ended.stderr
        assert fault.what in ended.stderr
