"""`conformance gate --client`: a change of answers is graded by whether a client survives it."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.conformance.gate.command import COMMAND, Done, conformance, environment
from tests.conformance.traffic.recorded import archive, entry

pytestmark = pytest.mark.slow

BEFORE = """
openapi: 3.0.3
info: {title: Lamps, version: '1'}
paths:
  /lamps:
    get:
      parameters: [{name: limit, in: query, schema: {type: integer, maximum: 10}}]
      responses:
        '200':
          description: lamps
          headers: {X-Total: {required: true, schema: {type: integer}}}
          content:
            application/json:
              schema:
                type: object
                required: [lamps, room]
                properties:
                  lamps: {type: array, items: {type: string, enum: [desk, floor]}}
                  room: {type: string}
                  floor: {type: integer}
              example: {lamps: [desk], room: hall}
  /doors:
    get:
      responses:
        '200':
          description: doors
          content:
            application/json:
              schema: {type: object, required: [open], properties: {open: {type: boolean}}}
              example: {open: true}
"""
HEAD = """
import json, os, urllib.request
def get(path):
    with urllib.request.urlopen(os.environ["MOCK_SERVER_URL"] + path, timeout=20) as answer:
        return json.load(answer), answer
"""
CLIENT = "found, answer = get('/lamps?limit=7'); print(found['lamps'])\n"

ROOM = ("required: [lamps, room]", "required: [lamps]")
KIND = ("enum: [desk, floor]", "enum: [desk, floor, wall]")
TOTAL = ("X-Total: {required: true", "X-Total: {required: false")
STATUS = (
    "        '200':\n          description: lamps",
    "        '202':\n          description: lamps",
)
RENAMED = ("required: [open], properties: {open:", "required: [shut], properties: {shut:")
DOOR = ("required: [open], ", "")
LIMIT = ("maximum: 10", "maximum: 5")
LIMITED = "the query parameter limit"
TYPE = ("floor: {type: integer}", "floor: {type: string}")


def gate(folder: Path, script: str, *changes: tuple[str, str], more: tuple[str, ...] = ()) -> Done:
    """Hold a changed contract against the one before, with a client that is a script."""
    after = BEFORE
    for change in changes:
        assert change[0] in after
        after = after.replace(*change)
    (folder / "before.yaml").write_text(BEFORE, "utf-8")
    (folder / "openapi.yaml").write_text(after, "utf-8")
    (folder / "client.py").write_text(HEAD + script, "utf-8")
    return conformance(
        "gate", "--base", "before.yaml", "--no-lint", "--no-mock",
        "--client", f"{sys.executable} client.py", "--report", "json=r.json", *more,
        folder=folder, env=environment(),
    )  # fmt: skip


def findings(folder: Path) -> list[dict[str, Any]]:
    """The findings that are no remark on the version."""
    found = json.loads((folder / "r.json").read_text("utf-8"))["findings"]
    return [one for one in found if one["code"] != "version-not-major"]


def finding(folder: Path) -> dict[str, Any]:
    """The only one."""
    (one,) = findings(folder)
    return one


def test_each_of_many_changes_has_its_own_verdict(tmp_path: Path) -> None:
    """Six at once: an error is what the client dies of, and all the others are warnings."""
    script = CLIENT + "found['room']; get('/doors')[0]['open']"
    done = gate(tmp_path, script, ROOM, KIND, TOTAL, RENAMED, TYPE, LIMIT)
    titles = {one["title"].partition(": ")[2]: one for one in findings(tmp_path)}
    found = {re.split(" (?:in|of) ", title)[0]: one for title, one in titles.items()}
    errors = {name for name, one in found.items() if one["level"] == "error"}
    (place,) = found["`room`"]["places"]

    assert done.returncode == 1, done.stdout
    assert errors == {"`room`", "`open`", LIMITED}
    assert found["`lamps[]`"]["level"] == "warning"
    assert "client.py` fails with it" in found["`room`"]["title"]
    assert "client.py` passes with it" in found["`lamps[]`"]["title"]
    assert "KeyError: 'room'" in place["got"]
    assert place["witness"]["clients"][0]["fate"] == "broken"
    assert "--scenarios failing.yaml" in place["curl"]
    assert "it reaches 1 of 1 recorded request" in found[LIMITED]["title"]
    assert "limit=7" in found[LIMITED]["places"][0]["request"]["url"]


def test_a_client_that_survives_all(tmp_path: Path) -> None:
    """It passes with what is new, or never gets or calls what changes, or asks for less."""
    done = gate(tmp_path, CLIENT, ROOM, KIND, TOTAL, DOOR, ("maximum: 10", "maximum: 8"))
    found = findings(tmp_path)

    assert done.returncode == 0, done.stdout + done.stderr
    assert {one["level"] for one in found} <= {"warning", "note"}
    assert sum("does not call it" in one["title"] for one in found) == 1


def test_traffic_and_client_together(tmp_path: Path) -> None:
    """What the client survives is still an error where traffic has an answer that it changes."""
    answer = {"lamps": [], "room": "hall"}
    recorded = entry("GET", "/lamps", 200, answer, origin="https://api.example")
    (tmp_path / "e2e.har").write_text(archive(recorded), "utf-8")
    gate(tmp_path, CLIENT, KIND, ROOM, more=("--traffic", "e2e.har"))
    levels = {one["code"]: one["level"] for one in findings(tmp_path)}

    assert levels["response-property-optional"] == "error"
    assert levels["response-enum-widened"] == "warning"


def test_tests_that_show_nothing(tmp_path: Path) -> None:
    """Nothing is graded, and the gate is undecided where it finds no error."""
    done = gate(tmp_path, "pass", ROOM, more=("--level", "response-property-optional=note"))

    assert done.returncode == 2, done.stdout
    assert "client.py`: the client's tests pass and never call the mock" in done.stderr
    assert "passes with it" not in finding(tmp_path)["title"]


def test_no_run_is_wasted(tmp_path: Path) -> None:
    """Where the change breaks nobody, the tests do not run, and the report says so."""
    done = gate(tmp_path, "raise SystemExit(1)", ("/doors:", "/doors:"))

    assert done.returncode == 0, done.stdout
    assert "was not run: no difference is an error" in done.stdout


def test_a_limit_leaves_the_error(tmp_path: Path) -> None:
    """What was not tried is not survived."""
    done = gate(tmp_path, CLIENT, KIND, more=("--client-runs", "2"))

    assert (done.returncode, finding(tmp_path)["level"]) == (1, "error")
    assert "raise --client-runs" in finding(tmp_path)["title"]


def test_a_base_of_git_and_every_format(tmp_path: Path) -> None:
    """OLD's mock runs from the commit's files, with the canned answers beside them."""
    shared = BEFORE.replace("{type: string}\n                  floor", "{$ref: 'r.yaml#/Room'}\n"
                            "                  floor")  # fmt: skip
    (tmp_path / "openapi.yaml").write_text(shared, "utf-8")
    (tmp_path / "r.yaml").write_text("Room: {type: string}\n", "utf-8")
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@example.org", "-C", str(tmp_path)]
    for line in (["init", "-q"], ["add", "."], ["commit", "-qm", "one"]):
        subprocess.run([*git, *line], check=True)
    (tmp_path / "openapi.yaml").write_text(shared.replace(*ROOM), "utf-8")
    (tmp_path / "client.py").write_text(f"{HEAD}{CLIENT}found['room']", "utf-8")
    formats = ("json=r.json", "markdown=r.md", "sarif=r.sarif", "junit=r.xml")
    reports = [part for one in formats for part in ("--report", one)]
    done = conformance(
        "gate", "--base", "HEAD", "--no-lint", "--no-mock", "--client",
        f"{sys.executable} client.py", *reports, folder=tmp_path, env=environment(),
    )  # fmt: skip

    assert done.returncode == 1, done.stdout + done.stderr
    assert finding(tmp_path)["level"] == "error"
    for file in ("r.md", "r.sarif", "r.xml"):
        text = (tmp_path / file).read_text("utf-8")
        assert ("fails with it" in text, "KeyError" in text) == (True, True), file


def test_an_interrupted_gate_tells_what_it_had(tmp_path: Path) -> None:
    """The differences are in its report, ungraded, and the mock and the tests have ended."""
    (tmp_path / "before.yaml").write_text(BEFORE, "utf-8")
    (tmp_path / "openapi.yaml").write_text(BEFORE.replace(*ROOM), "utf-8")
    slow = "import sys, time; runs = open('runs', 'a+'); runs.seek(0); n = len(runs.read())\n"
    slow += "runs.write('x'); runs.close(); n > 1 and time.sleep(60)\n"
    (tmp_path / "client.py").write_text(f"{HEAD}{slow}{CLIENT}", "utf-8")
    line = ("gate", "--base", "before.yaml", "--no-lint", "--report", "json=r.json", "--client")
    with subprocess.Popen(
        [COMMAND, *line, f"{sys.executable} client.py"],
        cwd=tmp_path, env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        text=True,
    ) as gate:  # fmt: skip
        assert gate.stderr is not None
        next(line for line in gate.stderr if "only the changed contract allows" in line)
        gate.send_signal(signal.SIGINT)
        gate.stderr.read()
    report = json.loads((tmp_path / "r.json").read_text("utf-8"))

    assert (gate.returncode, report["verdict"]) == (130, "interrupted")
    assert finding(tmp_path)["level"] == "error"


def test_a_client_needs_something_to_compare_with(tmp_path: Path) -> None:
    """Exit code 2 and one sentence."""
    (tmp_path / "openapi.yaml").write_text(BEFORE, "utf-8")
    done = conformance("gate", "--client", "true", folder=tmp_path, env=environment())

    assert (done.returncode, "--client needs --base" in done.stderr) == (2, True)
