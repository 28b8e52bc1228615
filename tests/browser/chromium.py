"""The system's Chromium, without a window, driven by Playwright.

Playwright's own download is not used: what a distribution keeps up to date is enough. A machine
without one of them skips the tests of pages, and says which is missing.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

__all__ = ["PROGRAM", "Watched", "chromium"]

PROGRAM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)

_FLAGS = (
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
)


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start Chromium with an empty profile, and stop it afterwards.

    Meanwhile no other event loop can be run in this thread: Playwright's own is running.
    """
    from playwright.sync_api import sync_playwright  # the tests skip where it is missing

    as_root = ["--no-sandbox"] if os.geteuid() == 0 else []  # Chromium refuses it otherwise
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=PROGRAM, args=[*_FLAGS, *as_root])
        yield browser
        browser.close()


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """What went over the network for a page, and what went wrong in it, in order."""

    requests: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, page: Page) -> Watched:
        """Watch a page from now on."""
        watched = cls()
        page.on("request", lambda request: watched.requests.append(request.url))
        page.on("pageerror", lambda error: watched.problems.append(str(error)))
        page.on(
            "console",
            lambda said: watched.problems.append(said.text) if said.type == "error" else None,
        )
        return watched
