"""Files as they are in a commit, and the commit that a pull request is compared with.

This module changes a repository in one case only: a shallow clone is deepened until it contains
the merge base. A full clone is never changed.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from posixpath import normpath

__all__ = [
    "AbsentError",
    "GitError",
    "extract",
    "merge_base",
    "renamed_from",
    "repository_path",
    "resolved",
]

_SECONDS = 60
"""Seconds of one call of git, which may fetch from afar in a partial clone."""
_LINKS = 10
"""Symbolic links that are followed, one to the next."""
_DEEPER = ("--deepen=50", "--deepen=1000", "--unshallow")
"""How a shallow clone gets more history, the least costly way first."""
_SUFFIXES = (".yaml", ".yml", ".json")
_LARGEST = 64 * 1024 * 1024
"""Bytes of a file that may be a contract or a part of one; a larger one is left out."""


class GitError(ValueError):
    """What git does not have, or cannot say: what was looked for, and what to do."""


class AbsentError(GitError):
    """The commit is there, and has no file of that path; or HEAD, before the first commit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    """One line of `git ls-tree`: `mode` 120000 is a symbolic link, 160000 a submodule."""

    mode: str
    blob: str
    size: int
    path: str


def resolved(ref: str, example: str = "main:openapi.yaml") -> str:
    """The commit of a ref.

    Raises:
        AbsentError: the ref is HEAD, and nothing has been committed yet.
        GitError: there is no repository here, or it knows no such ref.
    """
    if not ref or ref.startswith("-"):
        raise GitError(f"{ref!r} is not a git ref; write REF:PATH, for example {example}")
    inside = _git("rev-parse", "--git-dir")
    if inside.returncode:
        raise GitError(f"this is not a git repository ({_first_error_line(inside)})")
    found = _git("rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}")
    # A branch without a commit has a name already: the first commit is about to be made.
    if found.returncode and ref == "HEAD" and not _git("symbolic-ref", "--quiet", ref).returncode:
        raise AbsentError("this repository has no commit yet")
    if found.returncode:
        raise GitError(
            f"git does not know the ref {ref!r}; fetch it (`git fetch origin {ref}`), or name "
            f"another ref"
        )
    return found.stdout.decode().strip()


def merge_base(ref: str) -> str:
    """The last commit that the ref and HEAD have in common: what a pull request started from.

    Raises:
        GitError: there is none, or a shallow clone does not reach it and cannot be deepened.
    """
    commit, head = resolved(ref), resolved("HEAD")
    found = _git("merge-base", commit, head)
    if found.returncode and _is_shallow():
        found = _deepened(commit, head)
    if found.returncode:
        why = (
            "the history of this shallow clone does not reach their merge base, and fetching "
            "more failed; clone with the whole history (fetch-depth: 0)"
            if _is_shallow()
            else "they have no commit in common"
        )
        raise GitError(f"{ref} and HEAD: {why}, or compare with {ref} itself (--base-exact)")
    return found.stdout.decode().split()[0]


def _is_shallow() -> bool:
    return _git("rev-parse", "--is-shallow-repository").stdout.strip() == b"true"


def _deepened(commit: str, head: str) -> subprocess.CompletedProcess[bytes]:
    """Fetch more history, step by step: most branches are young."""
    remote = _git("remote").stdout.decode().split()
    found = _git("merge-base", commit, head)
    for depth in _DEEPER if remote else ():
        # Asked again each time: these options must never meet a full clone.
        if not found.returncode or not _is_shallow():
            break
        name = "origin" if "origin" in remote else remote[0]
        if _git("fetch", "--quiet", "--no-tags", depth, name).returncode:
            break
        found = _git("merge-base", commit, head)
    return found


def repository_path(file: Path) -> str | None:
    """The path of a file from the root of its repository; None where it is in none."""
    folder = file.absolute().parent
    top = _git("rev-parse", "--show-toplevel", cwd=folder if folder.is_dir() else None)
    if top.returncode:
        return None
    root = Path(os.fsdecode(top.stdout.rstrip(b"\n"))).resolve()
    real = folder.resolve() / file.name
    return real.relative_to(root).as_posix() if real.is_relative_to(root) else None


def renamed_from(commit: str, path: str) -> str | None:
    """What the commit calls a file that was renamed since; None where it has that name there."""
    root = _git("rev-parse", "--show-toplevel").stdout.decode().rstrip("\n") or None
    listed = _git(
        "diff", "--name-status", "--find-renames", "--diff-filter=R", "-z", commit,
        cwd=Path(root) if root else None,
    )  # fmt: skip
    fields = os.fsdecode(listed.stdout).split("\0")
    # Three fields each: how alike the two are, the old path, the new one.
    return dict(zip(fields[2::3], fields[1::3], strict=False)).get(path)


def extract(
    ref: str, commit: str, path: str, folder: Path, root: PurePosixPath | None = None
) -> Path:
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
        prefix = _git("rev-parse", "--show-prefix").stdout.decode().strip()
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
    listed = _git(
        "--literal-pathspecs", "ls-tree", "-r", "-l", "-z", "--full-tree", commit, "--",
        *([path] if path != "." else []),
    )  # fmt: skip
    if listed.returncode:
        raise GitError(f"git cannot list {path}: {_first_error_line(listed)}")
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
    got = _git("cat-file", "--batch", data=names.encode())
    if got.returncode:
        raise GitError(f"git cannot read the files: {_first_error_line(got)}")
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


def _first_error_line(done: subprocess.CompletedProcess[bytes]) -> str:
    return done.stderr.decode("utf-8", "replace").strip().partition("\n")[0]


def _git(
    *arguments: str, cwd: Path | None = None, data: bytes | None = None
) -> subprocess.CompletedProcess[bytes]:
    try:
        return subprocess.run(
            ["git", *arguments],
            cwd=cwd,
            input=data,
            stdin=subprocess.DEVNULL if data is None else None,
            capture_output=True,
            timeout=_SECONDS,
            check=False,
            # Nobody is there to type a password.
            env={**os.environ, "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"},
        )
    except FileNotFoundError:
        raise GitError("git is not installed; name a file instead of REF:PATH") from None
    except subprocess.TimeoutExpired:
        raise GitError(f"git did not answer within {_SECONDS} s; name a file instead") from None
