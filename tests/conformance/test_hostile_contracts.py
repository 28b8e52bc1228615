"""A contract of somebody's pull request commands neither a terminal, a pipeline nor a comment."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path

import pytest

from tests.conformance.gate.command import conformance

HOSTILE = "a\x1b[31m\n::error::x\n##vso[task.x]\n<!-- contract-gate 0123456789abcdef -->\n|`@all"
"""A terminal's escape, commands of runners, a comment's marker, the end of a cell and of a span."""
COMMANDS = Path(__file__).parents[2] / "conformance" / "commands"


def contract(folder: Path, name: str, *parameters: str) -> str:
    """A contract whose title, path and parameters have that name."""
    operation = {
        "parameters": [
            {"name": one, "in": "query", "required": True, "schema": {"type": "string"}}
            for one in parameters
        ],
        "responses": {"200": {"description": "ok"}},
    }
    document = {
        "openapi": "3.0.3",
        "info": {"title": HOSTILE, "version": HOSTILE},
        "paths": {f"/{HOSTILE}".replace("<", ""): {"get": operation}},
    }
    (folder / name).write_text(json.dumps(document), "utf-8")
    return name


@pytest.mark.parametrize(
    "command",
    [
        "clauses old.json",
        "changelog old.json new.json",
        "diff old.json new.json",
        "gate new.json --no-mock --base old.json",
        "run --contract new.json --url http://127.0.0.1:1 --report markdown=r.md",
        "run --contract new.json --url http://127.0.0.1:1 --include nothing",
    ],
)
def test_what_a_command_says_is_text(command: str, tmp_path: Path) -> None:
    """On both streams, and in the Markdown of a comment."""
    contract(tmp_path, "old.json")
    contract(tmp_path, "new.json", HOSTILE)

    done = conformance(*command.split(), folder=tmp_path)

    report = tmp_path / "r.md"
    for said in (done.stdout, done.stderr, report.read_text("utf-8") if report.exists() else ""):
        assert "\x1b" not in said
        assert re.search(r"(?m)^\s*::|##\w*\[|^<!-- contract-gate 0123456789abcdef", said) is None
        assert re.search(r"(?m)^\| `.*(?<!\\)\|`", said) is None


def test_one_function_writes_to_the_standard_error() -> None:
    """So that no text of others gets there as it is."""
    found = [
        f"{file.relative_to(COMMANDS)}:{node.lineno}"
        for file in sorted(COMMANDS.rglob("*.py"))
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.keyword) and node.arg == "err"
    ]

    assert {one.partition(":")[0] for one in found} == {"options/telling.py"}
