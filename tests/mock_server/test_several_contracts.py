"""Several contracts on one port: where each is served, what clashes, and what they share."""

from __future__ import annotations

import time
from pathlib import Path
from textwrap import dedent

import httpx2
import pytest

from mock_server import MockApp, Settings, create_app
from mock_server.admin.scenario_schema import ScenarioError
from spec import Contract, load
from tests.command import launched, ran_here
from tests.mock_server.asking import ask

DATA = """
openapi: 3.0.3
info: {title: Data, version: "1"}
servers: [{url: https://api.test/data}]
components: {securitySchemes: {b: {type: http, scheme: bearer}}}
paths:
  /items:
    get:
      operationId: list
      security: [{b: []}]
      responses:
        "200": {description: ok, content: {application/json: {example: [1]}}}
        "401": {description: no}
  /items/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    delete: {operationId: remove, responses: {"204": {description: gone}}}
"""
AUTH = """
openapi: 3.1.0
info: {title: Auth, version: "2"}
servers: [{url: /auth}]
components: {securitySchemes: {k: {type: apiKey, in: header, name: X-Session}}}
paths:
  /refresh:
    post:
      operationId: refresh
      security: [{k: []}]
      responses: {"200": {description: ok, content: {application/json: {example: {token: new}}}}}
  /items:
    get:
      operationId: list
      responses: {"200": {description: ok, content: {application/json: {example: two}}}}
"""
HEADERS = {"authorization": "Bearer t"}


def _contracts(folder: Path, *texts: str) -> list[Contract]:
    made = []
    for number, text in enumerate(texts):
        file = folder / f"c{number}.yaml"
        file.write_text(dedent(text))
        made.append(load(file))
    return made


def _app(folder: Path, *texts: str) -> MockApp:
    return create_app(_contracts(folder, *texts), settings=Settings())


def test_each_is_served_at_its_servers_paths(tmp_path: Path) -> None:
    """A path of both is found at each server; at the root only what no other contract has."""
    app = _app(tmp_path, DATA, AUTH)
    data = ask(app, "GET", "/data/items", headers=HEADERS)
    auth = ask(app, "GET", "/auth/items")
    root = ask(app, "POST", "/refresh", headers={"x-session": "s"})

    assert (data.json, auth.json, root.json) == ([1], "two", {"token": "new"})
    assert ask(app, "GET", "/items", headers=HEADERS).status == 404
    assert ask(app, "GET", "/data/items").status == 401


def test_a_clash_is_told_with_both_places_and_the_first_is_served(tmp_path: Path) -> None:
    """Parameters' names make no difference to a path; the other operations are served."""
    first = DATA.replace("https://api.test/data", "/")
    second = """
    openapi: 3.0.3
    info: {title: Second, version: "1"}
    paths:
      /items/{name}:
        delete: {responses: {"202": {description: soon}}}
        put: {responses: {"200": {description: ok}}}
    """
    app = _app(tmp_path, first, second)
    (clash,) = map(str, app.clashes)
    wrong_method = ask(app, "POST", "/items/7")

    assert str(tmp_path / "c1.yaml:6") in clash
    assert str(tmp_path / "c0.yaml:16") in clash
    assert ask(app, "DELETE", "/items/7").status == 204
    assert ask(app, "PUT", "/items/7").status == 200
    assert wrong_method.status == 405
    assert set(wrong_method.headers["allow"].split(", ")) == {"DELETE", "PUT", "OPTIONS"}


def test_one_contract_does_not_clash_with_itself(tmp_path: Path) -> None:
    """What it has twice is a fault of its own, told as before."""
    text = DATA.replace("servers:", "x-not:") + "  /items/{other}: {delete: {responses: {}}}\n"
    app = _app(tmp_path, text, AUTH)

    assert app.clashes == ()
    assert [one.code for one in app.contracts[0].faults if "same path" in one.what]


def test_names_that_two_contracts_have(tmp_path: Path) -> None:
    """An id that two have is refused with those that are meant, and each may have its title."""
    app = _app(tmp_path, DATA, AUTH)
    with pytest.raises(ScenarioError, match=r"'Data:GET /items' and 'Auth:GET /items'"):
        app.play({"operation": "GET /items", "answers": [{"status": 500}]})
    with pytest.raises(ScenarioError, match="name one of"):
        app.play({"operation": "list", "answers": [{"status": 500}]})
    app.play({"operation": "Auth:list", "answers": [{"status": 503}]})
    app.play({"operation": "Data:DELETE /items/{id}", "answers": [{"status": 502}]})
    listed = ask(app, "GET", "/__mock/operations").json

    assert ask(app, "GET", "/data/items", headers=HEADERS).status == 200
    assert ask(app, "GET", "/auth/items").status == 503
    assert ask(app, "DELETE", "/data/items/1").status == 502
    assert [(one["id"], one["contract"], one["path"]) for one in listed] == [
        ("Data:GET /items", "Data", "/data/items"),
        ("DELETE /items/{id}", "Data", "/data/items/{id}"),
        ("POST /refresh", "Auth", "/auth/refresh"),
        ("Auth:GET /items", "Auth", "/auth/items"),
    ]


def test_contracts_of_one_title_are_called_by_their_files(tmp_path: Path) -> None:
    """A name has to be unique."""
    app = _app(tmp_path, DATA, DATA.replace("/data", "/other"))
    ids = [one["id"] for one in ask(app, "GET", "/__mock/operations").json]

    assert ids[0] == f"{tmp_path / 'c0.yaml'}:GET /items"
    assert len(set(ids)) == 4


def test_a_token_is_refreshed_at_a_path_of_another_contract(tmp_path: Path) -> None:
    """401, refresh, 200: one journal and one set of scenarios, and no secret of either is shown."""
    app = _app(tmp_path, DATA, AUTH)
    app.play({"operation": "Data:list", "answers": [{"status": 401}]})
    first = ask(app, "GET", "/data/items", headers=HEADERS)
    refreshed = ask(app, "POST", "/auth/refresh", headers={"x-session": "very-secret"})
    again = {"authorization": f"Bearer {refreshed.json['token']}"}
    second = ask(app, "GET", "/data/items", headers=again)
    entries = ask(app, "GET", "/__mock/requests").json

    assert (first.status, refreshed.status, second.status) == (401, 200, 200)
    assert first.headers["x-mock-source"].startswith("scenario:")
    assert [one["operation"] for one in entries] == [
        "Data:GET /items",
        "POST /refresh",
        "Data:GET /items",
    ]
    assert "very-secret" not in str(entries)


def test_what_the_mock_says_of_itself(tmp_path: Path) -> None:
    """Health names all; each has a document, whose operations are called at its own server."""
    app = _app(tmp_path, DATA, AUTH)
    health = ask(app, "GET", "/__mock/health").json
    second = ask(app, "GET", "/__mock/openapi.json?contract=2").json

    assert [one["title"] for one in health["contracts"]] == ["Data", "Auth"]
    assert (health["contract"]["title"], health["operations"]) == ("Data", 4)
    assert second["info"]["title"] == "Auth"
    assert second["paths"]["/refresh"]["post"]["servers"] == [{"url": "http://localhost/auth"}]
    assert ask(app, "GET", "/__mock/openapi.json?contract=3").status == 404


THINGS = """
openapi: 3.0.3
info: {title: %s, version: "1"}
servers: [{url: /%s}]
paths:
  /things:
    post:
      requestBody: {content: {application/json: {schema: &thing
        {type: object, required: [id], properties: {id: {type: integer}, %s: {type: string}}}}}}
      responses: {"201": {description: made, content: {application/json: {schema: *thing}}}}
    get:
      responses:
        "200":
          description: all
          content: {application/json: {schema: {type: array, items: *thing}, example: []}}
  /things/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
    get:
      responses:
        "200": {description: one, content: {application/json: {schema: *thing}}}
        "404": {description: none}
    delete: {responses: {"204": {description: gone}, "404": {description: none}}}
"""
NOTE = """
openapi: 3.0.3
info: {title: Reader, version: "1"}
paths:
  /notes/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
    get:
      responses:
        "200": {description: one, content: {application/json: {schema: &note
          {type: object, required: [id], properties: {id: {type: integer}, a: {type: string}}}}}}
        "404": {description: none}
"""
WRITER = """
openapi: 3.0.3
info: {title: Writer, version: "1"}
paths:
  /notes:
    post:
      requestBody: {content: {application/json: {schema: &note
        {type: object, required: [id], properties: {id: {type: integer}, a: {type: string}}}}}}
      responses: {"201": {description: made, content: {application/json: {schema: *note}}}}
"""


def test_state_of_the_same_path_at_two_servers(tmp_path: Path) -> None:
    """Each contract keeps its own things, in its own form; deleting here keeps those there."""
    contracts = _contracts(tmp_path, THINGS % ("A", "a", "x"), THINGS % ("B", "b", "y"))
    app = create_app(contracts, settings=Settings(stateful=True))
    for base, name in (("a", "x"), ("b", "y")):
        body = {"id": 7, name: base}
        assert ask(app, "POST", f"/{base}/things", json_body=body).status == 201
    both = [ask(app, "GET", f"/{base}/things").json for base in "ab"]
    gone = ask(app, "DELETE", "/a/things/7").status
    after = [ask(app, "GET", f"/{base}/things/7").status for base in "ab"]
    app.reset()

    assert both == [[{"id": 7, "x": "a"}], [{"id": 7, "y": "b"}]]
    assert (gone, after) == (204, [404, 200])
    assert ask(app, "GET", "/b/things/7").status == 404


def test_state_of_paths_that_do_not_meet_is_one(tmp_path: Path) -> None:
    """What one contract creates, another one reads."""
    contracts = _contracts(tmp_path, NOTE, WRITER)
    app = create_app(contracts, settings=Settings(stateful=True))
    made = ask(app, "POST", "/notes", json_body={"id": 5, "a": "b"})

    assert made.status == 201
    assert ask(app, "GET", "/notes/5").json == {"id": 5, "a": "b"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two contracts in a folder; the first has an overlay beside it."""
    (tmp_path / "auth.yaml").write_text(AUTH)
    (tmp_path / "data.yaml").write_text(DATA)
    (tmp_path / "auth.overlay.yaml").write_text(
        "overlay: 1.0.0\ninfo: {title: t, version: '1'}\nactions:\n"
        "  - target: $.paths['/items'].get.responses['200'].content['application/json']\n"
        "    update: {example: laid over}\n"
    )
    return tmp_path


def test_the_command_takes_what_a_shell_finds(folder: Path) -> None:
    """`*.yaml` finds overlays too; one file is exchanged whole, and the others stay."""
    files = sorted(folder.glob("*.yaml"))
    with (
        launched(*files) as mock,
        httpx2.Client(trust_env=False, base_url=mock.url, headers=HEADERS) as client,
    ):
        page = [mock.until("Auth 2"), mock.until("Data 1"), mock.until("/auth/refresh")]
        overlaid = client.get("/auth/items").json()
        changed = DATA.replace("[1]", "[3]").replace("/items/{id}", "/things/{id}")
        (folder / "data.yaml").write_text(changed)
        deadline = time.monotonic() + 20
        while client.get("/data/items").json() != [3] and time.monotonic() < deadline:
            time.sleep(0.05)
        after = (client.get("/data/items").json(), client.get("/auth/items").json())
        gone = client.delete("/data/items/1").status_code

    assert len(page) == 3
    assert overlaid == "laid over"
    assert after == ([3], "laid over")
    assert gone == 404


def test_what_a_start_refuses(folder: Path) -> None:
    """An overlay for several contracts; a clash, where faults are not served around."""
    overlaid = ran_here("auth.yaml", "data.yaml", "--overlay", "auth.overlay.yaml", cwd=folder)
    (folder / "data.yaml").write_text(DATA.replace("https://api.test/data", "/auth"))
    strict = ran_here("auth.yaml", "data.yaml", "--strict", cwd=folder)

    assert (overlaid.returncode, strict.returncode) == (2, 2)
    assert "--overlay works with one contract only" in overlaid.stderr
    assert "data.yaml:8: GET /auth/items is also declared in auth.yaml:13" in strict.stderr
