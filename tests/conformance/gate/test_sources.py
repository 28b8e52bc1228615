"""Where contracts may come from: several files, a URL, standard input, git, a folder above."""

from __future__ import annotations

import ast
import io
import re
import sys
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import click
import pytest

from conformance.cli import cli
from mock_server.cli import command as mock_server
from tests.conformance.gate.command import CONTRACT, conformance
from tests.conformance.gate.repository import git

pytestmark = pytest.mark.slow

NARROWED = CONTRACT.replace("schema: {type: string}}", "schema: {type: string, maxLength: 3}}")
FAULTY = CONTRACT.replace("maximum: 10", "maximum: 10, example: 11")
SHARED = CONTRACT.replace("schema: {type: string}}", "schema: {$ref: '../shared/id.yaml'}}")


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *arguments: object) -> None:
        """Nothing."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Contracts in `api/`, and what they share beside it."""
    (tmp_path / "api").mkdir()
    (tmp_path / "shared").mkdir()
    (tmp_path / "shared" / "id.yaml").write_text("{type: string, maxLength: 9}\n", "utf-8")
    for name, text in {"old": CONTRACT, "new": NARROWED, "faulty": FAULTY, "up": SHARED}.items():
        (tmp_path / "api" / f"{name}.yaml").write_text(text, "utf-8")
    return tmp_path


@pytest.fixture
def site(folder: Path) -> Iterator[str]:
    """The folder, served."""
    handler = partial(Quiet, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def typed(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))


def test_several_in_one_call(folder: Path) -> None:
    """One summary, in which each finding says which contract it belongs to."""
    done = conformance("lint", "api/old.yaml", "api/faulty.yaml", folder=folder)

    assert done.returncode == 1, done.stderr
    assert "api/faulty.yaml: " in done.stdout
    assert "api/old.yaml: " not in done.stdout


def test_standard_input(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a generator writes is read, and messages call it what it is."""
    typed(FAULTY, monkeypatch)
    linted = conformance("lint", "-", folder=folder)
    typed(NARROWED, monkeypatch)
    compared = conformance("diff", "api/old.yaml", "-", folder=folder)
    both = conformance("diff", "-", "-", folder=folder)

    assert linted.returncode == 1
    assert re.search(r"standard input:\d+", linted.stdout)
    assert compared.returncode == 1
    assert "the change from api/old.yaml to standard input" in compared.stdout
    assert both.returncode == 2
    assert "only one of OLD and NEW" in both.stderr


def test_url(folder: Path, site: str) -> None:
    """A published contract is fetched; what answers with an error is no contract."""
    linted = conformance("lint", f"{site}/api/faulty.yaml", folder=folder)
    compared = conformance("diff", f"{site}/api/old.yaml", "api/new.yaml", folder=folder)
    told = conformance("changelog", "api/old.yaml", f"{site}/api/new.yaml", folder=folder)
    listed = conformance("clauses", f"{site}/api/old.yaml", folder=folder)
    absent = conformance("lint", f"{site}/nowhere", folder=folder)

    assert linted.returncode == compared.returncode == 1
    assert f"{site}/api/faulty.yaml:" in linted.stdout
    assert "at most 3" in told.stdout
    assert f"{site}/api/old.yaml:" in listed.stdout
    assert absent.returncode == 2
    assert "responds with 404" in absent.stderr


@pytest.mark.parametrize(
    "command", ["lint", "clauses", "diff", "changelog", "gate", "run", "from git"]
)
def test_root(command: str, folder: Path) -> None:
    """`../` leads as far as --root says, in every command, and in a commit as in the folder."""
    git(folder, "init", "-q")
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "all")
    line = {
        "diff": ("diff", "api/up.yaml", "api/up.yaml"),
        "changelog": ("changelog", "api/up.yaml", "api/up.yaml"),
        "gate": ("gate", "--no-mock", "--contract", "api/up.yaml"),
        "run": ("run", "--url", "http://127.0.0.1:9", "--contract", "api/up.yaml"),
        "from git": ("diff", "HEAD:api/up.yaml", "api/up.yaml"),
    }.get(command, (command, "api/up.yaml"))

    refused = conformance(*line, folder=folder)
    allowed = conformance(*line, "--root", ".", folder=folder)

    assert refused.returncode == 2
    assert "name a folder that contains both with --root DIR" in refused.stderr
    assert allowed.returncode == (3 if command == "run" else 0), allowed.stderr


def test_remote_reference(folder: Path, site: str) -> None:
    """A URL that `--remote-ref` names is fetched; the refusal of any other names the flag."""
    url = f"{site}/shared/id.yaml"
    (folder / "far.yaml").write_text(SHARED.replace("../shared/id.yaml", url), "utf-8")

    refused = conformance("lint", "far.yaml", folder=folder)
    allowed = conformance("lint", "far.yaml", "--remote-ref", url, folder=folder)

    assert refused.returncode == 2
    assert f"allow it with --remote-ref {url}" in refused.stderr
    assert allowed.returncode == 0, allowed.stderr


def test_run_by_a_published_contract(
    folder: Path, site: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`run` takes the contract from the same places, and names it."""
    line = ("run", "--url", "http://127.0.0.1:9", "--token", "t", "--contract")
    fetched = conformance(*line, f"{site}/api/old.yaml", folder=folder)
    typed(CONTRACT, monkeypatch)
    piped = conformance(*line, "-", folder=folder)

    assert fetched.returncode == piped.returncode == 3, fetched.stderr
    assert f"Contract: {site}/api/old.yaml (Orders 1)" in fetched.stderr
    assert "Contract: standard input (Orders 1)" in piped.stderr


def test_a_new_contract_is_compared_with_nothing(folder: Path) -> None:
    """What HEAD does not have yet is new; a path that is wrong is told."""
    git(folder, "init", "-q")
    git(folder, "add", "api/old.yaml")
    git(folder, "commit", "-q", "-m", "one")

    new = conformance("diff", "HEAD:api/new.yaml", "api/new.yaml", folder=folder)
    wrong = conformance("diff", "HEAD:nowhere.yaml", "api/new.yaml", folder=folder)
    nothing = conformance("diff", "HEAD:", "api/new.yaml", folder=folder)

    assert (new.returncode, "api/new.yaml is new" in new.stdout) == (0, True)
    assert wrong.returncode == 2
    assert (nothing.returncode, "write HEAD:openapi.yaml" in nothing.stderr) == (2, True)


def test_everything_is_new_before_the_first_commit(folder: Path) -> None:
    """A hook runs before the commit is made; another ref is a mistake still."""
    git(folder, "init", "-q")

    new = conformance("diff", "HEAD:api/new.yaml", "api/new.yaml", folder=folder)
    wrong = conformance("diff", "main:api/new.yaml", "api/new.yaml", folder=folder)

    assert (new.returncode, "api/new.yaml is new" in new.stdout) == (0, True)
    assert wrong.returncode == 2


def test_diff_reads_waivers(folder: Path) -> None:
    """An accepted change is accepted by `diff` as by the gate, from beside NEW as well."""
    line = ("diff", "api/old.yaml", "api/new.yaml")
    conformance(*line, "--report", "json=r.json", folder=folder)
    waived = ("waive", "r.json", "--reason", "r", "--owner", "o", "--waivers")
    conformance(*waived, "api/contract-waivers.yaml", folder=folder)

    accepted = conformance(*line, folder=folder)
    named = conformance(*line, "--waivers", "api/contract-waivers.yaml", folder=folder)
    other = conformance("diff", "api/new.yaml", "api/new.yaml", folder=folder)

    assert (accepted.returncode, named.returncode) == (0, 0)
    assert "waived until" in accepted.stdout
    assert "waiver-unused" in other.stdout


def test_a_run_does_not_ask_for_the_waivers_of_a_diff(folder: Path) -> None:
    """One file holds the waivers of all parts: each speaks of its own."""
    conformance("diff", "api/old.yaml", "api/new.yaml", "--report", "json=r.json", folder=folder)
    conformance("waive", "r.json", "--reason", "r", "--owner", "o", folder=folder)
    text = (folder / "contract-waivers.yaml").read_text("utf-8")

    done = conformance(
        *("gate", "--contract", "api/new.yaml", "--base", "api/old.yaml", "--include", "GET /*"),
        *("--max-examples", "0"),
        folder=folder,
    )

    assert "code: request-constraint-tightened" in text
    assert "waiver-unused" not in done.stdout
    assert done.returncode == 0, done.stdout


def flags(group: click.Command) -> set[str]:
    """The flags of all commands of a group."""
    if not isinstance(group, click.Group):
        return {flag for param in group.params for flag in (*param.opts, *param.secondary_opts)}
    context = click.Context(group)
    commands = (group.get_command(context, name) for name in group.list_commands(context))
    return {flag for command in commands if command for flag in flags(command)}


def test_every_flag_that_a_message_names_is_there() -> None:
    """A remedy is something that can be done."""
    known = flags(cli) | flags(mock_server) | {"--help", "--config"}
    foreign = {"--pyargs"} | {"--max-time", "--next", "--parallel-immediate"}  # pytest's, curl's
    named: dict[str, Path] = {}
    for room in ("conformance", "spec"):
        for file in Path(room).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text("utf-8"))):
                if isinstance(node, ast.Constant) and " " in str(node.value):
                    for flag in re.findall(r"(?<![\w-])--[a-z][a-z-]+", str(node.value)):
                        named[flag] = file

    assert {flag: str(file) for flag, file in named.items() if flag not in known | foreign} == {}


PARTS = """\
openapi: 3.0.3
info: {title: T, version: '1.0.0'}
paths:
  /a:
    get: {responses: {'204': {description: ok}}}
  /b:
    get: {responses: {'204': {description: ok}}}
    post: {responses: {'204': {description: ok}}}
  /c:
    get: {responses: {'204': {description: ok}}}
"""


@pytest.mark.parametrize("old", ["old.yaml", "HEAD:new.yaml"])
@pytest.mark.parametrize(("gone", "line"), [("/a", 4), ("post", 8), ("/c", 6)])
def test_what_is_gone_is_told_in_new_beside_the_change(
    old: str, gone: str, line: int, tmp_path: Path
) -> None:
    """OLD is no file of the change; the line beside what was removed is shown in a review."""
    for name in ("old.yaml", "new.yaml"):
        (tmp_path / name).write_text(PARTS, "utf-8")
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", "new.yaml")
    git(tmp_path, "commit", "-q", "-m", "one")
    pattern = rf"  {gone}:\n.*\n" if gone.startswith("/") else rf"    {gone}: .*\n"
    (tmp_path / "new.yaml").write_text(re.sub(pattern, "", PARTS), "utf-8")

    done = conformance("diff", old, "new.yaml", "--report", "github=-", folder=tmp_path)

    assert f"::error file=new.yaml,line={line},title=operation-removed::" in done.stdout


def test_a_file_called_by_a_hyphen(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`-` alone is standard input (POSIX, Utility Syntax Guideline 13); `./-` is a file."""
    typed("", monkeypatch)
    (folder / "-").write_bytes((folder / "api/old.yaml").read_bytes())
    linted = conformance("lint", "./-", folder=folder)
    compared = conformance("diff", "./-", "api/old.yaml", folder=folder)

    assert linted.returncode == 0, linted.stderr
    assert compared.returncode == 0, compared.stderr
