"""What is under `/__mock/`, and who may see it."""

from __future__ import annotations

from pathlib import Path

import pytest

from mock_server import MockApp
from tests.mock_server.asking import ask, mock_of

CONTRACT = """
servers: [{url: 'https://api.example/v1'}]
paths:
  /a:
    servers: [{url: 'https://other.example/'}]
    get:
      servers: [{url: 'https://third.example/'}]
      responses: {'200': {description: Good}}
"""
REMOTE = ("203.0.113.5", 4000)


@pytest.fixture
def app(tmp_path: Path) -> MockApp:
    """A mock without a token."""
    return mock_of(tmp_path, CONTRACT)


@pytest.mark.parametrize("client", [("127.0.0.1", 1), ("::1", 1), REMOTE, None])
def test_health(app: MockApp, client: tuple[str, int] | None) -> None:
    """Everybody may ask whether the mock lives, and what it serves."""
    answer = ask(app, "GET", "/__mock/health", client=client)

    assert (answer.status, answer.json["status"], answer.json["operations"]) == (200, "ok", 1)
    assert answer.json["contract"]["sha256"] == app.contract.sha256


@pytest.mark.parametrize("path", ["health", "operations", "requests", "scenarios"])
def test_what_the_mock_says_of_itself_is_not_kept(app: MockApp, path: str) -> None:
    """The next answer may be another, and one for another origin is another."""
    headers = ask(app, "GET", f"/__mock/{path}").headers

    assert (headers["cache-control"], headers["vary"]) == ("no-store", "Origin")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "operations"),
        ("GET", "metrics"),
        ("GET", "requests"),
        ("GET", "requests/1"),
        ("DELETE", "requests"),
        ("POST", "requests/verify"),
        ("GET", "scenarios/s1"),
        ("POST", "scenarios"),
        ("POST", "reset"),
    ],
)
def test_a_query_parameter_that_nothing_reads_is_refused(
    app: MockApp, method: str, path: str
) -> None:
    """Who gives a key in the wrong place would steer, or count, the requests of everybody."""
    body = b'{"operation": "*", "answers": [{"status": 200}]}' if method == "POST" else b""
    answer = ask(app, method, f"/__mock/{path}?keys=own", body)

    assert answer.status == 400
    assert answer.json["detail"].startswith("there is no query parameter 'keys'; ")


def test_openapi(app: MockApp) -> None:
    """The contract has this mock as its only server, so that trying it out calls the mock."""
    document = ask(app, "GET", "/__mock/openapi.json").json

    assert [server["url"] for server in document["servers"]] == ["http://localhost"]
    assert document["paths"] == {"/a": {"get": {"responses": {"200": {"description": "Good"}}}}}
    assert app.contract.document["servers"][0]["url"] == "https://api.example/v1"


@pytest.mark.parametrize("path", ["/__mock/openapi.json", "/__mock/docs"])
@pytest.mark.parametrize(
    ("headers", "client", "status"),
    [
        ({}, ("127.0.0.1", 1), 200),
        ({}, ("::ffff:127.0.0.1", 1), 200),
        ({}, None, 200),
        ({"origin": "http://localhost"}, ("127.0.0.1", 1), 200),
        ({}, REMOTE, 403),
        ({}, ("not an address", 1), 403),
        ({"origin": "http://evil.example"}, ("127.0.0.1", 1), 403),
        ({"authorization": "Bearer any"}, REMOTE, 403),
    ],
)
def test_this_machine_alone(
    app: MockApp,
    path: str,
    headers: dict[str, str],
    client: tuple[str, int] | None,
    status: int,
) -> None:
    """Without a token the rest is for this machine, and not for pages from elsewhere."""
    answer = ask(app, "GET", path, headers=headers, client=client)

    assert answer.status == status
    assert "access-control-allow-origin" not in answer.headers


def test_foreign_names_of_this_machine(app: MockApp) -> None:
    """A name that somebody else's name server gave to this machine does not open it."""
    names = ["evil.example", "localhost", "127.0.0.1:4010", "[::1]:4010", "app.localhost"]
    statuses = {
        name: ask(app, "GET", "/__mock/openapi.json", headers={"host": name}).status
        for name in names
    }

    assert statuses == {name: 403 if name == "evil.example" else 200 for name in names}


@pytest.mark.parametrize(
    ("authorization", "status"),
    [("Bearer T", 200), ("bearer T", 200), ("Bearer t", 401), ("Basic T", 401), ("", 401)],
)
def test_token(tmp_path: Path, authorization: str, status: int) -> None:
    """With a token it opens from anywhere, and nothing else does."""
    app = mock_of(tmp_path, CONTRACT, admin_token="T")
    headers = {"authorization": authorization}
    answer = ask(app, "GET", "/__mock/openapi.json", headers=headers, client=REMOTE)

    assert answer.status == status
    assert status == 200 or answer.headers["www-authenticate"].startswith("Bearer ")


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/__mock/nothing", 404),
        ("GET", "/__mock/docs/../../secret", 404),
        ("GET", "/__mockery", 404),
        ("POST", "/__mock/health", 405),
        ("HEAD", "/__mock/health", 200),
        ("HEAD", "/__mock/docs", 200),
    ],
)
def test_methods_and_paths(app: MockApp, method: str, path: str, status: int) -> None:
    """It can be read, and no more than that."""
    answer = ask(app, method, path)

    assert answer.status == status
    assert method != "HEAD" or answer.body == b""


def test_docs_are_kept_by_browsers(app: MockApp) -> None:
    """A page that has not changed is not sent again."""
    first = ask(app, "GET", "/__mock/docs")
    again = ask(app, "GET", "/__mock/docs", headers={"if-none-match": first.headers["etag"]})

    assert (first.status, again.status, again.body) == (200, 304, b"")
    assert "content-length" not in again.headers


def test_not_in_the_contracts_way(tmp_path: Path) -> None:
    """A contract that has a path of that name keeps it."""
    app = mock_of(
        tmp_path,
        "paths: {/__mock/health: {get: {responses: {'200': {description: Own}}}}}",
    )

    assert ask(app, "GET", "/__mock/health").headers["x-mock-source"] == "status"


def test_a_template_does_not_catch_it(tmp_path: Path) -> None:
    """A contract like S3's, whose first segment is a parameter, hides nothing of the mock."""
    app = mock_of(tmp_path, "paths: {'/{a}/{b}': {get: {responses: {'200': {description: Own}}}}}")
    paths = ["/__mock/health", "/__mock/nothing", "/a/__mock", "/__mockery/b"]

    assert [ask(app, "GET", path).headers.get("x-mock-source") for path in paths] == [
        None,
        "problem",
        "status",
        "status",
    ]
