"""The page at `/__mock/`: it shows, forces and follows, and runs nothing that requests bring."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx2
import pytest

from mock_server import Settings, create_app
from mock_server.command.running import RunningMock
from tests.browser import pages
from tests.browser.chromium import Watched

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Route

pytestmark = pytest.mark.slow

AXE = Path(__file__).parents[1] / "javascript/node_modules/axe-core/axe.min.js"
IMAGES = "POST /api/ai/image/generation"


@pytest.fixture
def mock() -> Iterator[RunningMock]:
    """A mock of the packaged contract."""
    with RunningMock(create_app()) as running:
        yield running


def opened(page: Page, mock: RunningMock) -> Watched:
    """The page, once it shows the operations."""
    watched = Watched.of(page)
    page.goto(f"{mock.url}/")
    page.locator("#operations details").first.wait_for()
    return watched


def generate(mock: RunningMock, **headers: str) -> httpx2.Response:
    """Ask for an image, as a frontend does."""
    return httpx2.post(
        f"{mock.url}/api/ai/image/generation",
        json={"model": "m", "prompt": "p"},
        headers={"authorization": "Bearer secret-token", **headers},
    )


def operation(page: Page, id_: str) -> Any:
    """An operation, opened."""
    row = page.locator("#operations details").filter(has_text=id_).first
    row.locator("summary").first.click()
    return row


def test_it_shows_what_is_served_and_needs_no_network(page: Page, mock: RunningMock) -> None:
    """`/` leads there; every operation is listed, deprecated ones too, with its examples."""
    watched = opened(page, mock)
    row = operation(page, IMAGES)

    assert page.url == f"{mock.url}/__mock/"
    assert page.locator("#operations .group > details").count() == 9
    assert "deprecated" in row.locator("summary").first.inner_text()
    # It is drawn when the row is opened, which takes a moment.
    row.get_by_role(
        "button", name="Once: POST /api/ai/image/generation 401 no-token"
    ).first.wait_for()
    elsewhere = [
        url for url in watched.requests if not url.startswith((mock.url, "data:", "blob:"))
    ]
    assert (elsewhere, watched.problems) == ([], [])


def test_a_preview_draws_the_image_and_stays_out_of_the_list(page: Page, mock: RunningMock) -> None:
    """What an answer looks like is seen before it is forced."""
    opened(page, mock)
    row = operation(page, IMAGES)
    row.get_by_role("button", name="Preview: POST /api/ai/image/generation 200 one").click()
    row.locator("img").first.wait_for()

    drawn = "image => image.complete && image.naturalWidth > 0"
    page.wait_for_function(f"({drawn})(document.querySelector('#operations img'))")
    assert page.locator("#journal > li").count() == 0


def test_a_stream_arrives(page: Page, mock: RunningMock) -> None:
    """Event by event, to its end."""
    opened(page, mock)
    row = operation(page, "POST /api/ai/chat/completion")
    row.get_by_role("button", name="Preview").nth(0).wait_for()
    stream = row.get_by_role("button", name="stream").filter(has_text="Preview").first
    stream.click()
    row.locator("pre", has_text="data:").first.wait_for()


def test_a_click_forces_an_answer_once_or_for_good(page: Page, mock: RunningMock) -> None:
    """Once plays once; always plays until it is deleted; both wait in the list."""
    opened(page, mock)
    row = operation(page, IMAGES)
    row.get_by_role("button", name="Once: POST /api/ai/image/generation 401 no-token").click()
    page.locator("#scenarios li", has_text="1 left").wait_for()
    once = [generate(mock).status_code for _ in range(2)]
    page.locator("#scenarios li", has_text="No scenario is waiting").wait_for()
    row.get_by_role("button", name="Always: POST /api/ai/image/generation 500").first.click()
    page.locator("#scenarios li", has_text="until it is deleted").wait_for()
    always = [generate(mock).status_code for _ in range(2)]
    page.get_by_role("button", name="Delete").click()
    page.locator("#scenarios li", has_text="No scenario is waiting").wait_for()

    assert (once, always, generate(mock).status_code) == ([401, 200], [500, 500], 200)


def test_the_journal_is_live_and_says_why(page: Page, mock: RunningMock) -> None:
    """Route, credential, source and violations, the exchange as curl, and the request again."""
    opened(page, mock)
    httpx2.post(
        f"{mock.url}/api/ai/image/generation",
        json={"model": 1},
        headers={"authorization": "Bearer secret-token"},
    )
    entry = page.locator("#journal > li").first
    entry.locator("summary").click()
    entry.get_by_role("button", name="Send again").wait_for()
    said = entry.inner_text()
    entry.get_by_role("button", name="Send again").click()
    page.locator("#journal > li").nth(1).wait_for()

    assert "400" in said
    assert f"Route\n{IMAGES}" in said
    assert "Credential\naccepted" in said
    assert "prompt" in said
    assert f"curl -X POST '{mock.url}/api/ai/image/generation'" in said
    assert "secret-token" not in said
    assert [one["status"] for one in mock.requests(IMAGES)] == [400, 400]


TEN_THOUSAND = """
async () => {
  const { take } = await import("/__mock/page/journal.js");
  const at = new Date().toISOString();
  for (let id = 1; id <= 10050; id++) {
    take({ id, at, key: null, method: "GET", target: `/n${id}`, status: 200, source: "s", ms: 1 });
  }
}
"""


def test_ten_thousand_requests_leave_it_quick(page: Page, mock: RunningMock) -> None:
    """All of them are kept and found, the newest are drawn, and what is open stays open."""
    opened(page, mock)
    page.evaluate(TEN_THOUSAND)
    page.locator("#journal > li", has_text="/n10050").wait_for()
    drawn = page.locator("#journal > li").count()
    page.locator("#journal summary", has_text="/n10049").click()
    page.get_by_label("Show requests with this text").fill("/n51")
    page.locator("#count", has_text="111 of 10000").wait_for()
    found = page.locator("#journal > li").count()
    page.get_by_role("button", name="Show older requests").click()
    page.locator("#journal > li").nth(110).wait_for()
    page.get_by_label("Show requests with this text").fill("nothing like it")
    page.get_by_text("No request has this text.").wait_for()
    page.get_by_label("Show requests with this text").fill("")
    page.locator("#journal > li", has_text="/n10049").wait_for()

    assert (drawn, found) == (100, 100)
    assert page.locator("#journal details[open]").count() == 1


def test_what_networks_do_is_a_click_away(page: Page, mock: RunningMock) -> None:
    """Answers that no contract documents, for one operation or for all."""
    opened(page, mock)
    page.get_by_text("All operations at once").click()
    page.get_by_role("button", name="Once: all operations 429 with Retry-After").click()
    page.locator("#scenarios li", has_text="All operations").wait_for()
    answer = generate(mock)
    row = operation(page, IMAGES)
    row.get_by_text("What networks do").click()
    row.get_by_role("button", name="Always: POST /api/ai/image/generation connection cut b").click()
    row.locator(".forced", has_text="cut before the answer").wait_for()

    assert (answer.status_code, answer.headers["retry-after"]) == (429, "1")
    with pytest.raises(httpx2.RemoteProtocolError):
        generate(mock)


def test_scenarios_of_others_appear(page: Page, mock: RunningMock) -> None:
    """A test that runs beside the page is seen to steer, step by step."""
    opened(page, mock)
    mock.scenario(IMAGES, {"status": 401}, {"delay": {"min": 1, "max": 2}}, name="mine", key="k")
    page.locator("#scenarios li", has_text="mine, 2 left, key k").wait_for()

    assert page.locator("#scenarios .step").all_inner_texts() == ["401", "1 to 2 s late"]


def test_an_open_operation_is_searched_and_marked_like_the_others(
    page: Page, mock: RunningMock
) -> None:
    """What an open row holds, details of its own among it, is no operation."""
    watched = opened(page, mock)
    row = operation(page, IMAGES)
    row.get_by_text("What networks do").wait_for()
    mock.scenario(IMAGES, status=503)
    row.locator(".forced", has_text="503").wait_for()
    page.locator("#search").fill("embeddings")
    page.locator("#operations .operation:visible").nth(1).wait_for(state="detached")

    assert not row.is_visible()
    assert page.locator("#operations .operation:visible").count() == 1
    assert watched.problems == []


def test_a_first_look_that_fails_is_made_up_for(page: Page, mock: RunningMock) -> None:
    """A mock that is busy for a moment leaves no page that shows nothing and follows nothing."""
    looks: list[str] = []

    def fail_once(route: Route) -> None:
        looks.append(route.request.url)
        route.abort() if len(looks) == 1 else route.continue_()

    page.route("**/__mock/health", fail_once)
    page.goto(f"{mock.url}/")
    generate(mock)
    page.locator("#journal > li").wait_for()
    page.locator("#operations .operation").first.wait_for()

    assert len(looks) > 1


def test_a_recorded_body_sends_no_file_of_who_pastes_it(page: Page, mock: RunningMock) -> None:
    """`--data-binary @name` would read one, and a value may try to leave its quotes."""
    opened(page, mock)
    httpx2.post(
        f"{mock.url}/api/ai/image/generation?[1-9]",
        content=b"@/etc/passwd'; id; '",
        headers={"authorization": "Bearer t", "content-type": "application/json"},
    )
    page.locator("#journal summary").first.click()
    page.locator("#journal pre", has_text="curl").last.wait_for()
    line = page.locator("#journal pre").last.inner_text()

    words = shlex.split(line)
    assert words[:4] == ["curl", "-X", "POST", "-g"]
    assert words[-2:] == ["--data-raw", "@/etc/passwd'; id; '"]


HOSTILE = "<img src=x onerror=\"document.title='broken'\"><script>document.title='broken'</script>"


def test_hostile_values_are_text(page: Page, mock: RunningMock) -> None:
    """Whatever a request, a key or a scenario brings along is shown, and never run."""
    watched = opened(page, mock)
    mock.scenario(IMAGES, name=HOSTILE, key="k", status=401)
    with httpx2.Client() as client:
        client.get(f"{mock.url}/{HOSTILE}", headers={"x-mock-key": HOSTILE})
        client.post(
            f"{mock.url}/api/ai/image/generation",
            json={"model": HOSTILE, "prompt": 1},
            headers={"authorization": "Bearer t", "x-mock-key": "k2", "x-evil": HOSTILE},
        )
    page.locator("#journal > li").nth(1).wait_for()
    for number in range(2):
        page.locator("#journal > li summary").nth(number).click()
        page.locator("#journal > li").nth(number).get_by_role("button", name="Copy").wait_for()
    page.reload()
    page.locator("#scenarios li", has_text="onerror").wait_for()

    assert "broken" not in page.title()
    assert page.locator("#journal img, #scenarios img, #journal script").count() == 0
    assert [one for one in watched.problems if "Content Security" in one] == []


ATTACK = """
async (mock) => {
  const blind = { method: "POST", mode: "no-cors" };
  const scenario = JSON.stringify({ operation: "*", answers: [{ status: 500 }], repeat: true });
  const read = (path, how) => fetch(mock + path, how).then((one) => one.text(), () => null);
  const seen = [
    await read("/__mock/requests"),
    await read("/__mock/openapi.json"),
    await read("/__mock/scenarios", { method: "DELETE" }),
    await read("/__mock/requests", { method: "DELETE" }),
    await read("/__mock/scenarios", { method: "POST", body: scenario }),
    await read("/__mock/scenarios", { ...blind, body: scenario }),
    await read("/__mock/reset", { ...blind, referrerPolicy: "no-referrer" }),
  ];
  const followed = await new Promise((resolve) => {
    const stream = new EventSource(mock + "/__mock/requests/stream");
    stream.onopen = () => resolve("open");
    stream.onerror = () => resolve("refused");
  });
  const frame = Object.assign(document.createElement("iframe"), { name: "frame" });
  document.body.append(frame);
  const form = Object.assign(document.createElement("form"), {
    method: "POST", action: mock + "/__mock/reset", target: "frame", enctype: "text/plain",
  });
  document.body.append(form);
  await new Promise((resolve) => { frame.onload = resolve; form.submit(); });
  const framed = Object.assign(document.createElement("iframe"), { src: mock + "/__mock/" });
  await new Promise((resolve) => { framed.onload = resolve; document.body.append(framed); });
  return [...seen, followed];
}
"""


def test_a_page_of_another_origin_gets_nowhere(page: Page, mock: RunningMock) -> None:
    """Whatever a browser lets it send, readable or blind: nothing is seen and nothing changes."""
    generate(mock)
    mock.scenario(IMAGES, name="mine", status=401)
    with pages.origin() as elsewhere:
        page.goto(f"{elsewhere}/frontend.html")
        *seen, followed = page.evaluate(ATTACK, mock.url)
    waiting = httpx2.get(f"{mock.url}/__mock/scenarios").json()

    assert (set(seen) <= {None, ""}, followed) == (True, "refused")
    assert [one["name"] for one in waiting] == ["mine"]
    assert len(mock.requests()) == 1


STEER = """
async ([mock, headers]) => {
  const steer = (key) => fetch(mock + "/__mock/scenarios", {
    method: "POST", headers,
    body: JSON.stringify({ operation: "*", key, answers: [{ status: 418 }] }),
  }).then((one) => one.status, () => "refused");
  const own = () => fetch(mock + "/api/ai/models", { headers: { "X-Mock-Key": "mine" } })
    .then((one) => one.status);
  await own();
  const told = [await steer("mine"), await steer("theirs"), await steer()];
  const journal = await fetch(mock + "/__mock/requests", { headers }).then(
    (one) => one.status, () => "refused");
  const forced = await own();
  const watched = await fetch(mock + "/__mock/requests?key=mine", { headers }).then(
    (one) => one.ok ? one.json().then((entries) => entries.length) : one.status, () => "refused");
  const reset = await fetch(mock + "/__mock/reset?key=mine", { method: "POST", headers }).then(
    (one) => one.status, () => "refused");
  return [...told, journal, forced, watched, reset];
}
"""


@pytest.mark.parametrize(
    ("settings", "headers", "expected"),
    [
        (Settings(), {}, ["refused"] * 4 + [401] + ["refused"] * 2),
        (
            Settings(allow_page_scenarios=True),
            {},
            [201, "refused", "refused", "refused", 418, 2, 204],
        ),
        (Settings(admin_token="T"), {}, ["refused"] * 4 + [401] + ["refused"] * 2),
        (
            Settings(admin_token="T"),
            {"Authorization": "Bearer T"},
            [201, 201, 201, 200, 418, 2, 204],
        ),
    ],
    ids=["as it comes", "page scenarios", "without the token", "with the token"],
)
def test_a_page_steers_what_it_may(
    page: Page, settings: Settings, headers: dict[str, str], expected: list[Any]
) -> None:
    """For its own key where that is allowed, and with the token everything."""
    with RunningMock(create_app(settings=settings)) as mock, pages.origin() as elsewhere:
        page.goto(f"{elsewhere}/frontend.html")
        seen = page.evaluate(STEER, [mock.url, headers])

    assert seen == expected


def test_the_keyboard_reaches_everything(page: Page, mock: RunningMock) -> None:
    """An operation is opened and an answer forced without a mouse."""
    opened(page, mock)
    page.locator("#operations summary").first.focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Once").first.wait_for()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")

    assert page.evaluate("document.activeElement.textContent") == "Once"


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 390)])
def test_axe_finds_nothing(browser: Browser, mock: RunningMock, scheme: Any, width: int) -> None:
    """Screen readers and weak eyes: desktop and phone, light and dark; nothing is cut off."""
    if not AXE.exists():
        pytest.skip("axe-core is not installed: npm ci --prefix tests/javascript")
    generate(mock)
    mock.scenario(IMAGES, status=401)
    with browser.new_context(
        color_scheme=scheme, viewport={"width": width, "height": 800}, bypass_csp=True
    ) as context:
        page = context.new_page()
        opened(page, mock)
        operation(page, IMAGES)
        page.locator("#journal summary").first.click()
        page.get_by_role("button", name="Send again").wait_for()
        page.add_script_tag(path=str(AXE))
        found = page.evaluate("axe.run().then(found => found.violations.map(v => v.id))")
        overflow = "document.documentElement.scrollWidth > document.documentElement.clientWidth"

        assert (found, page.evaluate(overflow)) == ([], False)
