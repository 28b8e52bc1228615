"""Credentials that are fetched, that end during a run, and that belong elsewhere."""

from __future__ import annotations

import asyncio
import base64
import inspect
import json
import re
import shlex
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import fields
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote

import pytest

import conformance
from conformance.clauses.credential_aspects import ASPECTS
from conformance.clauses.kinds import ClauseKind
from conformance.cli import main
from conformance.commands.running.run_flags import SECTIONS
from conformance.commands.running.run_inputs import given_headers
from conformance.http.credentials import CredentialError, Credentials, Foreign, Placed, place
from conformance.http.renewal import Fetched, Renewable, TokenError
from conformance.http.request_drafts import Draft
from conformance.http.target import Target, parse_target
from conformance.http.token_sources import ClientCredentials, TokenCommand, token_endpoint
from conformance.report.formats.destinations import FORMATS, Destination, write
from conformance.report.formats.json_reader import parsed_report
from conformance.report.formats.json_report import as_json
from conformance.run.credential_inputs import GivenCredentials, carried, credentials_of
from conformance.run.replaying.replay import Replay, Standing
from conformance.run.session.run_options import RunOptions
from spec.model.contract_model import SecurityScheme
from tests.conformance.kit.applications import Application, Asked
from tests.conformance.kit.running import codes, contract_of, run, verdicts
from tests.conformance.kit.targets import always, speaking

CONTRACT = """
components:
  securitySchemes:
    key: {type: http, scheme: bearer}
    own: {type: apiKey, in: header, name: X-Own}
paths:
  /lamps:
    get:
      security: [{key: []}]
      responses:
        '200': {description: ok, content: {application/json: {schema: {type: object}}}}
        '401': {description: who}
  /lamps/{id}:
    get:
      security: [{key: []}]
      parameters: [{name: id, in: path, required: true, schema: {type: integer}, example: 1}]
      responses:
        '200': {description: ok, content: {application/json: {schema: {type: object}}}}
        '400': {description: no}
        '401': {description: who}
        '404': {description: none}
"""


class Office:
    """Issues tokens, each good for so many uses; `used` counts what was accepted."""

    def __init__(self, uses: int) -> None:
        self.uses, self.issued, self.left = uses, list[str](), 0
        self.lock = threading.Lock()

    def issue(self) -> Fetched:
        """The next token; the one before is good no more."""
        with self.lock:
            self.issued.append(f"house-token-{len(self.issued)}-2718281828")
            self.left = self.uses
        return Fetched(token=self.issued[-1])

    def answer(self, asked: Asked) -> tuple[int, Any]:
        """200 for the last token while it is good; a path that is no number is refused."""
        scheme, _, token = asked.headers.get("authorization", "").partition(" ")
        with self.lock:
            good = scheme.lower() == "bearer" and token == self.issued[-1] and self.left > 0
            self.left -= good
        return lamps(asked) if good else (401, None)


def lamps(asked: Asked) -> tuple[int, Any]:
    """What the contract says to whoever may ask."""
    if not re.fullmatch("/lamps(/[^/]+)?", asked.path):
        return 404, None
    if asked.method not in ("GET", "HEAD"):
        return 405, None
    last = asked.path.rpartition("/")[2]
    return (200, {}) if asked.path == "/lamps" or last.lstrip("-").isdigit() else (400, None)


def test_the_moment_at_which_a_credential_ends_is_no_fault(tmp_path: Path) -> None:
    """Whichever request meets it: several callers are on their way at that moment, perhaps."""
    contract = contract_of(tmp_path, CONTRACT.split("  /lamps/{id}:")[0])
    families = frozenset({ClauseKind.CONTROL, ClauseKind.STEADINESS})
    accused = dict[int, list[str]]()
    for uses in range(2, 25, 2):
        office = Office(uses)
        credentials = Credentials(token=office.issue().token)
        report = run(
            contract,
            Application(office.answer),
            families=families,
            max_examples=0,
            credentials=credentials,
        )
        accused[uses] = [f.title for f in report.findings if f.level.value != "note"]

    assert accused == {uses: [] for uses in accused}


def test_that_a_credential_is_still_good_costs_no_success(tmp_path: Path) -> None:
    """Another spelling of its scheme is refused with 401: a reading that needs it says enough."""
    text = (
        CONTRACT.split("  /lamps/{id}:")[0]
        + """
    post:
      x-conformance: {writes: false}
      security: [{key: []}]
      responses: {'200': {description: ok}, '401': {description: who}}
"""
    )
    good = "Bearer house-token-2718281828"

    def answer(asked: Asked) -> tuple[int, Any]:
        return (200, {}) if asked.headers.get("authorization") == good else (401, None)

    report = run(
        contract_of(tmp_path, text),
        Application(answer),
        token=good.partition(" ")[2],
        clauses=("POST /lamps security.scheme-case", "GET /lamps security.missing"),
        max_examples=0,
    )

    assert [one.code for one in report.findings if one.level.value != "note"] == ["scheme-case"]
    assert report.billable == 1


@pytest.mark.parametrize("uses", [5, 40], ids=["fewer-than-callers-at-once", "many"])
def test_a_credential_that_ends_is_fetched_again(tmp_path: Path, uses: int) -> None:
    """However short its life is, nothing is told of the deployment, and everything is seen."""
    office = Office(uses)
    token = Renewable("--token-command", office.issue)
    credentials = Credentials(token=token.issued, renewable=(token,))

    report = run(
        contract_of(tmp_path, CONTRACT),
        Application(office.answer),
        max_examples=0,
        credentials=credentials,
    )

    assert codes(report) == []
    assert report.verdict.value == "conforms"
    assert verdicts(report)["steady.after-bad"] == "held"
    assert len(office.issued) > 1


def test_every_fetched_credential_is_hidden(tmp_path: Path) -> None:
    """The second one as the first, in every format, also where the server repeats it."""
    office = Office(9)
    token = Renewable("--token-command", office.issue, ("secret-of-the-client",))

    def telling(asked: Asked) -> tuple[int, Any]:
        status, _ = office.answer(asked)
        sent = asked.headers.get("authorization", "").partition(" ")[2]
        coded = base64.urlsafe_b64encode(sent.encode()).decode()
        return status, {"seen": sent, "again": [coded, sent.upper(), sent.encode().hex()]}

    credentials = Credentials(token=token.issued, renewable=(token,))
    report = run(
        contract_of(tmp_path, CONTRACT),
        Application(telling),
        max_examples=0,
        credentials=credentials,
    )
    for name in FORMATS:
        write(Destination(format=name, path=tmp_path / name), report)
    written = "\n".join((tmp_path / name).read_text("utf-8") for name in FORMATS).lower()

    assert "leaked-secret" in codes(report)
    for secret in office.issued:
        coded = base64.urlsafe_b64encode(secret.encode()).decode().rstrip("=")
        for spelt in (secret, coded, secret.encode().hex()):
            assert spelt.lower() not in written


def test_a_server_that_refuses_every_credential_is_not_asked_for_ever(tmp_path: Path) -> None:
    """What 401 says of a fault is no reason to fetch a credential for each."""
    office = Office(10**6)

    def odd(asked: Asked) -> tuple[int, Any]:
        return (401, None) if lamps(asked)[0] == 400 else office.answer(asked)

    token = Renewable("--token-command", office.issue)
    credentials = Credentials(token=token.issued, renewable=(token,))
    report = run(
        contract_of(tmp_path, CONTRACT), Application(odd), max_examples=0, credentials=credentials
    )

    assert "wrong-refusal" in codes(report)
    assert "poisoned" not in codes(report)
    assert len(office.issued) <= 5


def test_one_that_cannot_be_fetched_again_leaves_the_run_undecided(tmp_path: Path) -> None:
    """The credential is told of, and not the deployment."""
    office = Office(9)

    def once() -> Fetched:
        if office.issued:
            raise TokenError("--token-command: the command ended with exit status 3")
        return office.issue()

    token = Renewable("--token-command", once)
    credentials = Credentials(token=token.issued, renewable=(token,))
    report = run(
        contract_of(tmp_path, CONTRACT),
        Application(office.answer),
        max_examples=0,
        credentials=credentials,
    )

    assert report.verdict.value == "undecided"
    assert not {"poisoned", "unsteady"} & set(codes(report))
    assert any("exit status 3" in line for line in report.remarks)


def test_a_jwt_is_fetched_again_before_it_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its own `exp` says when; the request then carries the new one."""

    def token(name: str, ends: int) -> str:
        claims = base64.urlsafe_b64encode(json.dumps({"exp": ends, "n": name}).encode()).decode()
        return f"eyJhbGciOiJIUzI1NiJ9.{claims.rstrip('=')}.{name}"

    now = [1_000_000.0]
    monkeypatch.setattr("conformance.http.renewal.time.time", lambda: now[0])
    tokens = iter([token("first", 1_000_100), token("second", 1_000_200)])
    one = Renewable("--token-command", lambda: Fetched(token=next(tokens)))

    assert not one.due
    now[0] += 91
    assert one.due


# ------------------------------------------------------------------- the command


@pytest.mark.parametrize(
    ("script", "told"),
    [
        ("exit 3", "ended with exit status 3"),
        ("echo sorry, log in first >&2; exit 1", "sorry, log in first"),
        ("true", "printed nothing"),
        ("echo one; echo two", "printed 2 lines"),
        ("no-such-program-anywhere", "exit status 127"),
    ],
)
def test_a_command_that_gives_no_token(script: str, told: str) -> None:
    """One sentence: which option, what came, what to do."""
    with pytest.raises(TokenError, match="--token-command: ") as raised:
        TokenCommand(option="--token-command", command=script)()

    assert told in str(raised.value)


def test_what_a_command_prints_is_not_told() -> None:
    """Not even where it complains with the token in the sentence."""
    script = "echo secret-2718281828; echo bad secret-2718281828 >&2; exit 1"

    with pytest.raises(TokenError) as raised:
        TokenCommand(option="--token-command", command=script)()

    assert "secret" not in str(raised.value)


@pytest.mark.parametrize(
    "complaint",
    [
        'wrong password "2718281828" for bob',
        "GET https://bob:2718281828@id.example failed",
        "GET https://id.example/?token=2718281828 failed",
        '{"password": "2718281828"}',
    ],
)
def test_what_a_command_was_given_is_not_told(
    complaint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither in its words nor in its environment."""
    script = f"echo {shlex.quote(complaint)} >&2; exit 1"
    monkeypatch.setenv("HOUSE_PASSWORD", "2718281828")
    with pytest.raises(TokenError, match=r"it said: .*••••") as by_variable:
        TokenCommand(option="--token-command", command=script)()
    monkeypatch.delenv("HOUSE_PASSWORD")
    words = f"login() {{ {script}; }}; login --password 2718281828"
    with pytest.raises(TokenError, match=r"it said: .*••••") as by_word:
        TokenCommand(option="--token-command", command=words)()

    assert not any("2718281828" in str(one.value) for one in (by_variable, by_word))


def test_a_command_that_never_ends_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    """With what it has started, and in a bounded time."""
    monkeypatch.setattr("conformance.http.token_sources.SECONDS", 0.2)

    with pytest.raises(TokenError, match="took longer"):
        TokenCommand(option="--token-command", command="sleep 60 | cat")()


def test_a_command_takes_no_more_than_the_run_may(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What `--time-budget` leaves, and not the time that a command has in general."""
    monkeypatch.setattr("conformance.run.session.time_budget.IN_FLIGHT", 0.0)
    given = ("--token-command", "sleep 25", "--time-budget", "0.5")

    assert call(monkeypatch, "run", "--url", "http://127.0.0.1:9", *given) == 2
    assert "took longer than 0." in capsys.readouterr().err


@pytest.mark.parametrize("printed", ["abc", "  abc\\n\\n", "Bearer abc"])
def test_a_token_is_what_the_command_prints(printed: str) -> None:
    """Spaces around it and the scheme are no part of it."""
    command = f"printf {shlex.quote(printed)}"

    assert TokenCommand(option="--token-command", command=command)().token == "abc"


# ------------------------------------------------------------------- a server of OAuth 2

SECRET = "s/e:cret-of-the-lamps"
OAUTH = """
openapi: 3.0.3
info: {title: T, version: '1'}
servers: [{url: /v1}]
components:
  securitySchemes:
    house:
      type: oauth2
      flows: {clientCredentials: {tokenUrl: oauth/token, scopes: {read: reads}}}
security: [{house: [read]}]
paths:
  /lamps:
    get:
      responses:
        '200': {description: ok, content: {application/json: {schema: {type: object}}}}
        '401': {description: who}
"""


class _House(BaseHTTPRequestHandler):
    """A token endpoint that knows one client, and lamps for whoever has its last token."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    tokens: list[str]
    asked: list[dict[str, list[str]]]
    in_body = False
    token_type = "Bearer"

    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""

    def do_POST(self) -> None:
        """Issue a token, by either way to name a client."""
        fields = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        self.asked.append(fields)
        named = self.headers.get("Authorization", "").removeprefix("Basic ")
        pair = f"lamp-reader:{quote(SECRET, safe='')}"
        known = base64.b64encode(pair.encode()).decode() == named and not self.in_body
        known = known or fields.get("client_secret") == [SECRET]
        if self.path != "/v1/oauth/token" or not known:
            self.give(401, {"error": "invalid_client"})
            return
        self.tokens.append(f"oauth-{len(self.tokens)}-3141592653")
        said = {"access_token": self.tokens[-1], "token_type": self.token_type}
        self.give(200, {**said, "expires_in": 60})

    def do_GET(self) -> None:
        """The lamps."""
        scheme, _, token = self.headers.get("Authorization", "").partition(" ")
        good = scheme.lower() == "bearer" and token in self.tokens
        self.give(200 if good and self.path.startswith("/v1/lamps") else 401, {"good": good})

    def do_HEAD(self) -> None:
        """As GET."""
        self.do_GET()

    def give(self, status: int, value: object) -> None:
        data = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("WWW-Authenticate", "Bearer")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)


@contextmanager
def house(**settings: Any) -> Iterator[tuple[str, type[_House]]]:
    """The server on a free port, with lists of its own."""
    made = type("House", (_House,), {"tokens": [], "asked": [], **settings})
    server = ThreadingHTTPServer(("127.0.0.1", 0), made)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", made
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def call(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    """Run the command and return its exit code."""
    monkeypatch.setattr(sys, "argv", ["conformance", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    code = ended.value.code
    assert isinstance(code, int)
    return code


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the contract of the house, and no settings."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CI", "1")
    (tmp_path / "openapi.yaml").write_text(OAUTH, "utf-8")
    return tmp_path


def test_a_token_that_needs_a_proof_is_not_sent_as_a_bearer_token(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """RFC 6749 section 7.1: who does not understand the type of a token must not use it."""
    monkeypatch.setenv("CONFORMANCE_CREDENTIAL", f"house=client_credentials:lamp-reader:{SECRET}")
    with house(token_type="DPoP") as (url, _):
        code = call(monkeypatch, "run", "--url", url, "--max-examples", "0")

    assert code == 2
    assert "a token of type dpop" in "".join(capsys.readouterr()), folder


@pytest.mark.parametrize("in_body", [False, True])
def test_a_client_fetches_its_token(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    in_body: bool,
) -> None:
    """At the contract's tokenUrl, relative to the server; no secret is printed or reported."""
    reports = [part for name in FORMATS for part in ("--report", f"{name}=r.{name}")]
    monkeypatch.setenv("CONFORMANCE_CREDENTIAL", f"house=client_credentials:lamp-reader:{SECRET}")
    with house(in_body=in_body) as (url, made):
        code = call(monkeypatch, "run", "--url", url, "--max-examples", "0", *reports)

    said = "".join(capsys.readouterr())
    said += "".join((folder / f"r.{name}").read_text("utf-8") for name in FORMATS)
    assert code == 0, said
    assert made.asked[0]["grant_type"] == ["client_credentials"]
    assert made.asked[0]["scope"] == ["read"]
    assert SECRET not in said
    assert made.tokens[0] not in said


@pytest.mark.parametrize(
    ("variables", "told"),
    [
        ({"CREDENTIAL": "house=client_credentials:lamp-reader:wrong"}, "401 (invalid_client)"),
        ({"CREDENTIAL": "house=client_credentials:lamp-reader"}, "ID:SECRET"),
        ({"TOKEN_COMMAND": "exit 7"}, "--token-command: the command ended with exit status 7"),
        ({"TOKEN_COMMAND": "house=exit 7"}, "--token-command house=…: the command ended"),
        ({"TOKEN_COMMAND": "echo a", "TOKEN": "b"}, "give only one of them"),
        ({"FOREIGN": "X Y=1"}, "security scheme of the contract (house), a header"),
        ({"FOREIGN": "X-Other"}, "NAME=VALUE"),
        ({"FOREIGN": "body:a=1"}, "cookie:NAME"),
        ({"FOREIGN": "c2VjcmV0IQ=="}, "--foreign: write it as NAME=VALUE"),
        ({"CREDENTIAL": "c2VjcmV0IQ=="}, "--credential: write it as SCHEME=VALUE"),
        ({"CREDENTIAL": "secret-2718281828"}, "--credential: write it as SCHEME=VALUE"),
        ({"CREDENTIAL": "hause=secret-2718281828"}, "--credential hause=…: write it as SCHEME"),
        ({"HEADER": "secret-2718281828"}, "--header: write it as 'Name: value'"),
        ({"TOKEN_COMMAND": "printf 'a\\001b'"}, "what was fetched has a control character"),
    ],
)
def test_what_cannot_be_fetched_or_read_exits_with_2(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    variables: dict[str, str],
    told: str,
) -> None:
    """Before anything is sent to the API, with the option and the remedy."""
    for name, value in variables.items():
        monkeypatch.setenv(f"CONFORMANCE_{name}", value)
    with house() as (url, _):
        code = call(monkeypatch, "run", "--url", url)

    assert code == 2
    said = capsys.readouterr().err
    assert told in said
    assert "Traceback" not in said


SCHEMES = """
components:
  securitySchemes:
    bearer: {type: http, scheme: bearer}
    key: {type: apiKey, in: header, name: X-Key}
    raw: {type: apiKey, in: header, name: X-Raw}
paths:
  /a: {get: {security: [{bearer: []}], responses: {'200': {description: ok}}}}
  /b: {get: {security: [{key: []}], responses: {'200': {description: ok}}}}
"""


@pytest.mark.parametrize(
    ("header", "credentials", "expected"),
    [
        (("authorization", "Bearer abc"), ("bearer=abc",), {"bearer": "abc"}),
        (("X-Key", "Bearer abc"), ("key=abc",), {"key": "abc"}),
        (("x-raw", "Bearer abc"), (), {"raw": "Bearer abc"}),
        (("Authorization", "Token abc"), (), {}),
        (("X-Tenant", "abc"), (), {}),
    ],
)
def test_a_header_of_a_security_scheme_is_its_credential(
    tmp_path: Path, header: tuple[str, str], credentials: tuple[str, ...], expected: dict[str, str]
) -> None:
    """It must not be there where a request is to have none; an API key is sent as it is."""
    contract = contract_of(tmp_path, SCHEMES)
    rest, own = carried(contract, (header, ("X-Other", "1")))
    given = GivenCredentials(credentials=(*own, *credentials))

    read = credentials_of(contract, given, parse_target("http://127.0.0.1:1"))

    assert read.by_scheme == expected
    assert rest == ((("X-Other", "1"),) if expected else (header, ("X-Other", "1")))


@pytest.mark.parametrize(
    ("tokens", "told"),
    [
        (("Keeper=s3cret",), "did you mean Keepers?"),
        (("keepers=s3cret",), "did you mean Keepers?"),
        (("GET /aa=s3cret",), "did you mean GET /a?"),
        (("bearer=s3cret",), "give it as --credential bearer=…"),
        (("s3cret", "0ther"), "two were given without a TAG"),
        (("Keepers=s3cret", "Keepers=0ther"), "two were given for Keepers"),
        (("s3cret", "s3cret", "Keepers=0ther"), ""),
        (("c2VjcmV0==", "Keepers=a=b="), ""),
        (("sid=s3cret",), ""),
    ],
)
def test_a_token_that_would_not_be_used_as_it_is_meant(
    tmp_path: Path, tokens: tuple[str, ...], told: str
) -> None:
    """A misspelt tag would be sent as a part of the token, and of two tokens one is lost."""
    contract = contract_of(tmp_path, SCHEMES.replace("{get: {", "{get: {tags: [Keepers], ", 1))
    given, target = GivenCredentials(tokens=tokens), parse_target("http://127.0.0.1:1")

    if not told:
        assert credentials_of(contract, given, target).token == tokens[0].partition("K")[0]
        return
    with pytest.raises(CredentialError) as caught:
        credentials_of(contract, given, target)

    assert told in str(caught.value)
    assert "s3cret" not in str(caught.value)


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
TOKEN = b'{"access_token": "abc", "expires_in": %s}'


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        pytest.param(HEAD + b"\r\n" + TOKEN % (b"9" * 999), "", id="huge number"),
        pytest.param(HEAD + b"\r\n" + TOKEN % b'"1e999"', "", id="infinite"),
        pytest.param(HEAD + b"\r\n" + b" " * 99_999, "answered 200 and no token", id="long"),
        pytest.param(HEAD + b"\r\n" + b"[" * 60_000, "answered 200 and no token", id="deep"),
        pytest.param(
            HEAD + b'\r\n{"access_token": "a\\r\\nHost: b"}', "line break", id="line break"
        ),
    ],
)
def test_an_odd_token_endpoint(answer: bytes, told: str) -> None:
    """It is a token, or one sentence."""
    with speaking(always(answer)) as url:
        fetch = ClientCredentials(
            option="--credential", url=url, client="c", secret="s", target=parse_target(url)
        )
        if told:
            with pytest.raises(TokenError, match=told):
                Renewable("--credential", fetch)
        else:
            assert Renewable("--credential", fetch).issued == "abc"


def test_a_token_endpoint_byte_by_byte_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """However often another byte comes."""
    monkeypatch.setattr("conformance.http.token_sources.SECONDS", 0.2)

    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(HEAD)
        while not writer.is_closing():
            writer.write(b"X: y\r\n")
            await writer.drain()
            await asyncio.sleep(0.05)

    with speaking(drip) as url:
        fetch = ClientCredentials(
            option="--credential", url=url, client="c", secret="s", target=parse_target(url)
        )
        with pytest.raises(TokenError, match=r"no whole answer in 0\.2 s"):
            fetch()


def test_a_secret_goes_to_no_other_host_in_clear() -> None:
    """The contract may name any address; a secret travels to it by TLS only."""
    target = parse_target("http://10.0.0.7:3000/api")

    assert token_endpoint(target, "/v1", "oauth/token") == "http://10.0.0.7:3000/api/v1/oauth/token"
    assert token_endpoint(target, "", "https://id.example/t") == "https://id.example/t"
    with pytest.raises(TokenError, match="only by https"):
        token_endpoint(target, "", "http://id.example/t")


# ------------------------------------------------------------------- good elsewhere

FOREIGN = "foreign-key-1618033988"


def foreign(*names: str) -> Credentials:
    """The house's token, and a credential of another house in each of these headers."""
    given = [
        Foreign(name=name, placed=Placed(headers=((name, FOREIGN),), secrets=(FOREIGN,)))
        for name in names
    ]
    return Credentials(token="house-token", foreign=tuple(given))


@pytest.mark.parametrize(
    ("fault", "found"),
    [("", []), ("accepts", ["accepted-credential"]), ("spoils", ["spoiled-credential"])],
)
def test_a_foreign_credential(tmp_path: Path, fault: str, found: list[str]) -> None:
    """It must be refused by itself, and must not spoil the good one."""

    def answer(asked: Asked) -> tuple[int, Any]:
        scheme, _, token = asked.headers.get("authorization", "").partition(" ")
        good = scheme.lower() == "bearer" and token == "house-token"
        other = asked.headers.get("x-own") == FOREIGN
        if other and fault:
            good = fault == "accepts"
        return lamps(asked) if good else (401, None)

    report = run(contract_of(tmp_path, CONTRACT), Application(answer), credentials=foreign("X-Own"))

    assert sorted(set(codes(report))) == found
    expected = {"accepts": ("broken", "held"), "spoils": ("held", "broken"), "": ("held", "held")}
    said = verdicts(report)
    assert (said["security.foreign"], said["security.beside"]) == expected[fault]


TWO_WAYS = CONTRACT.replace("security: [{key: []}]", "security: [{key: []}, {own: []}]")
OPEN_TOO = CONTRACT.replace("security: [{key: []}]", "security: [{key: []}, {}]")
KEY = "house-key-1618033988"


@pytest.mark.parametrize(
    ("contract", "given", "refused", "expected"),
    [
        (TWO_WAYS, {"own": KEY}, 0, "held"),
        (TWO_WAYS, {"own": KEY}, 401, "broken"),
        (TWO_WAYS, {}, 401, "unobserved"),
        (OPEN_TOO, {}, 0, "held"),
        (OPEN_TOO, {}, 401, "broken"),
    ],
)
def test_each_alternative_of_the_security_is_enough(
    tmp_path: Path, contract: str, given: dict[str, str], refused: int, expected: str
) -> None:
    """One that nothing was given for is not tried: the token may be no key."""

    def answer(asked: Asked) -> tuple[int, Any]:
        scheme, _, token = asked.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer" and token == "house-token":
            return lamps(asked)
        enough = KEY if contract == TWO_WAYS else None
        alone = asked.headers.get("x-own") == enough and "authorization" not in asked.headers
        return lamps(asked) if alone and not refused else (401, None)

    credentials = Credentials(token="house-token", by_scheme=given)
    report = run(contract_of(tmp_path, contract), Application(answer), credentials=credentials)

    assert verdicts(report)["security.alternatives"] == expected
    assert set(codes(report)) == ({"refused-alternative"} if expected == "broken" else set())


def test_a_replay_asks_with_the_alternative_that_was_refused(tmp_path: Path) -> None:
    """In a query each credential is the same `$TOKEN`; the report has none of them."""
    written = TWO_WAYS.replace("{type: http, scheme: bearer}", "{type: apiKey, in: query, name: k}")
    contract = contract_of(tmp_path, written.replace("in: header", "in: query"))

    def answer(asked: Asked) -> tuple[int, Any]:
        keys.append(asked.query)
        return lamps(asked) if "k=house-token" in asked.query else (401, None)

    keys = list[str]()
    options = RunOptions(credentials=Credentials(by_scheme={"key": "house-token", "own": KEY}))
    report = run(contract, Application(answer), credentials=options.credentials)
    again = parsed_report(as_json(report), "r.json")
    found = [one for one in again.findings if one.code == "refused-alternative"]
    told = [(one, place) for one in found for place in one.places]
    keys.clear()
    replay = Replay(contract, Target(app=Application(answer)), options)
    replayed = asyncio.run(replay.execute(told))

    assert [one.standing for one in replayed] == [Standing.BROKEN] * 2
    assert f"X-Own={KEY}" in keys


def test_another_credential_may_have_fewer_rights(tmp_path: Path) -> None:
    """A documented 403 is no refusal of the scheme."""
    contract = TWO_WAYS.replace("'401': {description: who}", "'4XX': {description: no}")

    def answer(asked: Asked) -> tuple[int, Any]:
        scheme, _, token = asked.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer" and token == "house-token":
            return lamps(asked)
        return (403 if asked.headers.get("x-own") == KEY else 401), None

    credentials = Credentials(token="house-token", by_scheme={"own": KEY})
    report = run(contract_of(tmp_path, contract), Application(answer), credentials=credentials)

    assert verdicts(report)["security.alternatives"] == "inconclusive"


def test_verify_takes_the_credentials_that_the_command_takes(tmp_path: Path) -> None:
    """A command that prints the token, and one that is good elsewhere; nothing is left unseen."""

    def answer(asked: Asked) -> tuple[int, Any]:
        scheme, _, token = asked.headers.get("authorization", "").partition(" ")
        return lamps(asked) if (scheme.lower(), token) == ("bearer", "house-token") else (401, None)

    report = conformance.verify(
        Application(answer),
        contract=contract_of(tmp_path, CONTRACT),
        token_command={"key": "echo house-token"},
        foreign={"X-Own": FOREIGN},
        max_examples=0,
    )

    said = verdicts(report)
    assert (said["security.foreign"], said["security.beside"]) == ("held", "held")


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"token_command": "exit 3"}, "ended with exit status 3"),
        ({"foreign": {"body:a": "x"}}, "cookie:NAME"),
        ({"tokens": {"Lampps": "x"}}, "'Lampps' is neither a tag"),
    ],
)
def test_what_verify_can_make_nothing_of_is_a_value_error(
    tmp_path: Path, given: dict[str, Any], told: str
) -> None:
    """Before anything is sent, in the words of the command line."""
    application = Application(lamps)

    with pytest.raises(ValueError, match=told):
        conformance.verify(application, contract=contract_of(tmp_path, CONTRACT), **given)

    assert application.asked == []


_AS_VERIFY_HAS_IT = {"token_commands": "token_command"}


def test_verify_takes_every_option_of_a_run() -> None:
    """What is sent and with which credential is stated once, for the command and for verify."""
    known = set(inspect.signature(conformance.verify).parameters)
    known |= {one.name for one in fields(RunOptions)}
    wanted = [*SECTIONS["Requests and credentials"], *SECTIONS["Tests and limits"]]

    assert {_AS_VERIFY_HAS_IT.get(name, name) for name in wanted} - known == set()


def test_cookies_travel_in_one_line() -> None:
    """Those of the request and the credential's are one list (RFC 6265 section 4.2.1)."""
    placed = Placed(cookies=(("sid", "1"), ("csrf", "2")))
    draft = Draft(method="GET", path="/", cookies=(("theme", "dark"),), credential=placed)

    cookies = [value for name, value in draft.request().headers if name == "Cookie"]
    assert cookies == ["theme=dark; sid=1; csrf=2"]


def test_two_in_one_place_are_not_sent_together() -> None:
    """One header has one credential."""
    own = Placed(headers=(("Authorization", "Bearer a"),), schemes=("key",))
    other = Placed(headers=(("authorization", "Bearer b"),))

    assert not Foreign(name="Authorization", placed=other).fits_beside(own)


def test_each_aspect_has_its_place_in_one_table() -> None:
    """What nothing showed says how to show it, and titles have a word for what was sent."""
    assert all(one.sent for one in ASPECTS if one.bad)
    assert len({one.name for one in ASPECTS}) == len(ASPECTS)


@pytest.mark.parametrize(
    ("value", "sent"),
    [
        (
            'username="a", realm="b:c", response="1"',
            'Digest username="a", realm="b:c", response="1"',
        ),
        ("prepared", "Digest prepared"),
        ("user:password", None),
        ("user:pass=word", None),
    ],
)
def test_a_digest_is_sent_as_it_was_prepared(value: str, sent: str | None) -> None:
    """A user and a password make one only with the server's challenge, which is not spoken."""
    scheme = SecurityScheme(name="d", type="http", scheme="digest", pointer="#")

    placed = place(scheme, value)

    assert (placed.headers if placed else None) == ((("Authorization", sent),) if sent else None)


EITHER = """
components:
  securitySchemes:
    key: {type: apiKey, in: header, name: X-Key}
    bearer: {type: http, scheme: bearer}
paths:
  /lamps:
    get:
      security: [{key: []}, {bearer: []}]
      responses: {'204': {description: ok}, '401': {description: who}}
"""


def test_a_token_is_a_bearer_token_before_it_is_an_api_key(tmp_path: Path) -> None:
    """Nobody said that it is good as a key: where it can be what it is, it is sent as that."""

    def answer(asked: Asked) -> tuple[int, Any]:
        return (204 if asked.headers.get("authorization") == "Bearer good-token-1" else 401), None

    families = frozenset({ClauseKind.CONTROL})
    report = run(
        contract_of(tmp_path, EITHER), Application(answer), "good-token-1", families=families
    )

    assert (codes(report), verdicts(report)["control"]) == ([], "held")


@pytest.mark.parametrize(
    ("good", "given", "verdict"),
    [
        ({"good"}, "", "inconclusive"),
        ({"good"}, "old", "held"),
        ({"good", "old"}, "old", "broken"),
    ],
)
def test_a_forged_token_shows_nothing_of_expiry(
    tmp_path: Path, good: set[str], given: str, verdict: str
) -> None:
    """It is refused for its signature; only a token that was once good shows that `exp` is read."""

    def lamps(asked: Asked) -> tuple[int, Any]:
        scheme, _, token = asked.headers.get("authorization", "").partition(" ")
        return (200, {}) if scheme == "Bearer" and token in good else (401, None)

    report = run(
        contract_of(tmp_path, CONTRACT),
        Application(lamps, allow="GET"),
        credentials=Credentials(token="good", expired=given),
        include=("/lamps",),
        families=frozenset({ClauseKind.CONTROL, ClauseKind.CREDENTIALS}),
    )

    assert verdicts(report)["security.expired"] == verdict


READERS: dict[str, Callable[[str], str]] = {
    "seven characters": lambda sent: sent[7:],
    "the second word": lambda sent: sent.partition(" ")[2],
    "the word without a space": lambda sent: sent[6:].strip() if sent[:6] == "Bearer" else "",
}
"""How servers find the token, who do not look at the scheme."""


@pytest.mark.parametrize("reader", READERS)
def test_who_does_not_look_at_the_scheme_is_told(tmp_path: Path, reader: str) -> None:
    """Each takes the right token under a scheme that is not declared, or under none."""

    def answer(asked: Asked) -> tuple[int, Any]:
        sent = READERS[reader](asked.headers.get("authorization", ""))
        return (200, {}) if sent == "token-of-the-lamps" else (401, None)

    report = run(
        contract_of(tmp_path, CONTRACT),
        Application(answer),
        token="token-of-the-lamps",
        include=("GET /lamps",),
        families=frozenset({ClauseKind.CONTROL, ClauseKind.CREDENTIALS}),
    )

    places = [place.clause for one in report.findings for place in one.places]
    assert "GET /lamps security.malformed" in places


FORGOTTEN = """
components: {securitySchemes: {bearer: {type: http, scheme: bearer}}}
paths:
  /a: {get: {SECURITYresponses: {'200': &ok {description: ok}, '401': &no {description: no}}}}
  /b: {get: {responses: {'200': *ok}}}
"""


@pytest.mark.parametrize(
    ("security", "verdicts"),
    [("", ["held", "held"]), ("security: [{bearer: []}], ", ["held", "broken"])],
    ids=["of none", "of one"],
)
def test_a_header_of_every_request_where_no_credential_is_asked_for(
    tmp_path: Path, security: str, verdicts: list[str]
) -> None:
    """A contract may say nothing of credentials; what asks for some says who needs none."""

    def answer(asked: Asked) -> tuple[int, Any]:
        return (200 if asked.headers.get("authorization") == "Bearer abcdefgh" else 401), None

    contract = contract_of(tmp_path, FORGOTTEN.replace("SECURITY", security))
    given = dict.fromkeys((one.name for one in fields(GivenCredentials)), ())
    asked = {**given, "expired_token": "", "headers": ("Authorization: Bearer abcdefgh",)}
    headers, credentials = given_headers(contract, asked, parse_target("http://127.0.0.1:1"))
    report = run(contract, Application(answer), headers=headers, credentials=credentials)

    found = {one.id: one.verdict.value for one in report.clauses}
    assert [found[f"GET /{one} status.documented"] for one in ("a", "b")] == verdicts
    assert "abcdefgh" not in str(report)


def test_a_header_of_every_request_may_be_the_credential(tmp_path: Path) -> None:
    """The contract declares another one, and what comes with every request is never missing."""

    def answer(asked: Asked) -> tuple[int, Any]:
        return (200 if asked.headers.get("authorization") == "Token abcdefgh" else 401), None

    report = run(
        contract_of(tmp_path, KEYED),
        Application(answer),
        headers=(("Authorization", "Token abcdefgh"),),
        families=frozenset({ClauseKind.CONTROL, ClauseKind.CREDENTIALS}),
    )

    assert [one.code for one in report.findings] == []


KEYED = """
components: {securitySchemes: {key: {type: apiKey, in: header, name: X-Api-Key}}}
security: [{key: []}]
paths: {/lamps: {get: {responses: {'200': {description: ok}, '401': {description: who}}}}}
"""
KEY_OR_BEARER = """
components:
  securitySchemes:
    key: {type: apiKey, in: header, name: Authorization}
    bearer: {type: http, scheme: bearer}
security: [{key: []}, {bearer: []}]
paths: {/lamps: {get: {responses: {'200': {description: ok}, '401': {description: who}}}}}
"""


def test_a_token_without_its_scheme_may_be_a_key(tmp_path: Path) -> None:
    """Of both in `Authorization`, each is good in its own form."""
    good = ("token-of-the-lamps", "Bearer token-of-the-lamps")

    def answer(asked: Asked) -> tuple[int, Any]:
        return (200, {}) if asked.headers.get("authorization") in good else (401, None)

    report = run(
        contract_of(tmp_path, KEY_OR_BEARER),
        Application(answer),
        token="token-of-the-lamps",
        families=frozenset({ClauseKind.CONTROL, ClauseKind.CREDENTIALS}),
    )

    assert "accepted-credential" not in codes(report)
    assert verdicts(report)["security.malformed"] == "held"


SHELVED = """
components: {securitySchemes: {b: {type: http, scheme: bearer}}}
security: [{b: []}]
paths:
  /shelves/{shelf}:
    get:
      parameters:
      - {name: shelf, in: path, required: true, schema: {type: string}, example: a}
      - {name: max, in: query, schema: {type: integer}}
      responses: {'200': {description: ok}, '400': {description: no}, '401': {description: who}}
"""


def test_a_path_that_is_no_path_is_not_asked_for_its_credential(tmp_path: Path) -> None:
    """A router refuses a broken escape (RFC 3986 section 2.1) before any guard sees it."""

    def answer(asked: Asked) -> tuple[int, Any]:
        if asked.path != "/shelves/a":
            return 404, None
        scheme, _, token = asked.headers.get("authorization", "").partition(" ")
        if (scheme.lower(), token.strip()) != ("bearer", "mine"):
            return 401, None
        number = parse_qs(asked.query).get("max", ["1"])[0]
        return (200 if number.lstrip("-").isdigit() else 400), None

    families = frozenset({ClauseKind.CONTROL, ClauseKind.CREDENTIALS})
    report = run(contract_of(tmp_path, SHELVED), Application(answer), "mine", families=families)

    assert not report.findings
    assert verdicts(report)["security.order"] == "held"
