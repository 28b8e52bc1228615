"""The pytest plugin that waits for `pytest --pyargs conformance.suite` or `pytest conformance`.

Only then are the suite's options declared, so that no other session pays for them.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import pytest

__all__: list[str] = []

_HERE = Path(__file__).parent


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(
    early_config: pytest.Config, parser: pytest.Parser, args: list[str]
) -> None:
    """Bring the suite's plugin in where one of the arguments names the suite."""
    if any(_means_the_suite(argument) for argument in args):
        _refuse_another_conformance()
        early_config.pluginmanager.import_plugin("conformance.suite.plugin")


def _refuse_another_conformance() -> None:
    """Pytest finds the suite by the name `conformance`, so here it has to be ours."""
    found = find_spec("conformance")
    if found is None or found.origin is None or Path(found.origin).parent != _HERE:
        where = found and (found.origin or list(found.submodule_search_locations or ()))
        raise pytest.UsageError(
            f"{where} hides the package `conformance` that the suite is in; run pytest from "
            "another folder, or use `conformance run`"
        )


def _means_the_suite(argument: str) -> bool:
    name = argument.partition("::")[0]
    if name.startswith("-") or not name:
        return False
    if name == "conformance.suite" or name.startswith("conformance.suite."):
        return True
    try:
        path = Path(name).resolve()
    except (OSError, ValueError):
        return False
    return path == _HERE or _HERE / "suite" in (path, *path.parents)
