"""A run of the kit in a test: a few lines of contract, a target, and the report."""

from __future__ import annotations

import asyncio
from pathlib import Path
from textwrap import indent
from typing import Any

from conformance.clauses.kinds import ClauseKind
from conformance.http.credentials import Credentials
from conformance.http.target import Target, parse_target
from conformance.report.findings import Report
from conformance.run.session.run_options import RunOptions
from conformance.run.way_of_a_clause import way_of_a_clause
from conformance.run.whole_run import Run
from spec import Contract, load
from tests.clock import run_by_clock

__all__ = ["codes", "contract_of", "posting", "run", "verdicts"]


def contract_of(folder: Path, text: str) -> Contract:
    """The contract that a few lines of YAML are; `openapi` and `info` are added."""
    file = folder / "contract.yaml"
    file.write_text(f"openapi: 3.0.3\ninfo: {{title: T, version: '1'}}\n{text}", "utf-8")
    return load(file)


def posting(
    path: str, statuses: str, schema: str, *, example: str = "", writes: bool = False
) -> str:
    """The contract of one POST of JSON that documents some statuses, as `contract_of` takes it.

    Unless it `writes`, it is said to be harmless.
    """
    responses = ", ".join(f"'{one}': {{description: d}}" for one in statuses.split())
    return f"""
paths:
  {path}:
    post:
      x-conformance: {{writes: {str(writes).lower()}}}
      requestBody:
        required: true
        content:
          application/json:
            schema:
{indent(schema.strip(), " " * 14)}
            {f"example: {example}" if example else ""}
      responses: {{{responses}}}
"""


def run(
    contract: Contract, target: Any, token: str = "", *, by_clock: bool = False, **options: Any
) -> Report:
    """Run the kit against an application or a URL.

    `by_clock` takes no time for what waits: where an application is all that answers, and nothing
    is generated in another thread. Values are generated where the `families` name them, or with
    `max_examples`: Hypothesis takes longer than the rest of a small run.
    """
    made = parse_target(target) if isinstance(target, str) else Target(app=target)
    generates = ClauseKind.PROPERTIES in options.get("families", ())
    options.setdefault("max_examples", 2 if generates else 0)
    given = RunOptions(credentials=options.pop("credentials", Credentials(token=token)), **options)
    running = Run(contract, made, given)
    if by_clock:
        run_by_clock(way_of_a_clause(running))
    else:
        asyncio.run(way_of_a_clause(running))
    return running.report()


def codes(report: Report) -> list[str]:
    """The codes of the findings, the most severe first."""
    return [finding.code for finding in report.findings]


def verdicts(report: Report) -> dict[str, str]:
    """The verdict of each clause, by its name within its operation."""
    return {clause.id.split(" ", 2)[-1]: clause.verdict.value for clause in report.clauses}
