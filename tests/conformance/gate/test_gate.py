"""`conformance gate`: its parts, its verdict, and that nothing is left running."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.conformance.gate.command import COMMAND, CONTRACT, conformance, environment

pytestmark = pytest.mark.slow

WIDENED = CONTRACT.replace("maximum: 10", "maximum: 11").replace("version: '1'", "version: '2'")
MOCK = f"{sys.executable} -m mock_server openapi.yaml --auth token=t --no-watch --quiet"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "openapi.yaml").write_text(CONTRACT, "utf-8")
    (tmp_path / "old.yaml").write_text(CONTRACT, "utf-8")
    return tmp_path


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


def report(folder: Path) -> dict[str, Any]:
    read: dict[str, Any] = json.loads((folder / "r.json").read_text("utf-8"))
    return read


def running(mark: str) -> list[str]:
    """The processes that have the mark on their command line."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            line = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            dead = "\nState:\tZ" in (process / "status").read_text("utf-8")
        except OSError:
            continue
        if mark in line and not dead:
            found.append(line)
    return found


def test_everything(folder: Path) -> None:
    """All four parts run; a sound contract with a mock and a deployment that keep it conforms."""
    port = free_port()
    done = conformance(
        *("gate", "--contract", "openapi.yaml", "--base", "old.yaml", "--token", "t"),
        *("--url", f"http://127.0.0.1:{port}", "--start", f"{MOCK} --port {port}"),
        *("--max-examples", "0", "--report", "json=r.json"),
        folder=folder,
    )

    said = report(folder)
    assert [one["title"] for one in said["findings"] if one["level"] == "error"] == []
    assert done.returncode == 0, done.stdout + done.stderr
    names = [remark.partition(":")[0] for remark in said["remarks"][:4]]
    assert names == ["lint", "diff against old.yaml", "mock", "deployment"]
    assert {one["verdict"] for one in said["clauses"]} >= {"held"}
    assert running(str(port)) == []


def test_a_break_and_what_was_not_run(folder: Path) -> None:
    """Findings of all parts stand in one report; what was not run is said with its reason."""
    (folder / "openapi.yaml").write_text(WIDENED, "utf-8")
    done = conformance(
        *("gate", "--contract", "openapi.yaml", "--base", "old.yaml", "--no-mock"),
        *("--report", "json=r.json"),
        folder=folder,
    )

    assert done.returncode == 1
    said = report(folder)
    [finding] = said["findings"]
    assert finding["code"] == "response-constraint-loosened"
    assert finding["title"].startswith(
        "diff against old.yaml: `size` in GET /orders/{id} 200 may now be more"
    )
    assert said["remarks"][2:] == [
        "mock: not run, it is switched off",
        "deployment: not run, there is no --url",
    ]


def test_waived(folder: Path) -> None:
    """What `waive` accepted passes; after its last day it fails again."""
    (folder / "openapi.yaml").write_text(WIDENED, "utf-8")
    gate = ("gate", "--contract", "openapi.yaml", "--base", "old.yaml", "--no-mock")
    conformance(*gate, "--report", "json=r.json", folder=folder)
    conformance("waive", "r.json", "--reason", "x", "--owner", "y", folder=folder)

    waived = conformance(*gate, "--report", "json=r.json", folder=folder)
    remarks = report(folder)["remarks"]
    waivers = folder / "contract-waivers.yaml"
    text = waivers.read_text("utf-8")
    day = text.partition('expires: "')[2][:10]
    waivers.write_text(text.replace(day, "2001-01-01"), "utf-8")
    expired = conformance(*gate, "--report", "json=r.json", folder=folder)

    assert waived.returncode == 0, waived.stdout
    assert any(remark.startswith("waived until") for remark in remarks)
    assert expired.returncode == 1
    codes = [one["code"] for one in report(folder)["findings"]]
    assert codes == ["response-constraint-loosened", "waiver-expired"]


@pytest.mark.parametrize(
    ("start", "said"),
    [
        ("echo no such thing; exit 5", "ended with status 5 before a response"),
        ("sleep 300", "ran for 1 s without a response"),
        ("(setsid sleep 300 &); sleep 300", "ran for 1 s without a response"),
    ],
)
def test_start_that_does_not_get_ready(start: str, said: str, folder: Path) -> None:
    """A command that dies or never answers is told, with exit code 3, and nothing is left of it."""
    mark = f"#{folder.name}-{os.getpid()}"
    done = conformance(
        *("gate", "--contract", "openapi.yaml", "--no-mock", "--no-lint"),
        *("--url", f"http://127.0.0.1:{free_port()}", "--wait-seconds", "1"),
        *("--start", f"{start} {mark}"),
        folder=folder,
    )

    assert done.returncode == 3, done.stdout + done.stderr
    assert said in done.stdout
    assert running(mark) == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_nothing_is_left_running(number: signal.Signals, folder: Path) -> None:
    """However the gate is ended, what it started ends."""
    mark = f"{folder.name}-{os.getpid()}-{number}"
    command = [COMMAND, "gate", "--contract", "openapi.yaml", "--no-mock", "--no-lint"]
    command += ["--url", f"http://127.0.0.1:{free_port()}"]
    command += ["--start", f"(setsid sleep 300 &); echo {mark}; trap '' TERM; sleep 300; : {mark}"]
    with subprocess.Popen(
        command, cwd=folder, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as gate:
        deadline = time.monotonic() + 30
        while len(running(mark)) < 3 and time.monotonic() < deadline:
            time.sleep(0.05)
        assert len(running(mark)) >= 3
        gate.send_signal(number)
        gate.wait(timeout=20)
    deadline = time.monotonic() + 15
    while running(mark) and time.monotonic() < deadline:
        time.sleep(0.05)

    assert running(mark) == []
    if number is not signal.SIGKILL:
        assert gate.returncode == 130


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--start", "true"), "--start needs --url"),
        (("--url", "http://x", "--wait-for", "http://x"), "--wait-for needs --start"),
        (("--base", "nosuch.yaml"), "nosuch.yaml"),
        (("--base", "v9:openapi.yaml"), "not a git repository"),
        (("--waivers", "openapi.yaml"), "`waivers` is missing"),
        (("--baseline", "openapi.yaml"), "--baseline: openapi.yaml: is not JSON"),
        (("--contract", "nosuch.yaml"), "nosuch.yaml"),
        (("--report", "pdf=x"), "there is no report format 'pdf'"),
        (("--report", "json=/proc/x/y"), "cannot be written"),
    ],
)
def test_bad_input(arguments: tuple[str, ...], said: str, folder: Path) -> None:
    """Bad input is told in one sentence, with exit code 2."""
    done = conformance("gate", "--contract", "openapi.yaml", "--no-mock", *arguments, folder=folder)

    assert done.returncode == 2, done.stdout
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_bad_option_of_the_run(folder: Path) -> None:
    """What the kit has against its own options reaches the reader of the gate."""
    port = free_port()
    done = conformance(
        *("gate", "--contract", "openapi.yaml", "--no-mock", "--no-lint"),
        *("--url", f"http://127.0.0.1:{port}", "--rate", "fast"),
        folder=folder,
    )

    assert done.returncode == 2
    assert "--rate fast: write it as 5/s or 100/m" in done.stdout


def test_secrets_stay_out_of_command_lines(folder: Path) -> None:
    """The token travels in the environment, and no output repeats it."""
    secret = "s3cr3t-token-that-nobody-may-see"
    port = free_port()
    done = conformance(
        *("gate", "--contract", "openapi.yaml", "--no-mock", "--no-lint", "--max-examples", "0"),
        *("--url", f"http://127.0.0.1:{port}", "--start", f"{MOCK} --port {port}"),
        *("--report", "json=r.json"),
        folder=folder,
        env=environment(CONFORMANCE_TOKEN=secret),
    )

    assert secret not in done.stdout + done.stderr
    assert secret not in (folder / "r.json").read_text("utf-8")


SCHEMES = {
    "basic": "{type: http, scheme: basic}",
    "another": "{type: http, scheme: hoba}",
    "key": "{type: apiKey, in: header, name: X-Key}",
    "cookie": "{type: apiKey, in: cookie, name: session}",
    "bearer": "{type: http, scheme: bearer}",
    "openid": "{type: openIdConnect, openIdConnectUrl: 'https://id.example.com/configuration'}",
    "oauth": "{type: oauth2, flows: {clientCredentials: {tokenUrl: /token, scopes: {}}}}",
}


SECURITY = (
    *("[{basic: []}]", "[{key: [], basic: []}]", "[{cookie: []}, {basic: []}]"),
    *("[{another: []}]", "[{oauth: []}]", "[{openid: []}]", "[{key: [], cookie: []}]"),
    *("[{bearer: [], oauth: []}]", "[{bearer: [], key: []}]", "[{}, {bearer: []}]"),
)


MADE = """\
  /made: {post: {requestBody: {required: true, content: {application/json: {schema:
    {type: object}}}}, responses: {'201': {description: made}, '400': {description: no}}}}
"""


def test_our_mock_takes_a_credential_of_every_scheme(tmp_path: Path) -> None:
    """The gate has one for each operation, so that nothing is undecided for want of it."""
    listed = "".join(f"    {name}: {scheme}\n" for name, scheme in SCHEMES.items())
    responses = "{'200': {description: known}, '401': {description: unknown}}"
    paths = "".join(
        f"  /{number}: {{get: {{security: {security}, responses: {responses}}}}}\n"
        for number, security in enumerate(SECURITY)
    )
    (tmp_path / "openapi.yaml").write_text(
        "openapi: 3.0.3\ninfo: {title: Doors, version: '1'}\n"
        f"paths:\n{paths}{MADE}components:\n  securitySchemes:\n{listed}",
        "utf-8",
    )

    done = conformance(
        *("gate", "--no-lint", "--max-examples", "0", "--report", "json=r.json"),
        folder=tmp_path,
        env=environment(),
    )
    controls = {one["id"]: one for one in report(tmp_path)["clauses"] if "control" in one["id"]}

    assert done.returncode == 0, done.stdout + done.stderr
    assert "conforms" in done.stdout
    assert {one["verdict"] for one in controls.values()} == {"held"}
    assert len(controls) == len(SECURITY) + 1
    told = [one for one in report(tmp_path)["remarks"] if one.startswith("mock: ")]
    assert len(told) == 1, "nothing stays of what was made in a mock"
