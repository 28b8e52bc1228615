"""State of ordinary REST contracts: nesting, envelopes, cursors, tags, conflicts, patches, actions.

Every answer is looked at by the contract that documents it.
"""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx2
import pytest

from mock_server import MockApp
from mock_server.command.running import RunningMock
from mock_server.state.json_patch import PatchError, patched
from spec import Direction
from tests.mock_server.asking import Answered, ask, mock_of

TEAMS = """
paths:
  /teams:
    get:
      responses:
        '200':
          description: all
          content:
            application/json:
              schema:
                type: object
                required: [data, total]
                properties:
                  data: {type: array, items: {$ref: '#/components/schemas/Team'}}
                  total: {type: integer}
    post:
      requestBody:
        required: true
        content: {application/json: {schema: {$ref: '#/components/schemas/NewTeam'}}}
      responses:
        '201': {$ref: '#/components/responses/Team'}
        '409': {$ref: '#/components/responses/Error'}
  /teams/{teamId}:
    parameters: [{$ref: '#/components/parameters/teamId'}]
    get: {responses: {'200': {$ref: '#/components/responses/Team'}, '404': {description: none}}}
    delete:
      responses:
        '200':
          description: gone
          content:
            application/json:
              schema: {type: object, required: [deleted], properties: {deleted: {type: boolean}}}
              example: {deleted: true}
        '404': {description: none}
  /teams/{teamId}/members:
    parameters: [{$ref: '#/components/parameters/teamId'}]
    get:
      parameters:
        - {name: role, in: query, schema: {type: string}}
        - {name: limit, in: query, schema: {type: integer, default: 2}}
        - {name: cursor, in: query, schema: {type: string}}
      responses:
        '200':
          description: a page
          headers: {Link: {schema: {type: string}}}
          content:
            application/json:
              schema:
                type: object
                required: [data]
                properties:
                  data: {type: array, items: {$ref: '#/components/schemas/Member'}}
                  nextCursor: {type: string, nullable: true}
                  links: {type: object, properties: {next: {type: string, format: uri}}}
        '404': {description: none}
    post:
      requestBody:
        required: true
        content: {application/json: {schema: {$ref: '#/components/schemas/NewMember'}}}
      responses:
        '201': {$ref: '#/components/responses/Member'}
        '404': {description: none}
        '409': {$ref: '#/components/responses/Error'}
  /teams/{teamId}/members/{memberId}:
    parameters:
      - {$ref: '#/components/parameters/teamId'}
      - {$ref: '#/components/parameters/memberId'}
    get:
      responses:
        '200': {$ref: '#/components/responses/Member'}
        '404': {description: none}
    put:
      requestBody:
        required: true
        content: {application/json: {schema: {$ref: '#/components/schemas/NewMember'}}}
      responses:
        '200': {$ref: '#/components/responses/Member'}
        '404': {description: none}
        '409': {$ref: '#/components/responses/Error'}
        '412': {$ref: '#/components/responses/Error'}
    patch:
      requestBody:
        content:
          application/merge-patch+json: {schema: {type: object}}
          application/json-patch+json: {schema: {type: array, items: {type: object}}}
      responses:
        '200': {$ref: '#/components/responses/Member'}
        '404': {description: none}
        '409': {$ref: '#/components/responses/Error'}
        '422': {$ref: '#/components/responses/Error'}
    delete: {responses: {'204': {description: gone}, '404': {description: none}}}
  /teams/{teamId}/members/{memberId}/activate:
    parameters:
      - {$ref: '#/components/parameters/teamId'}
      - {$ref: '#/components/parameters/memberId'}
    post: {responses: {'200': {$ref: '#/components/responses/Member'}, '404': {description: none}}}
  /teams/{teamId}/members/{memberId}/suspend:
    parameters:
      - {$ref: '#/components/parameters/teamId'}
      - {$ref: '#/components/parameters/memberId'}
    post: {responses: {'200': {$ref: '#/components/responses/Member'}, '404': {description: none}}}
  /teams/{teamId}/members/{memberId}/deactivate:
    parameters:
      - {$ref: '#/components/parameters/teamId'}
      - {$ref: '#/components/parameters/memberId'}
    post: {responses: {'200': {$ref: '#/components/responses/Member'}, '404': {description: none}}}
components:
  parameters:
    teamId: {name: teamId, in: path, required: true, schema: {type: string, format: uuid}}
    memberId: {name: memberId, in: path, required: true, schema: {type: integer}}
  responses:
    Error:
      description: no
      content:
        application/json:
          schema: {type: object, required: [message], properties: {message: {type: string}}}
    Team:
      description: one
      content:
        application/json:
          schema:
            type: object
            required: [data]
            properties: {data: {$ref: '#/components/schemas/Team'}}
    Member:
      description: one
      headers: {ETag: {schema: {type: string}}, Location: {schema: {type: string}}}
      content: {application/json: {schema: {$ref: '#/components/schemas/Member'}}}
  schemas:
    NewTeam: {type: object, required: [name], properties: {name: {type: string}}}
    Team:
      type: object
      required: [uuid, name]
      properties: {uuid: {type: string, format: uuid, readOnly: true}, name: {type: string}}
    NewMember:
      type: object
      required: [email]
      properties:
        email: {type: string, format: email}
        role: {type: string, enum: [admin, user], default: user}
        tags: {type: array, items: {type: string}}
    Member:
      allOf:
        - {$ref: '#/components/schemas/NewMember'}
        - type: object
          required: [memberId]
          properties:
            memberId: {type: integer}
            active: {type: boolean, default: false}
            status: {type: string, enum: [invited, suspended, left], default: invited}
"""
MERGE, PATCH = "application/merge-patch+json", "application/json-patch+json"


@pytest.fixture
def app(tmp_path: Path) -> MockApp:
    """A mock without a team."""
    return mock_of(tmp_path, TEAMS, stateful=True)


def call(
    app: MockApp, method: str, path: str, body: Any = None, media: str = "", **headers: str
) -> Answered:
    """One answer, which satisfies its schema."""
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    octets = None if body is None else json.dumps(body).encode()
    if octets is not None:
        sent["content-type"] = media or "application/json"
    answer = ask(app, method, path, octets, headers=sent)
    entry = app.entries()[0]
    operation = app.contract.operation(entry["operation"])
    assert operation is not None
    response = operation.response_for(answer.status)
    for one in response.content if response else ():
        assert one.schema is not None
        assert app.contract.violations(one.schema, Direction.RESPONSE, answer.json) == ()
    return answer


@pytest.fixture
def members(app: MockApp) -> str:
    """The path of the members of a new team: five, of whom two are admins."""
    team = call(app, "POST", "/teams", {"name": "A"}).json["data"]["uuid"]
    path = f"/teams/{team}/members"
    for number in range(1, 6):
        role = "admin" if number % 2 == 0 else "user"
        call(app, "POST", path, {"email": f"{number}@a.test", "role": role})
    return path


def test_an_id_of_another_name_and_an_envelope(app: MockApp) -> None:
    """The uuid of the path is the property `uuid` in `data`; a DELETE says what it documents."""
    made = call(app, "POST", "/teams", {"name": "A"}).json["data"]
    read = call(app, "GET", f"/teams/{made['uuid']}").json
    gone = call(app, "DELETE", f"/teams/{made['uuid']}")
    listed = call(app, "GET", "/teams").json

    assert read == {"data": made}
    assert (gone.status, gone.json) == (200, {"deleted": True})
    assert listed == {"data": [], "total": 0}


def test_what_belongs_to_a_thing_goes_with_it(app: MockApp, members: str) -> None:
    """Numbers in one path of uuids; nothing is made below what is not there."""
    made = call(app, "POST", members, {"email": "x@a.test"})
    team = members.removesuffix("/members")
    call(app, "DELETE", team)

    assert (made.status, made.headers["location"]) == (201, f"{members}/6")
    assert call(app, "GET", f"{members}/6").status == 404
    assert call(app, "POST", members, {"email": "x@a.test"}).status == 404


def test_a_cursor_leads_through_all_pages(app: MockApp, members: str) -> None:
    """What comes and goes meanwhile is neither shown twice nor a reason to leave another out."""
    seen, cursor, links = list[int](), "", list[str]()
    while True:
        answer = call(app, "GET", f"{members}?limit=2&cursor={cursor}" if cursor else members)
        seen += [one["memberId"] for one in answer.json["data"]]
        links.append(answer.headers["link"])
        if not (cursor := answer.json["nextCursor"]):
            break
        call(app, "DELETE", f"{members}/1")
        assert answer.json["links"]["next"] in answer.headers["link"]

    assert seen == [1, 2, 3, 4, 5]
    assert ['rel="next"' in link for link in links] == [True, True, False]
    assert call(app, "GET", f"{members}?cursor=unknown").json["data"] == []


def test_a_filter_and_a_page_together(app: MockApp, members: str) -> None:
    """A parameter that is called like a property chooses, before the page is cut."""
    page = call(app, "GET", f"{members}?role=user").json
    rest = call(app, "GET", f"{members}?role=user&cursor={page['nextCursor']}").json

    assert [one["memberId"] for one in (*page["data"], *rest["data"])] == [1, 3, 5]
    assert "next" not in rest.get("links", {})


def test_a_name_that_is_taken(app: MockApp, members: str) -> None:
    """Where a 409 is documented: for a new thing and for one that takes another's name."""
    double = call(app, "POST", members, {"email": "1@a.test"})
    renamed = call(app, "PUT", f"{members}/2", {"email": "1@a.test"})
    same = call(app, "PUT", f"{members}/1", {"email": "1@a.test", "role": "admin"})
    call(app, "DELETE", f"{members}/1")
    free = call(app, "POST", members, {"email": "1@a.test"})

    assert (double.status, renamed.status, same.status, free.status) == (409, 409, 200, 201)


def test_of_those_who_take_a_name_at_once_one_gets_it(app: MockApp) -> None:
    """The others are told, and nothing of theirs stays."""

    def take(client: httpx2.Client) -> int:
        return client.post("/teams", json={"name": "wanted"}).status_code

    with RunningMock(app) as mock, httpx2.Client(base_url=mock.url, verify=False) as client:
        with ThreadPoolExecutor(8) as pool:
            statuses = sorted(pool.map(take, [client] * 16))
        listed = client.get("/teams").json()

    assert statuses == [201] + [409] * 15
    assert [one["name"] for one in listed["data"]] == ["wanted"]


def test_entity_tags(app: MockApp, members: str) -> None:
    """A tag changes with its thing; what another client has changed is not overwritten."""
    tag = call(app, "GET", f"{members}/1").headers["etag"]
    same = call(app, "GET", f"{members}/1", if_none_match=f"W/{tag}")
    body = {"email": "new@a.test"}
    written = call(app, "PUT", f"{members}/1", body, if_match=f'"no", {tag}')
    late = call(app, "PUT", f"{members}/1", body, if_match=tag)
    any_ = call(app, "PATCH", f"{members}/1", {"role": "admin"}, MERGE, if_match="*")
    exists = call(app, "PUT", f"{members}/1", body, if_none_match="*")
    gone = call(app, "DELETE", f"{members}/1", if_match=tag)
    now = call(app, "GET", f"{members}/1", if_none_match=tag)

    assert (same.status, same.body, same.headers["etag"]) == (304, b"", tag)
    assert (written.status, late.status, any_.status) == (200, 412, 200)
    assert (exists.status, gone.status, now.status) == (412, 412, 200)
    assert len({tag, written.headers["etag"], any_.headers["etag"]}) == 3
    assert now.headers["etag"] == any_.headers["etag"]


def test_both_kinds_of_patches(app: MockApp, members: str) -> None:
    """A merge patch is an object, a JSON Patch a list; one that fails changes nothing."""
    call(app, "PATCH", f"{members}/1", {"tags": ["a"], "role": None}, MERGE)
    operations = [
        {"op": "test", "path": "/tags/0", "value": "a"},
        {"op": "add", "path": "/tags/-", "value": "b"},
        {"op": "move", "from": "/tags/0", "path": "/tags/1"},
        {"op": "replace", "path": "/memberId", "value": 99},
    ]
    done = call(app, "PATCH", f"{members}/1", operations, PATCH).json
    failed = [
        call(app, "PATCH", f"{members}/1", [{"op": "remove", "path": "/tags/0"}, wrong], PATCH)
        for wrong in (
            {"op": "test", "path": "/email", "value": "x"},
            {"op": "add", "path": "/tags/9", "value": "x"},
            {"op": "replace", "path": "", "value": []},
            {"op": "give"},
        )
    ]
    after = call(app, "GET", f"{members}/1").json

    assert (done["tags"], done["memberId"], "role" in done) == (["b", "a"], 1, False)
    assert [one.status for one in failed] == [409, 422, 422, 422]
    assert after == done


def test_an_action_does_what_its_name_says(app: MockApp, members: str) -> None:
    """Where no example says it; what the client chose stays."""
    before = call(app, "GET", f"{members}/2").json
    active = call(app, "POST", f"{members}/2/activate").json
    suspended = call(app, "POST", f"{members}/2/suspend").json
    asleep = call(app, "POST", f"{members}/2/deactivate").json

    assert active == {**before, "active": True}
    assert suspended == {**active, "status": "suspended"}
    assert asleep == {**suspended, "active": False}
    assert call(app, "GET", f"{members}/2").json == asleep
    assert call(app, "POST", f"{members}/77/activate").status == 404


@pytest.mark.parametrize(
    ("document", "operation", "expected"),
    [
        ({"a": 1}, {"op": "add", "path": "/b", "value": None}, {"a": 1, "b": None}),
        ({"a": [1, 3]}, {"op": "add", "path": "/a/1", "value": 2}, {"a": [1, 2, 3]}),
        ({"a": 1, "b": 2}, {"op": "remove", "path": "/b"}, {"a": 1}),
        ({"a/b": 1, "m~n": 2}, {"op": "remove", "path": "/a~1b"}, {"m~n": 2}),
        ({"m~n": 2}, {"op": "replace", "path": "/m~0n", "value": 3}, {"m~n": 3}),
        ({"a": {"b": 1}, "c": {}}, {"op": "move", "from": "/a/b", "path": "/c/d"}, None),
        ({"a": [1]}, {"op": "copy", "from": "/a", "path": "/b"}, {"a": [1], "b": [1]}),
        ({"": 1}, {"op": "replace", "path": "/", "value": 2}, {"": 2}),
        ({"a": 1}, {"op": "test", "path": "/a", "value": 1.0}, {"a": 1}),
        ({"a": 1}, {"op": "add", "path": "", "value": {"b": 1}}, {"b": 1}),
    ],
)
def test_a_json_patch(document: Any, operation: Any, expected: Any) -> None:
    """The operations of RFC 6902, and its appendix A."""
    before = json.dumps(document)
    moved = {"a": {}, "c": {"d": 1}}

    assert patched(document, [operation]) == (moved if expected is None else expected)
    assert json.dumps(document) == before


@pytest.mark.parametrize(
    "operation",
    [
        {"op": "remove", "path": "/x"},
        {"op": "replace", "path": "/x", "value": 1},
        {"op": "add", "path": "/x/y", "value": 1},
        {"op": "add", "path": "/a/01", "value": 1},
        {"op": "add", "path": "/a/2", "value": 1},
        {"op": "add", "path": "/b/c", "value": 1},
        {"op": "remove", "path": "/a/-"},
        {"op": "move", "from": "/a", "path": "/a/0"},
        {"op": "copy", "from": "/x", "path": "/y"},
        {"op": "test", "path": "/b", "value": True},
        {"op": "add", "path": "b", "value": 1},
        {"op": "add", "path": "/b"},
        {"op": "remove", "path": 5},
        {"op": ["add"]},
        "remove",
    ],
)
def test_a_json_patch_that_cannot_be_applied(operation: Any) -> None:
    """It is said which operation, and why."""
    with pytest.raises(PatchError, match=r"^/1: "):
        patched({"a": [0], "b": 1}, [{"op": "test", "path": "/b", "value": 1}, operation])


BOOKS = """
paths:
  /books:
    get:
      parameters:
        - {name: page, in: query, schema: {type: integer, default: 1}}
        - {name: per_page, in: query, schema: {type: integer, default: 2}}
        - {name: sort, in: query, schema: {type: string}}
        - {name: order, in: query, schema: {type: string}}
      responses:
        '200':
          description: a page
          headers: {Link: {schema: {type: string}}}
          content:
            application/json:
              schema:
                type: object
                properties:
                  books: {type: array, items: {$ref: '#/components/schemas/Book'}}
                  next_page: {type: integer, nullable: true}
                  prev_page: {type: integer, nullable: true}
                  links:
                    type: object
                    properties: {self: {type: string}, next: {type: string}, prev: {type: string}}
    post:
      requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/Book'}}}}
      responses:
        '201':
          description: one
          content: {application/json: {schema: {$ref: '#/components/schemas/Book'}}}
  /books/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
    delete: {responses: {'204': {description: gone}}}
  /shelf:
    get:
      responses:
        '200': {$ref: '#/components/responses/Shelf'}
        '404': {description: none}
    put:
      requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/Shelf'}}}}
      responses: {'200': {$ref: '#/components/responses/Shelf'}}
    delete: {responses: {'204': {description: gone}}}
components:
  responses:
    Shelf:
      description: the one
      content: {application/json: {schema: {$ref: '#/components/schemas/Shelf'}}}
  schemas:
    Shelf: {type: object, required: [wood], properties: {wood: {type: string}}}
    Book:
      type: object
      properties: {id: {type: integer, readOnly: true}, year: {type: integer}}
"""


@pytest.fixture
def books(tmp_path: Path) -> MockApp:
    """A mock with books of five years."""
    app = mock_of(tmp_path, BOOKS, stateful=True)
    for year in (2003, 2001, 2005, 2002, 2004):
        call(app, "POST", "/books", {"year": year})
    return app


def test_pages_know_their_neighbours(books: MockApp) -> None:
    """By number and by link; there is none after the last, and an empty page has none."""
    first, middle, last, none = (
        call(books, "GET", f"/books?{query}").json
        for query in ("sort=year", "page=2", "page=3", "per_page=0")
    )

    assert [one["next_page"] for one in (first, middle, last, none)] == [2, 3, None, None]
    assert [one["prev_page"] for one in (first, middle, last)] == [None, 1, 2]
    assert middle["links"] == {
        "self": "http://localhost/books?page=2",
        "next": "http://localhost/books?page=3",
        "prev": "http://localhost/books?page=1",
    }
    assert "next" not in last["links"]
    assert call(books, "GET", "/books?page=2").headers["link"].count("rel=") == 2


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("sort=year", 2001),
        ("sort=-year", 2005),
        ("sort=year:desc", 2005),
        ("sort=year&order=DESC", 2005),
        ("order=year", 2001),
        ("sort=no", 2003),
    ],
)
def test_a_list_is_sorted(books: MockApp, query: str, first: int) -> None:
    """By a property, either way; what is none changes nothing."""
    listed = call(books, "GET", f"/books?{query}&per_page=5").json["books"]

    assert (listed[0]["year"], len(listed)) == (first, 5)


def test_a_single_thing_that_is_deleted(books: MockApp) -> None:
    """It is gone where a 404 is documented, until it is written again."""
    before = call(books, "GET", "/shelf").status
    call(books, "DELETE", "/shelf")
    gone = ask(books, "GET", "/shelf").status
    call(books, "PUT", "/shelf", {"wood": "oak"})

    assert (before, gone) == (200, 404)
    assert call(books, "GET", "/shelf").json == {"wood": "oak"}
