"""`conformance clauses [CONTRACT]`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from conformance.clauses import derive
from conformance.clauses.kinds import KINDS_OF_A_RUN
from conformance.commands.contracts.contract_choice import ContractPath
from conformance.commands.contracts.reach import Reach, reach_options
from conformance.commands.run import contract_of
from conformance.report.formats.printable import one_line
from spec.model.near_names import did_you_mean
from spec.model.short_texts import plural
from spec.settings.option_sources import LINE, configured

__all__ = ["command"]


@configured("conformance")
@click.command("clauses")
@click.argument("contract", required=False, type=ContractPath(), metavar="[CONTRACT]")
@reach_options
@click.option("--json", "as_json", is_flag=True, help="Print JSON, with pointers and line numbers.")
@click.option(
    "--kind",
    multiple=True,
    type=LINE,
    metavar="KIND",
    help="List only clauses of this kind. Repeatable.",
)
def command(
    contract: Path | str | None, as_json: bool, kind: tuple[str, ...], **given: Any
) -> None:
    """List the clauses of a contract. No deployment is needed.

    CONTRACT is a file, a URL, or - for standard input. Default: openapi.yaml, .yml or .json in
    this folder, else InsForge's.
    """
    kinds = [one.value for one in KINDS_OF_A_RUN]
    for name in kind:
        if name not in kinds:
            known = f"use one of {', '.join(kinds)}"
            meant = did_you_mean(name, kinds, known, quoted=repr)
            raise click.UsageError(f"--kind {name}: there is no such kind of clause; {meant}")
    loaded = contract_of(contract, None, Reach.of(given))
    clauses = [one for one in derive(loaded) if not kind or one.kind in kind]
    if as_json:
        rows = [
            {
                "id": one.id,
                "operation": one.operation,
                "kind": one.kind,
                "pointer": one.pointer,
                "file": one.place.file if one.place else "",
                "line": one.place.line if one.place else 0,
                "promise": one.promise,
            }
            for one in clauses
        ]
        click.echo(json.dumps(rows, indent=2))
        return
    for one in clauses:
        about = (one.promise, f"{one.place}  {one.pointer}")
        click.echo("\n    ".join(map(one_line, (one.id, *about))))
    click.echo(plural(len(clauses), "clause"))
