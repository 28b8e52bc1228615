"""Wishes are read as RFC 7240 writes preferences, and from the query string as well."""

from __future__ import annotations

import time

import pytest

from mock_server.model.wishes import (
    MalformedWishError,
    Wish,
    header_wishes,
    query_wishes,
    read,
)


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


def test_header_before_query() -> None:
    """Where both are given the header speaks."""
    assert read("code=401", {"code": "500", "seed": "3"}) == Wish(code=401, seed=3)


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


def test_hostile_header_costs_little() -> None:
    """A Prefer header of a megabyte is read in no time."""
    start = time.process_time()
    for prefer in (
        "a" * 1_000_000,
        'a="' * 300_000,
        ", " * 500_000,
        "a;" * 500_000,
        " " * 9000,
        'a="b" ' * 900,
    ):
        read(prefer, {})

    assert time.process_time() - start < 1


def test_only_our_names() -> None:
    """What is not ours is nobody's business here."""
    assert header_wishes("respond-async, foo=1, wait=2") == {"wait": "2"}
