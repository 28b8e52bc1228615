"""Samples: valid whatever the schema, plain without a seed, varied and repeatable with one."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from typing import Any

import jsonschema
import pytest

from spec import AI_CONTRACT, Direction, UnsatisfiableError, compile_schema, load
from spec.sampling import Sampler, common_words, sample
from spec.sampling.minimum_depth import MinimumDepths
from spec.schemas.alternatives import SchemaValue
from tests.spec.families import schema_with_value

SEEDS = (None, 1, 2, 3)


def sampled(schema: SchemaValue, seed: int | None = None) -> Any:
    """A sample that our validator judges."""
    return sample(schema, seed=seed, is_valid=compile_schema(schema).is_valid)


def node(**properties: Any) -> dict[str, Any]:
    """A recursive definition."""
    return {
        "$ref": "#/$defs/Node",
        "$defs": {
            "Node": {"type": "object", "required": list(properties), "properties": properties}
        },
    }


SELF = {"$ref": "#/$defs/Node"}
TEXT, WHOLE = {"type": "string"}, {"type": "integer"}
PETS: dict[str, Any] = {
    "oneOf": [{"$ref": "#/$defs/Cat"}, {"$ref": "#/$defs/Dog"}],
    "discriminator": {
        "propertyName": "kind",
        "mapping": {"cat": "#/$defs/Cat", "dog": "#/$defs/Dog"},
    },
    "$defs": {
        "Pet": {"type": "object", "required": ["kind"], "properties": {"kind": TEXT}},
        "Cat": {
            "allOf": [{"$ref": "#/$defs/Pet"}],
            "properties": {"kind": {"enum": ["cat"]}, "lives": WHOLE},
        },
        "Dog": {
            "allOf": [{"$ref": "#/$defs/Pet"}],
            "properties": {"kind": {"enum": ["dog"]}, "barks": {"type": "boolean"}},
        },
    },
}
BASE: dict[str, Any] = {
    "$ref": "#/$defs/Pet",
    "$defs": {
        "Pet": {
            "type": "object",
            "required": ["kind"],
            "properties": {"kind": TEXT},
            "discriminator": {"propertyName": "kind", "mapping": {"kitten": "#/$defs/Cat"}},
        },
        "Cat": {
            "allOf": [
                {"$ref": "#/$defs/Pet"},
                {"required": ["lives"], "properties": {"lives": WHOLE}},
            ]
        },
    },
}

PLAINEST: list[tuple[SchemaValue, Any]] = [
    (True, {}),
    ({}, {}),
    (TEXT, "string"),
    (WHOLE, 1),
    ({"type": "number"}, 1),
    ({"type": "boolean"}, True),
    ({"type": "null"}, None),
    ({"type": ["null", "string"]}, "string"),
    ({"type": ["string", "null"], "enum": [None, "a"]}, "a"),
    ({"const": {"a": [None]}}, {"a": [None]}),
    ({"type": "string", "example": "given"}, "given"),
    ({"type": "string", "examples": ["given", "other"], "default": "usual"}, "given"),
    ({"type": "string", "default": "usual"}, "usual"),
    ({"type": "string", "example": 5, "default": "usual"}, "usual"),
    ({"type": "string", "example": "too long", "maxLength": 3}, "str"),
    ({"type": "number", "example": float("nan")}, 1),
    ({"type": "array", "items": TEXT}, ["string"]),
    ({"type": "array", "items": TEXT, "minItems": 2}, ["string", "string"]),
    ({"type": "array", "items": TEXT, "minItems": 2, "uniqueItems": True}, ["string", "string2"]),
    ({"type": "array", "maxItems": 0}, []),
    ({"type": "array", "prefixItems": [TEXT, WHOLE], "items": False}, ["string", 1]),
    (
        {"properties": {"name": TEXT, "count": WHOLE}, "required": ["count"]},
        {"name": "name", "count": 1},
    ),
    ({"type": "object", "additionalProperties": WHOLE}, {"key": 1}),
    ({"type": "object", "patternProperties": {"^x-[a-z]{2}$": WHOLE}}, {"x-ab": 1}),
    ({"type": "object", "properties": {"a": TEXT, "b": False}}, {"a": "a"}),
    ({"properties": {"a": TEXT, "b": TEXT}, "maxProperties": 1}, {"a": "a"}),
    ({"allOf": [{"properties": {"a": TEXT}}, {"properties": {"b": WHOLE}}]}, {"a": "a", "b": 1}),
    ({"anyOf": [WHOLE, TEXT]}, 1),
    ({"oneOf": [{"const": "a"}, {"const": "b"}], "example": "b"}, "b"),
    ({"oneOf": [TEXT, WHOLE], "example": 5}, 5),
    (
        {"properties": {"a": {"anyOf": [TEXT, {"type": "array"}], "examples": [["b"]]}}},
        {"a": ["b"]},
    ),
    (
        {
            "type": "object",
            "properties": {"k": {"anyOf": [{"enum": [1]}, {"enum": [2]}], "default": 2}},
        },
        {"k": 2},
    ),
    ({"type": "integer", "minimum": 5}, 5),
    ({"type": "integer", "exclusiveMinimum": 5}, 6),
    ({"type": "integer", "maximum": -5}, -5),
    ({"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1}, 0.5),
    ({"type": "number", "minimum": 0.5, "multipleOf": 0.3}, 0.6),
    ({"type": "integer", "multipleOf": 7, "minimum": 10}, 14),
    ({"type": "string", "pattern": "^[A-Z]{3}-[0-9]{4}$"}, "ABC-1234"),
    ({"type": "string", "minLength": 10}, "string str"),
    ({"type": "string", "format": "date-time"}, "2026-01-15T09:30:00Z"),
    ({"type": "string", "format": "email"}, "user@example.com"),
    (node(next={"anyOf": [SELF, {"type": "null"}]}), {"next": None}),
    (node(children={"type": "array", "items": SELF}), {"children": []}),
    (PETS, {"kind": "cat", "lives": 1}),
    (BASE, {"kind": "kitten", "lives": 1}),
]


@pytest.mark.parametrize(
    ("schema", "expected"), PLAINEST, ids=[json.dumps(one)[:60] for one, _ in PLAINEST]
)
def test_the_plainest_value(schema: SchemaValue, expected: object) -> None:
    """Without a seed it is what the schema proposes, else the plainest thing that it allows."""
    assert sampled(schema) == expected


US = {"properties": {"country": {"const": "US"}}}
SATISFIABLE: list[SchemaValue] = [
    {"not": TEXT},
    {"not": {"type": ["object", "string"]}},
    {"type": "integer", "not": {"multipleOf": 2}, "minimum": 2},
    {"type": "integer", "minimum": 1, "maximum": 3, "not": {"enum": [1, 3]}},
    {"oneOf": [WHOLE, {"type": "number"}]},
    {"oneOf": [{"type": "number", "multipleOf": 3}, {"type": "number", "multipleOf": 5}]},
    {"oneOf": [{"properties": {"a": TEXT}}, {"properties": {"b": TEXT}}], "type": "object"},
    {"oneOf": [{"required": ["a"]}, {"required": ["b"]}], "properties": {"a": TEXT, "b": TEXT}},
    {"anyOf": [{"maxLength": 3}, {"minLength": 10}], "not": {"maxLength": 5}, "type": "string"},
    {"allOf": [{"enum": [1, 2, 3]}, {"enum": [3, 4]}]},
    {"allOf": [{"type": "object", "required": ["a"]}, {"properties": {"a": {"minimum": 3}}}]},
    {"if": US, "then": {"required": ["zip"]}, "else": {"required": ["code"]}, "type": "object"},
    {
        "properties": {"country": {"default": "DE"}, "zip": TEXT},
        "required": ["country", "zip"],
        "if": US,
        "then": {"properties": {"zip": {"pattern": "^[0-9]{5}$"}}},
    },
    {"type": "object", "dependentRequired": {"a": ["b"], "b": ["c"]}, "properties": {"a": {}}},
    {
        "type": "object",
        "dependentSchemas": {"a": {"required": ["b"], "properties": {"b": WHOLE}}},
        "required": ["a"],
    },
    {
        "type": "object",
        "minProperties": 3,
        "additionalProperties": WHOLE,
        "propertyNames": {"pattern": "^[a-z]{3}$"},
    },
    {
        "type": "object",
        "minProperties": 4,
        "patternProperties": {"^x-": WHOLE},
        "additionalProperties": False,
    },
    {"type": "object", "propertyNames": {"maxLength": 2}, "minProperties": 5},
    {"allOf": [{"properties": {"a": TEXT}}], "unevaluatedProperties": False, "required": ["a"]},
    {
        "anyOf": [{"properties": {"a": TEXT}, "required": ["a"]}, True],
        "unevaluatedProperties": WHOLE,
    },
    {"type": "array", "contains": WHOLE, "minContains": 2, "uniqueItems": True, "minItems": 5},
    {"type": "array", "items": WHOLE, "contains": {"minimum": 10}, "maxContains": 1, "minItems": 3},
    {"type": "array", "prefixItems": [TEXT], "contains": WHOLE, "maxItems": 2},
    {"type": "array", "prefixItems": [TEXT], "unevaluatedItems": False, "minItems": 1},
    {"type": "array", "items": {"enum": ["a", "b", "c"]}, "uniqueItems": True, "minItems": 3},
    {
        "type": "array",
        "items": {"type": "object", "properties": {"a": {"type": "boolean"}}},
        "uniqueItems": True,
        "minItems": 2,
    },
    {"type": "array", "items": {"type": "boolean"}, "uniqueItems": True, "minItems": 2},
    {"type": "array", "items": {"type": "number"}, "minItems": 1536, "maxItems": 1536},
    {"type": "string", "pattern": "^(?=.*[A-Z])(?=.*[0-9])(?=.*[!@#]).{8,}$", "maxLength": 20},
    {"type": "string", "pattern": r"^\+[1-9]\d{1,14}$"},
    {"type": "string", "pattern": r"^\p{Lu}\p{Ll}+$"},
    {"type": "string", "pattern": "[0-9]", "minLength": 12, "maxLength": 12},
    {"type": "string", "allOf": [{"pattern": "^a"}, {"pattern": "z$"}], "minLength": 4},
    {"type": "string", "pattern": "^a", "not": {"pattern": "b"}, "minLength": 3},
    {"type": "string", "pattern": r"^.*\S.*$", "minLength": 1, "maxLength": 512},
    {"type": "string", "format": "email", "pattern": "@corp\\.com$"},
    {"type": "string", "format": "uri", "minLength": 40},
    {"type": "string", "format": "hostname", "minLength": 80},
    {"type": "string", "contentEncoding": "base64", "minLength": 7},
    {"type": "string", "minLength": 70_000},
    {"type": "integer", "format": "int32", "minimum": 2147483647},
    {"type": "integer", "minimum": 10**30},
    {"type": "number", "minimum": 0.1, "maximum": 0.1},
    {"type": "number", "multipleOf": 0.01, "exclusiveMinimum": 99.98},
    {"type": "number", "minimum": 1e300},
    {"type": ["integer", "null"], "not": {"const": 1}},
    {
        "properties": {
            "a": {"type": "string", "example": "too long", "maxLength": 3},
            "b": {"example": 1},
        }
    },
    node(left={"anyOf": [{"type": "null"}, SELF]}, right={"anyOf": [SELF, {"type": "null"}]}),
    node(one={"oneOf": [SELF, TEXT]}),
    {
        "$ref": "#/$defs/A",
        "$defs": {
            "A": {"type": "object", "required": ["b"], "properties": {"b": {"$ref": "#/$defs/B"}}},
            "B": {"type": "array", "items": {"$ref": "#/$defs/A"}},
        },
    },
    {"oneOf": PETS["oneOf"], "$defs": PETS["$defs"]},
    {"anyOf": PETS["oneOf"], "discriminator": {"propertyName": "kind"}, "$defs": PETS["$defs"]},
    {
        "type": "array",
        "items": PETS | {"$defs": {}},
        "minItems": 3,
        "uniqueItems": True,
        "$defs": PETS["$defs"],
    },
    *(
        {"type": "string", "format": name}
        for name in (
            "date",
            "time",
            "duration",
            "idn-email",
            "hostname",
            "idn-hostname",
            "ipv4",
            "ipv6",
            "iri",
            "uri",
            "uri-reference",
            "iri-reference",
            "uri-template",
            "uuid",
            "json-pointer",
            "relative-json-pointer",
            "regex",
            "byte",
            "binary",
            "password",
            "unheard-of",
        )
    ),
    *({"type": "number", "format": name} for name in ("float", "double", "int32", "int64")),
]


@pytest.mark.parametrize("schema", SATISFIABLE, ids=[json.dumps(one)[:70] for one in SATISFIABLE])
def test_a_sample_is_valid(schema: Mapping[str, Any]) -> None:
    """What is sampled satisfies every keyword, as another validator sees it, too."""
    for seed in SEEDS:
        value = sampled(schema, seed)

        json.dumps(value, allow_nan=False, ensure_ascii=False).encode()
        if "\\p{" not in str(schema):
            jsonschema.Draft202012Validator(schema).validate(value)


@pytest.mark.parametrize("hundred", range(9))
def test_a_sample_of_schemas_drawn_at_random(hundred: int) -> None:
    """Any mixture of keywords that has a value is given one, with and without a seed."""
    missed = []
    for number in range(hundred * 100, hundred * 100 + 100):
        schema, value = schema_with_value(number)
        validator = compile_schema(schema)
        if not validator.is_valid(value):
            continue
        for seed in (None, number):
            try:
                found = sample(schema, seed=seed, is_valid=validator.is_valid)
            except UnsatisfiableError:
                missed.append((number, seed))
            else:
                assert validator.is_valid(found), (number, seed)

    assert missed == []


@pytest.mark.parametrize(
    ("schema", "reason"),
    [
        (False, "no value satisfies the schema: it is `false`"),
        (
            {"type": "integer", "minimum": 5, "maximum": 3},
            "no value satisfies the schema: minimum, maximum at # leaves no value",
        ),
        (
            {"type": "object", "required": ["a"], "properties": {"a": {"allOf": [TEXT, WHOLE]}}},
            "no value satisfies the schema: type at #/properties/a/allOf/0 and "
            "type at #/properties/a/allOf/1 contradict each other",
        ),
        (node(me=SELF), "no value satisfies the schema: it requires itself endlessly"),
        (
            {"type": "string", "pattern": "^(?=a)b$"},
            "no value that satisfies the schema was found",
        ),
    ],
)
def test_the_unsatisfiable_is_told(schema: SchemaValue, reason: str) -> None:
    """Where nothing satisfies a schema, the sentence says why, and comes soon."""
    begin = time.process_time()
    for seed in (None, 1):
        with pytest.raises(UnsatisfiableError) as told:
            sampled(schema, seed)

        assert str(told.value) == reason
    assert time.process_time() - begin < 5


def test_a_seed_varies_and_repeats() -> None:
    """One seed gives one value; different seeds give different ones."""
    schema = {
        "type": "object",
        "required": ["a", "b"],
        "properties": {"a": TEXT, "b": {"type": "array", "items": {"type": "number"}}},
    }
    sampler = Sampler(schema, compile_schema(schema).is_valid)
    values = [json.dumps(sampler.sample(seed)) for seed in range(20)]

    assert values == [json.dumps(sampled(schema, seed)) for seed in range(20)]
    assert len(set(values)) == 20


def test_what_is_given_may_be_changed() -> None:
    """A sample shares nothing with the schema."""
    schema = {"type": "object", "example": {"tags": ["a"]}}
    sampled(schema)["tags"].append("b")

    assert schema["example"] == {"tags": ["a"]}


def test_what_does_not_travel_is_left_out() -> None:
    """Optional properties that are read-only or write-only can be left out, required ones not."""
    schema = {
        "required": ["token"],
        "properties": {
            "token": {"type": "string", "writeOnly": True},
            "secret": {"$ref": "#/$defs/Secret"},
            "name": {"type": "string", "readOnly": True},
        },
        "$defs": {"Secret": {"type": "string", "writeOnly": True}},
    }
    is_valid = compile_schema(schema).is_valid

    assert sample(schema, is_valid=is_valid, omitted="writeOnly").keys() == {"token", "name"}
    assert sample(schema, is_valid=is_valid, omitted="readOnly").keys() == {"token", "secret"}


def test_depth_and_size_have_measure() -> None:
    """Optional properties reach a sensible depth, and a wide schema gives no giant."""
    wide: dict[str, Any] = {"type": "object", "properties": {}}
    level = wide
    for _ in range(30):
        level["properties"] = {f"p{number}": {**TEXT} for number in range(9)}
        level["properties"]["deeper"] = {"type": "object", "properties": {}}
        level = level["properties"]["deeper"]
    branches = [
        {f"p{n}": {"$ref": f"#/$defs/B{depth}"} for n in range(10)} for depth in range(1, 9)
    ]
    bushy = {
        "$ref": "#/$defs/B0",
        "$defs": {
            f"B{depth}": {"type": "object", "properties": one} for depth, one in enumerate(branches)
        }
        | {"B8": TEXT},
    }

    assert json.dumps(sampled(wide)).count("deeper") == 4
    assert list(sampled(bushy)) == [f"p{number}" for number in range(10)]
    assert len(json.dumps(sampled(bushy))) < 20_000


def test_an_ordinary_sample_takes_no_time() -> None:
    """The answers of the AI contract are sampled in under a millisecond each."""
    contract = load(AI_CONTRACT)
    schemas = [
        media.schema
        for operation in contract.operations
        for response in operation.responses
        for media in response.content
        if media.schema
    ]
    standalone = [contract.standalone(schema, Direction.RESPONSE) for schema in schemas]
    judges = [contract.validator(schema, Direction.RESPONSE).is_valid for schema in schemas]

    def spent() -> float:
        begin = time.process_time()
        for schema, is_valid in zip(standalone, judges, strict=True):
            sample(schema, is_valid=is_valid)
        return (time.process_time() - begin) / len(standalone)

    assert min(spent() for _ in range(5)) < 0.001


@pytest.mark.parametrize("seed", [None, 3])
@pytest.mark.parametrize(
    "alternatives",
    [
        [{}, {"properties": {"task": {"type": "string"}}}],
        [{"properties": {"a": {"type": "null"}}}, {"properties": {"b": {"minimum": 1}}}],
        [
            {},
            {"allOf": [{"properties": {"one": {"type": "string"}}}]},
            {"properties": {"two": {"type": ["null", "integer"]}}},
        ],
    ],
)
def test_alternatives_that_differ_in_optional_properties(
    alternatives: list[dict[str, Any]], seed: int | None
) -> None:
    """What one allows the others allow too, but for a property that is foreign to it."""
    base = {"type": "object", "required": ["text"], "properties": {"text": {"type": "string"}}}
    schema = {"oneOf": [{"allOf": [base, one]} for one in alternatives]}

    assert compile_schema(schema).is_valid(
        sample(schema, seed=seed, is_valid=compile_schema(schema).is_valid)
    )


def test_an_object_that_is_told_apart_has_the_name_of_its_alternative() -> None:
    """Where one value fits both alternatives, that which fits one is called by its own name."""
    pet = {"type": "object", "required": ["kind"], "properties": {"kind": TEXT}}
    own = {"Cat": {"age": WHOLE}, "Dog": {"bark": {"type": "boolean"}}}
    schema: dict[str, Any] = {
        "oneOf": [{"$ref": "#/$defs/Cat"}, {"$ref": "#/$defs/Dog"}],
        "discriminator": {
            "propertyName": "kind",
            "mapping": {"cat": "#/$defs/Cat", "dog": "#/$defs/Dog"},
            "known": ["cat", "dog"],
        },
        "$defs": {name: {"allOf": [pet, {"properties": one}]} for name, one in own.items()},
    }

    for seed in SEEDS:
        value = sampled(schema, seed)
        alternative = schema["$defs"][value["kind"].title()]
        assert compile_schema(alternative).is_valid(value)


@pytest.mark.slow
def test_lists_within_lists_that_multiply_are_given_up() -> None:
    """Sixty-four million items are never begun: the judge sees few values, and the end is told."""
    schema: dict[str, Any] = {"type": "integer"}
    for _ in range(3):
        schema = {"type": "array", "minItems": 400, "items": schema}
    begun = time.process_time()
    with pytest.raises(UnsatisfiableError):
        sampled(schema)
    assert time.process_time() - begun < 10


@pytest.mark.parametrize("keyword", ["minItems", "minContains"])
def test_more_items_than_any_answer_has_are_refused_at_once(keyword: str) -> None:
    """A thousand million items are not even counted out."""
    begun = time.process_time()
    with pytest.raises(UnsatisfiableError):
        sampled({"type": "array", "contains": {"type": "integer"}, keyword: 10**9})
    assert time.process_time() - begun < 2


def test_more_different_items_than_members_are_refused_at_once() -> None:
    """No item is made where an `enum` has too few members; where it has enough, all are made."""
    schema = {"type": "array", "uniqueItems": True, "items": {"enum": list(range(999))}}
    begun = time.process_time()
    with pytest.raises(UnsatisfiableError):
        sampled({**schema, "minItems": 1000})
    assert time.process_time() - begun < 2
    assert sampled({**schema, "minItems": 30}) == list(range(30))


def test_a_chain_of_required_properties_is_read_a_few_times_and_its_depth_is_told() -> None:
    """The work grows with the chain and not with its square; what is too deep is refused."""
    read: list[str] = []

    class Counted(dict[str, Any]):
        def __getitem__(self, name: str) -> Any:
            read.append(name)
            return super().__getitem__(name)

    link = {"type": "object", "required": ["x"]}
    definitions = Counted(
        (f"S{n}", {**link, "properties": {"x": {"$ref": f"#/$defs/S{n + 1}"}}}) for n in range(1000)
    )
    definitions["S1000"] = TEXT
    assert MinimumDepths(definitions).of({"$ref": "#/$defs/S0"}) == 1000
    assert len(read) <= 3 * len(definitions)
    with pytest.raises(UnsatisfiableError, match="1000 levels"):
        sampled({"$ref": "#/$defs/S0", "$defs": dict(definitions)})


def test_many_patterns_at_once_are_explored_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """However often a value is tried, the product of the patterns is built one time."""
    explored: list[int] = []
    explore = common_words._Product.explore

    def counted(product: common_words._Product) -> bool:
        explored.append(1)
        return explore(product)

    monkeypatch.setattr(common_words._Product, "explore", counted)
    patterns = [{"pattern": f"[{chr(97 + n)}{chr(98 + n)}]{{3}}z"} for n in range(4)]
    schema = {"type": "string", "maxLength": 5, "allOf": patterns}
    with pytest.raises(UnsatisfiableError):
        sampled(schema)
    assert len(explored) == 1
