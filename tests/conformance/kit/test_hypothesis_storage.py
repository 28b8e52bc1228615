"""Hypothesis' tables: kept from run to run, and never in the folder of the project."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import configuration

from conformance.run.generated.hypothesis_storage import keep_out_of_the_folder


@pytest.fixture
def chosen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The folders that are chosen from now on, in a project without any."""
    folders = list[Path]()
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("HYPOTHESIS_STORAGE_DIRECTORY", raising=False)
    monkeypatch.setattr(configuration, "__hypothesis_home_directory", None)
    monkeypatch.setattr(configuration, "set_hypothesis_home_dir", folders.append)
    return folders


def test_they_are_in_the_users_cache(
    tmp_path: Path, chosen: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next run finds them there."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    keep_out_of_the_folder(loaded=True)
    keep_out_of_the_folder(loaded=True)

    assert chosen == [tmp_path / "cache" / "conformance" / "hypothesis"] * 2
    assert chosen[0].is_dir()


def test_without_a_home_they_are_those_of_one_run(
    tmp_path: Path, chosen: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A container may have none, or one that nobody may write to."""
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    keep_out_of_the_folder(loaded=True)

    assert chosen[0].is_dir()
    assert chosen[0].name.startswith("conformance-hypothesis-")


def test_a_project_keeps_its_own(chosen: list[Path]) -> None:
    """Where there is a folder, its tests use it."""
    Path(".hypothesis").mkdir()
    keep_out_of_the_folder(loaded=True)

    assert chosen == []
