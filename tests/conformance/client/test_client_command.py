"""`conformance client`: a client's own tests, run until it is known which answers break them."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest

from conformance.report.fingerprint import fingerprint
from tests.conformance.gate.command import Done, conformance, environment

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[3]

CONTRACT = """
openapi: 3.0.3
info: {title: Lamps, version: '1'}
paths:
  /lamps:
    get:
      responses:
        '200':
          description: lamps
          content:
            application/json:
              schema:
                type: object
                required: [lamps]
                properties:
                  lamps: {type: array, items: {type: string, enum: [desk, floor]}}
                  room: {type: string, enum: [hall]}
              example: {lamps: [desk], room: hall}
        '503': {description: dark}
  /doors:
    get:
      responses:
        '200':
          description: doors
          content:
            application/json: {schema: {type: object, properties: {open: {type: boolean}}}}
"""
HEAD = """
import json, os, urllib.request
def get(path):
    with urllib.request.urlopen(os.environ["MOCK_SERVER_URL"] + path, timeout=20) as answer:
        return json.load(answer)
"""
CAREFUL = "found = get('/lamps'); print(found.get('room'), len(found['lamps'])); get('/doors')"
CARELESS = "found = get('/lamps'); get('/doors'); print(found['room'], found['lamps'][0])"


@pytest.fixture(autouse=True)
def quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is late comes soon, so that the tests take less."""
    monkeypatch.setattr("conformance.client.variations.SLOW_SECONDS", 0.1)


def client(folder: Path, script: str, *options: str) -> Done:
    """Run the command for a client that is a script."""
    (folder / "openapi.yaml").write_text(CONTRACT, "utf-8")
    (folder / "client.py").write_text(HEAD + script, "utf-8")
    run = f"{sys.executable} client.py"
    return conformance("client", "--run", run, *options, folder=folder, env=environment())


def report(folder: Path) -> dict[str, Any]:
    """The JSON report of the last run."""
    read: dict[str, Any] = json.loads((folder / "r.json").read_text("utf-8"))
    return read


def test_a_careless_client(tmp_path: Path) -> None:
    """It is told each answer that it does not survive, and how to see it again."""
    options = ("--report", "json=r.json", "--failing", "failing.yaml")
    done = client(tmp_path, CARELESS, *options)
    found = report(tmp_path)
    broken = {one["id"] for one in found["clauses"] if one["verdict"] == "broken"}

    assert done.returncode == 1, done.stdout + done.stderr
    assert found["verdict"] == "breaks"
    assert broken == {
        "GET /lamps client.response.200.room.absent",
        "GET /lamps client.response.200.lamps.type(an empty array)",
        "GET /lamps client.response.503",
    }
    (place,) = next(one for one in found["findings"] if "room" in one["title"])["places"]
    assert "KeyError: 'room'" in place["got"]
    assert "--scenarios failing.yaml" in place["curl"]
    assert {one["level"] for one in found["findings"]} == {"error", "note"}
    assert "`room` is absent" in (tmp_path / "failing.yaml").read_text("utf-8")
    assert "503" not in (tmp_path / "failing.yaml").read_text("utf-8")


def test_a_careful_client(tmp_path: Path) -> None:
    """It survives all that the contract allows; the same again with fewer runs says so."""
    done = client(tmp_path, CAREFUL, "--report", "json=r.json", "--max-runs", "6")
    found = report(tmp_path)

    assert done.returncode == 0, done.stdout + done.stderr
    assert found["verdict"] == "conforms"
    assert {one["verdict"] for one in found["clauses"]} == {"held", "unobserved"}
    assert "budget" in {one["why"].partition(";")[0] for one in found["clauses"]}


@pytest.mark.parametrize(
    ("script", "options", "what"),
    [
        ("raise SystemExit('no such test')", (), "no such test"),
        ("pass", (), "never call the mock"),
        (CAREFUL, ("--operation", "GET /lamp"), "did you mean GET /lamps"),
    ],
)
def test_nothing_can_be_proved(
    tmp_path: Path, script: str, options: tuple[str, ...], what: str
) -> None:
    """Tests that fail anyway, that call nobody, a selector that means nothing: exit 2."""
    done = client(tmp_path, script, *options)

    assert done.returncode == 2
    assert what in done.stderr


def test_a_place_can_be_waived_and_a_code_can_be_graded(tmp_path: Path) -> None:
    """As everywhere: by fingerprint, and by the code's name."""
    clause = "GET /lamps client.response.200.room.absent"
    name = fingerprint("client-breaks", "GET /lamps", clause)
    (tmp_path / "contract-waivers.yaml").write_text(
        f"waivers:\n- {{fingerprint: '{name}', reason: r, owner: o, expires: 2999-01-01}}\n"
    )
    options = ("--level", "client-fails-on-error=warning", "--report", "json=r.json")

    done = client(tmp_path, "found = get('/lamps'); print(found['room'])", *options)

    found = {one["code"]: one for one in report(tmp_path)["findings"]}
    assert done.returncode == 0, done.stdout + done.stderr
    assert found["client-breaks"]["waived"] is True
    assert found["client-fails-on-error"]["level"] == "warning"


TESTS = """
import httpx, os

def test_lamps():
    headers = {"X-Mock-Key": os.environ["MOCK_KEY"]}
    url = os.environ["MOCK_SERVER_URL"]
    found = httpx.get(f"{url}/lamps", headers=headers).raise_for_status().json()
    with open("started", "a") as file:
        file.write(f"{os.getpid()} ")
    assert found["lamps"][0]
"""


def served(folder: Path, command: str, *options: str) -> Done:
    """Run the command with a client that is kept running."""
    (folder / "openapi.yaml").write_text(CONTRACT, "utf-8")
    line = ("client", "--serve", command, "--report", "json=r.json", *options)
    return conformance(*line, folder=folder, env=environment())


def documented(language: str) -> str:
    """The client of docs/clients.md in a language."""
    text = (ROOT / "docs" / "clients.md").read_text("utf-8")
    return text.partition(f"```{language}\n")[2].partition("```")[0]


def test_a_client_that_is_kept_running(tmp_path: Path) -> None:
    """The documented client of pytest: one process for all rounds, and the same verdicts."""
    (tmp_path / "test_lamps.py").write_text(TESTS, "utf-8")
    (tmp_path / "rounds.py").write_text(documented("python"), "utf-8")
    done = served(tmp_path, f"{sys.executable} rounds.py test_lamps.py")
    clauses = {one["id"]: one["verdict"] for one in report(tmp_path)["clauses"]}
    started = (tmp_path / "started").read_text("utf-8").split()
    (place,) = report(tmp_path)["findings"][0]["places"]

    assert done.returncode == 1, done.stderr
    assert "broken" in clauses.values()
    assert "held" in clauses.values()
    assert (len(set(started)), len(started) > 5) == (1, True)
    assert "IndexError" in place["got"]


MODULES = ROOT / "tests/javascript/node_modules"
IN_JAVASCRIPT = """
import { expect, test } from "vitest";
import { appendFileSync } from "node:fs";

appendFileSync("started", `${process.ppid} `);
test("there is a lamp", async () => {
  const found = await (await fetch(`${process.env.MOCK_SERVER_URL}/lamps`)).json();
  expect(found.lamps[0].length).toBeGreaterThan(0);
});
"""


@pytest.mark.skipif(
    not (shutil.which("node") and (MODULES / "vitest").exists()),
    reason="Vitest is not installed; run `make tests/javascript/node_modules`",
)
def test_vitest_that_is_kept_running(tmp_path: Path) -> None:
    """The documented client of Vitest: one process for all rounds, and the test is named."""
    (tmp_path / "lamps.test.js").write_text(IN_JAVASCRIPT, "utf-8")
    (tmp_path / "rounds.js").write_text(documented("js"), "utf-8")
    (tmp_path / "package.json").write_text('{"type": "module"}', "utf-8")
    (tmp_path / "node_modules").symlink_to(MODULES)
    done = served(tmp_path, "node rounds.js", "--max-runs", "6")
    verdicts = {one["verdict"] for one in report(tmp_path)["clauses"]}
    (place,) = report(tmp_path)["findings"][0]["places"]
    started = (tmp_path / "started").read_text("utf-8").split()

    assert done.returncode == 1, done.stderr
    assert {"broken", "held"} <= verdicts
    assert (len(set(started)), len(started)) == (1, 6)
    assert "not ok 1 - there is a lamp" in place["got"]


DYING = """
import json, os, sys, urllib.request
rounds, url = os.environ["CONFORMANCE_ROUNDS"], os.environ["MOCK_SERVER_URL"]
while True:
    with urllib.request.urlopen(f"{rounds}/next") as asked:
        if asked.status == 204:
            break
        told = asked.read()
    if not told:
        continue
    with urllib.request.urlopen(f"{url}/lamps") as answer:
        if not json.load(answer)["lamps"]:
            print("\\x1b[31mno lamp\\x1b[39m"); sys.exit(3)
    data = json.dumps({"passed": True}).encode()
    urllib.request.urlopen(f"{rounds}/{json.loads(told)['round']}", data=data)
"""


def test_a_client_that_dies_of_an_answer(tmp_path: Path) -> None:
    """It has failed that round, with its last words, and is started again; it needs no key."""
    (tmp_path / "client.py").write_text(DYING, "utf-8")
    done = served(tmp_path, f"{sys.executable} client.py", "--level", "client-fails-on-error=note")
    found = report(tmp_path)["findings"]
    empty = next(one for one in found if "no items" in one["title"] or "empty" in one["title"])

    assert done.returncode == 1, done.stderr
    assert "fails: no lamp\n" in empty["places"][0]["got"]
    assert "ended with status 3" in empty["places"][0]["got"]
    assert "held" in {one["verdict"] for one in report(tmp_path)["clauses"]}


@pytest.mark.parametrize("options", [(), ("--run", "a", "--serve", "b")], ids=["none", "both"])
def test_one_way_to_run_the_client(tmp_path: Path, options: tuple[str, ...]) -> None:
    """Exit code 2 and one sentence."""
    (tmp_path / "openapi.yaml").write_text(CONTRACT, "utf-8")
    done = conformance("client", *options, folder=tmp_path, env=environment())

    assert (done.returncode, "--serve" in done.stderr) == (2, True)
