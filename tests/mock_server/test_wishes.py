"""Wishes are read as RFC 7240 writes preferences, and from the query string as well."""

from __future__ import annotations

import time
from dataclasses import fields
from pathlib import Path

import pytest

from mock_server.model.wishes import (
    OFFERS,
    MalformedWishError,
    Wish,
    WishKey,
    header_wishes,
    query_wishes,
    read,
    unknown_message,
)
from tests.mock_server.asking import ask, mock_of


@pytest.mark.parametrize(
    ("prefer", "wish"),
    [
        ("code=401", Wish(code=401)),
        ("CODE=401", Wish(code=401)),
        ('code="401"', Wish(code=401)),
        ("code = 401 ,example=one", Wish(code=401, example="one")),
        ('example="a, \\"b\\"; c"', Wish(example='a, "b"; c')),
        ("code=401; q=1, dynamic=true", Wish(code=401, dynamic=True)),
        ("dynamic", Wish(dynamic=True)),
        ("dynamic=false", Wish(dynamic=False)),
        ("seed=7, wait=1.5", Wish(seed=7, wait=1.5)),
        ("respond-async, wait=100", Wish(wait=100.0)),
        ("code=401, code=500", Wish(code=401)),
        ("return=minimal", Wish()),
        ("", Wish()),
        (",,;==", Wish()),
        ("code=401 500", Wish()),
    ],
)
def test_prefer(prefer: str, wish: Wish) -> None:
    """Names know no case, values may be quoted, and of a repeated preference the first counts."""
    assert read(prefer, {}) == wish


def test_query() -> None:
    """Our parameters leave the query string; the others stay there byte for byte."""
    found, rest = query_wishes(b"a=1&__code=401&__example=caf%C3%A9+x&b=%2C&__other=1")

    assert (found, rest) == ({"code": "401", "example": "café x"}, b"a=1&b=%2C&__other=1")


def test_every_key_is_a_wish() -> None:
    """A key of the enumeration is a part of a wish, is offered, and is read in both places."""
    assert set(WishKey) == {one.name for one in fields(Wish)}
    for key in WishKey:
        name = f"__{key}"
        assert key.in_query == name
        assert name in OFFERS
        assert name in unknown_message("__other")
        assert header_wishes(f"{key}=1") == query_wishes(f"{name}=1".encode())[0] == {key: "1"}


def test_header_before_query() -> None:
    """Where both are given the header speaks."""
    assert read("code=401", {WishKey.CODE: "500", WishKey.SEED: "3"}) == Wish(code=401, seed=3)


@pytest.mark.parametrize(
    "prefer",
    [
        "code=40",
        "code=abc",
        "code=600",
        "code=4XX",
        "code=٤٠١",
        "seed=x",
        "seed=1111111111111111111",
        "wait=soon",
        "wait=-1",
        "wait=1e9",
        "dynamic=maybe",
    ],
)
def test_malformed(prefer: str) -> None:
    """A value that cannot be read is said to be so, and never guessed at."""
    with pytest.raises(MalformedWishError, match=r"code=|seed=|wait=|dynamic="):
        read(prefer, {})


@pytest.mark.parametrize(
    ("wish", "applied"),
    [
        (Wish(), ""),
        (Wish(code=401, example="no-token"), "code=401, example=no-token"),
        (Wish(example='a "b"\r\nX: é'), 'example="a \\"b\\"??X: ?"'),
        (Wish(dynamic=True, seed=0, wait=0.5), "dynamic=true, seed=0, wait=0.5"),
    ],
)
def test_applied(wish: Wish, applied: str) -> None:
    """`Preference-Applied` repeats the wish, and nothing in it can end the header's line."""
    assert wish.applied == applied


@pytest.mark.parametrize(
    "prefer",
    [
        pytest.param("a" * 4000, id="one name"),
        pytest.param('a="' * 1300, id="open quotes"),
        pytest.param(", " * 2000, id="commas"),
        pytest.param("a;" * 2000, id="parameters"),
        pytest.param(" " * 4000 + "x", id="spaces"),
        pytest.param("a" + " " * 4000 + '"x', id="spaces after a name"),
        pytest.param("a=" + " " * 4000 + '"x', id="spaces after an equals sign"),
        pytest.param('a="b"' + " " * 4000 + "x", id="spaces after a word"),
        pytest.param('a="' + "\\" * 4000, id="escapes"),
    ],
)
def test_a_hostile_header_costs_little(prefer: str) -> None:
    """Reading takes time that grows with the length: a hundred of them less than a second."""
    start = time.process_time()
    for _ in range(100):
        read(prefer, {})

    assert time.process_time() - start < 1


def test_a_declared_name_is_the_contracts() -> None:
    """What the contract names is its own, whatever it begins with."""
    found, rest = query_wishes(b"__code=1&__seed=2", frozenset({"__code"}))

    assert (found, rest) == ({"seed": "2"}, b"__code=1")


CONTRACT = """
paths:
  /lamps:
    get:
      parameters:
        - {name: __shade, in: query, schema: {type: string}}
        - {name: __deep, in: query, style: deepObject, explode: true, schema: {type: object}}
        - {name: __list, in: query, schema: {type: array, items: {type: string}}}
      security: [{}, {key: []}]
      responses: {'200': {description: Good, content: {application/json: {example: [desk]}}}}
  /open:
    get:
      parameters: [{name: any, in: query, schema: {type: object}}]
      responses: {'204': {description: Good}}
components: {securitySchemes: {key: {type: apiKey, in: query, name: __key}}}
"""


@pytest.mark.parametrize(
    ("target", "status"),
    [
        ("/lamps?__shade=a&__deep[x]=1&__list=1&__key=k&__seed=1", 200),
        ("/lamps?_page=1&exampel=two&a__b=c", 200),
        ("/lamps?__exampel=two", 404),
        ("/lamps?__exampel", 404),
        ("/lamps?__CODE=401", 404),
        ("/lamps?__deeper[x]=1", 404),
        ("/lamps?__=1", 404),
        ("/lamps?__code=200&__exampel=two", 404),
        ("/lamps?%5F%5Fcode=401", 404),
        ("/lamps?_%5fexample=none", 404),
        ("/lamps?%5F%5Fseed=x", 404),
        ("/open?__anything=1", 204),
    ],
)
def test_a_name_that_can_only_be_a_wish(tmp_path: Path, target: str, status: int) -> None:
    """A name under `__` that nobody knows is refused: it was meant as a wish, and misspelt."""
    assert ask(mock_of(tmp_path, CONTRACT), "GET", target).status == status


def test_what_was_meant_is_told(tmp_path: Path) -> None:
    """The refusal lists the wishes and names the nearest."""
    told = ask(mock_of(tmp_path, CONTRACT), "GET", "/lamps?__exampel=two").json

    assert (told["detail"], told["available"]) == (
        "'__exampel' is neither a wish nor a parameter of the contract; did you mean __example? "
        "The wishes are __code, __example, __dynamic, __seed, __wait",
        ["__code", "__example", "__dynamic", "__seed", "__wait"],
    )


def test_only_our_names() -> None:
    """What is not ours is nobody's business here."""
    assert header_wishes("respond-async, foo=1, wait=2") == {"wait": "2"}
