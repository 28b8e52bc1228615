"""`conformance judge`: what traffic shows of a deployment, and what its clients did wrong."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.conformance.gate.command import Done, conformance, environment
from tests.conformance.traffic.recorded import entry, written

BEARER = {"Authorization": "Bearer a-token-of-somebody"}


def judge(folder: Path, *entries: dict[str, Any], options: tuple[str, ...] = ()) -> Done:
    """Judge an archive by its contract; the report is r.json."""
    file = written(folder, *entries)
    line = ("judge", file.name, "--report", "json=r.json", *options)
    return conformance(*line, folder=folder, env=environment())


def report(folder: Path) -> dict[str, Any]:
    """The last report."""
    read: dict[str, Any] = json.loads((folder / "r.json").read_text("utf-8"))
    return read


def codes(folder: Path) -> list[str]:
    """The codes of its findings."""
    return sorted(one["code"] for one in report(folder)["findings"])


def verdicts(folder: Path, verdict: str) -> set[str]:
    """The clauses with a verdict."""
    return {one["id"] for one in report(folder)["clauses"] if one["verdict"] == verdict}


EVENTS = entry("GET", "/events", 200, "data: 1\n\n", media="text/event-stream")
LAMPS = [{"name": "desk", "kind": "floor", "colour": "red"}]


def test_right_traffic_conforms(tmp_path: Path) -> None:
    """It holds what its answers show, and says what nobody asked for."""
    made = entry("POST", "/lamps", 201, body={"name": "a"}, headers=BEARER)
    stream = EVENTS
    done = judge(tmp_path, entry("GET", "/lamps", 200, LAMPS), made, stream)
    held = verdicts(tmp_path, "held")

    assert (done.returncode, codes(tmp_path)) == (0, [])
    assert {
        "GET /lamps control",
        "GET /lamps response.200[].kind.enum",
        "POST /lamps status.201",
        "GET /events control",
    } <= held
    reasons = {one["why"] for one in report(tmp_path)["clauses"] if not one["cases"]}
    assert any("conformance run" in why for why in reasons)


def test_an_answer_that_the_contract_does_not_allow(tmp_path: Path) -> None:
    """The deployment breaks its contract, and the exchange shows it."""
    done = judge(tmp_path, entry("GET", "/lamps", 200, [{"name": "desk", "kind": "sofa"}]))
    (place,) = next(
        one["places"] for one in report(tmp_path)["findings"] if one["code"] == "response-schema"
    )

    assert done.returncode == 1
    assert "GET /lamps response.200[].kind.enum" in verdicts(tmp_path, "broken")
    assert place["response"]["status"] == 200
    assert place["curl"].startswith("curl")


def test_a_client_that_sends_what_is_forbidden_is_told_apart(tmp_path: Path) -> None:
    """A refusal of it holds the clause; it is a note, and nobody else's fault."""
    bad = entry("POST", "/lamps", 400, body={"name": "too long"}, headers=BEARER)
    good = entry("POST", "/lamps", 201, body={"name": "a"}, headers=BEARER)
    done = judge(tmp_path, good, bad)

    assert (done.returncode, codes(tmp_path)) == (0, ["client-sends-invalid"])
    assert "POST /lamps body.name.maxLength" in verdicts(tmp_path, "held")


MARKED = """
openapi: 3.0.3
info: {title: Lamps, version: '1'}
paths:
  /lamps:
    get:
      parameters:
      - {name: theme, in: cookie, schema: {enum: [dark, light]}}
      - {name: seat, in: cookie, schema: {type: string, pattern: '^[0-9]+$'}}
      - {name: X-Session-Token, in: header, schema: {type: string, format: uuid}}
      - {name: X-Seat-Key, in: header, schema: {type: integer}}
      responses:
        '204': {description: ok, headers: {X-Seat-Key: {schema: {type: integer}}}}
        '400': {description: no}
    post:
      requestBody: {required: true, content: {application/json: {schema: {type: object}}}}
      responses: {'204': {description: ok}, '400': {description: no}}
"""
SECRETS = {
    "X-Session-Token": "0a8d1c6e-5a0e-4a4e-9a3c-0d6b5c1d9f10",
    "Cookie": "theme=dark; seat=7",
}


def masked() -> dict[str, Any]:
    """An exchange with a mark in the place of a header's value, as journals record it."""
    seen = entry("GET", "/lamps", 204, headers={"X-Seat-Key": "••••"})
    seen["response"]["headers"].append({"name": "X-Seat-Key", "value": "••••"})
    return seen


@pytest.mark.parametrize(
    ("seen", "found"),
    [
        pytest.param(entry("GET", "/lamps", 204, headers=SECRETS), [], id="hidden values"),
        pytest.param(masked(), [], id="masked headers"),
        pytest.param(
            entry("GET", "/lamps", 204, headers={"Cookie": "theme=red"}),
            ["accepted-invalid-parameter", "client-sends-invalid"],
            id="a cookie that is a choice",
        ),
        pytest.param(entry("POST", "/lamps", 204, body='{"a": 1e999}'), [], id="a large number"),
        pytest.param(entry("POST", "/lamps", 204, body='{"a": "\\ud800"}'), [], id="half a pair"),
        pytest.param(entry("POST", "/lamps", 415), ["client-sends-invalid"], id="no body"),
    ],
)
def test_what_no_receiver_need_refuse(
    tmp_path: Path, seen: dict[str, Any], found: list[str]
) -> None:
    """What is hidden is not judged; JSON beyond the limits of readers is JSON (RFC 8259)."""
    file = written(tmp_path, entry("GET", "/lamps", 204), seen)
    (tmp_path / "openapi.yaml").write_text(MARKED, "utf-8")
    line = ("judge", file.name, "--report", "json=r.json", "--url", "https://api.example/v1")
    conformance(*line, folder=tmp_path, env=environment())

    assert codes(tmp_path) == found
    assert SECRETS["X-Session-Token"] not in (tmp_path / "r.json").read_text("utf-8")


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        (
            entry("POST", "/lamps", 201, body={"kind": "desk"}, headers=BEARER),
            "accepted-invalid-body",
        ),
        (entry("GET", "/lamps?limit=99", 200, LAMPS), "accepted-invalid-parameter"),
        (
            entry("POST", "/lamps", 201, body="{", headers=BEARER),
            "accepted-malformed-body",
        ),
    ],
)
def test_what_is_forbidden_and_accepted(tmp_path: Path, bad: dict[str, Any], code: str) -> None:
    """The client and the deployment have each their finding."""
    done = judge(tmp_path, bad, entry("GET", "/lamps", 200, LAMPS))

    assert done.returncode == 1
    assert codes(tmp_path) == sorted([code, "client-sends-invalid"])


def test_a_recording_without_credentials_accuses_nobody(tmp_path: Path) -> None:
    """Browsers leave them out of their archives; a 401 is what the contract promises."""
    open_ = entry("POST", "/lamps", 201, body={"name": "a"})
    shut = entry("POST", "/lamps", 401, body={"name": "a"})
    done = judge(tmp_path, open_, shut)

    assert done.returncode == 0
    assert "POST /lamps security.missing" not in verdicts(tmp_path, "broken")


def test_a_body_that_was_not_recorded_shows_nothing(tmp_path: Path) -> None:
    """The status and the headers do."""
    one = entry("GET", "/lamps", 200, LAMPS)
    del one["response"]["content"]["text"]
    done = judge(tmp_path, one, EVENTS)

    assert done.returncode == 0
    assert "GET /lamps status.200" in verdicts(tmp_path, "held")
    assert "GET /lamps response.200.type" not in verdicts(tmp_path, "held")


@pytest.mark.parametrize(("times", "level"), [(1, "warning"), (2, "error")])
def test_a_failure_that_was_seen_once_is_a_warning(tmp_path: Path, times: int, level: str) -> None:
    """Nothing is replayed, so it may have been a moment's."""
    failures = [entry("GET", "/lamps", 500)] * times
    judge(tmp_path, entry("GET", "/lamps", 200, LAMPS), *failures)

    levels = {one["level"] for one in report(tmp_path)["findings"]}
    assert levels == {level}


def test_other_origins_and_unknown_paths_are_counted(tmp_path: Path) -> None:
    """What was not judged is said."""
    other = entry("GET", "/ads", 200, origin="https://ads.example")
    unknown = entry("GET", "/nope", 404)
    done = judge(
        tmp_path,
        entry("GET", "/lamps", 200, LAMPS),
        other,
        unknown,
        options=("--url", "https://api.example"),
    )

    assert done.returncode == 0
    assert "1 of 3 exchanges were judged" in done.stdout
    assert "not below https://api.example: https://ads.example (1)" in done.stdout
    assert "GET /v1/nope (1)" in done.stdout


def test_no_credential_and_no_secret_is_in_a_report(tmp_path: Path) -> None:
    """Neither those of headers nor what telling properties carry."""
    secret = "hunter2-hunter2"
    lamps = [{"name": "desk", "password": secret, "kind": "sofa"}]
    one = entry("GET", "/lamps", 200, lamps, headers=BEARER)
    done = judge(tmp_path, one, options=("--report", "html=r.html", "--report", "junit=r.xml"))
    text = done.stdout + "".join(
        (tmp_path / name).read_text("utf-8") for name in ("r.json", "r.html", "r.xml")
    )

    assert done.returncode == 1
    assert "a-token-of-somebody" not in text
    assert secret not in text


@pytest.mark.parametrize("size", [0, 5000], ids=["short", "long"])
@pytest.mark.parametrize("status", [201, 500])
def test_no_secret_of_a_request_is_in_a_report(tmp_path: Path, status: int, size: int) -> None:
    """Whoever signs in sends a password: it is not in the body that is shown, nor in curl."""
    sent = {"password": "hunter2-hunter2", "kind": "sofa", "more": "a" * size}
    judge(tmp_path, entry("POST", "/lamps", status, body=sent, headers=BEARER), EVENTS)
    text = (tmp_path / "r.json").read_text("utf-8")

    assert "sofa" in text
    assert "hunter2" not in text
    assert '"packed": ""' in text or '"exact": null' in text


def test_nothing_that_succeeded_decides_nothing(tmp_path: Path) -> None:
    """As everywhere."""
    assert judge(tmp_path, entry("GET", "/nope", 404)).returncode == 2


def test_reports_of_traffic_and_of_runs_are_joined(tmp_path: Path) -> None:
    """What one has seen and the other has not is seen."""
    judge(tmp_path, entry("GET", "/lamps", 200, LAMPS))
    (tmp_path / "r.json").rename(tmp_path / "one.json")
    judge(tmp_path, EVENTS)
    (tmp_path / "r.json").rename(tmp_path / "two.json")
    done = conformance(
        "merge", "one.json", "two.json", "--report", "json=r.json",
        folder=tmp_path, env=environment(),
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    assert {"GET /lamps control", "GET /events control"} <= verdicts(tmp_path, "held")


def test_canned_answers_are_held_against_reality(tmp_path: Path) -> None:
    """What only the mock says, what only the deployment says, and other kinds of values."""
    seen = [{"name": "a", "kind": "desk", "size": 1}, {"name": "b", "kind": "floor", "size": 2}]
    judge(tmp_path, entry("GET", "/lamps", 200, seen))
    (told,) = report(tmp_path)["findings"]
    said = [place["got"] for place in told["places"]]

    assert told["code"] == "canned-differs"
    assert told["title"] == (
        "GET /lamps: the mock's examples differ from the deployment's responses"
    )
    assert any("`[].colour`, and no successful" in one for one in said)
    assert any("every successful response of the deployment has `[].size`" in one for one in said)


@pytest.mark.parametrize("body", ['{"name": "a", "kind": "de', "{"])
def test_a_body_that_was_cut_by_the_recorder_accuses_nobody(tmp_path: Path, body: str) -> None:
    """It is shorter than its Content-Length, so it is not what was sent."""
    cut = entry("POST", "/lamps", 201, body=body, headers={**BEARER, "Content-Length": "70000"})
    half = entry("GET", "/lamps", 200, '[{"name": "de')
    half["response"]["headers"].append({"name": "Content-Length", "value": "70000"})
    done = judge(tmp_path, cut, half, EVENTS)

    assert (done.returncode, codes(tmp_path)) == (0, [])


@pytest.mark.parametrize("status", [400, 415])
def test_a_media_type_is_refused_as_http_refuses_it(tmp_path: Path, status: int) -> None:
    """415 is no wrong refusal, whatever is documented (RFC 9110 section 15.5.16)."""
    headers = {**BEARER, "content-type": "text/plain"}
    done = judge(tmp_path, entry("POST", "/lamps", status, body="a", headers=headers), EVENTS)

    assert (done.returncode, codes(tmp_path)) == (0, ["client-sends-invalid"])


def test_json_that_the_recorder_wrote_anew_is_evidence(tmp_path: Path) -> None:
    """Other spaces make another length, and the same value."""
    one = entry("GET", "/lamps", 200, LAMPS)
    one["response"]["headers"].append({"name": "Content-Length", "value": "7"})
    judge(tmp_path, one)

    assert "GET /lamps response.200[].kind.enum" in verdicts(tmp_path, "held")


def test_what_changed_since_another_report(tmp_path: Path) -> None:
    """`--baseline`, as a run has it."""
    judge(tmp_path, entry("GET", "/lamps", 200, LAMPS))
    (tmp_path / "r.json").rename(tmp_path / "before.json")
    done = judge(tmp_path, EVENTS, options=("--baseline", "before.json"))

    assert "GET /lamps control: held → unobserved" in done.stdout


def test_every_format_of_a_run_but_har(tmp_path: Path) -> None:
    """Each names what was found; the traffic itself is in the archive already."""
    broken = [{"name": "much too long"}]
    formats = ("html", "junit", "markdown", "sarif", "github", "gitlab")
    options = [text for name in formats for text in ("--report", f"{name}=r.{name}")]
    judge(tmp_path, entry("GET", "/lamps", 200, broken), options=tuple(options))
    refused = judge(tmp_path, EVENTS, options=("--report", "har=r.har"))

    texts = {name: (tmp_path / f"r.{name}").read_text("utf-8") for name in formats}

    assert [name for name, text in texts.items() if "GET /lamps" not in text] == []
    assert (refused.returncode, (tmp_path / "r.har").exists()) == (2, False)
