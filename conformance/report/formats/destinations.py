"""`--report FORMAT=PATH`: which formats there are, and where each report goes.

Every path is checked before a run begins, so that its results cannot be lost at the end.
"""

from __future__ import annotations

import os
import re
import stat
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from io import BytesIO
from pathlib import Path

from conformance.report.baseline import BaselineChange
from conformance.report.findings import Report
from conformance.report.formats.printable import without_commands
from spec.model.near_names import did_you_mean
from spec.reading.regular_files import file_named

__all__ = [
    "FORMATS", "Destination", "DestinationError", "apart", "destination", "is_contract", "write",
]  # fmt: skip

_WITH_CHANGES = frozenset({"html", "markdown"})
"""Formats that show what changed since a baseline."""
_JSON = frozenset({"gitlab", "har", "json", "sarif"})
"""Formats in which no line can begin with a workflow command."""
FORMATS: Mapping[str, str] = {
    "github": "conformance.report.formats.github:as_annotations",
    "gitlab": "conformance.report.formats.gitlab:as_gitlab",
    "har": "conformance.report.formats.har:as_har",
    "html": "conformance.report.formats.html:as_html",
    "json": "conformance.report.formats.json_report:as_json",
    "junit": "conformance.report.formats.junit:as_junit",
    "markdown": "conformance.report.formats.markdown:as_markdown",
    "sarif": "conformance.report.formats.sarif:as_sarif",
}
"""Each format with the function that writes it, imported when it is wanted."""


class DestinationError(ValueError):
    """A report that cannot be written: which one, and why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """A format and a file; the path `-` is standard output."""

    format: str
    path: Path

    @property
    def shows_exchanges(self) -> bool:
        """Whether it has everything that was sent, and not only what shows a finding."""
        return self.format == "har"


def destination(text: str) -> Destination:
    """Read `FORMAT=PATH` and see that the path can be written.

    Raises:
        DestinationError: the format is unknown, or the path cannot be written.
    """
    name, equals, path = text.partition("=")
    if not equals or not path:
        raise DestinationError(f"{text!r} is not FORMAT=PATH; for example json=report.json")
    if name not in FORMATS:
        meant = did_you_mean(name, FORMATS, f"use one of {', '.join(FORMATS)}")
        raise DestinationError(f"there is no report format {name!r}; {meant}")
    file = Path(path) if path == "-" else file_named(path)
    if path != "-":
        _try(file)
    return Destination(format=name, path=file)


def apart(destinations: Sequence[Destination]) -> tuple[Destination, ...]:
    """The destinations, if no two of them are one file: the later report would replace the other.

    Raises:
        DestinationError: two are.
    """
    seen: dict[str, Destination] = {}
    for one in destinations:
        if str(one.path) != "-" and not _is_replaced(one.path):
            continue
        other = seen.setdefault(os.path.realpath(one.path), one)
        if other is not one and other != one:
            raise DestinationError(
                f"{other.format}={other.path} and {one.format}={one.path} are the same file"
            )
    return tuple(dict.fromkeys(destinations))


def _try(path: Path) -> None:
    """See that the path can be written, without opening it: a pipe may have no reader yet."""
    try:
        if path.is_dir():
            raise IsADirectoryError(21, "it is a folder")
        if path.exists() and not os.access(path, os.W_OK):
            raise PermissionError(13, "permission denied")
        if is_contract(path):
            raise FileExistsError(17, "it is a contract, which a report would replace")
        if _is_replaced(path):
            real = Path(os.path.realpath(path))
            real.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=real.parent):
                pass
        elif not path.exists():
            raise FileNotFoundError(2, "no such file or directory")
    except OSError as error:
        raise _error(path, error) from None


_CONTRACT = re.compile(rb"""\s*(?:\#[^\n]*\s*)*\{?\s*["']?(openapi|swagger|overlay)["']?\s*:""")


def is_contract(path: Path, *, overlays: bool = True) -> bool:
    """Whether the file that is there begins as a contract does: a slip must not cost it."""
    try:
        with path.open("rb") if path.is_file() else BytesIO() as opened:
            found = _CONTRACT.match(opened.read(2_000))
    except OSError:
        return False
    return found is not None and (overlays or found[1] != b"overlay")


def _is_replaced(path: Path) -> bool:
    """Whether a new file takes the path's place; what is no regular file is written through.

    /dev/stdout may lead to a regular file that somebody else holds open: that one stays, too.
    """
    if any(Path(path.absolute()).is_relative_to(system) for system in ("/dev", "/proc")):
        return False
    try:
        return stat.S_ISREG(path.stat().st_mode)
    except FileNotFoundError:
        return True


def _error(path: Path, error: OSError) -> DestinationError:
    reason = (error.strerror or str(error)).lower()
    return DestinationError(f"{path} cannot be written: {reason}")


def write(
    to: Destination,
    report: Report,
    changed: tuple[BaselineChange, ...] = (),
    formats: Mapping[str, str] = FORMATS,
) -> None:
    """Write a report: a regular file whole or not at all, anything else (a pipe) through its path.

    A symbolic link stays, and the file that it leads to is replaced.

    Raises:
        DestinationError: the file cannot be written.
    """
    module, _, name = formats[to.format].partition(":")
    writer: Callable[..., str] = getattr(import_module(module), name)
    text = writer(report, changed) if to.format in _WITH_CHANGES else writer(report)
    if to.path == Path("-"):
        # The commands of `github` are meant, and what a server sent is escaped in them.
        commanding = to.format == "github"
        print(text if commanding else without_commands(text, json=to.format in _JSON), end="")
        return
    try:
        data = text.encode("utf-8", "backslashreplace")
        if _is_replaced(to.path):
            _replace(Path(os.path.realpath(to.path)), data)
        else:
            _write_through(to.path, data)
    except OSError as error:
        raise _error(to.path, error) from None


def _write_through(path: Path, data: bytes) -> None:
    with path.open("ab" if path.is_file() else "wb") as opened:
        opened.write(data)


def _replace(path: Path, data: bytes) -> None:
    """Put a new file in the place of an old one, with its permissions; nothing else is left."""
    # In the same folder: only within one file system a rename is atomic.
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".report-", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as opened:
            opened.write(data)
        Path(name).chmod(_mode(path))
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _mode(path: Path) -> int:
    """The file's permissions, or those of a new file here; mkstemp would allow only the owner."""
    try:
        return stat.S_IMODE(path.stat().st_mode)
    except FileNotFoundError:
        # It can only be read by being set.
        umask = os.umask(0)
        os.umask(umask)
        return 0o666 & ~umask
