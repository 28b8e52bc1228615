"""Commits by their names: the one that a pull request is compared with, and its names of files.

This module changes a repository in one case only: a shallow clone is deepened until it contains
the merge base. A full clone is never changed.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from conformance.commands.contracts.git_call import AbsentError, GitError, first_error_line, git

__all__ = ["merge_base", "renamed_from", "repository_path", "resolved"]

_DEEPER = ("--deepen=50", "--deepen=1000", "--unshallow")
"""How a shallow clone gets more history, the least costly way first."""


def resolved(ref: str, example: str = "main:openapi.yaml") -> str:
    """The commit of a ref.

    Raises:
        AbsentError: the ref is HEAD, and nothing has been committed yet.
        GitError: there is no repository here, or it knows no such ref.
    """
    if not ref or ref.startswith("-"):
        raise GitError(f"{ref!r} is not a git ref; write REF:PATH, for example {example}")
    inside = git("rev-parse", "--git-dir")
    if inside.returncode:
        raise GitError(f"this is not a git repository ({first_error_line(inside)})")
    found = git("rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}")
    # A branch without a commit has a name already: the first commit is about to be made.
    if found.returncode and ref == "HEAD" and not git("symbolic-ref", "--quiet", ref).returncode:
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
    found = git("merge-base", commit, head)
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
    return git("rev-parse", "--is-shallow-repository").stdout.strip() == b"true"


def _deepened(commit: str, head: str) -> subprocess.CompletedProcess[bytes]:
    """Fetch more history, step by step: most branches are young."""
    remote = git("remote").stdout.decode().split()
    found = git("merge-base", commit, head)
    for depth in _DEEPER if remote else ():
        # Asked again each time: these options must never meet a full clone.
        if not found.returncode or not _is_shallow():
            break
        name = "origin" if "origin" in remote else remote[0]
        if git("fetch", "--quiet", "--no-tags", depth, name).returncode:
            break
        found = git("merge-base", commit, head)
    return found


def repository_path(file: Path) -> str | None:
    """The path of a file from the root of its repository; None where it is in none."""
    folder = file.absolute().parent
    top = git("rev-parse", "--show-toplevel", cwd=folder if folder.is_dir() else None)
    if top.returncode:
        return None
    root = Path(os.fsdecode(top.stdout.rstrip(b"\n"))).resolve()
    real = folder.resolve() / file.name
    return real.relative_to(root).as_posix() if real.is_relative_to(root) else None


def renamed_from(commit: str, path: str) -> str | None:
    """What the commit calls a file that was renamed since; None where it has that name there."""
    root = git("rev-parse", "--show-toplevel").stdout.decode().rstrip("\n") or None
    listed = git(
        "diff", "--name-status", "--find-renames", "--diff-filter=R", "-z", commit,
        cwd=Path(root) if root else None,
    )  # fmt: skip
    fields = os.fsdecode(listed.stdout).split("\0")
    # Three fields each: how alike the two are, the old path, the new one.
    return dict(zip(fields[2::3], fields[1::3], strict=False)).get(path)
