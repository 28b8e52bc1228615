"""The application as a whole: servers, swaps, scenarios, what it tells, and what it is made of."""

from __future__ import annotations

import asyncio
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

import mock_server
from mock_server import Exchange, MockApp, create_app
from spec import AI_CONTRACT, ContractError
from tests.mock_server.asking import ask, mock_of

ONE = """
paths:
  /a:
    get:
      parameters: [{name: n, in: query, schema: {type: integer}}]
      responses:
        '200': {description: Good, content: {application/json: {example: %s}}}
        '503': {description: Busy, content: {application/json: {examples: {busy: {value: b}}}}}
"""


def test_without_arguments() -> None:
    """The packaged contract is served with its overlay."""
    app = create_app()
    answer = ask(app, "GET", "/api/ai/models", headers={"authorization": "Bearer t"})

    assert app.contract.sha256 == sha256(AI_CONTRACT.read_bytes()).hexdigest()
    assert (answer.status, answer.headers["x-mock-source"]) == (200, "example:catalogue")
    assert app.unserved == ()


def test_a_contract_that_cannot_be_read(tmp_path: Path) -> None:
    """The error is the loader's."""
    with pytest.raises(ContractError, match=r"missing\.yaml"):
        create_app(tmp_path / "missing.yaml")


def test_it_is_a_connexion_app(tmp_path: Path) -> None:
    """The way of a request is Connexion's list of middlewares, each a subclass of Connexion's."""
    layer, found = mock_of(tmp_path, ONE % 1)._connexion, []
    while type(layer).__module__.startswith("mock_server.http."):
        found.append((type(layer).__name__, [base.__name__ for base in _of_connexion(type(layer))]))
        layer = layer.app

    assert found == [
        ("Exceptions", ["ExceptionMiddleware", "SpecMiddleware"]),
        ("Routing", ["RoutingMiddleware"]),
        ("Steering", ["SpecMiddleware"]),
        ("Security", ["SecurityMiddleware"]),
        ("RequestValidation", ["RequestValidationMiddleware"]),
        ("Answers", ["AsyncASGIApp"]),
    ]


def _of_connexion(ours: type) -> list[type]:
    return [base for base in ours.__bases__ if base.__module__.startswith("connexion.")]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/v1/a", 200),
        ("/beta/api/a", 200),
        ("/a", 200),
        ("/v2/a", 404),
        ("/v1/b", 404),
        ("/own/b", 200),
        ("/b", 200),
    ],
)
def test_servers(tmp_path: Path, path: str, status: int) -> None:
    """Every server's path leads to an operation, variables at their defaults, and so does none."""
    app = mock_of(
        tmp_path,
        """
        servers:
          - url: https://a.example/v1/
          - url: '{scheme}://b.example/{stage}/api'
            variables: {scheme: {default: http}, stage: {default: beta}}
        paths:
          /a: {get: {responses: {'200': {description: Good}}}}
          /b:
            servers: [{url: /own}]
            get: {responses: {'200': {description: Good}}}
        """,
    )

    assert ask(app, "GET", path).status == status


def test_under_a_root_path(tmp_path: Path) -> None:
    """Mounted in another application, it serves what comes after the mount."""
    app = mock_of(tmp_path, ONE % 1)
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b""}

    scope = {"type": "http", "method": "GET", "path": "/mock/a", "root_path": "/mock"}
    asyncio.run(app({**scope, "query_string": b"", "headers": []}, receive, send))

    assert sent[0]["status"] == 200


def test_swap(tmp_path: Path) -> None:
    """Another contract is served from the next request on, and scenarios stay."""
    app = mock_of(tmp_path, ONE % 1)
    app.play({"operation": "GET /a", "answers": [{"status": 503}]})
    (tmp_path / "other").mkdir()
    other = mock_of(tmp_path / "other", ONE % 2).contract
    before = ask(app, "GET", "/a?__code=200").json
    app.swap(other)

    assert (before, ask(app, "GET", "/a?__code=200").json) == (1, 2)
    assert ask(app, "GET", "/a").status == 503


def test_a_request_under_way_keeps_its_plan(tmp_path: Path) -> None:
    """A swap between head and body of a request does not change its answer."""
    contract = """
    paths:
      /a:
        post:
          requestBody: {content: {text/plain: {}}}
          responses: {'200': {description: Good, content: {application/json: {example: %s}}}}
    """
    app = mock_of(tmp_path, contract % 1)
    (tmp_path / "other").mkdir()
    other = mock_of(tmp_path / "other", contract % 2).contract
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        app.swap(other)
        return {"type": "http.request", "body": b"x"}

    async def send(message: Any) -> None:
        sent.append(message)

    headers = [(b"content-type", b"text/plain")]
    scope = {"type": "http", "method": "POST", "path": "/a", "query_string": b""}
    asyncio.run(app({**scope, "headers": headers}, receive, send))

    assert sent[1]["body"] == b"1"
    assert ask(app, "POST", "/a", b"x", headers={"content-type": "text/plain"}).body == b"2"


def test_a_swap_that_fails_changes_nothing(tmp_path: Path) -> None:
    """The plan is complete before it is taken into service."""
    app = mock_of(tmp_path, ONE % 1)
    with pytest.raises(AttributeError):
        app.swap(object())  # type: ignore[arg-type]  # what a defect might hand over

    assert ask(app, "GET", "/a").json == 1


def test_what_is_told(tmp_path: Path) -> None:
    """Whoever watches is told of every answer, and why a request was refused."""
    told: list[Exchange] = []
    app = mock_of(tmp_path, ONE % 1, on_answer=told.append)
    for method, target in (
        ("GET", "/a"),
        ("HEAD", "/a"),
        ("GET", "/a?n=x"),
        ("GET", "/a?__code=503"),
        ("GET", "/%2F"),
        ("PUT", "/a"),
        ("OPTIONS", "/a"),
    ):
        ask(app, method, target)
    seen = [(one.method, one.path, one.status, one.source, one.operation) for one in told]

    assert seen == [
        ("GET", "/a", 200, "example", "GET /a"),
        ("HEAD", "/a", 200, "example", "GET /a"),
        ("GET", "/a", 400, "problem", "GET /a"),
        ("GET", "/a", 503, "example:busy", "GET /a"),
        ("GET", "/%2F", 404, "problem", None),
        ("PUT", "/a", 405, "problem", None),
        ("OPTIONS", "/a", 204, "options", None),
    ]
    assert told[2].reason == "query parameter 'n': must be an integer, got a string"
    assert [bool(one.reason) for one in told] == [False, False, True, False, True, True, False]
    assert all(one.milliseconds > 0 for one in told)


def test_faulty_contracts_are_served_around(tmp_path: Path) -> None:
    """What real contracts get wrong is reported, and the rest is served."""
    app = mock_of(
        tmp_path,
        """
        paths:
          /objects/{objectKey}:
            get:
              parameters: [{name: key, in: path, required: true, schema: {type: string}}]
              security: [{nowhere: []}]
              responses:
                '200':
                  description: Good
                  content:
                    application/json:
                      schema:
                        type: object
                        required: [is_public]
                        properties: {isPublic: {type: boolean}}
                      examples:
                        wrong: {value: {isPublic: true}}
                        right: {value: {is_public: 1}}
        """,
    )
    answer = ask(app, "GET", "/objects/a%2Fb")

    assert (answer.status, answer.headers["x-mock-source"]) == (200, "example:right")
    assert {fault.code for fault in app.contract.faults} >= {"faulty-example"}


def test_declared_head_and_options(tmp_path: Path) -> None:
    """HEAD and OPTIONS that the contract declares are served as it says; HEAD has no body."""
    app = mock_of(
        tmp_path,
        """
        paths:
          /a?b=c:
            head: {responses: {'200': {description: H, content: {text/plain: {example: head}}}}}
            options: {responses: {'200': {description: O, content: {text/plain: {example: opt}}}}}
        """,
    )
    head, options = ask(app, "HEAD", "/a?b=c"), ask(app, "OPTIONS", "/a")

    assert (head.status, head.body, head.headers["content-length"]) == (200, b"", "4")
    assert (options.status, options.body) == (200, b"opt")


def test_lifespan(tmp_path: Path) -> None:
    """Servers that speak the lifespan protocol are answered."""
    waiting = ["lifespan.startup", "lifespan.shutdown"]
    sent: list[str] = []

    async def receive() -> dict[str, Any]:
        return {"type": waiting.pop(0)}

    async def send(message: Any) -> None:
        sent.append(message["type"])

    asyncio.run(mock_of(tmp_path, ONE % 1)({"type": "lifespan", "state": {}}, receive, send))

    assert sent == ["lifespan.startup.complete", "lifespan.shutdown.complete"]


def test_a_client_that_leaves(tmp_path: Path) -> None:
    """Who goes away before the body is complete gets no answer, and is no error."""
    app = mock_of(
        tmp_path,
        """
        paths:
          /a:
            post:
              requestBody: {content: {application/json: {}}}
              responses: {'200': {description: Good}}
        """,
    )
    coming = [{"type": "http.request", "body": b"{", "more_body": True}]
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        return coming.pop() if coming else {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)

    headers = [(b"content-type", b"application/json")]
    scope = {"type": "http", "method": "POST", "path": "/a", "query_string": b""}
    asyncio.run(app({**scope, "headers": headers}, receive, send))

    assert sent == []


def test_exported_members() -> None:
    """The package's page of contents is sorted, complete and true."""
    names = mock_server.__all__

    assert list(names) == sorted(names)
    assert all(getattr(mock_server, name).__name__ == name for name in names)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        mock_server.nothing  # noqa: B018


def test_mock_app_is_public() -> None:
    """What `create_app` returns can be named in type hints."""
    assert mock_server.MockApp is MockApp
