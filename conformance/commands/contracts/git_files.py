"""Files as they are in a commit."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from posixpath import normpath

from conformance.commands.contracts.git_call import AbsentError, GitError, first_error_line, git

__all__ = ["extract"]

_LINKS = 10
"""Symbolic links that are followed, one to the next."""
_SUFFIXES = (".yaml", ".yml", ".json")
_LARGEST = 64 * 1024 * 1024
"""Bytes of a file that may be a contract or a part of one; a larger one is left out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    """One line of `git ls-tree`: `mode` 120000 is a symbolic link, 160000 a submodule."""

    mode: str
    blob: str
    size: int
    path: str


def extract(ref: str, commit: str, path: str, folder: Path, root: PurePosixPath | None) -> Path:
    """Put a file of a commit, and what lies beside and below it or below `root`, into a folder.

    Only files that a contract can refer to are taken. Links are followed inside the commit.

    Returns:
        Where the file itself lies now.

    Raises:
        AbsentError: the commit has no such file.
        GitError: the path leads out of the repository.
    """
    wanted = _followed(ref, commit, _inside(path))
    beside = str(root or PurePosixPath(wanted).parent)
    entries = [one for one in _tree_entries(commit, beside) if _is_wanted(one, wanted)]
    for entry, content in zip(entries, _contents(entries), strict=True):
        _put(entry, content, folder)
    return folder / wanted


def _inside(path: str) -> str:
    """The path from the repository's root; `./x` is relative to the current folder, as in git."""
    if path.startswith("./"):
        prefix = git("rev-parse", "--show-prefix").stdout.decode().strip()
        path = normpath(prefix + path)
    where = PurePosixPath(path)
    if where.is_absolute() or ".." in where.parts:
        raise GitError(f"{path!r} is outside the repository; give a path inside it")
    return str(where)


def _followed(ref: str, commit: str, path: str) -> str:
    """The path of the file itself, where the path is that of a link."""
    for _ in range(_LINKS):
        found = [one for one in _tree_entries(commit, path) if one.path == path]
        if not found and (module := _submodule_above(commit, path)):
            raise GitError(f"{module} is a submodule in {ref}; compare in its own repository")
        if not found:
            raise AbsentError(
                f"there is no {path} in {ref}; name the path from the repository's root"
            )
        if found[0].mode != "120000":
            return path
        (target,) = _contents(found)
        path = _inside(normpath(str(PurePosixPath(path).parent / os.fsdecode(target))))
    raise GitError(f"{path} in {ref} is a symbolic link that leads back to itself")


def _submodule_above(commit: str, path: str) -> str:
    """The submodule that a path leads into, or ""."""
    for folder in map(str, PurePosixPath(path).parents[:-1]):
        if any(
            one.mode == "160000" and one.path == folder for one in _tree_entries(commit, folder)
        ):
            return folder
    return ""


def _tree_entries(commit: str, path: str) -> list[_Entry]:
    # Literal: a file may be called `*.yaml`. Full names: the current folder plays no part.
    listed = git(
        "--literal-pathspecs", "ls-tree", "-r", "-l", "-z", "--full-tree", commit, "--",
        *([path] if path != "." else []),
    )  # fmt: skip
    if listed.returncode:
        raise GitError(f"git cannot list {path}: {first_error_line(listed)}")
    lines = os.fsdecode(listed.stdout).split("\0")
    return [_entry(line) for line in lines if line]


def _entry(line: str) -> _Entry:
    facts, _, path = line.partition("\t")
    mode, _, blob, size = facts.split()
    return _Entry(mode=mode, blob=blob, size=int(size) if size.isdigit() else 0, path=path)


def _is_wanted(entry: _Entry, path: str) -> bool:
    if entry.path == path:
        return True
    where = PurePosixPath(entry.path)
    if entry.mode == "160000" or entry.size > _LARGEST or ".." in where.parts:
        return False
    # A link may lead to a folder, whose name says nothing.
    return entry.mode == "120000" or where.suffix in {*_SUFFIXES, PurePosixPath(path).suffix}


def _contents(entries: Iterable[_Entry]) -> Iterator[bytes]:
    """The bytes as they were committed: no attribute (export-ignore, eol) has a say in it."""
    names = "".join(f"{one.blob}\n" for one in entries)
    got = git("cat-file", "--batch", data=names.encode())
    if got.returncode:
        raise GitError(f"git cannot read the files: {first_error_line(got)}")
    rest = got.stdout
    while rest:
        head, _, rest = rest.partition(b"\n")
        if head.endswith(b" missing"):
            # A clone with a filter has no blobs, and git could not fetch this one.
            raise GitError("git has not fetched all the files of the commit; fetch them")
        size = int(head.split()[2])
        yield rest[:size]
        rest = rest[size + 1 :]


def _put(entry: _Entry, content: bytes, folder: Path) -> None:
    place = folder / entry.path
    place.parent.mkdir(parents=True, exist_ok=True)
    if entry.mode != "120000":
        place.write_bytes(content)
        return
    target = os.fsdecode(content)
    leads = normpath(str(PurePosixPath(entry.path).parent / target))
    # A link that leads out of the commit is not laid: it would lead to a file of this machine.
    if not target.startswith("/") and not leads.startswith(".."):
        place.symlink_to(target)
