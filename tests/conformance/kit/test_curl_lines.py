"""The command line of a place: pasted into a shell, it shows what the place says."""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from conformance.clauses.ids import local_part
from conformance.clauses.kinds import ClauseKind
from conformance.http.alterations import ALTERATIONS
from conformance.http.credentials import Credentials
from conformance.http.curl import command
from conformance.http.exchange import Framing, Request
from conformance.http.masking import Secrets
from conformance.http.redaction import Redactor
from conformance.http.shell_words import formatted, words
from conformance.http.sockets import on_the_wire
from conformance.http.target import parse_target
from conformance.report.findings import FindingPlace, Report
from conformance.report.formats.json_reader import parsed_report
from conformance.report.formats.json_report import as_json
from conformance.run.replaying.replay import Standing
from conformance.run.session.run_options import RunOptions
from conformance.run.way_of_a_clause import way_of_a_clause
from conformance.run.whole_run import Run
from tests.conformance.backend import Backend, serving
from tests.conformance.examination.platform import platforms
from tests.conformance.kit.targets import speaking
from tests.conformance.kit.test_sequences import replayed

TARGET = parse_target("http://127.0.0.1:9")
TOKEN = "a8Zk-Qq.0W_x.signed5"


def shell(line: str, **variables: str) -> bytes:
    """What bash prints for a line."""
    env = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", **variables}
    return subprocess.run(["bash", "-c", line], env=env, capture_output=True, check=True).stdout


_TOKENS = ("TOKEN", "ALTERED_TOKEN", "EXPIRED_TOKEN", "FOREIGN_TOKEN", "OTHER_TOKEN")
FILLED_IN = {name: f"${name}" for name in (*_TOKENS, "SECRET", "NEW_ID", "NEW_TAG")}
"""What the shell fills in, each with its own name: Hypothesis knows the texts of the code."""
ODD = ("\r\n--b\r\n", "é\x85", "'\\n\n", "a" * 300, "!$`")
TEXTS = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=30)


@settings(max_examples=15, deadline=None)
@given(parts=st.lists(TEXTS | st.sampled_from(ODD)))
@example(["$ALTERED_TOKEN"])
def test_a_word_arrives_as_it_was_in_one_line(parts: list[str]) -> None:
    """A line break, a carriage return and what no terminal shows are escaped."""
    line = words(parts)

    assert all(map(str.isprintable, line))
    arrived = shell(f"printf '%s\\0' {line}", **FILLED_IN).decode()
    assert arrived.split("\0")[:-1] == (parts or [""])


def test_variables_are_filled_in_beside_control_characters() -> None:
    word = words(["a\r\n$TOKEN\n$NEW_ID2"])

    assert shell(f"printf %s {word}", TOKEN="t' $x", NEW_ID2="7") == b"a\r\nt' $x\n7"


def test_a_long_body_is_no_argument() -> None:
    """The shell writes it itself; Linux gives a program 128 KiB in one argument."""
    body = f'{{"x": "{"a" * 200_000}"}}'.encode()
    line = command(Request(method="POST", target="/", body=body), TARGET, str)
    written, _, sender = line.partition(" | curl ")

    assert shell(f"{written} | wc -c").strip() == str(len(body)).encode()
    assert sender.endswith("--data-binary @-")
    assert len(line) < 300


@settings(max_examples=15, deadline=None)
@given(data=st.binary(max_size=40))
@example(data=b"-\x00")
def test_printf_writes_the_bytes(data: bytes) -> None:
    assert shell(formatted(data.decode("latin-1"))) == data.replace(b"$TOKEN", b"")


@pytest.mark.parametrize("secret", [TOKEN, "abc", "UPPER-_-lower.z", "x9", "a."])
def test_a_shell_alters_a_secret_as_the_run_does(secret: str) -> None:
    """The line has neither the altered secret nor a letter of the right one."""
    for way in (one for one in ALTERATIONS if one.fits(secret)):
        assert shell(f'printf %s "{way.shell}"', TOKEN=secret).decode() == way.of(secret)


def test_an_altered_credential_is_made_by_the_line() -> None:
    headers = (("Authorization", f"Bearer {ALTERATIONS[0].of(TOKEN)}"),)
    request = Request(method="GET", target="/x", headers=headers)
    redactor = Redactor(TARGET, Secrets(given=(TOKEN,)))
    line = redactor.curl(request).replace("curl -i", "printf '%s|'")

    assert headers[0][1].encode() in shell(line, TOKEN=TOKEN)
    exact = redactor.repeatable(request).exact
    assert exact is not None
    assert exact.altered == "last"


def test_a_password_is_encoded_by_curl() -> None:
    """What the caller has given is the value of the variable, and not what was made of it."""
    sent = "bWU6c2VjcmV0LXdvcmQ="
    request = Request(method="GET", target="/x", headers=(("Authorization", f"Basic {sent}"),))
    redactor = Redactor(TARGET, Secrets(given=("me:secret-word", "secret-word")))

    assert redactor.curl(request) == 'curl -i http://127.0.0.1:9/x -u "$TOKEN" -H Accept:'


def test_an_api_key_of_two_words_is_one_variable() -> None:
    """The caller's own word before the space is a part of the key, and no scheme."""
    request = Request(method="GET", target="/x", headers=(("Authorization", "Token k3y-1234"),))
    redactor = Redactor(TARGET, Secrets(given=("Token k3y-1234",)))

    line = 'curl -i http://127.0.0.1:9/x -H Accept: -H "Authorization: $TOKEN"'
    assert redactor.curl(request) == line


@pytest.mark.parametrize(("sent", "variable"), [("old-1-old", "EXPIRED_TOKEN"), (TOKEN, "TOKEN")])
def test_an_expired_credential_has_a_variable_of_its_own(sent: str, variable: str) -> None:
    given = Credentials(token=TOKEN, expired="old-1-old")
    redactor = Redactor(TARGET, Secrets(given=given.secrets), variables=given.variables)
    request = Request(method="GET", target=f"/x?key={sent}")

    assert redactor.curl(request) == f'curl -i "http://127.0.0.1:9/x?key=${variable}" -H Accept:'


RAW = [one for one in Framing if one not in (Framing.LENGTH, Framing.CHUNKED)]


@pytest.mark.parametrize("framing", [one for one in RAW if one is not Framing.SHORT])
def test_wrong_framing_travels_as_its_bytes(framing: Framing) -> None:
    headers = (("Authorization", "Bearer $TOKEN"), ("X-Name", "é%\\"))
    request = Request(
        method="POST", target="/x", headers=headers, body=b'{"a": 1}', framing=framing, wire=True
    )
    real = replace(request, headers=(("Authorization", "Bearer t"), headers[1]))
    line = command(request, TARGET, str)

    assert line.endswith("| curl -s --max-time 10 telnet://127.0.0.1:9")
    assert shell(line.rpartition(" | ")[0], TOKEN="t") == on_the_wire(real, TARGET)


def test_a_body_that_is_cut_short_ends() -> None:
    """A server that waits for the rest answers at the end of the request."""
    request = Request(method="POST", target="/x", body=b"{}", framing=Framing.SHORT, wire=True)

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        data = await reader.read()
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n%d" % len(data))
        await writer.drain()

    with speaking(talk) as url:
        target = parse_target(url)
        printed = shell(command(request, target, str))

    assert printed == b"HTTP/1.1 200 OK\r\n\r\n%d" % len(on_the_wire(request, target))


@pytest.mark.parametrize("accepted", [(), ("*/*",), ("text/csv",), ("*/*", "text/csv")], ids=str)
def test_curl_asks_for_what_the_run_has_asked_for(accepted: tuple[str, ...]) -> None:
    """By itself it sends `Accept: */*`, which a server may refuse."""
    headers = tuple(("Accept", value) for value in accepted)

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(head) + head)
        await writer.drain()

    with speaking(talk) as url:
        line = command(Request(method="GET", target="/x", headers=headers), parse_target(url), str)
        sent = re.findall(r"(?im)^Accept: ?(.*?)\r$", shell(line).decode())

    assert tuple(sent) == accepted


def test_a_get_with_a_body_stays_a_get() -> None:
    request = Request(method="GET", target="/x", body=b"&")

    assert command(request, TARGET, str).startswith("curl -i -X GET ")


# ------------------------------------------------------------- of a run

FAMILIES = frozenset({ClauseKind.STEADINESS, ClauseKind.CREDENTIALS})
BACKEND = platforms()["backend"]


class Shown:
    """A backend with faults, one run, and what its lines show."""

    def __init__(self, *faults: str) -> None:
        app = Backend(faults, tokens=BACKEND.build(()).tokens)
        options = replace(BACKEND.options, families=FAMILIES, max_examples=2)
        self.printed, self.places = dict[str, str](), dict[str, FindingPlace]()
        with serving(app) as url:
            self.report = _report(url, options)
            self.standings = replayed(
                BACKEND.contract, url, self.report, credentials=options.credentials
            )
            for place in self._steady():
                token = options.credentials.by_tag.get("Client", options.credentials.token)
                own = options.credentials.token if "config" in place.operation else token
                self.places[place.clause] = place
                self.printed[place.clause] = shell(place.curl, TOKEN=own).decode()

    def of(self, local: str) -> list[FindingPlace]:
        """The places of one clause, at all operations."""
        every = (place for finding in self.report.findings for place in finding.places)
        return [place for place in every if local_part(place.clause) == local]

    def _steady(self) -> Iterator[FindingPlace]:
        for finding in self.report.findings:
            for place in finding.places:
                if " steady." in place.clause:
                    yield place


def _report(url: str, options: RunOptions) -> Report:
    run = Run(BACKEND.contract, parse_target(url), options)
    asyncio.run(way_of_a_clause(run))
    return run.report()


@pytest.mark.slow
def test_what_several_requests_show_a_line_and_a_replay_show() -> None:
    """Now and then, after a bad request, among callers at once, and on one connection."""
    shown = Shown("second-config-fails", "bad-token-poisons", "answers-mix")
    repeated = "GET /api/ai/config steady.repeated"
    after = "POST /api/ai/chat/completion steady.after-bad"
    mixed = "POST /api/ai/image/generation steady.concurrent"

    assert re.search("500 Internal.*200 OK.*500 Internal", shown.printed[repeated], re.DOTALL)
    assert re.findall(r"HTTP/1.1 (\d+)", shown.printed[after]) == ["401", "401"]
    assert len(shown.places[after].steps) == 1
    answer = shown.places[mixed].response
    assert answer is not None
    assert answer.body is not None
    assert shown.printed[mixed].count(answer.body) > 3, "both callers get it"
    assert {shown.standings[one] for one in (repeated, after, mixed)} == {Standing.BROKEN}


@pytest.mark.slow
def test_the_requests_of_a_place_go_through_the_file() -> None:
    shown = Shown("closed-after-one")
    kept = shown.places["GET /api/ai/config steady.kept"]
    again = parsed_report(as_json(shown.report), "r.json")

    assert kept.kept
    assert kept.curl.count(" --next ") == 1
    opened = re.findall(r"new connections: (\d)", shown.printed[kept.clause])
    assert opened == ["1", "1"], "curl opens another one, and says so"
    assert again.findings == shown.report.findings


@pytest.mark.slow
def test_the_credential_of_other_operations_has_a_variable_of_its_own() -> None:
    shown = Shown("client-is-admin")
    other = shown.of("security.other-tag")

    assert other
    assert all('Bearer $OTHER_TOKEN"' in one.curl for one in other)
    assert {shown.standings[one.clause] for one in other} == {Standing.BROKEN}


@pytest.mark.slow
def test_a_token_that_the_run_made_up_is_shown_whole() -> None:
    """It is like the right ones, and a server repeats it: neither it nor a part of it is hidden."""
    shown = Shown("token-in-challenge", "algorithm-none-accepted")
    unsigned = shown.of("security.unsigned")

    assert unsigned
    for one in unsigned:
        assert re.search(r"Bearer eyJ[\w-]+\.eyJ[\w-]+\.[\"']", one.curl)
        assert shown.standings[one.clause] is Standing.BROKEN
