"""The inner loop: one clause, one place again, a place in words, and a run in parts."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from conformance.clauses.clause import Verdict
from conformance.clauses.kinds import ClauseKind
from conformance.cli import main
from conformance.report.findings import Level, Report, ReportVerdict
from conformance.report.fingerprint import fingerprint
from conformance.report.formats.json_reader import read_report
from conformance.run.merging import MergeError, merged
from conformance.run.shards import shard_of
from spec import AI_CONTRACT, load
from tests.conformance.backend import Backend, Tokens, serving
from tests.conformance.backend.operations import IMAGE
from tests.conformance.backend.tokens import ADMIN
from tests.conformance.kit.applications import Application, Asked
from tests.conformance.kit.deployment import CONTRACT, TOKEN, Deployment, deployed
from tests.conformance.kit.running import codes, contract_of, run
from tests.conformance.kit.targets import always, speaking

pytestmark = pytest.mark.slow

QUICK = ("--quiet", "--max-examples", "2")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the contract, and the token in its variable."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CONFORMANCE_TOKEN", TOKEN)
    (tmp_path / "openapi.yaml").write_text(CONTRACT, "utf-8")
    return tmp_path


def call(*arguments: str) -> int:
    """Run the command in this process; its exit code."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["conformance", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
    code = ended.value.code
    assert isinstance(code, int)
    return code


def ran(deployment: Deployment, *arguments: str, name: str = "r.json") -> Report:
    """The report of a run."""
    call("run", "--url", deployment.url, *QUICK, "--report", f"json={name}", *arguments)
    return read_report(Path(name))


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """A deployment that still runs, and the report of one run before it, as text."""

    deployment: Deployment
    written: str

    def report(self) -> Report:
        """The report, which is written into the folder of the test."""
        Path("r.json").write_text(self.written, "utf-8")
        return read_report(Path("r.json"))


def _examined(deployment: Deployment, folder: Path) -> Examined:
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("CONFORMANCE_TOKEN", TOKEN)
        (folder / "openapi.yaml").write_text(CONTRACT, "utf-8")
        ran(deployment)
    return Examined(deployment=deployment, written=(folder / "r.json").read_text("utf-8"))


@pytest.fixture(scope="module")
def examined_once(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Examined]:
    """Three faults and one run that finds them: a run takes seconds, and many tests begin there."""
    with deployed("state", "open", "side") as deployment:
        yield _examined(deployment, tmp_path_factory.mktemp("broken"))


@pytest.fixture
def broken(examined_once: Examined) -> Iterator[Examined]:
    """The same; what the test mends is broken again after it."""
    faults = set(examined_once.deployment.faults)
    yield examined_once
    examined_once.deployment.faults = faults


@pytest.fixture(scope="module")
def correct(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Examined]:
    """A deployment without a fault, and one run."""
    with deployed() as deployment:
        yield _examined(deployment, tmp_path_factory.mktemp("correct"))


def places(report: Report, code: str = "") -> list[str]:
    """The fingerprints of a report's places, or of those of one code."""
    found = [one for one in report.findings if code in ("", one.code)]
    return [place.fingerprint for finding in found for place in finding.places]


# ------------------------------------------------------------- replay


def test_a_place_is_broken_until_it_is_mended(
    broken: Examined, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit status 1 before and 0 after; the token is put back and never shown.

    Only an altered credential is kept by no report.
    """
    report = broken.report()
    altered = fingerprint("accepted-credential", "GET /lamps", "GET /lamps security.altered")
    # The server's library takes two slashes at the beginning for one, which stays.
    left = {altered, *places(report, "path-spelling")}
    found = [one for one in places(report) if one not in left]
    before = call("replay", "r.json", *found)
    said = capsys.readouterr().out
    broken.deployment.faults = set()
    after = call("replay", "r.json", *found)

    assert {"response-schema", "accepted-credential", "accepted-invalid-parameter"} <= {
        finding.code for finding in report.findings
    }
    assert (before, after) == (1, 0)
    assert said.count("still broken") == len(found)
    now = capsys.readouterr().out
    assert now.count("held now") == len(found)
    assert TOKEN not in said + now


def test_one_mended_place_does_not_hide_another(
    broken: Examined, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each has a verdict of its own."""
    found = places(broken.report())
    broken.deployment.faults = {"state"}
    code = call("replay", "r.json", *found)

    said = capsys.readouterr().out
    assert code == 1
    assert "still broken" in said
    assert "held now" in said


def test_what_cannot_be_told_is_no_success(
    broken: Examined, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without the credential nothing is said of a place that had one."""
    found = places(broken.report(), "response-schema")
    monkeypatch.delenv("CONFORMANCE_TOKEN")
    without = call("replay", "r.json", *found)
    wrong = call("replay", "r.json", *found, "--token", "another-key-than-that")

    said = capsys.readouterr().out
    assert (without, wrong) == (2, 2)
    assert "--token" in said
    assert "401" in said


def test_bad_replays(broken: Examined, capsys: pytest.CaptureFixture[str]) -> None:
    """An unknown fingerprint meets its neighbour; a file that is no report says so."""
    found = places(broken.report(), "response-schema")
    near = found[0][:-1] + ("0" if found[0][-1] != "0" else "1")
    Path("no.json").write_text("{}", "utf-8")

    assert call("replay", "r.json", near) == 2
    assert f"did you mean {found[0]}" in capsys.readouterr().err
    assert call("replay", "no.json", found[0]) == 2
    assert "not a report" in capsys.readouterr().err
    later = Path("r.json").read_text("utf-8").replace('"kind": "control"', '"kind": "of-later"')
    Path("later.json").write_text(later, "utf-8")
    assert call("replay", "later.json", found[0]) == 2
    assert "later.json: is a report of another version of conf" in capsys.readouterr().err
    assert call("replay", "r.json", found[0], "--url", "http://127.0.0.1:9") == 3
    assert "never answered" in capsys.readouterr().err


def test_the_command_is_for_the_deployment_that_was_asked(
    broken: Examined, capsys: pytest.CaptureFixture[str]
) -> None:
    """`--url` names another one than the report does; a command for that would mislead."""
    report = broken.report()
    moved = report.target.replace("127.0.0.1", "localhost")
    assert call("replay", "r.json", *places(report, "response-schema"), "--url", moved) == 1
    said = capsys.readouterr().out

    assert f"curl -i {moved}/" in said
    assert report.target not in said


SERVED = """
openapi: 3.0.3
info: {title: Served below a path, version: "1"}
servers: [{url: /v1}]
paths:
  /ping:
    get:
      responses:
        "200": {description: ok, content: {application/json: {schema: {type: object}}}}
"""


def test_the_path_of_the_server_may_be_in_the_url_of_a_replay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """As in that of a run: it is sent once, or a 404 would be taken for the fault."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "openapi.yaml").write_text(SERVED, "utf-8")

    async def answering(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        status = "200 OK" if head.split()[1] == b"/v1/ping" else "404 Not Found"
        fields = "Content-Type: application/json\r\nContent-Length: 2\r\nConnection: close"
        writer.write(f"HTTP/1.1 {status}\r\n{fields}\r\n\r\n[]".encode())
        writer.close()

    with speaking(answering) as url:
        assert call("run", "--url", url, "--max-examples", "0", "--report", "json=r.json") == 1
        [found] = places(read_report(Path("r.json")), "response-schema")[:1]
        capsys.readouterr()

        assert call("replay", "r.json", found, "--url", f"{url}/v1") == 1

    assert f"curl -i {url}/v1/ping" in capsys.readouterr().out


DROPPING = """
openapi: 3.0.3
info: {title: Dropping, version: "1"}
paths:
  /things:
    get:
      parameters: [{name: limit, in: query, schema: {type: integer}}]
      responses: {"204": {description: ok}, "400": {description: no}}
"""


def test_a_dropped_connection_is_no_silence(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A place that is about no answer is still broken, though nothing else is asked."""
    (folder / "openapi.yaml").write_text(DROPPING, "utf-8")

    async def dropping(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        target = (await reader.readuntil(b"\r\n\r\n")).split()[1]
        if target in (b"/things", b"/things?limit=1"):
            writer.write(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")

    with speaking(dropping) as url:
        clause = ("--clause", "GET /things query.limit.type")
        call("run", "--url", url, *QUICK, *clause, "--report", "json=r.json")
        report = read_report(Path("r.json"))
        again = call("replay", "r.json", *places(report, "no-answer"))
        said = capsys.readouterr()
    gone = call("replay", "r.json", *places(report, "no-answer"))

    assert again == 1
    assert "still broken" in said.out
    assert said.err == ""
    assert gone == 3
    assert "still broken" not in capsys.readouterr().out


def test_a_write_is_not_sent_again_without_leave(capsys: pytest.CaptureFixture[str]) -> None:
    """What a run with --allow-writes has sent is not sent by a replay without."""
    with deployed() as deployment:
        report = ran(deployment, "--allow-writes", "--include", "POST /doors")
        deployment.asked.clear()
        code = call("replay", "r.json", *places(report, "refused-control"))

    assert code == 2
    assert "--allow-writes" in capsys.readouterr().out
    assert deployment.asked == []


def test_places_of_the_backend_show_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever shows by itself shows by its stored request."""
    monkeypatch.setenv("CONFORMANCE_TOKEN", "token-for-everything")
    faults = ["prompt-optional", "token-in-query"]
    backend = Backend(faults, tokens=Tokens(opaque={"token-for-everything": ADMIN}))
    with serving(backend) as url:
        call(
            "run", "--url", url, "--contract", str(AI_CONTRACT), *QUICK,
            "--include", IMAGE, "--report", "json=r.json",
        )  # fmt: skip
        report = read_report(Path("r.json"))
        code = call("replay", "r.json", *places(report))

    assert {one.code for one in report.findings} >= {"accepted-invalid-body", "accepted-credential"}
    assert code == 1


# ------------------------------------------------------------- a place in words


def test_a_place_is_explained(broken: Examined, capsys: pytest.CaptureFixture[str]) -> None:
    """What is promised, sent and answered, and what can be done."""
    name = places(broken.report(), "response-schema")[0]

    assert call("explain", name, "--report", "r.json") == 0
    said = capsys.readouterr().out
    for text in (
        f"{name} (error, response-schema)",
        "openapi.yaml:",
        f"sent       GET {broken.deployment.url}/walls",
        "Authorization: Bearer $TOKEN",
        "reproduce  curl",
        f"conformance replay r.json {name}",
        f"conformance waive r.json --only {name}",
    ):
        assert text in said
    assert call("explain", name) == 2
    assert "--report" in capsys.readouterr().err


# ------------------------------------------------------------- one clause


@pytest.mark.parametrize(
    "clause",
    [
        pytest.param("GET /walls query.side.enum", id="parameter"),
        pytest.param("GET /lamps security.missing", id="credential"),
        pytest.param("GET /walls response.200.state.enum", id="answer"),
        pytest.param("GET /walls steady.repeated", id="steadiness"),
    ],
)
def test_one_clause_is_run_alone(
    clause: str, broken: Examined, capsys: pytest.CaptureFixture[str]
) -> None:
    """With the verdict of a whole run, by fewer requests, and nothing else is reported.

    Nor are the other clauses of a baseline told as gone.
    """
    whole = broken.report()
    baseline = ("--baseline", "r.json")
    report = ran(broken.deployment, "--clause", clause, *baseline, name="one.json")

    assert [one.id for one in report.clauses] == [clause]
    assert report.clauses[0].verdict is {one.id: one for one in whole.clauses}[clause].verdict
    assert {place.clause for one in report.findings for place in one.places} <= {clause}
    assert report.requests < whole.requests / 2
    assert "Since the baseline" not in capsys.readouterr().out


ODD = """
components: {securitySchemes: {key: {type: http, scheme: bearer}}}
security: [{key: []}]
paths:
  /lamps/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: string}, example: a}]
    get:
      parameters: [{name: size, in: query, schema: {enum: [small, large]}}]
      responses: {'204': {description: ok}, '400': {description: no}, '401': {description: who},
        '404': {description: none}}
    post:
      x-conformance: {writes: false}
      requestBody: {content: {text/plain: {schema: {type: string, maxLength: 9}}}, required: true}
      responses: {'204': {description: ok}, '400': {description: no}, '401': {description: who},
        '404': {description: none}}
"""


def test_each_clause_alone_has_the_verdict_of_the_whole_run(tmp_path: Path) -> None:
    """What HTTP says is tried with requests of several kinds: unusual escapes stand in a path, too.

    The server fails for `%ZZ` in the path.
    """

    def answer(asked: Asked) -> tuple[int, None]:
        if asked.method not in ("GET", "POST", "HEAD"):
            return 405, None
        if asked.headers.get("authorization", "").lower() != f"bearer {TOKEN}":
            return 401, None
        if "%" in asked.path or "\ufffd" in asked.path:
            return 500, None
        if asked.method != "POST":
            return (204 if asked.path.removeprefix("/lamps/") in ("a", "b") else 404), None
        good = asked.headers.get("content-type", "").lower().startswith("text/plain")
        return (204 if len(asked.body) < 10 else 400) if good else 415, None

    contract = contract_of(tmp_path, ODD)
    given: dict[str, Any] = {"token": TOKEN, "by_clock": True, "max_examples": 0}
    whole = run(contract, Application(answer), **given)
    seen = (Verdict.HELD, Verdict.BROKEN)
    wanted = [one for one in whole.clauses if one.kind is ClauseKind.WIRE and one.verdict in seen]
    alone = {
        one.id: run(contract, Application(answer), clauses=(one.id,), **given).clauses[0].verdict
        for one in wanted
    }

    assert alone == {one.id: one.verdict for one in wanted}
    assert alone["GET /lamps/{id} http.escapes"] is Verdict.BROKEN


COMPARED = """
paths:
  /x: {get: {responses: {'200': {description: ok, content: {application/json: {
    schema: {type: object}, example: {a: 1}}}}}}}
"""


def test_one_clause_says_nothing_of_the_examples(tmp_path: Path) -> None:
    """What the mock's examples have and the deployment has not is no part of a clause."""
    contract, one = contract_of(tmp_path, COMPARED), "GET /x response.200.type"
    whole = run(contract, Application(lambda asked: (200, {"b": 1})))
    alone = run(contract, Application(lambda asked: (200, {"b": 1})), clauses=(one,))

    compared = [one for one in whole.findings if one.code == "canned-differs"]
    assert {one.first.label for one in compared} == {""}, "no request was made for it"
    assert codes(alone) == []


def test_no_json_is_compared_with_no_example(tmp_path: Path) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 6\r\n\r\n"
    with speaking(always(head + b"<html>")) as url:
        found = codes(run(contract_of(tmp_path, COMPARED), url))

    assert "response-malformed" in found
    assert "canned-differs" not in found


def test_a_clause_that_is_not_seen_leaves_the_run_undecided(correct: Examined) -> None:
    """Asked for by name, it is not passed over."""
    report = ran(correct.deployment, "--clause", "POST /doors body.name.required")

    assert report.verdict is ReportVerdict.UNDECIDED
    assert any("--allow-writes" in doubt.text for doubt in report.doubts)


def test_an_unknown_clause_meets_its_neighbours(capsys: pytest.CaptureFixture[str]) -> None:
    """Before anything is sent."""
    with deployed() as deployment:
        code = call("run", "--url", deployment.url, "--clause", "GET /walls query.side.enun")

    assert code == 2
    assert "GET /walls query.side.enum" in capsys.readouterr().err
    assert deployment.asked == []


# ------------------------------------------------------------- shards


def test_shards_are_disjoint_and_whole() -> None:
    """Every operation is in one shard, and those of a resource are in the same one."""
    contract = load(AI_CONTRACT)
    operations = contract.operations
    for total in (1, 2, 3, 7):
        parts = [shard_of(contract, operations, number, total) for number in range(1, total + 1)]
        ids = [one.id for part in parts for one in part]
        assert sorted(ids) == sorted(one.id for one in operations)
        # `{provider}` is one of a list, and no id that ties all of `/api/ai` together.
        assert max(map(len, parts)) - min(map(len, parts)) <= 2
        keys = [sum("api-key" in one.path for one in part) for part in parts]
        assert sorted(keys) == [*[0] * (total - 1), 2]

    contract = load("openapi.yaml")
    by_path = {one.path: one for one in contract.operations}
    for number in (1, 2, 3):
        part = shard_of(contract, tuple(by_path.values()), number, 3)
        assert (by_path["/lamps"] in part) == (by_path["/lamps/{id}"] in part)


def test_what_a_post_makes_is_in_its_shard(tmp_path: Path) -> None:
    """Also where the contract lists all ids that it may have."""
    text = """
paths:
  /rates: {post: {responses: {'201': {description: made}}}}
  /rates/{currency}:
    parameters: [{name: currency, in: path, required: true, schema: {enum: [EUR, USD]}}]
    get: {responses: {'200': {description: found}}}
  /rates/{currency}/days:
    parameters: [{name: currency, in: path, required: true, schema: {enum: [EUR, USD]}}]
    get: {responses: {'200': {description: found}}}
"""
    contract = contract_of(tmp_path, text)
    parts = [shard_of(contract, contract.operations, number, 3) for number in (1, 2, 3)]

    assert sorted(map(len, parts)) == [0, 0, 3]


@pytest.mark.parametrize("schema", ["enum: [EUR, USD]", "$ref: '#/components/schemas/Currency'"])
def test_one_of_a_list_ties_no_operations_together(tmp_path: Path, schema: str) -> None:
    """Whether the list stands in place, or is referred to."""
    currency = f"[{{name: currency, in: path, required: true, schema: {{{schema}}}}}]"
    paths = "".join(
        f"  /rates/{{currency}}/{name}: {{parameters: {currency}, "
        "get: {responses: {'200': {description: found}}}}\n"
        for name in "abc"
    )
    named = "components: {schemas: {Currency: {type: string, enum: [EUR, USD]}}}\n"
    contract = contract_of(tmp_path, f"{named}paths:\n{paths}")
    parts = [shard_of(contract, contract.operations, number, 3) for number in (1, 2, 3)]

    assert [len(one) for one in parts] == [1, 1, 1]


def test_merged_shards_say_what_one_run_says(
    broken: Examined, capsys: pytest.CaptureFixture[str]
) -> None:
    """The same verdict of every clause and the same places; counts are summed."""
    whole = broken.report()
    parts = [ran(broken.deployment, "--shard", f"{n}/2", name=f"{n}.json") for n in (1, 2)]
    code = call("merge", "1.json", "2.json", "--report", "json=m.json", "--report", "junit=m.xml")
    report = read_report(Path("m.json"))

    assert all(part.clauses for part in parts)
    assert code == 1
    assert {one.id: one.verdict for one in report.clauses} == {
        one.id: one.verdict for one in whole.clauses
    }
    assert set(places(report)) == set(places(whole))
    assert report.requests == sum(part.requests for part in parts)
    assert "breaks its contract" in capsys.readouterr().out
    assert Path("m.xml").exists()


def test_a_shard_in_which_nothing_succeeds_is_no_doubt_of_the_whole(correct: Examined) -> None:
    """Nor is one without operations; a shard that was interrupted, or found nobody, is."""
    deployment = correct.deployment
    parts = [ran(deployment, "--shard", f"{n}/4", name=f"{n}.json") for n in (1, 2, 3, 4)]

    assert correct.report().verdict is ReportVerdict.CONFORMS
    assert ReportVerdict.UNDECIDED in {part.verdict for part in parts}
    assert merged(parts, fail_on=Level.ERROR).verdict is ReportVerdict.CONFORMS
    cut = replace(parts[0], verdict=ReportVerdict.INTERRUPTED)
    lost = replace(parts[0], verdict=ReportVerdict.UNREACHABLE, clauses=(), requests=0)
    assert merged([cut, *parts[1:]], fail_on=Level.ERROR).verdict is ReportVerdict.INTERRUPTED
    assert merged([lost, *parts[1:]], fail_on=Level.ERROR).verdict is ReportVerdict.UNDECIDED


def test_reports_of_different_contracts_are_not_merged(
    correct: Examined, capsys: pytest.CaptureFixture[str]
) -> None:
    """They are no parts of one run."""
    report = correct.report()
    other = replace(report, contract=replace(report.contract, sha256="0" * 64))

    with pytest.raises(MergeError, match="different contracts"):
        merged([report, other], fail_on=Level.ERROR)
    assert call("merge", "r.json", "--report", "har=x.har") == 2
    assert "har" in capsys.readouterr().err


@pytest.mark.parametrize("shard", ["0/2", "3/2", "half", "1/0"])
def test_bad_shards(shard: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Said before anything is sent."""
    assert call("run", "--url", "http://127.0.0.1:9", "--shard", shard) == 2
    assert "1/4" in capsys.readouterr().err


# ------------------------------------------------------------- the folder


def test_a_run_leaves_its_reports_and_nothing_else(folder: Path) -> None:
    """No cache of a library either."""
    with deployed() as deployment:
        subprocess.run(
            [
                sys.executable, "-m", "conformance", "run", "--url", deployment.url, "--quiet",
                "--max-examples", "2", "--report", "json=r.json",
            ],
            cwd=folder,
            capture_output=True,
            check=True,
        )  # fmt: skip

    assert sorted(path.name for path in folder.iterdir()) == ["openapi.yaml", "r.json"]
    assert json.loads(Path("r.json").read_text("utf-8"))["doubts"] == []
