"""`--record FILE`: answers of a deployment become examples of an overlay.

One is kept for each shape (operation, status, media type, and which properties it has), redacted,
and judged by the contract. What breaks the contract is put aside with the reason.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from spec import Contract, Direction, Operation
from spec.model.contract_model import MediaType, Response
from spec.model.pointers import split
from spec.text import json_text
from spec.text.media_types import is_json, match
from spec.text.secrets import masked

__all__ = ["Recorder", "Recording"]

_MOST = 1000
_DEEPEST = 6
_HEAD = """\
# Answers of a deployment, recorded by `mock-server --record`: lay them over the contract with
# `--overlay`. What the deployment answered and the contract forbids stands under `x-aside`.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """One whole answer of a deployment."""

    contract: Contract
    operation: Operation
    status: int
    content_type: str
    body: bytes = field(repr=False)


@dataclass(slots=True)
class Recorder:
    """Keeps recordings in a file, which is written anew, whole, whenever one is added.

    Raises OSError where it cannot be written.
    """

    file: Path
    _examples: dict[tuple[str, str, str], dict[str, Any]] = field(default_factory=dict)
    _aside: list[dict[str, Any]] = field(default_factory=list)
    _seen: set[tuple[Any, ...]] = field(default_factory=set)

    def take(self, one: Recording) -> None:
        """Keep an answer of a shape that was not seen before."""
        value = _value(one)
        key = (one.operation.id, one.status, one.content_type, _shape(value, 0))
        if key in self._seen or len(self._seen) >= _MOST:
            return
        self._seen.add(key)
        shown = masked(value)
        media_type, response, why = _judged(one, shown)
        if why or media_type is None or response is None:
            self._put_aside(one, shown, why)
        else:
            self._add(one, response, media_type, shown)
        self.write()

    def _add(self, one: Recording, response: Response, media_type: MediaType, value: Any) -> None:
        target = (one.operation.path, one.operation.method.lower(), response.status)
        found = self._examples.setdefault(target, {})
        # As the contract writes it, since a JSONPath finds nothing else.
        written = _written_name(media_type)
        examples = found.setdefault(written, {})
        number = len(examples) + 1
        examples[f"recorded-{number}"] = {"summary": "Recorded", "value": value}

    def _put_aside(self, one: Recording, value: Any, why: str) -> None:
        told = {"operation": one.operation.id, "status": one.status, "why": why}
        self._aside.append({**told, "content-type": one.content_type, "value": value})

    def write(self) -> None:
        """Write the file, whole or not at all."""
        document: dict[str, Any] = {
            "overlay": "1.0.0",
            "info": {"title": "Recorded answers", "version": "1.0.0"},
            "actions": list(self._actions()),
        }
        if self._aside:
            document["x-aside"] = self._aside
        text = _HEAD + yaml.safe_dump(document, sort_keys=False, allow_unicode=True)
        folder = self.file.resolve().parent
        handle, name = tempfile.mkstemp(dir=folder, prefix=f".{self.file.name}.")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as opened:
                opened.write(text)
            Path(name).replace(self.file.resolve())
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise

    def _actions(self) -> Iterator[dict[str, Any]]:
        for (path, method, status), by_media in self._examples.items():
            for media, examples in by_media.items():
                target = f"$.paths[{_quoted(path)}].{method}.responses[{_quoted(status)}]"
                yield {
                    "target": f"{target}.content[{_quoted(media)}]",
                    "update": {"examples": examples},
                }


def _quoted(name: str) -> str:
    """A name in a JSONPath (RFC 9535 section 2.3.1)."""
    escaped = name.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def _value(one: Recording) -> Any:
    if is_json(one.content_type):
        try:
            return json_text.read(one.body)
        except json_text.UnreadableError:
            pass
    return one.body.decode("utf-8", "replace")


def _judged(one: Recording, value: Any) -> tuple[MediaType | None, Response | None, str]:
    """Where an answer belongs, or why it belongs nowhere."""
    response = one.operation.response_for(one.status)
    if response is None:
        return None, None, f"the status {one.status} is not documented"
    if not one.body:
        return None, response, "it has no body, so there is nothing to show"
    names = [media_type.name for media_type in response.content]
    name = match(one.content_type, names) if one.content_type else None
    if name is None:
        sent = one.content_type or "no content type"
        return None, response, f"{sent} is not documented for {response.status}"
    media_type = next(each for each in response.content if each.name == name)
    if not _is_text(one):
        return None, response, "it is no text, so no example can show it"
    if media_type.schema is not None:
        found = one.contract.violations(media_type.schema, Direction.RESPONSE, value)
        if found:
            return None, response, "; ".join(f"{v.pointer} {v.message}" for v in found[:5])
    return media_type, response, ""


def _is_text(one: Recording) -> bool:
    try:
        one.body.decode()
    except UnicodeDecodeError:
        return False
    return True


def _written_name(media_type: MediaType) -> str:
    """The key of `content` as it is written: the pointer ends with it."""
    return split(media_type.pointer)[-1]


def _shape(value: Any, depth: int) -> Any:
    """What answers of one shape have in common: their properties and the types of their values."""
    if depth < _DEEPEST and isinstance(value, Mapping):
        return tuple(sorted((name, _shape(one, depth + 1)) for name, one in value.items()))
    if depth < _DEEPEST and isinstance(value, list):
        return ("list", *sorted({repr(_shape(one, depth + 1)) for one in value[:50]}))
    return type(value).__name__
