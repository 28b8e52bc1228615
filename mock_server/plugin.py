"""The pytest plugin: one mock on a real socket for the session, reset before each test.

    def test_generates(mock_server_url):
        client = Client(base_url=mock_server_url)

The contract is named by `--mock-server-contract FILE` or `mock_server_contract = FILE` in the
configuration (and `mock_server_overlay`); without either it is the one in this package. With
`--mock-server-stateful`, or `mock_server_stateful = true`, what a test did shows in later answers
of that test. Override the fixture `mock_server_settings` for anything else, for example the
credentials that are good.

Nothing of the mock is imported until a test asks for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from mock_server.command.running import RunningMock
    from mock_server.model.mock_settings import Settings

__all__ = ["mock_server", "mock_server_session", "mock_server_settings", "mock_server_url"]

_KEYS = {
    "contract": "contract that the fixtures mock_server and mock_server_url serve",
    "overlay": "overlay to lay over that contract; without it, NAME.overlay.yaml beside it",
}


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the options, each of which has a key in the configuration."""
    group = parser.getgroup("mock-server", "mock of an OpenAPI contract")
    for key, explained in _KEYS.items():
        group.addoption(f"--mock-server-{key}", metavar="FILE", help=explained)
        parser.addini(f"mock_server_{key}", f"{explained}, relative to this file", default="")
    explained = "keep state: requests change what later responses in the test contain"
    group.addoption("--mock-server-stateful", action="store_true", help=explained)
    parser.addini("mock_server_stateful", explained, type="bool", default=False)


@pytest.fixture(scope="session")
def mock_server_settings(pytestconfig: pytest.Config) -> Settings:
    """How the mock serves; override it in a conftest.py with a `mock_server.Settings`."""
    from mock_server.model.mock_settings import Settings

    flag, key = pytestconfig.getoption("--mock-server-stateful"), "mock_server_stateful"
    return Settings(stateful=bool(flag or pytestconfig.getini(key)))


@pytest.fixture(scope="session")
def mock_server_session(
    pytestconfig: pytest.Config, mock_server_settings: Settings
) -> Iterator[RunningMock]:
    """The one mock of the session, as the last test left it; tests want `mock_server`."""
    from mock_server import create_app
    from mock_server.command.contract_source import Source
    from mock_server.command.running import RunningMock
    from spec import AI_CONTRACT, SpecError, overlay_of

    contract = _file(pytestconfig, "contract") or AI_CONTRACT
    overlay = overlay_of(contract, _file(pytestconfig, "overlay"))
    try:
        read = Source(contract=contract, overlay=overlay).load()
    except SpecError as problem:
        pytest.fail(str(problem), pytrace=False)
    with RunningMock(create_app(read, settings=mock_server_settings)) as running:
        yield running


@pytest.fixture
def mock_server(mock_server_session: RunningMock) -> RunningMock:
    """A running mock, reset before the test."""
    mock_server_session.reset()
    return mock_server_session


@pytest.fixture
def mock_server_url(mock_server: RunningMock) -> str:
    """Where the mock of this test answers, without a slash at the end."""
    return mock_server.url


def _file(config: pytest.Config, key: str) -> Path | None:
    """The file of an option, relative to where pytest was started; of a key, to its file."""
    if given := config.getoption(f"--mock-server-{key}"):
        return config.invocation_params.dir / str(given)
    written = str(config.getini(f"mock_server_{key}"))
    home = config.inipath.parent if config.inipath else config.rootpath
    return home / written if written else None
