"""The files for GitHub, GitLab and pre-commit are valid, and their commands run."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
import tomllib
from importlib.resources import files
from pathlib import Path
from typing import Any

import click
import jsonschema_rs
import pytest

from conformance.cli import COMMANDS, cli
from tests.conformance.gate.command import CONTRACT, conformance, environment
from tests.conformance.gate.repository import git
from tests.yaml_files import read_yaml

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[3]
BIN = Path(sys.executable).parent
SCRIPTS = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["scripts"]
BROKEN = CONTRACT.replace("version: '1'", "version: '2'").replace(
    "schema: {type: string}}", "schema: {type: string, maxLength: 3}}"
)

COMMANDS_OF_A_SHELL = ("CLIENT", "SETUP", "START", "TEARDOWN", "TOKEN_COMMAND")
"""Options that start what they name."""


def read(name: str) -> Any:
    return read_yaml(ROOT / name)


@pytest.mark.parametrize(
    ("name", "schema"),
    [
        ("action.yml", "github-actions"),
        ("templates/contract-gate.gitlab-ci.yml", "gitlab-ci"),
        ("compose.yaml", "compose-spec"),
        (".github/workflows/ci.yml", "github-workflows"),
    ],
)
def test_file_is_valid(name: str, schema: str) -> None:
    """Each file satisfies its platform's published schema, which check-jsonschema carries."""
    vendored = files("check_jsonschema.builtin_schemas.vendor").joinpath(f"{schema}.json")
    # YAML 1.1 reads the key `on` as true.
    document = {"on" if key is True else key: value for key, value in read(name).items()}

    errors = list(jsonschema_rs.iter_errors(json.loads(vendored.read_text("utf-8")), document))

    assert [error.message for error in errors] == []


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout of a branch in which the contract is narrower than in `main` of its origin."""
    origin, clone = tmp_path / "origin", tmp_path / "clone"
    origin.mkdir()
    (origin / "openapi.yaml").write_text(CONTRACT, "utf-8")
    git(origin, "init", "-q", "-b", "main")
    git(origin, "add", ".")
    git(origin, "commit", "-q", "-m", "first")
    git(tmp_path, "clone", "-q", str(origin), str(clone))
    git(clone, "switch", "-q", "-c", "change")
    (clone / "openapi.yaml").write_text(BROKEN, "utf-8")
    git(clone, "commit", "-q", "-a", "-m", "second")
    return clone


class Runner:
    """Runs the steps of our action as GitHub's runner would: one shell after the other."""

    def __init__(self, folder: Path, checkout: Path, **inputs: str) -> None:
        self.action = read("action.yml")
        self.checkout, self.temp = checkout, folder / "runner"
        self.inputs = {
            name: str(facts.get("default", "")) for name, facts in self.action["inputs"].items()
        } | {name.replace("_", "-"): value for name, value in inputs.items()}
        self.summary = folder / "summary.md"
        self.outputs: dict[str, dict[str, str]] = {}
        # What the step Install makes: an environment with our commands.
        (self.temp / "contract-gate").mkdir(parents=True)
        (self.temp / "contract-gate" / "bin").symlink_to(BIN)

    def step(self, name: str, **facts: str) -> subprocess.CompletedProcess[str]:
        [step] = [one for one in self.action["runs"]["steps"] if one.get("name") == name]
        output = self.temp / "output"
        output.write_text("", "utf-8")
        env = environment(
            GITHUB_ACTIONS="true",
            GITHUB_STEP_SUMMARY=str(self.summary),
            GITHUB_OUTPUT=str(output),
            RUNNER_TEMP=str(self.temp),
            **{key: self.filled(value, facts) for key, value in step["env"].items()},
        )
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
            cwd=self.checkout,
            env=env,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        lines = output.read_text("utf-8").splitlines()
        self.outputs[step.get("id", "")] = dict(line.split("=", 1) for line in lines)
        return done

    def filled(self, text: str, facts: dict[str, str]) -> str:
        def value(found: re.Match[str]) -> str:
            kind, _, name = found[1].partition(".")
            if kind == "inputs":
                return self.inputs[name]
            if kind == "steps":
                step, _, output = name.partition(".outputs.")
                return self.outputs[step][output]
            return facts.get(found[1], "")

        return re.sub(r"\$\{\{ ([\w.-]+) \}\}", value, text)


def test_action_on_a_pull_request(tmp_path: Path, checkout: Path) -> None:
    """The contract of the base branch is compared with; the break fails the step and is shown."""
    runner = Runner(tmp_path, checkout, contract="openapi.yaml", mock="false")

    found = runner.step("Find the contract before the change", **{"github.base_ref": "main"})
    done = runner.step("Gate")

    assert found.returncode == 0, found.stderr
    assert runner.outputs["base"] == {"base": "origin/main:openapi.yaml"}
    assert done.returncode == 1, done.stdout + done.stderr
    assert runner.outputs["gate"]["verdict"] == "breaks"
    assert "::error file=openapi.yaml,line=8,title=request-constraint-tightened::" in done.stdout
    assert "breaks its contract" in runner.summary.read_text("utf-8")
    reports = checkout / "contract-gate"
    written = {"report.json", "report.html", "junit.xml", "report.sarif", "comment.md"}
    assert {path.name for path in reports.iterdir()} == written


def test_action_where_the_contract_is_new(tmp_path: Path, checkout: Path) -> None:
    """A base branch without the contract is said and is no failure."""
    (checkout / "new.yaml").write_text(CONTRACT, "utf-8")
    runner = Runner(tmp_path, checkout, contract="new.yaml", mock="false")

    runner.step("Find the contract before the change", **{"github.base_ref": "main"})
    done = runner.step("Gate")

    assert "new.yaml is new: origin/main" in done.stderr
    assert done.returncode == 0, done.stdout + done.stderr
    assert runner.outputs["gate"]["verdict"] == "conforms"


def test_action_on_a_push(tmp_path: Path, checkout: Path) -> None:
    """Without a pull request there is no base, and the inputs are data, never shell."""
    evil = "openapi.yaml$(touch owned)"
    runner = Runner(tmp_path, checkout, contract=evil, mock="false")

    runner.step("Find the contract before the change")
    done = runner.step("Gate")

    assert runner.outputs["base"] == {"base": ""}
    assert done.returncode == 2
    assert not (checkout / "owned").exists()


def test_a_checkout_brings_neither_reports_nor_modules(
    tmp_path: Path, checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A gate that ends before it writes has no verdict and no comment; a json.py is not run."""
    reports, text = checkout / "contract-gate", f"<!-- contract-gate {'0' * 16} -->\nmine"
    reports.mkdir()
    (checkout / "json.py").write_text("open('owned', 'w')", "utf-8")
    (checkout / "openapi.yaml").write_text("- no contract", "utf-8")
    (reports / "report.json").write_text('{"verdict": "conforms"}', "utf-8")
    (reports / "comment.md").symlink_to(checkout / "openapi.yaml")
    runner = Runner(tmp_path, checkout, contract="openapi.yaml", mock="false")

    runner.step("Find the contract before the change")
    done = runner.step("Gate")

    assert done.returncode == 2
    assert "verdict" not in runner.outputs["gate"]
    assert not list(reports.iterdir())
    assert commenting(tmp_path / "more", checkout, text, monkeypatch)
    assert not (checkout / "owned").exists()


def test_action_with_several_contracts(tmp_path: Path, checkout: Path) -> None:
    """One a line; each is compared with itself, and one report has them all."""
    (checkout / "other one.yaml").write_text(CONTRACT, "utf-8")
    runner = Runner(tmp_path, checkout, contract="openapi.yaml\nother one.yaml\n", mock="false")

    runner.step("Find the contract before the change", **{"github.base_ref": "main"})
    done = runner.step("Gate")

    assert runner.outputs["base"] == {"base": "origin/main:"}
    assert done.returncode == 1, done.stdout + done.stderr
    report = json.loads((checkout / "contract-gate" / "report.json").read_text("utf-8"))
    assert [one["title"].partition(":")[0] for one in report["findings"]] == ["openapi.yaml"]


def test_the_table_of_a_checkout_decides_nothing_dangerous(tmp_path: Path, checkout: Path) -> None:
    """A pull request's pyproject.toml neither starts a command nor names where a token goes."""
    (checkout / "pyproject.toml").write_text(
        "[tool.conformance]\nstart = 'touch STARTED; sleep 5'\nurl = 'http://127.0.0.1:9'\n"
        "wait-for = 'http://127.0.0.1:9'\nheader = ['X: y']\nwait-seconds = 1\n"
        "report = ['json=planted.json']\n"
    )
    runner = Runner(tmp_path, checkout, contract="openapi.yaml", mock="false", token="secret")
    runner.outputs["base"] = {"base": ""}
    done = runner.step("Gate")
    job = read("templates/contract-gate.gitlab-ci.yml")["contract-gate"]["variables"]
    [step] = [one for one in read("action.yml")["runs"]["steps"] if one.get("name") == "Gate"]
    decided = {name for name in step["env"] if name.startswith("CONFORMANCE_")}

    assert done.returncode == 0, done.stdout + done.stderr
    assert "deployment: not run" in done.stderr
    assert not (checkout / "STARTED").exists()
    assert not (checkout / "planted.json").exists()
    assert {f"CONFORMANCE_{name}" for name in COMMANDS_OF_A_SHELL} <= decided
    assert "CONFORMANCE_URL" in decided
    assert {name for name, value in job.items() if value == ""} <= decided


HARMLESS = {
    *("base-exact", "deprecation-days", "wait-seconds", "lint", "config", "example", "include"),
    *("exclude", "clause", "shard", "harmless", "allow-writes", "max-billable", "max-examples"),
    *(
        "min-observed",
        "time-budget",
        "max-response-time",
        "max-consistency-time",
        "rate",
        "seed",
        "level",
        "traffic",
    ),
    *("client-runs", "verbose"),
}
"""Options of the gate that a checkout may decide on: what is tried, how much, and how long."""


def test_every_option_of_the_gate_is_placed() -> None:
    """A new one is decided by the steps, or a checkout may decide on it: somebody has to say."""
    gate = cli.get_command(click.Context(cli), "gate")
    assert gate is not None
    options = {
        max(param.opts, key=len).removeprefix("--")
        for param in gate.params
        if param.param_type_name == "option"
    } - {"help"}
    job = read("templates/contract-gate.gitlab-ci.yml")["contract-gate"]["variables"]
    [step] = [one for one in read("action.yml")["runs"]["steps"] if one.get("name") == "Gate"]
    decided = {_option(name) for name in step["env"] if name.startswith("CONFORMANCE_")}
    emptied = {_option(name) for name, value in step["env"].items() if value == ""}

    assert options - decided - HARMLESS == {"contract"}  # the action gives it as an argument
    assert decided & HARMLESS == set()
    assert emptied <= {_option(name) for name in job}


def _option(variable: str) -> str:
    return variable.removeprefix("CONFORMANCE_").lower().replace("_", "-")


GH = """#!/bin/sh
case "$*" in
*--paginate*) echo 7;;
*) echo "$@" >> "$GH_LOG"
   for last; do [ "$before" = --input ] && { cat "$last"; echo; } >> "$GH_LOG"; before=$last; done;;
esac
"""


def commenting(folder: Path, checkout: Path, text: str, patch: pytest.MonkeyPatch) -> list[str]:
    """What `gh` was called with, and the comments that it was given, for a report's text."""
    programs = folder / "programs"
    programs.mkdir(parents=True)
    (programs / "gh").write_text(GH)
    (programs / "gh").chmod(0o755)
    patch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
    patch.setenv("GH_LOG", str(folder / "gh.log"))
    (checkout / "contract-gate").mkdir(exist_ok=True)
    (checkout / "contract-gate" / "comment.md").write_text(text, "utf-8")
    runner = Runner(folder, checkout, contract="openapi.yaml")
    facts = {"github.event.pull_request.number": "5", "github.repository": "a/b"}
    done = runner.step("Comment", **facts)
    assert done.returncode == 0, done.stderr
    return re.split(r"(?m)^(?=api --method)", (folder / "gh.log").read_text())[1:]


def test_action_comments_once_for_each_contract(
    tmp_path: Path, checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three contracts are three comments, each found again by its contract's own marker."""
    names = ("openapi.yaml", "other.yaml", "third.yaml")
    for name in names[1:]:
        (checkout / name).write_text(CONTRACT, "utf-8")
    report = checkout / "report.md"
    arguments = ("gate", *names, "--no-mock", "--report", f"markdown={report}")
    conformance(*arguments, folder=checkout)
    said = commenting(tmp_path, checkout, report.read_text("utf-8"), monkeypatch)
    bodies = [json.loads(one[one.index("{") :])["body"] for one in said]
    marks = {hashlib.sha256(one.encode()).hexdigest()[:16]: one for one in names}

    assert len(said) == 3
    for one, body in zip(said, bodies, strict=True):
        assert one.startswith("api --method PATCH repos/a/b/issues/comments/7 ")
        found = re.match(r"<!-- contract-gate ([0-9a-f]{16}) -->\n", body)
        assert found is not None
        others = [name for mark, name in marks.items() if mark != found[1]]
        assert marks[found[1]] in body
        assert not [name for name in others if name in body]


def test_a_comment_fits(tmp_path: Path, checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is longer than a comment may be is cut, and says so."""
    text = f"<!-- contract-gate {'0' * 16} -->\n" + "x" * 70_000
    [said] = commenting(tmp_path, checkout, text, monkeypatch)
    body = json.loads(said[said.index("{") :])["body"]

    assert len(body) < 65_536
    assert body.endswith("the rest is in the report.")


def test_every_action_is_pinned_by_its_commit() -> None:
    """A tag can be moved to something else; the version stands beside it for people."""
    steps = list(read("action.yml")["runs"]["steps"])
    for job in read(".github/workflows/ci.yml")["jobs"].values():
        steps += job["steps"]
    used = [step["uses"] for step in steps if "uses" in step and step["uses"] != "./"]

    assert used
    for action in used:
        assert re.fullmatch(r"[\w/-]+@[0-9a-f]{40}", action), action


def test_gitlab_job(checkout: Path) -> None:
    """The job's script finds the target branch's contract and writes what its artifacts name."""
    job = read("templates/contract-gate.gitlab-ci.yml")["contract-gate"]
    script = "\n".join(job["script"])
    env = environment(
        CI_MERGE_REQUEST_TARGET_BRANCH_NAME="main",
        CONFORMANCE_MOCK="false",
        PATH=f"{BIN}{os.pathsep}{os.environ['PATH']}",
        **{key: str(value) for key, value in job["variables"].items()},
    )
    done = subprocess.run(
        ["bash", "-eo", "pipefail", "-c", script],
        cwd=checkout,
        env=env,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert done.returncode == 1, done.stdout + done.stderr
    issues = json.loads((checkout / "contract-gate" / "code-quality.json").read_text("utf-8"))
    assert [issue["check_name"] for issue in issues] == ["request-constraint-tightened"]
    for artifact in job["artifacts"]["reports"].values():
        assert (checkout / artifact).is_file()


def test_gitlab_installs_what_it_names(tmp_path: Path) -> None:
    """The commit or tag of its variables, from its source, and with the versions of that commit."""
    job = read("templates/contract-gate.gitlab-ci.yml")["contract-gate"]
    source, target, programs = tmp_path / "source", tmp_path / "target", tmp_path / "programs"
    source.mkdir()
    git(source, "init", "-q", "-b", "main")
    for text in ("pinned", "moved on"):
        (source / "constraints.txt").write_text(text)
        git(source, "add", ".")
        git(source, "commit", "-q", "-m", text)
        if text == "pinned":
            git(source, "tag", job["variables"]["CONTRACT_GATE_REF"])
    programs.mkdir()
    (programs / "python").write_text('#!/bin/sh\necho "$@" > "$LOG"\n')
    (programs / "python").chmod(0o755)
    script = "\n".join(job["before_script"])
    done = subprocess.run(
        ["bash", "-eo", "pipefail", "-c", script.replace("/tmp/contract-gate", str(target))],
        env=environment(
            PATH=f"{programs}{os.pathsep}{os.environ['PATH']}",
            LOG=str(tmp_path / "log"),
            CONTRACT_GATE_SOURCE=str(source),
            CONTRACT_GATE_REF=job["variables"]["CONTRACT_GATE_REF"],
        ),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert done.returncode == 0, done.stderr
    assert (target / "constraints.txt").read_text() == "pinned"
    asked = (tmp_path / "log").read_text().split()
    assert asked[-3:] == ["--constraint", f"{target}/constraints.txt", str(target)]


def test_hooks() -> None:
    """Each hook has what pre-commit asks for and calls a command that there is."""
    hooks = {hook["id"]: hook for hook in read(".pre-commit-hooks.yaml")}

    assert set(hooks) == {"contract-lint", "contract-diff"}
    for hook in hooks.values():
        assert {"id", "name", "entry", "language", "files"} <= set(hook)
        program, command = hook["entry"].split()
        assert program in SCRIPTS
        assert command in COMMANDS
        re.compile(hook["files"])
