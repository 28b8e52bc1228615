"""Media types: RFC 9110 as headers are really sent."""

from __future__ import annotations

import time

import pytest

from spec.text import media_types


@pytest.mark.parametrize(
    ("raw", "written"),
    [
        ("application/json", "application/json"),
        ("Application/JSON", "application/json"),
        ("application/json;charset=UTF-8", "application/json; charset=utf-8"),
        ("  application/json ; charset = x", None),
        (" text/html ; Charset=ISO-8859-1 ", "text/html; charset=iso-8859-1"),
        ('multipart/form-data; boundary="a;b,c"', 'multipart/form-data; boundary="a;b,c"'),
        (r'a/b; c="\"d\\"', r'a/b; c="\"d\\"'),
        ('a/b; c=""', 'a/b; c=""'),
        ("a/b;", "a/b"),
        ("a/b; ; c=d", "a/b; c=d"),
        ("image/*", "image/*"),
        ("", None),
        ("json", None),
        ("a/b/c", None),
        ("a/b c", None),
        ("a/b; c", None),
        ("a/b; c=d e=f", None),
        ('a/b; c="d', None),
        ("a/b, c/d", None),
        ("a/b\r\nX: y", None),
        ("a/b\n", None),
        ("a/b; c=d\n", None),
    ],
)
def test_parse(raw: str, written: str | None) -> None:
    """A media type is read without regard to case and blanks; what is malformed is None."""
    media_type = media_types.parse(raw)

    assert (media_type and str(media_type)) == written


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("application/json", True),
        ("application/problem+json; charset=utf-8", True),
        ("application/vnd.api+json", True),
        ("text/json", True),
        ("application/json-seq", False),
        ("application/x-ndjson", False),
        ("application/jsonp", False),
        ("text/plain", False),
        (None, False),
        ("nonsense", False),
    ],
)
def test_is_json(raw: str | None, expected: bool) -> None:
    """`json` and the suffix `+json` are JSON (RFC 6839); sequences of documents are not."""
    assert media_types.is_json(raw) is expected


@pytest.mark.parametrize(
    ("content_type", "candidates", "expected"),
    [
        ("application/json", ("application/json",), "application/json"),
        ("application/json; charset=utf-8", ("application/json",), "application/json"),
        (
            "application/json",
            ("application/json; charset=utf-8",),
            "application/json; charset=utf-8",
        ),
        ("a/b; charset=latin1", ("a/b; charset=utf-8",), None),
        ("APPLICATION/JSON", ("text/plain", "application/json"), "application/json"),
        ("image/png", ("*/*", "image/*", "image/png"), "image/png"),
        ("image/gif", ("*/*", "image/*", "image/png"), "image/*"),
        ("text/plain", ("*/*", "image/*"), "*/*"),
        ("text/plain", ("image/*",), None),
        (
            "application/merge-patch+json",
            ("application/*+json", "application/*"),
            "application/*+json",
        ),
        ("application/json", ("application/*+json",), None),
        ("a/b; version=2", ("a/b", "a/b; version=1", "a/b; version=2"), "a/b; version=2"),
        ("a/b; version=3", ("a/b", "a/b; version=1"), "a/b"),
        ("a/b", ("a/b; version=1",), None),
        ("application/problem+json", ("application/json",), None),
        ("multipart/form-data; boundary=x", ("multipart/form-data",), "multipart/form-data"),
        (None, ("*/*",), None),
        ("nonsense", ("*/*",), None),
    ],
)
def test_match(content_type: str | None, candidates: tuple[str, ...], expected: str | None) -> None:
    """The narrowest candidate governs a message, and its parameters must be among the message's."""
    assert media_types.match(content_type, candidates) == expected


JSON, EVENTS, XML = "application/json", "text/event-stream", "application/xml"


@pytest.mark.parametrize(
    ("accept", "candidates", "expected"),
    [
        (None, (JSON, EVENTS), (JSON, EVENTS)),
        ("", (JSON,), (JSON,)),
        ("*/*", (JSON, EVENTS), (JSON, EVENTS)),
        (EVENTS, (JSON, EVENTS), (EVENTS,)),
        ("application/json;q=0.5, text/*", (JSON, EVENTS), (EVENTS, JSON)),
        ("application/*, application/xml;q=0", (XML, JSON), (JSON,)),
        ("*/*;q=0, application/json", (XML, JSON), (JSON,)),
        ("application/json;q=0", (JSON,), ()),
        ("image/png", (JSON,), ()),
        ("application/json, text/plain, */*", (XML, JSON), (JSON, XML)),
        ("application/json; charset=utf-8", (JSON,), (JSON,)),
        ("text/html, image/gif, *; q=.2, */*; q=.2", (JSON,), (JSON,)),
        ("a/b; v=2", ("a/b; v=1", "a/b; v=2"), ("a/b; v=2",)),
        ("a/b; q=0.1, a/b; v=2", ("a/b; v=1", "a/b; v=2"), ("a/b; v=2", "a/b; v=1")),
        ("image/png", ("image/*",), ("image/*",)),
        ("image/png;q=0, image/*", ("image/*",), ("image/*",)),
        ("image/png;q=0", ("image/*",), ()),
        ("application/json;q=high, text/*", (JSON, EVENTS), (EVENTS,)),
        ("application/json;q=high", (JSON, EVENTS), (JSON, EVENTS)),
        ("application/json;q=1.5", (JSON,), (JSON,)),
        (";;;,,,", (JSON,), (JSON,)),
        ('a/b; c="x,y", application/json', (JSON,), (JSON,)),
    ],
)
def test_negotiate(
    accept: str | None, candidates: tuple[str, ...], expected: tuple[str, ...]
) -> None:
    """The most specific range decides on each candidate, 0 excludes, and weights give the order."""
    assert media_types.negotiate(accept, candidates) == expected


@pytest.mark.parametrize(
    ("candidate", "accept", "expected"),
    [
        ("application/json", None, "application/json"),
        ("image/*", None, "image/png"),
        ("image/*", "image/webp, image/gif;q=0.9", "image/webp"),
        ("image/*", "image/gif;q=0.5, image/webp", "image/webp"),
        ("image/*", "image/webp;q=0, */*", "image/png"),
        ("*/*", None, "application/json"),
        ("*/*", "text/csv", "text/csv"),
        ("*/*", "text/*", "text/plain"),
        ("*/*", "image/*;q=0.1, text/*", "text/plain"),
        ("*/*", "*/*", "application/json"),
        ("application/*", None, "application/json"),
        ("application/*+json", None, "application/json"),
        ("model/*", None, "application/octet-stream"),
    ],
)
def test_concrete(candidate: str, accept: str | None, expected: str) -> None:
    """A range becomes the type that the client names, or one that everybody can read."""
    assert media_types.concrete(candidate, accept) == expected


@pytest.mark.parametrize(
    "header",
    [
        "a/b;" * 100_000,
        "a/b;" + " " * 400_000 + "x",
        '"' * 400_000,
        "a/b," * 100_000,
        "\\" * 400_000,
    ],
)
def test_a_hostile_header_is_read_in_linear_time(header: str) -> None:
    """A header of 400 kB costs well under a second, whatever it is made of."""
    begin = time.process_time()
    media_types.parse(header)
    media_types.negotiate(header, (JSON,))

    assert time.process_time() - begin < 2
