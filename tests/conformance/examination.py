"""The kit before a backend with one fault, or one licence: what does it say?

python -m tests.conformance.examination            every fault and every variant
python -m tests.conformance.examination NAME …     those whose name contains one of these
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from conformance.client import Target
from conformance.client.target import parse_target
from conformance.credentials import Credentials
from conformance.engine.options import RunOptions
from conformance.engine.run import Run
from conformance.model import Finding, Level, Report
from spec import AI_CONTRACT, AI_OVERLAY, load
from tests.conformance.backend import FAULTS, VARIANTS, Backend, Fault, Variant, serving

__all__ = ["Verdict", "examine", "examined"]

CONTRACT = load(AI_CONTRACT, overlay=AI_OVERLAY)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What came of it. `found` are the findings that weigh at least what the fault does."""

    name: str
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


def examine(name: str, options: RunOptions, level: Level, *, raw: bool) -> Verdict:
    """Run the kit against a backend with one thing switched on."""
    with _target(Backend([name]), raw=raw) as target:
        run = Run(CONTRACT, target, options)
        asyncio.run(run.execute())
    report = run.report()
    found = tuple(one for one in report.findings if one.level.at_least(level))
    return Verdict(name=name, found=found, report=report)


@contextmanager
def _target(backend: Backend, *, raw: bool) -> Iterator[Target]:
    if not raw:
        yield Target(app=backend)
        return
    with serving(backend) as url:
        yield parse_target(url)


def options_for(one: Fault | Variant, families: Iterable[str] = ()) -> RunOptions:
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
        allow_writes=one.writes if isinstance(one, Fault) else True,
        max_response_time=float(given.get("--max-response-time", 10.0)),
        families=frozenset(families),
    )


def examined(one: Fault | Variant, families: Iterable[str] = ()) -> Verdict:
    """The verdict on a fault of the registry, or on a variant."""
    level = Level(one.level) if isinstance(one, Fault) else Level.ERROR
    return examine(one.name, options_for(one, families), level, raw=one.raw)


def main(words: list[str]) -> int:
    """Examine, a line each; 1 where a fault was missed or told twice, or a variant accused."""
    wrong = 0
    every: list[Fault | Variant] = [*FAULTS, *VARIANTS]
    for one in every:
        if words and not any(word in one.name for word in words):
            continue
        try:
            verdict = examined(one)
        except Exception as error:
            print(f"CRASH {one.name}: {error!r}", flush=True)
            wrong += 1
            continue
        wanted = 1 if isinstance(one, Fault) else 0
        if len(verdict.found) == wanted:
            word = "ok"
        elif wanted:
            word = "MISSED" if not verdict.found else "TWICE"
        else:
            word = "ACCUSED"
        wrong += word != "ok"
        clause = f"  [{one.finds}]" if isinstance(one, Fault) else ""
        codes = ", ".join(finding.code for finding in verdict.found)
        print(f"{word:8}{one.name}{clause}  {codes}  {' '.join(verdict.clauses[:4])}", flush=True)
    print(f"{wrong} wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
