"""Prepared replies stay within a bound, and what was let go of is made again."""

from __future__ import annotations

from pathlib import Path

import pytest

from mock_server import Settings
from mock_server.plan.shelf import Shelf
from mock_server.plan.whole_plan import make_plan
from spec import load
from tests.mock_server.asking import ask, mock_of

LARGE = "x" * 30_000
PATHS = "paths:\n" + "".join(
    f"  /a{number}:\n    get:\n      responses:\n"
    f"        '200': {{description: d, content: {{text/plain: {{example: '{number}{LARGE}'}}}}}}\n"
    for number in range(20)
)


class Owner:
    """One operation whose replies are counted."""

    def __init__(self, name: str) -> None:
        self.id, self.forgotten = name, list[str]()

    def forget(self, key: str) -> None:
        self.forgotten.append(key)


def test_the_oldest_goes() -> None:
    """As many as there must be; a reply that is made again counts once."""
    shelf, first, second = Shelf(100), Owner("first"), Owner("second")
    shelf.put(first, "200", 40)
    shelf.put(first, "404", 40)
    shelf.put(first, "200", 40)
    shelf.put(second, "200", 60)

    assert (first.forgotten, second.forgotten, shelf.size) == (["404"], [], 100)


def test_one_that_is_larger_than_all_the_room() -> None:
    """It is kept while it is the last, or it would be made for every request."""
    shelf, first, second = Shelf(100), Owner("first"), Owner("second")
    shelf.put(first, "200", 1000)
    assert (first.forgotten, shelf.size) == ([], 1000)

    shelf.put(second, "200", 50)
    assert (first.forgotten, shelf.size) == (["200"], 50)


def test_replies_of_a_plan(tmp_path: Path) -> None:
    """However many operations are made ready, what is kept is bounded."""
    mock_of(tmp_path, PATHS)
    plan = make_plan([load(tmp_path / "contract.yaml")], Settings())
    shelf = next(iter(plan.operations.values())).shelf
    shelf._room = 100_000
    for operation in plan.operations.values():
        operation.prepare()

    assert 0 < shelf.size <= 100_000
    kept = [one for one in plan.operations.values() if "success" in one.__dict__]
    assert len(kept) == 3


def test_what_was_let_go_of_is_served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every answer can be had, in any order and again."""
    monkeypatch.setattr(Shelf.__init__, "__defaults__", (50_000,))
    app = mock_of(tmp_path, PATHS)

    for number in (0, 19, 3, 0):
        answer = ask(app, "GET", f"/a{number}")
        assert (answer.status, answer.body.decode()) == (200, f"{number}{LARGE}")
