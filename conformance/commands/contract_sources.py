"""Contracts that are named on a command line: a file, `REF:PATH` in git, a URL, or `-`."""

from __future__ import annotations

import ssl
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit

from conformance.commands.git_files import (
    AbsentError,
    GitError,
    extract,
    merge_base,
    renamed_from,
    repository_path,
    resolved,
)
from conformance.commands.reach import Reach
from conformance.commands.removed_places import place_in
from conformance.report.findings import Finding, FindingPlace
from spec import Contract
from spec.model.errors import ContractError, Place
from spec.model.pointers import join
from spec.text.secrets import masked_urls

__all__ = [
    "NoBaseError",
    "OpenedContract",
    "SourceError",
    "is_file",
    "opened",
    "opened_base",
    "opened_pair",
]

_SECONDS = 30
"""Seconds until the server of a contract has to answer."""
_LARGEST = 64 * 1024 * 1024
"""Bytes of a contract that comes from a URL or from standard input."""


class SourceError(ValueError):
    """A contract that cannot be found: what was looked for, and what to do."""


class NoBaseError(SourceError):
    """The contract is new: the commit that it is compared with does not have it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedContract:
    """A loaded contract and the name that it was asked for by.

    `path` is its file, and `reach` what that may refer to, as long as the source is open. What
    comes out of git lies in a folder for a while; `mounted` is that folder, and `shown` what stands
    for it in messages: `main:`.
    """

    contract: Contract
    name: str
    path: Path
    reach: Reach
    mounted: str = ""
    shown: str = ""

    def named(self, finding: Finding) -> Finding:
        """The finding with its place as the caller knows it."""
        return finding.at(self._original_paths)

    def placed(self, finding: Finding, after: Contract) -> Finding:
        """The finding of a diff with what lies in this source at its place in the contract AFTER.

        An annotation attaches to a file that the change has (SARIF 2.1.0 section 3.4.3), and OLD is
        none. What was removed is reported where it was: at the next node beside it that is left,
        since that line is next to the change, or else at the node above.
        """
        return finding.at(lambda found: self._placed(found, after))

    def _placed(self, found: FindingPlace, after: Contract) -> FindingPlace:
        place = found.place
        mine = place is not None and (
            place.file.startswith(self.mounted) if self.mounted else self._is_own(place, after)
        )
        if not mine:
            return found
        method, _, path = found.operation.partition(" ")
        above = join("#", "paths", path, method.lower()) if path else "#"
        return replace(found, place=place_in(after, self.contract, found.pointer or above))

    def _is_own(self, place: Place, after: Contract) -> bool:
        return place.file == self.contract.file != after.file

    def _original_paths(self, found: FindingPlace) -> FindingPlace:
        place = found.place
        if place is None or not self.mounted or not place.file.startswith(self.mounted):
            return found
        file = self.shown + place.file.removeprefix(self.mounted).lstrip("/")
        return replace(found, place=Place(file=file, line=place.line))


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
    if _is_fetched(text):
        with _fetched(text, overlay, replace(reach, root=None)) as source:
            yield source
    # A file wins over a ref, since a name such as `a:b.yaml` is allowed.
    elif is_file(text) or ":" not in text:
        file = Path(text)
        yield OpenedContract(
            contract=reach.load(file, overlay=overlay), name=text, path=file, reach=reach
        )
    else:
        ref, _, path = text.partition(":")
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
    if _is_fetched(text) or is_file(text) or ":" not in text:
        with opened(text, reach=reach) as source:
            yield source
        return
    ref, _, path = text.partition(":")
    new = None if _is_fetched(str(contract)) else repository_path(Path(contract))
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


def is_file(text: str) -> bool:
    """Whether there is something of that path; what is too long or odd for a path is none."""
    try:
        return Path(text).exists()
    except (OSError, ValueError):
        return False


def _is_fetched(text: str) -> bool:
    return text == "-" or text.startswith(("http://", "https://"))


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
    data = _standard_input() if text == "-" else _downloaded(text)
    name = "standard input" if text == "-" else masked_urls(text)
    if len(data) > _LARGEST:
        raise SourceError(
            f"{name} is larger than {_LARGEST // 1024 // 1024} MiB; choose a smaller file"
        )
    with tempfile.TemporaryDirectory(prefix="conformance-") as folder:
        file = Path(folder) / (Path(urlsplit(text).path).name or "openapi.yaml")
        file.write_bytes(data)
        contract = reach.load(file, overlay=overlay, name=name)
        yield OpenedContract(contract=contract, name=name, path=file, reach=reach)


def _standard_input() -> bytes:
    return sys.stdin.buffer.read(_LARGEST + 1)


def _downloaded(url: str) -> bytes:
    asked = urllib.request.Request(
        url, headers={"Accept": "application/json, application/yaml, */*"}
    )
    try:
        with urllib.request.urlopen(asked, timeout=_SECONDS) as answer:
            # One byte more than allowed shows that it is too large, without reading all of it.
            data: bytes = answer.read(_LARGEST + 1)
            return data
    except urllib.error.HTTPError as error:
        raise SourceError(
            f"{masked_urls(url)} responds with {error.code}; give the URL of the document itself"
        ) from None
    except (OSError, ValueError) as error:
        why = getattr(error, "reason", error)
        remedy = "check the URL"
        if isinstance(why, ssl.SSLCertVerificationError):
            remedy = "name the certificates to trust in SSL_CERT_FILE, or download the contract"
        elif isinstance(why, ssl.SSLError):
            remedy = "write http:// if the server does not speak TLS"
        raise SourceError(f"{masked_urls(url)} cannot be fetched: {why}; {remedy}") from None


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
