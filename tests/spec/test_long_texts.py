"""Long texts are read in pieces, and say the same as if they were read at once."""

from __future__ import annotations

import base64
import re
from urllib.parse import unquote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spec.schemas import string_formats
from spec.schemas.shapes import shape_of
from spec.text import json_lines, pairs, tables
from spec.text.json_text import UnreadableError
from spec.text.json_values import StyleError
from spec.text.pairs import unquote_query

ROWS = shape_of({"type": "array", "items": {"type": "object"}})


def _shorter(patch: pytest.MonkeyPatch, *modules: object) -> None:
    """Let pieces be of a few characters."""
    for module in modules:
        patch.setattr(module, "LONG", 5)


@given(st.lists(st.sampled_from(["a", "é", "+", "%", "%2", "%C3", "%A9", "%FF", "%c3%a9", "%E2"])))
def test_percent_escapes(parts: list[str]) -> None:
    """Escapes and characters of several bytes go across the cuts."""
    raw = "".join(parts)
    with pytest.MonkeyPatch.context() as patch:
        _shorter(patch, pairs)

        assert unquote_query(raw) == unquote_plus(raw, errors="replace")


@given(st.lists(st.sampled_from([b"1", b"22", b"\n", b"\r\n", b"\x1e", b" ", b'"abcdefgh"'])))
def test_json_lines(parts: list[bytes]) -> None:
    """The documents, and the number of the line that is none."""
    raw = b"".join(parts)

    def read(content_type: str) -> object:
        try:
            return json_lines.read(raw, content_type)
        except UnreadableError as error:
            return str(error)

    for content_type in ("application/jsonl", "application/json-seq"):
        whole = read(content_type)
        with pytest.MonkeyPatch.context() as patch:
            _shorter(patch, json_lines)
            assert read(content_type) == whole


@given(st.text(alphabet="AZaz09+/=-é\n", max_size=12) | st.binary().map(base64.b64encode))
def test_base64(value: str | bytes) -> None:
    """The quick look says what the grammar of the format says."""
    text = value.decode() if isinstance(value, bytes) else value
    wanted = re.fullmatch(string_formats._BASE64, text) is not None

    assert string_formats._is_base64(text) is wanted


def test_a_table_of_too_many_columns() -> None:
    """It is refused before it is divided; as many rows are fine."""
    with pytest.raises(StyleError, match="more than 10000 columns"):
        tables.read("a," * 10_001, ",", ROWS)

    assert len(tables.read("a\n" + "1\n" * 20_000, ",", ROWS)) == 20_000
