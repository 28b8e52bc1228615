"""What the code imports is what pyproject.toml names."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
OURS = {"spec", "mock_server", "conformance", "insforge_contract", "tests"}
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]


def _named(requirements: list[str]) -> set[str]:
    """The normalised names of requirements (PEP 503)."""
    names = (re.match(r"[\w.-]+", one) for one in requirements)
    return {re.sub(r"[-_.]+", "-", name[0]).lower() for name in names if name}


RUN_BY_NAME = {"uvloop", "pytest-xdist"}
"""Not imported: uvicorn takes its loop by name, and `pytest -n` takes the plugin."""
RUNTIME = _named(PROJECT["dependencies"])
EXTRAS = {name: _named(wanted) for name, wanted in PROJECT["optional-dependencies"].items()}


def _imported(folder: str) -> Iterator[tuple[str, Path]]:
    """Each top-level module that is imported below the folder, and by whom."""
    for file in sorted((ROOT / folder).rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                yield from ((alias.name.split(".")[0], file) for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                yield node.module.split(".")[0], file


@pytest.mark.parametrize("folder", ["spec", "mock_server", "conformance"])
def test_every_import_is_declared(folder: str) -> None:
    """Nothing comes by way of somebody else's dependencies."""
    distributions = packages_distributions()
    allowed = RUNTIME.union(*(names for extra, names in EXTRAS.items() if extra != "dev"))
    undeclared = {
        f"{module} in {file.relative_to(ROOT)}"
        for module, file in _imported(folder)
        if module not in sys.stdlib_module_names | OURS
        if not allowed & _named(distributions.get(module, [module]))
    }

    assert undeclared == set()


def test_every_dependency_is_used() -> None:
    """A dependency that nobody imports is one that nobody needs."""
    distributions = packages_distributions()
    used = {
        name
        for folder in ("spec", "mock_server", "conformance")
        for module, _ in _imported(folder)
        for name in _named(distributions.get(module, []))
    }

    assert RUNTIME - used - RUN_BY_NAME == set()


def test_every_bound_is_a_version_that_was_tried() -> None:
    """`make lowest` installs what the lower bounds say: without one there is nothing to install."""
    groups = [PROJECT["dependencies"], *PROJECT["optional-dependencies"].values()]

    assert [one for group in groups for one in group if ">=" not in one] == []
