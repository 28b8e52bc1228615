"""What one answer hands out for another request: a refresh token for one use, a path to confirm."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from conformance.clauses.kinds import ClauseKind
from conformance.http.exchange import Answer, Request
from conformance.report.findings import Report
from conformance.run.things.handed_values import HandedValues
from spec.model.contract_model import Operation
from tests.conformance.kit.applications import Application, Asked
from tests.conformance.kit.running import contract_of, run

pytestmark = pytest.mark.slow

CONTRACT = """
paths:
  /sessions:
    post:
      requestBody:
        required: true
        content: {application/json: {schema: {type: object, required: [email], properties: {email: {type: string, example: ann@example.com}}}}}
      responses:
        '200': &session
          description: ok
          content:
            application/json:
              schema: {type: object, required: [refreshToken, email], properties: {refreshToken: {type: string}, email: {type: string}}}
        '400': &no {description: no}
        '401': *no
  /refresh:
    post:
      requestBody:
        required: true
        content:
          application/json:
            schema:
              type: object
              required: [refreshToken]
              properties: {refreshToken: {type: string, example: rt_of_nobody}, device: {type: string, maxLength: 9, example: phone}}
      responses: {'200': *session, '400': *no, '401': *no}
  /uploads:
    post:
      requestBody:
        required: true
        content: {application/json: {schema: {type: object, required: [filename], properties: {filename: {type: string, minLength: 1, example: a.txt}}}}}
      responses:
        '200': {description: ok, content: {application/json: {schema: {type: object, properties: {confirmUrl: {type: string}}}}}}
        '400': *no
  /files/{key}/confirm:
    parameters: [{name: key, in: path, required: true, schema: {type: string}, example: a.txt}]
    post:
      requestBody:
        required: true
        content: {application/json: {schema: {type: object, required: [size], properties: {size: {type: integer, minimum: 0, example: 7}}}}}
      responses: {'201': *session, '400': *no, '404': *no, '409': *no}
"""  # noqa: E501  # a table of operations


class Tokens:
    """Every token and every path is good for one use; `faults` are what it does not look at."""

    def __init__(self, *faults: str) -> None:
        self.faults = set(faults)
        self.tokens, self.waiting, self.done = set[str](), set[str](), {"a.txt"}
        self.count = 0

    def answer(self, asked: Asked) -> tuple[int, Any]:
        """Strict about types, values and what was used."""
        if asked.method != "POST":
            return 405, None
        if asked.headers.get("content-type", "").partition(";")[0].lower() != "application/json":
            return 415, None
        sent = asked.json
        if not isinstance(sent, dict):
            return 400, None
        found = re.fullmatch(r"/files/([^/]+)/confirm", asked.path)
        if found:
            return self._confirmed(found[1], sent)
        if asked.path == "/refresh":
            return self._refreshed(sent)
        needed = "email" if asked.path == "/sessions" else "filename"
        if not isinstance(sent.get(needed), str) or sent.get("filename") == "":
            return 400, None
        return (200, self._session(sent["email"])) if needed == "email" else (200, self._upload())

    def _session(self, email: str) -> dict[str, str]:
        self.count += 1
        token = f"rt_number_{self.count}_of_many"
        self.tokens.add(token)
        return {"refreshToken": token, "email": email}

    def _upload(self) -> dict[str, str]:
        self.count += 1
        self.waiting.add(f"key-{self.count}")
        return {"confirmUrl": f"/files/key-{self.count}/confirm"}

    def _refreshed(self, sent: dict[str, Any]) -> tuple[int, Any]:
        token, device = sent.get("refreshToken"), sent.get("device", "")
        long = "device" not in self.faults and isinstance(device, str) and len(device) > 9
        if not isinstance(token, str) or not isinstance(device, str) or long:
            return 400, None
        if token not in self.tokens:
            return 401, None
        self.tokens.remove(token)
        return 200, self._session("ann@example.com")

    def _confirmed(self, key: str, sent: dict[str, Any]) -> tuple[int, Any]:
        size = sent.get("size")
        if not isinstance(size, int) or isinstance(size, bool):
            return 400, None
        if size < 0 and "size" not in self.faults:
            return 400, None
        if key in self.done:
            return 409, None
        if key not in self.waiting:
            return 404, None
        self.waiting.remove(key)
        self.done.add(key)
        return 201, self._session("ann@example.com")


def ran_with(folder: Path, tokens: Tokens, *include: str) -> Report:
    """A run that may write."""
    kinds = {ClauseKind.BODY, ClauseKind.EDGES, ClauseKind.STEADINESS, ClauseKind.PROPERTIES}
    contract = contract_of(folder, CONTRACT)
    return run(
        contract,
        Application(tokens.answer),
        by_clock=True,
        families=frozenset(kinds),
        allow_writes=True,
        max_billable=12,
        include=include,
    )


def places(report: Report) -> list[str]:
    """The clauses of all places that are no note."""
    return [
        place.clause for one in report.findings if one.level.value != "note" for place in one.places
    ]


@pytest.fixture(scope="module")
def correct(tmp_path_factory: pytest.TempPathFactory) -> Report:
    """A run on what does nothing wrong."""
    return ran_with(tmp_path_factory.mktemp("tokens"), Tokens())


def test_what_is_handed_out_makes_the_good_request(correct: Report) -> None:
    """A value for one use is another one in each request, so that all else can be tried."""
    verdicts = {one.id: one.verdict.value for one in correct.clauses}

    assert places(correct) == []
    for clause in (
        "POST /refresh control",
        "POST /refresh body.device.maxLength",
        "POST /refresh body.refreshToken.required",
        "POST /files/{key}/confirm control",
        "POST /files/{key}/confirm body.size.minimum",
    ):
        assert verdicts[clause] == "held"


def test_no_report_says_what_was_handed_out(correct: Report) -> None:
    """A token that an answer hands out is a secret, also where the run itself sends it."""
    assert "rt_number_" not in str(correct)


def test_what_can_be_used_once_is_not_unsteady(correct: Report) -> None:
    """Its repetition is refused, as the contract has it."""
    why = {one.id: one.why for one in correct.clauses}

    assert "401 the second time" in why["POST /refresh steady.repeated"]
    assert "409 the second time" in why["POST /files/{key}/confirm steady.repeated"]


def test_what_is_missing_is_asked_for(tmp_path: Path) -> None:
    """Where the operation that hands it out is in another shard, or was not selected."""
    report = ran_with(tmp_path, Tokens(), "POST /refresh")
    verdicts = {one.id: one.verdict.value for one in report.clauses}

    assert verdicts["POST /refresh body.device.maxLength"] == "held"


@pytest.mark.parametrize(
    ("fault", "clause"),
    [
        ("device", "POST /refresh body.device.maxLength"),
        ("size", "POST /files/{key}/confirm body.size.minimum"),
    ],
)
def test_what_is_not_checked_is_found(tmp_path: Path, fault: str, clause: str) -> None:
    """Behind a token, or behind a path that exists for a moment."""
    found = places(ran_with(tmp_path, Tokens(fault)))

    assert clause in found
    assert {one.partition(" body.")[0] for one in found} <= {
        clause.partition(" body.")[0],
        f"{clause.partition(' body.')[0]} property.invalid",
    }


ACCOUNTS = """
paths:
  /users:
    post:
      requestBody:
        required: true
        content:
          application/json:
            schema:
              type: object
              required: [email, password]
              properties: {email: {type: string, example: ann@example.com}, password: {type: string, example: of-an-example}, name: {type: string}}
      responses: {'201': &ok {description: ok}, '400': &no {description: no}}
  /users/{email}:
    parameters: [{name: email, in: path, required: true, schema: {type: string}}]
    delete: {responses: {'204': *ok, '404': *no}}
  /sessions:
    post:
      requestBody:
        required: true
        content:
          application/json:
            schema:
              type: object
              required: [email, password]
              properties: {email: {type: string, example: ben@example.com}, password: {type: string, example: of-ben}}
      responses: {'200': *ok, '400': *no, '401': *no}
"""  # noqa: E501  # a table of operations


def test_who_signs_in_was_signed_up(tmp_path: Path) -> None:
    """Where the signing up is in another shard too; what was made for it is removed."""
    users = dict[str, str]()

    def answer(asked: Asked) -> tuple[int, Any]:
        sent = asked.json
        if asked.method == "DELETE":
            return 204 if users.pop(asked.path.removeprefix("/users/"), None) else 404, None
        if asked.method != "POST":
            return 405, None
        if not isinstance(sent, dict) or not all(
            isinstance(sent.get(one), str) for one in ("email", "password")
        ):
            return 400, None
        if asked.path == "/users":
            users[sent["email"]] = sent["password"]
            return 201, None
        return 200 if users.get(sent["email"]) == sent["password"] else 401, None

    report = run(
        contract_of(tmp_path, ACCOUNTS),
        Application(answer),
        by_clock=True,
        families=frozenset({ClauseKind.BODY}),
        allow_writes=True,
        include=("POST /sessions",),
    )
    verdicts = {one.id: one.verdict.value for one in report.clauses}

    assert verdicts["POST /sessions control"] == "held"
    assert verdicts["POST /sessions body.password.type"] == "held"
    assert users == {}


def test_what_was_accepted_once_is_spent(tmp_path: Path) -> None:
    """A token and a path, each from its answer on until a request with it has succeeded."""
    contract = contract_of(tmp_path, CONTRACT)
    handed, token = HandedValues(contract), "rt_number_1_of_many"
    sessions, refresh, uploads, confirm = contract.operations

    def sent(operation: Operation, target: str, body: object, answer: object) -> None:
        written, said = (json.dumps(one).encode() for one in (body, answer))
        request = Request(method="POST", target=target, body=written)
        handed.see(operation, request, Answer(status=200, body=said))

    sent(sessions, "/sessions", {"email": "ann@example.com"}, {"refreshToken": token})
    sent(uploads, "/uploads", {"filename": "a.txt"}, {"confirmUrl": "/files/key-1/confirm"})
    before = (handed.spent("refreshToken"), handed.spent(confirm.id))
    sent(refresh, "/refresh", {"refreshToken": token}, {})
    sent(confirm, "/files/key-1/confirm", {"size": 7}, {})

    assert (before, handed.spent("refreshToken"), handed.spent(confirm.id)) == (
        (False, False),
        True,
        True,
    )
