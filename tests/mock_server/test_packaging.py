"""One wheel holds the three packages, the contract and both commands, and works from anywhere."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from email.parser import Parser
from pathlib import Path

import httpx2
import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
LARGEST = 3_000_000
"""Bytes that the wheel may have."""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel that `pip install .` would build and install."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [
            *(sys.executable, "-m", "pip", "wheel", "--quiet", "--disable-pip-version-check"),
            *("--no-deps", "--no-build-isolation", "--wheel-dir", str(folder), str(ROOT)),
        ],
        check=True,
        capture_output=True,
    )
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheel's packages and nothing of this checkout."""
    folder = tmp_path_factory.mktemp("installed")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


def test_everything_is_in_the_wheel(wheel: Path) -> None:
    """Packages with their types, contract, overlay, documentation and licences; no tests."""
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    wanted = {
        "spec/ai.yaml",
        "spec/ai.overlay.yaml",
        *(f"{package}/py.typed" for package in ("spec", "mock_server", "conformance")),
        "mock_server/admin/docs_assets/index.html",
        "mock_server/command/export_assets/fetch.js",
        "mock_server/admin/docs_assets/swagger_ui/swagger-ui-bundle.js",
        "mock_server/admin/docs_assets/swagger_ui/LICENSE",
    }

    assert wanted - set(names) == set()
    assert {name.partition("/")[0] for name in names if ".dist-info/" not in name} == {
        "insforge_contract.py",
        "spec",
        "mock_server",
        "conformance",
    }
    assert wheel.stat().st_size < LARGEST


def test_every_module_of_the_checkout_is_in_the_wheel(wheel: Path) -> None:
    """Nothing that is imported here is forgotten there."""
    packages = ("spec", "mock_server", "conformance")
    here = {
        file.relative_to(ROOT).as_posix()
        for package in packages
        for file in (ROOT / package).rglob("*.py")
    }
    with zipfile.ZipFile(wheel) as archive:
        there = {name for name in archive.namelist() if name.endswith(".py")}

    assert here - there == {"spec/settings/import_names.py"}  # it is `insforge_contract.py` there


def test_both_commands_and_the_plugin_are_announced(wheel: Path) -> None:
    """The entry points are what pipx, uvx and pytest look for."""
    with zipfile.ZipFile(wheel) as archive:
        (entry,) = (name for name in archive.namelist() if name.endswith("entry_points.txt"))
        (metadata,) = (name for name in archive.namelist() if name.endswith("METADATA"))
        points = archive.read(entry).decode().split("\n")
        described = Parser().parsestr(archive.read(metadata).decode())

    assert "mock-server = insforge_contract:mock_server" in points
    assert "conformance = insforge_contract:conformance" in points
    assert "mock_server = insforge_contract:mock_server_plugin" in points
    assert described["License-Expression"] == "Apache-2.0"
    assert described["Requires-Python"] == ">=3.11"


def test_the_installed_mock_runs_from_any_folder(installed: Path, tmp_path: Path) -> None:
    """It serves the contract and the documentation that are inside the wheel."""
    process = subprocess.Popen(
        [sys.executable, "-m", "mock_server", "--port", "0"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(installed)},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout
        url = process.stdout.readline().split()[-1]
        with httpx2.Client(trust_env=False) as client:
            health = client.get(f"{url}/__mock/health").json()
            script = client.get(f"{url}/__mock/docs/swagger_ui/swagger-ui-bundle.js")
            models = client.get(f"{url}/api/ai/models", headers={"Authorization": "Bearer t"})
    finally:
        process.terminate()
        process.communicate(timeout=10)

    assert health["contract"]["title"] == "InsForge AI API"
    assert len(script.content) > 1_000_000
    assert models.status_code == 200


def test_the_installed_kit_runs_from_any_folder(installed: Path, tmp_path: Path) -> None:
    """`conformance` finds its own files as well."""
    said = subprocess.run(
        [sys.executable, "-c", "from conformance.cli import main; main()", "--help"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(installed)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert (said.returncode, "Usage:" in said.stdout) == (0, True)
