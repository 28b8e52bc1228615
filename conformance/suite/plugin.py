"""The suite's options and its one run. The options are those of `conformance run`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import click
import pytest

from conformance.clauses.clause import Clause
from conformance.commands.run import command, prepared
from conformance.report.findings import Level
from conformance.suite.outcome import SuiteOutcome, shared

__all__: list[str] = []

_LEFT_OUT = frozenset(
    {"reports", "waivers", "baseline", "quiet", "clauses", "shard", "config", "help"}
)
_RUN = pytest.StashKey[Any]()
_CLAUSES = "clause"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the flags of `conformance run` that mean something here."""
    group = parser.getgroup("conformance", "an OpenAPI contract, clause by clause")
    for option in _options():
        settings: dict[str, Any] = {"help": option.help, "dest": f"conformance_{option.name}"}
        if option.is_flag:
            settings |= {"action": "store_true"}
        else:
            settings |= {"metavar": option.metavar or "X"}
            settings |= {"action": "append"} if option.multiple else {}
        group.addoption(_flag(option), **settings)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One test for each clause."""
    if metafunc.module.__name__.startswith("conformance.suite"):
        clauses = list(_run(metafunc.config).ledger.clauses.values())
        metafunc.parametrize(_CLAUSES, clauses, ids=[clause.id for clause in clauses])


@pytest.fixture(scope="session")
def conformance_outcome(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> SuiteOutcome:
    """The outcome of the run, made when the first test asks for it."""
    config = request.config
    worker = hasattr(config, "workerinput")
    folder = tmp_path_factory.getbasetemp().parent if worker else None
    fail_on = Level(_given(config)["fail_on"])
    return shared(_run(config), _selected(request.session), fail_on, folder)


def _selected(session: pytest.Session) -> Iterator[str]:
    for item in session.items:
        params = getattr(getattr(item, "callspec", None), "params", {})
        if isinstance(clause := params.get(_CLAUSES), Clause):
            yield clause.operation


def _options() -> Iterator[click.Option]:
    for option in command.params:
        if isinstance(option, click.Option) and option.name not in _LEFT_OUT:
            yield option


def _flag(option: click.Option) -> str:
    return next(name for name in option.opts if name.startswith("--"))


def _run(config: pytest.Config) -> Any:
    if _RUN not in config.stash:
        try:
            config.stash[_RUN] = prepared(_given(config))
        except click.ClickException as error:
            raise pytest.UsageError(error.format_message()) from error
        except ValueError as error:
            raise pytest.UsageError(str(error)) from error
    return config.stash[_RUN]


def _given(config: pytest.Config) -> dict[str, Any]:
    """The options as click reads them: flags, variables, settings, defaults."""
    arguments = list[str]()
    for option in _options():
        value = config.getoption(f"conformance_{option.name}")
        if value is True:
            arguments.append(_flag(option))
        elif value not in (None, False):
            values = value if isinstance(value, list) else [value]
            arguments += [part for one in values for part in (_flag(option), str(one))]
    # pytest selects and shares out itself: -k, -n.
    try:
        with command.make_context("conformance", arguments) as context:
            return dict(context.params)
    except click.ClickException as error:
        raise pytest.UsageError(error.format_message()) from error
