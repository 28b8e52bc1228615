"""Every media type of an answer: what stands in it, and that it is what it says it is."""

from __future__ import annotations

import json
import zipfile
import zlib
from io import BytesIO
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from mock_server import MockApp
from spec.sampling.smallest_files import smallest
from tests.mock_server.asking import Answered, ask, mock_of

CONTRACT = """
components:
  schemas:
    Pet:
      type: object
      required: [id, name]
      properties:
        id: {type: integer, xml: {attribute: true}}
        name: {type: string, xml: {name: title}, example: Tom & "Jerry"}
        tags:
          type: array
          minItems: 2
          xml: {wrapped: true, name: labels}
          items: {type: string, xml: {name: label}}
      xml: {name: pet}
paths:
  /a:
    post:
      requestBody: {content: {application/json: {}}}
      responses:
        '200':
          description: Everything
          content:
            application/json: {schema: {$ref: '#/components/schemas/Pet'}}
            application/vnd.x+json: {schema: {type: array, minItems: 1, items: {type: integer}}}
            application/hal+json: {}
            application/xml: {schema: {$ref: '#/components/schemas/Pet'}}
            application/x-www-form-urlencoded: {schema: {$ref: '#/components/schemas/Pet'}}
            multipart/form-data: {schema: {$ref: '#/components/schemas/Pet'}}
            application/x-ndjson: {schema: {type: array, minItems: 3, items: {type: boolean}}}
            text/plain: {schema: {type: string, minLength: 3}}
            text/csv: {schema: {type: string}, example: "a,b\\n{$request.body#/x},1\\n"}
            text/html: {schema: {type: string}}
            text/x-number: {schema: {type: integer, minimum: 3}}
            text/event-stream:
              schema: {type: string}
              example: |
                event: a
                data: {"x":"{$request.body#/x}"}

                data: {$request.body#/x}
            image/*: {schema: {type: string, format: binary}}
            application/pdf: {schema: {type: string, format: binary}}
            application/octet-stream: {schema: {type: string, format: binary}}
            application/zip: {schema: {type: string}}
            '*/*': {schema: {type: string}}
"""


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> MockApp:
    """A mock of CONTRACT that streams without a pause."""
    return mock_of(tmp_path_factory.mktemp("contract"), CONTRACT, stream_pace=0.0)


def asked(app: MockApp, accept: str, x: object = "1") -> Answered:
    answer = ask(app, "POST", "/a", json_body={"x": x}, headers={"accept": accept})
    assert answer.status == 200
    return answer


@pytest.mark.parametrize(
    ("accept", "content_type"),
    [
        ("*/*", "application/json"),
        ("text/*", "text/plain; charset=utf-8"),
        ("text/html", "text/html; charset=utf-8"),
        ("image/*", "image/png"),
        ("image/webp", "image/webp"),
        ("image/gif;q=0.5, image/jpeg", "image/jpeg"),
        ("image/avif", "image/avif"),
        ("audio/midi", "audio/midi"),
        ("application/json;q=0.1, application/pdf", "application/pdf"),
    ],
)
def test_content_type(app: MockApp, accept: str, content_type: str) -> None:
    """Accept decides, and a range becomes the type that is asked for."""
    assert asked(app, accept).headers["content-type"] == content_type


def test_json(app: MockApp) -> None:
    """Anything that ends in +json is JSON; without a schema it is an empty object."""
    pet = asked(app, "application/json").json

    assert (pet["name"], len(pet["tags"]), type(pet["id"])) == ('Tom & "Jerry"', 2, int)
    assert isinstance(asked(app, "application/vnd.x+json").json[0], int)
    assert asked(app, "application/hal+json").json == {}


def test_xml(app: MockApp) -> None:
    """The `xml` keywords name, wrap and place what a value says."""
    root = ET.fromstring(asked(app, "application/xml").body)

    assert (root.tag, list(root.attrib)) == ("pet", ["id"])
    assert [child.tag for child in root] == ["title", "labels"]
    assert root.findtext("title") == 'Tom & "Jerry"'
    assert [child.tag for child in root[1]] == ["label", "label"]


def test_forms(app: MockApp) -> None:
    """Forms are answered as forms."""
    urlencoded = asked(app, "application/x-www-form-urlencoded")
    multipart = asked(app, "multipart/form-data")
    boundary = multipart.headers["content-type"].partition("boundary=")[2]

    assert b"name=Tom%20%26%20%22Jerry%22" in urlencoded.body
    assert multipart.body.startswith(f"--{boundary}\r\n".encode())
    assert b'name="name"' in multipart.body


def test_text(app: MockApp) -> None:
    """Text is text, and other values in it are written as JSON writes them."""
    assert len(asked(app, "text/plain").body.decode()) >= 3
    assert asked(app, "text/csv", x='a"b').body == b'a,b\na"b,1\n'
    assert int(asked(app, "text/x-number").body) >= 3


def test_lines(app: MockApp) -> None:
    """A list is a JSON document a line, each sent by itself."""
    answer = asked(app, "application/x-ndjson")
    lines = [json.loads(line) for line in answer.body.splitlines()]

    assert (len(lines), {type(line) for line in lines}) == (3, {bool})
    assert len([piece for piece in answer.pieces if piece]) == 3


@pytest.mark.parametrize("x", ["plain", "a\n\ndata: forged", '"', "é", 5, None])
def test_events(app: MockApp, x: object) -> None:
    """Each event is sent by itself, and no value can end or forge one."""
    answer = asked(app, "text/event-stream", x=x)
    first, second = [piece.decode() for piece in answer.pieces if piece]
    text = x if isinstance(x, str) else json.dumps(x)

    assert first.startswith("event: a\ndata: {")
    assert json.loads(first.split("data: ", 1)[1])["x"] == text
    assert second.count("\n") == 2
    assert second.endswith("\n\n")
    assert "content-length" not in answer.headers


@pytest.mark.parametrize(
    ("media_type", "start"),
    [
        ("application/gzip", b"\x1f\x8b"),
        ("application/pdf", b"%PDF-1."),
        ("application/zip", b"PK\x05\x06"),
        ("audio/wav", b"RIFF"),
        ("image/bmp", b"BM"),
        ("image/gif", b"GIF89a"),
        ("image/jpeg", b"\xff\xd8\xff"),
        ("image/png", b"\x89PNG"),
        ("image/svg+xml", b"<svg "),
        ("image/webp", b"RIFF"),
        ("text/html", b"<!doctype html>"),
    ],
)
def test_smallest_files(media_type: str, start: bytes) -> None:
    """A download has the form of its type."""
    file = smallest(media_type)

    assert file is not None
    assert file.startswith(start)


def test_files_can_be_opened() -> None:
    """What can be read without more libraries is read."""
    packed, archive, picture = (
        smallest(f"application/{kind}") or b"" for kind in ("gzip", "zip", "pdf")
    )

    assert zlib.decompress(packed, wbits=31) == b"mock\n"
    assert zipfile.ZipFile(BytesIO(archive)).namelist() == []
    assert picture.endswith(b"%%EOF\n")


def test_downloads(app: MockApp) -> None:
    """A binary schema, or a plain string for a known type, is answered with a file."""
    assert asked(app, "application/pdf").body == smallest("application/pdf")
    assert asked(app, "application/zip").body == smallest("application/zip")
    assert asked(app, "application/octet-stream").body == b"mock\n"
    assert asked(app, "image/png").headers["content-length"] == str(
        len(asked(app, "image/png").body)
    )


@pytest.mark.parametrize("status", ["204", "205", "304"])
def test_statuses_without_body(tmp_path: Path, status: str) -> None:
    """A status that has no body gets none, whatever the contract says of it."""
    app = mock_of(
        tmp_path,
        f"paths: {{/a: {{get: {{responses: {{'{status}': "
        "{description: None, content: {application/json: {example: 1}}}}}}}",
    )
    answer = ask(app, "GET", "/a")

    assert (answer.status, answer.body) == (int(status), b"")
    assert not {"content-type", "content-length"} & answer.headers.keys()


def test_headers(tmp_path: Path) -> None:
    """Documented headers are sent, in the style `simple`, and none can break out of its line."""
    app = mock_of(
        tmp_path,
        """
        paths:
          /a:
            get:
              responses:
                '303':
                  description: See
                  headers:
                    Location: {schema: {type: string}, example: "/b\\r\\nSet-Cookie: evil=ü"}
                    X-Ids: {schema: {type: array, items: {type: integer}}, example: [1, 2]}
                    X-Map: {schema: {type: object}, explode: true, example: {a: 1, b: 2}}
                    Set-Cookie: {schema: {type: array}, example: [a=1, b=2; Secure]}
                    X-Min: {required: true, schema: {type: integer, minimum: 7}}
                    Retry-After: {schema: {type: integer}}
                    Content-Type: {schema: {type: string}, example: text/evil}
                    Content-Length: {schema: {type: integer}, example: 99}
                    Transfer-Encoding: {schema: {type: string}, example: chunked}
        """,
    )
    headers = ask(app, "GET", "/a").headers

    assert headers["location"] == "/b%0D%0ASet-Cookie: evil=%C3%BC"
    assert (headers["x-ids"], headers["x-map"], int(headers["x-min"]) >= 7) == (
        "1,2",
        "a=1,b=2",
        True,
    )
    assert headers["set-cookie"] == "a=1, b=2; Secure"
    assert headers["retry-after"].isdecimal()
    assert "content-type" not in headers
    assert headers["content-length"] == "0"
    assert "transfer-encoding" not in headers


def test_charset(tmp_path: Path) -> None:
    """Text is in the charset that its media type names."""
    app = mock_of(
        tmp_path,
        """
        paths:
          /a:
            get:
              responses:
                '200':
                  description: Old
                  content:
                    text/plain;charset=iso-8859-1: {example: é}
                    text/csv;charset=klingon: {example: é}
        """,
    )

    assert ask(app, "GET", "/a").body == b"\xe9"
    assert ask(app, "GET", "/a", headers={"accept": "text/csv"}).body == "é".encode()


@pytest.mark.parametrize(
    ("sent", "location"),
    [
        ("7", "/made/7"),
        ("a%0D%0ASet-Cookie:%20x=1", "/made/a%0D%0ASet-Cookie: x=1"),
        ("ü", "/made/%C3%BC"),
    ],
)
def test_headers_repeat_the_request(tmp_path: Path, sent: str, location: str) -> None:
    """A header's example may hold expressions, and whatever is sent stays in its line."""
    app = mock_of(
        tmp_path,
        """
        paths:
          /make/{id}:
            get:
              responses:
                '200':
                  description: Made
                  headers:
                    Location: {schema: {type: string}, example: '/made/{$request.path.id}'}
                  content: {application/json: {example: 1}}
        """,
    )
    answer = ask(app, "GET", f"/make/{sent}", headers={"origin": "http://a"})

    assert answer.headers["location"] == location
    assert "Location" in answer.headers["access-control-expose-headers"]


def test_a_generated_text_is_an_element_of_xml(tmp_path: Path) -> None:
    """Only an example can be the text of a whole document."""
    contract = """
paths:
  /a:
    get:
      responses:
        '200':
          description: ok
          content: {application/xml: {schema: {type: string, xml: {name: a}}}}
"""
    answer = ask(mock_of(tmp_path, contract), "GET", "/a")

    assert answer.body.startswith(b"<?xml")
    assert b"<a>" in answer.body
