"""What the mock answered to the client's own tests; variations are made from these responses."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from spec.text.media_types import parse
from spec.text.secrets import MASK

__all__ = ["Answered", "ClientAnswer", "answered"]

_OWN_HEADERS = frozenset(
    {"connection", "content-length", "content-type", "date", "server", "set-cookie"}
    | {"transfer-encoding", "vary"}
)
_OWN_PREFIXES = ("x-mock-", "access-control-")
"""Headers that the mock makes for every answer; a scenario repeats the others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientAnswer:
    """One answer, in the terms of a scenario.

    `media` is "" where the mock shall make the body itself: there was none, or it is no text.
    """

    status: int
    media: str = ""
    body: Any = field(default=None, compare=False)
    headers: Mapping[str, str] = field(default_factory=dict, compare=False)

    def document(self, **other: Any) -> dict[str, Any]:
        """The answer of a scenario that gives the same, but for what `other` says."""
        made: dict[str, Any] = {"status": self.status}
        if self.headers:
            made["headers"] = dict(self.headers)
        if self.media:
            made |= {"media": self.media, "body": self.body}
        return made | other


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """An operation that the client called, and the answers that it got, in their order."""

    operation: str
    calls: tuple[ClientAnswer, ...]

    def scenario(self, answers: Sequence[Mapping[str, Any]] = ()) -> dict[str, Any]:
        """A scenario that gives these answers, else the ones that it got; then the contract's."""
        given = answers or [call.document() for call in self.calls]
        return {"operation": self.operation, "answers": list(given)}


def answered(entries: Iterable[Mapping[str, Any]]) -> tuple[Answered, ...]:
    """The operations of a journal's entries, in the order of their first calls.

    Args:
        entries: entries as `GET /__mock/requests/ID` gives them, the oldest first.
    """
    found: dict[str, list[ClientAnswer]] = {}
    for entry in entries:
        if entry["operation"]:
            found.setdefault(entry["operation"], []).append(_call(entry))
    return tuple(
        Answered(operation=operation, calls=tuple(calls)) for operation, calls in found.items()
    )


def _is_kept(name: str, value: str) -> bool:
    # A journal masks credentials, and a mask is no value to be sent again.
    return not (name in _OWN_HEADERS or name.startswith(_OWN_PREFIXES) or MASK in value)


def _call(entry: Mapping[str, Any]) -> ClientAnswer:
    headers = {name.lower(): value for name, value in entry["answer"]["headers"].items()}
    kept = {name: value for name, value in headers.items() if _is_kept(name, value)}
    body, media = entry["answer"]["body"], parse(headers.get("content-type"))
    # A long JSON answer is cut in the journal, and stands there as text.
    whole = media is not None and (
        not isinstance(body, str) if media.is_json else media.type == "text"
    )
    if media is None or body is None or not whole:
        return ClientAnswer(status=entry["status"], headers=kept)
    return ClientAnswer(status=entry["status"], media=media.essence, body=body, headers=kept)
