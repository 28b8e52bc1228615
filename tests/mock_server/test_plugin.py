"""The pytest plugin: a running mock for suites that ask, and nothing at all for the others."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

KETTLE = """
openapi: 3.0.3
info: {title: Kettle, version: "1"}
components:
  securitySchemes: {lid: {type: http, scheme: bearer}}
paths:
  /kettle:
    get:
      security: [{lid: []}]
      responses:
        "200":
          description: the kettle
          content: {application/json: {schema: {type: integer}, example: 99}}
        "503": {description: cold}
"""
ASKS = """
from urllib.request import Request, urlopen

def ask(url):
    request = Request(url + "/kettle", headers={"Authorization": "Bearer t"})
    with urlopen(request) as answer:
        return answer.status, answer.read()
"""


@pytest.fixture
def suite(tmp_path: Path) -> Path:
    """A folder with a contract, and nothing that pytest is told."""
    (tmp_path / "kettle.yaml").write_text(KETTLE)
    (tmp_path / "asks.py").write_text(ASKS)
    return tmp_path


def _ran(suite: Path, tests: str, *arguments: str, found: bool = False) -> str:
    """What pytest says of some tests, warnings being errors.

    `found` lets pytest find the plugin, and all others that are installed, which takes a while;
    without it there is this plugin alone.
    """
    (suite / "test_it.py").write_text(tests)
    alone = [] if found else ["--disable-plugin-autoload", "-p", "mock_server.plugin"]
    result = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-W", "error", *alone, *arguments],
        cwd=suite,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={**os.environ, "PYTHONPATH": str(suite)},
    )
    return result.stdout + result.stderr


def test_a_test_that_asks_has_a_mock(suite: Path) -> None:
    """A real socket, the contract that the option names, the same mock for the whole session."""
    said = _ran(
        suite,
        """
from asks import ask

seen = []

def test_one(mock_server_url):
    seen.append(mock_server_url)
    assert ask(mock_server_url) == (200, b"99")

def test_two(mock_server, mock_server_url):
    assert seen == [mock_server.url] == [mock_server_url]
    assert mock_server.contract.title == "Kettle"
""",
        "--mock-server-contract=kettle.yaml",
        found=True,
    )

    assert "2 passed" in said


def test_what_a_test_did_to_the_mock_is_undone(suite: Path) -> None:
    """A scenario that one test left waiting is not met by the next one.

    A key of the configuration names the contract, relative to its file.
    """
    (suite / "pytest.ini").write_text("[pytest]\nmock_server_contract = kettle.yaml\n")
    said = _ran(
        suite,
        """
import pytest
from urllib.error import HTTPError
from asks import ask

def test_one(mock_server):
    mock_server.scenario("GET /kettle", status=503, times=5)
    with pytest.raises(HTTPError) as refused:
        ask(mock_server.url)
    refused.value.close()
    assert refused.value.code == 503

    assert mock_server.verify("GET /kettle", status=503)
    assert not mock_server.verify("GET /kettle", status=200)
    assert [one["status"] for one in mock_server.requests("GET /kettle")] == [503]

def test_two(mock_server):
    assert mock_server.requests() == []
    assert ask(mock_server.url) == (200, b"99")
    assert mock_server.contract.title == "Kettle"
""",
    )

    assert "2 passed" in said


def test_the_option_wins_over_the_configuration(suite: Path) -> None:
    """Both name a contract."""
    (suite / "pytest.ini").write_text("[pytest]\nmock_server_contract = kettle.yaml\n")
    (suite / "pot.yaml").write_text(KETTLE.replace("Kettle", "Pot"))
    test = "def test_one(mock_server): assert mock_server.contract.title == 'Pot'"

    assert "1 passed" in _ran(suite, test, "--mock-server-contract=pot.yaml")


def test_state_can_be_asked_for(suite: Path) -> None:
    """What one test did shows in its later answers, and not in those of the next test."""
    (suite / "jar.yaml").write_text("""
openapi: 3.0.3
info: {title: Jar, version: "1"}
paths:
  /jar:
    get: {responses: {"200": {description: it, content: {application/json: {example: {n: 1}}}}}}
    put:
      requestBody: {content: {application/json: {schema: {type: object}}}}
      responses: {"204": {description: set}}
""")
    test = """
import json
from urllib.request import Request, urlopen

def put(url, value):
    headers = {"Content-Type": "application/json"}
    data = json.dumps(value).encode()
    urlopen(Request(url + "/jar", data, headers, method="PUT")).close()

def got(url):
    with urlopen(url + "/jar") as answer:
        return json.load(answer)

def test_one(mock_server_url):
    put(mock_server_url, {"n": 2})
    assert got(mock_server_url) == {"n": 2}

def test_two(mock_server_url):
    assert got(mock_server_url) == {"n": 1}
"""

    assert "2 passed" in _ran(
        suite, test, "--mock-server-contract=jar.yaml", "--mock-server-stateful"
    )


def test_settings_can_be_overridden(suite: Path) -> None:
    """A fixture of the suite says which credentials are good."""
    (suite / "conftest.py").write_text(
        """
import pytest
from mock_server import AuthPolicy, Settings

@pytest.fixture(scope="session")
def mock_server_settings():
    return Settings(auth=AuthPolicy(mode="token", tokens=("other",)))
"""
    )
    said = _ran(
        suite,
        """
import pytest
from urllib.error import HTTPError
from asks import ask

def test_one(mock_server_url):
    with pytest.raises(HTTPError) as refused:
        ask(mock_server_url)
    refused.value.close()
    assert refused.value.code == 401
""",
        "--mock-server-contract=kettle.yaml",
    )

    assert "1 passed" in said


def test_without_a_contract_it_is_the_packaged_one(suite: Path) -> None:
    """Nothing needs to be configured for InsForge's AI API."""
    test = "def test_one(mock_server): assert mock_server.contract.operation('GET /api/ai/models')"

    assert "1 passed" in _ran(suite, test)


def test_a_contract_that_cannot_be_read_is_one_message(suite: Path) -> None:
    """The test that asked errs with the message, without a page of traceback."""
    said = _ran(suite, "def test_one(mock_server): pass", "--mock-server-contract=nope.yaml")

    assert "nope.yaml" in said
    assert "no such file" in said
    assert "Traceback" not in said
    assert "def load" not in said


def test_a_suite_that_does_not_ask_pays_nothing(suite: Path) -> None:
    """Neither the mock nor the contract reader nor Connexion is imported to no purpose."""
    said = _ran(
        suite,
        """
import sys

def test_one():
    heavy = {"connexion", "uvicorn", "spec", "yaml", "jsonschema_rs", "mock_server.http"}
    assert heavy & set(sys.modules) == set()
""",
    )

    assert "1 passed" in said


def test_the_fixtures_are_listed_and_explained(suite: Path) -> None:
    """`pytest --fixtures` names them with a sentence, and `--help` the options."""
    said = _ran(suite, "", "--fixtures") + _ran(suite, "", "--help")

    assert "A running mock, reset before the test." in said
    assert "Where the mock of this test answers" in said
    assert "--mock-server-contract" in said
    assert "mock_server_contract" in said
