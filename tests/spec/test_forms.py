"""Form bodies: what fields say by the schema and its encoding, both ways."""

from __future__ import annotations

from typing import Any

import pytest

from spec.model.contract_model import MediaType, Schema
from spec.text.forms import FormCodec, form_codec, is_form
from spec.text.json_values import StyleError
from spec.text.multipart import Part, compose, parse

SCHEMA = {
    "type": "object",
    "properties": {
        "name": {"type": "string"},
        "age": {"type": "integer"},
        "tags": {"type": "array", "items": {"type": "string"}},
        "address": {"type": "object", "properties": {"zip": {"type": "integer"}}},
        "lines": {"type": "array", "items": {"type": "object"}},
        "file": {"type": "string", "format": "binary"},
        "active": {"type": ["boolean", "null"]},
    },
}
VALUE = {
    "name": 'a&b="é"',
    "age": 7,
    "tags": ["x", "y,z"],
    "address": {"zip": 123},
    "lines": [{"a": 1}, {"a": 2}],
    "active": None,
}


def of(name: str, schema: dict[str, Any] | None = None, **encoding: Any) -> FormCodec:
    """The codec of a form."""
    media_type = MediaType(
        name=name,
        schema=Schema(pointer="#", value=schema or SCHEMA),
        examples=(),
        encoding=encoding,
        pointer="#",
    )
    return form_codec(media_type, lambda found: found.value)


URLENCODED, MULTIPART = "application/x-www-form-urlencoded", "multipart/form-data"


@pytest.mark.parametrize("name", [URLENCODED, MULTIPART])
@pytest.mark.parametrize(
    "encoding",
    [{}, {"address": {"contentType": "application/json"}}, {"tags": {"contentType": "text/plain"}}],
    ids=["defaults", "json", "text"],
)
def test_a_form_is_read_back(name: str, encoding: dict[str, Any]) -> None:
    """What is written is read back, with its types."""
    made = of(name, **encoding)
    content_type, body = made.encode(VALUE, "XX")

    assert is_form(content_type)
    assert made.decode(body, content_type) == VALUE


@pytest.mark.parametrize(
    ("body", "encoding", "value"),
    [
        ("name=a+b&age=7&other=1", {}, {"name": "a b", "age": 7, "other": "1"}),
        ("age=seven", {}, {"age": "seven"}),
        ("tags=x", {}, {"tags": ["x"]}),
        ("tags[]=x&tags[]=y", {}, {"tags[]": ["x", "y"]}),
        ("tags=x,y", {"tags": {"style": "form", "explode": False}}, {"tags": ["x", "y"]}),
        ("tags=x%20y", {"tags": {"style": "spaceDelimited"}}, {"tags": ["x", "y"]}),
        ("address[zip]=5", {"address": {"style": "deepObject"}}, {"address": {"zip": 5}}),
        ("address%5Bzip%5D=5", {}, {"address[zip]": "5"}),
        ("address=%7B%22zip%22%3A5%7D", {}, {"address": {"zip": 5}}),
        ("address=nonsense", {}, {"address": "nonsense"}),
        ("zip=5&name=x", {"address": {"explode": True}}, {"address": {"zip": 5}, "name": "x"}),
        ('lines={"a":1}', {}, {"lines": [{"a": 1}]}),
        ("", {}, {}),
    ],
)
def test_what_a_urlencoded_body_says(body: str, encoding: dict[str, Any], value: object) -> None:
    """Fields are read by their encoding; what does not fit stays text for validation to name."""
    assert of(URLENCODED, **encoding).decode(body.encode(), URLENCODED) == value


@pytest.mark.parametrize(
    ("parts", "value"),
    [
        ([Part(name="file", data=b"\xff\x00", filename="a.bin")], {"file": "\xff\x00"}),
        ([Part(name="file", data=b"\xff\x00")], {"file": "\xff\x00"}),
        ([Part(name="name", data="é".encode())], {"name": "é"}),
        ([Part(name="age", data=b"7")], {"age": 7}),
        ([Part(name="age", data=b"7"), Part(name="age", data=b"8")], {"age": [7, 8]}),
        ([Part(name="tags[]", data=b"7")], {"tags[]": "7"}),
        ([Part(name="address", data=b'{"zip": 1}')], {"address": {"zip": 1}}),
        ([Part(name="lines", data=b"[{}]", content_type="application/json")], {"lines": [{}]}),
        ([Part(name='q"\r\n', data=b"--XX\r\n")], {'q"\r\n': "--XX\r\n"}),
        ([], {}),
    ],
)
def test_what_a_multipart_body_says(parts: list[Part], value: object) -> None:
    """Parts are read by the schema; a file has a character for each octet."""
    made = of(MULTIPART)
    body = compose(parts, "boundary")

    assert parse(body, "boundary") == tuple(parts)
    assert made.decode(body, f"{MULTIPART}; boundary=boundary") == value


@pytest.mark.parametrize(
    ("name", "body", "content_type", "message"),
    [
        (MULTIPART, b"", MULTIPART, "is multipart without a boundary in its Content-Type"),
        (MULTIPART, b"--b\r\n", "multipart/form-data; boundary=b", "closing boundary is missing"),
        (MULTIPART, b"nonsense", "multipart/form-data; boundary=b", "is not multipart/form-data"),
        (
            MULTIPART,
            compose([Part(name="file", data=b"", content_type="text/html")], "b"),
            "multipart/form-data; boundary=b",
            "has the field 'file' as text/html, and the contract admits image/*",
        ),
        (URLENCODED, b"\xff", URLENCODED, "is not UTF-8"),
        (URLENCODED, b"a=1&" * 10_001, URLENCODED, "has more than 10000 fields"),
        (
            MULTIPART,
            compose([Part(name="a", data=b"")] * 1001, "b"),
            "multipart/form-data; boundary=b",
            "more than 1000 parts",
        ),
    ],
)
def test_what_is_no_form(name: str, body: bytes, content_type: str, message: str) -> None:
    """What is no form of this media type is told, and never costs more than a little."""
    made = of(name, None, file={"contentType": "image/*"})

    with pytest.raises(StyleError) as told:
        made.decode(body, content_type)

    assert message in str(told.value)


def test_what_stands_before_and_after_the_parts_means_nothing() -> None:
    """A preamble and an epilogue are left out; a text without any boundary stays refused."""
    parts = (Part(name="a", data=b"1\r\n--other"), Part(name="b", data=b""))
    body = compose(parts, "cut")

    preamble = b"This is a multi-part message in MIME format.\r\n--cu\r\n"
    assert parse(preamble + body + b"epilogue", "cut") == parts
    assert parse(b"\r\n" + body, "cut") == parts
