"""What a value fails below `oneOf` and `anyOf`: the alternative that was meant, however deep."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest

from spec import Contract, Direction

Load = Callable[..., Contract]

TREE = """
Node: {oneOf: [{$ref: '#/components/schemas/Row'}, {$ref: '#/components/schemas/Column'},
               {$ref: '#/components/schemas/Text'}]}
Row:
  type: object
  required: [type]
  properties:
    children: {type: array, items: {$ref: '#/components/schemas/Node'}}
    type: {enum: [row]}
Column:
  type: object
  required: [type]
  properties:
    children: {type: array, items: {$ref: '#/components/schemas/Node'}}
    type: {enum: [column]}
Text:
  type: object
  required: [type, text]
  properties: {type: {enum: [text]}, text: {type: string}}
"""


def told(contract: Load, schemas: str, value: Any, version: str = "3.0.3") -> list[tuple[str, str]]:
    """Where a value fails the first of these schemas, and by which keyword of the contract."""
    body = "\n".join(f"    {line}" for line in schemas.strip("\n").splitlines())
    read = contract(f"paths: {{}}\ncomponents:\n  schemas:\n{body}\n", version=version)
    first = next(iter(read.document["components"]["schemas"]))
    at = read.schema(f"#/components/schemas/{first}")
    found = read.violations(at, Direction.REQUEST, value)
    return [(one.pointer, one.schema_pointer.removeprefix("#/components/schemas")) for one in found]


@pytest.mark.parametrize("depth", [0, 1, 5, 60])
def test_a_fault_deep_in_a_tree(contract: Load, depth: int) -> None:
    """One wrong leaf is told where it is; the time does not grow to the power of the depth."""
    value: Any = {"type": "text", "text": 1}
    for _ in range(depth):
        value = {"type": "column", "children": [{"type": "text", "text": ""}, value]}
    begin = time.process_time()
    found = told(contract, TREE, value)

    assert found == [("/children/1" * depth + "/text", "/Text/properties/text/type")]
    assert time.process_time() - begin < 5


def test_many_faults_in_a_list(contract: Load) -> None:
    """Of a long list of faulty items the first thousand are told, each as it would be alone."""
    schemas = "S: {type: array, items: {anyOf: [{type: object, required: [a]}, {type: string}]}}"
    found = told(contract, schemas, [{}] * 3000)

    assert found == [(f"/{number}/a", "/S/items/anyOf/0/required") for number in range(1000)]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (5, [("", "/S/oneOf")]),
        (1, []),
        ("x", [("", "/S/oneOf")]),
    ],
    ids=["two fit", "one fits", "none fits"],
)
def test_an_alternative_that_fits_is_not_blamed(
    contract: Load, value: Any, expected: list[tuple[str, str]]
) -> None:
    """Where more than one fits, none of those that do not has anything to say."""
    schemas = "S: {oneOf: [{type: integer}, {type: number, minimum: 3}, {type: boolean}]}"

    assert told(contract, schemas, value) == expected


def test_alternatives_beside_other_keywords(contract: Load) -> None:
    """`allOf` of the contract keeps its numbers, and both kinds of alternatives speak."""
    schemas = """
S:
  type: object
  allOf: [{required: [x]}, {anyOf: [{required: [b, c]}]}]
  oneOf: [{properties: {'a/~%é': {type: object, anyOf: [{required: [d]}]}}}]
"""
    value = {"b": 1, "a/~%é": {}}

    assert sorted(told(contract, schemas, value)) == [
        ("/a~1~0%é/d", "/S/oneOf/0/properties/a~1~0%é/anyOf/0/required"),
        ("/c", "/S/allOf/1/anyOf/0/required"),
        ("/x", "/S/allOf/0/required"),
    ]


def test_what_alternatives_evaluate(contract: Load) -> None:
    """A property that an alternative knows is not unknown to the whole (2020-12 section 11)."""
    schemas = """
S:
  type: object
  required: [z]
  oneOf: [{required: [a], properties: {a: {type: integer}}}, {required: [b], properties: {b: {}}}]
  unevaluatedProperties: false
"""
    known = told(contract, schemas, {"a": 1}, "3.1.0")
    unknown = told(contract, schemas, {"a": 1, "c": 1, "z": 1}, "3.1.0")

    assert known == [("/z", "/S/required")]
    assert unknown[0] == ("", "/S/unevaluatedProperties")


def test_alternatives_of_an_inline_schema(contract: Load) -> None:
    """A schema that stands in an operation is explained like a named one."""
    read = contract("""
paths: {}
x-schema: {oneOf: [{type: object, properties: {a: {type: integer}}}]}
""")
    found = read.violations(read.schema("#/x-schema"), Direction.REQUEST, {"a": "b"})

    assert [(one.pointer, one.schema_pointer) for one in found] == [
        ("/a", "#/x-schema/oneOf/0/properties/a/type")
    ]


PETS = """
Pet:
  oneOf: [{$ref: '#/components/schemas/Cat'}, {$ref: '#/components/schemas/Dog'}]
  discriminator: {propertyName: kind, mapping: {kitty: '#/components/schemas/Cat'}}
Cat:
  type: object
  required: [kind, lives]
  properties: {kind: {type: string}, lives: {type: integer}}
Dog:
  type: object
  required: [kind, bark]
  properties: {kind: {type: string}, bark: {type: string}}
"""


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"kind": "cow"}, ("/kind", "discriminator")),
        ({"kind": 4}, ("/kind", "discriminator")),
        ({"lives": 4}, ("/kind", "required")),
        ({"kind": "kitty", "lives": "x"}, ("/lives", "type")),
        ({"kind": "Dog", "lives": "x", "bark": 1}, ("/bark", "type")),
        ({"kind": "kitty", "lives": 9, "bark": "wuff"}, ("", "oneOf")),
    ],
)
def test_a_discriminator_says_which_alternative_was_meant(
    contract: Load, value: Any, expected: tuple[str, str]
) -> None:
    """An unknown value is told with the known ones; a known one lets its alternative speak."""
    body = "\n".join(f"    {line}" for line in PETS.strip("\n").splitlines())
    read = contract(f"paths: {{}}\ncomponents:\n  schemas:\n{body}\n")
    at = read.schema("#/components/schemas/Pet")

    (found,) = read.violations(at, Direction.REQUEST, value)
    assert (found.pointer, found.keyword) == expected
    if found.keyword == "discriminator":
        assert 'must be one of "kitty", "Cat", "Dog"' in found.message


ROWS = """
Rows:
  maxItems: 199999
  items: {required: [name]}
  additionalProperties: {$ref: '#/components/schemas/Rows'}
"""
MANY, NAMED = 200_000, {"name": 1}


@pytest.mark.parametrize(
    ("value", "first", "number"),
    [
        pytest.param([{}] * MANY, ("/0/name", "/Rows/items/required"), 1_000, id="all"),
        pytest.param(
            [NAMED] * 20_000 + [{}], ("/20000/name", "/Rows/items/required"), 1, id="the last"
        ),
        pytest.param({"a": [{}] * MANY}, ("/a/0/name", "/Rows/items/required"), 1_000, id="below"),
        pytest.param([NAMED] * MANY, ("", "/Rows/maxItems"), 1, id="the list itself"),
    ],
)
def test_a_long_list_is_not_gone_through_for_its_first_failures(
    contract: Load, value: Any, first: tuple[str, str], number: int
) -> None:
    """The engine makes an error for each of a million items before it hands out the first one."""
    begun = time.process_time()
    found = told(contract, ROWS, value)

    assert found[0] == first
    assert len(found) == number
    assert time.process_time() - begun < 1
