"""OpenAPI's schemas judge values as OpenAPI says, and tell every violation in words."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import jsonschema
import pytest

from spec import Contract, Direction, Schema
from spec.schemas.canonical_algebra import unsatisfiable

Load = Callable[..., Contract]

HEAD = """\
paths:
  /a:
    post:
      requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/S'}}}}
      responses: {'200': {description: d}}
components:
  schemas:
"""


def loaded(contract: Load, schemas: str, version: str = "3.0.3") -> tuple[Contract, Schema]:
    """A contract with these components, and the schema `S` where it is used."""
    indented = "".join(f"    {line}\n" for line in schemas.strip().splitlines())
    read = contract(HEAD + indented, version=version)
    assert read.operations[0].request_body is not None
    schema = read.operations[0].request_body.content[0].schema
    assert schema is not None
    return read, schema


CASES: list[tuple[str, str, list[Any], list[Any]]] = [
    ("nullable", "{type: string, nullable: true}", ["a", None], [1]),
    ("nullable-needs-type", "{nullable: true, enum: [a]}", ["a"], [None]),
    ("nullable-enum", "{type: string, nullable: true, enum: [a, null]}", ["a", None], ["b"]),
    ("exclusive", "{minimum: 1, exclusiveMinimum: true}", [1.1], [1]),
    ("not-exclusive", "{maximum: 1, exclusiveMaximum: false}", [1], [1.1]),
    ("ref-alone", "{$ref: '#/components/schemas/T', maxLength: 1}", ["abc"], [1]),
    ("int32", "{type: integer, format: int32}", [2**31 - 1, -(2**31)], [2**31, -(2**31) - 1]),
    ("int64", "{type: integer, format: int64}", [2**63 - 1], [2**63]),
    ("byte", "{type: string, format: byte}", ["", "YQ=="], ["YQ", "%%%%"]),
    ("date-time", "{type: string, format: date-time}", ["2024-01-01T00:00:00Z"], ["2024-01-01"]),
    ("pattern-is-ecma", "{type: string, pattern: '^\\d+$'}", ["12"], ["٣", "12\n"]),
    ("integer", "{type: integer}", [1, 1.0, 10**30], [1.5, "1", True]),
    ("lookahead", "{pattern: '^(?!x).*$'}", ["a"], ["x"]),
    ("number-limits", "{multipleOf: 0.01}", [0.07, 19.99], [0.001]),
]


@pytest.mark.parametrize(
    ("schema", "good", "bad"), [c[1:] for c in CASES], ids=[c[0] for c in CASES]
)
def test_a_3_0_schema_means_what_openapi_3_0_says(
    contract: Load, schema: str, good: list[Any], bad: list[Any]
) -> None:
    """Every keyword of the 3.0 dialect, from both sides."""
    read, at = loaded(contract, f"T: {{type: string}}\nS: {schema}")

    assert [read.violations(at, Direction.REQUEST, value) for value in good] == [()] * len(good)
    assert all(read.violations(at, Direction.REQUEST, value) for value in bad)


@pytest.mark.parametrize(
    ("schema", "good", "bad"),
    [
        ("{type: [string, 'null']}", ["a", None], [1]),
        ("{exclusiveMinimum: 1}", [2], [1]),
        ("{$ref: '#/components/schemas/T', maxLength: 1}", ["a"], ["ab", 1]),
        ("{const: 1}", [1], [2]),
        ("{prefixItems: [{type: string}], items: false}", [["a"], []], [["a", 1], [1]]),
        ("{type: string, nullable: true}", ["a"], [None]),
        ("{$ref: '#word'}", ["w"], [1]),
        ("{$ref: 'https://example.test/word'}", ["w"], [1]),
        ("{$defs: {d: {type: integer}}, properties: {a: {$ref: '#/components/schemas/S/$defs/d'}}}",
         [{"a": 1}], [{"a": "x"}]),
        ("{type: object, properties: {a: true}, unevaluatedProperties: false}", [{"a": 1}],
         [{"b": 1}]),
    ],
)  # fmt: skip
def test_a_3_1_schema_is_json_schema(
    contract: Load, schema: str, good: list[Any], bad: list[Any]
) -> None:
    """2020-12 with siblings of `$ref`, anchors and ids; `nullable` means nothing there."""
    read, at = loaded(
        contract,
        "T: {type: string, $anchor: word, $id: 'https://example.test/word'}\nS: " + schema,
        version="3.1.0",
    )

    assert [read.violations(at, Direction.REQUEST, value) for value in good] == [()] * len(good)
    assert all(read.violations(at, Direction.REQUEST, value) for value in bad)


def test_read_only_and_write_only_are_demanded_in_their_direction(contract: Load) -> None:
    """OpenAPI 3.0 section 4.7.24.2, also through `allOf` and a `$ref`."""
    read, at = loaded(
        contract,
        """
Id: {type: string, readOnly: true}
Base: {type: object, properties: {id: {$ref: '#/components/schemas/Id'}}}
S:
  allOf:
  - {$ref: '#/components/schemas/Base'}
  - type: object
    required: [id, password]
    properties: {password: {type: string, writeOnly: true}}
""",
    )

    assert read.violations(at, Direction.REQUEST, {"password": "p"}) == ()
    assert read.violations(at, Direction.RESPONSE, {"id": "1"}) == ()
    assert read.violations(at, Direction.REQUEST, {"id": "1"})[0].pointer == "/password"
    assert read.violations(at, Direction.RESPONSE, {"password": "p"})[0].pointer == "/id"


def test_a_recursive_schema_judges_every_depth(contract: Load) -> None:
    """The contract's own references are kept; nothing is unrolled."""
    read, at = loaded(
        contract,
        "S: {properties: {next: {$ref: '#/components/schemas/S'}, n: {type: integer}}}",
    )
    good: dict[str, Any] = {"n": 1}
    for _ in range(50):
        good = {"next": good}

    assert read.violations(at, Direction.REQUEST, good) == ()
    assert read.violations(at, Direction.REQUEST, {"next": {"n": "x"}})[0].pointer == "/next/n"


def test_a_standalone_schema_needs_no_document(contract: Load) -> None:
    """Another implementation can judge by it: no keyword of OpenAPI's is left."""
    read, at = loaded(
        contract,
        """
S:
  type: object
  description: prose
  properties:
    description: {type: string, nullable: true, x-note: 1}
    self: {$ref: '#/components/schemas/S'}
    other: {$ref: '#/components/schemas/a~1b'}
    alias: {$ref: '#/components/schemas/a%7E1b'}
a/b: {type: integer}
""",
    )
    schema = read.standalone(at, Direction.REQUEST)

    assert schema == {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$ref": "#/$defs/S",
        "$defs": {
            "S": {
                "type": "object",
                "properties": {
                    "description": {"type": ["string", "null"]},
                    "self": {"$ref": "#/$defs/S"},
                    "other": {"$ref": "#/$defs/a_b"},
                    "alias": {"$ref": "#/$defs/a_b"},
                },
            },
            "a_b": {"type": "integer"},
        },
    }
    jsonschema.Draft202012Validator.check_schema(schema)
    judge = jsonschema.Draft202012Validator(schema)
    assert judge.is_valid({"self": {"other": 1, "description": None}})
    assert not judge.is_valid({"self": {"alias": "1"}})


def test_every_violation_is_told_with_both_pointers(contract: Load) -> None:
    """Not the first one only; each leads into the value and into the contract."""
    read, at = loaded(
        contract,
        """
S:
  type: object
  required: [a, b]
  properties:
    b: {type: array, items: {$ref: '#/components/schemas/T'}}
    c: {type: integer, maximum: 3}
T: {enum: [x, y]}
""",
    )
    found = read.violations(at, Direction.REQUEST, {"b": ["x", "X"], "c": 4})

    assert {(one.pointer, one.keyword, one.message, one.schema_pointer) for one in found} == {
        ("/a", "required", "is required", "#/components/schemas/S/required"),
        ("/b/1", "enum", 'must be one of "x", "y", got "X"', "#/components/schemas/T/enum"),
        (
            "/c",
            "maximum",
            "must be at most 3, got 4",
            "#/components/schemas/S/properties/c/maximum",
        ),
    }


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ({"kind": "cat", "lives": "9"}, [("/lives", "must be an integer, got a string")]),
        ({"kind": "dog"}, [("/name", "is required")]),
        ("tom", [("", '"tom" does not fit exactly one of the alternatives')]),
        ({"kind": "cow"}, [("", "an object of 1 does not fit exactly one of the alternatives")]),
    ],
)
def test_the_nearest_alternative_speaks(
    contract: Load, value: Any, told: list[tuple[str, str]]
) -> None:
    """A branch of another type, or with another constant, was not meant."""
    read, at = loaded(
        contract,
        """
S:
  oneOf:
  - {type: object, required: [kind], properties: {kind: {enum: [cat]}, lives: {type: integer}}}
  - {type: object, required: [kind, name], properties: {kind: {enum: [dog]}}}
""",
    )
    found = read.violations(at, Direction.REQUEST, value)

    assert [(one.pointer, one.message) for one in found] == told


def test_no_message_repeats_a_large_value(contract: Load) -> None:
    """A message about 5 MB fits on a line, and takes no time."""
    read, at = loaded(contract, "S: {enum: [a]}")
    found = read.violations(at, Direction.REQUEST, "x" * 5_000_000)

    assert len(found[0].message) < 120


def test_a_fault_too_deep_to_be_shown_is_still_a_fault(contract: Load) -> None:
    """The validator cannot hand out a part of more than 255 levels; the value is refused."""
    read, at = loaded(contract, "S: {type: object, properties: {a: {type: string}}}")
    deep: list[Any] = []
    for _ in range(300):
        deep = [deep]
    found = read.violations(at, Direction.REQUEST, {"a": deep})

    assert [one.keyword for one in found] == ["nesting"]


@pytest.mark.parametrize("pattern", ["^(a+)+$", "^(?=(a|aa)+$)(a|a)*b$", "(.*)*x"])
def test_a_pattern_cannot_stall(contract: Load, pattern: str) -> None:
    """Patterns run in linear time, or give up at a limit and then accuse nobody."""
    read, at = loaded(contract, f"S: {{type: string, pattern: '{pattern}'}}")
    start = time.process_time()
    read.violations(at, Direction.REQUEST, "a" * 5000 + "!")

    assert time.process_time() - start < 2


@pytest.mark.parametrize(
    ("schema", "code", "pointer"),
    [
        ("{type: strnig}", "invalid-schema", "S/type"),
        ("{properties: {a: {pattern: '(a'}}}", "invalid-pattern", "S/properties/a/pattern"),
        ("{minLength: -1, maxLength: 3}", "invalid-schema", "S/minLength"),
        ("{required: [1]}", "invalid-schema", "S/required"),
    ],
)
def test_a_broken_keyword_is_reported_and_the_rest_judges(
    contract: Load, schema: str, code: str, pointer: str
) -> None:
    """One bad pattern does not silence its schema."""
    inner = schema.removeprefix("{").removesuffix("}")
    read, at = loaded(contract, f"S: {{{inner}, maxProperties: 1}}")

    assert read.violations(at, Direction.REQUEST, {"a": 1, "b": 2})[0].keyword == "maxProperties"
    fault = read.faults[0]
    assert (fault.code, fault.pointer) == (code, f"#/components/schemas/{pointer}")
    assert fault.place.line == 10


def test_a_shared_schema_is_compiled_once(contract: Load) -> None:
    """Asking twice gives the same validator."""
    read, at = loaded(contract, "S: {type: string}")

    assert read.validator(at, Direction.REQUEST) is read.validator(at, Direction.REQUEST)


@pytest.mark.parametrize(
    ("schema", "value", "keyword"),
    [("{type: integer}", "\ud800", "type"), ("{maxLength: 1}", "\ud800a", "maxLength")],
)
def test_a_lone_surrogate_is_one_character_of_a_text(
    contract: Load, schema: str, value: str, keyword: str
) -> None:
    """No validator takes one, so it is judged, and told, as the character in its place."""
    read, found = loaded(contract, f"S: {{properties: {{a: {schema}}}}}")

    (violation,) = read.violations(found, Direction.RESPONSE, {"a": value})
    assert (violation.pointer, violation.keyword) == ("/a", keyword)
    assert read.violations(found, Direction.RESPONSE, {"b": value}) == ()


@pytest.mark.parametrize("is_named", [False, True])
def test_what_holds_at_once_is_bounded_for_the_algebra(is_named: bool) -> None:
    """It takes the square of their number in time and memory: minutes and 40 GB for 50,000."""

    def together(number: int) -> dict[str, Any]:
        members = [{"required": [f"r{at}"]} for at in range(number)]
        if not is_named:
            return {"allOf": members}
        named = {f"S{at}": member for at, member in enumerate(members)}
        return {"allOf": [{"$ref": f"#/$defs/{name}"} for name in named], "$defs": named}

    assert unsatisfiable(together(100)) == {}
    with pytest.raises(ValueError, match="hold at once"):
        unsatisfiable(together(301))
