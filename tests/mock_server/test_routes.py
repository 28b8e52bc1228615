"""Paths lead to what stands there, as OpenAPI ranks them and in time that does not grow."""

from __future__ import annotations

import time

import pytest

from mock_server.plan.routes import Match, Routes


def routes(*templates: str) -> Routes[str]:
    table: Routes[str] = Routes()
    for template in templates:
        table.add(template, template)
    return table


@pytest.mark.parametrize(
    ("path", "target", "parameters"),
    [
        (b"/pets", "/pets", {}),
        (b"/p%65ts", "/pets", {}),
        (b"/pets/mine", "/pets/mine", {}),
        (b"/pets/7", "/pets/{id}", {"id": "7"}),
        (b"/pets/a%2Fb", "/pets/{id}", {"id": "a%2Fb"}),
        (b"/pets/mine/toys", "/pets/{owner}/toys", {"owner": "mine"}),
        (b"/files/a.tar.gz", "/files/{name}.{kind}", {"name": "a", "kind": "tar.gz"}),
        (b"/files/README", "/files/{name}", {"name": "README"}),
        (b"/caf%C3%A9", "/café", {}),
        ("/café".encode(), "/café", {}),
    ],
)
def test_match(path: bytes, target: str, parameters: dict[str, str]) -> None:
    """Concrete goes before templated, and values stay as they were sent."""
    table = routes(
        "/files/{name}",
        "/pets/{id}",
        "/pets",
        "/pets/mine",
        "/pets/{owner}/toys",
        "/files/{name}.{kind}",
        "/café",
    )

    assert table.match(path) == Match(target, parameters)


@pytest.mark.parametrize("path", [b"/", b"", b"/pets/", b"/pets/a/b", b"//pets", b"/PETS", b"*"])
def test_no_match(path: bytes) -> None:
    """A parameter is never empty, and nothing is guessed."""
    assert routes("/pets", "/pets/{id}").match(path) is None


def test_everything_that_a_path_can_mean() -> None:
    """The most concrete comes first, each with its own parameters."""
    table = routes("/v/{name}", "/v/{name}:run", "/v/a:run", "/{one}/{two}", "/v/{name}/x")

    assert list(table.matches(b"/v/a:run")) == [
        Match("/v/a:run", {}),
        Match("/v/{name}:run", {"name": "a"}),
        Match("/v/{name}", {"name": "a:run"}),
        Match("/{one}/{two}", {"one": "v", "two": "a:run"}),
    ]
    assert list(table.matches(b"/w")) == []


def test_what_stands_between_parameters_may_be_escaped() -> None:
    """Some clients escape the comma and the colon of a template; values stay as they were sent."""
    table = routes("/at/{x},{y}", "/v/{name}:run", "/z/{a}é{b}")

    assert (
        table.match(b"/at/1%2C2")
        == table.match(b"/at/1,2")
        == Match("/at/{x},{y}", {"x": "1", "y": "2"})
    )
    assert table.match(b"/v/a%2f%3arun") == Match("/v/{name}:run", {"name": "a%2f"})
    assert table.match(b"/z/1%C3%A92") == Match("/z/{a}é{b}", {"a": "1", "b": "2"})


def test_the_first_of_two_equal_templates_counts() -> None:
    """Templates that differ in the names of their parameters alone are one place."""
    table = routes("/a/{x}", "/a/{y}")

    assert table.match(b"/a/1") == Match("/a/{x}", {"x": "1"})


def test_way_back_from_a_concrete_segment() -> None:
    """A concrete segment that leads nowhere does not hide a templated one that does."""
    table = routes("/a/b/c", "/{x}/b/d")

    assert table.match(b"/a/b/d") == Match("/{x}/b/d", {"x": "a"})


def test_cost_does_not_grow_with_the_number_of_routes() -> None:
    """A look-up among 5,000 templates takes about as long as among 5."""

    def seconds(count: int) -> float:
        table = routes(*(f"/r{number}/{{id}}/x" for number in range(count)))
        path = f"/r{count - 1}/7/x".encode()
        best = 1.0
        for _ in range(5):
            start = time.process_time()
            for _ in range(500):
                table.match(path)
            best = min(best, time.process_time() - start)
        return best

    assert seconds(5_000) < 5 * seconds(5)


def test_hostile_paths_cost_little() -> None:
    """A long path against adjoining parameters is answered at once."""
    table = routes("/{a}-{b}-{c}-x", "/{a}/{b}/{c}")
    start = time.process_time()
    for path in (b"/" + b"-" * 60_000, b"/a" * 30_000, b"/" + b"a-" * 400):
        table.match(path)

    assert time.process_time() - start < 2
