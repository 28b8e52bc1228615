"""One call of git, and what can be wrong with it."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

__all__ = ["AbsentError", "GitError", "first_error_line", "git"]

_SECONDS = 60
"""Seconds of one call of git, which may fetch from afar in a partial clone."""


class GitError(ValueError):
    """What git does not have, or cannot say: what was looked for, and what to do."""


class AbsentError(GitError):
    """The commit is there, and has no file of that path; or HEAD, before the first commit."""


def git(
    *arguments: str, cwd: Path | None = None, data: bytes | None = None
) -> subprocess.CompletedProcess[bytes]:
    """What git has done with the arguments, in a folder (`cwd`), with `data` as its input.

    Raises:
        GitError: git is not installed, or took too long.
    """
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


def first_error_line(done: subprocess.CompletedProcess[bytes]) -> str:
    """What git said first of why it failed."""
    return done.stderr.decode("utf-8", "replace").strip().partition("\n")[0]
