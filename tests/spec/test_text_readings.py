"""Text is read in every way that the schema's alternatives offer; one that fits is enough."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spec import compile_schema
from spec.model.contract_model import MediaType, Parameter, Schema
from spec.schemas.shapes import Shape, shape_of
from spec.text import tables
from spec.text.forms import form_codec
from spec.text.json_values import StyleError, coerce
from spec.text.multipart import Part, compose, parse
from spec.text.pairs import split_cookies, split_query
from spec.text.styles import Absent, codec

WORD_OR_LIST = {
    "oneOf": [
        {"type": "string", "enum": ["all"]},
        {"type": "array", "items": {"type": "integer"}},
    ]
}
OPTIONAL_LIST = {"anyOf": [{"type": "array", "items": {"type": "string"}}, {"type": "null"}]}
TWO_LISTS = {
    "oneOf": [
        {"type": "array", "items": {"type": "integer"}},
        {"type": "array", "items": {"type": "string", "pattern": "[a-z]"}},
    ]
}
TAGGED = {
    "oneOf": [
        {
            "type": "object",
            "required": ["kind", "size"],
            "properties": {"kind": {"const": "number"}, "size": {"type": "integer"}},
        },
        {
            "type": "object",
            "required": ["kind", "size"],
            "properties": {"kind": {"const": "text"}, "size": {"type": "string"}},
        },
    ]
}


def parameter(schema: Any, location: str = "query", style: str = "form", **more: Any) -> Parameter:
    """A parameter `p` of a schema."""
    return Parameter(
        name="p",
        location=location,  # type: ignore[arg-type]  # the tests' own literals
        required=False,
        schema=Schema(pointer="#", value=schema),
        content=None,
        style=style,
        explode=more.pop("explode", style == "form"),
        pointer="#",
        **more,
    )


def read(schema: Any, query: str, **how: Any) -> Any:
    """What a query says of the parameter."""
    return codec(parameter(schema, **how), lambda one: one.value).decode(split_query(query))


@pytest.mark.parametrize(
    ("schema", "query", "value"),
    [
        (OPTIONAL_LIST, "p=a", ["a"]),
        (OPTIONAL_LIST, "p=a&p=b", ["a", "b"]),
        ({"type": ["array", "null"], "items": {"type": "integer"}}, "p=4", [4]),
        ({"type": ["array", "null"], "items": {"type": "integer"}}, "p=red", ["red"]),
        (WORD_OR_LIST, "p=all", "all"),
        (WORD_OR_LIST, "p=1&p=2", [1, 2]),
        ({"anyOf": [{"type": "integer", "minimum": 5}, {"type": "string"}]}, "p=1", "1"),
        ({"anyOf": [{"type": "integer", "minimum": 5}, {"type": "string"}]}, "p=7", 7),
        ({"enum": [1, 2, "3"]}, "p=3", "3"),
        ({"enum": [1, 2, "3"]}, "p=2", 2),
        ({"enum": ["true", None]}, "p=true", "true"),
        ({"type": ["string", "null"], "enum": ["a", None]}, "p=", None),
        ({"type": ["string", "null"], "minLength": 1}, "p=", None),
        ({"type": ["string", "null"]}, "p=", ""),
        (TWO_LISTS, "p=1&p=2", [1, 2]),
        (TWO_LISTS, "p=1a&p=2b", ["1a", "2b"]),
        ({"allOf": [{}, {"type": "integer"}]}, "p=1", 1),
        (
            {
                "type": "array",
                "items": {"anyOf": [{"type": "integer", "maximum": 3}, {"type": "string"}]},
            },
            "p=1&p=9&p=x",
            [1, "9", "x"],
        ),
    ],
)
def test_the_first_reading_that_fits_counts(schema: Any, query: str, value: Any) -> None:
    """A text that has several readings is the one that the schema admits."""
    got = read(schema, query)

    assert (got, type(got)) == (value, type(value))


def test_an_object_is_read_by_the_alternative_that_it_fits() -> None:
    """The same text is a number in one alternative and a text in another."""
    number = read(TAGGED, "kind=number&size=5")
    text = read(TAGGED, "kind=text&size=5")

    assert (number["size"], text["size"]) == (5, "5")


@pytest.mark.parametrize(
    ("schema", "style", "query", "value"),
    [
        (WORD_OR_LIST, "form", "p=1,2", [1, 2]),
        (WORD_OR_LIST, "form", "p=all", "all"),
        (WORD_OR_LIST, "form", "p=7", [7]),
        (OPTIONAL_LIST, "pipeDelimited", "p=a%7Cb", ["a", "b"]),
        (
            {
                "anyOf": [
                    {"type": "object", "properties": {"a": {"type": "integer"}}},
                    {"type": "null"},
                ]
            },
            "form",
            "p=a,1",
            {"a": 1},
        ),
    ],
)
def test_divided_text_is_read_both_ways(schema: Any, style: str, query: str, value: Any) -> None:
    """One text is a list, an object or a word, by what the schema has."""
    assert read(schema, query, style=style, explode=False) == value


def test_what_may_be_empty_is_unused() -> None:
    """`allowEmptyValue` takes an empty text for none, where the schema does not admit it."""
    boolean = {"type": "boolean"}

    assert read(boolean, "p=", allow_empty=True) is Absent.UNUSED
    assert read(boolean, "p=") == ""
    assert read({"type": "string"}, "p=", allow_empty=True) == ""


LEAVES = st.sampled_from(
    [
        {"type": "integer"},
        {"type": "number"},
        {"type": "boolean"},
        {"type": "null"},
        {"type": "string"},
        {"type": ["string", "null"]},
        {"enum": [1, "1", True, None, "x"]},
        {"type": "string", "pattern": "^[0-9]+$"},
        {"anyOf": [{"type": "integer", "minimum": 10}, {"type": "string", "maxLength": 1}]},
    ]
)
LISTS = LEAVES.map(lambda one: {"type": "array", "items": one, "minItems": 1})
OBJECTS = st.tuples(LEAVES, LEAVES).map(
    lambda two: {
        "type": "object",
        "required": ["a", "b"],
        "properties": {"a": two[0], "b": two[1]},
        "additionalProperties": False,
    }
)
SCHEMAS = st.one_of(
    LEAVES,
    LISTS,
    OBJECTS,
    st.lists(st.one_of(LEAVES, LISTS, OBJECTS), min_size=2, max_size=3).map(
        lambda parts: {"anyOf": parts}
    ),
)
PLAIN = st.one_of(
    st.integers(-20, 20),
    st.booleans(),
    st.none(),
    st.sampled_from(["", "x", "1", "true", "null", "12"]),
)
VALUES = st.one_of(
    PLAIN,
    st.lists(PLAIN, min_size=1, max_size=3),
    st.fixed_dictionaries({"a": PLAIN, "b": PLAIN}),
)


NUMBERS = {"type": "array", "items": {"type": "integer"}}
WORDS = {"type": "array", "items": {"type": "string", "enum": ["new", "sold"]}}
PAIRS = {
    "type": "object",
    "required": ["a"],
    "properties": {"a": {"type": "integer"}},
    "additionalProperties": False,
}


@pytest.mark.parametrize(
    ("schema", "location", "raw", "expected"),
    [
        (WORDS, "query", "new%2Csold", ["new", "sold"]),
        (WORDS, "query", "new%2csold,new", ["new", "sold", "new"]),
        (WORDS, "path", "new%2Csold", ["new", "sold"]),
        (PAIRS, "query", "a%2C4", {"a": 4}),
        (WORD_OR_LIST, "query", "1%2C2", [1, 2]),
        (OPTIONAL_LIST, "query", "a%2Cb", ["a,b"]),
        (WORDS, "header", "new%2Csold", ["new%2Csold"]),
    ],
)
def test_an_escaped_comma_divides_only_what_is_good_so(
    schema: Any, location: str, raw: str, expected: object
) -> None:
    """Browsers escape the comma of a list; where an element may have one, it is the element's."""
    style = "form" if location == "query" else "simple"
    made = codec(parameter(schema, location, style, explode=False), lambda one: one.value)

    assert made.decode((("p", raw),)) == expected


OBJECTS_LISTED = {"type": "array", "items": PAIRS}


@pytest.mark.parametrize(
    ("schema", "raws", "expected"),
    [
        (OBJECTS_LISTED, ['[{"a":1},{"a":2}]'], [{"a": 1}, {"a": 2}]),
        (OBJECTS_LISTED, ['{"a":1}', '{"a":2}'], [{"a": 1}, {"a": 2}]),
        (OBJECTS_LISTED, ['{"a":1}'], [{"a": 1}]),
        (OBJECTS_LISTED, ['[{"a":"x"}]'], ['[{"a":"x"}]']),
        (PAIRS, ['{"a":1}'], {"a": 1}),
        (NUMBERS, ["[1,2]"], [1, 2]),
        (NUMBERS, ["[1,2"], ["[1,2"]),
        ({"type": "array", "items": {"type": "string"}}, ["[1]"], ["[1]"]),
        ({"type": "string"}, ["[1]"], "[1]"),
    ],
)
def test_json_in_a_parameter_is_read_last(schema: Any, raws: list[str], expected: object) -> None:
    """No style expresses lists of objects; where nothing else is good, a mock reads JSON."""
    made = codec(parameter(schema), lambda one: one.value, reads_json=True)

    assert made.decode([("p", quote(raw)) for raw in raws]) == expected


@pytest.mark.parametrize(
    ("schema", "cookies", "expected"),
    [
        (NUMBERS, "p=3; p=4", [3, 4]),
        (NUMBERS, "p=3,4", [3, 4]),
        (NUMBERS, "p=3,x", ["3,x"]),
        (OPTIONAL_LIST, "p=a,b", ["a,b"]),
        (WORDS, "p=new,sold", ["new", "sold"]),
    ],
)
def test_a_list_in_one_cookie(schema: Any, cookies: str, expected: object) -> None:
    """`explode` is the default of cookies, and few clients send a name twice."""
    made = codec(parameter(schema, "cookie"), lambda one: one.value)

    assert made.decode(split_cookies(cookies)) == expected


def test_an_escaped_comma_divides_nothing_where_each_element_has_a_pair() -> None:
    """`?p=a%2Cb` of an exploded list is one element, be it good or not."""
    made = codec(parameter(WORDS), lambda one: one.value)

    assert made.decode((("p", "new%2Csold"),)) == ["new,sold"]


@given(SCHEMAS, VALUES, st.sampled_from(["query", "header", "path"]), st.booleans())
def test_what_a_valid_value_is_written_as_has_a_valid_reading(
    schema: Any, value: Any, location: str, explode: bool
) -> None:
    """Whatever the style: a request that says a valid value is a valid request."""
    valid = compile_schema(schema).is_valid
    # An empty text in a path names another path, and at the ends of a list it is no element.
    if not valid(value) or "" in (value, *(value if isinstance(value, list) else ())):
        return
    style = "form" if location == "query" else "simple"
    made = codec(parameter(schema, location, style, explode=explode), lambda one: one.value, ("p",))
    got = made.decode(made.encode(value))

    assert valid(got), (schema, value, made.encode(value), got)


@given(
    st.one_of(
        LEAVES,
        LISTS,
        st.lists(LEAVES | LISTS, min_size=2, max_size=3).map(lambda one: {"anyOf": one}),
    ),
    st.sampled_from(["", "x", "1", "-3", "1.0", "0.5", "1e2", "007", "true", "True", "null", "é"]),
    st.sampled_from([("query", "form"), ("cookie", "form"), ("header", "simple")]),
    st.booleans(),
)
def test_a_text_is_good_if_and_only_if_a_reading_of_it_is(
    schema: Any, text: str, place: tuple[str, str], explode: bool
) -> None:
    """What a text may mean is listed here once more, and judged by the schema alone."""
    single: list[Any] = [text, *({"": [None], "null": [None]}.get(text, []))]
    if text in ("true", "false", "1", "-3", "1.0", "0.5", "1e2"):
        single.append(json.loads(text))
    # What is divided by commas has no elements where it is empty.
    is_empty = text == "" and not (explode and place[0] != "header")
    lists = [[]] if is_empty else [[one] for one in single]
    valid = compile_schema(schema).is_valid
    made = codec(parameter(schema, *place, explode=explode), lambda one: one.value)

    got = made.decode((("p", text if place[0] == "header" else quote(text)),))
    assert valid(got) == any(map(valid, [*single, *lists])), (schema, got)


@given(
    OBJECTS, VALUES, st.sampled_from(["multipart/form-data", "application/x-www-form-urlencoded"])
)
def test_a_form_of_valid_values_has_a_valid_reading(schema: Any, value: Any, kind: str) -> None:
    """The same for the fields of forms and the parts of multipart bodies."""
    valid = compile_schema(schema).is_valid
    if not valid(value):
        return
    medium = MediaType(
        name=kind, schema=Schema(pointer="#", value=schema), examples=(), pointer="#"
    )
    made = form_codec(medium, lambda one: one.value)
    content_type, body = made.encode(value, "cut")

    assert valid(made.decode(body, content_type))


def test_parts_without_names_are_the_properties_in_their_order() -> None:
    """`multipart/mixed` and `multipart/related` need no names (RFC 2046 section 5.1)."""
    schema = {
        "type": "object",
        "properties": {"size": {"type": "integer"}, "note": {"type": "string"}},
    }
    medium = MediaType(
        name="multipart/related", schema=Schema(pointer="#", value=schema), examples=(), pointer="#"
    )
    body = compose([Part(name=None, data=b"4"), Part(name="note", data=b"x")], "cut")

    got = form_codec(medium, lambda one: one.value).decode(body, "multipart/related; boundary=cut")

    assert got == {"size": 4, "note": "x"}


def test_a_part_keeps_its_headers() -> None:
    """What is no Content-Type and no Content-Disposition is a header of the part."""
    parts = (Part(name="a", data=b"1", headers=(("x-page", "3"),)),)

    assert parse(compose(parts, "cut"), "cut") == parts


ROWS = {
    "type": "array",
    "items": {
        "type": "object",
        "properties": {"name": {"type": "string"}, "n": {"type": "integer"}},
    },
}


@pytest.mark.parametrize("delimiter", [",", "\t"])
def test_a_table_is_read_back(delimiter: str) -> None:
    """Cells have the types of their columns, and an empty one that fits nothing is left out."""
    rows = [{"name": 'a "b",\tc', "n": 4}, {"name": "", "n": 5}]
    text = tables.write(rows, delimiter)

    assert tables.read(text, delimiter, shape_of(ROWS)) == rows
    assert tables.read("name,n\r\nx,\r\n", ",", shape_of(ROWS)) == [{"name": "x"}]
    assert tables.read(
        "1,2\r\n3,4",
        ",",
        shape_of({"type": "array", "items": {"type": "array", "items": {"type": "integer"}}}),
    ) == [[1, 2], [3, 4]]


def test_what_no_table_says_is_refused() -> None:
    """An open quote is no CSV (RFC 4180), and a list inside a cell has no text."""
    with pytest.raises(StyleError):
        tables.read('a,b\r\n"1', ",", shape_of(ROWS))
    with pytest.raises(StyleError):
        tables.write([{"a": [1]}], ",")


def test_a_schema_of_many_alternatives_is_read_in_little_work() -> None:
    """Doubled `allOf` and many unions neither multiply the work nor lose a type."""
    definitions: dict[str, Any] = {"D0": {"type": "integer"}}
    for number in range(1, 40):
        below = {"$ref": f"#/$defs/D{number - 1}"}
        definitions[f"D{number}"] = {"allOf": [below, below]}
    unions = [{"anyOf": [{"type": "integer"}, {"type": "string"}]} for _ in range(20)]
    diamond = shape_of({"$ref": "#/$defs/D39", "$defs": definitions})
    many = shape_of({"allOf": unions})

    assert diamond.types == {"integer"}
    assert len(many.ways) <= 32
    assert (coerce("5", many), coerce("x", many)) == (5, "x")


def test_a_schema_that_refers_to_itself_is_read() -> None:
    """Cyclic schemas have shapes at every depth that a value has."""
    tree = {
        "type": "object",
        "properties": {"n": {"type": "integer"}, "below": {"$ref": "#/$defs/T"}},
    }
    shape: Shape = shape_of({"$ref": "#/$defs/T", "$defs": {"T": tree}})
    for _ in range(50):
        shape = shape.member("below")

    assert shape.member("n").types == {"integer"}
    assert shape_of({"$ref": "#/$defs/A", "$defs": {"A": {"$ref": "#/$defs/A"}}}).is_anything
