"""JSON is read as RFC 8259 has it and no wider."""

from __future__ import annotations

from typing import Any

import pytest

from spec.text.json_text import (
    DEEPEST,
    UnreadableError,
    read,
    write,
)


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        (b"{}", {}),
        (b" \r\n\t[1, 2.5e3] \n", [1, 2500.0]),
        (b'"\xc3\xa9\\u00e9\\ud83d\\ude00"', "éé\U0001f600"),
        (b"null", None),
        (b"-0", 0),
        (b"1e-400", 0.0),
        (b"1" * 4000, int("1" * 4000)),
        (b'{"a": 1, "a": 2}', {"a": 2}),
        (b'"\\\\ud800"', "\\ud800"),
        (b"[" * DEEPEST + b"]" * DEEPEST, None),
    ],
    ids=lambda value: str(value)[:20],
)
def test_read(raw: bytes, value: Any) -> None:
    """What is JSON is read; of a repeated name the last counts."""
    got = read(raw)

    assert got == value or value is None


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b"", "is empty"),
        (b" \n", "is empty"),
        (b"nul", "no value begins with n, line 1 column 1"),
        (b"\n  x", "no value begins with x"),
        (b"{} {}", "there is more after its end, line 1 column 3"),
        (b'{"a":}', "a value is missing, line 1 column 6"),
        (b"{'a':1}", "is not JSON"),
        (b"[1,]", "is not JSON"),
        (b"NaN", "NaN is not a JSON number"),
        (b"[-Infinity]", "-Infinity is not a JSON number"),
        (b"1e400", "too large for a double: 1e400"),
        (b"[-1" + b"0" * 400 + b".0]", "too large for a double"),
        (b"1" * 10_000, "integer of too many digits"),
        (b"\xef\xbb\xbf{}", "byte order mark"),
        (b'"\xff"', "is not UTF-8: byte 1"),
        ('{"a":1}'.encode("utf-16"), "is not UTF-8"),
        (b'["\\ud800"]', "lone surrogate"),
        (b'{"\\udfff": 1}', "lone surrogate"),
        (b"[" * 100_000, "nested more than 500 levels"),
        (b"[" * 100_000 + b"]" * 100_000, "nested more than 500 levels"),
        (b'{"a":' * 600 + b"1" + b"}" * 600, "nested more than 500 levels"),
        (b'"a\nb"', "is not JSON: Invalid control character"),
    ],
    ids=lambda value: str(value)[:20],
)
def test_unreadable(raw: bytes, message: str) -> None:
    """What is not JSON says what is wrong with it."""
    with pytest.raises(UnreadableError, match=message):
        read(raw)


@pytest.mark.parametrize(
    ("value", "raw"),
    [("é\ud800\n", b'"\\u00e9\\ud800\\n"'), ([1, {"a": None}], b'[1,{"a":null}]'), (True, b"true")],
)
def test_write(value: Any, raw: bytes) -> None:
    """Whatever is written is ASCII, lone surrogates included."""
    assert write(value) == raw
