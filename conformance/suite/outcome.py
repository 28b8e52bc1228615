"""The outcome of the one run behind the suite, shared by all workers of pytest-xdist."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from conformance.clauses.clause import Clause
from conformance.report.findings import Finding, FindingPlace, Level, Report
from conformance.report.formats.json_reader import read_report
from conformance.report.formats.json_report import as_json
from conformance.run.generated.hypothesis_storage import keep_out_of_the_folder
from conformance.run.way_of_a_clause import way_of_a_clause
from conformance.run.whole_run import Run

__all__ = ["SuiteOutcome", "shared"]

PATIENCE = 3600.0
"""Seconds that a worker waits for the one that makes the run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SuiteOutcome:
    """The clauses by id, the places, and the level from which a finding fails a test."""

    report: Report
    fail_on: Level

    @property
    def clauses(self) -> Mapping[str, Clause]:
        """The judged clauses by their ids."""
        return {clause.id: clause for clause in self.report.clauses}

    def places(self, clause: str) -> Iterator[tuple[Finding, FindingPlace]]:
        """The places at a clause that are not waived, the most severe first."""
        found = [
            (finding, place)
            for finding in self.report.findings
            for place in finding.places
            if place.clause == clause and not place.waived
        ]
        yield from sorted(found, key=lambda one: -one[1].level.rank)

    def failure(self, finding: Finding, place: FindingPlace) -> str:
        """A place as the message of a failed test."""
        return (
            f"{finding.title} [{finding.code.value}]\nexpected {place.expected}\n"
            f"got {place.got}\n{place.curl}\n{place.place or ''} {place.pointer}\n"
            f"fingerprint {place.fingerprint}"
        )


def shared(
    run: Run, operations: Iterable[str], fail_on: Level, folder: Path | None
) -> SuiteOutcome:
    """Make the run, or wait for the worker that makes it.

    Only operations that a selected test asks for are probed. `folder` is one that all workers
    see; None where there is one process alone.
    """
    run.only(operations)
    if folder is None:
        return SuiteOutcome(report=_made(run, fail_on), fail_on=fail_on)
    result, claim = folder / "conformance.json", folder / "conformance.claimed"
    try:
        os.close(os.open(claim, os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        return SuiteOutcome(report=_awaited(result), fail_on=fail_on)
    text = ""
    try:
        report = _made(run, fail_on)
        text = as_json(replace(report, exchanges=()))
    finally:
        # Empty where there is no report: nobody waits for one that will not come.
        beside = result.with_suffix(".part")
        beside.write_text(text, "utf-8")
        beside.replace(result)
    return SuiteOutcome(report=report, fail_on=fail_on)


def _made(run: Run, fail_on: Level) -> Report:
    # A plugin of pytest has imported Hypothesis by now.
    keep_out_of_the_folder(loaded=True)
    asyncio.run(way_of_a_clause(run))
    return run.report(fail_on)


def _awaited(result: Path) -> Report:
    end = time.monotonic() + PATIENCE
    while not result.exists():
        if time.monotonic() > end:
            raise TimeoutError(f"no pytest worker wrote {result}; run again without -n")
        time.sleep(0.05)
    if not result.stat().st_size:
        raise RuntimeError("the pytest worker that makes the run has failed; its error says why")
    return read_report(result)
