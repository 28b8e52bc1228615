"""How long bodies of 10 MB hold the event loop: `python -m tests.benchmarks.holds [KIND …]`.

Processor time of the process between two turns of the loop: what the loop itself works, and what
another thread works without letting go of the interpreter. The clock would count other programs.
"""

import asyncio
import gzip
import json
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import uvloop

from mock_server import MockApp, Settings, create_app
from mock_server.checks.long_bodies import beside
from spec import load
from tests.benchmarks.in_process import Connection, of_mock

__all__ = ["KINDS", "Hold", "Kind", "hold_of", "longest_hold"]

MEGABYTES = 10
_PIECE = 256 * 1024
"""Bytes that a transport hands over at once, at most: uvloop's read buffer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A body of about so many bytes; `schema` is that of its media type, `answer` what is said.

    `answer_schema` is that of the answer, and `when` the `x-mock-when` under which it is given.
    """

    body: Callable[[int], bytes]
    schema: Mapping[str, Any] = field(default_factory=dict)
    media_type: str = "application/json"
    head: str = ""
    answer: Any = "taken"
    encoding: Mapping[str, Any] = field(default_factory=dict)
    answer_schema: Mapping[str, Any] = field(default_factory=dict)
    when: Mapping[str, Any] = field(default_factory=dict)

    @property
    def answered(self) -> Mapping[str, Any]:
        """The media type of the answer: the one value, or one that is given if `when` holds."""
        if not self.when:
            return {"schema": self.answer_schema, "example": self.answer}
        return {"examples": {"if": {"value": self.answer, "x-mock-when": self.when}}}


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """Seconds of the processor: the longest between two turns of the loop, and all of them."""

    longest: float
    whole: float
    status: int


def _times(begin: bytes, one: bytes, end: bytes) -> Callable[[int], bytes]:
    return lambda size: begin + one * ((size - len(begin) - len(end)) // len(one)) + end


def _listed(one: bytes, begin: bytes = b"[", end: bytes = b"]") -> Callable[[int], bytes]:
    return _times(begin, one + b",", one + end)


def _numbered(form: str, begin: str, end: str, between: str = ",") -> Callable[[int], bytes]:
    def body(size: int) -> bytes:
        count = size // len(form % 1_000_000 + between)
        return (begin + between.join(form % n for n in range(count)) + end).encode()

    return body


def _parts(head: str, content: Callable[[int], bytes], count: int = 1) -> Callable[[int], bytes]:
    begin = f"--b\r\nContent-Disposition: form-data; {head}\r\n\r\n".encode()
    return lambda size: (
        b"\r\n".join(begin + content(size // count) for _ in range(count)) + b"\r\n--b--\r\n"
    )


_STRING = _times(b'"', b"abcdefghij", b'"')
_FORM, _MULTIPART = "application/x-www-form-urlencoded", "multipart/form-data; boundary=b"
_OBJECT: Mapping[str, Any] = {"type": "object"}
_A_STRING: Mapping[str, Any] = {"type": "object", "properties": {"a": {"type": "string"}}}
_INTEGERS: Mapping[str, Any] = {"type": "array", "items": {"type": "integer"}}
_PEOPLE: Mapping[str, Any] = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["name"],
        "properties": {"name": {"type": "string", "minLength": 1}, "age": {"type": "integer"}},
    },
}
_TREE: Mapping[str, Any] = {"$ref": "#/components/schemas/Tree"}

_IN_XML: Mapping[str, Any] = {
    "type": "object",
    "xml": {"name": "people"},
    "properties": {"p": {"type": "array", "items": {**_PEOPLE["items"], "xml": {"name": "p"}}}},
}


def _people_in_xml(name: bytes) -> Callable[[int], bytes]:
    return _times(b"<people>", b"<p><name>" + name + b"</name></p>", b"</people>")


KINDS: Mapping[str, Kind] = {
    "numbers": Kind(body=_listed(b"12345678"), schema=_INTEGERS),
    "numbers, all wrong": Kind(body=_listed(b"0.5"), schema=_INTEGERS),
    "numbers, unique": Kind(
        body=_numbered("%d", "[", "]"), schema={**_INTEGERS, "uniqueItems": True}
    ),
    "objects": Kind(body=_listed(b'{"name":"x","age":1}'), schema=_PEOPLE),
    "objects, all wrong": Kind(body=_listed(b'{"age":"x","nane":1}'), schema=_PEOPLE),
    "objects, one of three": Kind(
        body=_listed(b'{"name":"x","age":1}'),
        schema={
            "type": "array",
            "items": {"oneOf": [{"type": "string"}, {"required": ["b"]}, _PEOPLE["items"]]},
        },
    ),
    "empty objects": Kind(body=_listed(b"{}"), schema={"type": "array"}),
    "names": Kind(body=_numbered('"n%d":1', "{", "}"), schema=_OBJECT),
    "names with patterns": Kind(
        body=_numbered('"n%d":1', "{", "}"),
        schema={
            "type": "object",
            "patternProperties": {"^n[0-9]+$": {"type": "integer"}},
            "additionalProperties": False,
        },
    ),
    "a name of 10 MB": Kind(body=lambda size: b'{"' + b"n" * size + b'":1}', schema=_A_STRING),
    "a string": Kind(body=_STRING, schema={"type": "string"}),
    "a string in an object": Kind(body=_times(b'{"a":"', b"abcdefghij", b'"}'), schema=_A_STRING),
    "a string of escapes": Kind(body=_times(b'"', rb"\u00e9", b'"'), schema={"type": "string"}),
    "a string in UTF-8": Kind(body=_times(b'"', "é€".encode(), b'"'), schema={"type": "string"}),
    "a string by pattern": Kind(
        body=_STRING, schema={"type": "string", "pattern": "^([a-z]|[0-9])+$"}
    ),
    "a string by a hard pattern": Kind(
        body=_STRING, schema={"type": "string", "pattern": "^(?=.*j)([a-z]+)+$"}
    ),
    "a string of some length": Kind(
        body=_STRING, schema={"type": "string", "minLength": 1, "maxLength": 20_000_000}
    ),
    "a string too long": Kind(body=_STRING, schema={"type": "string", "maxLength": 10}),
    "a string of a format": Kind(body=_STRING, schema={"type": "string", "format": "email"}),
    "a string of an enum": Kind(body=_STRING, schema={"enum": ["a", "b"]}),
    "a URI": Kind(
        body=_times(b'"http://x/', b"abcdefghij", b'"'), schema={"type": "string", "format": "uri"}
    ),
    "base64": Kind(
        body=_times(b'"', b"QUJD", b'"'), schema={"type": "string", "contentEncoding": "base64"}
    ),
    "base64 in an object": Kind(
        body=_times(b'{"a":"', b"QUJD", b'"}'),
        schema={
            "type": "object",
            "properties": {"a": {"type": "string", "format": "byte", "maxLength": 20_000_000}},
        },
    ),
    "strings of 60 kB by pattern": Kind(
        body=_listed(b'"' + b"a" * 60_000 + b'"'),
        schema={"type": "array", "items": {"type": "string", "pattern": "^a+$"}},
    ),
    "deep": Kind(body=_listed(b'{"c":[' * 100 + b"]}" * 100), schema={"type": "array"}),
    "a tree": Kind(body=_listed(b'{"c":[' * 100 + b"]}" * 100, b'{"c":[', b"]}"), schema=_TREE),
    "a wide tree": Kind(body=_listed(b'{"c":[]}', b'{"c":[{"c":[', b"]}]}"), schema=_TREE),
    "blanks": Kind(body=lambda size: b" " * size + b"1", schema={"type": "integer"}),
    "blanks between": Kind(body=lambda size: b"[1," + b" " * size + b"2]", schema=_INTEGERS),
    "a number": Kind(body=lambda size: b"1" * size, schema={"type": "number"}),
    "a fraction": Kind(body=lambda size: b"0." + b"1" * size, schema={"type": "number"}),
    "no JSON": Kind(body=lambda size: b"[" + b"1" * size + b"x", schema=_INTEGERS),
    "no UTF-8": Kind(body=lambda size: b'"' + b"x" * size + b'\xff"', schema={"type": "string"}),
    "brackets": Kind(body=lambda size: b"[" * size, schema={"type": "array"}),
    "echoed": Kind(
        body=_times(b'{"a":"', b"abcdefghij", b'"}'),
        schema=_A_STRING,
        answer={"said": "{$request.body#/a}"},
    ),
    "echoed objects": Kind(
        body=_listed(b'{"name":"x"}', b'{"a":[', b"]}"),
        schema=_OBJECT,
        answer={"said": "{$request.body#/a}"},
    ),
    "echoed in a text": Kind(
        body=_listed(b'{"name":"x"}', b'{"a":[', b"]}"),
        schema=_OBJECT,
        answer={"said": "It was {$request.body#/a}."},
    ),
    "echoed where objects fit": Kind(
        body=_listed(b'{"name":"x"}', b'{"a":[', b"]}"),
        schema=_OBJECT,
        answer={"said": "{$request.body#/a}"},
        answer_schema={"properties": {"said": {"items": {"required": ["name"]}}}},
    ),
    "answered by a condition": Kind(
        body=_listed(b'{"name":"x"}', b'{"a":[', b"]}"),
        schema=_OBJECT,
        when={"properties": {"body": {"properties": {"a": {"items": _OBJECT}}}}},
    ),
    "gzip": Kind(
        body=lambda size: gzip.compress(_listed(b'{"name":"x","age":1}')(size), 1),
        schema=_PEOPLE,
        head="Content-Encoding: gzip\r\n",
    ),
    "form, one field": Kind(
        body=_times(b"a=", b"abcdefghij", b""), schema=_A_STRING, media_type=_FORM
    ),
    "form, percent": Kind(body=_times(b"a=", b"%C3%A9", b""), schema=_A_STRING, media_type=_FORM),
    "form, plus": Kind(body=_times(b"a=", b"b+", b""), schema=_A_STRING, media_type=_FORM),
    "form, many fields": Kind(
        body=_numbered("f%d=" + "x" * 1100, "", "", "&"), schema=_OBJECT, media_type=_FORM
    ),
    "form, too many fields": Kind(
        body=_numbered("f%d=1", "", "", "&"), schema=_OBJECT, media_type=_FORM
    ),
    "form, a list": Kind(
        body=_times(b"a=1", b",1", b""),
        schema={"type": "object", "properties": {"a": _INTEGERS}},
        media_type=_FORM,
        encoding={"a": {"style": "form", "explode": False}},
    ),
    "form, JSON": Kind(
        body=_times(b"a=[1", b",1", b"]"),
        schema={"type": "object", "properties": {"a": _INTEGERS}},
        encoding={"a": {"contentType": "application/json"}},
        media_type=_FORM,
    ),
    "multipart, a file": Kind(
        body=_parts('name="a"; filename="f"', lambda size: b"\0\r\n--" * (size // 5)),
        schema={"type": "object", "properties": {"a": {"type": "string", "format": "binary"}}},
        media_type=_MULTIPART,
    ),
    "multipart, a text": Kind(
        body=_parts('name="a"', lambda size: b"a" * size), schema=_A_STRING, media_type=_MULTIPART
    ),
    "multipart, JSON": Kind(
        body=_parts('name="a"\r\nContent-Type: application/json', _listed(b'{"name":"x","age":1}')),
        schema={"type": "object", "properties": {"a": _PEOPLE}},
        media_type=_MULTIPART,
    ),
    "multipart, many parts": Kind(
        body=lambda size: _parts('name="a"', lambda _: b"1", size // 60)(size),
        schema={"type": "object", "properties": {"a": _INTEGERS}},
        media_type=_MULTIPART,
    ),
    "multipart, no end": Kind(
        body=lambda size: b"--b\r\n" + b"a: b\r\n" * (size // 6),
        schema=_OBJECT,
        media_type=_MULTIPART,
    ),
    "XML": Kind(body=_people_in_xml(b"x" * 80), schema=_IN_XML, media_type="application/xml"),
    "XML, many tags": Kind(body=_people_in_xml(b"x"), schema=_IN_XML, media_type="application/xml"),
    "XML, a text": Kind(
        body=_times(b"<o><a>", b"abcdefghij", b"</a></o>"), schema=_A_STRING, media_type="text/xml"
    ),
    "XML, deep": Kind(
        body=lambda size: b"<o>" + b"<a>" * (size // 7) + b"</a>" * (size // 7) + b"</o>",
        schema=_A_STRING,
        media_type="text/xml",
    ),
    "XML, attributes": Kind(
        body=_numbered('a%d="1"', "<o ", "/>", " "), schema=_A_STRING, media_type="text/xml"
    ),
    "JSON lines": Kind(
        body=_times(b"", b'{"name":"x","age":1}\n', b""),
        schema=_PEOPLE["items"],
        media_type="application/x-ndjson",
    ),
    "JSON lines, all wrong": Kind(
        body=_times(b"", b'{"age":"x"}\n', b""),
        schema=_PEOPLE["items"],
        media_type="application/x-ndjson",
    ),
    "JSON lines, none": Kind(
        body=_times(b"", b"\n", b""), schema=_OBJECT, media_type="application/jsonl"
    ),
    "text": Kind(body=lambda size: b"a" * size, schema={"type": "string"}, media_type="text/plain"),
    "text, a number": Kind(
        body=lambda size: b"1" * size, schema={"type": "integer"}, media_type="text/plain"
    ),
    "text, JSON": Kind(body=_listed(b"12345678"), schema=_INTEGERS, media_type="text/plain"),
    "text in UTF-16": Kind(
        body=lambda size: ("é" * (size // 2)).encode("utf-16"),
        schema={"type": "string", "pattern": "^é+$"},
        media_type="text/plain; charset=utf-16",
    ),
    "CSV": Kind(
        body=_times(b"name,age\r\n", b"x,1\r\n", b""), schema=_PEOPLE, media_type="text/csv"
    ),
    "CSV, one cell": Kind(
        body=_times(b'name\r\n"', b"abcdefghij", b'"'), schema=_PEOPLE, media_type="text/csv"
    ),
    "CSV, wide": Kind(
        body=_numbered("c%d", "", "\r\n1", ","), schema=_PEOPLE, media_type="text/csv"
    ),
    "YAML": Kind(
        body=_times(b"a:\n", b"- {name: x}\n", b""),
        schema=_OBJECT,
        media_type="application/yaml",
    ),
    "YAML, brackets": Kind(
        body=lambda size: b"a: " + b"[" * size, schema=_OBJECT, media_type="application/yaml"
    ),
    "form, small values": Kind(
        body=_times(b"a=x", b"&a=x", b""),
        schema={"type": "object", "properties": {"a": _INTEGERS}},
        media_type=_FORM,
    ),
    "octets": Kind(body=lambda size: b"\0" * size, media_type="application/octet-stream"),
}


def mock_of(kind: Kind) -> MockApp:
    """A mock of one operation that takes a kind of body."""
    medium = {"schema": kind.schema} | ({"encoding": kind.encoding} if kind.encoding else {})
    taken = {"description": "Taken", "content": {"application/json": kind.answered}}
    document = {
        "openapi": "3.1.0",
        "info": {"title": "Holds", "version": "1"},
        "paths": {
            "/a": {
                "post": {
                    "requestBody": {"content": {kind.media_type.partition(";")[0]: medium}},
                    "responses": {"200": taken, "400": {"description": "Bad"}},
                }
            }
        },
        "components": {
            "schemas": {
                "Tree": {
                    "type": "object",
                    "properties": {"c": {"type": "array", "items": _TREE}},
                    "additionalProperties": False,
                }
            }
        },
    }
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "contract.json"
        file.write_text(json.dumps(document))
        return create_app(load(file), settings=Settings())


def longest_hold(kind: Kind, size: int) -> Hold:
    """Send a body to a mock in process, as a transport would, and watch the turns of the loop."""
    body = kind.body(size)
    request = (
        f"POST /a HTTP/1.1\r\nHost: x\r\nContent-Type: {kind.media_type}\r\n{kind.head}"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    first = b"POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n"
    return hold_of(mock_of(kind), first, request.encode() + body)


def hold_of(app: MockApp, first: bytes, request: bytes) -> Hold:
    """Send a request after a first one, which makes ready what is made when it is asked for."""
    connection = None

    async def measure() -> Hold:
        nonlocal connection
        connection = of_mock(app)
        await _sent(connection, first)
        begin = time.process_time()
        longest = await _sent(connection, request)
        whole = time.process_time() - begin
        status = int(connection.wire.received.split(b" ", 2)[1])
        # What frees the value has its turns as well.
        return Hold(
            longest=max(longest, await _turns(beside(lambda: None))), whole=whole, status=status
        )

    return uvloop.run(measure())


async def _sent(connection: Connection, request: bytes) -> float:
    """Seconds of the longest turn from the first byte to the answer."""
    connection.wire.received = b""

    async def exchange() -> None:
        for at in range(0, len(request), _PIECE):
            connection.protocol.data_received(request[at : at + _PIECE])
            await asyncio.sleep(0)
            while connection.protocol.flow.read_paused:
                await asyncio.sleep(0)
        while not connection.protocol.cycle.response_complete:
            await asyncio.sleep(0)

    return await _turns(exchange())


async def _turns(work: Any) -> float:
    """Seconds of the longest turn of the loop while something is done."""
    running, longest = asyncio.ensure_future(work), 0.0
    while not running.done():
        begin = time.process_time()
        await asyncio.sleep(0)
        longest = max(longest, time.process_time() - begin)
    await running
    return longest


def main(names: list[str]) -> None:
    """Print the longest hold of each kind, in milliseconds."""
    for name in names or KINDS:
        hold = longest_hold(KINDS[name], MEGABYTES * 1_000_000)
        told = "" if hold.longest <= 0.05 else "  <-- over 50 ms"
        print(
            f"{name:32} {hold.longest * 1000:6.0f} ms of {hold.whole:5.2f} s, {hold.status}{told}",
            flush=True,
        )


if __name__ == "__main__":
    main(sys.argv[1:])
