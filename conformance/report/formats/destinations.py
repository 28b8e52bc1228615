"""`--report FORMAT=PATH`: which formats there are, and where each report goes.

A path is tried before a run begins, so that nothing is found only to be lost at the end.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from importlib import import_module
from pathlib import Path

from conformance.report.baseline import Change
from conformance.report.findings import Report

__all__ = ["FORMATS", "Destination", "DestinationError", "destination", "write"]

_WITH_CHANGES = frozenset({"html", "markdown"})
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


def destination(text: str, formats: Mapping[str, str] = FORMATS) -> Destination:
    """Read `FORMAT=PATH` and see that the path can be written.

    Raises:
        DestinationError: the format is unknown, or the path cannot be written.
    """
    name, equals, path = text.partition("=")
    if not equals or not path:
        raise DestinationError(f"{text!r} is not FORMAT=PATH; for example json=report.json")
    if name not in formats:
        near = get_close_matches(name, formats, n=1)
        meant = f"did you mean {near[0]}?" if near else f"use one of {', '.join(formats)}"
        raise DestinationError(f"there is no report format {name!r}; {meant}")
    if path != "-":
        _try(Path(path))
    return Destination(format=name, path=Path(path))


def _try(path: Path) -> None:
    try:
        if path.is_dir():
            raise IsADirectoryError(21, "it is a folder")
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists() and not os.access(path, os.W_OK):
            raise PermissionError(13, "permission denied")
        with tempfile.TemporaryFile(dir=path.parent):
            pass
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise DestinationError(f"{path} cannot be written: {reason}") from None


def write(
    to: Destination,
    report: Report,
    changed: tuple[Change, ...] = (),
    formats: Mapping[str, str] = FORMATS,
) -> None:
    """Write a report whole or not at all: readers never see half of one.

    Raises:
        DestinationError: the file cannot be written.
    """
    module, _, name = formats[to.format].partition(":")
    writer: Callable[..., str] = getattr(import_module(module), name)
    text = writer(report, changed) if to.format in _WITH_CHANGES else writer(report)
    if to.path == Path("-"):
        print(text, end="")
        return
    try:
        beside = to.path.with_name(f".{to.path.name}.part")
        beside.write_text(text, encoding="utf-8", errors="backslashreplace")
        beside.replace(to.path)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise DestinationError(f"{to.path} cannot be written: {reason}") from None
