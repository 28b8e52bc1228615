"""Contracts that are named on a command line: a file, `REF:PATH` in git, a URL, or `-`."""

from __future__ import annotations

import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

from conformance.commands.git_files import (
    AbsentError,
    GitError,
    extract,
    merge_base,
    repository_path,
    resolved,
)
from conformance.report.findings import Finding, FindingPlace
from spec import Contract, load
from spec.model.errors import ContractError, Place
from spec.model.pointers import join

__all__ = ["NoBaseError", "Source", "SourceError", "opened", "opened_base"]

_SECONDS = 30
_LARGEST = 64 * 1024 * 1024
"""Bytes of a contract that comes from a URL or from standard input."""


class SourceError(ValueError):
    """A contract that cannot be found: what was looked for, and what to do."""


class NoBaseError(SourceError):
    """The contract is new: the commit that it is compared with does not have it."""


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
        return finding.at(self._named)

    def placed(self, finding: Finding, after: Contract) -> Finding:
        """The finding of a diff with what lies in this source at its place in the contract AFTER.

        An annotation attaches to a file that is there (SARIF 2.1.0 section 3.4.3), and a commit's
        copy is none. What was removed is told at the nearest node above it that is left.
        """
        return finding.at(lambda found: self._placed(found, after))

    def _placed(self, found: FindingPlace, after: Contract) -> FindingPlace:
        place = found.place
        if place is None or not self.mounted or not place.file.startswith(self.mounted):
            return found
        path = found.operation.partition(" ")[2]
        pointer = found.pointer or (join("#", "paths", path) if path else "#")
        return replace(found, place=after.place(pointer))

    def _named(self, found: FindingPlace) -> FindingPlace:
        place = found.place
        if place is None or not self.mounted or not place.file.startswith(self.mounted):
            return found
        file = self.shown + place.file.removeprefix(self.mounted).lstrip("/")
        return replace(found, place=Place(file=file, line=place.line))


@contextmanager
def opened(text: str, *, overlay: Path | None = None) -> Iterator[Source]:
    """The contract of a file, of `REF:PATH` where there is no such file, of a URL, or of `-`.

    `overlay` is laid over one that comes from a URL or `-`.

    Raises:
        SourceError: there is no such file, ref, path in the ref, or answer.
        ContractError: it is no contract.
    """
    if text == "-" or text.startswith(("http://", "https://")):
        with _fetched(text, overlay) as source:
            yield source
    elif Path(text).exists() or ":" not in text:
        yield Source(contract=load(text), name=text)
    else:
        ref, _, path = text.partition(":")
        with _from_git(ref, ref, path) as source:
            yield source


@contextmanager
def opened_base(text: str, contract: Path, *, exact: bool = False) -> Iterator[Source]:
    """What a contract is compared with: as `opened`, but a ref stands for its merge base with HEAD.

    So a change is accused of what it does, and not of what the ref has got since (`exact` compares
    with the ref itself).

    Raises:
        NoBaseError: the ref is there, and the contract is new in it.
        SourceError: as for `opened`.
    """
    if text == "-" or "://" in text or Path(text).exists() or ":" not in text:
        with opened(text) as source:
            yield source
        return
    ref, _, path = text.partition(":")
    try:
        tip = resolved(ref)
        commit = tip if exact else merge_base(ref)
    except GitError as error:
        raise SourceError(f"--base {text}: {error}") from None
    shown = ref if commit == tip else f"{ref} (merge base {commit[:9]})"
    with _from_git(shown, commit, path, new=repository_path(contract)) as source:
        yield source


@contextmanager
def _from_git(ref: str, commit: str, path: str, *, new: str | None = None) -> Iterator[Source]:
    with tempfile.TemporaryDirectory(prefix="conformance-") as folder:
        try:
            file = extract(ref, resolved(commit), path, Path(folder))
        except AbsentError as error:
            if path == new:
                raise NoBaseError(f"{path} is new: {ref} does not have it") from None
            raise SourceError(str(error)) from None
        except GitError as error:
            raise SourceError(f"{ref}:{path} is no file, and {error}") from None
        yield Source(
            contract=_loaded(file, folder, f"{ref}:"),
            name=f"{ref}:{path}",
            mounted=folder,
            shown=f"{ref}:",
        )


@contextmanager
def _fetched(text: str, overlay: Path | None) -> Iterator[Source]:
    """A contract that is no file, as one: it stands alone, and refers to nothing beside it."""
    data = _standard_input() if text == "-" else _downloaded(text)
    name = "standard input" if text == "-" else text
    with tempfile.TemporaryDirectory(prefix="conformance-") as folder:
        file = Path(folder) / (Path(urlsplit(text).path).name or "openapi.yaml")
        file.write_bytes(data)
        contract = _loaded(file, str(file), name, overlay)
        yield Source(contract=contract, name=name, mounted=str(file), shown=name)


def _standard_input() -> bytes:
    return sys.stdin.buffer.read(_LARGEST)


def _downloaded(url: str) -> bytes:
    asked = urllib.request.Request(
        url, headers={"Accept": "application/json, application/yaml, */*"}
    )
    try:
        with urllib.request.urlopen(asked, timeout=_SECONDS) as answer:
            data: bytes = answer.read(_LARGEST)
            return data
    except urllib.error.HTTPError as error:
        raise SourceError(f"{url} answers {error.code}; name the address of the document") from None
    except (OSError, ValueError) as error:
        why = getattr(error, "reason", error)
        raise SourceError(f"{url} cannot be fetched: {why}; check the address") from None


def _loaded(path: Path, mounted: str, shown: str, overlay: Path | None = None) -> Contract:
    try:
        return load(path, overlay=overlay)
    except ContractError as error:
        place = error.place
        if place is not None:
            place = Place(file=_named(place.file, mounted, shown), line=place.line)
        what = _named(error.what, mounted, shown)
        raise ContractError(what, place=place, remedy=error.remedy) from None


def _named(text: str, mounted: str, shown: str) -> str:
    return text.replace(f"{mounted}/", shown).replace(mounted, shown)
