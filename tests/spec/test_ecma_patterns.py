"""ECMA-262's patterns mean the same to the engine that judges them; its limits are not mistakes."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from spec import Contract, Direction
from spec.schemas.compiled import compile_schema
from spec.schemas.ecma_patterns import engine_pattern

Loader = Callable[..., Contract]


def contract_of(contract: Loader, pattern: str) -> Contract:
    """A contract whose one schema has the pattern."""
    quoted = pattern.replace("'", "''")
    schemas = f"{{A: {{type: string, pattern: '{quoted}'}}}}"
    return contract(f"paths: {{}}\ncomponents: {{schemas: {schemas}}}\n", version="3.1.0")


@pytest.mark.parametrize(
    ("pattern", "good", "bad"),
    [
        (r"^(?<side>left|right)-\k<side>$", "left-left", "left-right"),
        (r"^(a)(?<n>b)\k<n>\1$", "abba", "abab"),
        (r"^\k<later>(?<later>a)$", "a", "aa"),
        (r"^[(a](?<b>x)\k<b>$", "(xx", "(x("),
        (r"^[\w-.]+$", "a-.", "a b"),
        (r"^[\d-x]+$", "1-x", "y"),
        (r"^a{,3}$", "a{,3}", "aaa"),
        (r"^{{name}}$", "{{name}}", "name"),
        (r"^[^]$", "\n", ""),
        (r"^[\b]$", "\b", "b"),
        (r"^[[a]+$", "[a", "b"),
        (r"^\ud83d\ude00$", "\U0001f600", "x"),
        (r"^\<a\>$", "<a>", "a"),
        (r"^.{0,262144}$", "x" * 262_144, "x" * 262_145),
        (r"^[a-z ]{2,90000}$", "x" * 90_000, "x"),
    ],
)
def test_a_pattern_means_what_ecma_says(
    contract: Loader, pattern: str, good: str, bad: str
) -> None:
    """What the engine's syntax has otherwise, or cannot compile, is judged all the same."""
    read = contract_of(contract, pattern)
    schema = read.schema("#/components/schemas/A")
    judge = read.validator(schema, Direction.REQUEST)

    assert judge.is_valid(good)
    assert not judge.is_valid(bad)
    assert read.faults == ()


@pytest.mark.parametrize("pattern", ["[a-", "(?<x>a", "a(b", "*a", "[b-a]", "x{2,1}"])
def test_what_is_no_pattern_is_told(contract: Loader, pattern: str) -> None:
    """An open bracket is in no grammar: the author's mistake, and the rest is judged."""
    read = contract_of(contract, pattern)
    schema = read.schema("#/components/schemas/A")

    assert read.validator(schema, Direction.REQUEST).is_valid("anything")
    assert [fault.code for fault in read.faults] == ["invalid-pattern"]


@pytest.mark.parametrize("pattern", ["^(a.{0,400000}){2}$", "a" * 10_001])
def test_a_limit_of_the_engine_is_called_one(contract: Loader, pattern: str) -> None:
    """A pattern that is too large or too long for the engine is no mistake of its author."""
    read = contract_of(contract, pattern)
    schema = read.schema("#/components/schemas/A")
    read.validator(schema, Direction.REQUEST)

    assert [fault.code for fault in read.faults] == ["unchecked-pattern"]
    assert "no valid" not in str(read.faults[0])


@pytest.mark.parametrize(
    "pattern", [r"^[a-z0-9]+(?:-[a-z0-9]+)*$", r"^\d{3}-\d{4}$", r"^(?!x)(?<=a)?\p{L}+$", "a|b|"]
)
def test_what_both_read_alike_is_left_alone(pattern: str) -> None:
    """The translation changes nothing that needs no change."""
    assert engine_pattern(pattern) == pattern


@pytest.mark.parametrize("end", ["", r"\1", r"(?<last>b)\k<last>", r"(b)\1901"])
def test_groups_beyond_number_end_no_process(end: str) -> None:
    """The engine asks for memory by the square of the groups that it remembers: 120 GB for 50,000.

    It remembers those that something refers to.
    """
    pattern = engine_pattern(f"^{'(a|b)' * 1_900}{end}$")
    judge = compile_schema({"pattern": pattern})

    last = {"": "", r"\1": "a"}.get(end, "bb")
    assert judge.is_valid("a" * 1_900 + last)
    assert not judge.is_valid("a" * 1_899 + last)


def test_few_groups_stand_as_they_were_written() -> None:
    """Messages repeat a pattern."""
    assert engine_pattern("^(a)(b)$") == "^(a)(b)$"
