"""Is every value of one schema allowed by another? No answer may be wrong."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.diff.inclusion.applicable_schemas import Position
from conformance.diff.inclusion.closed_schemas import closed, travelling
from conformance.diff.inclusion.inclusion import (
    Contained,
    Escapes,
    Undecided,
    Work,
    inclusion,
)
from conformance.diff.inclusion.incompatibilities import gaps
from spec import UnsatisfiableError, compile_schema
from spec.sampling import Sampler

pytestmark = pytest.mark.slow

TREE = {
    "$ref": "#/$defs/Tree",
    "$defs": {
        "Tree": {
            "type": "object",
            "properties": {
                "v": {"type": "string", "minLength": 1},
                "next": {"$ref": "#/$defs/Tree"},
                "list": {"type": "array", "items": {"$ref": "#/$defs/Tree"}},
            },
        }
    },
}
LOOSE_TREE = {
    "$ref": "#/$defs/T",
    "$defs": {
        "T": {
            "type": "object",
            "properties": {
                "v": {"type": "string"},
                "next": {"anyOf": [{"type": "null"}, {"$ref": "#/$defs/T"}]},
                "list": {"type": "array", "items": {"$ref": "#/$defs/T"}, "maxItems": 1000},
            },
        }
    },
}


OF_T = {"$ref": "#/$defs/T"}
DEFS = {"$defs": LOOSE_TREE["$defs"]}
CAT, DOG = (
    {
        "type": "object",
        "required": ["kind"],
        "properties": {"kind": {"const": kind}, "friend": {"$ref": "#/$defs/Cat"}},
    }
    for kind in ("cat", "dog")
)
TAGGED = {
    "oneOf": [{"$ref": "#/$defs/Cat"}, {"$ref": "#/$defs/Dog"}, {"type": "string"}],
    "$defs": {"Cat": CAT, "Dog": DOG},
}
WHEN_T = {"if": OF_T, "then": {"maxLength": 1}}


def of(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties}


@pytest.mark.parametrize(
    ("inner", "outer", "expected"),
    [
        ({"type": "integer"}, {"type": "number"}, Contained),
        ({"type": "number"}, {"type": "integer"}, Escapes),
        ({"type": "string", "format": "uri"}, {"format": "uri-reference"}, Contained),
        ({"type": "string"}, {"type": "string", "format": "byte"}, Escapes),
        ({"type": "string", "format": "x-own"}, {"type": "string", "format": "x-other"}, Contained),
        (TREE, {**LOOSE_TREE, "$defs": {"T": {"type": "object"}}}, Contained),
        (LOOSE_TREE, TREE, Escapes),
        ({"pattern": r"^(a)\1$"}, {"pattern": "^aa$"}, Undecided),
        ({"multipleOf": 6}, {"multipleOf": 4}, Escapes),
        ({"enum": [1, True]}, {"enum": [1, 1]}, Escapes),
        ({"not": OF_T, "maxLength": 1, **DEFS}, {"not": OF_T, "maxLength": 2, **DEFS}, Contained),
        (TAGGED, {**TAGGED, "$defs": {"Cat": CAT, "Dog": {**DOG, "maxProperties": 2}}}, Escapes),
        (
            {**TAGGED, "$defs": {"Cat": {**CAT, "maxProperties": 9}, "Dog": DOG}},
            {**TAGGED, "$defs": {"Cat": CAT, "Dog": {**DOG, "title": "D"}}},
            Contained,
        ),
        # A property may be called like an annotation, and definitions by any name.
        ({"not": of(title={"type": "string"})}, {"not": of(title={"type": "null"})}, Escapes),
        (
            {"not": {"$ref": "#/$defs/A"}, "$defs": {"A": of(a={"$ref": "#/$defs/A"})}},
            {"not": {"$ref": "#/$defs/B"}, "$defs": {"B": of(a={"$ref": "#/$defs/B"})}},
            Contained,
        ),
        ({**WHEN_T, "maxItems": 1, **DEFS}, {**WHEN_T, "maxItems": 2, **DEFS}, Contained),
        ({"not": {"type": "string"}}, {"type": ["number", "boolean", "object", "array", "null"]},
         Contained),
    ],
)  # fmt: skip
def test_answer(inner: dict[str, Any], outer: dict[str, Any], expected: type) -> None:
    """Proven, shown or left undecided; a witness satisfies the one and not the other."""
    answer = inclusion(inner, outer)

    assert isinstance(answer, expected)
    if isinstance(answer, Escapes):
        assert compile_schema(inner).is_valid(answer.witness)
        assert not compile_schema(outer).is_valid(answer.witness)


def test_the_place_that_differs_is_tried_first() -> None:
    """However much is declared beside and above it, few values are tried."""
    named = {name: {"type": "string", "format": "date-time"} for name in "abcdefgh"}
    beside, inside = of(**named), of(**{name.upper(): one for name, one in named.items()})
    open_, shut = (
        of(beside=beside, list={"type": "array", "items": {**inside, **closing}})
        for closing in ({}, {"additionalProperties": False})
    )
    work = Work(1_000)

    assert isinstance(inclusion(open_, shut, work=work), Escapes)
    assert work.tried < 100


def test_a_name_is_looked_up_among_thousands() -> None:
    """Each name of a schema is asked for: going through them all would cost their square."""

    class LookedUp(dict[str, Any]):
        def __iter__(self) -> Any:
            raise AssertionError("all of them are gone through")

    position = Position.of(True, [{"properties": LookedUp(a=True), "patternProperties": {}}])

    assert position.names_any("a")
    assert not position.names_any("b")


def all_of_each_other(count: int, longest: int) -> dict[str, Any]:
    """Objects each of which may hold all the others; the last one has a name of some length."""
    numbers = range(count)
    named = {
        f"S{one}": of(**{f"s{other}": {"$ref": f"#/$defs/S{other}"} for other in numbers})
        for one in numbers
    }
    named[f"S{count - 1}"]["properties"]["name"] = {"type": "string", "maxLength": longest}
    return {"$ref": "#/$defs/S0", "$defs": named}


def test_schemas_that_all_refer_to_each_other() -> None:
    """The one difference is shown at its shortest way, and the rest is proven to be the same."""
    found = gaps(all_of_each_other(16, 50), all_of_each_other(16, 40))

    assert [(gap.path, gap.keyword) for gap in found.found] == [(("s15", "name"), "maxLength")]
    assert not found.undecided


def test_each_definition_is_closed_once() -> None:
    """Not once for each reference to it."""
    sender, receiver = (all_of_each_other(16, 50) for _ in range(2))
    receiver["$defs"]["S3"]["properties"]["more"] = {}

    made = closed(sender, receiver)["$defs"].keys() - sender["$defs"].keys()

    assert len(made) <= 17


def test_confirmation_has_the_last_word() -> None:
    """A witness that is not confirmed is none."""
    answer = inclusion({"type": "string"}, {"enum": ["a"]}, confirm=lambda value: value == "z" * 3)

    assert not isinstance(answer, Contained)
    assert not isinstance(answer, Escapes) or answer.witness == "zzz"


SCALARS = st.one_of(
    st.fixed_dictionaries(
        {"type": st.just("string")},
        optional={
            "minLength": st.integers(0, 2),
            "maxLength": st.integers(1, 3),
            "pattern": st.sampled_from(["^a", "b$", "^[ab]+$"]),
        },
    ),
    st.fixed_dictionaries(
        {"type": st.sampled_from(["integer", "number"])},
        optional={"minimum": st.integers(-1, 2), "maximum": st.integers(1, 3)},
    ),
    st.fixed_dictionaries({"enum": st.lists(st.sampled_from(["a", "b", 1, None]), min_size=1)}),
    st.just(True),
)
SCHEMAS = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.fixed_dictionaries(
            {
                "type": st.just("object"),
                "properties": st.dictionaries(st.sampled_from("ab"), inner, max_size=2),
            },
            optional={
                "required": st.lists(st.sampled_from("ab"), unique=True, max_size=2),
                "additionalProperties": st.one_of(st.just(False), inner),
            },
        ),
        st.fixed_dictionaries(
            {"type": st.just("array"), "items": inner}, optional={"maxItems": st.integers(0, 2)}
        ),
        st.fixed_dictionaries({"anyOf": st.lists(inner, min_size=1, max_size=2)}),
        st.fixed_dictionaries({"allOf": st.lists(inner, min_size=1, max_size=2)}),
        st.fixed_dictionaries({"not": SCALARS}),
    ),
    max_leaves=4,
)


@settings(max_examples=60, derandomize=True)
@given(SCHEMAS, SCHEMAS)
def test_no_answer_is_wrong(inner: Any, outer: Any) -> None:
    """What is said to be contained is, for every value that can be drawn."""
    inner, outer = ({} if one is True else one for one in (inner, outer))
    answer = inclusion(inner, outer)

    if isinstance(answer, Contained):
        judge = compile_schema(outer)
        assert all(judge.is_valid(value) for value in drawn(inner))
    elif isinstance(answer, Escapes):
        assert compile_schema(inner).is_valid(answer.witness)
        assert not compile_schema(outer).is_valid(answer.witness)


@settings(max_examples=60, derandomize=True)
@given(SCHEMAS, st.fixed_dictionaries({"oneOf": st.lists(SCHEMAS, min_size=1, max_size=3)}))
def test_every_gap_is_shown(inner: Any, outer: Any) -> None:
    """Also the causes that are found after others were taken out are causes of the whole schema."""
    inner = {} if inner is True else inner
    found = gaps(inner, outer, effort=2_000).found

    assert all(compile_schema(inner).is_valid(gap.witness) for gap in found)
    assert not any(compile_schema(outer).is_valid(gap.witness) for gap in found)


def drawn(schema: dict[str, Any]) -> list[Any]:
    sampler = Sampler(schema, compile_schema(schema).is_valid)
    found = []
    for seed in (None, *range(8)):
        try:
            found.append(sampler.sample(seed))
        except UnsatisfiableError:
            break
    return found


@pytest.mark.parametrize(
    ("sender", "receiver", "value", "allowed"),
    [
        pytest.param(of(a={}), of(a={}, b={}), {"b": 1}, False, id="a name of the receiver"),
        pytest.param(of(a={}), of(a={}, b={}), {"c": 1}, True, id="a name of nobody"),
        pytest.param(of(a={}), of(b={}), {"a": 1}, True, id="a name of the sender"),
        pytest.param(of(o=of(a={})), of(o=of(a={}, b={})), {"o": {"b": 1}}, False, id="deep"),
        pytest.param(
            {"allOf": [of(a={}), of(b={})]}, of(a={}, b={}, c={}), {"a": 1, "b": 1}, True,
            id="names of several members",
        ),
        pytest.param(
            {"type": "object", "patternProperties": {"^x": {}}}, of(xa={}), {"xa": 1}, True,
            id="a name by its pattern",
        ),
        pytest.param(
            {"type": "object", "required": ["b"]}, of(b={}), {"b": 1}, True, id="a name demanded"
        ),
        pytest.param(
            {"oneOf": [of(k={"const": 1}), of(k={"const": 2}, b={})]},
            {"oneOf": [of(k={"const": 1}, b={}), of(k={"const": 2}, b={})]},
            {"k": 1, "b": 1}, False, id="a name of another branch",
        ),
        pytest.param(TREE, {**TREE, "$defs": {"Tree": of(next={"$ref": "#/$defs/Tree"}, w={})}},
                     {"next": {"next": {"w": 1}}}, False, id="recursive"),
    ],
)  # fmt: skip
def test_closed(
    sender: dict[str, Any], receiver: dict[str, Any], value: Any, allowed: bool
) -> None:
    """A sender sends only what its contract names; what nobody names is left to the keyword."""
    assert compile_schema(sender).is_valid(value)

    assert compile_schema(closed(sender, receiver)).is_valid(value) is allowed


def test_travelling() -> None:
    """A property that does not travel in a direction is not sent, referred to or not."""
    schema = {
        **of(a={"readOnly": True}, b={"$ref": "#/$defs/Id"}, c={}),
        "$defs": {"Id": {"type": "string", "readOnly": True}},
    }

    judge = compile_schema(travelling(schema, "readOnly"))
    assert [judge.is_valid({name: "x"}) for name in "abc"] == [False, False, True]
