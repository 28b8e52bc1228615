"""Which pattern takes in which, checked against an engine of ECMA-262."""

from __future__ import annotations

import pytest
import regress
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.diff.inclusion.regex_inclusion import compared


def matches(pattern: str, text: str) -> bool:
    """As ECMA-262 has it; the engine of jsonschema-rs lets `^a+a*a+$` match a single `a`."""
    return regress.Regex(pattern, "u").find(text) is not None


@pytest.mark.parametrize(
    ("inner", "outer", "contained"),
    [
        ("^a+$", "^a+b?$", True),
        ("^a+b?$", "^a+$", False),
        ("^[a-z]+$", "^[a-z0-9]+$", True),
        ("^[a-z0-9]+$", "^[a-z]+$", False),
        ("^[a-z]{1,5}$", "^[a-z]*$", True),
        ("^[a-z]*$", "^[a-z]{1,5}$", False),
        ("^abc$", "b", True),
        ("b", "^abc$", False),
        ("^(cat|dog)$", "^(dog|cat|cow)$", True),
        ("^(cat|dog|cow)$", "^(dog|cat)$", False),
        (r"^\d{4}-\d{2}$", r"^[0-9]+-[0-9]+$", True),
        (r"^\w+$", r"^[A-Za-z0-9_]+$", True),
        (r"^[A-Za-z0-9_]+$", r"^\w+$", True),
        (r"\S", r".*\S.*", True),
        ("^(?:a|b)*$", "^[ab]*$", True),
        ("^[^a]$", "^[^ab]$", False),
        ("^.$", "^[^a]$", False),
        ("^a|b$", "a|b", True),
        ("", "^", True),
        ("^$", "^a*$", True),
        ("^a*$", "^$", False),
        (r"^(?=a)", "a", None),
        (r"^(a)\1$", "a", None),
        ("[", "a", None),
    ],
)
def test_inclusion(inner: str, outer: str, contained: bool | None) -> None:
    """Decided where the patterns are regular, with a string that shows what is left out."""
    verdict = compared(inner, outer)

    assert verdict.contained is contained
    if contained is False:
        assert verdict.witness is not None
        assert matches(inner, verdict.witness)
        assert not matches(outer, verdict.witness)


PARTS = st.sampled_from(["a", "b", "[ab]", "[^a]", ".", r"\d", "(?:ab|c)", "a{1,2}", "c"])
PATTERNS = st.builds(
    lambda begin, parts, marks, end: (
        begin + "".join(part + mark for part, mark in zip(parts, marks, strict=False)) + end
    ),
    st.sampled_from(["", "^"]),
    st.lists(PARTS, min_size=1, max_size=3),
    st.lists(st.sampled_from(["", "*", "+", "?"]), min_size=3, max_size=3),
    st.sampled_from(["", "$"]),
)


@settings(max_examples=150)
@given(PATTERNS, PATTERNS, st.lists(st.text("abc1\n", max_size=6), max_size=20))
def test_no_claim_is_wrong(inner: str, outer: str, texts: list[str]) -> None:
    """What is said to be contained has no counterexample, and a witness is one."""
    verdict = compared(inner, outer)

    if verdict.witness is not None:
        assert matches(inner, verdict.witness)
        assert not matches(outer, verdict.witness)
    if verdict.contained:
        assert not any(matches(inner, text) and not matches(outer, text) for text in texts)
