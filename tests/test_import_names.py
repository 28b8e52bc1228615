"""A repository may have a `spec/`, a `mock_server.py` and a `conformance/` of its own."""

from __future__ import annotations

import subprocess
import sys
import urllib.request
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.command import launched
from tests.conformance.gate.command import COMMAND, CONTRACT, environment

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        find_spec("insforge_contract") is None, reason="installed before these names: make install"
    ),
]
THEIRS = {
    "mock_server.py": "X = 1",
    "spec/__init__.py": "X = 2",
    "conformance/__init__.py": "X = 3",
}


def put(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")


def ran(folder: Path, *command: str, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, cwd=folder, capture_output=True, text=True, check=False, timeout=120,
        env=environment(PYTHONPATH="", **more),
    )  # fmt: skip


def under_pytest(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return ran(folder, sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments)


@pytest.mark.parametrize("started_as", ["python -m pytest", "pytest"])
def test_both_are_there_under_pytest(started_as: str, tmp_path: Path) -> None:
    """The repository's tests get its own modules, and the fixtures serve all the same."""
    put(tmp_path, THEIRS)
    test = """
        import urllib.request
        import conformance, mock_server as theirs, spec

        def test_own():
            assert (theirs.X, spec.X, conformance.X) == (1, 2, 3)

        def test_fixture(mock_server_url):
            assert urllib.request.urlopen(mock_server_url + "/__mock/health").status == 200
    """
    put(tmp_path, {"test_both.py": test.replace("\n        ", "\n")})
    whole = [sys.executable, "-m", "pytest"], [str(Path(sys.executable).with_name("pytest"))]
    done = ran(tmp_path, *whole[started_as == "pytest"], "-q", "-p", "no:cacheprovider")

    assert "2 passed" in done.stdout, done.stdout + done.stderr


def test_verify_beside_another_spec(tmp_path: Path) -> None:
    """`conformance.verify` finds the reader of contracts where the name `spec` is taken."""
    test = """
        import conformance, spec

        async def app(scope, receive, send):
            await send({"type": "http.response.start", "status": 401, "headers": []})
            await send({"type": "http.response.body", "body": b""})

        def test_verify():
            assert spec.X == 2
            try:
                conformance.verify(app, contract="orders.yaml", max_examples=0)
            except conformance.NonconformanceError as error:
                assert error.report.requests
    """
    put(tmp_path, {"spec/__init__.py": "X = 2", "orders.yaml": CONTRACT})
    put(tmp_path, {"test_verify.py": test.replace("\n        ", "\n")})
    done = under_pytest(tmp_path)

    assert "1 passed" in done.stdout, done.stdout + done.stderr


def test_the_suite_says_what_hides_it(tmp_path: Path) -> None:
    """Pytest finds the suite by its name; where that is taken, one sentence names the file."""
    put(tmp_path, THEIRS)
    done = under_pytest(tmp_path, "--pyargs", "conformance.suite")

    assert done.returncode == 4
    assert f"{tmp_path / 'conformance/__init__.py'} hides the package" in done.stderr


def test_python_without_pytest_says_what_hides_it(tmp_path: Path) -> None:
    """A plain script is not ours to prepare; the file in the way is named."""
    put(tmp_path, {"spec/__init__.py": "X = 2"})
    done = ran(tmp_path, sys.executable, "-c", "import conformance; conformance.verify")

    assert f"{tmp_path / 'spec/__init__.py'} hides the package `spec`" in done.stderr


@pytest.mark.parametrize("path", ["", "."])
def test_the_gate_and_its_children(path: str, tmp_path: Path) -> None:
    """The commands work there, the processes that they start included, also with PYTHONPATH=."""
    put(tmp_path, {**THEIRS, "orders.yaml": CONTRACT})
    arguments = "gate", "--contract", "orders.yaml", "--max-examples", "0"
    done = subprocess.run(
        [COMMAND, *arguments], cwd=tmp_path, capture_output=True, text=True, check=False,
        env=environment(PYTHONPATH=path), timeout=120,
    )  # fmt: skip

    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("name", ["mock_server", "conformance"])
def test_python_dash_m(name: str, tmp_path: Path) -> None:
    """`python -m NAME` is the command, beside a `spec` of the folder's own, too."""
    put(tmp_path, {"spec/__init__.py": "X = 2"})
    done = ran(tmp_path, sys.executable, "-m", name, "--version")

    assert (done.returncode, "version" in done.stdout) == (0, True), done.stderr


CLIENT = """
import mock_server, os, urllib.request
assert mock_server.X == 1
asked = urllib.request.Request(os.environ["MOCK_SERVER_URL"] + "/orders/1")
asked.add_header("Authorization", "Bearer a-token")
assert urllib.request.urlopen(asked).status == 200
"""


def test_a_client_and_the_mock_that_it_asks(tmp_path: Path) -> None:
    """`conformance client` starts our mock beside theirs, and their tests have their own."""
    put(tmp_path, {**THEIRS, "orders.yaml": CONTRACT, "client.py": CLIENT})
    tests = f"{sys.executable} client.py"
    arguments = "--contract", "orders.yaml", "--run", tests, "--max-runs", "2"
    done = ran(tmp_path, COMMAND, "client", *arguments)

    assert "2 runs of" in done.stdout, done.stdout + done.stderr


def test_the_mock_and_its_workers(tmp_path: Path) -> None:
    """Each process that serves is ours, beside the modules of the repository."""
    put(tmp_path, {**THEIRS, "orders.yaml": CONTRACT})
    arguments = "orders.yaml", "--port", "0", "--workers", "2"
    with launched(*arguments, cwd=tmp_path, variables={"PYTHONPATH": "."}) as mock:
        with urllib.request.urlopen(f"{mock.url}/__mock/health") as answer:
            assert answer.status == 200
        status, said = mock.stop()

    assert (status, "Traceback" in said) == (0, False), said
