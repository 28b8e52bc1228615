"""The differences of a gate, graded by recorded callers and by clients' own tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

import click

from conformance.commands.client_tests.client_runs import UnprovableError
from conformance.commands.contracts.opened_contract import OpenedContract
from conformance.commands.gating.gate_clients import TriedClient, tried
from conformance.commands.options.help_texts import with_options
from conformance.commands.processes.processes import ProcessError
from conformance.diff.model.change import HOST
from conformance.judgement.dropped import Dropping
from conformance.report.findings import Finding, FindingPlace, Level
from conformance.traffic.callers import Callers
from conformance.traffic.grading import graded
from conformance.traffic.har import CutHarError, HarError, read_har
from spec import Contract
from spec.settings.option_sources import LINE

__all__ = ["Grade", "Grading", "grading_options"]


_Command = TypeVar("_Command", bound=Callable[..., Any])


def grading_options(command: _Command) -> _Command:
    """`--traffic`, `--client` and `--client-runs`."""
    options = (
        click.option(
            "--traffic",
            multiple=True,
            type=click.Path(path_type=Path, dir_okay=False, exists=True),
            metavar="HAR",
            help="HTTP Archive of what callers send. A breaking change that affects none of its "
            "requests is a warning; one that does is shown with a recorded request. Repeatable.",
        ),
        click.option(
            "--client",
            "clients",
            multiple=True,
            type=LINE,
            metavar="COMMAND",
            help="Shell command that runs a client's tests against the mock in MOCK_SERVER_URL. If "
            "a change breaks something, they run with the mock of --base, and then with each "
            "response that only the changed contract allows. What they survive is a warning. "
            "Repeatable.",
        ),
        click.option(
            "--client-runs",
            type=click.IntRange(min=2),
            default=100,
            show_default=True,
            metavar="N",
            help="Maximum number of test runs for each --client.",
        ),
    )
    return with_options(command, options)


@dataclass(frozen=True, slots=True, kw_only=True)
class Grade:
    """The findings, and what must be said of them; `failure` is why they are not graded.

    `interrupted` says that somebody put an end to it.
    """

    findings: tuple[Finding, ...]
    remarks: tuple[str, ...] = ()
    failure: str = ""
    interrupted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Grading:
    """What grades the differences: archives of callers, and the commands of clients' tests.

    `overlay` has the canned answers of the mock, and `max_runs` limits the runs of each client.
    """

    traffic: tuple[Path, ...] = ()
    clients: tuple[str, ...] = ()
    max_runs: int = 100
    overlay: Path | None = None

    @classmethod
    def of(cls, given: Mapping[str, Any], overlay: Path | None) -> Grading:
        """What the options of a command say."""
        return cls(
            traffic=given["traffic"],
            clients=given["clients"],
            max_runs=given["client_runs"],
            overlay=overlay,
        )

    def grade(self, found: tuple[Finding, ...], before: OpenedContract, after: Contract) -> Grade:
        """The differences by whom they reach; as they are where nothing is asked, or no error is.

        Raises:
            click.UsageError: an archive cannot be read.
        """
        if not (self.traffic or self.clients):
            return Grade(findings=found)
        if not any(one.level is Level.ERROR for one in found):
            return Grade(findings=found, remarks=tuple(self._idle()))
        callers = Callers(Dropping(before.contract, after))
        remarks = [said for file in self.traffic for said in _take_in(callers, file)]
        try:
            done = [self._try_client(command, found, callers, before) for command in self.clients]
        except (ProcessError, UnprovableError) as error:
            failure = f"no difference is graded: {error}"
            return Grade(findings=found, remarks=tuple(remarks), failure=failure)
        except KeyboardInterrupt:
            remarks.append("interrupted: no difference is graded by a client")
            return Grade(findings=found, remarks=tuple(remarks), interrupted=True)
        findings, told = graded(found, callers, after, HOST)
        if done:
            findings = tuple(
                _by_clients(was, now, done, heard=bool(self.traffic))
                for was, now in zip(found, findings, strict=True)
            )
            remarks += [one.remark for one in done]
        return Grade(findings=findings, remarks=(*remarks, *told))

    def _idle(self) -> Iterator[str]:
        for command in self.clients:
            yield f"`{command}` was not run: no difference is an error"

    def _try_client(
        self, command: str, found: tuple[Finding, ...], callers: Callers, before: OpenedContract
    ) -> TriedClient:
        try:
            done = tried(command, found, callers.dropping, before, self.overlay, self.max_runs)
        except UnprovableError as error:
            raise UnprovableError(f"`{command}`: {error}") from error
        for seen in done.callers:
            callers.add(seen, answered=False)
        return done


def _take_in(callers: Callers, file: Path) -> Iterator[str]:
    """Take in an archive; gives what must be said of it."""
    try:
        for seen in read_har(file):
            callers.add(seen)
    except CutHarError as error:
        yield str(error)
    except HarError as error:
        raise click.UsageError(f"--traffic: {error}") from error


def _by_clients(was: Finding, now: Finding, done: list[TriedClient], *, heard: bool) -> Finding:
    """A change of answers by what the clients make of it, and by whom traffic shows it to reach.

    `was` is the finding before it was graded, and `heard` says that there is traffic.
    """
    if was.level is not Level.ERROR or "response" not in (was.witness or {}):
        return now
    places = list[FindingPlace]()
    for place in now.places:
        reached = heard and place.level is Level.ERROR
        broken = any(one.fails(place) for one in done)
        level = Level.ERROR if reached or broken else Level.WARNING
        shown = next((one.shown(place) for one in done if one.fails(place)), place)
        witness = {**(shown.witness or {}), "clients": [one.as_witness(place) for one in done]}
        places.append(replace(shown, level=level, witness=witness))
    said = "; ".join(one.summary(was) for one in done)
    return replace(now, title=f"{now.title}; {said}", places=tuple(places))
