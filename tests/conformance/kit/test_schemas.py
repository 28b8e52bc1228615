"""Good values, values that break one keyword, and values at the edge."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from conformance.cases.batches import pack
from conformance.cases.body_cases import body_cases
from conformance.cases.case import Unit, conflict
from conformance.cases.controls import candidates
from conformance.cases.edges import edge_units
from conformance.cases.operation_under_test import Carrier, Subject
from conformance.cases.parameter_cases import parameter_cases
from conformance.cases.presence import _constant_weight, full_bodies
from conformance.cases.valid_values import ValidValueBuilder
from conformance.clauses.derive import derive
from conformance.clauses.value_paths import DROP, EACH, expand, get, put
from conformance.http.credentials import Credentials
from spec import Contract, Direction, load
from tests.conformance.kit.running import contract_of

SCHEMA = """
paths:
  /things:
    post:
      requestBody:
        required: true
        content:
          application/json:
            schema: {schema}
      responses:
        '200': {{description: well}}
        '400': {{description: no}}
"""


def subject(folder: Path, schema: str) -> Subject:
    """An operation whose control and carriers are taken as accepted."""
    return subject_of(contract_of(folder, SCHEMA.format(schema=schema)))


def subject_of(contract: Contract) -> Subject:
    operation = contract.operations[0]
    control = next(candidates(contract, operation, Credentials()))
    made = Subject(
        builder=ValidValueBuilder(contract=contract),
        contract=contract,
        operation=operation,
        credentials=Credentials(),
        control=control,
        accepted=True,
    )
    grown = tuple(Carrier(draft=control.but(body=body)) for body in full_bodies(made))
    return made.but(carriers=grown)


def test_the_fullest_value_of_schemas_that_all_refer_to_each_other(tmp_path: Path) -> None:
    """It has the levels that can be sent: all of them would be more than any memory holds."""
    names = [f"S{number}" for number in range(12)]
    schemas = {
        name: {
            "type": "object",
            "properties": {
                "own": {"type": "string"},
                **{one.lower(): {"$ref": f"#/components/schemas/{one}"} for one in names},
            },
        }
        for name in names
    }
    text = SCHEMA.format(schema="{$ref: '#/components/schemas/S0'}")
    contract = contract_of(tmp_path, f"{text}components: {json.dumps({'schemas': schemas})}\n")
    schema = contract.operations[0].request_content[0].schema
    assert schema is not None

    full = ValidValueBuilder(contract=contract).full(schema)

    assert full.keys() == {"own", *(name.lower() for name in names[1:])}
    assert all("own" in one for one in full.values() if isinstance(one, dict))


@pytest.mark.parametrize(
    ("example", "full"),
    [
        ("Asia/Tokyo", {"zone": "Asia/Tokyo"}),
        ("null", {"zone": "string"}),
        ("7", {"zone": "string"}),
        ("{a: 1}", {"zone": "string"}),
    ],
)
def test_the_fullest_value_has_the_example_beside_alternatives(
    tmp_path: Path, example: str, full: Any
) -> None:
    """A made-up time zone would be refused, and the alternative blamed; null is not full."""
    types = "anyOf: [{type: string}, {type: 'null'}, {type: object}]"
    zone = f"{{{types}, examples: [{example}]}}"
    made = subject(tmp_path, f"{{type: object, properties: {{zone: {zone}}}}}")
    schema = made.operation.request_content[0].schema
    assert schema is not None

    assert made.builder.full(schema) == full


CARD = "properties: {kind: {enum: [card, cash]}, number: {type: string}}"
OF_2020_12 = {
    "not": "{type: string, not: {enum: [admin]}}",
    "not-together": f"{{type: object, {CARD}, not: {{properties: {{kind: {{const: cash}}}}, "
    "required: [kind]}}",
    "not-both": f"{{type: object, {CARD}, not: {{required: [kind, number]}}}}",
    "not-any": f"{{type: object, {CARD}, not: {{anyOf: [{{required: [number]}}, "
    "{required: [kind]}]}}",
    "not-unnamed": "{type: object, not: {required: [kind, number], properties: {kind: "
    "{const: cash}}}}",
    "if": f"{{type: object, required: [kind, number], {CARD}, if: {{properties: {{kind: "
    "{const: card}}}, then: {properties: {number: {minLength: 3}}}}",
    "else": f"{{type: object, required: [kind], {CARD}, if: {{properties: {{kind: {{const: "
    "card}}}, else: {required: [number]}}",
    "propertyNames": "{type: object, propertyNames: {pattern: '^[a-z]+$'}}",
    "oneOf": "{oneOf: [{type: object, required: [a], properties: {a: {type: integer}}}, "
    "{type: object, required: [b], properties: {b: {type: integer}}}]}",
    "items": "{type: array, minItems: 1, prefixItems: [{type: string}], items: false}",
    "unevaluatedItems": "{type: array, minItems: 1, prefixItems: [{type: string}], "
    "unevaluatedItems: false}",
    "unevaluatedProperties": "{allOf: [{type: object, required: [a], properties: {a: {type: "
    "integer}}}], unevaluatedProperties: false}",
}
"""Keywords that name no value which they exclude: one has to be made."""


@pytest.mark.parametrize("name", OF_2020_12)
def test_what_a_schema_excludes_without_naming_it_is_sent(tmp_path: Path, name: str) -> None:
    """As the only fault of the body, and the contract has a clause for it."""
    file = tmp_path / "contract.yaml"
    info = "openapi: 3.1.0\ninfo: {title: T, version: '1'}\n"
    file.write_text(info + SCHEMA.format(schema=OF_2020_12[name]), "utf-8")
    made = subject_of(load(file))
    keyword = "if" if name == "else" else name.partition("-")[0]
    assert made.media_type is not None
    assert made.media_type.schema is not None
    schema = made.media_type.schema
    clause = f"POST /things body.{keyword}"
    judged = [
        made.contract.violations(schema, Direction.REQUEST, case.draft.body)
        for case in body_cases(made)
        if case.clause == clause and case.draft
    ]

    assert clause in {one.id for one in derive(made.contract)}
    assert any(len(found) == 1 for found in judged)
    assert all(judged)


@pytest.mark.parametrize(
    ("schema", "clause"),
    [
        pytest.param("{type: object, required: [a]}", "body.a.required", id="required"),
        pytest.param("{type: integer}", "body.type", id="type"),
        pytest.param("{type: string, enum: [a, b]}", "body.enum", id="enum"),
        pytest.param("{type: number, maximum: 2}", "body.maximum", id="maximum"),
        pytest.param("{type: number, minimum: 2}", "body.minimum", id="minimum"),
        pytest.param(
            "{type: number, minimum: 2, exclusiveMinimum: true}", "body.minimum", id="exclusive"
        ),
        pytest.param("{type: integer, multipleOf: 5}", "body.multipleOf", id="multiple"),
        pytest.param("{type: string, minLength: 3}", "body.minLength", id="min-length"),
        pytest.param("{type: string, maxLength: 3}", "body.maxLength", id="max-length"),
        pytest.param("{type: string, pattern: '^[a-z]+$'}", "body.pattern", id="pattern"),
        pytest.param("{type: string, format: uuid}", "body.format", id="format"),
        pytest.param("{type: array, items: {}, minItems: 2}", "body.minItems", id="min-items"),
        pytest.param(
            "{type: array, items: {type: string}, minItems: 1, maxItems: 2}",
            "body.maxItems",
            id="max-items",
        ),
        pytest.param(
            "{type: array, items: {type: string}, minItems: 1, uniqueItems: true}",
            "body.uniqueItems",
            id="unique",
        ),
        pytest.param(
            "{type: object, minProperties: 1, properties: {a: {type: string}}}",
            "body.minProperties",
            id="min-properties",
        ),
        pytest.param(
            "{type: object, additionalProperties: false, properties: {a: {type: string}}}",
            "body.additionalProperties",
            id="closed",
        ),
        pytest.param(
            "{type: object, properties: {a: {oneOf: [{type: string}, {type: array, items: "
            "{type: integer}}]}}}",
            "body.a.oneOf[1][].type",
            id="in-an-alternative",
        ),
        pytest.param(
            "{allOf: [{type: object, required: [a]}, {type: object, properties: {a: "
            "{type: boolean}}}]}",
            "body.allOf[1].a.type",
            id="in-a-part",
        ),
    ],
)
def test_each_keyword_is_broken_by_a_case_of_its_own(
    tmp_path: Path, schema: str, clause: str
) -> None:
    """There is a case for the clause, and the contract forbids every body that is sent."""
    made = subject(tmp_path, schema)
    media_type = made.media_type
    assert media_type is not None
    assert media_type.schema is not None

    cases = list(body_cases(made))

    assert clause in {case.clause.split(" ", 2)[-1] for case in cases}
    for case in cases:
        assert case.draft is not None
        assert made.contract.violations(media_type.schema, Direction.REQUEST, case.draft.body)


@pytest.mark.parametrize(("least", "most"), [(1, 3), (2, 2), (0, 9)])
def test_a_text_that_breaks_a_pattern_has_an_allowed_length(
    tmp_path: Path, least: int, most: int
) -> None:
    """An empty text that is accepted says of `minLength` that it is not checked, and no more."""
    text = f"{{type: string, pattern: '^[a-z]+$', minLength: {least}, maxLength: {most}}}"
    made = subject(tmp_path, f"{{type: object, required: [a], properties: {{a: {text}}}}}")

    sent = [
        case.request.body for case in body_cases(made) if case.clause.endswith("body.a.pattern")
    ]

    assert sent
    assert all(least <= len(json.loads(one or b"")["a"]) <= most for one in sent)


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        pytest.param("{type: number, maximum: 2}", 2, id="the-bound-itself"),
        pytest.param("{type: string, enum: [a, b]}", "b", id="each-member"),
        pytest.param("{type: boolean}", False, id="both-booleans"),
        pytest.param("{type: string, nullable: true}", None, id="null"),
        pytest.param("{type: string}", "", id="the-empty-string"),
        pytest.param("{type: string, maxLength: 3}", "😀😀😀", id="characters-not-units"),
        pytest.param("{type: array, items: {}}", [], id="the-empty-array"),
    ],
)
def test_edges(tmp_path: Path, schema: str, value: Any) -> None:
    """The value is among those that must be accepted."""
    made = subject(tmp_path, schema)

    sent = [unit.apply(made.control).body for unit in edge_units(made)]

    assert value in sent


def test_put_leaves_the_original_alone() -> None:
    """A change is a copy; DROP takes out; a missing parent is made."""
    good = {"a": [{"b": 1}, {"b": 2}]}

    assert put(good, ("a", 1, "b"), 3) == {"a": [{"b": 1}, {"b": 3}]}
    assert put(good, ("a", 0), DROP) == {"a": [{"b": 2}]}
    assert put(good, ("c", "d"), 1) == {**good, "c": {"d": 1}}
    assert good == {"a": [{"b": 1}, {"b": 2}]}


def test_expand_follows_every_item() -> None:
    """`messages[].role` leads to the role of each message."""
    value = {"messages": [{"role": "a"}, {}, {"role": "b"}]}

    paths = list(expand(value, ("messages", EACH, "role")))

    assert [get(value, path) for path in paths] == ["a", "b"]


@pytest.mark.parametrize("count", [2, 3, 6, 10, 20])
def test_each_is_sent_without_each_other(count: int) -> None:
    """Of any two things, some subset has the one and not the other, both ways round."""
    subsets = _constant_weight(count)

    for one in range(count):
        for other in range(count):
            if one != other:
                assert any(one in subset and other not in subset for subset in subsets)
    assert len(subsets) <= 6


def test_packing_keeps_conflicts_apart() -> None:
    """Two values of one place do not travel together, and one group takes all that can."""
    units = [
        Unit(clause="c", label=name, slot=slot, apply=lambda draft: draft)
        for name, slot in {"a": ("x",), "b": ("x", "y"), "c": ("z",)}.items()
    ]

    groups = pack(units)

    assert [[unit.label for unit in group] for group in groups] == [["a", "c"], ["b"]]
    assert conflict(("x",), ("x", "y"))
    assert not conflict(("x", "a"), ("x", "y"))


def test_a_required_parameter_of_any_type_is_sent(tmp_path: Path) -> None:
    """An empty object writes nothing into a query or a path, where something is demanded."""
    contract = contract_of(
        tmp_path,
        """
paths:
  /a/{free}:
    get:
      parameters:
        - {name: free, in: path, required: true, schema: {type: object}}
        - {name: any, in: query, required: true, schema: {}}
        - {name: none, in: query, required: true, schema: {nullable: true, enum: [null, x]}}
        - {name: spread, in: query, required: true, schema: {type: object}}
        - {name: Content-Length, in: header, required: true, schema: {type: integer}}
      responses: {'204': {description: d}}
""",
    )
    control = next(candidates(contract, contract.operations[0], Credentials()))

    assert control.segments == {"free": "x,1"}
    assert control.query == (("any", "1"), ("none", "x"))
    assert [name for name, _ in control.headers if name == "Content-Length"] == []


@pytest.mark.parametrize(
    "schema",
    [
        "{type: object, required: [x], properties: {x: {type: integer}}}",
        "{anyOf: [{type: object, required: [x], properties: {x: {type: integer}}},"
        " {type: object, required: [y], properties: {y: {type: string}}}]}",
    ],
    ids=["an object", "alternatives"],
)
def test_an_object_whose_properties_are_parameters_is_not_sent_by_its_own_name(
    tmp_path: Path, schema: str
) -> None:
    """Under its own name it is an unknown parameter, which a server ignores."""
    contract = contract_of(
        tmp_path,
        f"""
paths:
  /a:
    get:
      parameters:
        - {{name: whole, in: query, schema: {schema}}}
      responses: {{'204': {{description: d}}, '400': {{description: d}}}}
""",
    )
    drafts = [case.draft for case in parameter_cases(subject_of(contract))]
    sent = [name for draft in drafts if draft is not None for name, _ in draft.query]

    assert "x" in sent
    assert "whole" not in sent
