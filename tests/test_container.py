"""The container image: its steps are run in a shell, and what compose asks of it is there."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
import sysconfig
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from conformance.cli import COMMANDS
from tests.command import launched
from tests.conformance.gate.command import environment

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[1]
SCRIPTS = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["scripts"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One instruction of the Dockerfile, of the stage that it stands in, counted from 0."""

    stage: int
    name: str
    text: str


def _steps() -> list[Step]:
    made, stage = list[Step](), -1
    for line in (ROOT / "Dockerfile").read_text("utf-8").replace("\\\n", " ").splitlines():
        if line and not line.startswith("#"):
            name, text = line.split(None, 1)
            stage += name == "FROM"
            made.append(Step(stage=stage, name=name, text=text))
    return made


def _texts(name: str) -> list[str]:
    return [one.text for one in _steps() if one.name == name]


def _copied() -> list[str]:
    """What the image has of this folder."""
    return [part for one in _texts("COPY") if "--from" not in one for part in one.split()[:-1]]


def shell(text: str, folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a line as `RUN` does."""
    return subprocess.run(
        ["sh", "-c", text],
        cwd=folder,
        env=environment(**variables),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_the_build_installs_both_commands(tmp_path: Path) -> None:
    """The first stage, with what it copies and nothing else, gives commands that start.

    What they depend on is this environment's: pip finds it installed, and fetches nothing.
    """
    source, target = tmp_path / "source", tmp_path / "contract"
    source.mkdir()
    for name in _copied():
        (source / name).symlink_to(ROOT / name)
    offline = {
        "PYTHONPATH": sysconfig.get_path("purelib"),
        "PIP_NO_INDEX": "1",
        "PIP_NO_BUILD_ISOLATION": "0",  # pip reads it as: without isolation
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
    }
    [run] = [one.text for one in _steps() if one.stage == 0 and one.name == "RUN"]
    done = shell(run.replace("/opt/contract", str(target)), source, **offline)
    said = {name: shell(f"{target}/bin/{name} --help", tmp_path, **offline) for name in SCRIPTS}

    assert done.returncode == 0, done.stderr
    assert [one.returncode for one in said.values()] == [0, 0]
    assert [one.name for one in target.glob("lib/*/site-packages/spec/ai*.yaml")]


def test_the_system_of_the_image(tmp_path: Path) -> None:
    """The second stage installs git alone, trusts every mount, and makes its user."""
    log, programs = tmp_path / "log", tmp_path / "programs"
    programs.mkdir()
    for name in ("apt-get", "git", "useradd", "rm"):
        (programs / name).write_text('#!/bin/sh\necho "$(basename "$0") $*" >> "$LOG"\n')
        (programs / name).chmod(0o755)
    [run] = [one.text for one in _steps() if one.stage == 1 and one.name == "RUN"]
    path = f"{programs}{os.pathsep}{os.environ['PATH']}"
    done = shell(run, tmp_path, PATH=path, LOG=str(log))
    called = [shlex.split(line) for line in log.read_text("utf-8").splitlines()]
    [user] = [line for line in called if line[0] == "useradd"]

    assert done.returncode == 0, done.stderr
    assert [line[-1] for line in called if line[:2] == ["apt-get", "install"]] == ["git"]
    assert ["git", "config", "--system", "--add", "safe.directory", "*"] in called
    assert _texts("USER") == [user[user.index("--uid") + 1]]
    assert _texts("USER") not in (["0"], ["root"])


def test_what_is_copied_is_sent_to_the_engine() -> None:
    """The context holds what the image needs, and no more: no tests, no .git, no .venv."""
    ignored = (ROOT / ".dockerignore").read_text("utf-8").splitlines()

    assert ignored[0] == "*"
    assert sorted(_copied()) == sorted(one[1:] for one in ignored if one.startswith("!"))
    assert [name for name in _copied() if not (ROOT / name).exists()] == []


def test_the_image_is_small_and_starts_the_mock() -> None:
    """Both stages are slim, and what it runs by itself is a command of ours."""
    assert all(image.startswith("python:3.13-slim") for image in _texts("FROM"))
    assert json.loads(_texts("CMD")[0])[0] in SCRIPTS


def test_the_health_check() -> None:
    """It passes where the mock answers, and fails where nothing does."""
    check = json.loads(_texts("HEALTHCHECK")[0].partition("CMD ")[2])
    with launched("--no-watch") as mock:
        env = environment(MOCK_SERVER_PORT=mock.url.rpartition(":")[2])
        healthy = subprocess.run([sys.executable, *check[1:]], env=env, check=False, timeout=20)
    sick = subprocess.run([sys.executable, *check[1:]], env=env, check=False, capture_output=True)

    assert healthy.returncode == 0
    assert sick.returncode != 0


def _services() -> dict[str, Any]:
    services: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))[
        "services"
    ]
    return services


@pytest.mark.parametrize("name", ["mock", "conformance"])
def test_a_service_of_compose(name: str) -> None:
    """Its command is ours, its ports are this machine's alone, and it has no rights."""
    service = _services()[name]
    command = service.get("command", ["mock-server"])

    assert command[0] in SCRIPTS
    assert command[1:2] == [] or command[1] in COMMANDS
    assert all(port.startswith("127.0.0.1:") for port in service.get("ports", ()))
    assert (service["read_only"], service["cap_drop"]) == (True, ["ALL"])


def test_compose_serves_your_own_contract_and_keeps_the_reports() -> None:
    """The current folder is mounted, CONTRACT names a file in it, and reports are written there."""
    mock, gate = _services()["mock"], _services()["conformance"]
    [workdir] = {one.text for one in _steps() if one.stage == 1 and one.name == "WORKDIR"}
    reports = [one.partition("=")[2] for one in gate["command"] if "=" in one]
    writable = [one.partition(":")[2] for one in gate["volumes"] if not one.endswith(":ro")]

    for service, variable in ((mock, "MOCK_SERVER_CONTRACT"), (gate, "CONFORMANCE_CONTRACT")):
        assert f".:{workdir}:ro" in service["volumes"]
        assert service["environment"][variable] == "${CONTRACT:-}"
    assert reports
    assert all(report.startswith(f"{writable[0]}/") for report in reports)


ENGINE = """#!/bin/sh
echo "$1" >> "$LOG"
case "$1 $2" in
"run --detach") echo the-container;;
inspect*) echo "$HEALTH";;
esac
"""


@pytest.mark.parametrize(("health", "status"), [("healthy", 0), ("unhealthy", 1)])
def test_the_image_is_tried_in_ci(health: str, status: int, tmp_path: Path) -> None:
    """What is built is run; a mock that does not become healthy fails, and is removed as well."""
    (tmp_path / "engine").write_text(ENGINE)
    (tmp_path / "sleep").write_text("#!/bin/sh\n")
    for program in tmp_path.iterdir():
        program.chmod(0o755)
    path, log = f"{tmp_path}{os.pathsep}{os.environ['PATH']}", tmp_path / "log"
    done = shell(
        str(ROOT / ".ci/image"), tmp_path, PATH=path, ENGINE="engine", HEALTH=health, LOG=str(log)
    )
    called = log.read_text("utf-8").split()

    assert done.returncode == status, done.stderr
    assert called[:4] == ["build", "run", "run", "inspect"]
    assert ("exec" in called, "logs" in called) == (status == 0, status == 1)
    assert called[-1] == "rm"
