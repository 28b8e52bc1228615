"""A page in a real browser, served from another origin, that calls the mock as a frontend does."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.browser import chromium, pages


@pytest.fixture(scope="module")
def origin() -> Iterator[str]:
    with pages.origin() as url:
        yield url


@pytest.fixture
def page(browser: chromium.Page, origin: str, mock: str) -> chromium.Page:
    browser.open(f"{origin}/frontend.html?api={mock}")
    return browser


def paint(page: chromium.Page, wish: str = "") -> str:
    """Press the button, with a wish or without, and give the status that the page then shows."""
    page.run(f"form.wish.value = {wish!r}; form.requestSubmit()")
    page.wait_for("document.body.dataset.status")
    return str(page.run("return document.body.dataset.status"))


def test_the_image_is_drawn(page: chromium.Page) -> None:
    """What the mock answers can stand in an <img>, and the browser decodes it."""
    status = paint(page)
    page.wait_for("document.images.length && document.images[0].complete")

    sizes = page.run("return [...document.images].map((i) => [i.naturalWidth, i.naturalHeight])")
    assert (status, sizes) == ("200", [[128, 96]])
    assert page.errors == []


def test_several_images_are_drawn(page: chromium.Page) -> None:
    """A wish in the query string needs no header, so any code can make it."""
    paint(page, "__example=several")
    page.wait_for("[...document.images].every((image) => image.complete)")

    assert page.run("return [...document.images].map((i) => i.naturalWidth)") == [128] * 3


def test_an_error_can_be_read(page: chromium.Page) -> None:
    """The browser hands an error's body to a page of another origin, because CORS is on errors."""
    status = paint(page, "__code=500&__example=no-credit")

    title = page.run("return document.querySelector('#error strong').textContent")
    assert (status, title) == ("500", "The OpenRouter account has no credit left.")


def test_a_missing_credential_can_be_read(page: chromium.Page) -> None:
    """A 401 reaches the page with its body and its challenge."""
    found = page.run(
        "const {response, answer} = await paint({prompt: 'x', token: ''});"
        "return [response.status, response.headers.get('WWW-Authenticate'), answer.error]"
    )

    assert found == [401, 'Bearer realm="InsForge AI API"', "AUTH_INVALID_CREDENTIALS"]


def test_headers_are_exposed(page: chromium.Page) -> None:
    """A page can read what was chosen, which wish was granted, and that the call is deprecated."""
    found = page.run(
        "const {response} = await paint({prompt: 'x', wish: '__example=one'});"
        "return ['X-Mock-Source', 'Preference-Applied', 'Deprecation']"
        ".map((name) => response.headers.get(name))"
    )

    assert found == ["example:one", "example=one", "@1780272000"]


def test_any_header_passes_the_preflight(page: chromium.Page) -> None:
    """A frontend may send headers of its own, and every method of the contract."""
    status = page.run(
        "const response = await fetch(`${api}/api/ai/config`, {"
        " method: 'PUT', credentials: 'include', body: JSON.stringify({apiKey: 'k'}),"
        " headers: {Authorization: 'Bearer t', 'Content-Type': 'application/json',"
        " Prefer: 'wait=0', 'X-Request-Id': '7'}});"
        "return response.status"
    )

    assert status == 200


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/nowhere", 404), ("DELETE", "/api/ai/models", 405)],
)
def test_refusals_by_http_can_be_read(
    page: chromium.Page, method: str, path: str, status: int
) -> None:
    """What the contract does not have is an answer that a page can read, not a network error."""
    found = page.run(
        f"const response = await fetch(api + {path!r}, {{method: {method!r}}});"
        "return [response.status, (await response.json()).status]"
    )

    assert found == [status, status]


def test_a_stream_arrives_event_by_event(page: chromium.Page) -> None:
    """A page sees the first words before the last ones were sent."""
    reads = page.run(
        "const response = await fetch(`${api}/api/ai/chat/completion`, {"
        " method: 'POST', headers: {Authorization: 'Bearer t', 'Content-Type': 'application/json'},"
        " body: JSON.stringify({model: 'm', messages: [], stream: true})});"
        "const reads = [];"
        "for await (const bytes of response.body) reads.push(new TextDecoder().decode(bytes));"
        "return reads"
    )

    assert len(reads) > 1
    assert reads[0].startswith('data: {"chunk":"Air scatters "}\n\n')
    assert reads[-1].endswith('data: {"done":true}\n\n')


def test_other_origins_see_nothing_of_the_mocks_own_pages(page: chromium.Page) -> None:
    """A page on the internet that a developer happens to visit cannot read or steer the mock."""
    statuses = page.run(
        "const paths = ['health', 'openapi.json', 'docs'];"
        "const ask = (path) => fetch(`${api}/__mock/${path}`)"
        ".then((answer) => answer.status, () => 'blocked');"
        "return Promise.all(paths.map(ask))"
    )

    assert statuses == [200, "blocked", "blocked"]
