"""Settings come from flags, variables, a TOML table and defaults, in this order."""

from __future__ import annotations

from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from spec.settings.option_sources import LINE, configured


@configured("kettle")
@click.command()
@click.option("--port", type=click.IntRange(0, 65535), default=1, envvar="PORT")
@click.option("--dry-run", is_flag=True)
@click.option("--header", multiple=True, type=LINE)
@click.option("--lid", type=click.Path(path_type=Path))
def kettle(port: int, dry_run: bool, header: tuple[str, ...], lid: Path | None) -> None:
    click.echo(f"{port} {dry_run} {list(header)} {lid}")


@click.group()
def kitchen() -> None:
    pass


@kitchen.command("boil", cls=click.Command)
@click.option("--degrees", type=int, default=0)
def _boil(degrees: int) -> None:
    click.echo(degrees)


@kitchen.command("freeze", cls=click.Command)
@click.option("--tray", default="-")
@click.option("--degrees", type=int, default=0)
def _freeze(tray: str, degrees: int) -> None:
    click.echo(f"{tray} {degrees}")


for _command in kitchen.commands.values():
    configured("kitchen")(_command)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working folder, with no variable set that the commands here would read."""
    monkeypatch.chdir(tmp_path)
    for name in ("PORT", "KETTLE_PORT"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def _table(folder: Path, text: str) -> Path:
    file = folder / "pyproject.toml"
    file.write_text(text)
    return file


def _said(*arguments: str, command: click.Command = kettle, **variables: str) -> str:
    return CliRunner().invoke(command, arguments, env=variables).output


def test_flags_beat_variables_beat_the_table_beat_defaults(folder: Path) -> None:
    """Each source wins over the ones below it."""
    said = [_said()]
    _table(folder, "[tool.kettle]\nport = 2\n")
    said += [_said(), _said(PORT="3"), _said(KETTLE_PORT="4", PORT="3")]
    said += [_said("--port", "5", KETTLE_PORT="4", PORT="3"), _said(PORT="")]

    assert [line.split()[0] for line in said] == ["1", "2", "3", "4", "5", "2"]


def test_dashes_lists_and_paths_relative_to_the_file(folder: Path) -> None:
    """A key may be written with dashes; a list is a repeated option; a path starts at its file."""
    file = _table(
        folder, '[tool.kettle]\ndry-run = true\nheader = ["a: b", "c: d"]\nlid = "lid.yaml"\n'
    )

    assert _said() == f"1 True ['a: b', 'c: d'] {file.parent / 'lid.yaml'}\n"


def test_the_table_is_found_in_a_folder_above(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The nearest table counts; pyproject.toml files without one, even broken, are passed by."""
    _table(folder, "[tool.kettle]\nport = 7\n")
    inner = folder / "a" / "b"
    inner.mkdir(parents=True)
    _table(inner, "[tool.other\n")
    monkeypatch.chdir(inner)

    assert _said().startswith("7 ")


def test_a_named_file_may_be_nothing_but_the_table(folder: Path) -> None:
    """`--config` reads any TOML file, with or without the header."""
    (folder / "plain.toml").write_text("port = 8\n")
    (folder / "headed.toml").write_text("[tool.kettle]\nport = 9\n")

    assert _said("--config", "plain.toml").startswith("8 ")
    assert _said(KETTLE_CONFIG="headed.toml").startswith("9 ")


def test_a_variable_holds_one_value_a_line(folder: Path) -> None:
    """Values with spaces survive in the variable of a repeated option."""
    assert _said(KETTLE_HEADER="a: b c\nd: e") == "1 False ['a: b c', 'd: e'] None\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "[tool.kettle]\n\nprot = 1\n",
            ":3: [tool.kettle] prot: no such setting; did you mean port",
        ),
        (
            "[tool.kettle]\nqqq = 1\n",
            ":2: [tool.kettle] qqq: no such setting; the keys are dry-run, header, lid, port",
        ),
        ("[tool.kettle]\nport = true\n", ":2: [tool.kettle] port: one value is needed, not True"),
        (
            '[tool.kettle]\nport = "abc"\n',
            ":2: [tool.kettle] port: 'abc' is not a valid integer",
        ),
        ("[tool.kettle]\nport = 99999\n", ":2: [tool.kettle] port: 99999 is not in the range"),
        (
            '[tool.kettle]\ndry-run = "yes"\n',
            ":2: [tool.kettle] dry-run: true or false is needed, not 'yes'",
        ),
        ("[tool]\nkettle = 3\n", "a table is needed, not 3"),
        ("tool = {kettle = 3}\n", "a table is needed, not 3"),
        ('[ tool . "kettle" ]\nqqq = 1\n', "qqq: no such setting"),
        ("[tool.kettle]\nport = \n", "pyproject.toml: this is not TOML: Invalid value"),
    ],
)
def test_a_bad_table_is_named_with_its_line(folder: Path, text: str, message: str) -> None:
    """The file, the line, the key and the remedy are in the message, and the exit is 2."""
    _table(folder, text)
    result = CliRunner().invoke(kettle, [])

    assert message in result.output
    assert result.exit_code == 2


def test_a_named_file_that_cannot_be_read_is_an_error(folder: Path) -> None:
    """A missing file and a pyproject.toml without the table are refused when asked for."""
    _table(folder, "[tool.other]\n")

    assert "no.toml: the settings cannot be read" in _said("--config", "no.toml")
    assert "it has no table [tool.kettle]" in _said("--config", "pyproject.toml")


def test_subcommands_share_a_table_and_have_their_own(folder: Path) -> None:
    """A key that any subcommand knows may stand in the shared table; the own table wins."""
    _table(
        folder, '[tool.kitchen]\ntray = "ice"\ndegrees = 5\n[tool.kitchen.boil]\ndegrees = 100\n'
    )

    assert _said("boil", command=kitchen) == "100\n"
    assert _said("freeze", command=kitchen) == "ice 5\n"


def test_an_unknown_key_of_a_subcommand_is_an_error(folder: Path) -> None:
    """What no subcommand knows, and what the one that is named does not know, is refused."""
    _table(folder, '[tool.kitchen.boil]\ntray = "ice"\n')
    own = _said("boil", command=kitchen)
    _table(folder, "[tool.kitchen]\ndegree = 5\n")

    assert "tray: no such setting; the keys are degrees" in own
    assert "degree: no such setting; did you mean degrees?" in _said("freeze", command=kitchen)


def test_an_empty_variable_beats_the_table(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a pipeline sets to nothing is not given: the table of a checkout cannot fill it."""
    _table(folder, '[tool.kettle]\nport = 5\ndry-run = true\nheader = ["a"]\nlid = "x"')
    monkeypatch.setenv("KETTLE_HEADER", "")
    monkeypatch.setenv("KETTLE_LID", "")

    assert CliRunner().invoke(kettle, []).output == "5 True [] None\n"


def test_no_other_command_is_imported_for_settings_that_one_has(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A group may import its commands when they are asked for, some of which takes long."""
    _table(folder, "[tool.kitchen]\ntray = 'ice'\nboil = {degrees = 90}")
    asked, get_command = list[str](), kitchen.get_command

    def noted(ctx: click.Context, name: str) -> click.Command | None:
        asked.append(name)
        return get_command(ctx, name)

    monkeypatch.setattr(kitchen, "get_command", noted)

    assert CliRunner().invoke(kitchen, ["freeze"]).output == "ice 0\n"
    assert set(asked) == {"freeze"}
