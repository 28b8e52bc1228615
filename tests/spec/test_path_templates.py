"""A query that is written into a path is no part of the path, and tells operations apart."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.http.exchange import Request
from conformance.messages.operation_finder import OperationFinder
from spec import load
from spec.model.path_templates import has_fields, path_and_query, query_fields, template_names


@pytest.mark.parametrize(
    ("template", "path", "query"),
    [
        ("/a", "/a", ""),
        ("/a?b=1&c", "/a", "b=1&c"),
        ("/#Action=List", "/", "Action=List"),
        ("/a/{id?}/{x:[#?]}", "/a/{id?}/{x:[#?]}", ""),
        ("/a/{id}?x={x}#y", "/a/{id}", "x={x}&y"),
    ],
)
def test_a_template_is_divided(template: str, path: str, query: str) -> None:
    """Names keep what frameworks write into them."""
    assert path_and_query(template) == (path, query)


@pytest.mark.parametrize(
    ("sent", "asked", "has"),
    [
        ("b=1&c=2", "b=1", True),
        ("b=1", "b", True),
        ("b=1", "b={any}", True),
        ("%62=a+b", "b=a%20b", True),
        ("b=2", "b=1", False),
        ("b=1", "b=1&c", False),
        ("", "", True),
    ],
)
def test_fields_are_asked_for(sent: str, asked: str, has: bool) -> None:
    """A value that is free is any value."""
    assert has_fields(query_fields(sent), query_fields(asked)) is has


def test_the_operation_that_asks_for_most_is_meant(tmp_path: Path) -> None:
    """The kit names operations as the mock does."""
    file = tmp_path / "contract.yaml"
    operation = "{get: {responses: {'204': {description: d}}}}"
    paths = ["/a?b=1", "/a", "/a?b=1&c"]
    written = "".join(f"  '{path}': {operation}\n" for path in paths)
    file.write_text(f"openapi: 3.0.3\ninfo: {{title: T, version: '1'}}\npaths:\n{written}")
    finder = OperationFinder.of(load(file))

    def meant(target: str) -> str:
        found = finder.find(Request(method="GET", target=target))
        return found[0].path if found else ""

    asked = ["/a", "/a?b=2", "/a?b=1", "/a?c=&b=1&d=1", "/b"]
    assert [meant(one) for one in asked] == ["/a", "/a", "/a?b=1", "/a?b=1&c", ""]


def test_template_names() -> None:
    """The names of a template in their order."""
    assert template_names("/a/{b}/{c}-{d}") == ("b", "c", "d")
