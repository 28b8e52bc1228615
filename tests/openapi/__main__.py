"""`make openapi-page`: write docs/openapi.md from the cases."""

from __future__ import annotations

from tests.openapi.features import PAGE, page

if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
