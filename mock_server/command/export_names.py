"""The names of exported files: a path of the contract as a path that every file system takes."""

from __future__ import annotations

import mimetypes
import re
from collections.abc import Iterable, Sequence

from spec.model.path_templates import template_names
from spec.text import media_types

__all__ = ["FileNames", "redirect"]

_LONGEST = 100
"""Characters of a folder or of a part of a name; file systems take 255 bytes for the whole."""
_EXTENSIONS = {
    "text/event-stream": ".sse",
    "text/plain": ".txt",
    "image/jpeg": ".jpg",
    "application/jsonl": ".jsonl",
    "application/x-ndjson": ".jsonl",
    "application/yaml": ".yaml",
}


class FileNames:
    """Gives each answer a name of its own; `taken` are names that it must not have."""

    def __init__(self, taken: Iterable[str]) -> None:
        self._taken = {name.casefold() for name in taken}

    def of(self, path: str, parts: Sequence[str], media: str) -> str:
        """`/api/items/{id}` → `api/items/_id_.json`; parts stand before the extension."""
        folders = [_safe(one) for one in path.split("/")[1:]]
        *above, last = folders if folders[-1] or len(folders) > 1 else ["index"]
        stem = "/".join((*above, ".".join((last or "index", *map(_safe, filter(None, parts))))))
        extension = _extension(media)
        name, number = f"{stem}{extension}", 1
        # Names that differ in case alone are one file on some systems.
        while name.casefold() in self._taken:
            number += 1
            name = f"{stem}.{number}{extension}"
        self._taken.add(name.casefold())
        return name


def redirect(path: str, file: str, status: int) -> str:
    """A line of `_redirects` that serves a file at a path of the contract."""
    for name in template_names(path):
        path = path.replace("{" + name + "}", ":" + re.sub(r"\W", "_", name))
    return f"{path} /{file} {status}\n"


def _safe(text: str) -> str:
    """A name that is no other folder, whatever the contract says."""
    plain = re.sub(r"[^A-Za-z0-9._~-]", "_", text)[:_LONGEST]
    # `.` and `..` are folders, and a leading dot hides a file.
    return re.sub(r"^\.+", lambda dots: "_" * len(dots[0]), plain)


def _extension(media: str) -> str:
    kind = media.partition(";")[0].strip().lower()
    if kind in _EXTENSIONS:
        return _EXTENSIONS[kind]
    if media_types.is_json(kind):
        return ".json"
    if kind.endswith("+xml") and kind != "image/svg+xml":
        return ".xml"
    return mimetypes.guess_extension(kind) or ".bin"
