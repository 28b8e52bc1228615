"""What the mock says, for people and for machines, and that saying it never stops it."""

from __future__ import annotations

import io
import json
import os
import re
import threading
from pathlib import Path

import pytest

from mock_server.command.console import Console
from mock_server.command.log_lines import json_line, left_out_line, printable, request_line
from mock_server.command.output import Output
from mock_server.command.start_page import StartPage, start_lines
from mock_server.model.request import Exchange
from spec import load

KETTLE = """
openapi: 3.0.3
info: {title: Kettle, version: "1"}
paths:
  /kettle/{id}:
    get:
      responses:
        "200":
          description: the kettle
          content:
            application/json:
              schema: {type: string}
              examples: {cold: {value: a}, hot: {value: b}}
        "404": {description: no kettle}
    delete:
      responses:
        "204": {description: gone}
"""


def _exchange(**changed: object) -> Exchange:
    plain = {
        "method": "GET",
        "path": "/kettle/1",
        "status": 200,
        "source": "example:hot",
        "milliseconds": 0.42,
    }
    return Exchange(**{**plain, **changed})  # type: ignore[arg-type] # a test names what it changes


def _page(tmp_path: Path, **changed: object) -> StartPage:
    file = tmp_path / "kettle.yaml"
    file.write_text(KETTLE)
    plain = {"url": "http://127.0.0.1:4010", "contracts": [load(file)], "overlays": [None]}
    return StartPage(**{**plain, **changed})  # type: ignore[arg-type] # a test names what it changes


def test_the_start_page_names_everything(tmp_path: Path) -> None:
    """URL, operations with what can be wished for, documentation, sources, and what is lacking."""
    page = _page(
        tmp_path, overlays=[Path("my.overlay.yaml")], unserved=["kettle.yaml:3: it is cold"]
    )
    lines = list(start_lines(page))

    assert lines == [
        "Mock server on http://127.0.0.1:4010",
        "Kettle 1 (OpenAPI 3.0.3)",
        "",
        "  GET     /kettle/{id}  200 (cold, hot) 404",
        "  DELETE  /kettle/{id}  204",
        "",
        "Page      http://127.0.0.1:4010/__mock/",
        "Docs      http://127.0.0.1:4010/__mock/docs",
        f"Contract  {tmp_path / 'kettle.yaml'}",
        "Overlay   my.overlay.yaml",
        "Answers   examples; where there is none, values generated from the schema",
        "Auth      any well-formed credential of the declared scheme",
        "",
        "Not served as the contract says:",
        "  kettle.yaml:3: it is cold",
        "",
    ]


def test_a_large_contract_has_a_short_table(tmp_path: Path) -> None:
    """Of a thousand operations the page shows a screenful and says how many there are."""
    paths = "".join(
        f"  /p{n}: {{get: {{responses: {{'200': {{description: ok}}}}}}}}\n" for n in range(1000)
    )
    file = tmp_path / "large.yaml"
    file.write_text(f"openapi: 3.0.3\ninfo: {{title: t, version: '1'}}\npaths:\n{paths}")
    lines = list(start_lines(_page(tmp_path, contracts=[load(file)])))

    assert len(lines) < 80
    assert "  and 940 more; the documentation page lists them all" in lines


def test_a_request_is_one_line() -> None:
    """Method, path, status, source and milliseconds; the reason where it was refused."""
    refused = _exchange(status=400, source="example:invalid", reason="prompt: required")

    assert request_line(_exchange()) == "GET     /kettle/1  200  example:hot  0.4 ms"
    assert request_line(refused).endswith("400  example:invalid  0.4 ms  prompt: required")


@pytest.mark.parametrize(
    "nasty",
    [
        "\r\nGET /forged  200",
        "\x1b[2J\x1b]0;title\x07",
        "\u202egnp.exe",
        "\u2028next",
        "\x00",
        "\ud800",
    ],
    ids=["new line", "terminal control", "right to left", "line separator", "NUL", "surrogate"],
)
def test_nothing_in_a_request_can_forge_a_line(nasty: str) -> None:
    """Whatever a path or a value that is echoed in a reason holds, one line stays one line."""
    line = request_line(_exchange(path=f"/{nasty}", reason=f"got {nasty}", method=f"GET{nasty}"))

    assert line.isprintable()
    assert printable(nasty).encode("ascii").decode("unicode_escape") == nasty or nasty == "\ud800"


def test_long_values_are_cut() -> None:
    """A path of a megabyte is a line of some hundred characters."""
    assert len(request_line(_exchange(path="/" + "x" * 10**6, reason="y" * 10**6))) < 800


def test_colour_only_where_it_is_wanted() -> None:
    """No escape code without colour; with it, the text is the same between the codes."""
    coloured = request_line(_exchange(), colour=True)

    assert "\x1b" in coloured
    assert re.sub(r"\x1b\[\d+m", "", coloured) == request_line(_exchange())


def test_json_lines_hold_the_whole_exchange(tmp_path: Path) -> None:
    """For machines every line is an object with a time and an event, and nothing is cut."""
    stream, reason = io.StringIO(), "got \r\n" + "y" * 1000
    console = Console(Output(stream), Output(stream), log_format="json")
    console.started(_page(tmp_path, unserved=["a fault"]))
    console.answered(_exchange(status=400, reason=reason, operation="GET /kettle/{id}"))
    listening, unserved, request = map(json.loads, stream.getvalue().splitlines())

    assert (listening["event"], listening["url"]) == ("listening", "http://127.0.0.1:4010")
    assert (unserved["event"], unserved["message"]) == ("unserved", "a fault")
    assert request.pop("time")
    assert request == {
        "event": "request",
        "method": "GET",
        "path": "/kettle/1",
        "status": 400,
        "source": "example:hot",
        "milliseconds": 0.42,
        "reason": reason,
        "operation": "GET /kettle/{id}",
    }


def test_a_slow_reader_stops_nothing_and_loses_nothing() -> None:
    """A full pipe is waited for by nobody, and all lines come when they are read."""
    reader, writer = os.pipe()
    with os.fdopen(reader, "rb") as reading, os.fdopen(writer, "w") as writing:
        output = Output(writing)
        for number in range(30_000):
            output.line(f"{number:099}")
        collected: list[bytes] = []
        thread = threading.Thread(target=lambda: collected.append(reading.read()))
        thread.start()
        output.finish()
        writing.close()
        thread.join()

    assert [int(line) for line in collected[0].splitlines()] == [*range(30_000)]


def test_a_reader_that_never_reads_costs_bounded_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """What finds no room is counted, in a line that its format allows."""
    monkeypatch.setattr("mock_server.command.output._KEPT", 100_000)
    reader, writer = os.pipe()
    with os.fdopen(reader, "rb") as reading, os.fdopen(writer, "w") as writing:
        output = Output(writing, left_out_line)
        for number in range(30_000):
            output.line(json_line("x", number=number))
        os.set_blocking(reader, False)
        seen = b""
        for _ in range(9):
            while chunk := reading.read(65536):
                seen += chunk
                output.flush()
        records = [json.loads(line) for line in seen.splitlines()]

    assert [one["event"] for one in records] == [*["x"] * (len(records) - 1), "left-out"]
    assert records[-1]["lines"] == 30_000 - len(records) + 1


def test_the_first_line_for_machines_is_small(tmp_path: Path) -> None:
    """It names the URL and counts the operations; a list of 1,500 would not fit into a pipe."""
    stream = io.StringIO()
    Console(Output(stream), Output(stream), log_format="json").started(_page(tmp_path))
    (listening,) = map(json.loads, stream.getvalue().splitlines())

    assert isinstance(listening["operations"], int)
    assert list(listening)[:3] == ["time", "event", "url"]


def test_a_reader_that_went_away_stops_nothing() -> None:
    """`mock-server | head -1` goes on serving."""
    reader, writer = os.pipe()
    with os.fdopen(writer, "w") as writing:
        output = Output(writing)
        os.close(reader)
        output.line("nobody")
        output.line("hears this")


def test_output_may_be_closed() -> None:
    """A process without standard output says nothing, and works."""
    output = Output(None)
    output.line("nothing")

    assert not output.is_terminal


def test_requests_of_the_api_itself(tmp_path: Path) -> None:
    """Webhooks and callbacks are not sent, and the start says so."""
    file = tmp_path / "contract.yaml"
    operation = "{post: {responses: {'204': {description: d}}}}"
    file.write_text(
        "openapi: 3.1.0\ninfo: {title: T, version: '1'}\n"
        f"webhooks: {{one: {operation}, two: {operation}}}\n"
        "paths:\n  /a:\n    post:\n      responses: {'204': {description: d}}\n"
        f"      callbacks: {{done: {{'{{$request.query.url}}': {operation}}}}}\n"
    )

    lines = list(start_lines(StartPage(url="u", contracts=[load(file)], overlays=[None])))

    assert [one for one in lines if one.startswith("Not sent")] == [
        "Not sent  2 webhooks, 1 callback: the mock sends no requests of its own"
    ]


def test_bodies_that_nothing_here_reads(tmp_path: Path) -> None:
    """The start names them; a file, a text and what is read are no matter."""
    file = tmp_path / "contract.yaml"
    thing = "{schema: {$ref: '#/components/schemas/T'}}"
    types = "application/cbor", "application/json", "application/yaml", "application/*"
    content = ", ".join(f"{one}: {thing}" for one in types)
    content += ", image/png: {schema: {type: string, format: binary}}"
    body = f"{{requestBody: {{content: {{{content}}}}}, responses: {{'204': {{description: d}}}}}}"
    file.write_text(
        "openapi: 3.0.3\ninfo: {title: T, version: '1'}\n"
        f"paths: {{/a: {{post: {body}, put: {body}}}}}\n"
        "components: {schemas: {T: {type: object}}}\n"
    )

    lines = list(start_lines(StartPage(url="u", contracts=[load(file)], overlays=[None])))

    assert [one for one in lines if one.startswith("Unread")] == [
        "Unread    application/cbor (2): such bodies are accepted without validation"
    ]
