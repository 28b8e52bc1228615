"""What became of a value that was sent: another spelling is no loss, another value is."""

from __future__ import annotations

from typing import Any

import pytest

from conformance.clauses.schema_nodes import SchemaNode
from conformance.clauses.value_paths import EACH
from conformance.judgement.stored_values import (
    StoredOutcome,
    Write,
    agrees,
    item_in,
    stored_outcomes,
)

ABSENT = object()


def node(**keywords: Any) -> SchemaNode:
    """A property of a request body with these keywords."""
    return SchemaNode(name="a", steps=("a",), pointer="#/a", keywords=keywords)


def fate(
    sent: Any, read: Any, answered: Any = ABSENT, before: Any = ABSENT, **said: Any
) -> StoredOutcome:
    """That of one property; there is something `before` only where it is given."""
    write = Write(
        names={"a": node(**said)},
        sent={"a": sent},
        answered={} if answered is ABSENT else {"a": answered},
        before=None if before is ABSENT else {"a": before},
    )
    return stored_outcomes(write, {} if read is ABSENT else {"a": read})["a",]


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        ("Milk", "Milk"),
        ("Milk and Bread", "milk-and-bread"),
        (" Milk ", "Milk"),
        ("Milk", "user-7/milk"),
        ("Caf\u00e9", "Cafe\u0301"),
        ("https://a.example", "https://a.example/"),
        ("9.9", "9.90"),
        ("12", 12),
        (2, 2.0),
        (2, "2"),
        (9.999, 10.0),
        (True, True),
        (True, "true"),
        (False, 0),
    ],
)
def test_another_spelling_is_the_same_value(sent: Any, read: Any) -> None:
    """Case, spaces, punctuation, composed characters, prefixes, digits, texts for numbers."""
    assert fate(sent, read) is StoredOutcome.KEPT


@pytest.mark.parametrize(
    ("sent", "read"), [("Milk", "Bread"), ("Milk", None), ("Milk", ""), (2, 3), (True, False)]
)
def test_another_value_is_a_loss_unless_it_was_announced(sent: Any, read: Any) -> None:
    """Of what the answer to the request says too, the server has made its own."""
    assert fate(sent, read) is StoredOutcome.LOST
    assert fate(sent, read, answered=sent) is StoredOutcome.LOST
    assert fate(sent, read, answered=read) is StoredOutcome.OVERRULED


@pytest.mark.parametrize(
    ("sent", "read", "keywords"),
    [
        ("abcdefgh", "abcd****", {}),
        ("u-1", {"id": "u-1"}, {}),
        ("Milk and bread", "Milk and", {}),
        ("2026-01-01T00:00:00Z", "2026-01-01T01:00:00+01:00", {"format": "date-time"}),
        ("closed", "open", {"enum": ["open", "closed"]}),
        ("Milk", ABSENT, {}),
    ],
)
def test_what_cannot_be_told_is_open(sent: Any, read: Any, keywords: dict[str, Any]) -> None:
    """A mask, a thing for its id, a cut, a date, a state, and a detail that is left out."""
    assert fate(sent, read, **keywords) is StoredOutcome.OPEN


@pytest.mark.parametrize(
    ("sent", "read", "found"),
    [
        (["b", "a"], ["a", "b"], StoredOutcome.KEPT),
        (["a", "a"], ["a"], StoredOutcome.KEPT),
        (["Milk"], ["milk"], StoredOutcome.KEPT),
        ([2, 1.50], ["1.5", 2.0], StoredOutcome.KEPT),
        ([{"n": 1, "t": "x"}], [{"t": "x", "n": 1, "at": "now"}], StoredOutcome.KEPT),
        (["Milk"], ["Milk", "Default"], StoredOutcome.OPEN),
        (["u-1"], [{"id": "u-1"}], StoredOutcome.OPEN),
        (["Milk", "Bread"], ["Milk"], StoredOutcome.LOST),
        (["Milk"], ["Bread"], StoredOutcome.LOST),
        (["Milk"], [], StoredOutcome.LOST),
        (["Milk"], None, StoredOutcome.LOST),
        ([{"n": 1, "t": "x"}], [{"n": 2, "t": "x"}], StoredOutcome.LOST),
        ([["a"]], [[]], StoredOutcome.LOST),
    ],
)
def test_a_list_is_compared_by_what_is_in_it(sent: Any, read: Any, found: StoredOutcome) -> None:
    """Its order, what stands twice, defaults and more of the server are no loss; a hole is."""
    assert fate(sent, read) is found


def test_what_a_list_may_hold_otherwise_is_open() -> None:
    """Dates in another form, and states of the server's, in a list as anywhere."""
    date = SchemaNode(name="a[]", steps=("a", EACH), pointer="", keywords={"format": "date-time"})
    write = Write(
        names={"a": node()}, sent={"a": ["2026-01-01T00:00:00Z"]}, answered={},
        inner={("a", EACH): date},
    )  # fmt: skip

    assert stored_outcomes(write, {"a": ["2026-01-01T01:00:00+01:00"]}) == {
        ("a",): StoredOutcome.OPEN
    }


@pytest.mark.parametrize(
    ("read", "found"),
    [
        ({"city": "Bern", "zip": 3000, "id": "7", "key": "-"}, {"city": "KEPT", "zip": "KEPT"}),
        ({"city": "bern", "zip": "3000"}, {"city": "KEPT", "zip": "KEPT"}),
        ({"city": "Rome", "zip": 3000}, {"city": "LOST", "zip": "KEPT"}),
        ({"city": "Bern"}, {"city": "KEPT", "zip": "OPEN"}),
        ({}, {"city": "LOST", "zip": "LOST"}),
        (None, {"city": "LOST", "zip": "LOST"}),
        ("a-7", {"city": "OPEN", "zip": "OPEN"}),
        (ABSENT, {"city": "OPEN", "zip": "OPEN"}),
    ],
)
def test_an_object_is_compared_by_its_members(read: Any, found: dict[str, str]) -> None:
    """One that is emptied is lost; ids and credentials in it are the server's."""
    sent = {"a": {"city": "Bern", "zip": 3000, "id": "x", "apiKey": "k"}}
    write = Write(names={"a": node()}, sent=sent, answered={})
    kept = stored_outcomes(write, {} if read is ABSENT else {"a": read})

    assert {path[-1]: fate.name for path, fate in kept.items()} == found


def test_a_change_of_a_list_or_of_a_member_is_told_from_what_was_before() -> None:
    """What is there as before is lost; what only grew is not told."""
    before = {"a": {"tags": ["x"], "n": 1, "b": {"c": "old"}}}
    sent = {"a": {"tags": ["y"], "n": 2, "b": {"c": "new"}}}
    write = Write(names={"a": node()}, sent=sent, answered={}, before=before)

    assert set(stored_outcomes(write, before).values()) == {StoredOutcome.LOST}
    assert set(stored_outcomes(write, sent).values()) == {StoredOutcome.KEPT}
    grown = stored_outcomes(write, {"a": {**before["a"], "tags": ["x", "y"]}})
    assert grown["a", "tags"] is StoredOutcome.OPEN


def test_a_detail_that_was_announced_is_missed() -> None:
    """The answer to the request had it; an empty one is left out by many."""
    assert fate("Milk", ABSENT, answered="Milk") is StoredOutcome.LOST
    assert fate(0, ABSENT, answered=0) is StoredOutcome.OPEN


@pytest.mark.parametrize(
    ("read", "answered", "found"),
    [
        ("Bread", "Bread", StoredOutcome.KEPT),
        ("Milk", "Bread", StoredOutcome.LOST),
        ("Milk", ABSENT, StoredOutcome.LOST),
        ("Milk", "Milk", StoredOutcome.OVERRULED),
        ("Butter", "Bread", StoredOutcome.OPEN),
    ],
)
def test_a_change_is_told_from_what_was_before(
    read: Any, answered: Any, found: StoredOutcome
) -> None:
    """Milk becomes bread: what is there must be neither milk again, nor anything."""
    assert fate("Bread", read, answered, before="Milk") is found


def test_what_was_there_already_proves_no_change() -> None:
    """The same value before and after."""
    assert fate("Milk", "Milk", before="Milk") is StoredOutcome.OPEN


def test_an_item_is_found_in_its_envelope() -> None:
    """It is the object with most of the names; a list of one holds it as well."""
    names = {"title": node(), "text": node()}
    item = {"title": "Milk", "text": "a"}

    assert item_in(item, names) == item
    assert item_in({"data": item, "meta": {"title": "x"}}, names) == item
    assert item_in([item], names) == item
    assert item_in("Milk", names) == {}


@pytest.mark.parametrize(
    ("after", "alike"),
    [
        ({"a": 1, "at": 3}, True),
        ({"a": 2, "at": 3}, False),
        ({"a": 1, "at": 3, "deleted": True}, False),
        (None, False),
    ],
)
def test_what_differs_each_time_is_left_out(after: Any, alike: bool) -> None:
    """A counter of reads says nothing; a mark that it is deleted does."""
    assert agrees({"a": 1, "at": 1}, {"a": 1, "at": 2}, after) is alike
