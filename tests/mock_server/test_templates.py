"""Canned bodies take over what a request says, and keep to their schema whatever it says."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

import pytest

from mock_server.answers.templates import compile_json, compile_text
from mock_server.model.request import MISSING
from spec import SpecError, compile_schema
from spec.text.runtime_expressions import EXPRESSION


@dataclass(kw_only=True)
class Said:
    """What a request says."""

    method: str = "POST"
    url: str = "http://localhost/a?b=c"
    path: dict[str, Any] = field(default_factory=dict)
    query: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, Any] = field(default_factory=dict)
    body: Any = MISSING
    problem: str = ""


def filled(value: Any, said: Said, schema: dict[str, Any] | None = None, sample: Any = None) -> Any:
    validator = compile_schema(schema or {})
    template = compile_json(
        value,
        lambda one: sum(1 for _ in validator.iter_errors(one)),
        lambda: sample,
    )
    return json.loads(template.fill(said))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("{$request.body#/a}", 'é"\n\\'),
        ("{$request.body#/n}", 3),
        ("{$request.body#/n/x}", ""),
        ("{$request.body#/list/1}", {"b": None}),
        ("{$request.body#/list/01}", ""),
        ("{$request.body#/list/9}", ""),
        ("{$request.body#/sl~1ash~0}", True),
        ("{$request.body}", "whole"),
        ("{$request.query.q}", 5),
        ("{$request.path.id}", "7"),
        ("{$request.header.X-Id}", "h"),
        ("{$url}", "http://localhost/a?b=c"),
        ("{$method}", "POST"),
        ("{$mock.problem}", "all wrong"),
        (
            "a {$request.body#/n} b {$request.body#/list} {$request.body#/none}c",
            'a 3 b [1, {"b": null}] c',
        ),
        ("{$response.body#/x}", "{$response.body#/x}"),
        ("{$request.cookie.x}", "{$request.cookie.x}"),
        ("{$}", "{$}"),
        ("{not} one", "{not} one"),
    ],
)
def test_expressions(text: str, value: Any) -> None:
    """One expression keeps the type of its value, several are joined to text."""
    said = Said(
        path={"id": "7"},
        query={"q": 5},
        headers={"x-id": "h"},
        body={"a": 'é"\n\\', "n": 3, "list": [1, {"b": None}], "sl/ash~": True},
        problem="all wrong",
    )
    expected = said.body if value == "whole" else value

    assert filled({"it": text, "rest": [1]}, said) == {"it": expected, "rest": [1]}


@pytest.mark.parametrize("sent", ["x", 5, None, MISSING, [], "a" * 100, {"b": 1}])
@pytest.mark.parametrize(
    "schema",
    [
        {"type": "string"},
        {"type": "string", "maxLength": 3},
        {"type": "string", "minLength": 1},
        {"enum": ["x", "y"]},
        {"type": "integer"},
        {"type": "string", "format": "date-time"},
        {"type": ["string", "null"], "pattern": "^[ax]*$"},
        {"oneOf": [{"type": "integer"}, {"type": "array"}]},
    ],
    ids=str,
)
def test_the_schema_holds(schema: dict[str, Any], sent: Any) -> None:
    """Whatever a request says, or does not say, the answer is valid."""
    whole = {"type": "object", "properties": {"it": schema}, "required": ["it"]}
    answer = filled({"it": "{$request.body#/a}"}, Said(body={"a": sent}), whole, {"it": "y"})
    fits = sent is not MISSING and compile_schema(schema).is_valid(sent)

    assert compile_schema(whole).is_valid(answer)
    assert not fits or answer == {"it": sent}


def test_lone_surrogates_do_no_harm() -> None:
    """What no UTF-8 can say is escaped where any text fits, and left out where it is judged."""
    said = Said(body={"a": "\ud800"})

    assert filled({"it": "{$request.body#/a}"}, said) == {"it": "\ud800"}
    assert filled(
        {"it": "{$request.body#/a}"}, said, {"properties": {"it": {"pattern": "^a?$"}}}
    ) == {"it": ""}


def test_holes_that_exclude_each_other() -> None:
    """A text with expressions that breaks its schema falls back to one that does not."""
    schema = {"properties": {"id": {"type": "string", "pattern": "^id-[0-9]+$"}}}
    value, sample = {"id": "id-{$request.body#/n}"}, {"id": "id-0"}

    assert filled(value, Said(body={"n": 7}), schema, sample) == {"id": "id-7"}
    assert filled(value, Said(body={"n": "x"}), schema, sample) == {"id": "id-0"}


def test_without_expressions_it_is_bytes() -> None:
    """What no request changes is written once, at load."""
    template = compile_json({"a": "{b}"}, lambda _value: 0)

    assert template.fixed == b'{"a":"{b}"}'


def test_text_is_escaped_for_its_format() -> None:
    """A value cannot leave the place it is put into."""
    template = compile_text("<{$request.body}>", lambda _value: 0, lambda text: text.upper())

    assert template.fill(Said(body="a&b")) == b"<A&B>"


def test_a_value_that_looks_like_our_marks() -> None:
    """Nothing in a canned answer is taken for a hole that is none."""
    value = {"a": "hole-0-0-", "b": "{$request.body}"}

    assert filled(value, Said(body="x")) == {"a": "hole-0-0-", "b": "x"}


def test_expressions_are_found_once() -> None:
    """An expression ends at its first brace."""
    assert EXPRESSION.findall("{$url}{$request.body#/a}}") == ["{$url}", "{$request.body#/a}"]


def test_an_echo_is_written_in_ascii() -> None:
    """Nothing that a request says can break the JSON around it, lone surrogates included."""
    template = compile_json("{$request.body}", lambda _value: 0)

    assert template.fill(Said(body="é\ud800\n")) == b'"\\u00e9\\ud800\\n"'


def test_more_expressions_than_can_be_checked_are_told() -> None:
    """For each of them the whole example is judged, so that many in a large one take minutes."""
    value = {f"k{n}": "{$request.body#/a}" for n in range(1_000)}

    with pytest.raises(SpecError, match="1,000 runtime expressions in an example of 1,001 values"):
        compile_json(value, lambda _value: 0)
