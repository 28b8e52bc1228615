"""Contracts' parts that are made to exhaust whoever reads them, as YAML in flow style."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

__all__ = ["BOMBS", "EVIL_PATTERNS", "SCHEMAS"]

SELF = "{$ref: '#/components/schemas/X'}"

EVIL_PATTERNS = {
    "^(a+)+$": "a",
    "^(a|a)*$": "a",
    "^(a|aa)+$": "a",
    "^(.*a){20}$": "a",
    "^([a-zA-Z]+)*$": "a",
    "^(?=(a+)+$)a+$": "a",
    r"^(a+)+\1$": "a",
    r"^\s+\s+\s+$": " ",
    "(x+x+)+y": "x",
    "^(((a+)+)+)+$": "a",
}
"""Patterns, each with the letter of which it takes an exponential time to tell that it is none."""


def _listed(parts: Iterable[str]) -> str:
    return f"[{', '.join(parts)}]"


def _mapped(parts: Iterable[tuple[str, str]]) -> str:
    return "{" + ", ".join(f"{name}: {value}" for name, value in parts) + "}"


def _doubling(first: str, step: str) -> str:
    """Lines a to j, of which each says the line before it nine times."""
    names = "abcdefghij"
    lines = [
        f"{name}: &{name} {_listed([f'*{before}'] * 9)}"
        if step == "list"
        else f"{name}: &{name} {_mapped((f'k{n}', f'*{before}') for n in range(9))}"
        for before, name in pairwise(names)
    ]
    return "\n".join([f"a: &a {first}", *lines]) + "\n"


def _tree() -> str:
    """Ten properties at each of nine levels: a thousand million values."""
    levels = [
        f"    T{level}: {{type: object, properties: "
        + _mapped((f"p{n}", f"{{$ref: '#/components/schemas/T{level + 1}'}}") for n in range(10))
        + "}"
        for level in range(9)
    ]
    return "\n".join(["{$ref: '#/components/schemas/T0'}", *levels, "    T9: {type: string}"])


def _choices() -> str:
    """Twenty times a choice of twenty."""
    forks = (
        f"{{anyOf: {_listed(f'{{required: [r{a}x{b}]}}' for b in range(20))}}}" for a in range(20)
    )
    return f"{{allOf: {_listed(forks)}}}"


def _contradictions() -> str:
    """Twenty choices of two constants, of which no two agree."""
    forks = (f"{{anyOf: [{{const: {a}}}, {{const: {a + 1}}}]}}" for a in range(0, 40, 2))
    return f"{{allOf: {_listed(forks)}}}"


def _properties(count: int) -> str:
    return _mapped((f"p{n}", "{type: string}") for n in range(count))


BOMBS = {
    "aliases": _doubling("[x, x, x]", "list"),
    "mappings": _doubling("{x: 1}", "mapping"),
    "an alias to itself": "a: &a [*a]\n",
    "nesting": "a: " + "[" * 100_000 + "]" * 100_000 + "\n",
    "block nesting": "".join(" " * n + "a:\n" for n in range(2_000)),
}

SCHEMAS = {
    "itself": SELF,
    "itself in allOf": f"{{allOf: [{SELF}], type: object}}",
    "itself, demanded": f"{{type: object, required: [x], properties: {{x: {SELF}}}}}",
    "itself, negated": f"{{not: {SELF}}}",
    "a billion items": "{type: array, minItems: 1000000000, items: {type: string}}",
    "a trillion characters": "{type: string, minLength: 1000000000000}",
    "a thousand characters": "{type: string, pattern: '^a{1000}$', minLength: 1000}",
    "repeats of repeats": "{type: string, pattern: '^((((a{99}){99}){99}){99})$'}",
    "a tiny step": "{type: number, multipleOf: 1.0e-300, minimum: 1}",
    "huge numbers": "{type: number, minimum: 1.0e+308, maximum: 1.1e+308}",
    "numbers beyond floats": f"{{type: integer, minimum: 1{'0' * 400}}}",
    "an enum of 50,000": f"{{enum: {_listed(f'v{n}' for n in range(50_000))}}}",
    "5,000 properties": f"{{type: object, properties: {_properties(5_000)}}}",
    "a wide and deep tree": _tree(),
    "the same eight times": f"{{oneOf: {_listed(['{oneOf: [{type: integer}, {}]}'] * 8)}}}",
    "20 choices of 20": _choices(),
    "choices that contradict": _contradictions(),
    "names by an evil pattern": (
        "{type: object, minProperties: 20, propertyNames: {pattern: '^(a|a)*b$'}}"
    ),
    "unsatisfiable": "{type: string, minLength: 5, maxLength: 3}",
    "a lookahead that nothing meets": "{type: string, pattern: '^(?=a)(?=b)c$'}",
    "90 nested lists": "{items: " * 90 + "{type: string}" + "}" * 90,
}
