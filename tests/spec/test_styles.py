"""Parameter styles: the specification's table both ways, and strictness about what text can be."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spec.model.contract_model import (
    Header,
    MediaType,
    Parameter,
    ParameterLocation,
    Schema,
)
from spec.schemas.alternatives import SchemaValue
from spec.text.json_values import readings
from spec.text.pairs import (
    is_well_formed,
    join_cookies,
    join_query,
    split_cookies,
    split_query,
)
from spec.text.styles import (
    Absent,
    Codec,
    StyleError,
    codec,
)

STRING = {"type": "string"}
INTEGER = {"type": "integer"}
LIST = {"type": "array", "items": STRING}
NUMBERS = {"type": "array", "items": {"type": "number"}}
OBJECT = {"type": "object", "properties": {"R": INTEGER, "G": INTEGER, "B": INTEGER}}
OPEN = {"type": "object", "additionalProperties": {"type": "number"}}
COLORS = ["blue", "black", "brown"]
RGB = {"R": 100, "G": 200, "B": 150}


def of(
    schema: SchemaValue,
    location: ParameterLocation = "query",
    style: str = "form",
    explode: bool = True,
    *,
    name: str = "color",
    allow_reserved: bool = False,
    siblings: tuple[str, ...] = (),
) -> Codec:
    """The codec of a parameter with this schema."""
    parameter = Parameter(
        name=name,
        location=location,
        required=False,
        schema=Schema(pointer="#", value=schema),
        content=None,
        style=style,
        explode=explode,
        allow_reserved=allow_reserved,
        pointer="#",
    )
    return codec(parameter, lambda found: found.value, siblings)


def wire(location: str, pairs: tuple[tuple[str, str], ...]) -> str:
    """What stands in the request."""
    if location == "query":
        return join_query(pairs)
    return join_cookies(pairs) if location == "cookie" else "".join(raw for _, raw in pairs)


def unwire(location: str, raw: str, name: str = "color") -> tuple[tuple[str, str], ...]:
    """The pairs of what stands in the request."""
    if location == "query":
        return split_query(raw)
    return split_cookies(raw) if location == "cookie" else ((name, raw),)


TABLE: list[tuple[ParameterLocation, str, bool, SchemaValue, Any, str]] = [
    ("path", "matrix", False, STRING, "blue", ";color=blue"),
    ("path", "matrix", False, LIST, COLORS, ";color=blue,black,brown"),
    ("path", "matrix", False, OBJECT, RGB, ";color=R,100,G,200,B,150"),
    ("path", "matrix", True, LIST, COLORS, ";color=blue;color=black;color=brown"),
    ("path", "matrix", True, OBJECT, RGB, ";R=100;G=200;B=150"),
    ("path", "label", False, STRING, "blue", ".blue"),
    ("path", "label", False, LIST, COLORS, ".blue,black,brown"),
    ("path", "label", False, OBJECT, RGB, ".R,100,G,200,B,150"),
    ("path", "label", True, LIST, COLORS, ".blue.black.brown"),
    ("path", "label", True, OBJECT, RGB, ".R=100.G=200.B=150"),
    ("path", "label", True, NUMBERS, [1.5, -2], ".1%2E5.-2"),
    ("path", "simple", False, STRING, "blue", "blue"),
    ("path", "simple", False, STRING, "a/b?c#d%é ", "a%2Fb%3Fc%23d%25%C3%A9%20"),
    ("path", "simple", False, LIST, ["a,b", "c"], "a%2Cb,c"),
    ("path", "simple", False, OBJECT, RGB, "R,100,G,200,B,150"),
    ("path", "simple", True, OBJECT, RGB, "R=100,G=200,B=150"),
    ("header", "simple", False, STRING, "blue, or black", "blue, or black"),
    ("header", "simple", False, LIST, COLORS, "blue,black,brown"),
    ("header", "simple", False, OBJECT, RGB, "R,100,G,200,B,150"),
    ("header", "simple", True, OBJECT, RGB, "R=100,G=200,B=150"),
    ("query", "form", True, STRING, "a&b=c +", "color=a%26b%3Dc%20%2B"),
    ("query", "form", True, LIST, COLORS, "color=blue&color=black&color=brown"),
    ("query", "form", True, OBJECT, RGB, "R=100&G=200&B=150"),
    ("query", "form", False, LIST, COLORS, "color=blue,black,brown"),
    ("query", "form", False, LIST, ["a,b", "c"], "color=a%2Cb,c"),
    ("query", "form", False, LIST, [], "color="),
    ("query", "form", False, OBJECT, RGB, "color=R,100,G,200,B,150"),
    ("query", "form", True, {"type": "boolean"}, True, "color=true"),
    ("query", "form", True, {"type": "number"}, -0.5, "color=-0.5"),
    ("query", "form", True, {"type": ["integer", "null"]}, None, "color=null"),
    ("query", "spaceDelimited", False, LIST, COLORS, "color=blue%20black%20brown"),
    ("query", "pipeDelimited", False, LIST, COLORS, "color=blue%7Cblack%7Cbrown"),
    ("query", "spaceDelimited", False, OBJECT, RGB, "color=R%20100%20G%20200%20B%20150"),
    ("query", "pipeDelimited", True, LIST, COLORS, "color=blue&color=black&color=brown"),
    (
        "query",
        "deepObject",
        True,
        OBJECT,
        RGB,
        "color%5BR%5D=100&color%5BG%5D=200&color%5BB%5D=150",
    ),
    ("cookie", "form", False, STRING, "a;b", "color=a%3Bb"),
    ("cookie", "form", False, LIST, COLORS, "color=blue,black,brown"),
    ("cookie", "form", True, LIST, COLORS, "color=blue; color=black; color=brown"),
    ("cookie", "form", True, OBJECT, RGB, "R=100; G=200; B=150"),
]


@pytest.mark.parametrize(("location", "style", "explode", "schema", "value", "raw"), TABLE)
def test_the_specification_s_table(
    location: ParameterLocation,
    style: str,
    explode: bool,
    schema: SchemaValue,
    value: Any,
    raw: str,
) -> None:
    """Every style is written as OpenAPI 3.0.4 section 4.8.12.6 shows it, and read back."""
    made = of(schema, location, style, explode)

    assert wire(location, made.encode(value)) == raw
    assert made.decode(unwire(location, raw)) == value


@pytest.mark.parametrize(
    ("style", "explode", "schema", "raw", "value"),
    [
        ("form", True, LIST, "color=a%2Cb,c", ["a,b,c"]),
        ("form", True, LIST, "color=", [""]),
        ("form", True, STRING, "color", ""),
        ("form", True, STRING, "color=a+b", "a b"),
        ("form", True, STRING, "other=1", Absent.ABSENT),
        ("form", True, LIST, "", Absent.ABSENT),
        ("form", True, STRING, "%63olor=x", "x"),
        ("form", True, {"anyOf": [STRING, LIST]}, "color=a", "a"),
        ("form", True, {"anyOf": [STRING, LIST]}, "color=a&color=b", ["a", "b"]),
        ("form", False, {"oneOf": [INTEGER, NUMBERS]}, "color=1,2", [1, 2]),
        ("form", True, {"type": "array", "items": INTEGER}, "color=1,2", ["1,2"]),
        ("form", False, {"type": "array", "items": INTEGER}, "color=1,x", [1, "x"]),
        ("form", True, {"$ref": "#/$defs/A", "$defs": {"A": INTEGER}}, "color=3", 3),
        ("form", True, {"allOf": [{"type": "number"}, {"minimum": 3}]}, "color=3", 3),
        ("form", True, {"enum": [1, 2]}, "color=2", 2),
        ("form", True, {"minimum": 1}, "color=2", "2"),
        ("form", True, True, "color=true", "true"),
        ("spaceDelimited", False, LIST, "color=a+b%20c", ["a", "b", "c"]),
        ("pipeDelimited", False, LIST, "color=a|b%7Cc", ["a", "b", "c"]),
        ("deepObject", True, OBJECT, "color[R]=1", {"R": 1}),
        ("deepObject", True, OBJECT, "color=1", "1"),
        (
            "deepObject",
            True,
            {"type": "object", "properties": {"in": NUMBERS, "by": {"type": "object"}}},
            "color[in]=1&color[in]=2&color[by][x][y]=z",
            {"in": [1, 2], "by": {"x": {"y": "z"}}},
        ),
        ("deepObject", True, NUMBERS, "color[]=1&color[]=2", [1, 2]),
        ("deepObject", True, NUMBERS, "color[0]=1&color[1]=2", [1, 2]),
    ],
)
def test_what_a_query_says(
    style: str, explode: bool, schema: SchemaValue, raw: str, value: object
) -> None:
    """A query is divided by the raw delimiters alone, and read by the types of the schema."""
    assert of(schema, "query", style, explode).decode(split_query(raw)) == value


NOT_LABEL = "does not begin with '.', as the style label asks"
NOT_MATRIX = "does not begin with ';color=', as the style matrix asks"
NOT_MEMBERS = "is not name=value, divided by ','"
NOT_NAMES = "is not a list of names, each followed by its value"
TWICE = "is given 2 times, and may be given once"
DEEP = "is nested 99 deep, and 32 is the limit"


@pytest.mark.parametrize(
    ("location", "style", "explode", "schema", "raw", "message"),
    [
        ("path", "label", False, STRING, "blue", NOT_LABEL),
        ("path", "matrix", False, STRING, ";hue=1", NOT_MATRIX),
        ("path", "simple", True, OBJECT, "R,100", NOT_MEMBERS),
        ("path", "simple", False, OBJECT, "R,100,G", NOT_NAMES),
        ("query", "form", True, STRING, "color=1&color=2", TWICE),
        ("query", "form", False, LIST, "color=1&color=2", TWICE),
        ("query", "deepObject", True, OBJECT, "color" + "[a]" * 99 + "=1", DEEP),
    ],
)
def test_what_is_not_in_the_style(
    location: ParameterLocation,
    style: str,
    explode: bool,
    schema: SchemaValue,
    raw: str,
    message: str,
) -> None:
    """Text that is not in the parameter's style is told, not guessed at."""
    with pytest.raises(StyleError) as told:
        of(schema, location, style, explode).decode(unwire(location, raw))

    assert str(told.value) == message


@pytest.mark.parametrize(
    ("text", "types", "value"),
    [
        ("1", {"integer"}, 1),
        ("-7", {"integer"}, -7),
        ("9" * 30, {"integer"}, int("9" * 30)),
        *[
            (text, {"integer"}, text)
            for text in (
                "2.5",
                "0x10",
                " 1",
                "1 ",
                "+1",
                "01",
                "٣",
                "1_000",
                "",
                "1.",
                "-",
                "9" * 5000,
            )
        ],
        ("1e3", {"integer"}, 1000),
        ("2.0", {"integer"}, 2),
        ("-0.0", {"integer", "string"}, 0),
        ("1e300", {"integer"}, "1e300"),
        ("1e300", {"integer", "number"}, 1e300),
        ("1.5e3", {"integer", "number"}, 1500),
        *[
            (text, {"integer", "number"}, text)
            for text in ("NaN", "Infinity", "1e400", ".5", "1.", "1,5", "٣", "1\n")
        ],
        ("true", {"boolean"}, True),
        *[(text, {"boolean"}, text) for text in ("True", "1", "yes", "")],
        ("null", {"null", "integer"}, None),
        ("", {"null", "integer"}, None),
        ("", {"null", "string"}, ""),
        ("5", {"string"}, "5"),
        ("5", {"string", "integer"}, 5),
    ],
)
def test_text_is_read_strictly(text: str, types: set[str], value: object) -> None:
    """Only what JSON would write as that type is of that type; the rest stays text."""
    read = next(iter(readings(text, frozenset(types))), text)

    assert (type(read), read) == (type(value), value)


def test_an_exploded_object_leaves_other_parameters_alone() -> None:
    """Properties that the schema leaves open come from names that are no other parameter's."""
    open_object = {"type": "object", "additionalProperties": INTEGER}
    made = of(open_object, "query", name="filter", siblings=("page", "filter"))

    assert made.decode(split_query("a=1&page=2&b=x")) == {"a": 1, "b": "x"}


def test_a_parameter_with_content_is_json() -> None:
    """`content` with a JSON media type is JSON text, percent-encoded; what is none is told."""
    content = MediaType(name="application/json", schema=None, examples=(), pointer="#")
    parameter = Parameter(
        name="filter",
        location="query",
        required=True,
        schema=None,
        content=content,
        style="form",
        explode=True,
        pointer="#",
    )
    made = codec(parameter, lambda schema: schema.value)

    raw = join_query(made.encode({"a": [1, "é&"]}))
    assert raw == "filter=%7B%22a%22%3A%20%5B1%2C%20%22%C3%A9%26%22%5D%7D"
    assert made.decode(split_query(raw)) == {"a": [1, "é&"]}
    for text in ("{", "NaN", "1e400", '"\\ud800"', "[" * 100_000):
        with pytest.raises(StyleError):
            made.decode((("filter", text),))


def test_a_response_header_is_written_by_its_schema() -> None:
    """A Header Object has the style `simple`."""
    header = Header(
        name="X-Ids", required=True, schema=Schema(pointer="#", value=NUMBERS), pointer="#"
    )
    made = codec(header, lambda schema: schema.value)

    assert made.encode([1, 2.5]) == (("X-Ids", "1,2.5"),)
    assert made.decode((("x-ids", "1, 2.5"), ("x-ids", "3"))) == [1, 2.5, 3]


def test_what_no_style_can_express_is_told() -> None:
    """A list in a list is refused on the way out."""
    with pytest.raises(StyleError):
        of({"type": "array"}).encode([[1]])


def test_allow_reserved() -> None:
    """Reserved characters travel as they are, but for those that would change the query."""
    made = of(STRING, allow_reserved=True)

    assert join_query(made.encode("/a?b=c:[d],#e&f+%")) == "color=/a?b=c:[d],%23e%26f%2B%25"


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("a%20b", True),
        ("é", True),
        ("%C3%A9", True),
        *[(broken, False) for broken in ("%", "%2", "%zz", "%FF", "%C3")],
    ],
)
def test_percent_escapes(raw: str, expected: bool) -> None:
    """An escape is complete, and together they are UTF-8."""
    assert is_well_formed(raw) is expected


texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8)
header_texts = st.text(
    st.characters(min_codepoint=33, max_codepoint=126, exclude_characters=',="'), min_size=1
)
numbers = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
ROUND_TRIPS: list[tuple[ParameterLocation, str, bool]] = sorted(
    {(location, style, explode) for location, style, explode, *_ in TABLE}
)


@pytest.mark.parametrize(("location", "style", "explode"), ROUND_TRIPS)
@settings(max_examples=40, derandomize=True)
@given(data=st.data())
def test_what_is_written_is_read_back(
    location: ParameterLocation, style: str, explode: bool, data: st.DataObject
) -> None:
    """decode(encode(value)) is value, wherever the style is unambiguous.

    It is not for list items that contain the delimiter of `spaceDelimited` or `pipeDelimited`,
    or a comma in a header (nothing is percent-encoded there); for an empty list or object, which
    an exploded style says by absence; and for `[""]` where nothing is exploded.
    """
    text = header_texts if location == "header" else texts
    if style in ("spaceDelimited", "pipeDelimited"):
        text = header_texts.filter(lambda one: "|" not in one)
    kind = data.draw(st.sampled_from(["text", "number", "boolean", "list", "numbers", "object"]))
    if style in ("spaceDelimited", "pipeDelimited", "deepObject") and not kind.endswith("s"):
        kind = "object" if style == "deepObject" else "list"
    names = header_texts.filter(lambda one: not set(one) & set("[]|"))
    schemas: dict[str, tuple[SchemaValue, st.SearchStrategy[Any]]] = {
        "text": (STRING, text),
        "number": ({"type": "number"}, numbers),
        "boolean": ({"type": "boolean"}, st.booleans()),
        "list": (LIST, st.lists(text, min_size=1, max_size=4)),
        "numbers": (NUMBERS, st.lists(numbers, min_size=1, max_size=4)),
        "object": (OPEN, st.dictionaries(names, numbers, min_size=1, max_size=3)),
    }
    schema, values = schemas[kind]
    made, value = of(schema, location, style, explode), data.draw(values)

    assert made.decode(unwire(location, wire(location, made.encode(value)))) == value
