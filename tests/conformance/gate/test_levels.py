"""What an owner says of changes: levels of codes, days of notice, and what a version promises."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from conformance.report.codes.finding_code import FindingCode
from conformance.report.findings import Finding, FindingPlace, Level
from conformance.report.levels import leveled
from tests.conformance.gate.command import CONTRACT, conformance, environment

NARROWED = CONTRACT.replace("schema: {type: string}}", "schema: {type: string, maxLength: 3}}")
CODE = "request-constraint-tightened"
GONE = """\
openapi: 3.1.0
info: {title: Orders, version: '%s'}
paths:
  /orders: {get: {responses: {'204': {description: done}}}}
  /lamps: {get: {deprecated: true, %s, responses: {'204': {description: done}}}}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "old.yaml").write_text(CONTRACT, "utf-8")
    (tmp_path / "new.yaml").write_text(NARROWED, "utf-8")
    return tmp_path


def levels(folder: Path, *arguments: str, **env: str) -> tuple[int, dict[str, str]]:
    """The exit code, and the level of every code that was found."""
    done = conformance(*arguments, "--report", "json=r.json", folder=folder, env=environment(**env))
    report = json.loads((folder / "r.json").read_text("utf-8"))
    return done.returncode, {one["code"]: one["level"] for one in report["findings"]}


def test_level_of_the_command_line(folder: Path) -> None:
    """The owner's level decides the exit code, in a diff and in the gate."""
    diff = ("diff", "old.yaml", "new.yaml")
    gate = ("gate", "--no-mock", "--contract", "new.yaml", "--base", "old.yaml")
    own = ("--level", f"{CODE}=note", "--level", "version-not-raised=note")

    assert levels(folder, *diff)[0] == 1
    assert levels(folder, *diff, *own) == (0, {CODE: "note", "version-not-major": "note"})
    assert levels(folder, *gate, *own)[1][CODE] == "note"
    assert levels(folder, *gate, *own)[0] == 0


def test_level_of_a_lint(folder: Path) -> None:
    """A rule of lint can be made stricter as well."""
    (folder / "unused.yaml").write_text(
        f"{CONTRACT}  schemas: {{Lamp: {{type: string}}}}\n", "utf-8"
    )

    lint = ("lint", "unused.yaml")
    status, usual = levels(folder, *lint)
    strict, raised = levels(folder, *lint, "--level", "unused-component=error")

    assert (status, strict) == (0, 1)
    assert usual["unused-component"] != raised["unused-component"] == "error"


def test_levels_of_the_settings(folder: Path) -> None:
    """The table and the variable say the same; the variable beats the table."""
    (folder / "pyproject.toml").write_text(
        f'[tool.conformance.levels]\n{CODE} = "note"\noperation-removed = "warning"\n', "utf-8"
    )
    diff = ("diff", "old.yaml", "new.yaml")
    listed = conformance("explain", "--list", folder=folder).stdout

    assert levels(folder, *diff)[1][CODE] == "note"
    assert levels(folder, *diff, CONFORMANCE_LEVEL=f"{CODE}=warning")[1][CODE] == "warning"
    assert [" ".join(line.split()[:4]) for line in listed.splitlines() if "→" in line] == [
        "operation-removed error → warning",
        f"{CODE} error → note",
    ]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("request-constraint-tighten=note", f"did you mean '{CODE}'?"),
        (f"{CODE}=mild", f"write it as {CODE}=error, =warning or =note"),
        (CODE, f"write it as {CODE}=error"),
    ],
)
def test_bad_level(given: str, said: str, folder: Path) -> None:
    """A slip is told with what was meant, on the command line and in the settings."""
    done = conformance("lint", "old.yaml", "--level", given, folder=folder)
    name, _, level = given.partition("=")
    (folder / "pyproject.toml").write_text(
        f'[tool.conformance.levels]\n{name} = "{level}"\n', "utf-8"
    )
    table = conformance("lint", "old.yaml", folder=folder)

    assert (done.returncode, table.returncode) == (2, 2)
    assert said in done.stderr
    assert said in table.stderr
    assert "pyproject.toml: [tool.conformance] levels" in table.stderr


def test_what_could_not_be_repeated_is_never_raised() -> None:
    """A place below its code's usual level keeps the reason for that; a lower one counts."""
    code = FindingCode.SERVER_ERROR
    places = tuple(
        FindingPlace(fingerprint=str(number) * 16, level=level)
        for number, level in enumerate((Level.ERROR, Level.WARNING))
    )
    found = [Finding(code=code, title="It fails", places=places)]

    def got(level: Level) -> list[Level]:
        return [place.level for place in leveled(found, {code: level})[0].places]

    assert got(Level.ERROR) == [Level.ERROR, Level.WARNING]
    assert got(Level.WARNING) == [Level.WARNING, Level.WARNING]
    assert got(Level.NOTE) == [Level.NOTE, Level.NOTE]


@pytest.mark.parametrize(
    ("since", "days", "code"),
    [
        ("x-none: 1", "", "operation-removed"),
        ("x-none: 1", "0", "removed-as-announced"),
        ("x-none: 1", "30", "operation-removed"),
        ("x-deprecated-since: 2020-01-01", "30", "removed-as-announced"),
        ("x-deprecated-since: 2020-01-01", "999999", "operation-removed"),
        ("x-sunset: 2999-01-01", "0", "operation-removed"),
    ],
)
def test_deprecation_days(since: str, days: str, code: str, folder: Path) -> None:
    """What is deprecated without a date goes after so many days; a date of its own decides."""
    (folder / "a.yaml").write_text(GONE % ("1", since), "utf-8")
    (folder / "b.yaml").write_text((GONE % ("2", since)).rpartition("  /lamps")[0], "utf-8")
    given = ("--deprecation-days", days) if days else ()

    diff = levels(folder, "diff", "a.yaml", "b.yaml", *given)[1]
    gate = levels(folder, "gate", "--no-mock", "--contract", "b.yaml", "--base", "a.yaml", *given)[
        1
    ]

    assert code in diff
    assert code in gate


REQUIRED = """\
openapi: 3.0.3
info: {title: T, version: '%s'}
paths:
  /lamps:
    get:
      responses:
        '200':
          description: d
          content:
            application/json:
              schema: {type: object, required: [shade], properties: {%s}}
"""


@pytest.mark.parametrize(
    ("new", "sunset", "code"),
    [
        ("", "2020-01-01", "removed-as-announced"),
        ("", "2999-01-01", "response-property-optional"),
        ("shade: {type: string}", "2020-01-01", "response-property-optional"),
    ],
)
def test_a_required_property_goes_as_announced(
    new: str, sunset: str, code: str, folder: Path
) -> None:
    """What an answer always had may go after its day; while it is declared, it is promised."""
    old = f"shade: {{type: string, deprecated: true, x-sunset: '{sunset}'}}"
    (folder / "a.yaml").write_text(REQUIRED % ("1", old), "utf-8")
    (folder / "b.yaml").write_text(
        (REQUIRED % ("2", new)).replace("required: [shade], ", ""), "utf-8"
    )

    assert code in levels(folder, "diff", "a.yaml", "b.yaml")[1]


@pytest.mark.parametrize(
    ("versions", "change", "expected"),
    [
        ("1.2.3 1.3.0", "break", "version-not-major"),
        ("1.2.3 2.0.0", "break", ""),
        ("0.2.3 0.2.4", "break", "version-not-major"),
        ("0.2.3 0.3.0", "break", ""),
        ("v1 v2", "break", ""),
        ("v1 v1", "break", "version-not-major"),
        ("v1 v1", "addition", ""),
        ("1.2.3 1.2.3", "addition", "version-not-raised"),
        ("1.2.3 1.2.4", "addition", ""),
        ("1.2.3 1.2.3", "none", ""),
        ("1.2.3 1.2.2", "none", "version-decreased"),
        ("2026-01-01 2026-01-01", "break", ""),
        ("2026.1.1 2026.1.1", "break", ""),
        ("beta beta", "break", ""),
    ],
)
def test_version(versions: str, change: str, expected: str, folder: Path) -> None:
    """`info.version` says what kind of change it is (Semantic Versioning 2.0.0), or is no such."""
    old, new = versions.split()
    whole = CONTRACT.replace("version: '1'", "version: '%s'")
    narrow = NARROWED.replace("version: '1'", "version: '%s'")
    before, after = {
        "break": (whole, narrow), "addition": (narrow, whole), "none": (whole, whole),
    }[change]  # fmt: skip
    (folder / "a.yaml").write_text(before % old, "utf-8")
    (folder / "b.yaml").write_text(after % new, "utf-8")

    found = levels(folder, "diff", "a.yaml", "b.yaml")[1]
    rule = levels(folder, "diff", "a.yaml", "b.yaml", "--level", "version-not-major=error")[1]

    assert [one for one in found if one.startswith("version-")] == ([expected] if expected else [])
    if expected == "version-not-major":
        assert (found[expected], rule[expected]) == ("note", "error")
