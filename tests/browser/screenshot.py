"""Take the README's picture of a frontend that works against the mock.

python -m tests.browser.screenshot .github/mock.png
"""

from __future__ import annotations

import sys
from pathlib import Path

from tests.browser import chromium, pages
from tests.served import mock_server


def main(file: Path) -> None:
    """Ask for several images in the test's own frontend and save what it shows."""
    with mock_server() as mock, pages.origin() as origin, chromium.page() as page:
        page.open(f"{origin}/frontend.html?api={mock}")
        page.run("form.wish.value = '__example=several'; form.requestSubmit()")
        page.wait_for("document.images.length === 3 && [...document.images].every(i => i.complete)")
        page.screenshot(file, width=1000)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]))
