"""What a contract is compared with, out of all sorts of repositories."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.commands.contracts.contract_sources import opened, opened_base
from conformance.commands.contracts.opened_contract import NoBaseError, SourceError
from tests.conformance.gate.repository import git

CONTRACT = "openapi: 3.0.3\ninfo: {title: %s, version: '1'}\npaths: {}\n"


def committed(folder: Path, text: str, path: str = "openapi.yaml") -> None:
    (folder / path).parent.mkdir(parents=True, exist_ok=True)
    (folder / path).write_text(text, "utf-8")
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", text[:60])


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """`main` went on by one commit after `feature`, which is checked out, had begun."""
    folder = tmp_path / "repository"
    folder.mkdir()
    git(folder, "init", "-q", "-b", "main")
    committed(folder, CONTRACT % "Begin")
    git(folder, "checkout", "-q", "-b", "feature")
    committed(folder, CONTRACT % "Feature")
    git(folder, "checkout", "-q", "main")
    committed(folder, CONTRACT % "Main")
    git(folder, "checkout", "-q", "feature")
    monkeypatch.chdir(folder)
    return folder


def title(base: str, *, exact: bool = False) -> str:
    with opened_base(base, Path("openapi.yaml"), exact=exact) as source:
        return source.contract.title


def test_the_base_is_the_merge_base(repository: Path) -> None:
    """What `main` has got since is no change of the branch; --base-exact asks for it."""
    assert title("main:openapi.yaml") == "Begin"
    assert title("main:openapi.yaml", exact=True) == "Main"
    assert title("HEAD:openapi.yaml") == "Feature"


def test_a_shallow_clone_is_deepened(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The merge base of a clone of one commit is fetched; a full clone stays as it is."""
    git(tmp_path, "clone", "-q", "--depth=1", "--no-single-branch", repository.as_uri(), "shallow")
    monkeypatch.chdir(tmp_path / "shallow")

    assert title("origin/main:openapi.yaml") == "Begin"

    git(tmp_path, "clone", "-q", repository.as_uri(), "full")
    monkeypatch.chdir(tmp_path / "full")

    assert title("origin/main:openapi.yaml") == "Begin"
    assert git(tmp_path / "full", "rev-parse", "--is-shallow-repository") == "false\n"


def test_a_shallow_clone_without_a_remote_says_so(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where nothing more can be fetched, the sentence names the two ways out."""
    git(tmp_path, "clone", "-q", "--depth=1", "--no-single-branch", repository.as_uri(), "shallow")
    monkeypatch.chdir(tmp_path / "shallow")
    git(Path(), "update-ref", "refs/heads/main", "origin/main")
    git(Path(), "remote", "remove", "origin")

    with pytest.raises(SourceError, match=r"fetch-depth: 0\), or .* \(--base-exact\)"):
        title("main:openapi.yaml")


def test_unrelated_histories(repository: Path) -> None:
    """Without a common commit there is no merge base, and the sentence says so."""
    git(repository, "checkout", "-q", "--orphan", "other")
    committed(repository, CONTRACT % "Other")

    with pytest.raises(SourceError, match="no commit in common"):
        title("main:openapi.yaml")


def test_what_else_is_in_the_tree(repository: Path) -> None:
    """Links that lead nowhere, export-ignore, odd names and submodules do not matter."""
    (repository / "nowhere.yaml").symlink_to("/nowhere/at/all")
    (repository / "out.yaml").symlink_to("../../out.yaml")
    (repository / ".gitattributes").write_text("* export-ignore eol=crlf\n")
    text = CONTRACT.replace("{}", "\n  /a b: {$ref: 'the parts/it*\\n.yaml'}") % "Odd"
    committed(
        repository,
        "get: {responses: {'204': {description: done}}}\n",
        "my contracts/real/[x] ü.yaml",
    )
    committed(repository, text.replace("it*\\n.yaml", "[x] ü.yaml"), "my contracts/o penapi.yaml")
    (repository / "my contracts/the parts").symlink_to("real")
    committed(repository, "x: 1", "last.yaml")

    with opened("HEAD:my contracts/o penapi.yaml") as source:
        assert source.contract.title == "Odd"


def test_the_path_is_a_link(repository: Path) -> None:
    """The contract may be a link to the file itself, inside the commit."""
    committed(repository, CONTRACT % "Behind", "api/v1.yaml")
    (repository / "latest.yaml").symlink_to("api/v1.yaml")
    (repository / "circle.yaml").symlink_to("circle.yaml")
    committed(repository, "x: 1", "last.yaml")

    with opened("HEAD:latest.yaml") as source:
        assert source.contract.title == "Behind"
    with pytest.raises(SourceError, match="circle"), opened("HEAD:circle.yaml"):
        pass


def test_a_path_beside_the_current_folder(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`REF:./PATH` is relative to the current folder, as everywhere in git."""
    committed(repository, CONTRACT % "Below", "api/openapi.yaml")
    monkeypatch.chdir(repository / "api")

    with opened("HEAD:./openapi.yaml") as source:
        assert source.contract.title == "Below"


def test_a_new_contract_is_told_from_a_wrong_path(repository: Path) -> None:
    """The very file that is judged may be missing in the base; any other path is a mistake."""
    Path("new.yaml").write_text(CONTRACT % "New", "utf-8")

    with pytest.raises(NoBaseError), opened_base("main:new.yaml", Path("new.yaml")):
        pass
    with (
        pytest.raises(SourceError, match=r"there is no nwe\.yaml") as told,
        opened_base("main:nwe.yaml", Path("new.yaml")),
    ):
        pass
    assert not isinstance(told.value, NoBaseError)


def test_a_renamed_contract_is_not_new(repository: Path) -> None:
    """Another name for the file takes no break out of sight."""
    committed(
        repository, CONTRACT % "Before" + "# so long that git finds it again\n" * 9, "old.yaml"
    )
    git(repository, "mv", "old.yaml", "moved.yaml")

    with opened_base("HEAD:moved.yaml", Path("moved.yaml"), exact=True) as source:
        assert (source.contract.title, source.name) == ("Before", "HEAD:old.yaml")
