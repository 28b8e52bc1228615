"""A long document reads as a short one does: the same values, the same refusals."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spec.text import json_text
from spec.text.json_text import DEEPEST, UnreadableError
from spec.text.long_json import WINDOW, is_large, read_long, write_long

SLICES = (8, 32)
"""So short that every document of these tests is a long one."""

SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, width=32)
TEXTS = st.text(alphabet='ab"\\/\n\t é\U0001f600\ud7ff\ue000,]}:', max_size=60)
VALUES = st.recursive(
    SCALARS.filter(lambda one: one not in (float("inf"), float("-inf"))) | TEXTS,
    lambda inner: st.lists(inner, max_size=12) | st.dictionaries(TEXTS, inner, max_size=12),
    max_leaves=30,
)


def outcome(read: Any, raw: bytes) -> Any:
    """The value, or the class of the refusal with the place that it names."""
    try:
        return read(raw)
    except UnreadableError as error:
        return type(error), re.findall(r"(?:line \d+ column \d+)", str(error))


@given(VALUES, st.sampled_from([None, 1]), st.booleans())
@settings(max_examples=100)
def test_the_same_values(value: Any, indent: int | None, ascii_: bool) -> None:
    """Whatever the document, and wherever the slices end."""
    raw = json.dumps(value, indent=indent, ensure_ascii=ascii_).encode()

    assert read_long(raw, slices=SLICES) == json_text.read(raw)


@given(
    VALUES,
    st.integers(0, 10_000),
    st.sampled_from(['"', "\\", "]", "}", ",", ":", "x", "", "\x00"]),
)
@settings(max_examples=150)
def test_the_same_refusals(value: Any, at: int, junk: str) -> None:
    """A document with one character put in, or cut off, is refused at the same place."""
    text = json.dumps([value, [1, "a"]], ensure_ascii=False)
    at %= len(text)
    raw = (text[:at] + junk + (text[at:] if junk else "")).encode()

    assert outcome(lambda one: read_long(one, slices=SLICES), raw) == outcome(json_text.read, raw)


@pytest.mark.parametrize("number", ["9973478e+16", "997347e-16", "9973478.5", "-997347E5"])
def test_a_number_goes_on_behind_a_slice(number: str) -> None:
    """Wherever the slice ends: in its digits, at its point, or at its exponent."""
    for before in range(12):
        raw = f'[5.7286{"1" * before},{number}, [1, "a"]]'.encode()

        assert read_long(raw, slices=SLICES) == json_text.read(raw)


ITEMS = "[" + "1," * 50 + "1]"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "\ufeff[]",
        "[1,]",
        '{"a":1,}',
        "[NaN]",
        "[1e400]",
        "[-Infinity]",
        f"[{'9' * 5000}]",
        f"[{'0' * 5000}]",
        f"[0.{'9' * 5000}]",
        f"{ITEMS}{ITEMS}",
        f"{ITEMS} x",
        f"[{ITEMS},\n {ITEMS},\n {ITEMS} {ITEMS}]",
        '["' + "\\ud83d\\ude00" * 40 + '"]',
        '["' + "a" * 19 + "\\ud83d\\ude00" * 40 + '"]',
        '["' + "\\\\" * 40 + '"]',
        '["' + "a" * 29 + '\\ud83d"]',
        '["' + "\\ud83d" * 40 + '"]',
        '["' + "a" * 100,
        '["' + "a" * 100 + '\\x"]',
        '{"' + "a" * 100 + '":1}',
        '{"a" 1' + " " * 100 + "}",
        "{1:" + " " * 100 + "2}",
        "[" * DEEPEST + ITEMS[1:-1] + "]" * DEEPEST,
        "[" * (DEEPEST + 1) + ITEMS[1:-1] + "]" * (DEEPEST + 1),
        "[" * 100_000,
    ],
)
def test_what_is_odd(text: str) -> None:
    """Limits, constants, escapes and blanks count alike."""
    raw = text.encode()

    assert outcome(lambda one: read_long(one, slices=SLICES), raw) == outcome(json_text.read, raw)
    assert outcome(read_long, raw) == outcome(json_text.read, raw)


_PEOPLE = [{"name": f"n{n}", "é": [n, None, 0.5]} for n in range(3 * WINDOW)]
_LARGE = {
    "items": _PEOPLE,
    "one large item": [1, {"a": _PEOPLE}, [_PEOPLE, []], {}],
    "members": {f"n{n}": n for n in range(5 * WINDOW)},
    "large members": {"first": [], "é": {"a": _PEOPLE}, "last": {}},
    "long strings": ["é" * 20_000] * (5 * WINDOW // 100),
}


@pytest.mark.slow
@pytest.mark.parametrize("ascii_", [False, True], ids=["characters", "ASCII"])
@pytest.mark.parametrize("name", _LARGE)
def test_it_is_written_as_a_short_one_is(name: str, ascii_: bool) -> None:
    """Windows of items and members, and what is large among them, make the same text."""
    value = _LARGE[name] if name != "long strings" else [_LARGE[name]] * 100
    encoder = json.JSONEncoder(ensure_ascii=ascii_)

    assert is_large(value)
    assert write_long(value, encoder) == encoder.encode(value)


def test_no_step_of_writing_takes_all() -> None:
    """The encoder never sees more than a window of it."""
    seen: list[int] = []

    class Watched(json.JSONEncoder):
        def encode(self, o: Any) -> str:
            seen.append(len(o) if isinstance(o, (dict, list)) else 1)
            return super().encode(o)

    write_long({"a": [{"b": one} for one in _PEOPLE]}, Watched())

    assert max(seen) <= WINDOW
