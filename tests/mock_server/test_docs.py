"""The files of the documentation page; what a browser makes of them is in tests/browser."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from mock_server import create_app
from mock_server.admin import assets
from mock_server.command.running import RunningMock
from spec import AI_CONTRACT


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """Where a mock answers."""
    with RunningMock(create_app(AI_CONTRACT)) as running:
        yield running.url


@pytest.mark.parametrize(
    ("path", "content_type"),
    [
        ("", "text/html; charset=utf-8"),
        ("/docs.js", "text/javascript; charset=utf-8"),
        ("/docs.css", "text/css; charset=utf-8"),
        ("/swagger_ui/swagger-ui.css", "text/css; charset=utf-8"),
        ("/swagger_ui/swagger-ui-bundle.js", "text/javascript; charset=utf-8"),
    ],
)
def test_the_files_are_served_and_kept(url: str, path: str, content_type: str) -> None:
    """Each has its type, forbids everything from elsewhere, and is not sent twice."""
    with httpx2.Client(trust_env=False) as client:
        answer = client.get(f"{url}/__mock/docs{path}")
        again = client.get(
            f"{url}/__mock/docs{path}", headers={"If-None-Match": answer.headers["etag"]}
        )

    assert (answer.status_code, answer.headers["content-type"]) == (200, content_type)
    assert "default-src 'none'; script-src 'self'" in answer.headers["content-security-policy"]
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize(
    "path",
    ["/docs/nothing", "/docs/../assets.py", "/docs/swagger_ui/LICENSE", "//etc/passwd", "/page"],
)
def test_no_other_file_is_served(path: str) -> None:
    """Only the files of the page can be asked for."""
    assert assets.find(path) is None


def test_a_slash_too_many_leads_to_the_page(url: str) -> None:
    """`/__mock/docs/` is a redirection, since the page's references are relative."""
    with httpx2.Client(trust_env=False, follow_redirects=True) as client:
        answer = client.get(f"{url}/__mock/docs/")

    assert str(answer.url) == f"{url}/__mock/docs"
    assert answer.status_code == 200


def test_the_pages_ask_for_nothing_from_afar() -> None:
    """No address of another host stands in the files that are ours."""
    folder = Path(assets.__file__).with_name("docs_assets")
    ours = [folder / "index.html", folder / "docs.css", folder / "docs.js"]

    assert [file.name for file in ours if "//" in file.read_text().replace("://", "")] == []
    assert [file.name for file in ours if re.search(r"https?://", file.read_text())] == []


def test_the_vendored_files_carry_their_licence() -> None:
    """Apache-2.0 asks for the licence and the notice beside the files, and we for the version."""
    folder = Path(assets.__file__).with_name("docs_assets") / "swagger_ui"

    assert "Apache License" in (folder / "LICENSE").read_text()
    assert (folder / "NOTICE").read_text().startswith("swagger-ui")
    assert re.fullmatch(r"\d+\.\d+\.\d+\n", (folder / "VERSION").read_text())
