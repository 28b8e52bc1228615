"""The everyday mistakes: a run that sees nothing succeed says which of them it was."""

from __future__ import annotations

import asyncio
import re
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import pytest
import trustme

from conformance.clauses.clause import Verdict
from conformance.clauses.kinds import ClauseKind
from conformance.report.findings import ReportVerdict
from conformance.run.same_answers import is_elsewhere_so_far
from conformance.run.session.answer_heads import AnswerHead
from conformance.run.whole_run import ELSEWHERE
from tests.conformance.gate.command import Done, conformance
from tests.conformance.kit.deployment import CONTRACT, TOKEN, deployed
from tests.conformance.kit.running import contract_of, run
from tests.conformance.kit.targets import always, speaking

pytestmark = pytest.mark.slow

BRIEF = ("--max-examples", "0", "--include", "GET /lamps")


def answer(status: str, body: str = "", *headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close", *headers]
    return ("\r\n".join(lines) + f"\r\n\r\n{body}").encode()


async def puzzled(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A server of plain HTTP, to which a TLS hello is no request."""
    await reader.read(5)
    writer.write(answer("400 Bad Request"))
    await writer.drain()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "openapi.yaml").write_text(CONTRACT, "utf-8")
    return tmp_path


@pytest.fixture
def secure() -> ssl.SSLContext:
    """A server's side of TLS, with a certificate that nobody trusts."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(context)
    return context


def ran(folder: Path, url: str, *more: str) -> Done:
    return conformance("run", "--url", url, *BRIEF, *more, folder=folder)


@pytest.mark.parametrize(
    ("sent", "more", "said"),
    [
        (
            answer("403 Forbidden", "<html>blocked</html>", "Content-Type: text/html"),
            ("--token", "t"),
            "every response is 403 with the same kind of HTML page: a proxy, a firewall",
        ),
        (
            answer("301 Moved", "", "Location: https://api.example.com/lamps"),
            ("--token", "t"),
            "redirected to https, and redirects are not followed: use --url "
            "https://api.example.com",
        ),
        (answer("401 No", "", "WWW-Authenticate: Bearer"), (), "no credential was given; give one"),
        (
            answer("401 No", "", "WWW-Authenticate: Bearer"),
            ("--token", "wrong"),
            "the token is accepted by no operation (401 everywhere)",
        ),
        (
            answer("404 Not Found"),
            ("--token", "t"),
            "every response is 404: is the URL wrong? Check the path in --url",
        ),
        (
            answer("302 Found", "", "Location: /login"),
            ("--token", "t"),
            "every request is redirected to /login",
        ),
        (
            answer("302 Found", "", "Location: http://api.example.com/lamps"),
            ("--token", "t"),
            "redirects are not followed: use --url http://api.example.com",
        ),
        (answer("502 Bad Gateway"), ("--token", "t"), "every response is 502: a gateway answers"),
        (answer("407 Proxy"), ("--token", "t"), "a proxy asks for its own credential"),
    ],
    ids=[
        *("proxy", "redirect", "no credential", "wrong credential", "not found"),
        *("redirect to a page", "redirect to another host", "gateway", "407"),
    ],
)
def test_the_same_answer_everywhere(
    sent: bytes, more: tuple[str, ...], said: str, folder: Path
) -> None:
    """What stands in front of the API, or is missing in the call, is named with what to do."""
    with speaking(always(sent)) as url:
        done = ran(folder, url, *more)

    assert said in done.stdout
    assert done.returncode != 0


def test_a_redirect_to_another_path_of_the_same_host_names_the_path(folder: Path) -> None:
    """Not the `--url` that was given: a whole URL is how most servers write `Location`."""

    async def moved(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        host = next(line[6:] for line in head.splitlines() if line.lower().startswith("host: "))
        writer.write(answer("307 Moved", "", f"Location: http://{host}/v1/lamps"))
        writer.close()

    with speaking(moved) as url:
        done = ran(folder, url, "--token", "t")

    assert "every request is redirected to /v1/lamps, and redirects are not followed" in done.stdout


def test_a_wrong_url_breaks_no_contract(folder: Path) -> None:
    """Where no path is found, nothing is said of the API; one missing operation is a finding."""
    with speaking(always(answer("404 Not Found"))) as url:
        everywhere = conformance("run", "--url", url, "--max-examples", "0", folder=folder)
        one = ran(folder, url, "--token", "t")

    assert everywhere.returncode == 2
    assert "no findings; 0 of " in everywhere.stdout
    assert (one.returncode, "undocumented-status" in one.stdout) == (1, True)


PAGE = "<!doctype html><div id=app></div>"


async def single_page_app(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Every GET gets the page, everything else is refused with one."""
    head = await reader.readuntil(b"\r\n\r\n")
    status = "200 OK" if head.startswith(b"GET ") else "405 Method Not Allowed"
    writer.write(answer(status, PAGE, "Content-Type: text/html; charset=utf-8"))
    await writer.drain()


async def api_with_error_pages(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """An API whose refusals are pages for people."""
    await reader.readuntil(b"\r\n\r\n")
    writer.write(answer("404 Not Found", PAGE, "Content-Type: text/html"))
    await writer.drain()


def test_a_website_in_place_of_the_api(folder: Path) -> None:
    """A page at a path that does not exist is told at the start and in the report, once each."""
    told = "a website answers at"
    with speaking(single_page_app) as url:
        done = ran(folder, url, "--token", "t")
        quiet = ran(folder, url, "--token", "t", "--quiet")
    with speaking(api_with_error_pages) as url:
        other = ran(folder, url, "--token", "t")

    assert done.stderr.count(told) == done.stdout.count(told) == quiet.stdout.count(told) == 1
    assert told not in quiet.stderr
    assert told not in other.stdout
    assert "every response is 404" in other.stdout


def test_a_certificate_of_ones_own(folder: Path, secure: ssl.SSLContext) -> None:
    """What is not trusted is told with the two ways out, one of which is then gone."""
    with speaking(always(answer("404 Not Found")), secure) as url:
        refused = ran(folder, url, "--token", "t")
        allowed = ran(folder, url, "--token", "t", "--insecure")

    assert refused.returncode == 3
    assert "the certificate is not trusted" in refused.stdout
    assert "--ca FILE, or skip the check with --insecure" in refused.stdout
    assert "every response is 404" in allowed.stdout


def test_http_where_tls_is_spoken_and_the_reverse(folder: Path, secure: ssl.SSLContext) -> None:
    """The scheme that would have been right is given as a URL."""
    with speaking(always(answer("404 Not Found")), secure) as url:
        plain = ran(folder, url.replace("https:", "http:"), "--token", "t")
        right = f"the port uses TLS: use --url {url}"
    with speaking(puzzled) as http_url:
        tls = ran(folder, http_url.replace("http:", "https:"), "--token", "t")

    assert (plain.returncode, tls.returncode) == (3, 3)
    assert right in plain.stdout
    assert f"the port does not use TLS: use --url {http_url}" in tls.stdout


def test_a_server_of_tls_that_serves_one_at_a_time(folder: Path, secure: ssl.SSLContext) -> None:
    """Python's simple servers shake hands before they take the next connection."""
    with (
        closing(socket.create_server(("127.0.0.1", 0))) as listening,
        serving_one_at_a_time(listening, secure),
    ):
        port = listening.getsockname()[1]
        done = ran(folder, f"http://127.0.0.1:{port}", "--token", "t")

    assert f"the port uses TLS: use --url https://127.0.0.1:{port}" in done.stdout


@contextmanager
def serving_one_at_a_time(listening: socket.socket, secure: ssl.SSLContext) -> Iterator[None]:
    def serve() -> None:
        while True:
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            with suppress(OSError), closing(connection):
                secure.wrap_socket(connection, server_side=True).close()

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield
    finally:
        listening.shutdown(socket.SHUT_RDWR)
        thread.join(10)


def test_nobody_there(folder: Path) -> None:
    """A port on which nothing listens, and a name that is none."""
    port = ran(folder, "http://127.0.0.1:9", "--token", "t")
    name = ran(folder, "http://no-such-host.invalid", "--token", "t")

    assert "no server listens on port 9 of 127.0.0.1; start it, or correct --url" in port.stdout
    assert "the host name no-such-host.invalid cannot be resolved" in name.stdout
    assert (port.returncode, name.returncode) == (3, 3)


@pytest.mark.parametrize("token", [f"Bearer {TOKEN}", f"bearer {TOKEN}", f" Bearer  {TOKEN} "])
def test_a_token_with_its_scheme(token: str, folder: Path) -> None:
    """`Bearer` is what people copy with the token; the kit writes it itself."""
    with deployed() as house:
        done = ran(folder, house.url, "--token", token)

    assert "accepted by no operation" not in done.stdout
    assert re.search(r"GET /lamps +\d", done.stdout)
    assert "refused-c" not in done.stdout


def test_a_url_that_repeats_the_path_of_the_contract(folder: Path) -> None:
    """`--url …/walls` with paths that begin with /walls is refused, with the URL that was meant."""
    with deployed() as house:
        done = ran(folder, f"{house.url}/walls", "--token", TOKEN)

    assert done.returncode == 2
    assert f"use --url {house.url}" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("run", "openapi.yaml"), "write --contract openapi.yaml"),
        (("run", "http://127.0.0.1:9"), "write --url http://127.0.0.1:9"),
        (
            ("run", "--contract", "openapi.yaml", "--contract", "other.yaml"),
            "--contract was given more than once: openapi.yaml and other.yaml; give one",
        ),
        (("run", "--url", "http://a.test", "--url", "http://b.test"), "--url was given more than"),
        (("run", "--ulr", "http://a.test"), "--url"),
        (("lint", "."), "is a directory; did you mean openapi.yaml?"),
        (("lint", "missing.yaml"), "cannot read missing.yaml: no such file or directory"),
        (("lint", "empty.yaml"), "empty.yaml:1: the file is empty"),
        (("lint", "comma.json"), "comma.json:2: this is not JSON: a comma stands before '}'"),
        (("lint", "page.yaml"), "page.yaml:1: this is an HTML page, not an OpenAPI document"),
        (("diff", "openapi.yaml", "missing.yaml"), "cannot read missing.yaml"),
        (("run", "localhost:3000/v1"), "write --url http://localhost:3000/v1"),
        (("gate", "https://a.test/openapi.json"), "the gate reads files; save the contract first"),
        (("gate", "--no-mock", "--base", "mian"), "--base mian is not a file, and "),
    ],
    ids=lambda one: one if isinstance(one, str) else " ".join(one),
)
def test_a_slip_is_told_with_what_was_meant(
    arguments: tuple[str, ...], said: str, folder: Path
) -> None:
    """Wrong usage and unreadable input are exit status 2 and one sentence."""
    (folder / "empty.yaml").write_text("", "utf-8")
    (folder / "comma.json").write_text('{"openapi": "3.0.3",\n "info": {"title": "T",}}', "utf-8")
    (folder / "page.yaml").write_text("\n<!DOCTYPE html>\n<html></html>\n", "utf-8")
    done = conformance(*arguments, folder=folder)

    assert said in done.stderr
    assert done.returncode == 2


def test_the_same_contract_twice_is_no_slip(folder: Path) -> None:
    """A wrapper that adds what was given already does no harm."""
    twice = ("--contract", "openapi.yaml", "--contract", "openapi.yaml")
    done = ran(folder, "http://127.0.0.1:9", *twice, "--token", "t")

    assert done.returncode == 3


def test_slips_of_the_command_line(folder: Path) -> None:
    """A contract given as URL is fetched or told; an unknown command names its neighbours."""
    address = conformance(
        *("run", "--url", "http://127.0.0.1:9", "--contract", "http://127.0.0.1:9/openapi.json"),
        folder=folder,
    )
    command = conformance("rnu", folder=folder)
    file = conformance("openapi.yaml", folder=folder)
    swapped = conformance("run", "--url", "openapi.yaml", folder=folder)

    assert address.returncode == command.returncode == file.returncode == swapped.returncode == 2
    assert "`conformance lint openapi.yaml`" in file.stderr
    assert "give it with --contract" in swapped.stderr
    assert "http://127.0.0.1:9/openapi.json cannot be fetched" in address.stderr
    assert "did you mean run" in command.stderr


CONTROLS = frozenset({ClauseKind.CONTROL, ClauseKind.METHODS})
MANY = "paths:\n" + "".join(
    f"  /{name}: {{get: {{responses: {{'200': {{description: ok}}}}}}}}\n"
    for name in "abcdefghijkl"
)


def test_a_wrong_path_in_the_url_is_told_after_a_few_operations(tmp_path: Path) -> None:
    """Nothing is found at the first paths: the others would cost thousands of requests."""
    with speaking(always(answer("404 Not Found"))) as url:
        report = run(contract_of(tmp_path, MANY), url, families=CONTROLS)

    asked = {one.operation for one in report.clauses if one.verdict is not Verdict.UNOBSERVED}
    assert (report.verdict, asked) == (ReportVerdict.UNDECIDED, set())
    assert {one.why for one in report.clauses} == {ELSEWHERE}
    assert "9 operations not tried: nothing is at this URL" in report.remarks


@pytest.mark.parametrize(
    ("tried", "left", "elsewhere"),
    [
        (["/error", "/hosts/{host}", "/hosts/{host}/zones"], ["/hosts"], False),
        (["/error", "/hosts", "/hosts/{host}", "/hosts/{host}/zones"], ["/hosts/{host}/x"], True),
        (["/a", "/b", "/c"], ["/d"], True),
        (["/hosts/{host}", "/hosts/{host}/a", "/hosts/{host}/b"], [], False),
    ],
)
def test_an_unknown_id_is_no_wrong_url(
    tmp_path: Path, tried: list[str], left: list[str], elsewhere: bool
) -> None:
    """A path without a parameter tells, and one alone may be missing."""
    each = "{get: {responses: {'200': {description: ok}}}}"
    paths = "".join(f"  {one}: {each}\n" for one in (*tried, *left))
    contract = contract_of(tmp_path, f"paths:\n{paths}")
    operations = {one.path: one for one in contract.operations}
    nothing = [AnswerHead(status=404, location="", page=False, empty=True)] * 9
    asked, others = [operations[one] for one in tried], [operations[one] for one in left]

    assert is_elsewhere_so_far(nothing, asked, others) is elsewhere


def test_an_operation_that_knows_its_path_is_there(tmp_path: Path) -> None:
    """404 to every GET, and 405 to other methods, is no wrong URL: all operations are tried."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = await reader.readuntil(b"\r\n\r\n")
        known = request.startswith((b"GET ", b"HEAD "))
        writer.write(answer("404 Not Found" if known else "405 Method Not Allowed"))
        await writer.drain()

    with speaking(talk) as url:
        report = run(contract_of(tmp_path, MANY), url, families=CONTROLS)

    assert not [one for one in report.remarks if "not tried" in one]
