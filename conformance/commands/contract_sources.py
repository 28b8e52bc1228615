"""Contracts that are named on a command line: a file, or `REF:PATH` in git."""

from __future__ import annotations

import io
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from conformance.report.findings import Finding
from spec import Contract, load
from spec.model.errors import ContractError, Place

__all__ = ["Source", "SourceError", "opened"]

_SUFFIXES = (".yaml", ".yml", ".json")
_SECONDS = 60


class SourceError(ValueError):
    """A contract that cannot be found: what was looked for, and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A loaded contract and the name that it was asked for by.

    What comes out of git lies in a folder for a while; `mounted` is that folder, and `shown` what
    stands for it in messages: `main:`.
    """

    contract: Contract
    name: str
    mounted: str = ""
    shown: str = ""

    def named(self, finding: Finding) -> Finding:
        """The finding with its place as the caller knows it."""
        place = finding.place
        if place is None or not self.mounted or not place.file.startswith(self.mounted):
            return finding
        file = self.shown + place.file.removeprefix(self.mounted).lstrip("/")
        return replace(finding, place=Place(file=file, line=place.line))


@contextmanager
def opened(text: str) -> Iterator[Source]:
    """The contract of a file, or of `REF:PATH` where there is no such file.

    Raises:
        SourceError: there is no such file, ref, or path in the ref.
        ContractError: it is no contract.
    """
    if Path(text).exists() or ":" not in text:
        yield Source(contract=load(text), name=text)
        return
    ref, _, path = text.partition(":")
    with tempfile.TemporaryDirectory(prefix="conformance-") as folder:
        _check_out(ref, path, Path(folder))
        source = Source(
            contract=_loaded(Path(folder) / path, folder, f"{ref}:"),
            name=text,
            mounted=folder,
            shown=f"{ref}:",
        )
        yield source


def _loaded(path: Path, folder: str, shown: str) -> Contract:
    try:
        return load(path)
    except ContractError as error:
        place = error.place
        if place is not None:
            file = place.file.replace(f"{folder}/", shown)
            place = Place(file=file, line=place.line)
        what = error.what.replace(f"{folder}/", shown)
        raise ContractError(what, place=place, remedy=error.remedy) from None


def _check_out(ref: str, path: str, folder: Path) -> None:
    """The contract's folder as it is in the ref, so that references to other files work."""
    if not ref or ref.startswith("-"):
        raise SourceError(f"{ref!r} is no git ref; write REF:PATH, for example main:openapi.yaml")
    inside = _git("rev-parse", "--git-dir")
    if inside.returncode:
        said = inside.stderr.decode("utf-8", "replace").strip().partition("\n")[0]
        raise SourceError(
            f"{ref}:{path} is no file, and this is no git repository to look in ({said})"
        )
    if _git("rev-parse", "--verify", "--quiet", f"{ref}^{{commit}}").returncode:
        raise SourceError(
            f"git knows no ref {ref!r}; fetch it (`git fetch origin {ref}`), or name another one"
        )
    where = PurePosixPath(path)
    if where.is_absolute() or ".." in where.parts:
        raise SourceError(f"{path!r} leads out of the repository; name a path inside of it")
    top = _root_of_repository()
    if _git("cat-file", "-e", f"{ref}:{path}", cwd=top).returncode:
        raise SourceError(f"there is no {path} in {ref}; name the path from the repository's root")
    beside = str(where.parent)
    listed = _git("ls-tree", "-r", "-z", "--name-only", ref, "--", f"{beside}/", cwd=top)
    names = [name for name in listed.stdout.decode("utf-8", "surrogateescape").split("\0") if name]
    wanted = [name for name in names if name.endswith(_SUFFIXES)] or [path]
    _extract(ref, wanted if path in wanted else [*wanted, path], folder, top)


def _extract(ref: str, names: list[str], folder: Path, top: Path) -> None:
    # A few hundred names at a time: a command line has its limit.
    for start in range(0, len(names), 500):
        packed = _git("archive", "--format=tar", ref, "--", *names[start : start + 500], cwd=top)
        if packed.returncode:
            raise SourceError(f"git cannot read {ref}: {packed.stderr.decode().strip()}")
        with tarfile.open(fileobj=io.BytesIO(packed.stdout)) as archive:
            archive.extractall(folder, filter="data")


def _root_of_repository() -> Path:
    return Path(_git("rev-parse", "--show-toplevel").stdout.decode().strip())


def _git(*arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[bytes]:
    try:
        return subprocess.run(
            ["git", *arguments], cwd=cwd, capture_output=True, timeout=_SECONDS, check=False
        )
    except FileNotFoundError:
        raise SourceError("git is not installed; name a file instead of REF:PATH") from None
    except subprocess.TimeoutExpired:
        raise SourceError(f"git did not answer within {_SECONDS} s; name a file instead") from None
