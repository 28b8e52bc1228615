# ruff: noqa: E501 (schemas read better on one line)
"""Strings of a format, a pattern and lengths at once: whenever one exists, one is made."""

from __future__ import annotations

import re
import time
from collections import deque
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spec import UnsatisfiableError, compile_schema
from spec.sampling import sample
from spec.sampling.common_words import words_in_common
from spec.sampling.patterns import strings_matching
from spec.schemas.string_formats import STRING_FORMATS


def made(schema: Any, seed: int | None = None) -> Any:
    """A sample, judged by its own schema."""
    return sample(schema, seed=seed, is_valid=compile_schema(schema).is_valid)


@pytest.mark.parametrize("seed", [None, 1, 77])
@pytest.mark.parametrize(
    "schema",
    [
        {"format": "date-time", "pattern": r"\.\d{3}Z$"},
        {"format": "date-time", "pattern": r"\+02:00$"},
        {"format": "date-time", "minLength": 27, "maxLength": 27},
        {"format": "date", "pattern": "^1850-"},
        {"format": "date", "pattern": "-02-29$"},
        {"format": "time", "pattern": "^23:"},
        {"format": "email", "maxLength": 7},
        {"format": "email", "maxLength": 12, "pattern": "@my"},
        {"format": "email", "pattern": r"^[a-z]+\.[a-z]+@corp\.example$"},
        {"format": "hostname", "pattern": r"\.internal$", "maxLength": 12},
        {"format": "ipv4", "pattern": r"^10\."},
        {"format": "ipv4", "pattern": r"^192\.168\.\d+\.255$"},
        {"format": "ipv6", "pattern": "^fd00:"},
        {"format": "ipv6", "pattern": "^([0-9a-f]{4}:){7}[0-9a-f]{4}$"},
        {"format": "uri", "pattern": r"^s3://[a-z]+/.*\.json$"},
        {"format": "uri", "pattern": "^https://", "maxLength": 12},
        {"format": "uri-reference", "pattern": r"^\?page="},
        {"format": "uuid", "pattern": "^.{14}7.{4}[89ab]"},
        {"format": "uuid", "pattern": "^[0-9A-F-]+$"},
        {"format": "duration", "pattern": "^PT.*M$"},
        {"format": "byte", "minLength": 8, "maxLength": 8},
        {"format": "json-pointer", "pattern": "/name$"},
        {"pattern": r"^(?=.*[A-Z])(?=.*\d)(?=.*[!?])(?!.*\s).{8,10}$"},
        {"pattern": "^(ab|cd)+$", "minLength": 7, "maxLength": 8},
        {
            "allOf": [{"pattern": "^[a-z]+-[0-9]+$"}, {"pattern": "7$"}],
            "maxLength": 9,
            "minLength": 9,
        },
        {"pattern": "^a", "not": {"pattern": "[b-y]$"}, "minLength": 4},
        {"allOf": [{"pattern": "x"}, {"pattern": "^[^x]*x[^x]*$"}, {"pattern": "^..$"}]},
        {"pattern": "(?<=x)y"},
        {"pattern": "[a-z](?<=q)[0-9]"},
        {"pattern": "^[a-z]+(?<!foo)$"},
        {"pattern": r"^\p{Script=Greek}{3}$"},
        {"pattern": r"^[\p{sc=Han}-]{2,4}$", "minLength": 3},
        {"pattern": r"^\p{scx=Thai}+$"},
        {"pattern": r"^[\P{L}]{2}\P{ASCII}$"},
        {"pattern": r"^\p{Emoji_Presentation}$"},
        {"pattern": r"^\p{Nl}$"},
        {"allOf": [{"pattern": r"^[\p{L} ]+$"}, {"pattern": " "}], "maxLength": 5},
    ],
    ids=str,
)
def test_keywords_of_a_string_hold_together(schema: dict[str, Any], seed: int | None) -> None:
    """A value exists, so it is found: the plainest, and others for seeds."""
    assert compile_schema(schema).is_valid(made({"type": "string", **schema}, seed))


@pytest.mark.parametrize("seed", [None, 1, 77])
@pytest.mark.parametrize("more", [{"pattern": r"^-?\d{0,6}(?:\.\d{0,2})?$"}, {"minLength": 4}, {}])
def test_a_decimal_is_a_number_in_digits(more: dict[str, Any], seed: int | None) -> None:
    """The pattern that Django writes beside the format allows the empty text, which is none."""
    assert re.fullmatch(
        r"-?\d+(\.\d+)?", made({"type": "string", "format": "decimal", **more}, seed)
    )


@pytest.mark.parametrize("seed", [None, 1, 77])
@pytest.mark.parametrize("more", [{"pattern": "^-?[0-9]+$"}, {"minLength": 4}, {}])
@pytest.mark.parametrize("name", ["int64", "uint64"])
def test_a_text_of_an_integer_is_one_in_digits(
    name: str, more: dict[str, Any], seed: int | None
) -> None:
    """So Protocol Buffers write 64 bits in JSON."""
    assert made({"type": "string", "format": name, **more}, seed).removeprefix("-").isdecimal()
    assert made({"type": "integer", "format": "int64"}, seed) == 1 or seed is not None


@pytest.mark.parametrize(
    "schema",
    [
        {"format": "date", "pattern": "^x"},
        {"format": "uuid", "maxLength": 35},
        {"format": "ipv4", "pattern": "[a-z]"},
        {"allOf": [{"pattern": "^a"}, {"pattern": "^b"}]},
        {"pattern": "^(aa)+$", "minLength": 3, "maxLength": 3},
        {"pattern": "^(aa)+$", "minLength": 9, "maxLength": 9},
    ],
    ids=str,
)
def test_where_no_string_exists_none_is_made(schema: dict[str, Any]) -> None:
    """The search ends, and says so."""
    with pytest.raises(UnsatisfiableError):
        made({"type": "string", **schema})


PIECES = st.sampled_from(["a", "[bc]", "[0-9]", "x?", "(a|bc)", "(0|1)*", "[a-c]{2}", ".", "y+"])
PATTERNS = st.lists(PIECES, min_size=1, max_size=4).map("".join)


@given(PATTERNS, PATTERNS, st.integers(0, 6), st.booleans())
def test_words_in_common_match_both(first: str, second: str, least: int, anchored: bool) -> None:
    """What is found matches both patterns, and the lengths that were asked for."""
    one = f"^{first}$" if anchored else first
    for word in words_in_common([one, second], (), least, least + 6):
        assert re.search(one, word)
        assert re.search(second, word)
        assert least <= len(word) <= least + 6


@given(PATTERNS, st.text("abcxy01", min_size=1, max_size=6))
def test_a_word_is_found_where_there_is_one(pattern: str, word: str) -> None:
    """A pattern and the pattern of one word that it matches have that word in common."""
    if not re.search(f"^{pattern}$", word):
        return
    found = next(words_in_common([f"^{pattern}$", f"^{word}$"]), None)

    assert found == word


@pytest.mark.parametrize("name", [name for name, one in STRING_FORMATS.items() if one.grammars])
def test_a_grammar_makes_what_its_format_admits(name: str) -> None:
    """Of the words of a format's grammar, most are of the format."""
    judge = compile_schema({"format": name}).is_valid
    words = list(words_in_common([STRING_FORMATS[name].patterns[0]]))

    assert sum(map(judge, words)) * 2 > len(words) > 0


@pytest.mark.parametrize(
    ("name", "schema", "value"),
    [
        ("email", {"type": "string"}, "ada@example.com"),
        ("createdAt", {"type": "string"}, "2026-01-15T09:30:00Z"),
        ("updated_at", {"type": "string"}, "2026-01-15T09:30:00Z"),
        ("price", {"type": "number"}, 9.99),
        ("price", {"type": "integer"}, 1),
        ("price", {"type": "number", "maximum": 5}, 1),
        ("email", {"type": "string", "maxLength": 3}, "ema"),
        ("email", {"type": "string", "example": "me"}, "me"),
        ("shelf", {"type": "string"}, "shelf"),
    ],
)
def test_well_known_names_look_real(name: str, schema: dict[str, Any], value: object) -> None:
    """A name says what stands there, as far as the schema allows it and says no more itself."""
    assert made({"type": "object", "properties": {name: schema}}) == {name: value}


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        (r"^-?\d{0,6}(?:\.\d{0,2})?$", "1"),
        ("^[a-z]*$", "a"),
        ("^(-|[+])?$", "-"),
        ("^$", ""),
    ],
)
def test_a_text_is_empty_only_where_nothing_else_is_allowed(pattern: str, text: str) -> None:
    """Many a pattern forgets that something has to stand there; a sign alone says no more."""
    assert made({"type": "string", "pattern": pattern}) == text


def test_every_member_of_a_set_is_tried() -> None:
    """Also a character of a script that no plain text has."""
    assert "АА" in words_in_common(["^[АБ]{2}$"], barred=["Б"])


def test_an_optional_property_takes_only_itself_down() -> None:
    """What cannot be made is left out where it may be, and takes the whole down where it is required."""
    impossible = {"type": "string", "format": "date", "pattern": "^x"}
    schema: dict[str, Any] = {
        "type": "object",
        "required": ["id"],
        "properties": {"id": {"type": "integer"}, "day": impossible},
    }

    assert made(schema) == {"id": 1}
    with pytest.raises(UnsatisfiableError):
        made({**schema, "required": ["day"]})


def test_an_example_beside_an_enum_is_served() -> None:
    """An example that is a member goes before the first member; one that is none does not."""
    assert made({"type": "string", "enum": ["desk", "wall"], "example": "wall"}) == "wall"
    assert made({"type": "string", "enum": ["desk", "wall"], "example": "roof"}) == "desk"


def test_the_example_of_one_part_is_completed_by_the_others() -> None:
    """A part of allOf has an example of its own properties; those of the others are made."""
    lamp = {
        "type": "object",
        "required": ["id"],
        "properties": {"id": {"type": "integer"}, "name": {"type": "string"}},
        "example": {"id": 7, "name": "Lamp"},
    }
    desk = {"type": "object", "required": ["watt"], "properties": {"watt": {"type": "integer"}}}

    assert made({"allOf": [lamp, desk]}) == {"id": 7, "name": "Lamp", "watt": 1}


@pytest.mark.parametrize("seed", [None, 1, 2, 3])
def test_values_are_steered(seed: int | None) -> None:
    """`x-mock-value` is a constant or a list to choose from, `x-mock-length` a count of items."""
    value = made(
        {
            "type": "object",
            "required": ["a", "b", "c", "d"],
            "properties": {
                "a": {"type": "string", "x-mock-value": "always"},
                "b": {"type": "integer", "x-mock-value": [3, 5]},
                "c": {
                    "type": "array",
                    "items": {"type": "boolean"},
                    "x-mock-length": {"min": 2, "max": 4},
                },
                "d": {"type": "string", "x-mock-value": 5},
            },
        },
        seed,
    )

    assert value["a"] == "always"
    assert value["b"] in (3, 5)
    assert 2 <= len(value["c"]) <= 4
    assert isinstance(value["d"], str)


@pytest.mark.parametrize("seed", range(20))
def test_a_multiple_is_one_for_floats_too(seed: int) -> None:
    """Validators that divide floats find a rest in 20.33 / 0.01; other multiples have none."""
    value = made({"type": "number", "multipleOf": 0.01, "minimum": 0.05, "maximum": 100}, seed)

    assert (value / 0.01).is_integer()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("pattern", "shortest"),
    [
        (r"^(?=(a+)+b)(.*)\1$", 100_000),
        (r"^((a{300}){300}){300}$", 0),
    ],
)
def test_what_no_string_matches_is_given_up(pattern: str, shortest: int) -> None:
    """Forty attempts at texts of a hundred thousand characters would take minutes."""
    began = time.process_time()
    deque(strings_matching(pattern, None, shortest), maxlen=0)

    assert time.process_time() - began < 6
