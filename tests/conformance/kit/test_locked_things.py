"""Things that a run itself locks by an ordinary change, and names that only a broken body says."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from conformance.clauses.kinds import ClauseKind
from conformance.report.findings import Report
from tests.conformance.backend.behaviour import parse
from tests.conformance.backend.messages import Refusal
from tests.conformance.kit.applications import Application, Asked
from tests.conformance.kit.running import contract_of, run, verdicts

pytestmark = pytest.mark.slow

CONTRACT = """
paths:
  /secrets:
    post:
      requestBody:
        required: true
        content:
          application/json:
            schema:
              type: object
              required: [key, value]
              properties:
                key: {type: string, maxLength: 60, pattern: '^[A-Z0-9_]+$', example: STRIPE_KEY}
                value: {type: string, minLength: 1}
                reserved: {type: boolean, default: false}
      responses: {'201': &done {description: made}, '400': &no {description: no}, '409': *no}
  /secrets/{key}:
    parameters: [{name: key, in: path, required: true, schema: {type: string}}]
    get:
      responses:
        '200': {description: it, content: {application/json: {schema: {type: object}}}}
        '404': *no
    put:
      requestBody:
        required: true
        content:
          application/json:
            schema:
              type: object
              properties: {value: {type: string, minLength: 1}, reserved: {type: boolean}}
            example: {value: a}
      responses: {'204': *done, '400': *no, '403': *no, '404': *no}
    delete:
      responses: {'204': *done, '403': *no, '404': *no}
"""
PUT, DELETE, POST = "PUT /secrets/{key}", "DELETE /secrets/{key}", "POST /secrets"
TYPES = {"key": str, "value": str, "reserved": bool}


class Secrets:
    """Neither changes nor removes what is reserved. `faults` are what it does otherwise."""

    def __init__(self, *faults: str) -> None:
        self.kept: dict[str, dict[str, Any]] = {"OTHERS": {"value": "of others", "reserved": True}}
        self.faults = faults

    def __call__(self, asked: Asked) -> tuple[int, Any]:
        """One request."""
        found = re.fullmatch("/secrets(?:/([^/]+))?", asked.path)
        methods = ("GET", "PUT", "DELETE") if found and found[1] else ("POST",)
        if found is None or asked.method not in methods:
            return (404 if found is None else 405), None
        if found[1] and found[1] not in self.kept:
            return 404, None
        body = self._body(asked) if asked.method in ("POST", "PUT") else {}
        if body is None:
            return 400, None
        return self._handled(asked.method, found[1] or body.get("key", ""), body)

    def _handled(self, method: str, key: str, body: dict[str, Any]) -> tuple[int, Any]:
        if method == "GET":
            return 200, self.kept[key]
        if method == "POST" and key in self.kept:
            return 409, None
        if method == "POST":
            self.kept[key] = {"value": body["value"], "reserved": body.get("reserved", False)}
            return 201, None
        if self.kept[key]["reserved"] and not (method == "PUT" and "unlocks" in self.faults):
            return 403, None
        if method == "PUT":
            self.kept[key] |= {name: body[name] for name in self.kept[key] if name in body}
        elif "keeps" not in self.faults:
            del self.kept[key]
        return 204, None

    def _body(self, asked: Asked) -> dict[str, Any] | None:
        """The body; None where it is refused."""
        media_type = asked.headers.get("content-type", "").partition(";")[0].lower()
        if media_type != "application/json" or "content-encoding" in asked.headers:
            return None
        text = asked.body.decode("utf-8", "replace" if "bytes" in self.faults else "strict")
        text = re.sub(r",\s*}", "}", text) if "commas" in self.faults else text
        body = json.loads(text, parse_constant=_refuse)
        wanted = TYPES if asked.method == "POST" else {**TYPES, "key": object}
        needed = {"key", "value"} if asked.method == "POST" else set[str]()
        if not isinstance(body, dict) or not needed <= body.keys():
            return None
        good = all(isinstance(body[one], wanted[one]) for one in wanted if one in body)
        plain = re.fullmatch("[A-Z0-9_]{1,60}", str(body.get("key", "A")))
        return body if good and plain and body.get("value") != "" else None


def _refuse(constant: str) -> None:
    raise ValueError(constant)


def ran(tmp_path: Path, server: Secrets) -> Report:
    """A run that may write."""

    def answer(asked: Asked) -> tuple[int, Any]:
        try:
            return server(asked)
        except (ValueError, RecursionError):
            return 400, None

    families = frozenset(ClauseKind) - {ClauseKind.PROPERTIES}
    contract = contract_of(tmp_path, CONTRACT)
    return run(contract, Application(answer), by_clock=True, allow_writes=True, families=families)


def broken(report: Report) -> set[str]:
    """The clauses of all places that are no notes."""
    return {
        place.clause
        for one in report.findings
        for place in one.places
        if place.level.value != "note"
    }


def test_what_the_run_has_locked_makes_way_for_another_thing(tmp_path: Path) -> None:
    """A good value has made the thing reserved: that is no quota, and nothing is wrong."""
    report = ran(tmp_path, Secrets())

    verdicts = {one.id: one.verdict.value for one in report.clauses}
    assert broken(report) == set()
    tried = (f"{PUT} body.unknown", f"{PUT} steady.repeated", f"{DELETE} control")
    assert [verdicts[one] for one in (*tried, f"{DELETE} state.gone")] == ["held"] * 4


@pytest.mark.parametrize(
    ("fault", "shown"),
    [
        ("keeps", {f"{DELETE} state.gone"}),
        ("commas", {f"{PUT} body.syntax.malformed", f"{POST} body.syntax.malformed"}),
        ("bytes", {f"{PUT} body.syntax.utf-8", f"{POST} body.syntax.utf-8"}),
    ],
)
def test_faults_are_seen_behind_a_lock_and_a_taken_name(
    tmp_path: Path, fault: str, shown: set[str]
) -> None:
    """What is refused for the name, or for the lock, was not read as it should be."""
    assert broken(ran(tmp_path, Secrets(fault))) == shown


def test_what_a_broken_body_has_made_is_removed(tmp_path: Path) -> None:
    """The answer does not name it: the members of the body do, although they are no JSON."""
    server = Secrets("commas", "bytes")

    report = ran(tmp_path, server)

    assert {key for key, one in server.kept.items() if not one["reserved"]} == set()
    assert not any("no answer says which id" in one for one in report.remarks)


def test_what_the_run_has_locked_is_unlocked_to_be_removed(tmp_path: Path) -> None:
    """Where the thing can still be changed; what others have locked stays as it is."""
    server = Secrets("unlocks")

    report = ran(tmp_path, server)

    assert server.kept == {"OTHERS": {"value": "of others", "reserved": True}}
    assert not any("left behind" in one for one in report.remarks)


BANNER = """
paths:
  /banner:
    get: &answers {responses: {'200': {description: it, content: {application/json: {schema:
      {type: object, required: [text], properties: &has {text: {type: string, minLength: 1},
        locked: {type: boolean}}}}}}}}
    put:
      requestBody: {required: true, content: {application/json: {schema:
        {type: object, required: [text], properties: *has}}}}
      responses: {'204': &done {description: changed}, '400': *done, '415': *done, '423': *done}
"""


def test_a_setting_that_the_run_has_locked_accuses_nothing(tmp_path: Path) -> None:
    """There is no other one to take its place: what is refused from then on is undecided."""
    kept: dict[str, Any] = {"text": "of others", "locked": False}

    def answer(asked: Asked) -> tuple[int, Any]:
        if asked.path != "/banner" or asked.method not in ("GET", "PUT"):
            return (404 if asked.path != "/banner" else 405), None
        if asked.method == "GET":
            return 200, kept
        if asked.headers.get("content-type", "").partition(";")[0].lower() != "application/json":
            return 415, None
        try:
            sent = parse(asked.body)
        except Refusal:
            return 400, None
        good = isinstance(sent, dict) and isinstance(sent.get("locked", True), bool)
        if not good or not isinstance(sent.get("text"), str) or not sent["text"]:
            return 400, None
        if kept["locked"] and sent.get("locked") is not False:
            return 423, None
        kept.update({name: sent[name] for name in kept if name in sent})
        return 204, None

    families = frozenset({ClauseKind.CONTROL, ClauseKind.EDGES, ClauseKind.STEADINESS})
    report = run(
        contract_of(tmp_path, BANNER), Application(answer, allow="GET, PUT"), by_clock=True,
        allow_writes=True, families=families,
    )  # fmt: skip

    assert broken(report) == set()
    assert verdicts(report)["steady.repeated"] == "inconclusive"
    assert kept == {"text": "of others", "locked": False}
