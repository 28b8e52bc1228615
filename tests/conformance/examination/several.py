"""The kit before deployments with many faults: which are shown, and who is accused beside them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import click

from conformance.clauses.ids import local_part
from conformance.http.exchange import Answer
from conformance.http.target import Target, parse_target
from conformance.http.transport import Client
from conformance.report.findings import FindingPlace, Level
from conformance.run.places.evidence import Evidence
from conformance.run.way_of_a_clause import way_of_a_clause
from conformance.run.whole_run import Run
from tests.conformance.backend import Backend, serving
from tests.conformance.examination.deployments import CROWDS, Deployment, drawn, numbers
from tests.conformance.examination.platform import Known, Platform, platforms

__all__ = ["Examined", "crowds", "examine_together", "several_faults"]

GOAL = 0.98
"""The share of the faults that are to be shown by a place of their own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Accused:
    """A place of the report: its code, and what stands there."""

    code: str
    place: FindingPlace

    @property
    def name(self) -> str:
        """What a line of the table calls it."""
        return f"{self.code} at {self.place.clause}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """What the kit said of a deployment.

    `hidden` are faults without a place of their own, `innocent` places that no planted fault
    explains, or whose own request a correct server answers in the same way.
    """

    deployment: Deployment
    hidden: tuple[str, ...]
    innocent: tuple[str, ...]
    requests: int
    billable: int
    seconds: float


def examine_together(deployment: Deployment, **options: Any) -> Examined:
    """Run the kit against a deployment, at its defaults but for some `options`, and compare."""
    platform = platforms()[deployment.platform]
    faults = [platform.known(name) for name in deployment.faults]
    with _target(platform, deployment, faults) as target:
        run = Run(platform.contract, target, replace(platform.options, **options))
        asyncio.run(way_of_a_clause(run))
    report = run.report()
    accused = [
        Accused(code=finding.code, place=place)
        for finding in report.findings
        for place in finding.places
        if place.level.at_least(Level.WARNING)
    ]
    owners = _matched(faults, accused)
    return Examined(
        deployment=deployment,
        hidden=tuple(one.name for one in faults if one.name not in owners),
        innocent=tuple(asyncio.run(_innocents(platform, faults, run, accused))),
        requests=report.requests,
        billable=report.billable,
        seconds=report.seconds,
    )


@contextmanager
def _target(platform: Platform, one: Deployment, faults: Sequence[Known]) -> Iterator[Target]:
    application = platform.build([*one.faults, *one.variants])
    if not any(fault.raw for fault in faults):
        yield Target(app=application)
        return
    assert isinstance(application, Backend)
    with serving(application) as url:
        yield parse_target(url)


def _matched(faults: Sequence[Known], accused: Sequence[Accused]) -> Mapping[str, int]:
    """A place for each fault, none for two: the largest matching there is (Kuhn)."""
    owner = dict[int, Known]()

    def find(fault: Known, tried: set[int]) -> bool:
        for number, one in enumerate(accused):
            fits = one.place.level.at_least(fault.level) and fault.owns(one.code, one.place)
            if number in tried or not fits:
                continue
            tried.add(number)
            if number not in owner or find(owner[number], tried):
                owner[number] = fault
                return True
        return False

    for fault in faults:
        find(fault, set())
    return {fault.name: number for number, fault in owner.items()}


async def _innocents(
    platform: Platform, faults: Sequence[Known], run: Run, accused: Sequence[Accused]
) -> list[str]:
    """The places that nothing planted can break, or that accuse an answer which is right."""
    found = list[str]()
    for one in accused:
        explained = any(fault.explains(one.code, one.place) for fault in faults)
        if not explained or await _answered_rightly(platform, run, one):
            found.append(one.name)
    return found


async def _answered_rightly(platform: Platform, run: Run, one: Accused) -> bool:
    """Whether a correct server answers every request that shows the place in the same way.

    What shows only among other requests is left out: one request alone says nothing of it. That
    two tokens open the same is told of the operations of both.
    """
    if local_part(one.place.clause) == "security.other-tag":
        return False
    shown = [
        evidence
        for evidence in run.ledger.deviations
        if evidence.observation.clause == one.place.clause
        and evidence.observation.code == one.code
        and evidence.repeatable
        and evidence.alone
        and not evidence.case.request.needs_socket
    ]
    async with Client(Target(app=platform.build(())), timeout=2.0) as client:
        return bool(shown) and all([await _same(client, evidence) for evidence in shown[:3]])


async def _same(client: Client, evidence: Evidence) -> bool:
    answer = await client.send(evidence.case.request)
    return _substance(answer) == _substance(evidence.answer)


def _substance(answer: Answer) -> tuple[object, ...]:
    return answer.status, answer.headers, answer.body, answer.trouble


def several_faults(words: Sequence[str]) -> int:
    """Examine every deployment, a line each; 1 where too many are hidden, or one is innocent."""
    return _told([(name, number, 0) for name, number in numbers(words)])


def crowds() -> int:
    """The same with many more faults at once in the backend: as slow as it is telling."""
    return _told([("backend", number, size) for number, size in enumerate(CROWDS)])


def _told(deployments: Sequence[tuple[str, int, int]]) -> int:
    every = list[Examined]()
    with ProcessPoolExecutor() as pool:
        for one in pool.map(_drawn, *zip(*deployments, strict=True)):
            every.append(one)
            click.echo(_line(one))
    click.echo("\n".join(_table(every)))
    planted = sum(len(one.deployment.faults) for one in every)
    shown = planted - sum(len(one.hidden) for one in every)
    return int(shown < GOAL * planted or any(one.innocent for one in every))


def _drawn(name: str, number: int, size: int) -> Examined:
    return examine_together(drawn(name, number, size=size))


def _line(one: Examined) -> str:
    planted = len(one.deployment.faults)
    cost = f"{one.requests:5} requests {one.seconds:5.1f} s"
    told = [f"hidden: {', '.join(one.hidden)}"] if one.hidden else []
    told += [f"innocent: {', '.join(one.innocent)}"] if one.innocent else []
    shown = f"{planted - len(one.hidden):2} of {planted:2}"
    return f"{one.deployment.name:12}{shown}{cost}  {'; '.join(told)}"


def _table(every: Sequence[Examined]) -> Iterator[str]:
    yield ""
    yield f"{'':12}{'deployments':>12}{'faults':>8}{'shown':>8}{'innocent':>10}{'requests':>10}"
    names = list(dict.fromkeys(one.deployment.platform for one in every))
    for name in [*names, "all"]:
        own = [one for one in every if name in ("all", one.deployment.platform)]
        planted = sum(len(one.deployment.faults) for one in own)
        shown = planted - sum(len(one.hidden) for one in own)
        innocent = sum(len(one.innocent) for one in own)
        requests = sum(one.requests for one in own)
        yield f"{name:12}{len(own):>12}{planted:>8}{shown:>8}{innocent:>10}{requests:>10,}"


def correct(platform: Platform) -> Deployment:
    """The platform without a fault."""
    return Deployment(platform=platform.name, number=0, faults=())


def without(one: Deployment, *names: str) -> Deployment:
    """The deployment with some of its faults taken back: what is mended is told no more."""
    return replace(one, faults=tuple(name for name in one.faults if name not in names))
