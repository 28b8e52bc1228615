"""The kit before a backend with one fault, or one licence: what does it say?"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import click

from conformance.http.credentials import Credentials
from conformance.http.target import Target, parse_target
from conformance.report.findings import Finding, Level, Report
from conformance.run.session.run_options import RunOptions
from conformance.run.way_of_a_clause import way_of_a_clause
from conformance.run.whole_run import Run
from tests.conformance.backend import FAULTS, VARIANTS, Backend, Family, Fault, Variant, serving
from tests.conformance.backend.operations import IMAGE, PUT_CONFIG, ROTATE
from tests.conformance.backend.registry import BY_NAME
from tests.conformance.examination.expectations import FAMILIES, is_own
from tests.conformance.examination.platform import CONTRACT, known_of

__all__ = [
    "CONTRACT",
    "TOGETHER",
    "Verdict",
    "companies",
    "examine",
    "examine_correct",
    "examined",
    "examined_each",
    "examined_together",
    "innocents",
    "judged",
    "narrowed",
    "options_for",
    "single_faults",
]

TELLING = IMAGE
"""The operation that shows most of what others show as well: a body, a token, a 200 that costs."""
READ = (Family.PARAMETERS, Family.METHODS, Family.HEADERS)
"""What shows on a GET: the rest of it is sent without a credential where a success would cost."""
OF_REQUESTS = (Family.BODIES, Family.EDGES)
"""Faults in how a body is read show beside each other: what is wrong with an answer hides more."""
TOGETHER = 4
"""So many of these, or legal variants, in one server: what they change is in different places."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What came of it. `found` are the findings that weigh at least what the fault does."""

    found: tuple[Finding, ...]
    report: Report

    @property
    def clauses(self) -> tuple[str, ...]:
        """The clauses that the findings name, without their operation."""
        return tuple(sorted({local(clause, one) for one in self.found for clause in one.clauses}))


def local(clause: str, finding: Finding) -> str:
    """A clause's name within its operation."""
    for operation in finding.operations:
        clause = clause.removeprefix(operation).strip()
    return clause


def examine(names: Sequence[str], options: RunOptions, level: Level, *, raw: bool) -> Verdict:
    """Run the kit against a backend with these things switched on."""
    with _target(Backend(names), raw=raw) as target:
        run = Run(CONTRACT, target, options)
        asyncio.run(way_of_a_clause(run))
    report = run.report()
    return Verdict(found=_weighing(report, level), report=report)


def _weighing(report: Report, level: Level) -> tuple[Finding, ...]:
    return tuple(one for one in report.findings if one.level.at_least(level))


@contextmanager
def _target(backend: Backend, *, raw: bool) -> Iterator[Target]:
    if not raw:
        yield Target(app=backend)
        return
    with serving(backend) as url:
        yield parse_target(url)


def options_for(one: Fault | Variant) -> RunOptions:
    """What the kit is started with; a fault may ask for more than the defaults."""
    tokens = Backend().tokens
    given: dict[str, str] = {}
    if isinstance(one, Fault):
        given = dict(zip(one.options[::2], one.options[1::2], strict=True))
    return RunOptions(
        credentials=Credentials(
            token=tokens.admin,
            by_tag={"Client": tokens.client},
            expired=given.get("--expired-token", ""),
        ),
        include=(*one.operations, *one.beside) if isinstance(one, Fault) else (),
        allow_writes=_needs_leave(one),
        max_response_time=float(given.get("--max-response-time", 10.0)),
    )


def _needs_leave(one: Fault | Variant) -> bool:
    """Whether it shows only where writes are allowed: a write gets next to nothing without."""
    if isinstance(one, Variant):
        return True
    return one.writes or set(one.operations) <= {PUT_CONFIG, ROTATE}


def _shown_at(fault: Fault) -> str:
    """The operation at which `make test` looks for it."""
    telling = TELLING in fault.operations and fault.family not in READ
    return TELLING if telling else fault.operations[0]


def companies() -> list[list[Fault]]:
    """The faults, each once: of those of one family and operation, several to a server."""
    alike = defaultdict[object, list[Fault]](list)
    for one in FAULTS:
        own = (one.family, _shown_at(one), one.beside, one.options, _needs_leave(one))
        alike[own if one.family in OF_REQUESTS and not one.raw else one.name].append(one)
    counted = [(some, -(-len(some) // TOGETHER)) for some in alike.values()]
    return [some[at::count] for some, count in counted for at in range(count)]


def narrowed(fault: Fault) -> RunOptions:
    """One operation, and the cases of the fault's family alone: what `make test` has time for."""
    return replace(
        options_for(fault),
        include=(_shown_at(fault), *fault.beside),
        families=FAMILIES[fault.family],
        max_examples=0,
    )


def examined(one: Fault | Variant, options: RunOptions | None = None) -> Verdict:
    """The verdict on a fault of the registry, or on a variant."""
    level = Level(one.level) if isinstance(one, Fault) else Level.ERROR
    return examine([one.name], options or options_for(one), level, raw=one.raw)


def examined_each(faults: Sequence[Fault]) -> list[tuple[Fault, Verdict]]:
    """Each of the faults of one backend, with the verdict on it; `narrowed` as to the first."""
    first, names = faults[0], [one.name for one in faults]
    report = examine(names, narrowed(first), Level.NOTE, raw=first.raw).report
    return [
        (one, Verdict(found=_weighing(report, Level(one.level)), report=report)) for one in faults
    ]


def examined_together(variants: Sequence[Variant], options: RunOptions) -> Verdict:
    """The verdict on several variants in one backend."""
    raw = any(one.raw for one in variants)
    return examine([one.name for one in variants], options, Level.ERROR, raw=raw)


def judged(one: Fault | Variant, verdict: Verdict) -> str:
    """One word: `ok`, or what is wrong with what the kit said."""
    if isinstance(one, Variant):
        return "ACCUSED" if verdict.found else "ok"
    if not verdict.found:
        return "MISSED"
    return "ok" if any(is_own(one, clause) for clause in verdict.clauses) else "ASTRAY"


def innocents(fault: Fault, verdict: Verdict) -> Iterator[str]:
    """The places, warnings included, that the planted fault does not explain."""
    known = known_of(fault)
    for finding in verdict.report.findings:
        for place in finding.places:
            if place.level.at_least(Level.WARNING) and not known.explains(finding.code, place):
                yield f"{finding.code} at {place.clause}"


@dataclass(slots=True)
class Tally:
    """What came of one family so far; `seconds` include the backend's own."""

    examined: int = 0
    right: int = 0
    requests: int = 0
    billable: int = 0
    seconds: float = 0.0

    def add(self, word: str, verdict: Verdict) -> None:
        """Count one more."""
        self.examined += 1
        self.right += word == "ok"
        self.requests += verdict.report.requests
        self.billable += verdict.report.billable
        self.seconds += verdict.report.seconds


def single_faults(words: Sequence[str]) -> int:
    """Examine, a line each; 1 where a fault was missed, or a variant accused.

    Raises click.UsageError: no name contains one of the words.
    """
    tallies = defaultdict[str, Tally](Tally)
    every: list[Fault | Variant] = [*FAULTS, *VARIANTS]
    chosen = [one for one in every if not words or any(word in one.name for word in words)]
    if not chosen:
        raise click.UsageError(f"no fault or variant has a name with {' or '.join(words)}")
    with ProcessPoolExecutor() as pool:
        for one, verdict in zip(
            chosen, pool.map(_by_name, [one.name for one in chosen]), strict=True
        ):
            word = judged(one, verdict)
            if word == "ok" and isinstance(one, Fault) and any(innocents(one, verdict)):
                word = "INNOCENT"
            family = one.family.value if isinstance(one, Fault) else "legal variants"
            tallies[family].add(word, verdict)
            click.echo(_line(one, word, verdict))
    if not words:
        verdict = examine_correct()
        word = "ACCUSED" if verdict.found else "ok"
        tallies["the correct server"].add(word, verdict)
    click.echo(_summary(tallies))
    return int(any(tally.right < tally.examined for tally in tallies.values()))


def _by_name(name: str) -> Verdict:
    """In a process of its own."""
    return examined(BY_NAME[name])


def examine_correct(**options: Any) -> Verdict:
    """The whole contract before the correct server, where a warning is one too many."""
    tokens = Backend().tokens
    credentials = Credentials(token=tokens.admin, by_tag={"Client": tokens.client})
    given = RunOptions(credentials=credentials, allow_writes=True, **options)
    return examine([], given, Level.WARNING, raw=False)


def _line(one: Fault | Variant, word: str, verdict: Verdict) -> str:
    report = verdict.report
    finds = f"  [{one.finds}]" if isinstance(one, Fault) else ""
    codes = ", ".join(finding.code for finding in verdict.found)
    if word == "INNOCENT" and isinstance(one, Fault):
        codes = ", ".join(innocents(one, verdict))
    cost = f"{report.requests:5} requests {report.seconds:5.1f} s"
    return f"{word:8}{cost}  {one.name}{finds}  {codes}  {' '.join(verdict.clauses[:4])}"


def _summary(tallies: Mapping[str, Tally]) -> str:
    whole = Tally()
    for tally in tallies.values():
        for name in ("examined", "right", "requests", "billable", "seconds"):
            setattr(whole, name, getattr(whole, name) + getattr(tally, name))
    rows = [f"{'':40}{'right':>12}{'requests':>10}{'billable':>10}{'seconds':>9}"]
    for family, tally in [*tallies.items(), ("all", whole)]:
        right = f"{tally.right} of {tally.examined}"
        cost = f"{tally.requests:>10,}{tally.billable:>10,}{tally.seconds:>9.0f}"
        rows.append(f"{family:40}{right:>12}{cost}")
    return "\n".join(["", *rows])
