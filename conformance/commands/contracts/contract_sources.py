"""Contracts that are named on a command line: a file, `REF:PATH` in git, a URL, or `-`."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit

from conformance.commands.contracts.fetched_documents import fetched_document, is_fetched
from conformance.commands.contracts.git_call import AbsentError, GitError
from conformance.commands.contracts.git_commits import (
    merge_base,
    renamed_from,
    repository_path,
    resolved,
)
from conformance.commands.contracts.git_files import extract
from conformance.commands.contracts.opened_contract import NoBaseError, OpenedContract, SourceError
from conformance.commands.contracts.reach import Reach
from spec import Contract
from spec.model.errors import ContractError, Place

__all__ = ["is_file", "opened", "opened_base", "opened_pair"]


@contextmanager
def opened(
    text: str, *, overlay: Path | None = None, reach: Reach | None = None
) -> Iterator[OpenedContract]:
    """The contract of a file, of `REF:PATH` where there is no such file, of a URL, or of `-`.

    `overlay` is laid over it; `reach` is what it may refer to.

    Raises:
        SourceError: there is no such file, ref, path in the ref, or answer.
        ContractError: it is no contract.
    """
    reach = reach or Reach()
    if is_fetched(text):
        with _fetched(text, overlay, replace(reach, root=None)) as source:
            yield source
    # A file wins over a ref, since a name such as `a:b.yaml` is allowed.
    elif is_file(text) or ":" not in text:
        file = Path(text)
        yield OpenedContract(
            contract=reach.load(file, overlay=overlay), name=text, path=file, reach=reach
        )
    else:
        ref, path = _parted(text)
        with _from_git(_Committed(ref=ref, commit=ref, path=path), reach, overlay) as source:
            yield source


@contextmanager
def opened_pair(
    old: str, new: str, reach: Reach
) -> Iterator[tuple[OpenedContract, OpenedContract]]:
    """The two contracts of a comparison, each as `opened` finds it.

    Raises:
        NoBaseError: OLD is a commit that does not have the file NEW yet.
        SourceError: as for `opened`.
    """
    if old == new == "-":
        raise SourceError("only one of OLD and NEW can come from standard input; name a file")
    with (
        opened_base(old, new, exact=True, reach=reach) as before,
        opened(new, reach=reach) as after,
    ):
        yield before, after


@contextmanager
def opened_base(
    text: str, contract: str | Path, *, exact: bool = False, reach: Reach | None = None
) -> Iterator[OpenedContract]:
    """What a contract is compared with: as `opened`, but a ref stands for its merge base with HEAD.

    So a change is accused of what it does, and not of what the ref has got since (`exact` compares
    with the ref itself).

    Raises:
        NoBaseError: the ref is there, and the contract is new in it.
        SourceError: as for `opened`.
    """
    if is_fetched(text) or is_file(text) or ":" not in text:
        with opened(text, reach=reach) as source:
            yield source
        return
    ref, path = _parted(text)
    new = None if is_fetched(str(contract)) else repository_path(Path(contract))
    try:
        tip = resolved(ref)
        commit = tip if exact else merge_base(ref)
    except GitError as error:
        if isinstance(error, AbsentError) and path == new:
            raise NoBaseError(f"{path} is new: {error}") from None
        raise SourceError(f"{text} is not a file, and {error}") from None
    shown = ref if commit == tip else f"{ref} (merge base {commit[:9]})"
    meant = _Committed(ref=shown, commit=commit, path=path, new=new)
    with _from_git(meant, reach or Reach()) as source:
        yield source


def _parted(text: str) -> tuple[str, str]:
    """The ref and the path of `REF:PATH`."""
    ref, _, path = text.partition(":")
    if not path:
        raise SourceError(f"{text} names no file; write {text}openapi.yaml")
    return ref, path


def is_file(text: str) -> bool:
    """Whether there is something of that path; what is too long or odd for a path is none."""
    try:
        return Path(text).exists()
    except (OSError, ValueError):
        return False


@dataclass(frozen=True, slots=True, kw_only=True)
class _Committed:
    """A file of a commit. `ref` is what messages call it; `new` is the path that may be missing."""

    ref: str
    commit: str
    path: str
    new: str | None = None

    @property
    def name(self) -> str:
        return f"{self.ref}:{self.path}"


def _before_renaming(meant: _Committed) -> _Committed:
    """The file as the commit calls it: a contract that was renamed is not a new one."""
    if meant.path != meant.new:
        return meant
    return replace(meant, path=renamed_from(meant.commit, meant.path) or meant.path)


@contextmanager
def _from_git(
    meant: _Committed, reach: Reach, overlay: Path | None = None
) -> Iterator[OpenedContract]:
    root = None if reach.root is None else repository_path(reach.root.resolve() / "contract")
    beside = None if root is None else PurePosixPath(root).parent
    with tempfile.TemporaryDirectory(prefix="conformance-") as folder:
        try:
            meant = _before_renaming(meant)
            file = extract(meant.ref, resolved(meant.commit), meant.path, Path(folder), beside)
        except AbsentError as error:
            if meant.path == meant.new:
                raise NoBaseError(f"{meant.path} is new: {meant.ref} does not contain it") from None
            raise SourceError(str(error)) from None
        except GitError as error:
            raise SourceError(f"{meant.name} is not a file, and {error}") from None
        there = replace(reach, root=None if beside is None else Path(folder) / beside)
        yield OpenedContract(
            contract=_loaded(file, there, overlay, folder, f"{meant.ref}:"),
            name=meant.name,
            path=file,
            reach=there,
            mounted=folder,
            shown=f"{meant.ref}:",
        )


@contextmanager
def _fetched(text: str, overlay: Path | None, reach: Reach) -> Iterator[OpenedContract]:
    """A contract that is no file, as one: it stands alone, and refers to nothing beside it."""
    fetched = fetched_document(text)
    with tempfile.TemporaryDirectory(prefix="conformance-") as folder:
        file = Path(folder) / (Path(urlsplit(text).path).name or "openapi.yaml")
        file.write_bytes(fetched.data)
        contract = reach.load(file, overlay=overlay, name=fetched.name)
        yield OpenedContract(contract=contract, name=fetched.name, path=file, reach=reach)


def _loaded(path: Path, reach: Reach, overlay: Path | None, mounted: str, shown: str) -> Contract:
    try:
        return reach.load(path, overlay=overlay)
    except ContractError as error:
        place = error.place
        if place is not None:
            place = Place(file=_original_paths(place.file, mounted, shown), line=place.line)
        what = _original_paths(error.what, mounted, shown)
        raise ContractError(what, place=place, remedy=error.remedy) from None


def _original_paths(text: str, mounted: str, shown: str) -> str:
    return text.replace(f"{mounted}/", shown).replace(mounted, shown)
