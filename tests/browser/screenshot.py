"""Take the README's picture of a frontend that works against the mock.

python -m tests.browser.screenshot .github/mock.png
"""

from __future__ import annotations

import sys
from pathlib import Path

from tests.browser import pages
from tests.browser.chromium import chromium
from tests.command import launched


def main(file: Path) -> None:
    """Ask for several images in the test's own frontend and save what it shows."""
    with launched() as mock, pages.origin() as origin, chromium() as browser:
        page = browser.new_page(viewport={"width": 1000, "height": 100})
        page.goto(f"{origin}/frontend.html?api={mock.url}")
        page.select_option("[name=wish]", "__example=several")
        page.click("text=Paint")
        page.wait_for_function(
            "document.images.length === 3 && [...document.images].every(i => i.complete)"
        )
        page.screenshot(path=file, full_page=True)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]))
