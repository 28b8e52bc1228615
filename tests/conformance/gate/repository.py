"""Git as a test calls it: by an identity of its own, whatever the machine's settings are."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

__all__ = ["git"]

_IDENTITY = {
    f"GIT_{who}_{what}": "a@b.example"
    for who in ("AUTHOR", "COMMITTER")
    for what in ("NAME", "EMAIL")
}


def git(folder: Path, *arguments: str) -> str:
    """What a command of git says in a folder; one that fails fails the test."""
    return subprocess.run(
        ["git", "-c", "commit.gpgsign=false", *arguments],
        cwd=folder,
        check=True,
        text=True,
        capture_output=True,
        env={**os.environ, **_IDENTITY},
    ).stdout
