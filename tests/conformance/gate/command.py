"""The command line as people call it."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Mapping
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path

from conformance.cli import main

__all__ = ["COMMAND", "CONTRACT", "Done", "conformance", "environment"]

COMMAND = str(Path(sys.executable).with_name("conformance"))
CONTRACT = """\
openapi: 3.0.3
info: {title: Orders, version: '1'}
security: [{token: []}]
paths:
  /orders/{id}:
    get:
      parameters:
        - {name: id, in: path, required: true, schema: {type: string}}
      responses:
        '200':
          description: An order
          content:
            application/json:
              schema:
                type: object
                required: [id]
                properties: {id: {type: string}, size: {type: integer, maximum: 10}}
        '401': {description: No credential}
components:
  securitySchemes: {token: {type: http, scheme: bearer}}
"""


def environment(**more: str) -> dict[str, str]:
    """Our environment without the settings and the pipeline of whoever runs the tests."""
    foreign = ("CONFORMANCE_", "MOCK_SERVER_", "GITHUB_", "GITLAB_", "CI_", "GIT_")
    kept = {k: v for k, v in os.environ.items() if not k.startswith(foreign) and k != "CI"}
    return {**kept, "NO_COLOR": "1", "COLUMNS": "200", **more}


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What a command said, and its exit code."""

    returncode: int
    stdout: str
    stderr: str


def conformance(*arguments: str | Path, folder: Path, env: Mapping[str, str] | None = None) -> Done:
    """`conformance` as its console script calls it, in a folder, without the price of a process."""
    before = Path.cwd(), dict(os.environ), sys.argv
    out, err = io.StringIO(), io.StringIO()
    try:
        os.chdir(folder)
        os.environ.clear()
        os.environ.update(environment() if env is None else env)
        sys.argv = ["conformance", *map(str, arguments)]
        with redirect_stdout(out), redirect_stderr(err):
            main()
    except SystemExit as ended:
        status = ended.code
    finally:
        os.chdir(before[0])
        os.environ.clear()
        os.environ.update(before[1])
        sys.argv = before[2]
    assert isinstance(status, int)
    return Done(returncode=status, stdout=out.getvalue(), stderr=err.getvalue())
