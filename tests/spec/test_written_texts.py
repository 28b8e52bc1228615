"""What the project writes into overlays is read back as it was meant."""

from __future__ import annotations

from typing import Any

import jsonpath
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spec.model.json_paths import EVERY, json_path
from spec.reading.document_text import read_text
from spec.reading.overlay_text import with_actions
from spec.text.yaml_output import yaml_of

TEXTS = st.text(st.characters(codec="utf-8"), max_size=8)


@given(st.lists(TEXTS, min_size=1, max_size=3))
def test_a_query_finds_what_it_names(names: list[str]) -> None:
    """Also where names have quotes, backslashes and control characters (RFC 9535)."""
    value: Any = 1
    for name in reversed(names):
        value = {name: value}
    (found,) = jsonpath.finditer(json_path(names), value)

    assert (found.obj, list(found.parts)) == (1, names)


def test_a_query_as_people_write_it() -> None:
    """Plain names stand behind a dot; the wildcard means every item and every member."""
    query = json_path(["paths", "/a", "get", "responses", "200", EVERY, 0])

    assert query == "$.paths['/a'].get.responses['200'][*][0]"


@pytest.mark.parametrize("text", ["1e3", "0o7", "no", "1:30", "2024-01-01", ".5", "+1", "~", "<<"])
def test_texts_that_look_like_something_else(text: str) -> None:
    """Readers of YAML 1.1 and 1.2 take different ones for numbers; they are quoted."""
    assert read_text(yaml_of([text]), "t.yaml").plain() == [text]


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | TEXTS,
        lambda below: st.lists(below, max_size=3) | st.dictionaries(TEXTS, below, max_size=3),
        max_leaves=6,
    )
)
def test_values_are_appended_to_an_overlay_as_they_are(value: Any) -> None:
    """Whatever they are, and wherever the list of actions stands in the text."""
    text = "overlay: 1.0.0\nactions:\n  - target: $.info\n    update: {}\n\n# of info\ninfo: {}\n"
    action = {"target": "$.info", "update": value}
    made = with_actions(text, [action], ["a\nremark"])

    assert read_text(made, "t.yaml").plain()["actions"][1:] == [action]


def test_a_key_that_begins_with_a_no_break_space_is_quoted_and_read() -> None:
    """Plain it looks indented, and is told as a mistake."""
    text = yaml_of({"\u00a0a": 1, "b\u00a0": 2})

    assert '"\u00a0a"' in text or '"\\_a"' in text
    assert read_text(text, "t.yaml").plain() == {"\u00a0a": 1, "b\u00a0": 2}
