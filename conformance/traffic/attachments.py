"""Bodies that stand in files of their own, beside an archive or with it in a zip (`_file`).

Playwright writes them where `recordHar` has `content: "attach"`, or a path that ends in `.zip`.
"""

from __future__ import annotations

import os
import zipfile
import zlib
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO, Protocol

from conformance.traffic.exchanges import LONGEST
from spec.reading.regular_files import open_regular

__all__ = ["ArchiveError", "Attached", "opened_archive"]

_RATIO = 100
"""Text is packed to a tenth or so; what unpacks to a hundred times its size is meant to harm."""
_PLENTY = 64 * 1024 * 1024
"""A zip gives this many bytes, or a hundred times its own size: no more is unpacked."""
_KEPT_BYTES = 1024 * 1024
"""Bytes of a member that is kept unpacked, since archives name the same body many times."""
_MOST_KEPT = 32
"""Small files that stay in memory: what a page polls is one file that many entries name."""
_BROKEN = (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError)
"""What reading a zip raises: damaged, of an unknown method, encrypted, cut."""


class ArchiveError(ValueError):
    """An archive that cannot be opened: why."""


class Attached(Protocol):
    """The files that entries name."""

    def read(self, name: str) -> bytes | None:
        """The whole file; None where there is none that may be read."""


@contextmanager
def opened_archive(file: Path) -> Iterator[tuple[IO[bytes], Attached]]:
    """The text of an archive, and what is attached to it.

    Raises:
        ArchiveError: a zip without one `.har` in it, or one that unpacks to far more than it is.
        OSError: it cannot be read.
    """
    with open_regular(file) as opened:
        if not zipfile.is_zipfile(opened):
            opened.seek(0)
            yield opened, _Folder(file.parent)
            return
    try:
        with zipfile.ZipFile(file) as packed:
            inside = _Zip(packed, max(_PLENTY, _RATIO * file.stat().st_size))
            with inside.opened(_har_in(packed)) as opened:
                yield opened, inside
    except _BROKEN as error:
        raise ArchiveError(f"it is a broken zip: {error}") from None


def _har_in(packed: zipfile.ZipFile) -> zipfile.ZipInfo:
    found = [one for one in packed.infolist() if one.filename.endswith(".har")]
    if len(found) != 1:
        raise ArchiveError(f"it is a zip with {len(found)} files *.har in it, and must have one")
    return found[0]


@dataclass(frozen=True, slots=True)
class _Folder:
    """Files in the folder of the archive, or below it; a link that leads out of it is none."""

    folder: Path

    def read(self, name: str) -> bytes | None:
        """A regular file of at most 16 MB: a pipe or a device would never end."""
        try:
            path, folder = (self.folder / name).resolve(), self.folder.resolve()
            if not path.is_relative_to(folder) or not path.is_file():
                return None
            with path.open("rb") as opened:
                if os.fstat(opened.fileno()).st_size > LONGEST:
                    return None
                return opened.read(LONGEST)
        except (OSError, ValueError):
            return None


@dataclass(slots=True)
class _Zip:
    """Members of a zip. `left` is how many bytes may still be unpacked, all together."""

    packed: zipfile.ZipFile
    left: int
    _kept: OrderedDict[str, bytes] = field(default_factory=OrderedDict)

    def opened(self, member: zipfile.ZipInfo) -> IO[bytes]:
        """A member as a stream, which ends where its size ends (zipfile reads no further).

        Raises:
            ArchiveError: the members unpack to far more than the zip has.
        """
        if not self._pay(member.file_size):
            raise ArchiveError(
                f"{member.filename} in it unpacks to {member.file_size:,} bytes, more than "
                f"{_RATIO} times the zip; if you trust it, unpack it and name the .har"
            )
        return self.packed.open(member)

    def read(self, name: str) -> bytes | None:
        """A member of exactly that name."""
        if name in self._kept:
            self._kept.move_to_end(name)
            return self._kept[name]
        try:
            member = self.packed.getinfo(str(PurePosixPath(name)))
        except KeyError:
            return None
        if member.file_size > LONGEST or not self._pay(member.file_size):
            return None
        try:
            return self._keep(name, self.packed.read(member))
        except _BROKEN:
            return None

    def _pay(self, size: int) -> bool:
        if size > self.left:
            return False
        self.left -= size
        return True

    def _keep(self, name: str, data: bytes) -> bytes:
        if len(data) <= _KEPT_BYTES:
            self._kept[name] = data
            if len(self._kept) > _MOST_KEPT:
                self._kept.popitem(last=False)
        return data
