"""`conformance.watch`: what a project's own tests show of the contract."""

from __future__ import annotations

import asyncio
import gzip
import json
import threading
from collections.abc import Callable, Iterable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import httpx2
import pytest
import requests
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.testclient import TestClient

import conformance
from conformance.report.codes.finding_code import FindingCode
from tests.conformance.traffic.recorded import CONTRACT

LAMPS = [{"name": "desk", "kind": "floor", "colour": "red"}]
SOFA = [{"name": "desk", "kind": "sofa", "colour": "red"}]


@pytest.fixture
def contract(tmp_path: Path) -> Path:
    """The contract of the lamps, below no path of its own."""
    file = tmp_path / "openapi.yaml"
    file.write_text(CONTRACT.replace("https://api.example/v1", "/"), "utf-8")
    return file


def application(lamps: list[Any]) -> Starlette:
    """Answers lamps, takes any lamp, and streams events."""

    async def listed(request: Request) -> Response:
        return JSONResponse(lamps)

    async def made(request: Request) -> Response:
        await request.body()
        return Response(status_code=201)

    async def events(request: Request) -> Response:
        pieces = ["data: 1\n", "\n", "data: 2\n\n"]
        return StreamingResponse(iter(pieces), media_type="text/event-stream")

    return Starlette(
        routes=[
            Route("/lamps", listed, methods=["GET"]),
            Route("/lamps", made, methods=["POST"]),
            Route("/events", events),
        ]
    )


class _Handler(BaseHTTPRequestHandler):
    """Lamps in gzip."""

    lamps = SOFA

    def do_GET(self) -> None:
        data = gzip.compress(json.dumps(self.lamps).encode())
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing."""


@pytest.fixture
def deployment() -> Iterator[str]:
    """A deployment on a socket whose lamps are no lamps."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def held(report: conformance.Report) -> set[str]:
    """The clauses that were seen held."""
    return {one.id for one in report.clauses if one.verdict is conformance.Verdict.HELD}


def broken(report: conformance.Report) -> set[str]:
    """The clauses that were seen broken."""
    return {one.id for one in report.clauses if one.verdict is conformance.Verdict.BROKEN}


def test_an_asgi_application_that_keeps_it(contract: Path) -> None:
    """Its tests hold what they show, streams too."""
    with conformance.watch(application(LAMPS), contract=contract) as watched:
        client = TestClient(watched.target)
        assert client.get("/lamps?limit=3").json() == LAMPS
        assert client.get("/events").text.count("data") == 2
        client.post("/lamps", json={"name": "a"}, headers={"Authorization": "Bearer abc-secret"})
    report = watched.report()

    assert report.verdict is conformance.ReportVerdict.CONFORMS
    assert {
        "GET /lamps control",
        "GET /lamps response.200[].kind.enum",
        "GET /events response.200(text/event-stream).stream.framing",
        "POST /lamps status.201",
    } <= held(report)


def test_an_asgi_application_that_breaks_it(contract: Path) -> None:
    """The end of the block raises, with the exchange and without the credential."""
    with (
        pytest.raises(conformance.NonconformanceError) as caught,
        conformance.watch(application(SOFA), contract=contract) as watched,
    ):
        TestClient(watched.target).get("/lamps", headers={"Authorization": "Bearer abc-secret"})

    assert "response-schema" in str(caught.value)
    assert "abc-secret" not in f"{caught.value}{caught.value.report!r}"


def test_what_a_test_raises_is_not_replaced(contract: Path) -> None:
    """A test that fails says why it failed."""

    def tested() -> None:
        with conformance.watch(application(SOFA), contract=contract) as watched:
            TestClient(watched.target).get("/lamps")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        tested()


def test_an_application_that_raises_is_a_failure_of_the_server(contract: Path) -> None:
    """The client gets a 500 of the server around it."""

    async def failing(scope: Any, receive: Any, send: Any) -> None:
        raise LookupError

    watched = conformance.watch(failing, contract=contract)
    client = TestClient(watched.target, raise_server_exceptions=False)
    client.get("/lamps"), client.get("/lamps")

    assert [one.code for one in watched.report().findings] == [FindingCode.SERVER_ERROR]


def test_an_accepted_fault_is_the_servers_too(contract: Path) -> None:
    """What the tests send is judged as well."""
    watched = conformance.watch(application(LAMPS), contract=contract)
    TestClient(watched.target).post(
        "/lamps", json={"name": "too long"}, headers={"Authorization": "Bearer abc"}
    )

    assert {one.code for one in watched.report().findings} == {
        FindingCode.ACCEPTED_INVALID_BODY,
        FindingCode.CLIENT_SENDS_INVALID,
    }


def test_a_wsgi_application(contract: Path) -> None:
    """Its body and its answer pass as they are."""
    read = list[bytes]()

    def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        read.append(environ["wsgi.input"].read())
        start_response("200 OK", [("Content-Type", "application/json")])
        return [json.dumps(SOFA).encode()]

    watched = conformance.watch(app, contract=contract)
    with httpx.Client(transport=httpx.WSGITransport(app=watched.target)) as client:
        assert client.get("http://api/lamps").json() == SOFA
        client.post("http://api/lamps", json={"name": "a"})

    assert read == [b"", b'{"name":"a"}']
    assert broken(watched.report()) >= {"GET /lamps response.200[].kind.enum"}


@pytest.mark.parametrize("library", [httpx, httpx2])
def test_a_client_of_httpx(contract: Path, deployment: str, library: Any) -> None:
    """It is the client itself, whose answers are as they were; a stream is read by its reader."""
    with library.Client(base_url=deployment) as client:
        watched = conformance.watch(client, contract=contract)
        assert watched.target is client
        assert client.get("/lamps").json() == SOFA
        with client.stream("GET", "/lamps") as streamed:
            assert json.loads(b"".join(streamed.iter_bytes())) == SOFA
        watched.close()
        client.get("/lamps")
    report = watched.report()

    assert report.requests == 2
    assert "GET /lamps response.200[].kind.enum" in broken(report)


@pytest.mark.parametrize("library", [httpx, httpx2])
def test_an_async_client_of_httpx(contract: Path, deployment: str, library: Any) -> None:
    """The same, awaited."""

    async def asked() -> conformance.Report:
        async with library.AsyncClient(base_url=deployment) as client:
            watched = conformance.watch(client, contract=contract)
            assert (await client.get("/lamps")).json() == SOFA
            return watched.report()

    assert "GET /lamps response.200[].kind.enum" in broken(asyncio.run(asked()))


def test_an_answer_that_was_left_behind_shows_no_body(contract: Path, deployment: str) -> None:
    """Half of a body is not judged as a whole one."""
    with httpx.Client(base_url=deployment) as client:
        watched = conformance.watch(client, contract=contract)
        with client.stream("GET", "/lamps"):
            pass
    report = watched.report()

    assert not broken(report)
    assert "GET /lamps status.200" in held(report)


def test_a_session_of_requests(contract: Path, deployment: str) -> None:
    """A stream is left to its reader."""
    with requests.Session() as session:
        watched = conformance.watch(session, contract=contract, base_url=deployment)
        assert session.get(f"{deployment}/lamps").json() == SOFA
        with session.get(f"{deployment}/lamps", stream=True) as streamed:
            assert streamed.json() == SOFA
    report = watched.report()

    assert report.requests == 2
    assert "GET /lamps response.200[].kind.enum" in broken(report)


def test_what_is_neither_is_refused(contract: Path) -> None:
    """It says what can be watched."""
    with pytest.raises(TypeError, match="ASGI or WSGI"):
        conformance.watch("http://127.0.0.1", contract=contract)
