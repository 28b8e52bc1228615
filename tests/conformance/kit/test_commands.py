"""The commands as people call them: exit codes, messages, reports, settings."""

from __future__ import annotations

import ast
import json
import sys
from pathlib import Path

import jsonschema_rs
import pytest

import conformance
from conformance.cli import main
from conformance.commands.run import command
from conformance.report.codes.finding_code import FindingCode
from conformance.report.codes.registry import CODES
from conformance.report.formats.json_reader import read_report
from conformance.report.formats.json_report import report_schema
from tests.conformance.kit.targets import always, speaking

CONTRACT = """
openapi: 3.0.3
info: {title: Pings, version: '1'}
paths:
  /ping:
    get:
      tags: [Open]
      responses:
        '200': {description: well, content: {application/json: {schema: {type: object}}}}
"""
HEAD = (
    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n"
    b"Connection: close\r\n\r\n"
)
PONG, BAD = HEAD + b"{}", HEAD + b"[]"


@pytest.fixture
def contract(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A small contract, in a folder without settings."""
    monkeypatch.chdir(tmp_path)
    for name in ("CI", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "pings.yaml").write_text(CONTRACT, "utf-8")
    return "pings.yaml"


def call(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    """Run the command and return its exit code."""
    monkeypatch.setattr(sys, "argv", ["conformance", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    code = ended.value.code
    assert isinstance(code, int)
    return code


def test_findings_exit_with_1_and_are_reported(
    contract: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The JSON report satisfies its schema and says what the terminal says; HAR has all."""
    reports = ("--report", "json=r.json", "--report", "har=r.har")
    with speaking(always(BAD)) as url:
        code = call(monkeypatch, "run", "--url", url, "--contract", contract, *reports)

    assert code == 1
    content = json.loads(Path("r.json").read_text("utf-8"))
    jsonschema_rs.validator_for(report_schema()).validate(content)
    assert content["verdict"] == "breaks"
    entries = json.loads(Path("r.har").read_text("utf-8"))["log"]["entries"]
    assert len(entries) == content["requests"] > 0
    assert "response-schema" in {finding["code"] for finding in content["findings"]}
    assert "response-schema" in capsys.readouterr().out
    assert read_report(Path("r.json")).findings


def test_the_cost_is_said_before_the_first_request(
    contract: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whoever pays for what succeeds can still stop it; `--quiet` says nothing."""
    pings = CONTRACT.replace("    get:", "    post:\n      x-conformance: {writes: false}")
    Path(contract).write_text(pings, "utf-8")
    with speaking(always(PONG)) as url:
        arguments = ("run", "--url", url, "--contract", contract, "--max-billable", "3")
        call(monkeypatch, *arguments)
        said = capsys.readouterr().err
        call(monkeypatch, *arguments, "--quiet")
        quiet = capsys.readouterr().err

    assert 0 < said.index("POST /ping (--max-billable)") < said.index("[1/1] POST /ping")
    assert "--max-billable" not in quiet


@pytest.mark.parametrize("level", ["error", "warning"])
def test_fail_on_draws_the_line(contract: str, level: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A warning fails only where it is asked to: here any method succeeds."""
    with speaking(always(PONG)) as url:
        code = call(
            monkeypatch, "run", "--url", url, "--contract", contract, "--fail-on", level, "--quiet"
        )

    assert code == {"error": 0, "warning": 1}[level]


def test_nobody_there_exits_with_3(
    contract: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """One sentence says what to do."""
    code = call(monkeypatch, "run", "--url", "http://127.0.0.1:9", "--contract", contract)

    assert code == 3
    assert "never answered" in capsys.readouterr().out


def test_what_is_trusted_for_https_is_told_of_http(
    contract: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is no error: settings may serve several deployments."""
    target = ("--url", "http://127.0.0.1:9", "--contract", contract)
    code = call(monkeypatch, "run", *target, "--ca", contract, "--insecure")

    assert code == 3
    assert "--ca and --insecure: ignored, because http://127.0.0.1:9 is" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        pytest.param(["--contract", "pings.yaml"], "no deployment was given", id="no-url"),
        pytest.param(["--url", "localhost:80"], "did you mean http://localhost:80", id="no-scheme"),
        pytest.param(["--url", "ftp://x"], "only http and https", id="scheme"),
        pytest.param(["--url", "http://[::1:80"], "this is no URL", id="bracket"),
        pytest.param(["--url", "http://x/a b"], "characters of URLs: /a%20b", id="blank"),
        pytest.param(["--url", "http://x/a\nB: c"], "characters of URLs", id="line"),
        pytest.param(["--url", "u:hunter2@x:80"], "mean http://••••@x:80 ?", id="password"),
        pytest.param(["--url", "ftp://u:hunter2@x"], "--url ftp://••••@x:", id="scheme-password"),
        pytest.param(["--url", "http://me:pw@x"], "--credential", id="password-in-url"),
        pytest.param(["--url", "http://x:99999"], "port", id="port"),
        pytest.param(["--url", "http://x", "--contract", "none.yaml"], "none.yaml", id="no-file"),
        pytest.param(["--url", "http://x", "--token", "a\nb"], "line break", id="line-break"),
        pytest.param(["--url", "http://x", "--credential", "nope=1"], "nope", id="scheme-name"),
        pytest.param(["--url", "http://x", "--example", "GET /x=a.json"], "GET /x", id="example"),
        pytest.param(["--url", "http://x", "-H", "no colon"], "Name: value", id="header"),
        pytest.param(["--url", "http://x", "--rate", "fast"], "5/s", id="rate"),
        pytest.param(["--url", "http://x", "--example", "GET /pings"], "=FILE", id="no-file-name"),
        pytest.param(["--url", "http://x", "--time-budget", "nan"], "not a finite", id="nan"),
        pytest.param(["--url", "http://x", "--max-response-time", "inf"], "finite", id="inf"),
        pytest.param(["--url", "http://x", "--config", "no"], "read: No such file", id="config"),
        pytest.param(["--url", "https://x", "--ca", "pings.yaml"], "name a PEM file", id="ca"),
        pytest.param(["--url", "http://x", "--baseline", "pings.yaml"], "--report json", id="base"),
        pytest.param(["--url", "http://x", "--baseline", "deep.json"], "500 levels", id="deep"),
        pytest.param(["--url", "http://x", "--remote-ref", "xx"], "'xx' is no URL", id="remote"),
        pytest.param(["--url", "http://x", "--report", "pdf=x"], "pdf", id="format"),
        pytest.param(["--url", "http://x", "--report", "json=/proc/x"], "/proc/x", id="path"),
        pytest.param(["--url", "http://x", "--max-billabel", "3"], "--max-billable", id="flag"),
    ],
)
def test_bad_input_exits_with_2(
    contract: str,
    arguments: list[str],
    message: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """One clear message with the remedy, and no traceback."""
    Path("deep.json").write_text("[" * 100_000, "utf-8")
    code = call(monkeypatch, "run", *arguments)

    assert code == 2
    said = capsys.readouterr().err
    assert message in said
    assert "Traceback" not in said


def test_variables_and_settings(contract: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The URL comes from its variable, the contract from the project's settings."""
    Path("pyproject.toml").write_text(
        f'[tool.conformance]\ncontract = "{contract}"\nquiet = true\n', "utf-8"
    )
    with speaking(always(PONG)) as url:
        monkeypatch.setenv("CONFORMANCE_URL", url)
        code = call(monkeypatch, "run", "--report", "json=r.json")

    assert code == 0
    assert read_report(Path("r.json")).contract.title == "Pings"


def test_the_reports_that_a_run_writes_are_not_those_that_are_read(
    contract: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`report` of the settings, and its variable, are no REPORT of `waive` and `explain`."""
    Path("pyproject.toml").write_text(
        f'[tool.conformance]\ncontract = "{contract}"\nreport = ["json=r.json"]\n', "utf-8"
    )
    with speaking(always(PONG)) as url:
        assert call(monkeypatch, "run", "--quiet", "--url", url, "--max-examples", "0") == 0
    monkeypatch.setenv("CONFORMANCE_REPORT", "json=r.json")

    assert call(monkeypatch, "explain", "refused-control") == 0
    assert call(monkeypatch, "waive", "r.json", "--reason", "later", "--owner", "us") == 0


def test_every_option_has_a_variable() -> None:
    """Every flag can be given by the environment."""
    for option in command.params:
        flag = next(name for name in option.opts if name.startswith("--"))
        variable = f"CONFORMANCE_{flag.removeprefix('--').replace('-', '_')}".upper()
        assert variable in (option.envvar or ())


def test_a_token_is_split_only_at_a_tag(contract: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """`Open=` is a tag here; what else has an equals sign in it is a token."""
    from conformance.commands.run import prepared

    with command.make_context(
        "run",
        ["--url", "http://x", "--contract", contract, "--token", "Open=one", "--token", "dG9r="],
    ) as context:
        run = prepared(context.params)

    assert run.options.credentials.by_tag == {"Open": "one"}
    assert run.options.credentials.token == "dG9r="


def test_a_variable_of_several_lines_may_come_from_windows(
    contract: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A line that ends with CR LF, and the empty one after the last."""
    from conformance.commands.run import prepared

    monkeypatch.setenv("CONFORMANCE_TOKEN", "Open=one\r\ndG9r=\r\n")
    with command.make_context("run", ["--url", "http://x", "--contract", contract]) as context:
        run = prepared(context.params)

    assert run.options.credentials.by_tag == {"Open": "one"}
    assert run.options.credentials.token == "dG9r="


def test_an_unknown_kind_of_clause_is_told(
    contract: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """An empty list would look like a contract that promises nothing of the kind."""
    assert call(monkeypatch, "clauses", contract, "--kind", "respons") == 2
    assert "did you mean 'response'?" in capsys.readouterr().err


def test_clauses_are_listed(
    contract: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without a target, each with its line."""
    code = call(monkeypatch, "clauses", contract)

    assert code == 0
    said = capsys.readouterr().out
    assert "GET /ping response.200.type" in said
    assert "pings.yaml:9  #/paths/~1ping/get/responses/200" in said


@pytest.mark.parametrize("name", sorted(CODES))
def test_every_code_explains_itself(
    name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A sentence at least, and never the title again."""
    code = call(monkeypatch, "explain", name)

    assert code == 0
    assert capsys.readouterr().out.startswith(name)
    assert CODES[name].explain.endswith(".")
    assert CODES[name].explain != CODES[name].title


def test_an_unknown_code_meets_the_nearest(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A slip of the finger is understood."""
    code = call(monkeypatch, "explain", "server-eror")

    assert code == 2
    assert "server-error" in capsys.readouterr().err


def test_every_code_is_explained_and_none_is_a_text() -> None:
    """The enumeration is the list; a call site that spells a code would miss a renaming."""
    assert set(CODES) == set(FindingCode)

    room = Path(conformance.__file__).parent
    literals = {
        f"{file.relative_to(room)}: {node.value}"
        for file in room.rglob("*.py")
        if not {"codes", "clauses", "http"} & set(file.parts)  # the last two know no findings
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.Constant) and "-" in str(node.value) and node.value in set(CODES)
    }

    assert literals == set()
