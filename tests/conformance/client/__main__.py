"""What three clients of InsForge's AI API survive: `make clients` prints the table of the docs."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

import click

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
SCRIPTS = ROOT / "tests/javascript/clients"
CONTRACT = ROOT / "spec/ai.yaml"


@click.command()
@click.option("--generator", type=Path, required=True, help="A datamodel-codegen command.")
def main(generator: Path) -> None:
    """Run them one after the other; about three minutes."""
    with tempfile.TemporaryDirectory() as folder:
        models = Path(folder) / "models.py"
        made = ["--input", str(CONTRACT), "--input-file-type", "openapi", "--output", str(models)]
        kind = ["--output-model-type", "pydantic_v2.BaseModel"]
        subprocess.run([str(generator), *made, *kind], check=True, capture_output=True)
        python = f"{shlex.quote(sys.executable)} {HERE / 'with_models.py'} {models}"
        clients = {
            "`@insforge/sdk`, unmodified": f"node {SCRIPTS / 'sdk.mjs'}",
            "plain `fetch`": f"node {SCRIPTS / 'plain_fetch.mjs'}",
            "httpx with generated pydantic models": python,
        }
        print("| client | valid responses | passed | what breaks it |\n|---|---:|---:|---|")
        for name, command in clients.items():
            print(_row(name, _report(command, Path(folder) / "report.json")), flush=True)


def _report(command: str, written: Path) -> Any:
    line = [sys.executable, "-m", "conformance", "client", "--quiet", "--run", command]
    line += ["--contract", str(CONTRACT), "--report", f"json={written}", "--fail-on", "error"]
    done = subprocess.run(line, cwd=ROOT, capture_output=True, text=True)
    if done.returncode not in (0, 1):
        raise click.ClickException(done.stderr)
    return json.loads(written.read_text("utf-8"))


def _row(name: str, report: Any) -> str:
    """The documented errors are left out: tests that want a success fail without one."""
    wanted = [one for one in report["clauses"] if one["kind"] != "errors"]
    verdicts = Counter(one["verdict"] for one in wanted)
    found = [
        place
        for one in report["findings"]
        if one["code"] != "client-fails-on-error"
        for place in one["places"]
    ]
    told = "; ".join(f"`{one['operation']}`: {one['label']}" for one in found)
    return f"| {name} | {len(wanted)} | {verdicts['held']} | {told or 'nothing'} |"


if __name__ == "__main__":
    main()
