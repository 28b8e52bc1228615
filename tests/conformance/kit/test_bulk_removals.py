"""DELETE with a list of ids: only what the run has made stands in it, and it cleans up by it."""

from __future__ import annotations

import asyncio
import uuid
from pathlib import Path
from typing import Any

import pytest

from conformance.clauses.bulk_removals import bulk_removal
from conformance.clauses.kinds import ClauseKind
from conformance.http.credentials import Credentials
from conformance.http.target import Target
from conformance.report.findings import Report
from conformance.report.formats.json_reader import parsed_report
from conformance.report.formats.json_report import as_json
from conformance.run.replaying.replay import Replay, Standing
from conformance.run.session.run_options import RunOptions
from tests.conformance.kit.applications import Application, Asked
from tests.conformance.kit.running import contract_of, run

pytestmark = pytest.mark.slow

OWNER = "11111111-1111-4111-8111-111111111111"
CONTRACT = """
components:
  securitySchemes: {key: {type: http, scheme: bearer}}
  schemas:
    Id: {type: string, format: uuid}
    User: {type: object, required: [id, email], properties: {id: {$ref: '#/components/schemas/Id'}, email: {type: string}}}
security: [{key: []}]
paths:
  /users:
    get:
      responses:
        '200': {description: ok, content: {application/json: {schema: {type: array, items: {$ref: '#/components/schemas/User'}}}}}
        '401': &no {description: no}
    post:
      requestBody:
        required: true
        content: {application/json: {schema: {type: object, required: [email], properties: {email: {type: string, format: email, example: ann@example.com}}}}}
      responses:
        '201': {description: ok, content: {application/json: {schema: {$ref: '#/components/schemas/User'}}}}
        '400': *no
        '401': *no
        '409': *no
    delete:
      requestBody:
        required: true
        content:
          application/json:
            schema:
              type: object
              required: [userIds]
              properties: {userIds: {type: array, minItems: 1, maxItems: 3, items: {$ref: '#/components/schemas/Id'}}, reason: {type: string}}
            example: {userIds: [11111111-1111-4111-8111-111111111111]}
      responses: {'200': {description: ok}, '400': *no, '401': *no}
  /users/{userId}:
    parameters: [{name: userId, in: path, required: true, schema: {$ref: '#/components/schemas/Id'}}]
    get:
      responses:
        '200': {description: ok, content: {application/json: {schema: {$ref: '#/components/schemas/User'}}}}
        '401': *no
        '404': *no
"""  # noqa: E501  # a table of operations
KEY = "the-key-of-the-owner"
GONE = "DELETE /users state.gone"


class Users:
    """The owner, and whoever is signed up.

    One that is `lax` removes by a list of any length; where all are `kept`, none is removed.
    """

    def __init__(self, *, lax: bool = False, open_door: bool = False, kept: bool = False) -> None:
        self.lax, self.open_door, self.kept = lax, open_door, kept
        self.users = {OWNER: "owner@example.com"}

    def answer(self, asked: Asked) -> tuple[int, Any]:
        """Strict about credentials and types."""
        scheme, _, token = asked.headers.get("authorization", "").partition(" ")
        opened = self.open_door and asked.method == "DELETE"
        if not opened and (scheme.lower() != "bearer" or token != KEY):
            return 401, None
        sent = asked.json
        if asked.path != "/users":
            return self._one(asked, asked.path.removeprefix("/users/"))
        if asked.method == "GET":
            return 200, [self._shown(one) for one in self.users]
        if asked.method not in ("POST", "DELETE"):
            return 405, None
        if asked.headers.get("content-type", "").partition(";")[0].lower() != "application/json":
            return 415, None
        if not isinstance(sent, dict):
            return 400, None
        return self._new(sent) if asked.method == "POST" else self._removed(sent)

    def _one(self, asked: Asked, name: str) -> tuple[int, Any]:
        if asked.method != "GET":
            return 405, None
        return (200, self._shown(name)) if name in self.users else (404, None)

    def _shown(self, name: str) -> dict[str, str]:
        return {"id": name, "email": self.users[name]}

    def _new(self, sent: dict[str, Any]) -> tuple[int, Any]:
        email = sent.get("email")
        if not isinstance(email, str) or not email.rpartition("@")[0]:
            return 400, None
        if email in self.users.values():
            return 409, None
        name = str(uuid.uuid4())
        self.users[name] = email
        return 201, self._shown(name)

    def _removed(self, sent: dict[str, Any]) -> tuple[int, Any]:
        ids, reason = sent.get("userIds"), sent.get("reason", "")
        if not isinstance(ids, list) or not isinstance(reason, str):
            return 400, None
        if not all(map(_is_id, ids)) or (not 1 <= len(ids) <= 3 and not self.lax):
            return 400, None
        for one in () if self.kept else ids:
            self.users.pop(one, None)
        return 200, None


def _is_id(value: Any) -> bool:
    try:
        return isinstance(value, str) and str(uuid.UUID(value)) == value.lower()
    except ValueError:
        return False


def ran_with(folder: Path, users: Users, **options: Any) -> Report:
    """A run that may write; the example of the contract is the owner."""
    contract, app = contract_of(folder, CONTRACT), Application(users.answer)
    kinds = {ClauseKind.BODY, ClauseKind.CREDENTIALS, ClauseKind.EDGES, ClauseKind.PROPERTIES}
    options = {"families": frozenset(kinds), "max_billable": 12} | options
    return run(contract, app, KEY, by_clock=True, allow_writes=True, **options)


def places(report: Report) -> set[str]:
    """The clauses of DELETE that are told by more than a note."""
    return {
        place.clause.removeprefix("DELETE /users ")
        for one in report.findings
        if one.level.value != "note"
        for place in one.places
        if place.operation == "DELETE /users"
    }


def test_what_the_run_has_made_is_removed_by_a_list(tmp_path: Path) -> None:
    """At its end as well; the owner, whom the contract has as an example, is still there."""
    users = Users()
    report = ran_with(tmp_path, users)
    verdicts = {one.id: one.verdict.value for one in report.clauses}

    assert users.users == {OWNER: "owner@example.com"}
    assert verdicts["DELETE /users control"] == "held"
    assert verdicts["DELETE /users body.userIds.minItems"] == "held"
    assert places(report) == set()
    assert not [one for one in report.remarks if "left behind" in one]


@pytest.mark.parametrize(
    ("users", "clauses"),
    [
        (Users(lax=True), {"body.userIds.minItems", "body.userIds.maxItems"}),
        (Users(open_door=True), {"security.missing"}),
    ],
    ids=["lax", "open"],
)
def test_what_is_wrong_with_it_is_found(tmp_path: Path, users: Users, clauses: set[str]) -> None:
    """A list that is not counted, a door that is open: nobody else is removed by trying it."""
    report = ran_with(tmp_path, users)

    assert clauses <= places(report)
    assert OWNER in users.users


def test_without_ones_own_nobody_is_removed(tmp_path: Path) -> None:
    """Where nobody may be signed up, the list is asked for refusals alone."""
    users = Users(open_door=True)
    report = ran_with(tmp_path, users, exclude=("POST /users",))
    why = {one.why for one in report.clauses if one.id == "DELETE /users control"}

    assert users.users == {OWNER: "owner@example.com"}
    assert any("nothing of the run's own" in one for one in why)


@pytest.mark.parametrize(
    ("parameter", "name", "found"),
    [
        ("userId", "userIds", True),
        ("userId", "ids", True),
        ("objectKey", "keys", True),
        ("userId", "emails", False),
        ("id", "names", False),
    ],
)
def test_a_list_of_ids_is_called_like_the_id(
    tmp_path: Path, parameter: str, name: str, found: bool
) -> None:
    """`keys` of `{objectKey}`; a list of other things is no list of ids."""
    text = CONTRACT.replace("{userId}", f"{{{parameter}}}")
    text = text.replace("name: userId", f"name: {parameter}").replace("userIds", name)
    contract = contract_of(tmp_path, text)
    operation = contract.operation("DELETE /users")
    assert operation is not None

    assert (bulk_removal(contract, operation) is not None) is found


LISTED = "    patch:\n".join(CONTRACT.rsplit("    get:\n", 1))
"""Without a GET of one user: only the list shows who is there."""


@pytest.mark.parametrize("text", [CONTRACT, LISTED], ids=["item", "list"])
@pytest.mark.parametrize(("kept", "verdict"), [(False, "held"), (True, "broken")])
def test_what_a_list_of_ids_has_removed_is_gone(
    tmp_path: Path, text: str, kept: bool, verdict: str
) -> None:
    """It is read back by a GET of what stood in the list; a replay shows the same of another."""
    users, contract = Users(kept=kept), contract_of(tmp_path, text)
    app, state = Application(users.answer), frozenset({ClauseKind.STATE})
    report = run(contract, app, KEY, by_clock=True, allow_writes=True, families=state)
    verdicts = {one.id: one.verdict.value for one in report.clauses}
    again = parsed_report(as_json(report), "r.json")
    told = [(one, at) for one in again.findings for at in one.places if at.clause == GONE]
    users.users = {OWNER: "owner@example.com"}
    given = RunOptions(
        allow_writes=True, credentials=Credentials(token=KEY), max_consistency_time=0
    )
    replayed = asyncio.run(Replay(contract, Target(app=app), given).execute(told))

    assert verdicts[GONE] == verdict
    assert [one.standing for one in replayed] == [Standing.BROKEN] * kept
    assert all('"$NEW_ID' in one.place.curl and 'NEW_ID\\"]' in one.place.curl for one in replayed)
    assert OWNER in users.users


def test_states_are_tried_without_any_other_kind(tmp_path: Path) -> None:
    """The clauses of state alone need no list of anybody."""
    users = Users()
    ran_with(tmp_path, users, families=frozenset({ClauseKind.STATE}))

    assert users.users == {OWNER: "owner@example.com"}
