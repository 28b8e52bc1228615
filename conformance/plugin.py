"""The pytest plugin that waits for `pytest --pyargs conformance.suite` or `pytest conformance`.

Only then are the suite's options declared, so that no other session pays for them.

For a project's own tests there is the fixture `conformance_watcher`, one ledger for the session:

    @pytest.fixture
    def client(app, conformance_watcher):
        return TestClient(conformance_watcher.watch(app))

The contract is named by `conformance_contract = FILE` in the configuration, the reports by
`conformance_reports`, one FORMAT=PATH a line. Nothing of the kit is imported until a test asks.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from conformance.report.findings import Report
    from conformance.traffic.watched import Watcher

__all__ = ["conformance_watcher"]

_HERE = Path(__file__).parent
_SENT = "conformance_report"
"""Where a worker of pytest-xdist puts its report, and the other side finds it."""
_REPORTS = pytest.StashKey[list[str]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the keys of the configuration."""
    explained = "contract that conformance_watcher judges by, relative to this file"
    parser.addini("conformance_contract", explained, default="")
    explained = "reports of conformance_watcher, FORMAT=PATH, one a line"
    parser.addini("conformance_reports", explained, type="linelist", default=[])


@pytest.fixture(scope="session")
def conformance_watcher(pytestconfig: pytest.Config) -> Iterator[Watcher]:
    """What judges the applications and clients that it is given; fails at the end of the session.

    It writes the reports first. Every worker of pytest-xdist has a ledger of its own, and fails by
    it; the reports are written once, of all together.
    """
    from conformance.report.findings import Level, ReportVerdict
    from conformance.run.contract_verification import NonconformanceError
    from conformance.traffic.watched import Watcher

    named = str(pytestconfig.getini("conformance_contract"))
    folder = pytestconfig.inipath.parent if pytestconfig.inipath else pytestconfig.rootpath
    watcher = Watcher(folder / named if named else None)
    yield watcher
    watcher.close()
    report = watcher.report()
    _hand_in(pytestconfig, report)
    if report.verdict is ReportVerdict.BREAKS:
        raise NonconformanceError(report, Level.ERROR)


def _hand_in(config: pytest.Config, report: Report) -> None:
    """Write the reports, or leave that to the process that started this worker of pytest-xdist."""
    from conformance.report.formats.json_report import as_json

    sent: dict[str, str] | None = getattr(config, "workeroutput", None)
    if sent is None:
        _write(config, report)
    else:
        sent[_SENT] = as_json(report)


def _write(config: pytest.Config, report: Report) -> None:
    from conformance.report.formats.destinations import destination, write

    for text in config.getini("conformance_reports"):
        write(destination(text), report)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Keep what a worker has handed in; one that died hands in nothing, and pytest says so."""
    text = getattr(node, "workeroutput", {}).get(_SENT)
    if text is not None:
        node.config.stash.setdefault(_REPORTS, []).append(text)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Write the reports of all workers together."""
    texts = session.config.stash.get(_REPORTS, [])
    if not texts:
        return
    from conformance.report.findings import Level
    from conformance.report.formats.json_reader import parsed_report
    from conformance.run.merging import merged

    parts = [parsed_report(text, "the report of a worker") for text in texts]
    _write(session.config, merged(parts, fail_on=Level.ERROR))


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
