"""A page in a real browser, served from another origin, that calls the mock as a frontend does."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from spec import AI_CONTRACT, AI_OVERLAY, Operation, load
from tests.browser import pages
from tests.browser.chromium import Watched

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.slow
CONTRACT = load(AI_CONTRACT, overlay=AI_OVERLAY)


@pytest.fixture(scope="module")
def origin() -> Iterator[str]:
    with pages.origin() as url:
        yield url


@pytest.fixture
def frontend(page: Page, origin: str, mock: str) -> Page:
    page.goto(f"{origin}/frontend.html?api={mock}")
    return page


def paint(page: Page, wish: str = "") -> str | None:
    """Press the button, with a wish or without, and give the status that the page then shows."""
    page.select_option("[name=wish]", wish)
    page.click("text=Paint")
    page.wait_for_selector("body[data-status]")
    return page.get_attribute("body", "data-status")


def sizes(page: Page) -> list[list[int]]:
    """Width and height of the images, once the browser has decoded them all."""
    page.wait_for_function(
        "document.images.length && [...document.images].every((image) => image.complete)"
    )
    found: list[list[int]] = page.evaluate(
        "[...document.images].map((image) => [image.naturalWidth, image.naturalHeight])"
    )
    return found


def test_the_image_is_drawn(frontend: Page) -> None:
    """What the mock answers can stand in an <img>, and the browser decodes it."""
    watched = Watched.of(frontend)
    status = paint(frontend)

    assert (status, sizes(frontend)) == ("200", [[128, 96]])
    assert watched.problems == []


def test_several_images_are_drawn(frontend: Page) -> None:
    """A wish in the query string needs no header, so any code can make it."""
    paint(frontend, "__example=several")

    assert [width for width, _ in sizes(frontend)] == [128] * 3


def test_an_error_can_be_read(frontend: Page) -> None:
    """The browser hands an error's body to a page of another origin, because CORS is on errors."""
    status = paint(frontend, "__code=500&__example=no-credit")

    title = frontend.text_content("#error strong")
    assert (status, title) == ("500", "The OpenRouter account has no credit left.")


def test_a_missing_credential_can_be_read(frontend: Page) -> None:
    """A 401 reaches the page with its body and its challenge."""
    found = frontend.evaluate(
        """async () => {
            const { response, answer } = await paint({ prompt: "x", token: "" });
            return [response.status, response.headers.get("WWW-Authenticate"), answer.error];
        }"""
    )

    assert found == [401, 'Bearer realm="InsForge AI API"', "AUTH_INVALID_CREDENTIALS"]


def test_headers_are_exposed(frontend: Page) -> None:
    """A page can read what was chosen, which wish was granted, and that the call is deprecated."""
    found = frontend.evaluate(
        """async () => {
            const { response } = await paint({ prompt: "x", wish: "__example=one" });
            return ["X-Mock-Source", "Preference-Applied", "Deprecation"]
                .map((name) => response.headers.get(name));
        }"""
    )

    assert found == ["example:one", "example=one", "@1780272000"]


def test_any_header_passes_the_preflight(frontend: Page) -> None:
    """A frontend may send headers of its own, and every method of the contract."""
    status = frontend.evaluate(
        """async () => {
            const response = await fetch(`${api}/api/ai/config`, {
                method: "PUT",
                credentials: "include",
                body: JSON.stringify({ apiKey: "k" }),
                headers: {
                    Authorization: "Bearer t",
                    "Content-Type": "application/json",
                    Prefer: "wait=0",
                    "X-Request-Id": "7",
                },
            });
            return response.status;
        }"""
    )

    assert status == 200


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/nowhere", 404), ("DELETE", "/api/ai/models", 405)],
)
def test_refusals_by_http_can_be_read(frontend: Page, method: str, path: str, status: int) -> None:
    """What the contract does not have is an answer that a page can read, not a network error."""
    found = frontend.evaluate(
        """async ([method, path]) => {
            const response = await fetch(api + path, { method });
            return [response.status, (await response.json()).status];
        }""",
        [method, path],
    )

    assert found == [status, status]


def test_a_stream_arrives_event_by_event(frontend: Page) -> None:
    """A page sees the first words before the last ones were sent."""
    reads = frontend.evaluate(
        """async () => {
            const response = await fetch(`${api}/api/ai/chat/completion`, {
                method: "POST",
                headers: { Authorization: "Bearer t", "Content-Type": "application/json" },
                body: JSON.stringify({ model: "m", messages: [], stream: true }),
            });
            const reads = [];
            for await (const bytes of response.body) reads.push(new TextDecoder().decode(bytes));
            return reads;
        }"""
    )

    assert len(reads) > 1
    assert reads[0].startswith('data: {"chunk":"Air scatters "}\n\n')
    assert reads[-1].endswith('data: {"done":true}\n\n')


def exchanges(operation: Operation) -> Iterator[tuple[int, dict[str, Any]]]:
    """What a frontend under development sends to an operation, with the status that it gets."""
    path = operation.path.replace("{provider}", "openrouter")
    token = {"Authorization": "Bearer t"}
    good: dict[str, Any] = {"path": path, "method": operation.method, "headers": token}
    body = operation.request_body
    if body is not None:
        assert body.content[0].schema
        schema: Any = CONTRACT.resolve(body.content[0].schema).value
        example = body.content[0].examples[0].value
        good |= {"body": example, "headers": {**token, "Content-Type": "application/json"}}
        least = {name: example[name] for name in schema.get("required", list(example)[:1])}
        strange = {**least, "not-in-the-contract": True}
        texts = {name: "Grüße" for name, value in least.items() if isinstance(value, str)}
        plain = "apiKey" not in example
        yield 200, {**good, "body": strange}
        yield 200, {**good, "body": {**least, **texts}} if plain else good
        yield 200, {**good, "raw": json.dumps(example, indent=1)}
        spelt = {**token, "Content-Type": "Application/JSON; charset=UTF-8"}
        yield 200, {**good, "headers": spelt}
        yield 400, {**good, "raw": "{"}
        yield 400, {**good, "raw": ""}
        yield 400, {**good, "body": []}
        yield 415, {**good, "headers": {**token, "Content-Type": "text/plain"}}
        for name, one in schema["properties"].items():
            no_object = one.get("type") in ("string", "number", "integer", "array")
            yield 400, {**good, "body": {**example, name: {} if no_object else 7}}
        for name in schema.get("required", ()):
            yield 400, {**good, "body": {k: v for k, v in example.items() if k != name}}
        for each in body.content[0].examples:
            yield 200, {**good, "body": each.value}
    for _ in range(3):
        yield 200, good
    if "{" in operation.path:
        yield 400, {**good, "path": operation.path.replace("{provider}", "none")}
    bare = {name: value for name, value in good["headers"].items() if name != "Authorization"}
    yield 401, {**good, "headers": bare}
    yield 401, {**good, "headers": {**bare, "Authorization": "Bearer"}}
    yield 200, {**good, "path": f"{path}?discount=50%"}
    yield 200, {**good, "path": f"{path}?utm_source=news"}
    more = {"Authorization": "bearer t", "Accept": "application/*", "If-None-Match": '"never"'}
    yield 200, {**good, "headers": {**good["headers"], **more}}
    yield 406, {**good, "headers": {**good["headers"], "Accept": "image/bmp"}}
    yield 405, {**good, "method": "PATCH"}


@pytest.mark.parametrize("operation", CONTRACT.operations, ids=lambda one: one.id)
def test_every_kind_of_answer_can_be_read(frontend: Page, operation: Operation) -> None:
    """A page of another origin sees each status of each operation, and never a network error."""
    expected, sent = zip(*exchanges(operation), strict=True)
    found = frontend.evaluate(
        """async (sent) => {
            const statuses = [];
            for (const { path, body, raw, ...init } of sent) {
                const text = raw ?? (body === undefined ? undefined : JSON.stringify(body));
                const response = await fetch(api + path, { ...init, body: text });
                await response.text();
                statuses.push(response.status);
            }
            return statuses;
        }""",
        list(sent),
    )

    assert dict(enumerate(found)) == dict(enumerate(expected))


def test_other_origins_see_nothing_of_the_mocks_own_pages(frontend: Page) -> None:
    """A page on the internet that a developer happens to visit cannot read or steer the mock."""
    statuses = frontend.evaluate(
        """() => Promise.all(["health", "openapi.json", "docs"].map((path) =>
            fetch(`${api}/__mock/${path}`).then((answer) => answer.status, () => "blocked")))"""
    )

    assert statuses == [200, "blocked", "blocked"]
