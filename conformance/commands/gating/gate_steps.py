"""The parts of a gate, one after the other: lint, diff, our mock, the deployment."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import click

from conformance.commands.contracts.contract_sources import is_file, opened_base
from conformance.commands.contracts.git_call import GitError
from conformance.commands.contracts.git_commits import repository_path, resolved
from conformance.commands.contracts.opened_contract import NoBaseError, SourceError
from conformance.commands.contracts.reach import Reach
from conformance.commands.gating.gate_grading import Grading
from conformance.commands.gating.gate_parts import GatePart
from conformance.commands.options.defects import DEFECT
from conformance.commands.options.telling import tell
from conformance.commands.processes.gate_processes import PAIR, TOKEN, KitRun, mock_server, started
from conformance.commands.processes.processes import ProcessError
from conformance.diff import Announcements, differences
from conformance.lint import lint
from conformance.report.command_outcome import breaks, outcome
from conformance.report.findings import Level, Report, ReportVerdict
from conformance.report.formats.json_reader import ReportError
from conformance.report.levels import Levels, leveled
from spec import Contract

__all__ = ["GateRequest", "parts"]


@dataclass(frozen=True, slots=True, kw_only=True)
class GateRequest:
    """What the gate was asked to do with one contract.

    `options` are those of the run against the deployment, `mock_options` those of the run against
    our mock, both as variables have them. `grading` is what grades the differences. `alone` says
    that there is no other contract.
    """

    contract: Path
    overlay: Path | None
    reach: Reach
    base: str | None
    base_exact: bool
    url: str | None
    start: str | None
    wait_for: str | None
    wait_seconds: float
    lint: bool
    mock: bool
    fail_on: Level
    levels: Levels
    announcements: Announcements
    grading: Grading
    options: Mapping[str, str]
    mock_options: Mapping[str, str]
    alone: bool = True


def parts(asked: GateRequest, contract: Contract) -> tuple[list[GatePart], bool]:
    """Every part, run or not, the cheapest first; and whether somebody put an end to it."""
    steps: Mapping[str, Callable[[], GatePart]] = {
        "lint": lambda: _linted(asked, contract),
        "diff": lambda: _compared(asked, contract),
        "mock": lambda: _mocked(asked, contract),
        "deployment": lambda: _deployed(asked),
    }
    done = list[GatePart]()
    try:
        for step in steps.values():
            # What is done stays in the list when a later part is interrupted.
            done.append(_told_when_done(step))
            if done[-1].report is not None and done[-1].report.interrupted:
                raise KeyboardInterrupt
    except (click.Abort, KeyboardInterrupt):
        rest = list(steps)[len(done) :]
        return [*done, *(GatePart(name=name, skipped="it was interrupted") for name in rest)], True
    return done, False


def _told_when_done(step: Callable[[], GatePart]) -> GatePart:
    """The part, with a line as soon as it is done: a deployment may take minutes."""
    part = step()
    tell(part.in_one_line())
    return part


def _linted(asked: GateRequest, contract: Contract) -> GatePart:
    if not asked.lint:
        return GatePart(name="lint", skipped="it is switched off")
    begun = time.monotonic()
    report = outcome(
        contract,
        leveled(lint(contract), asked.levels),
        target=contract.file,
        fail_on=asked.fail_on,
        started=begun,
        rooms=("lint",),
    )
    return GatePart(name="lint", report=report)


def _compared(asked: GateRequest, contract: Contract) -> GatePart:
    if asked.base is None:
        return GatePart(name="diff", skipped="there is no --base")
    begun = time.monotonic()
    # What an overlay adds is no promise: the published contracts are compared.
    after = contract if asked.overlay is None else asked.reach.load(asked.contract)
    base = _base(asked.base, asked.contract)
    try:
        with opened_base(base, asked.contract, exact=asked.base_exact, reach=asked.reach) as before:
            changed = differences(before.contract, after, asked.announcements)
            placed = tuple(before.placed(one, after) for one in changed)
            grade = asked.grading.grade(placed, before, after)
            name = before.name
    except NoBaseError as error:
        return GatePart(name="diff", skipped=f"there is no older contract to compare with: {error}")
    report = outcome(
        contract,
        leveled(grade.findings, asked.levels),
        target=name,
        fail_on=asked.fail_on,
        started=begun,
        remarks=grade.remarks,
        rooms=("diff",),
    )
    if grade.interrupted:
        report = replace(report, verdict=ReportVerdict.INTERRUPTED)
    return GatePart(name=f"diff against {name}", report=report, failure=grade.failure)


def _base(text: str, contract: Path) -> str:
    """`REF` and `REF:` mean the contract's own path in that ref."""
    ref = text.removesuffix(":")
    if ":" in ref or is_file(text):
        return text
    try:
        resolved(ref)
    except GitError as error:
        if Path(text).suffix in (".yaml", ".yml", ".json"):
            return text
        raise SourceError(f"--base {text} is not a file, and {error}") from None
    return f"{ref}:{repository_path(contract) or contract}"


def _mocked(asked: GateRequest, contract: Contract) -> GatePart:
    if not asked.mock:
        return GatePart(name="mock", skipped="it is switched off")
    try:
        with mock_server(asked.contract, asked.overlay, asked.reach) as url:
            part = _kit("mock", asked, url, {**asked.mock_options, **_credentials(contract)})
    except (ProcessError, ReportError) as error:
        return GatePart(name="mock", failure=str(error))
    return replace(part, report=_without_state(part.report)) if part.report else part


def _without_state(report: Report) -> Report:
    """The report without what stays in the deployment: a mock is gone, and its state with it."""
    if report.verdict not in (ReportVerdict.CONFORMS, ReportVerdict.BREAKS):
        return report
    return replace(report, remarks=tuple(one.remark for one in report.doubts))


def _credentials(contract: Contract) -> Mapping[str, str]:
    """What our mock takes in the HTTP schemes that a plain token does not serve."""
    schemes = [one for one in contract.security_schemes.values() if one.type == "http"]
    pairs = [f"{one.name}={PAIR}" for one in schemes if one.scheme == "basic"]
    others = [f"{one.name}={TOKEN}" for one in schemes if one.scheme not in ("basic", "bearer")]
    return {"credential": "\n".join((*pairs, *others))} if pairs or others else {}


def _deployed(asked: GateRequest) -> GatePart:
    if asked.url is None:
        return GatePart(name="deployment", skipped="there is no --url")
    with ExitStack() as stack:
        if asked.start:
            waited = started(asked.start, asked.wait_for or asked.url, asked.wait_seconds)
            try:
                stack.enter_context(waited)
            except ProcessError as error:
                unreachable = ReportVerdict.UNREACHABLE
                return GatePart(name="deployment", failure=str(error), verdict=unreachable)
        try:
            return _kit("deployment", asked, asked.url, asked.options)
        except (ProcessError, ReportError) as error:
            return GatePart(name="deployment", failure=str(error))


def _kit(name: str, asked: GateRequest, url: str, options: Mapping[str, str]) -> GatePart:
    run = KitRun(url=url, contract=asked.contract, overlay=asked.overlay, options=options)
    done = run.execute()
    if done.report is None:
        return GatePart(name=name, failure=done.said, defect=done.status == DEFECT)
    return GatePart(
        name=name,
        report=_by_own_level(done.report, asked.fail_on),
        clause_source=True,
        failure=done.said if done.status == DEFECT else "",
        defect=done.status == DEFECT,
    )


def _by_own_level(report: Report, fail_on: Level) -> Report:
    """The report under the gate's own --fail-on, which is applied to all the parts together."""
    if report.verdict not in (ReportVerdict.CONFORMS, ReportVerdict.BREAKS):
        return report
    broken = breaks(report.findings, fail_on)
    return replace(report, verdict=ReportVerdict.BREAKS if broken else ReportVerdict.CONFORMS)
