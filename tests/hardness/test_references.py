"""Graphs of references that are made to have no end, or two to the power of thirty ways."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conformance.lint import lint
from mock_server import create_app
from spec import Contract, ContractError, Direction, load
from spec.schemas.keywords import CHOICES

pytestmark = pytest.mark.slow

SOON = 10.0
"""Seconds of processor time; generous, since what goes wrong here takes minutes or for ever."""
DEPTH = 30
VALUES: tuple[Any, ...] = ({}, {"w": 1}, [], "text", None, {"a": {"a": {"b": 1}}})


def contract_of(folder: Path, components: dict[str, Any], schema: Any = None) -> Path:
    """A contract that takes and gives values of the schema A, and refers to all components."""
    schema = {"$ref": "#/components/schemas/A"} if schema is None else schema
    content = {"application/json": {"schema": schema}}
    operation = {
        "parameters": [{"name": "q", "in": "query", "schema": schema}],
        "requestBody": {"content": content},
        "responses": {"200": {"description": "ok", "content": content}},
    }
    document = {
        "openapi": "3.1.0",
        "info": {"title": "Hostile", "version": "1"},
        "paths": {"/x": {"post": operation}},
        "components": components,
    }
    file = folder / "contract.json"
    file.write_text(json.dumps(document))
    return file


def served(file: Path) -> Contract:
    """The contract after everything that a start, a reload and `lint` do with it."""
    begun = time.process_time()
    contract = load(file)
    contract.check_schemas()
    app = create_app(contract)
    assert app.unserved is not None
    schema = contract.schema("#/components/schemas/A")
    for value in VALUES:
        contract.violations(schema, Direction.RESPONSE, value)
    lint(contract)
    assert time.process_time() - begun < SOON
    return contract


def reference(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


@pytest.mark.parametrize(
    "schemas",
    [
        pytest.param({"A": reference("A")}, id="itself"),
        pytest.param({"A": reference("B"), "B": reference("A")}, id="two"),
        pytest.param({"A": {"$dynamicRef": "#/components/schemas/A"}}, id="dynamic"),
        pytest.param({"A": {"allOf": [reference("A")]}}, id="allOf"),
        pytest.param(
            {"A": {"allOf": [reference("B")]}, "B": {"allOf": [reference("A")]}}, id="allOf of two"
        ),
        pytest.param(
            {
                "A": {
                    "$ref": "#/components/schemas/A/allOf/0",
                    "allOf": [{"$ref": "#/components/schemas/A"}],
                }
            },
            id="member",
        ),
    ],
)
def test_a_schema_that_is_nothing_but_a_reference_to_itself(
    tmp_path: Path, schemas: dict[str, Any]
) -> None:
    """It is told with its line, and all else is served."""
    contract = served(contract_of(tmp_path, {"schemas": schemas}))

    told = [fault for fault in contract.faults if "refers back to itself" in fault.what]
    assert len(told) == 1
    assert told[0].place.line == 1


@pytest.mark.parametrize(
    "schema",
    [
        {"anyOf": [reference("A"), {"type": "string"}]},
        {"oneOf": [reference("A"), {"type": "string"}]},
        {"not": reference("A")},
        {"if": reference("A"), "then": reference("A")},
        {"dependentSchemas": {"x": reference("A")}},
        {"properties": {"x": reference("A")}, "required": ["x"]},
        {"items": reference("A"), "minItems": 1},
        {"prefixItems": [reference("A")], "minItems": 1},
        {"contains": reference("A")},
        {"additionalProperties": reference("A"), "minProperties": 1},
        {"unevaluatedProperties": reference("A"), "allOf": [{"required": ["x"]}]},
        {"propertyNames": reference("A"), "minProperties": 2},
    ],
    ids=lambda schema: next(iter(schema)),
)
def test_a_schema_that_contains_itself(tmp_path: Path, schema: dict[str, Any]) -> None:
    """Recursion of every keyword ends."""
    served(contract_of(tmp_path, {"schemas": {"A": schema}}))


IN_PLACE: dict[str, Callable[[dict[str, str]], dict[str, Any]]] = {
    "$ref": lambda below: below,
    "$dynamicRef": lambda below: {"$dynamicRef": below["$ref"]},
    "allOf": lambda below: {"allOf": [below]},
    "anyOf": lambda below: {"anyOf": [below, {"type": "integer"}]},
    "oneOf": lambda below: {"oneOf": [below, {"type": "integer"}]},
    "not": lambda below: {"not": below},
    "if": lambda below: {"if": below, "then": {"type": "string"}},
    "then": lambda below: {"if": {"type": "string"}, "then": below},
    "else": lambda below: {"if": {"type": "string"}, "else": below},
    "dependentSchemas": lambda below: {"dependentSchemas": {"x": below}},
}
"""A schema that asks another one of the same value."""


def chain(links: int, link: Callable[[dict[str, str]], dict[str, Any]]) -> dict[str, Any]:
    """Schemas of which each takes the next one."""
    made = {f"C{number}": link(reference(f"C{number + 1}")) for number in range(links)}
    return {"A": reference("C0"), **made, f"C{links}": {"type": "string"}}


@pytest.mark.parametrize("keyword", IN_PLACE)
def test_a_chain_for_one_value_is_refused(tmp_path: Path, keyword: str) -> None:
    """Validators descend one call for each link: thousands end the process."""
    with pytest.raises(ContractError, match="more than 200 schemas are asked of one value") as told:
        load(contract_of(tmp_path, {"schemas": chain(5_000, IN_PLACE[keyword])}))

    assert told.value.place is not None
    assert told.value.remedy


@pytest.mark.parametrize("keyword", IN_PLACE)
def test_a_chain_of_a_hundred_is_served(tmp_path: Path, keyword: str) -> None:
    """Nobody writes that many."""
    served(contract_of(tmp_path, {"schemas": chain(97, IN_PLACE[keyword])}))


@pytest.mark.parametrize(
    "link",
    [
        lambda below: {"properties": {"a": below}},
        lambda below: {"items": below},
        lambda below: {"additionalProperties": below},
    ],
    ids=["properties", "items", "additionalProperties"],
)
def test_a_chain_for_parts_of_a_value_is_served(tmp_path: Path, link: Any) -> None:
    """Each link is asked of another value."""
    assert load(contract_of(tmp_path, {"schemas": chain(1_000, link)})).faults == ()


def test_alternatives_beside_each_other_are_not_deep(tmp_path: Path) -> None:
    """Three hundred are many, and one level."""
    many = [{"const": number} for number in range(300)]

    assert load(contract_of(tmp_path, {"schemas": {"A": {"anyOf": many}}})).faults == ()


@pytest.mark.parametrize("keyword", CHOICES)
def test_a_circle_for_one_value_is_told(tmp_path: Path, keyword: str) -> None:
    """Whether a value is valid depends on whether it is valid."""
    schemas = {"A": IN_PLACE[keyword](reference("B")), "B": {"allOf": [reference("A")]}}

    [told] = load(contract_of(tmp_path, {"schemas": schemas})).faults

    assert (told.code, told.place.line) == ("endless-schema", 1)
    assert f"`{keyword}`" in told.what


OBJECT = {"type": "object", "required": ["x"]}
ENDLESS: dict[str, dict[str, Any]] = {
    "itself": {"A": {**OBJECT, "properties": {"x": reference("A")}}},
    "another": {
        "A": {**OBJECT, "properties": {"x": reference("B")}},
        "B": {"allOf": [{**OBJECT, "properties": {"x": reference("A")}}]},
    },
    "a list": {"A": {"type": "array", "minItems": 1, "items": reference("A")}},
    "every choice": {"A": {"oneOf": [{**OBJECT, "properties": {"x": reference("A")}}] * 2}},
}
ENDING: dict[str, dict[str, Any]] = {
    "optional": {"A": {"type": "object", "properties": {"x": reference("A")}}},
    "not an object": {"A": {"required": ["x"], "properties": {"x": reference("A")}}},
    "nullable": {
        "A": {**OBJECT, "properties": {"x": {"anyOf": [reference("A"), {"type": "null"}]}}}
    },
    "an empty list": {
        "A": {**OBJECT, "properties": {"x": {"type": "array", "items": reference("A")}}}
    },
    "the same value": {
        "A": {"oneOf": [reference("B")]},
        "B": {"type": "object", "allOf": [reference("A")]},
    },
}


@pytest.mark.parametrize("name", [*ENDLESS, *ENDING])
def test_a_schema_that_requires_itself_is_told(tmp_path: Path, name: str) -> None:
    """No value of it ends; one that ends by any way is not accused."""
    contract = load(contract_of(tmp_path, {"schemas": ENDLESS.get(name) or ENDING[name]}))
    contract.check_schemas()

    told = [one for one in contract.faults if "requires itself" in one.what]
    assert [(one.code, one.pointer) for one in told] == [
        ("unsatisfiable-schema", "#/components/schemas/A") for _ in range(name in ENDLESS)
    ]


@pytest.mark.parametrize(
    ("kind", "holder"),
    [
        ("responses", {"responses": {"200": {"$ref": "#/components/responses/A"}}}),
        ("parameters", {"parameters": [{"$ref": "#/components/parameters/A"}]}),
        ("requestBodies", {"requestBody": {"$ref": "#/components/requestBodies/A"}}),
        (
            "headers",
            {
                "responses": {
                    "200": {
                        "description": "ok",
                        "headers": {"X": {"$ref": "#/components/headers/A"}},
                    }
                }
            },
        ),
        (
            "links",
            {
                "responses": {
                    "200": {"description": "ok", "links": {"X": {"$ref": "#/components/links/A"}}}
                }
            },
        ),
        ("callbacks", {"callbacks": {"X": {"$ref": "#/components/callbacks/A"}}}),
        (
            "examples",
            {
                "responses": {
                    "200": {
                        "description": "ok",
                        "content": {
                            "application/json": {
                                "examples": {"X": {"$ref": "#/components/examples/A"}}
                            }
                        },
                    }
                }
            },
        ),
        ("pathItems", None),
    ],
)
def test_every_other_object_that_refers_to_itself(
    tmp_path: Path, kind: str, holder: dict[str, Any] | None
) -> None:
    """It is told, and the other operation is served."""
    file = contract_of(
        tmp_path,
        {
            "schemas": {"A": {"type": "string"}},
            kind: {
                "A": {"$ref": f"#/components/{kind}/B"},
                "B": {"$ref": f"#/components/{kind}/A"},
            },
        },
    )
    document = json.loads(file.read_text())
    fine = {"responses": {"200": {"description": "ok"}}}
    document["paths"]["/y"] = (
        {"$ref": "#/components/pathItems/A"} if holder is None else {"get": {**fine, **holder}}
    )
    file.write_text(json.dumps(document))

    contract = served(file)

    assert [fault.code for fault in contract.faults if "itself" in fault.what] == [
        "unresolved-reference"
    ]
    assert contract.operation("POST /x") is not None


def ladder(keyword: str, *, crossed: bool) -> dict[str, Any]:
    """Schemas of which each takes the next ones twice."""
    found: dict[str, Any] = {}
    for level in range(DEPTH):
        below = [f"L{level + 1}", f"M{level + 1}" if crossed else f"L{level + 1}"]
        for name in "LM" if crossed else "L":
            found[f"{name}{level}"] = {keyword: [reference(one) for one in below]}
    last = {"type": "object", "required": ["w"], "properties": {"w": {"type": "integer"}}}
    return {**found, f"L{DEPTH}": last, f"M{DEPTH}": last, "A": reference("L0")}


@pytest.mark.parametrize("crossed", [False, True], ids=["doubled", "crossed"])
def test_a_ladder_of_all_of_is_one_rule(tmp_path: Path, crossed: bool) -> None:
    """What must hold at once is asked once: 2^30 ways are one."""
    contract = served(contract_of(tmp_path, {"schemas": ladder("allOf", crossed=crossed)}))

    schema = contract.schema("#/components/schemas/A")
    assert contract.faults == ()
    assert contract.sample(schema, Direction.RESPONSE).keys() == {"w"}
    assert contract.violations(schema, Direction.RESPONSE, {"w": 1}) == ()
    assert [one.keyword for one in contract.violations(schema, Direction.RESPONSE, {})] == [
        "required"
    ]


@pytest.mark.parametrize("keyword", ["anyOf", "oneOf"])
@pytest.mark.parametrize("crossed", [False, True], ids=["doubled", "crossed"])
def test_a_ladder_of_choices_is_served_or_told(tmp_path: Path, keyword: str, crossed: bool) -> None:
    """2^30 choices are not tried; where they are left out, it is told with the line."""
    contract = served(contract_of(tmp_path, {"schemas": ladder(keyword, crossed=crossed)}))

    assert "too-many-choices" in {fault.code for fault in contract.faults}


@pytest.mark.parametrize(
    "level",
    [
        lambda inner: {"not": inner},
        lambda inner: {"allOf": [inner]},
        lambda inner: {"oneOf": [inner, {"const": 1}]},
        lambda inner: {"items": inner},
        lambda inner: {"properties": {"a": inner}, "required": ["a"]},
        lambda inner: {"if": inner, "then": inner},
    ],
    ids=["not", "allOf", "oneOf", "items", "properties", "if"],
)
def test_a_hundred_and_ninety_levels(tmp_path: Path, level: Any) -> None:
    """A document of 190 levels, all of them in one schema."""
    schema: Any = {"type": "string"}
    is_doubled = level({}).keys() == {"if", "then"}
    for _ in range(12 if is_doubled else 190):
        inner = level(schema)
        if _depth(inner) > 182:
            break
        schema = inner
    served(contract_of(tmp_path, {"schemas": {"A": schema}}))


def _depth(value: Any) -> int:
    if isinstance(value, dict):
        return 1 + max(map(_depth, value.values()), default=0)
    return 1 + max(map(_depth, value), default=0) if isinstance(value, list) else 0


@pytest.mark.slow
def test_a_hundred_thousand_members(tmp_path: Path) -> None:
    """Enums of that length, of texts and of objects, alone and together."""
    texts = [f"v{number}" for number in range(100_000)]
    objects = [{"id": number} for number in range(20_000)]
    served(
        contract_of(
            tmp_path,
            {
                "schemas": {
                    "A": {"allOf": [{"enum": texts}, {"enum": texts[50_000:]}]},
                    "B": {"enum": objects},
                }
            },
        )
    )


NAMES = st.sampled_from("ABCDEF")
REFERENCES = NAMES.map(reference)
SCHEMAS = st.one_of(
    REFERENCES,
    st.builds(lambda k, a: {k: a}, st.sampled_from(["not", "if", "items"]), REFERENCES),
    st.builds(
        lambda k, a: {k: a},
        st.sampled_from(["allOf", "anyOf", "oneOf", "prefixItems"]),
        st.lists(REFERENCES, min_size=1, max_size=4),
    ),
    st.builds(
        lambda a, b: {"properties": {"a": a, "b": b}, "required": ["a"]}, REFERENCES, REFERENCES
    ),
    st.builds(
        lambda a, b: {"$ref": a["$ref"], "discriminator": {"propertyName": "t"}, "oneOf": b},
        REFERENCES,
        st.lists(REFERENCES, min_size=1, max_size=3),
    ),
    st.just({"type": "object", "required": ["w"], "properties": {"w": {"readOnly": True}}}),
    st.just({"type": "string"}),
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(schemas=st.fixed_dictionaries(dict.fromkeys("ABCDEF", SCHEMAS)))
def test_any_graph_of_references(tmp_path: Path, schemas: dict[str, Any]) -> None:
    """Whatever refers to whatever: the start, the answers and `lint` end, and none fails."""
    served(contract_of(tmp_path, {"schemas": schemas}))


def test_a_reload_of_a_cycle_is_a_start_of_one(tmp_path: Path) -> None:
    """A contract that came to refer to itself is swapped in like any other."""
    app = create_app(load(contract_of(tmp_path, {"schemas": {"A": {"type": "string"}}})))
    begun = time.process_time()
    app.swap(load(contract_of(tmp_path, {"schemas": {"A": reference("A")}})))
    asyncio.run(app.warm_up())
    assert time.process_time() - begun < SOON
