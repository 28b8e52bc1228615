"""What a contract costs grows with its size, not with operations times reachable schemas."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from conformance.lint import lint
from mock_server import create_app
from spec import Contract, load
from spec.schemas.compiled import SchemaLibrary
from tests.benchmarks.linked import Shape, linked_contract

#: Four times the size may cost this many times the work: linear with some noise, where the square
#: is sixteen.
MOST = 8.0


def contract_of(folder: Path, size: int) -> Path:
    """A contract of `size` operations, each of which reaches all of its `size` schemas."""
    shape = Shape(
        title="Linked", schemas=size, operations=size, fields=4, links=4, most_megabytes=0
    )
    file = folder / f"{size}.json"
    file.write_text(json.dumps(linked_contract(shape)))
    return file


def growth(folder: Path, work: Callable[[Path], object]) -> float:
    """How many times more processor time the work on a contract of four times the size takes.

    The least of two measurements: another process may take a cache away from one of them.
    """
    work(contract_of(folder, 20))  # what is imported and cached at the first time
    files = [contract_of(folder, size) for size in (100, 400)]
    ratios = list[float]()
    while len(ratios) < 2 and (not ratios or ratios[0] >= MOST):
        small, large = (_spent(work, file) for file in files)
        ratios.append(large / small)
    return min(ratios)


def _spent(work: Callable[[Path], object], file: Path) -> float:
    begun = time.process_time()
    work(file)
    return time.process_time() - begun


@pytest.mark.slow
def test_a_start_is_linear(tmp_path: Path) -> None:
    """Reading, checking and the first answers."""

    def started(file: Path) -> None:
        contract = load(file)
        contract.check_schemas()
        create_app(contract)._plan.operations["operation-0"].prepare()

    assert growth(tmp_path, started) < MOST


@pytest.mark.slow
def test_lint_is_linear(tmp_path: Path) -> None:
    """Every check of lint, the contradictions among them."""
    assert growth(tmp_path, lambda file: lint(load(file))) < MOST


def test_schemas_are_compiled_once_for_all_operations(tmp_path: Path) -> None:
    """All questions of all operations go to one compiled document."""
    contract = load(contract_of(tmp_path, 50))
    contract.check_schemas()

    judges = {id(judge.joint) for judge in _library(contract)._judges.values()}
    assert len(judges) == 1


def test_nothing_of_an_operation_is_made_before_it_is_asked_for(tmp_path: Path) -> None:
    """An application is built without a sample; the first answer of one makes that one alone."""
    app = create_app(load(contract_of(tmp_path, 50)))
    made = [one for one in app._plan.operations.values() if one._made]
    assert made == []

    app._plan.operations["operation-7"].prepare()

    made = [one for one in app._plan.operations.values() if one._made]
    assert [one.key for one in made] == ["operation-7"]


def _library(contract: Contract) -> SchemaLibrary:
    return contract._library
