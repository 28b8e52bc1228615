"""InsForge's own JavaScript client, unmodified, against the installed mock."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from spec import AI_CONTRACT
from tests.command import launched

HERE = Path(__file__).parent
SCRIPTS = sorted(HERE.glob("*.test.js"))
NODE = shutil.which("node")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(NODE is None, reason="Node is not installed"),
    pytest.mark.skipif(
        not (HERE / "node_modules").exists(),
        reason="the client is not installed; run `make tests/javascript/node_modules`",
    ),
]


@pytest.fixture(scope="module")
def urls() -> Iterator[dict[str, str]]:
    """Mocks by variable name: any token, a single token, and two contracts on one port."""
    with (
        launched() as lenient,
        launched("--auth", "token=right-token") as strict,
        launched(AI_CONTRACT, HERE / "auth.yaml") as two,
    ):
        yield {
            "MOCK_URL": lenient.url,
            "STRICT_URL": strict.url,
            "TWO_CONTRACTS_URL": two.url,
        }


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.name)
def test_the_client_works_unmodified(script: Path, urls: dict[str, str]) -> None:
    """Images, chat, streams, vectors and every error are what the client expects of a backend."""
    assert NODE is not None
    ran = subprocess.run(
        [NODE, "--test", "--test-reporter=spec", script.name],
        cwd=HERE,
        env={**os.environ, **urls},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_there_is_a_script_for_each_thing_a_client_does() -> None:
    """No script is lost by a change of its name."""
    names = [script.name for script in SCRIPTS]

    assert names == [
        "chat.test.js",
        "embeddings.test.js",
        "errors.test.js",
        "images.test.js",
        "refresh.test.js",
    ]
