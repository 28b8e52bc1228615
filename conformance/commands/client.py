"""`conformance client`: the client's own tests, with every answer that the contract allows."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from conformance.client.answered import Answered
from conformance.client.trial_report import Proof
from conformance.client.trials import Attempt, Trials
from conformance.client.variation import Variation
from conformance.client.variations import variations_of
from conformance.commands.client_tests.client_report import judged, write_failing
from conformance.commands.client_tests.client_rounds import ROUNDS_VARIABLE, Rounds
from conformance.commands.client_tests.client_runs import (
    URL_VARIABLE,
    ClientRuns,
    UnprovableError,
    admin_of,
)
from conformance.commands.contracts.contract_choice import (
    chosen_contract,
    contract_option,
    refuse_idle_selectors,
    said_of,
    waivers_option,
)
from conformance.commands.contracts.reach import Reach, reach_options
from conformance.commands.options.help_texts import SectionedCommand
from conformance.commands.options.level_option import level_option
from conformance.commands.options.parameter_types import FiniteRange, OutputFile
from conformance.commands.options.reporting import (
    fail_on_option,
    publish,
    quiet_option,
    report_option,
)
from conformance.commands.options.telling import tell
from conformance.commands.processes.gate_processes import mock_server
from conformance.commands.processes.processes import ProcessError
from conformance.report.command_outcome import exit_code, identity
from conformance.report.findings import Report, ReportVerdict
from spec import Contract, overlay_of
from spec.model.selectors import selects
from spec.model.short_texts import plural
from spec.settings.option_sources import LINE, configured

__all__ = ["command"]

_FILE = click.Path(path_type=Path, dir_okay=False)
_EXAMPLES = {
    "conformance client --run 'npm test'": f"tests that read the mock's URL from {URL_VARIABLE}",
    "conformance client --run 'npx vitest run' --port 4010": "tests that contain a fixed URL",
    "conformance client --run 'pytest --url {url}' --operation 'POST /api/ai/*'": (
        "tests that take the URL as an argument; only some operations"
    ),
    "conformance client --serve 'python rounds.py tests'": (
        "a client that is started once and runs its tests for each round"
    ),
}


@configured("conformance")
@click.command("client", cls=SectionedCommand, examples=_EXAMPLES)
@click.option(
    "--run",
    "run",
    metavar="COMMAND",
    help=f"Shell command that runs the client's tests. They find the mock's URL in the variable "
    f"{URL_VARIABLE}, or {{url}} in the command is replaced by it.",
)
@click.option(
    "--serve",
    metavar="COMMAND",
    help="Instead of --run: shell command of a client that keeps running, runs its tests for each "
    f"round that it gets from {ROUNDS_VARIABLE}, and reports the result there (docs/clients.md).",
)
@contract_option(metavar="FILE")
@click.option(
    "--overlay",
    type=_FILE,
    metavar="FILE",
    help="OpenAPI Overlay with the examples that the mock returns. Default: NAME.overlay.yaml in "
    "the contract's folder.",
)
@reach_options
@click.option(
    "--operation",
    "operations",
    multiple=True,
    type=LINE,
    metavar="SELECTOR",
    help="Vary only the responses of these operations: `POST /api/x`, a path, a method, a tag or "
    "an operationId; * matches any text. Repeatable.",
)
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=0,
    metavar="N",
    help="Port of the mock. Default: a free port.",
)
@click.option(
    "--max-runs",
    type=click.IntRange(min=2),
    default=200,
    show_default=True,
    metavar="N",
    help="Maximum number of test runs.",
)
@click.option(
    "--time-budget",
    type=FiniteRange(min=0),
    default=0,
    metavar="S",
    help="Start no further test run after this many seconds, and report the findings so far; 0 "
    "means no limit.",
)
@click.option("--seed", type=int, metavar="N", help="Seed of the values that the mock generates.")
@click.option(
    "--failing",
    type=OutputFile(),
    metavar="FILE",
    help="Write the responses that break the client to this file, for `mock-server --scenarios "
    "FILE`.",
)
@waivers_option
@quiet_option
@level_option
@fail_on_option
@report_option
@click.pass_context
def command(ctx: click.Context, /, **given: Any) -> None:
    """Run a client's tests against responses that the contract allows.

    The tests run once with the mock's responses and must pass. Then they run again with responses
    that differ in one way each: an optional property is absent, a list is empty, an enum has
    another member. Each failure is reported with the smallest response that causes it.

    Exit codes: 0 survives all, 1 findings, 2 wrong usage or input, or undecided, 130 interrupted.
    """
    if bool(given["run"]) == bool(given["serve"]):
        raise click.UsageError("name the client's tests with --run, or a client with --serve")
    path = chosen_contract(given["contract"])
    if not isinstance(path, Path):
        raise click.UsageError("--contract must be a local file, because the mock serves it")
    overlay = overlay_of(path, given["overlay"])
    reach = Reach.of(given)
    contract = reach.load(path, overlay=overlay)
    refuse_idle_selectors([contract], [("--operation", given["operations"])])
    say = _Saying(quiet=given["quiet"])
    say(said_of(contract, given["contract"]))
    options = [] if given["seed"] is None else ["--seed", str(given["seed"])]
    try:
        with (
            mock_server(path, overlay, reach, options=options, port=given["port"]) as url,
            admin_of(url) as admin,
        ):
            if given["serve"]:
                command_line = given["serve"].replace("{url}", url)
                with Rounds(command_line, {URL_VARIABLE: url}) as rounds:
                    runs = ClientRuns(command=given["serve"], url=url, admin=admin, rounds=rounds)
                    report, proof = _proven(contract, runs, given, say)
            else:
                runs = ClientRuns(command=given["run"], url=url, admin=admin)
                report, proof = _proven(contract, runs, given, say)
    except (ProcessError, UnprovableError) as error:
        raise click.UsageError(str(error)) from error
    if given["failing"]:
        write_failing(given["failing"], proof)
    publish(report, given["reports"])
    ctx.exit(exit_code(report))


class _Saying:
    """Sentences on standard error."""

    def __init__(self, *, quiet: bool) -> None:
        self._quiet = quiet

    def __call__(self, sentence: str) -> None:
        if not self._quiet:
            tell(sentence)


def _proven(
    contract: Contract, runs: ClientRuns, given: dict[str, Any], say: _Saying
) -> tuple[Report, Proof]:
    begun = time.monotonic()
    ground = runs.ground()
    known = ground.known
    chosen = [one for one in known.values() if _is_chosen(contract, one, given["operations"])]
    by_operation = [tuple(variations_of(contract, one)) for one in chosen]
    expected = max(map(len, by_operation), default=0)
    say(
        f"{plural(len(chosen), 'operation')} called; {sum(map(len, by_operation))} variations in "
        f"about {expected} runs of {ground.seconds:.1f} s"
    )
    most, budget = given["max_runs"], given["time_budget"]

    def may_run() -> bool:
        return runs.count < most and (not budget or time.monotonic() - begun < budget)

    def attempt(batch: Sequence[Variation]) -> Attempt:
        done = runs.varied(known, batch)
        names = "; ".join(one.label for one in batch[:2]) + ("; …" if len(batch) > 2 else "")
        say(f"run {runs.count}: {'passes' if done.passed else 'fails'} when {names}")
        return done

    trials, interrupted = Trials(attempt, may_run), False
    try:
        outcomes = trials.judge(by_operation)
    except KeyboardInterrupt:
        outcomes, interrupted = tuple(trials.outcomes.values()), True
    proof = Proof(contract=contract, command=runs.command, known=known, outcomes=outcomes)
    seconds = time.monotonic() - begun
    return _reported(proof, runs, given, seconds, interrupted=interrupted), proof


def _reported(
    proof: Proof, runs: ClientRuns, given: dict[str, Any], seconds: float, *, interrupted: bool
) -> Report:
    report = Report(
        verdict=ReportVerdict.INTERRUPTED if interrupted else ReportVerdict.CONFORMS,
        target=runs.command,
        contract=identity(proof.contract),
        seed=given["seed"] or 0,
        requests=runs.requests,
        seconds=seconds,
        clauses=proof.clauses(),
        remarks=(f"{plural(runs.count, 'run')} of `{runs.command}`",),
    )
    return judged(report, proof, given)


def _is_chosen(contract: Contract, known: Answered, selectors: Sequence[str]) -> bool:
    operation = contract.operation(known.operation)
    return operation is not None and (
        not selectors or any(selects(one, operation) for one in selectors)
    )
