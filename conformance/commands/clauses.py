"""`conformance clauses [CONTRACT]`."""

from __future__ import annotations

import json
from pathlib import Path

import click

from conformance.clauses import derive
from spec import AI_CONTRACT, load

__all__ = ["command"]


@click.command("clauses")
@click.argument(
    "contract", required=False, default=AI_CONTRACT, type=click.Path(path_type=Path, dir_okay=False)
)
@click.option("--json", "as_json", is_flag=True, help="As JSON, with pointers and lines.")
@click.option("--kind", multiple=True, metavar="KIND", help="Only this kind; may be repeated.")
def command(contract: Path, as_json: bool, kind: tuple[str, ...]) -> None:
    """List what a contract promises, clause by clause, without any target."""
    clauses = [one for one in derive(load(contract)) if not kind or one.kind in kind]
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
        click.echo(f"{one.id}\n    {one.promise}\n    {one.place}  {one.pointer}")
    click.echo(f"{len(clauses)} clauses")
