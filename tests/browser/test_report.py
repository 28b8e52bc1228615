"""The HTML report of a run, as its reader opens it: a file, in a browser, without a network."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import pytest

from conformance.clauses.clause import Clause, Verdict
from conformance.clauses.kinds import ClauseKind
from conformance.http.credentials import Credentials
from conformance.http.target import Target
from conformance.report.findings import Report
from conformance.report.formats.html import as_html
from conformance.report.formats.verdicts import in_order
from conformance.report.tally import clause_matrix
from conformance.run.session.run_options import RunOptions
from conformance.run.way_of_a_clause import way_of_a_clause
from conformance.run.whole_run import Run
from tests.ai import CONTRACT, IMAGES
from tests.browser.chromium import Watched
from tests.conformance.backend import Backend

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.slow

#: The texts that are hard to read, each with its contrast ratio, as WCAG 2.2 reckons it; a dot
#: that stands for an empty cell is no text.
FAINT = """() => {
    const colours = (style) => [...style.matchAll(/rgb\\((\\d+), (\\d+), (\\d+)\\)/g)]
        .map(([, ...channels]) => channels.map((channel) => channel / 255));
    const luminance = (colour) => colour
        .map((one) => one <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4)
        .reduce((sum, one, index) => sum + one * [0.2126, 0.7152, 0.0722][index], 0);
    const ratio = (one, other) => {
        const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b);
        return (light + 0.05) / (dark + 0.05);
    };
    const behind = (element) => {
        const { backgroundColor, backgroundImage } = getComputedStyle(element);
        const found = colours(`${backgroundImage} ${backgroundColor}`);
        return found.length ? found : behind(element.parentElement);
    };
    const contrast = (element) => {
        const [ink] = colours(getComputedStyle(element).color);
        return Math.min(...behind(element).map((paper) => ratio(ink, paper)));
    };
    const hasText = (element) => [...element.childNodes]
        .some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim());
    return [...document.querySelectorAll("main *:not(.none)")]
        .filter((element) => hasText(element) && contrast(element) < 4.5)
        .map((element) => `${element.textContent.trim()}: ${contrast(element).toFixed(2)}`);
}"""


@pytest.fixture(scope="module")
def report() -> Report:
    """What the kit says of a backend that lets anybody paint and never challenges."""
    backend = Backend(["image-unguarded", "no-challenge"])
    options = RunOptions(
        credentials=Credentials(
            token=backend.tokens.admin, by_tag={"Client": backend.tokens.client}
        ),
        families=frozenset({ClauseKind.CREDENTIALS, ClauseKind.BODY}),
        max_examples=1,
    )
    run = Run(CONTRACT, Target(app=backend), options)
    asyncio.run(way_of_a_clause(run))
    return run.report()


@pytest.fixture(scope="module")
def file(report: Report, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report on disk; made before there is a browser, whose event loop excludes others."""
    path = tmp_path_factory.mktemp("report") / "report.html"
    path.write_text(as_html(report), encoding="utf-8")
    return path


@pytest.fixture
def opened(file: Path, page: Page) -> Page:
    page.goto(file.as_uri())
    return page


def shown(page: Page) -> list[str]:
    """The ids of the clauses that can be seen."""
    return page.locator(".operation li > code:visible").all_inner_texts()


def ids(report: Report, wanted: Callable[[Clause], bool]) -> list[str]:
    """The ids of the report's clauses that are wanted."""
    return [clause.id for clause in report.clauses if wanted(clause)]


def test_the_file_is_all_there_is(file: Path, page: Page) -> None:
    """Nothing else is asked for, and nothing goes wrong, its content security policy included."""
    watched = Watched.of(page)
    page.goto(file.as_uri(), wait_until="networkidle")

    assert (watched.requests, watched.problems) == ([file.as_uri()], [])


def test_it_says_what_the_report_says(opened: Page, report: Report) -> None:
    """A finding is a card, an operation a row, a kind a column, with the ledger's own numbers."""
    table = clause_matrix(report)
    levels = opened.locator(".card h3 .badge").all_inner_texts()
    rows = opened.locator("tbody th").all_inner_texts()
    columns = opened.locator("thead th").all_inner_texts()
    totals = opened.locator("td a[data-kind='']").all_inner_texts()

    assert levels == [one.level.value for one in in_order(report.findings)]
    assert rows == list(table.operations)
    assert columns == ["", *table.kinds, "all"]
    assert totals == [f"{one.held}/{one.total}" for one in table.by_operation.values()]


def test_a_cell_leads_to_its_clauses(opened: Page, report: Report) -> None:
    """A click opens that operation alone, with the clauses of that kind alone, in view."""
    opened.locator("tbody tr", has_text=IMAGES).locator("[data-kind=credentials]").click()
    wanted = ids(report, lambda one: (one.operation, one.kind) == (IMAGES, "credentials"))
    every = ids(report, lambda one: one.operation == IMAGES)
    group = opened.locator(".operation[open]")
    summary = group.locator("summary").inner_text()

    assert shown(opened) == wanted
    assert summary == f"{IMAGES} {len(wanted)} of {len(every)} clauses"
    # Half a pixel is lost where the height of the page is no whole number.
    assert -0.01 <= group.evaluate("(it) => it.getBoundingClientRect().top / innerHeight") < 1


def test_a_kind_can_be_given_up_again(opened: Page, report: Report) -> None:
    """By the button that names it, or by the cell for all kinds."""
    row = opened.locator("tbody tr", has_text=IMAGES)
    every = ids(report, lambda one: one.operation == IMAGES)
    row.locator("[data-kind=body]").click()
    opened.get_by_role("button", name="only body").click()
    by_button = shown(opened)
    row.locator("[data-kind=body]").click()
    row.locator("[data-kind='']").click()

    assert (by_button, shown(opened)) == (every, every)


def test_the_filter_takes_words_and_verdicts(opened: Page, report: Report) -> None:
    """Words are sought in names and promises, whatever their case; the two narrow each other."""
    opened.get_by_label("Filter clauses").fill("SECURITY.")
    worded = shown(opened)
    opened.get_by_role("button", name="broken", exact=True).click()
    both = shown(opened)
    opened.get_by_label("Filter clauses").fill("")
    broken = shown(opened)

    assert worded == ids(report, lambda one: "security." in f"{one.id} {one.promise}".lower())
    assert both == ids(report, lambda one: "security." in one.id and one.verdict is Verdict.BROKEN)
    assert broken == ids(report, lambda one: one.verdict is Verdict.BROKEN)
    assert len(worded) > len(both) > 0


def test_a_broken_clause_leads_to_its_finding(opened: Page) -> None:
    """Its name is a link to the card, which is then in view."""
    opened.locator("tbody tr", has_text=IMAGES).locator("[data-kind=credentials]").click()
    opened.locator(".operation[open] li a").first.click()

    assert opened.locator(".card:target h3 .badge").inner_text() == "error"


@pytest.mark.parametrize(
    ("scheme", "paper", "width"),
    [("light", "rgb(251, 250, 248)", 390), ("dark", "rgb(20, 22, 26)", 1200)],
    ids=["light phone", "dark desk"],
)
def test_it_can_be_read_in_either_scheme_and_any_width(
    file: Path, page: Page, scheme: Literal["light", "dark"], paper: str, width: int
) -> None:
    """Text stands out against what is behind it (WCAG 2.2, 1.4.3), and nothing sticks out."""
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(file.as_uri())
    page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")

    background = page.locator("body").evaluate("(body) => getComputedStyle(body).backgroundColor")
    assert background == paper
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert page.evaluate(FAINT) == []
