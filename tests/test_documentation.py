"""The documents are true where a machine can tell: options, links, targets, codes."""

from __future__ import annotations

import re
import subprocess
from importlib import import_module
from pathlib import Path

import click
import pytest

from conformance.cli import COMMANDS
from conformance.report.formats.destinations import FORMATS
from mock_server.cli import command as mock_server
from mock_server.cli import export_command as mock_server_export

ROOT = Path(__file__).parent.parent
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("tests/golden/*.md")])
EVERYWHERE = {"help", "version"}


def options_of(command: click.Command) -> list[str]:
    """The long names of a command's options."""
    return [
        name
        for option in command.params
        if isinstance(option, click.Option) and option.name not in EVERYWHERE
        for name in option.opts
        if name.startswith("--")
    ]


def said_in(*names: str) -> str:
    """The text of some documents."""
    return "\n".join((ROOT / name).read_text(encoding="utf-8") for name in names)


@pytest.mark.parametrize("option", options_of(mock_server))
def test_the_readme_names_every_flag_of_the_mock(option: str) -> None:
    """Whoever reads `--help` finds it explained."""
    assert f"`{option}" in said_in("README.md")


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_and_flag_of_the_kit_is_documented(name: str) -> None:
    """In the page for deployments or the page for pipelines."""
    said = said_in(
        "docs/conformance.md",
        "docs/gate.md",
        "docs/clients.md",
        "docs/traffic.md",
        "docs/agents.md",
    )
    command = import_module(f"conformance.commands.{name}").command
    missing = [option for option in options_of(command) if option not in said]

    assert f"conformance {name}" in said
    assert missing == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_flag_of_a_command_line_exists(document: Path) -> None:
    """Each `mock-server` and `conformance` line of an example names flags that the command has."""
    wrong = [
        f"{line}: {flag}"
        for line, command in _command_lines(document.read_text(encoding="utf-8"))
        for flag in re.findall(r"(?<=\s)--?[a-zA-Z][\w-]*", line)
        if flag not in _flags_of(command)
    ]

    assert wrong == []


def _command_lines(text: str) -> list[tuple[str, click.Command]]:
    """The lines of code blocks and the inline code that run one of our commands, quotes removed."""
    code = re.findall(r"^```.*?\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    code += re.findall(r"(?<!`)`([^`\n]+)`(?!`)", text)
    found = []
    for line in "\n".join(code).replace("\\\n", " ").split("\n"):
        bare = re.sub(r"'[^']*'|\"[^\"]*\"|#.*|\|.*", "", line)
        for said in re.findall(r"(?<![\w./'-])(mock-server|conformance) (?:(\S+) ?)?", bare):
            command = _command_of(*said)
            if command is not None:
                found.append((bare, command))
    return found


def _command_of(program: str, first: str) -> click.Command | None:
    """The command that a line runs; None where the line only mentions a program."""
    if program == "mock-server":
        return mock_server_export if first == "export" else mock_server
    if first not in COMMANDS:
        return None
    command = import_module(f"conformance.commands.{first}").command
    assert isinstance(command, click.Command)
    return command


def _flags_of(command: click.Command) -> set[str]:
    return {"--help", "--version", "--log", "--verbose", "--config"} | {
        name for option in command.params for name in (*option.opts, *option.secondary_opts)
    }


@pytest.mark.parametrize("name", FORMATS)
def test_every_report_format_is_documented(name: str) -> None:
    """They are listed where `--report` is."""
    assert f"`{name}`" in said_in("docs/conformance.md")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(document: Path) -> None:
    """To a file of the repository, and to a heading where one is named."""
    text = document.read_text(encoding="utf-8")
    for target in re.findall(r"\]\((?!https?:|mailto:)([^)\s]+)\)", text):
        path, _, heading = target.partition("#")
        file = (document.parent / path).resolve() if path else document
        assert file.exists(), target
        if heading:
            titles = re.findall(r"^#+ (.+)$", file.read_text(encoding="utf-8"), re.MULTILINE)
            assert heading in [_anchor(title) for title in titles], target


def _anchor(title: str) -> str:
    return re.sub(r"[^\w\- ]", "", title.lower()).strip().replace(" ", "-")


def test_every_make_target_that_is_spoken_of_exists() -> None:
    """And `make help` lists it."""
    listed = subprocess.run(
        ["make", "--no-print-directory", "help"], cwd=ROOT, capture_output=True, text=True
    ).stdout
    text = said_in(*map(str, DOCUMENTS))
    spoken = set(re.findall(r"(?:^|`)make ([a-z-]+)", text, re.MULTILINE))

    assert spoken
    assert [name for name in sorted(spoken) if f"  {name} " not in listed] == []
