"""`diff`, `changelog`, `lint` and `waive` as people call them: output, exit codes, bad input."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema_rs
import pytest
import yaml

from conformance.report.formats.json_report import report_schema
from tests.conformance.gate.command import CONTRACT, conformance
from tests.conformance.gate.repository import git

NARROWED = CONTRACT.replace("version: '1'", "version: '2'").replace(
    "schema: {type: string}}", "schema: {type: string, maxLength: 3}}"
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "old.yaml").write_text(CONTRACT, "utf-8")
    (tmp_path / "new.yaml").write_text(NARROWED, "utf-8")
    return tmp_path


def test_diff_says_what_breaks(folder: Path) -> None:
    """A break makes the exit code 1, and is told with a request that shows it."""
    done = conformance("diff", "old.yaml", "new.yaml", folder=folder)

    assert done.returncode == 1, done.stderr
    assert (
        "ERROR the path parameter id of GET /orders/{id} now takes at most 3 characters"
        in done.stdout
    )
    assert "new.yaml:8" in done.stdout
    assert "curl -i https://HOST/orders/" in done.stdout


def test_diff_of_equals(folder: Path) -> None:
    """A contract does not differ from itself."""
    done = conformance("diff", "old.yaml", "old.yaml", folder=folder)

    assert done.returncode == 0
    assert "no findings" in done.stdout


@pytest.mark.parametrize(("level", "status"), [("error", 0), ("warning", 0), ("note", 1)])
def test_fail_on(level: str, status: int, folder: Path) -> None:
    """The way back is compatible: only `--fail-on note` minds it."""
    (folder / "wider.yaml").write_text(CONTRACT.replace("version: '1'", "version: '2'"), "utf-8")
    done = conformance("diff", "new.yaml", "wider.yaml", "--fail-on", level, folder=folder)

    assert done.returncode == status


def test_json_report(folder: Path) -> None:
    """The report has the shape of `run`'s, with the witness in it."""
    conformance("diff", "old.yaml", "new.yaml", "--report", "json=out/r.json", folder=folder)

    report = json.loads((folder / "out" / "r.json").read_text("utf-8"))
    assert jsonschema_rs.is_valid(report_schema(), report)
    assert report["verdict"] == "breaks"
    [finding] = report["findings"]
    assert finding["witness"]["request"]["method"] == "GET"
    assert finding["witness"]["old"] == "allows it"
    assert finding["witness"]["new"].startswith("refuses it: path parameter 'id' must have at most")


def test_old_from_git(folder: Path) -> None:
    """OLD is taken out of git with the files that it refers to, and is called by its name there."""
    api = folder / "api"
    api.mkdir()
    text = CONTRACT.replace("{type: string}}\n", "{$ref: 'parts.yaml#/Id'}}\n", 1)
    (api / "openapi.yaml").write_text(text, "utf-8")
    (api / "parts.yaml").write_text("Id: {type: string, maxLength: 9}\n", "utf-8")
    git(folder, "init", "-q", "-b", "main")
    git(folder, "add", ".")
    git(folder, "commit", "-q", "-m", "first")
    (api / "parts.yaml").write_text("Id: {type: string, maxLength: 3}\n", "utf-8")

    done = conformance("diff", "main:api/openapi.yaml", "api/openapi.yaml", folder=folder)

    assert done.returncode == 1, done.stderr
    assert "OLD: `maxLength`: 9" in done.stdout
    assert "the change from main:api/openapi.yaml to api/openapi.yaml" in done.stdout


@pytest.mark.parametrize(
    ("old", "said"),
    [
        ("missing.yaml", "missing.yaml"),
        ("nosuch:old.yaml", "git does not know the ref 'nosuch'"),
        ("main:nosuch.yaml", "there is no nosuch.yaml in main"),
        ("main:../old.yaml", "is outside the repository"),
        ("--upload-pack=x:old.yaml", "No such option"),
    ],
)
def test_bad_old(old: str, said: str, folder: Path) -> None:
    """An OLD that cannot be found is told in one sentence, with exit code 2."""
    git(folder, "init", "-q", "-b", "main")
    git(folder, "add", ".")
    git(folder, "commit", "-q", "-m", "first")

    done = conformance("diff", old, "new.yaml", folder=folder)

    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_ref_without_a_repository(folder: Path) -> None:
    """REF:PATH outside of a repository says so."""
    done = conformance("diff", "main:old.yaml", "new.yaml", folder=folder)

    assert done.returncode == 2
    assert "this is not a git repository" in done.stderr


def test_report_that_cannot_be_written(folder: Path) -> None:
    """A bad report path is told before anything is compared."""
    done = conformance("diff", "old.yaml", "new.yaml", "--report", "json=/proc/x", folder=folder)

    assert done.returncode == 2
    assert "/proc/x cannot be written" in done.stderr


def test_changelog(folder: Path) -> None:
    """The change as Markdown: what breaks, where, and an example."""
    done = conformance("changelog", "old.yaml", "new.yaml", folder=folder)

    assert done.returncode == 0
    assert done.stdout.startswith("## Orders 2\n\nChanges since 1.\n\n### Breaking changes\n")
    assert "\n**`GET /orders/{id}`**\n\n- The path parameter id of" in done.stdout
    assert "of GET /orders/{id} now takes at most 3 characters; `string` is refused." in done.stdout
    assert "\n  ```\n  GET /" in done.stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ("changelog", "old.yaml", "new.yaml", "--output", "old.yaml"),
        ("client", "--run", "true", "--failing", "old.yaml"),
        ("freshen", "e2e.har", "--contract", "new.yaml", "--output", "old.yaml"),
        ("lint", "new.yaml", "--log", "old.yaml"),
    ],
    ids=lambda arguments: arguments[0],
)
def test_no_output_replaces_a_contract(arguments: tuple[str, ...], folder: Path) -> None:
    """A slip would cost the file; a log of the same name began with emptying it."""
    before = (folder / "old.yaml").read_bytes()
    done = conformance(*arguments, folder=folder)

    assert done.returncode == 2
    assert "old.yaml is a contract, which would be replaced" in done.stderr
    assert (folder / "old.yaml").read_bytes() == before


def test_changelog_of_equals(folder: Path) -> None:
    """No change is said to be none."""
    done = conformance("changelog", "old.yaml", "old.yaml", folder=folder)

    assert "Nothing changed in what the contract allows and promises." in done.stdout


def test_lint(folder: Path) -> None:
    """A fault names its line and what to do; a contract that does not load is exit code 2."""
    (folder / "faulty.yaml").write_text(CONTRACT.replace("maximum: 10", "default: a"), "utf-8")
    (folder / "broken.yaml").write_text("openapi: 3.0.3\npaths: [", "utf-8")

    faulty = conformance("lint", "faulty.yaml", folder=folder)
    broken = conformance("lint", "broken.yaml", folder=folder)

    assert faulty.returncode == 1
    assert "faulty.yaml:17" in faulty.stdout
    assert broken.returncode == 2
    assert "broken.yaml:" in broken.stderr


def test_waive(folder: Path) -> None:
    """Waivers are written from a report, once, and are read back."""
    conformance("diff", "old.yaml", "new.yaml", "--report", "json=r.json", folder=folder)
    arguments = ("waive", "r.json", "--reason", "Nobody sends more", "--owner", "api@example.com")

    first = conformance(*arguments, "--expires", "2099-01-31", folder=folder)
    second = conformance(*arguments, folder=folder)

    assert first.returncode == 0, first.stderr
    assert first.stdout == "1 waiver added to contract-waivers.yaml, until 2099-01-31\n"
    assert second.stdout == "nothing is added: contract-waivers.yaml has them all\n"
    [waiver] = yaml.safe_load((folder / "contract-waivers.yaml").read_text("utf-8"))["waivers"]
    assert waiver["reason"] == "Nobody sends more"
    assert waiver["owner"] == "api@example.com"
    assert waiver["code"] == "request-constraint-tightened"
    assert waiver["finding"].startswith("the path parameter id")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("nosuch.json",), "nosuch.json: cannot be read"),
        (("old.yaml",), "old.yaml: is not JSON"),
        (("r.json", "--only", "nosuch"), "the report has no such fingerprint or code"),
        (("r.json", "--expires", "tomorrow"), "write a date such as 2027-01-31"),
        (("r.json", "--expires", "2001-01-01"), "this day has passed"),
        (("r.json", "--owner", " "), "--owner: it is empty, and a waiver needs one"),
        (("r.json", "--waivers", "old.yaml"), "`waivers` is missing"),
    ],
)
def test_bad_waive(arguments: tuple[str, ...], said: str, folder: Path) -> None:
    """Bad input of `waive` is told in one sentence."""
    conformance("diff", "old.yaml", "new.yaml", "--report", "json=r.json", folder=folder)

    done = conformance("waive", "--reason", "x", "--owner", "y", *arguments, folder=folder)

    assert done.returncode == 2
    assert said in done.stderr


def test_a_finding_in_a_commit_points_at_the_file(folder: Path) -> None:
    """What OLD lacks and NEW answers stands in NEW; a commit's copy is no file of the checkout."""
    text = """
openapi: 3.0.3
info: {title: Orders, version: '1'}
paths:
  /orders:
    get:
      responses:
        '200':
          description: the orders
          content: {application/json: {schema: {type: string, enum: [open, done]}}}
"""
    (folder / "openapi.yaml").write_text(text, "utf-8")
    git(folder, "init", "-q")
    git(folder, "add", "-A")
    git(folder, "-c", "user.name=a", "-c", "user.email=a@b.example", "commit", "-qm", "one")
    (folder / "openapi.yaml").write_text(text.replace("done]", "done, lost]"), "utf-8")
    arguments = ("HEAD:openapi.yaml", "openapi.yaml", "--report", "sarif=r.sarif")
    conformance("diff", *arguments, folder=folder)
    log = (folder / "r.sarif").read_text("utf-8")

    assert '"uri": "openapi.yaml"' in log
    assert "HEAD:" not in log
