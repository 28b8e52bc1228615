"""The whole query as one value: written and read as its media type says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spec import load
from spec.contract.parameter_codecs import parameter_codec
from spec.text.json_values import StyleError
from spec.text.query_strings import QueryStringCodec
from spec.text.styles import Absent

JSON = QueryStringCodec(media_type="application/json", body=None)
TEXT = QueryStringCodec(media_type="text/plain", body=None)
TREE = st.recursive(
    st.none() | st.booleans() | st.integers(-99, 99) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@pytest.mark.slow
@given(TREE)
def test_json_arrives_as_it_was_sent(value: Any) -> None:
    """Percent-encoded, so that nothing in it divides the query."""
    pairs = JSON.encode(value)

    assert JSON.decode(pairs) == value
    assert not set("&=#+ ") & set(pairs[0][1])


@pytest.mark.parametrize("query", ["%7B", "n=1", "%FF"])
def test_what_is_no_json(query: str) -> None:
    """It is told, and read as nothing else."""
    with pytest.raises(StyleError):
        JSON.decode((("", query),))


def test_an_empty_query_is_none() -> None:
    """Read, and written: a text without characters cannot be told from no query."""
    assert JSON.decode(()) is Absent.ABSENT
    assert TEXT.encode("") == ()


@pytest.mark.parametrize(
    ("media_type", "value", "query"),
    [
        ("application/x-www-form-urlencoded", {"n": 1, "t": ["a b", "c"]}, "n=1&t=a%20b&t=c"),
        ("application/json", {"n": 1}, "%7B%22n%22%3A%201%7D"),
        ("text/csv", [{"n": 1}, {"n": 2}], "n%0D%0A1%0D%0A2%0D%0A"),
    ],
)
def test_in_a_contract(tmp_path: Path, media_type: str, value: Any, query: str) -> None:
    """By its media type and schema, both ways."""
    row = "{type: object, properties: {n: {type: integer}, t: {type: array}}}"
    schema = f"{{type: array, items: {row}}}" if "csv" in media_type else row
    file = tmp_path / "contract.yaml"
    file.write_text(
        f"""\
openapi: 3.2.0
info: {{title: T, version: '1'}}
paths:
  /a:
    get:
      parameters:
        - {{name: all, in: querystring, content: {{{media_type}: {{schema: {schema}}}}}}}
      responses: {{'204': {{description: d}}}}
"""
    )
    contract = load(file)
    [operation] = contract.operations
    assert operation.query_string is not None
    way = parameter_codec(contract, operation, operation.query_string)

    assert way.encode(value) == (("", query),)
    assert way.decode((("", query),)) == value
