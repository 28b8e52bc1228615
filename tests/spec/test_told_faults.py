"""What the start and `lint` tell of a contract, beyond what keeps it from being served."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from spec import Contract, Direction

Load = Callable[..., Contract]
OF_SCHEMA = """\
paths:
  /a:
    post:
      requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/A'}}}}
      responses: {'204': {description: ok}}
components:
  schemas:
    A: SCHEMA
"""


def told(contract: Load, body: str) -> list[tuple[str, str]]:
    """The codes and pointers of the faults of a contract."""
    read = contract(body, version="3.1.0")
    read.check_schemas()
    return [(fault.code, fault.pointer) for fault in read.faults]


def of_schema(schema: str) -> str:
    """A contract whose one operation takes a schema, in flow style."""
    return OF_SCHEMA.replace("SCHEMA", schema)


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ("{type: integer, example: heavy}", [("faulty-example", "/example")]),
        ("{type: integer, examples: [1, heavy]}", [("faulty-example", "/examples/1")]),
        ("{type: integer, default: heavy}", [("faulty-default", "/default")]),
        (
            "{properties: {b: {type: integer, example: x}}}",
            [("faulty-example", "/properties/b/example")],
        ),
        ("{type: object, propertys: {}}", [("misspelt-key", "/propertys")]),
        ("{type: string, required: true}", [("malformed", "/required")]),
        ("{type: string, minimun: 1}", [("misspelt-key", "/minimun")]),
        ("{type: string, comment: x, id: 5, optional: true}", []),
        ("{type: string, example: x, title: t, x-y: 1}", []),
        (
            "{$schema: 'http://json-schema.org/draft-04/schema#'}",
            [("unsupported-dialect", "/$schema")],
        ),
        ("{type: integer, minimum: 5, maximum: 4}", [("unsatisfiable-schema", "")]),
        (
            "{required: [id, pin], properties: {id: {readOnly: true}, pin: {writeOnly: true}},"
            " example: {pin: x}}",
            [],
        ),
    ],
)
def test_schemas(contract: Load, schema: str, expected: list[tuple[str, str]]) -> None:
    """Faults of schemas are told at their pointers; what is allowed is not."""
    at = "#/components/schemas/A"
    found = told(contract, of_schema(schema))

    assert found == [(code, at + path) for code, path in expected]


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (
            of_schema("{type: object, properties: {required: [a]}}"),
            "`required` is a list, not a schema",
        ),
        (
            of_schema("{enum: [{a: 1}, [2]], example: {a: 2}}"),
            'the example must be one of {"a": 1}, [2], got an object of 1',
        ),
        (
            "components: {securitySchemes: {odd: {name: X-Key}}}\npaths: {}",
            "the security scheme 'odd' has no `type`",
        ),
    ],
    ids=["a list", "members with parts", "no type"],
)
def test_a_fault_says_what_is_there(contract: Load, body: str, sentence: str) -> None:
    """A list is named, a member of an enum is shown, and what is missing is not called unknown."""
    read = contract(body, version="3.1.0")
    read.check_schemas()

    assert sentence in [fault.what for fault in read.faults]


def test_an_example_that_breaks_a_format_alone_is_harmless(contract: Load) -> None:
    """It is told, and served all the same."""
    read = contract(of_schema("{type: string, format: date, example: soon}"))
    read.check_schemas()

    assert [(fault.keyword, fault.harmless) for fault in read.faults] == [("format", True)]


def test_a_contradiction_of_parts_is_told_once(contract: Load) -> None:
    """However many operations lead to it."""
    body = of_schema("{allOf: [{$ref: '#/components/schemas/B'}, {type: string}]}")
    body += "    B: {type: integer}\n"

    assert [code for code, _ in told(contract, body)] == ["unsatisfiable-schema"]


@pytest.mark.parametrize(
    "name", ["Accept", "Content-Type", "AUTHORIZATION", "Content-Length", "host"]
)
def test_a_header_that_openapi_ignores(name: str, contract: Load) -> None:
    """As a parameter it promises nothing (OpenAPI 4.7.12), or HTTP itself writes it."""
    body = (
        f"paths: {{/a: {{get: {{parameters: [{{name: {name}, in: header, required: true, schema: "
        "{}}], responses: {'204': {description: ok}}}}}\n"
    )

    assert told(contract, body) == [("ignored-parameter", "#/paths/~1a/get/parameters/0")]
    assert contract(body).operations[0].parameters == ()


def test_a_length_that_is_written_as_a_pattern_is_a_length(contract: Load) -> None:
    """It is checked, and no fault of the author that no engine compiles it."""
    read = contract(of_schema("{type: string, pattern: '^.{2,262144}$'}"))
    read.check_schemas()
    schema = read.schema("#/components/schemas/A")

    assert read.faults == ()
    assert read.violations(schema, Direction.REQUEST, "x" * 262144) == ()
    for wrong in ("x", "x" * 262145, "a\nb"):
        assert len(read.violations(schema, Direction.REQUEST, wrong)) == 1


@pytest.mark.parametrize(
    ("pattern", "good", "wrong"),
    [
        (r"^(?<side>left|right)-\k<side>$", "left-left", "left-right"),
        (r"^(a)(?<b>b|c)[(?<](?:x)\k<b>1$", "ac(xc1", "ac(xb1"),
        (r"^(?<=a|^)(?<q>['\"]).*\k<q>$", "'a'", "'a"),
    ],
)
def test_references_to_named_groups(contract: Load, pattern: str, good: str, wrong: str) -> None:
    """ECMA-262 has them, so they are no fault, and are checked."""
    read = contract(of_schema(json.dumps({"type": "string", "pattern": pattern})))
    read.check_schemas()
    schema = read.schema("#/components/schemas/A")

    assert read.faults == ()
    assert read.violations(schema, Direction.REQUEST, good) == ()
    assert len(read.violations(schema, Direction.REQUEST, wrong)) == 1


def test_what_another_file_says_is_looked_at_as_what_the_reference_says_it_is(
    contract: Load,
) -> None:
    """A contract of several files has the faults of all of them; so has a key of the author's."""
    body = """\
    paths:
      /a:
        post:
          requestBody: {content: {application/json: {schema: {$ref: lamp.yaml}}}}
          responses: {'204': {$ref: '#/x-answers/done'}}
      /b: {$ref: wall.yaml}
    x-answers: {done: {descripton: done}}
    """
    lamp = "properties: {a: {type: integer, default: heavy}, b: {typ: string}}"
    wall = "get: {paramters: [], parameters: [{name: q, in: query, requird: true, schema: {}}]}"
    read = contract(body, version="3.1.0", lamp=lamp, wall=wall)
    read.check_schemas()

    assert {(fault.code, fault.pointer.rpartition(".yaml/")[2]) for fault in read.faults} >= {
        ("faulty-default", "properties/a/default"),
        ("misspelt-key", "properties/b/typ"),
        ("unknown-key", "get/paramters"),
        ("misspelt-key", "get/parameters/0/requird"),
        ("misspelt-key", "#/x-answers/done/descripton"),
    }
