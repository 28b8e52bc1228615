"""For a project's own tests: does this application, or deployment, keep its contract?

def test_keeps_the_contract():
    conformance.verify(app, contract="openapi.yaml", token="test-token")
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from conformance.http.credentials import CredentialError
from conformance.http.target import Target, parse_target
from conformance.report.findings import (
    Finding,
    Level,
    Report,
    ReportVerdict,
)
from conformance.run.credential_inputs import GivenCredentials, credentials_of, scopes_of
from conformance.run.session.run_options import RunOptions
from conformance.run.session.time_budget import TimeBudget
from conformance.run.way_of_a_clause import way_of_a_clause
from conformance.run.whole_run import Run
from spec import AI_CONTRACT, Contract, load, overlay_of

__all__ = ["NonconformanceError", "contract_named", "verify"]


class NonconformanceError(AssertionError):
    """The contract is broken, or nothing was decided; `report` has everything."""

    def __init__(self, report: Report, fail_on: Level) -> None:
        super().__init__(report, fail_on)
        self.report, self.fail_on = report, fail_on

    def __str__(self) -> str:
        found = [one for one in self.report.findings if one.level.at_least(self.fail_on)]
        lines = [f"{self.report.target}: {self.report.verdict.value}", *self.report.remarks]
        return "\n".join([*lines, *(_finding_text(finding) for finding in found)])


def verify(
    target: Any,
    *,
    contract: Contract | Path | str | None = None,
    overlay: Path | str | None = None,
    token: str = "",
    tokens: Mapping[str, str] | None = None,
    token_command: str | Mapping[str, str] = "",
    credentials: Mapping[str, str] | None = None,
    expired_token: str = "",
    foreign: Mapping[str, str] | None = None,
    include: Iterable[str] = (),
    exclude: Iterable[str] = (),
    fail_on: Level | str = Level.ERROR,
    **options: Any,
) -> Report:
    """Run the kit against an ASGI application, without a socket, or a URL.

    Args:
        target: an ASGI application, or a URL.
        contract: what to judge by; without it, spec/ai.yaml.
        overlay: examples and marks for it; without it, NAME.overlay.yaml beside the contract.
        token: the credential of every operation.
        tokens: credentials by tag or operation.
        token_command: a shell command that prints the credential, run again when that ends; or
            commands by tag, operation or security scheme.
        credentials: credentials by security scheme; `client_credentials:ID:SECRET` where an
            OAuth 2 client fetches it.
        expired_token: one that has expired, and must be refused.
        foreign: credentials that are good elsewhere, and must be refused here, by security
            scheme, header, `cookie:NAME` or `query:NAME`.
        include: selectors of operations; all where none is given.
        exclude: selectors of operations to leave out.
        fail_on: the mildest level that raises.
        options: further fields of `RunOptions`: `seed`, `max_billable`, `allow_writes`, …

    Returns:
        The report of a run that found nothing at or above `fail_on`.

    Raises:
        NonconformanceError: findings, or a run that could decide nothing.
        spec.ContractError: the contract cannot be read.
        ValueError: a credential that cannot be sent or fetched, or a URL that is none.
    """
    level, promised = Level(fail_on), contract_named(contract, overlay)
    to = parse_target(target) if isinstance(target, str) else Target(app=target)
    # Told here: on the command line such a name would be a part of the token.
    for name in (tokens or {}).keys() - scopes_of(promised):
        raise CredentialError(f"tokens: {name!r} is neither a tag nor an operation of the contract")
    commands = {"": token_command} if isinstance(token_command, str) else token_command
    given = GivenCredentials(
        tokens=_texts({"": token, **(tokens or {})}),
        token_commands=_texts(commands),
        credentials=_texts(credentials or {}),
        expired_token=expired_token,
        foreign=_texts(foreign or {}),
    )
    time = TimeBudget(options.get("time_budget", 0.0))
    credentials_given = credentials_of(promised, given, to, lambda: time.left)
    asked = RunOptions(
        credentials=credentials_given, include=tuple(include), exclude=tuple(exclude), **options
    )
    run = Run(promised, to, asked, time)
    _execute(run)
    report = run.report(level)
    if report.verdict is not ReportVerdict.CONFORMS:
        raise NonconformanceError(report, level)
    return report


def _texts(values: Mapping[str, str]) -> tuple[str, ...]:
    """Each as the command line has it: `NAME=VALUE`, or the value for everything."""
    return tuple(f"{name}={value}" if name else value for name, value in values.items() if value)


def contract_named(
    contract: Contract | Path | str | None, overlay: Path | str | None = None
) -> Contract:
    """The contract that a caller means: its own, that of a file, or spec/ai.yaml."""
    if isinstance(contract, Contract):
        return contract
    path = AI_CONTRACT if contract is None else Path(contract)
    return load(path, overlay=overlay_of(path, None if overlay is None else Path(overlay)))


def _execute(run: Run) -> None:
    """Run to the end, also from within a test that has an event loop of its own."""
    whole = way_of_a_clause(run)
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        asyncio.run(whole)
        return
    # A running loop cannot run another one in its thread.
    with ThreadPoolExecutor(max_workers=1) as pool:
        pool.submit(asyncio.run, whole).result()


def _finding_text(finding: Finding) -> str:
    where = ", ".join(finding.operations)
    return (
        f"{finding.level.value}: {finding.title} [{finding.code}]\n  where    {where}\n"
        f"  expected {finding.expected}\n  got      {finding.got}\n  {finding.curl}"
    )
