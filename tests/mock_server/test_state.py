"""A stateful mock: what a POST, PUT, PATCH or DELETE did shows in later answers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx2
import pytest

from mock_server import MockApp, Settings, create_app
from mock_server.command.running import RunningMock
from mock_server.model.state_store import MemoryStore
from spec import Direction
from tests.mock_server.asking import Answered, ask, mock_of

TODOS = """
paths:
  /todos:
    get:
      parameters:
        - {name: done, in: query, schema: {type: boolean}}
        - {name: tag, in: query, schema: {type: array, items: {type: string}}}
        - {name: limit, in: query, schema: {type: integer, minimum: 1}}
        - {name: offset, in: query, schema: {type: integer, minimum: 0}}
      responses:
        '200':
          description: All
          content:
            application/json:
              schema:
                type: object
                required: [items, total]
                properties:
                  items: {type: array, items: {$ref: '#/components/schemas/Todo'}}
                  total: {type: integer}
                  hasMore: {type: boolean}
                  next: {type: string, nullable: true}
    post:
      requestBody:
        required: true
        content: {application/json: {schema: {$ref: '#/components/schemas/NewTodo'}}}
      responses:
        '201':
          description: Created
          headers: {Location: {schema: {type: string}}}
          content: {application/json: {schema: {$ref: '#/components/schemas/Todo'}}}
        '400': {description: No}
  /todos/{todoId}:
    parameters: [{name: todoId, in: path, required: true, schema: {type: integer}}]
    get:
      responses:
        '200':
          description: One
          content: {application/json: {schema: {$ref: '#/components/schemas/Todo'}}}
        '404':
          description: None
          content:
            application/json:
              schema: {type: object, required: [error], properties: {error: {type: string}}}
              example: {error: 'no todo {$request.path.todoId}'}
    put:
      requestBody:
        content: {application/json: {schema: {$ref: '#/components/schemas/NewTodo'}}}
      responses:
        '200':
          description: Replaced
          content: {application/json: {schema: {$ref: '#/components/schemas/Todo'}}}
        '404': {description: None}
    patch:
      requestBody:
        content:
          application/merge-patch+json:
            schema:
              type: object
              properties: {title: {type: string}, note: {type: string, nullable: true}}
          application/json:
            schema: {type: object}
      responses:
        '200':
          description: Changed
          content: {application/json: {schema: {$ref: '#/components/schemas/Todo'}}}
        '404': {description: None}
    delete:
      responses: {'204': {description: Gone}, '404': {description: None}}
components:
  schemas:
    NewTodo:
      type: object
      required: [title]
      properties:
        title: {type: string, maxLength: 20}
        note: {type: string, nullable: true}
        done: {type: boolean, default: false}
        tag: {type: string}
        secret: {type: string, writeOnly: true}
    Todo:
      type: object
      required: [id, title, done, createdAt]
      additionalProperties: false
      properties:
        id: {type: integer, readOnly: true}
        title: {type: string, maxLength: 20}
        note: {type: string, nullable: true}
        done: {type: boolean}
        tag: {type: string}
        createdAt: {type: string, format: date-time, readOnly: true}
"""


@pytest.fixture
def app(tmp_path: Path) -> MockApp:
    """A stateful mock of a plain contract, in which nothing was done yet."""
    return mock_of(tmp_path, TODOS, stateful=True)


def create(app: MockApp, title: str, **more: Any) -> Answered:
    """Create a todo."""
    return ask(app, "POST", "/todos", json_body={"title": title, **more})


def titles(app: MockApp, query: str = "") -> list[str]:
    """The titles that the list shows."""
    return [one["title"] for one in ask(app, "GET", f"/todos{query}").json["items"]]


def test_the_life_of_a_thing(app: MockApp) -> None:
    """Created, read, listed, patched, replaced, deleted, and gone."""
    assert ask(app, "GET", "/todos").json["items"] == []
    made = create(app, "Buy milk", secret="s", note="now")
    url = f"/todos/{made.json['id']}"
    read = ask(app, "GET", url)
    patched = ask(app, "PATCH", url, json_body={"done": True})
    listed = ask(app, "GET", "/todos")
    replaced = ask(app, "PUT", url, json_body={"title": "Buy bread"})
    deleted = ask(app, "DELETE", url)
    after = ask(app, "GET", url)

    assert (made.status, made.headers["x-mock-source"]) == (201, "state")
    assert made.headers["location"] == url
    assert made.json | {"title": "Buy milk", "note": "now", "done": False} == made.json
    assert "secret" not in made.json
    assert (read.status, read.json, read.headers["x-mock-source"]) == (200, made.json, "state")
    assert patched.json == {**made.json, "done": True}
    assert listed.json["items"] == [patched.json]
    assert listed.json["total"] == 1
    assert listed.headers["x-mock-source"] == "state"
    assert replaced.json == {
        **{k: v for k, v in made.json.items() if k != "note"},
        "title": "Buy bread",
    }
    assert (deleted.status, deleted.headers["x-mock-source"]) == (204, "state")
    assert (after.status, after.json) == (404, {"error": f"no todo {made.json['id']}"})
    assert titles(app) == []
    assert ask(app, "DELETE", url).status == 404
    assert ask(app, "PATCH", url, json_body={}).status == 404
    assert ask(app, "PUT", url, json_body={"title": "x"}).status == 404
    assert create(app, "Another").json["id"] != made.json["id"]


def test_a_wish_and_a_bad_request_change_nothing(app: MockApp) -> None:
    """Only what the contract accepts is remembered; a wish gets the contract's own answer."""
    ask(app, "POST", "/todos?__code=201", json_body={"title": "wished"})
    create(app, "x" * 21)
    ask(app, "POST", "/todos", json_body={"note": "no title"})

    assert titles(app) == []
    wished = ask(app, "GET", "/todos/7?__code=200")
    assert (wished.status, wished.headers["x-mock-source"]) == (200, "generated:0")


def test_a_null_in_a_patch(app: MockApp) -> None:
    """In a merge patch it removes; in plain JSON it is a value where the schema takes it."""
    url = f"/todos/{create(app, 'a', note='n', tag='t').json['id']}"
    plain = ask(app, "PATCH", url, json_body={"note": None, "tag": None}).json
    body = b'{"note": null}'
    headers = {"content-type": "application/merge-patch+json"}
    strict = ask(app, "PATCH", url, body, headers=headers).json

    assert plain["note"] is None
    assert "tag" not in plain
    assert "note" not in strict


def test_the_id_is_not_the_clients(app: MockApp) -> None:
    """An id that the server gives is not changed by a patch, nor taken from a body."""
    made = ask(app, "POST", "/todos", json_body={"title": "a", "id": 99}).json
    ask(app, "PATCH", f"/todos/{made['id']}", json_body={"id": 98, "title": "b"})

    assert made["id"] == 1
    assert ask(app, "GET", "/todos/1").json["title"] == "b"


def test_lists_are_filtered_and_paged(app: MockApp) -> None:
    """Parameters named like properties filter, limit and offset cut, the wrapper counts."""
    for number in range(5):
        create(app, str(number), done=number % 2 == 0, tag="ab"[number % 2])
    page = ask(app, "GET", "/todos?limit=2&offset=1").json
    last = ask(app, "GET", "/todos?limit=2&offset=4").json

    assert titles(app, "?done=true") == ["0", "2", "4"]
    assert titles(app, "?tag=b&tag=c") == ["1", "3"]
    assert titles(app, "?done=false&limit=1") == ["1"]
    assert [one["title"] for one in page["items"]] == ["1", "2"]
    assert page["total"] == 5
    assert page.get("hasMore", True) is True
    assert last.get("hasMore", False) is False
    assert not last.get("next")


PAGES = """
paths:
  /notes:
    get:
      parameters:
        - {name: limit, in: query, schema: {type: integer, minimum: 0}}
      responses:
        '200':
          description: A page
          content:
            application/json:
              schema:
                type: object
                required: [items, total, limit, totalPages]
                properties:
                  items: {type: array, items: {$ref: '#/components/schemas/Note'}}
                  total: {type: integer}
                  limit: {type: integer}
                  totalPages: {type: integer}
    post:
      requestBody:
        content: {application/json: {schema: {type: object, properties: {text: {type: string}}}}}
      responses:
        '201':
          description: Created
          content: {application/json: {schema: {$ref: '#/components/schemas/Note'}}}
  /notes/{id}:
    get:
      parameters: [{name: id, in: path, required: true, schema: {type: string}}]
      responses:
        '200':
          description: One
          content: {application/json: {schema: {$ref: '#/components/schemas/Note'}}}
components:
  schemas:
    Note:
      type: object
      required: [id]
      properties: {id: {type: string, pattern: '^note_[a-z]{4}$'}, text: {type: string}}
"""


@pytest.mark.parametrize(
    ("query", "told"),
    [("", (3, 3, 3, 1)), ("?limit=2", (2, 3, 2, 2)), ("?limit=0", (0, 3, 0, 1))],
)
def test_a_page_says_its_limit_and_how_many_there_are(
    query: str, told: tuple[int, ...], tmp_path: Path
) -> None:
    """Without a limit the page is all; with a limit of 0 it is nothing."""
    app = mock_of(tmp_path, PAGES, stateful=True)
    for text in "abc":
        ask(app, "POST", "/notes", json_body={"text": text})
    page = ask(app, "GET", f"/notes{query}").json

    assert (len(page["items"]), page["total"], page["limit"], page["totalPages"]) == told


def test_a_body_of_any_form_is_kept(tmp_path: Path) -> None:
    """What a client may send decides on everything then: nothing is the server's own."""
    app = mock_of(
        tmp_path,
        """
        paths:
          /bags:
            post:
              requestBody: {content: {application/json: {schema: {type: object}}}}
              responses:
                '201':
                  description: Created
                  content: {application/json: {schema: {$ref: '#/components/schemas/Bag'}}}
          /bags/{id}:
            parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
            get:
              responses:
                '200':
                  description: One
                  content: {application/json: {schema: {$ref: '#/components/schemas/Bag'}}}
            put:
              requestBody: {content: {application/json: {schema: {type: object}}}}
              responses:
                '200':
                  description: One
                  content: {application/json: {schema: {$ref: '#/components/schemas/Bag'}}}
        components:
          schemas:
            Bag: {type: object, properties: {id: {type: integer}}, additionalProperties: true}
        """,
        stateful=True,
    )
    made = ask(app, "POST", "/bags", json_body={"colour": "red"}).json
    put = ask(app, "PUT", f"/bags/{made['id']}", json_body={"colour": "blue", "size": 2})

    assert put.status == 200
    assert ask(app, "GET", f"/bags/{made['id']}").json == {**made, "colour": "blue", "size": 2}


OF_OWNERS = """
paths:
  /teams/{team}/keys:
    parameters: [{name: team, in: path, required: true, schema: {type: string}}]
    post:
      requestBody:
        content:
          application/json:
            schema: {type: object, properties: {apiKey: {type: string}, secret: {type: string}}}
      responses:
        '201':
          description: Created
          content: {application/json: {schema: {$ref: '#/components/schemas/Key'}}}
  /teams/{team}/keys/{id}:
    parameters:
      - {name: team, in: path, required: true, schema: {type: string}}
      - {name: id, in: path, required: true, schema: {type: integer}}
    get:
      responses:
        '200':
          description: One
          content:
            application/json:
              schema: {$ref: '#/components/schemas/Key'}
              example: {id: 7, team: red, maskedKey: sk-1}
        '404': {description: None}
components:
  schemas:
    Key:
      type: object
      required: [id]
      properties: {id: {type: integer}, team: {type: string}, maskedKey: {type: string}}
"""


def test_the_thing_of_an_example_belongs_to_its_owner(tmp_path: Path) -> None:
    """Where an example names the owner that a path names, others do not have it."""
    app = mock_of(tmp_path, OF_OWNERS, stateful=True)
    statuses = [ask(app, "GET", f"/teams/{team}/keys/7").status for team in ("red", "blue")]

    assert statuses == [200, 404]


@pytest.mark.parametrize(
    ("body", "masked"),
    [
        ({"apiKey": "sk-or-v1-0123456789abcdef"}, "sk-or-v1••••••••cdef"),
        ({"apiKey": "sk-or-v1-0123456789abcdef", "secret": "another-secret"}, None),
    ],
)
def test_one_credential_shows_masked(body: Any, masked: str | None, tmp_path: Path) -> None:
    """Of two nobody can know which one is meant."""
    app = mock_of(tmp_path, OF_OWNERS, stateful=True)
    made = ask(app, "POST", "/teams/red/keys", json_body=body).json

    assert not set(body) & set(made)
    assert (made.get("maskedKey") == masked) is (masked is not None)


def test_ids_have_the_form_that_the_contract_gives_them(tmp_path: Path) -> None:
    """Where neither a number nor a UUID fits, each is generated from the schema."""
    app = mock_of(tmp_path, PAGES, stateful=True)
    ids = [ask(app, "POST", "/notes", json_body={}).json["id"] for _ in range(3)]

    assert [re.fullmatch("note_[a-z]{4}", one) is not None for one in ids] == [True] * 3
    assert len(set(ids)) == 3
    assert ask(app, "GET", f"/notes/{ids[0]}").json["id"] == ids[0]


def test_a_scenario_that_is_only_slow_keeps_the_state(app: MockApp) -> None:
    """A slow network loses nothing: what was created shows later."""
    app.play({"operation": "*", "answers": [{"delay": 0.01}], "repeat": True})
    made = ask(app, "POST", "/todos", json_body={"title": "slow"})

    assert made.headers["x-mock-source"] == "state"
    assert "slow" in str(ask(app, "GET", "/todos").json)


def test_each_key_has_its_own_state_and_a_reset_forgets(app: MockApp) -> None:
    """Parallel tests do not meet; `POST /__mock/reset` makes the mock as good as new."""
    create(app, "of nobody")
    ask(app, "POST", "/todos", json_body={"title": "of k"}, headers={"x-mock-key": "k"})

    def of_k() -> list[str]:
        found = ask(app, "GET", "/todos", headers={"x-mock-key": "k"}).json["items"]
        return [one["title"] for one in found]

    assert titles(app) == ["of nobody"]
    assert of_k() == ["of k"]
    assert ask(app, "POST", "/__mock/reset?key=k").status == 204
    assert of_k() == []
    assert titles(app) == ["of nobody"]
    assert ask(app, "POST", "/__mock/reset").status == 204
    assert titles(app) == []
    assert create(app, "again").json["id"] == 1


def test_the_journal_tells_the_source(app: MockApp) -> None:
    """Who reads the journal sees that the answer came from state."""
    create(app, "a")

    assert app.entries()[0]["source"] == "state"


def test_without_the_flag_nothing_is_remembered(tmp_path: Path) -> None:
    """State is asked for by name."""
    app = mock_of(tmp_path, TODOS)
    create(app, "a")

    assert app.state is None
    assert ask(app, "GET", "/todos/99").status == 200


def test_what_cannot_satisfy_the_schema_is_the_contracts_own(tmp_path: Path) -> None:
    """The answer keeps its promise, and says that it is not from state."""
    app = mock_of(
        tmp_path,
        """
paths:
  /a:
    get:
      responses:
        '200':
          description: All
          content:
            application/json:
              schema:
                type: array
                minItems: 2
                items: {type: object, properties: {id: {type: integer}, n: {type: integer}}}
              example: [{id: 1}, {id: 2}]
    post:
      requestBody: {content: {application/json: {schema: {type: object}}}}
      responses: {'204': {description: Created}}
  /a/{id}:
    delete:
      parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
      responses: {'204': {description: Gone}}
""",
        stateful=True,
    )
    ask(app, "DELETE", "/a/1")
    listed = ask(app, "GET", "/a")

    assert listed.json == [{"id": 1}, {"id": 2}]
    assert listed.headers["x-mock-source"] == "example"
    assert "2" in listed.headers["x-mock-state"]


def test_examples_are_there_from_the_start(tmp_path: Path) -> None:
    """What the contract shows in its examples can be read, changed and deleted."""
    example = """
              example:
                items:
                  - {id: 1, title: One, done: false, createdAt: '2026-01-01T00:00:00Z'}
                  - {id: 2, title: Two, done: true, createdAt: '2026-01-01T00:00:00Z'}
                total: 2
"""
    before = "                  next: {type: string, nullable: true}\n"
    app = mock_of(tmp_path, TODOS.replace(before, before + example.lstrip("\n")), stateful=True)
    assert titles(app) == ["One", "Two"]
    assert ask(app, "GET", "/todos/2").json["title"] == "Two"
    assert ask(app, "PATCH", "/todos/1", json_body={"title": "Uno"}).json["title"] == "Uno"
    assert ask(app, "DELETE", "/todos/2").status == 204
    assert create(app, "Three").json["id"] == 3
    assert titles(app) == ["Uno", "Three"]
    assert ask(app, "GET", "/todos/2").status == 404
    app.reset()
    assert titles(app) == ["One", "Two"]


USERS = """
paths:
  /users:
    get: {responses: {'200': {$ref: '#/components/responses/Users'}}}
  /users/{username}:
    parameters: [{name: username, in: path, required: true, schema: {type: string}}]
    get:
      responses:
        '200': {$ref: '#/components/responses/User'}
        default: {description: None}
    put:
      requestBody:
        content: {application/json: {schema: {$ref: '#/components/schemas/User'}}}
      responses:
        '200': {$ref: '#/components/responses/User'}
        '201': {$ref: '#/components/responses/User'}
    delete: {responses: {'200': {$ref: '#/components/responses/User'}}}
  /users/{name}/posts:
    parameters: [{name: name, in: path, required: true, schema: {type: string}}]
    get:
      responses:
        '200':
          description: All
          content:
            application/json:
              schema: {type: array, items: {$ref: '#/components/schemas/Post'}}
        '404': {description: None}
    post:
      requestBody:
        content:
          application/json:
            schema: {type: object, required: [text], properties: {text: {type: string}}}
      responses:
        '201': {$ref: '#/components/responses/Post'}
        '404': {description: None}
  /users/{name}/posts/{postId}:
    parameters:
      - {name: name, in: path, required: true, schema: {type: string}}
      - {name: postId, in: path, required: true, schema: {type: string}}
    get:
      responses:
        '200': {$ref: '#/components/responses/Post'}
        '404': {description: None}
components:
  responses:
    Users:
      description: All
      content:
        application/json:
          schema: {type: array, items: {$ref: '#/components/schemas/User'}}
    User:
      description: One
      content: {application/json: {schema: {$ref: '#/components/schemas/User'}}}
    Post:
      description: One
      content:
        application/json:
          schema:
            type: object
            required: [data]
            properties: {data: {$ref: '#/components/schemas/Post'}}
  schemas:
    User:
      type: object
      required: [username]
      properties: {username: {type: string}, age: {type: integer}}
    Post:
      type: object
      required: [id, text, userName]
      properties:
        id: {type: string, format: uuid}
        text: {type: string}
        userName: {type: string}
"""


def test_nested_things_belong_to_theirs(tmp_path: Path) -> None:
    """A PUT creates where 201 is documented; what is below a thing goes with it."""
    app = mock_of(tmp_path, USERS, stateful=True)
    assert ask(app, "GET", "/users/a%2Fb/posts").status == 404
    assert ask(app, "POST", "/users/a%2Fb/posts", json_body={"text": "lost"}).status == 404
    created = ask(app, "PUT", "/users/a%2Fb", json_body={"username": "a/b", "age": 1})
    again = ask(app, "PUT", "/users/a%2Fb", json_body={"username": "other"})
    post = ask(app, "POST", "/users/a%2Fb/posts", json_body={"text": "hello"})
    ask(app, "PUT", "/users/c", json_body={"username": "c"})

    assert (created.status, again.status, post.status) == (201, 200, 201)
    assert again.json == {"username": "a/b"}
    made = post.json["data"]
    assert (made["text"], made["userName"]) == ("hello", "a/b")
    assert ask(app, "GET", f"/users/a%2Fb/posts/{made['id']}").json == {"data": made}
    assert ask(app, "GET", "/users/a%2Fb/posts").json == [made]
    assert ask(app, "GET", "/users/c/posts").json == []
    assert ask(app, "GET", f"/users/c/posts/{made['id']}").status == 404
    gone = ask(app, "DELETE", "/users/a%2Fb")
    assert (gone.status, gone.json) == (200, {"username": "a/b"})
    assert ask(app, "GET", "/users/a%2Fb/posts").status == 404
    ask(app, "PUT", "/users/a%2Fb", json_body={"username": "a/b"})
    assert ask(app, "GET", "/users/a%2Fb/posts").json == []


PETS = """
paths:
  /pet:
    post: &with_pet
      requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/Pet'}}}}
      responses:
        '200': {$ref: '#/components/responses/Pet'}
        '404': {description: None}
        '409': {description: There already}
    put: *with_pet
  /pet/findByStatus:
    get:
      parameters: [{name: status, in: query, schema: {type: string}}]
      responses:
        '200':
          description: Some
          content:
            application/json:
              schema: {type: array, items: {$ref: '#/components/schemas/Pet'}}
  /pet/{petId}:
    parameters: [{name: petId, in: path, required: true, schema: {type: integer}}]
    get:
      responses:
        '200': {$ref: '#/components/responses/Pet'}
        '404': {description: None}
    post:
      parameters: [{name: name, in: query, schema: {type: string}}]
      responses: {'200': {$ref: '#/components/responses/Pet'}}
    delete: {responses: {'200': {description: Gone}}}
  /adoptions:
    post:
      requestBody:
        content:
          application/json: {schema: {type: object, properties: {who: {type: string}}}}
      responses:
        '201':
          description: Made
          content: {application/json: {schema: {$ref: '#/components/schemas/Paper'}}}
          links: {it: {operationId: getPaper, parameters: {number: '$response.body#/ref'}}}
  /papers/{number}:
    get:
      operationId: getPaper
      parameters: [{name: number, in: path, required: true, schema: {type: string}}]
      responses:
        '200':
          description: It
          content: {application/json: {schema: {$ref: '#/components/schemas/Paper'}}}
        '404': {description: None}
components:
  responses:
    Pet:
      description: It
      content: {application/json: {schema: {$ref: '#/components/schemas/Pet'}}}
  schemas:
    Paper:
      type: object
      required: [ref, who]
      properties: {ref: {type: string}, who: {type: string}}
    Pet:
      type: object
      required: [name]
      properties: {id: {type: integer}, name: {type: string}, status: {enum: [available, sold]}}
"""


def test_a_pet_store(tmp_path: Path) -> None:
    """Ids that clients choose, PUT on the collection, views of it, updates by POST, links."""
    app = mock_of(tmp_path, PETS, stateful=True)
    pet = {"id": 7, "name": "Rex", "status": "available"}
    assert ask(app, "POST", "/pet", json_body=pet).json == pet
    assert ask(app, "POST", "/pet", json_body=pet).status == 409
    assert ask(app, "PUT", "/pet", json_body={**pet, "status": "sold"}).json["status"] == "sold"
    assert ask(app, "PUT", "/pet", json_body={"id": 8, "name": "x"}).status == 404
    assert ask(app, "GET", "/pet/findByStatus?status=sold").json == [{**pet, "status": "sold"}]
    assert ask(app, "GET", "/pet/findByStatus?status=available").json == []
    assert ask(app, "POST", "/pet/7?name=Max").json["name"] == "Max"
    assert ask(app, "GET", "/pet/7").json == {"id": 7, "name": "Max", "status": "sold"}
    assert ask(app, "DELETE", "/pet/7").status == 200
    assert ask(app, "GET", "/pet/7").status == 404
    adopted = ask(app, "POST", "/adoptions", json_body={"who": "Ada"}).json
    assert ask(app, "GET", f"/papers/{adopted['ref']}").json == adopted
    assert ask(app, "GET", "/papers/none").status == 404


JOBS = """
paths:
  /jobs:
    get:
      responses:
        '200':
          description: All
          content:
            application/json:
              schema: {type: array, items: {$ref: '#/components/schemas/Job'}}
              example: [{id: a, state: running}, {id: b, state: done}]
  /jobs/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    get:
      responses:
        '200':
          description: One
          content:
            application/json:
              schema: {$ref: '#/components/schemas/Job'}
              example: {id: a, state: running}
    delete: {responses: {'204': {description: Gone}}}
  /jobs/{id}/cancel:
    post:
      parameters: [{name: id, in: path, required: true, schema: {type: string}}]
      responses:
        '200':
          description: Cancelled
          content:
            application/json:
              schema: {$ref: '#/components/schemas/Job'}
              example: {id: a, state: cancelled}
components:
  schemas:
    Job: {type: object, required: [id], properties: {id: {type: string}, state: {type: string}}}
"""


def test_what_nobody_creates_is_there_until_it_is_deleted(tmp_path: Path) -> None:
    """Without a way to create, any thing is the contract's own, changed as it was changed."""
    app = mock_of(tmp_path, JOBS, stateful=True)
    assert ask(app, "GET", "/jobs/z").headers["x-mock-source"] == "example"
    assert ask(app, "POST", "/jobs/b/cancel").json == {"id": "b", "state": "cancelled"}
    assert ask(app, "GET", "/jobs/b").json == {"id": "b", "state": "cancelled"}
    assert ask(app, "DELETE", "/jobs/a").status == 204
    assert ask(app, "GET", "/jobs").json == [{"id": "b", "state": "cancelled"}]
    assert ask(app, "GET", "/jobs/a").status == 404
    assert ask(app, "POST", "/jobs/a/cancel").status == 404


KEY = "sk-or-v1-a-key-that-was-set-9z8y"


@pytest.fixture
def gateway() -> MockApp:
    """The mock of InsForge's AI API, stateful."""
    return create_app(settings=Settings(stateful=True))


def signed_in(app: MockApp, method: str, target: str, body: Any = None) -> Answered:
    """Ask with a credential."""
    return ask(app, method, target, json_body=body, headers=[("authorization", "Bearer t")])


def test_the_keys_of_the_gateway_show_masked(gateway: MockApp) -> None:
    """PUT config shows in GET config; what a PUT leaves out stays."""
    before = signed_in(gateway, "GET", "/api/ai/config")
    put = signed_in(gateway, "PUT", "/api/ai/config", {"apiKey": KEY})
    got = signed_in(gateway, "GET", "/api/ai/config")
    signed_in(gateway, "PUT", "/api/ai/config", {"managementKey": "short"})
    both = signed_in(gateway, "GET", "/api/ai/config").json

    assert before.headers["x-mock-source"] == "example:both"
    assert put.json == got.json
    assert got.headers["x-mock-source"] == "state"
    assert got.json["apiKey"] == {"configured": True, "maskedKey": "sk-or-v1••••••••9z8y"}
    assert got.json["managementKey"] == before.json["managementKey"]
    assert both["apiKey"] == got.json["apiKey"]
    assert both["managementKey"] == {"configured": True, "maskedKey": "••••••••"}


def test_a_rotated_key_is_the_one_in_use(gateway: MockApp) -> None:
    """What rotate answered is what api-key reveals, and each rotation gives another key."""
    url = "/api/ai/openrouter/api-key"
    first = signed_in(gateway, "GET", url).json
    rotated = signed_in(gateway, "POST", f"{url}/rotate").json
    shown = signed_in(gateway, "GET", url).json
    again = signed_in(gateway, "POST", f"{url}/rotate").json

    assert rotated == shown
    assert len({one["apiKey"] for one in (first, rotated, again)}) == 3
    assert signed_in(gateway, "GET", url).json == again
    assert signed_in(gateway, "POST", "/api/ai/openrouter/api-key/rotate?__code=500").status == 500
    assert signed_in(gateway, "GET", url).json == again


def test_what_is_no_resource_answers_as_ever(gateway: MockApp) -> None:
    """Images and chats leave nothing behind."""
    body = {"model": "m", "prompt": "p"}
    answer = signed_in(gateway, "POST", "/api/ai/image/generation", body)

    assert answer.headers["x-mock-source"] == "example:one"


@pytest.fixture
def running(app: MockApp) -> Iterator[RunningMock]:
    """The stateful mock on a socket."""
    with RunningMock(app) as mock:
        yield mock


def test_concurrent_writers_lose_nothing(running: RunningMock) -> None:
    """Eight clients create, patch and delete at once: all of it happened, each thing once."""
    with httpx2.Client(base_url=running.url) as first:
        shared = first.post("/todos", json={"title": "shared"}).json()["id"]

    def work(number: int) -> tuple[list[int], int]:
        with httpx2.Client(base_url=running.url) as client:
            made = [
                client.post("/todos", json={"title": f"{number}-{turn}"}).json()["id"]
                for turn in range(20)
            ]
            for turn in range(10):
                client.patch(f"/todos/{made[turn]}", json={"done": True})
            client.patch(f"/todos/{shared}", json={"abcdefgh"[number]: 1, "note": str(number)})
            return made, client.delete(f"/todos/{shared}").status_code

    with ThreadPoolExecutor(8) as pool:
        done = list(pool.map(work, range(8)))
    with httpx2.Client(base_url=running.url) as client:
        listed = client.get("/todos").json()

    ids = [id_ for made, _ in done for id_ in made]
    assert len(set(ids)) == 160
    assert sorted(one["id"] for one in listed["items"]) == sorted(ids)
    assert sum(one["done"] for one in listed["items"]) == 80
    assert sorted(status for _, status in done) == [204] + [404] * 7


def test_every_answer_satisfies_its_schema(app: MockApp) -> None:
    """Whatever was sent: odd texts, nulls, unknown properties, and a store that forgets."""
    app = create_app(app.contract, settings=Settings(stateful=True))
    assert isinstance(app.state, MemoryStore)
    app.state.most_documents = 5
    operation = app.contract.operation("GET /todos")
    assert operation is not None
    schema = operation.responses[0].content[0].schema
    assert schema is not None
    for number in range(12):
        create(app, "é\u2028{$request.body#/title}"[:20], note=None, other=[number], createdAt="no")
    listed = ask(app, "GET", "/todos").json

    assert app.contract.violations(schema, Direction.RESPONSE, listed) == ()
    assert [one["id"] for one in listed["items"]] == [8, 9, 10, 11, 12]
    assert ask(app, "GET", "/todos/1").status == 404


FORMS = """
paths:
  /lamps:
    post:
      requestBody:
        content:
          application/x-www-form-urlencoded: {schema: {$ref: '#/components/schemas/New'}}
          multipart/form-data: {schema: {$ref: '#/components/schemas/New'}}
      responses:
        '201': {$ref: '#/components/responses/Lamp'}
  /lamps/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    get:
      responses:
        '200': {$ref: '#/components/responses/Lamp'}
    patch:
      requestBody:
        content: {application/x-www-form-urlencoded: {schema: {$ref: '#/components/schemas/Lamp'}}}
      responses:
        '200': {$ref: '#/components/responses/Lamp'}
components:
  responses:
    Lamp:
      description: one
      content: {application/json: {schema: {$ref: '#/components/schemas/Lamp'}}}
  schemas:
    New:
      type: object
      required: [name]
      properties:
        name: {type: string}
        watts: {type: integer}
        picture: {type: string, format: binary, writeOnly: true}
    Lamp:
      type: object
      properties:
        id: {type: string, readOnly: true}
        name: {type: string}
        watts: {type: integer}
"""


@pytest.mark.parametrize(
    ("media", "body"),
    [
        ("application/x-www-form-urlencoded", b"name=desk&watts=5"),
        (
            "multipart/form-data; boundary=b",
            b'--b\r\nContent-Disposition: form-data; name="name"\r\n\r\ndesk\r\n'
            b'--b\r\nContent-Disposition: form-data; name="watts"\r\n\r\n5\r\n'
            b'--b\r\nContent-Disposition: form-data; name="picture"; filename="p"\r\n\r\n\xff\r\n'
            b"--b--\r\n",
        ),
    ],
    ids=["urlencoded", "multipart"],
)
def test_forms_are_kept_by_their_fields(tmp_path: Path, media: str, body: bytes) -> None:
    """What a form creates or changes is an object whose values have the types of the schema."""
    app = mock_of(tmp_path, FORMS, stateful=True)
    made = ask(app, "POST", "/lamps", body, headers={"content-type": media}).json
    changes = {"content-type": "application/x-www-form-urlencoded"}
    ask(app, "PATCH", f"/lamps/{made['id']}", b"watts=9", headers=changes)
    read = ask(app, "GET", f"/lamps/{made['id']}").json

    assert made == {"id": made["id"], "name": "desk", "watts": 5}
    assert read == {"id": made["id"], "name": "desk", "watts": 9}
