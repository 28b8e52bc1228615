"""The media types of a body in both contracts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace

from spec import MediaType
from spec.text.body_codecs import BodyKind, body_kind
from spec.text.media_types import MediaRange, concrete, match, parse

__all__ = ["MediaPairs", "paired", "travels_as_text", "uncovered", "writes_xml"]

_RANGES = ""
"""What all ranges stand under: no media type has this name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaPairs:
    """What both have, what only OLD has, what only NEW has."""

    both: tuple[tuple[MediaType, MediaType], ...]
    removed: tuple[MediaType, ...]
    added: tuple[MediaType, ...]


def paired(old: tuple[MediaType, ...], new: tuple[MediaType, ...]) -> MediaPairs:
    """Match media types by what they cover, so `application/*` takes in `application/json`."""
    was, now = _Declared(old), _Declared(new)
    both = [(one, found) for one in old if (found := now.covering(one))]
    kept = {one.name for one, _ in both}
    return MediaPairs(
        both=tuple(both),
        removed=tuple(one for one in old if one.name not in kept),
        added=tuple(one for one in new if was.covering(one) is None),
    )


def uncovered(media_type: MediaType, among: tuple[MediaType, ...]) -> MediaType:
    """The media type, or the member of a range, that none of the others covers."""
    kind = media_type.name.partition("/")[0].replace("*", "application")
    names = [one.name for one in among]
    # The last one is nobody's: where the others are covered, it shows that the range is gone.
    members = (concrete(media_type.name), f"{kind}/octet-stream", f"{kind}/x-witness")
    free = (member for member in members if match(member, names) is None)
    return replace(media_type, name=next(free, members[0]))


def travels_as_text(media_type: MediaType) -> bool:
    """Whether the values are written as text, so that `5` and `"5"` may be the same."""
    kind = body_kind(media_type.name)
    return kind not in (BodyKind.JSON, BodyKind.LINES, BodyKind.EVENTS)


def writes_xml(media_type: MediaType) -> bool:
    """Whether the values are written as XML, where `xml` of their schemas counts."""
    name = media_type.name.partition(";")[0].strip()
    return name in ("application/xml", "text/xml") or name.endswith("+xml")


class _Declared:
    """Media types by what they may cover: a type by its name, a range anything."""

    def __init__(self, media_types: Iterable[MediaType]) -> None:
        self._by_name = {one.name: one for one in media_types}
        self._by_essence = defaultdict[str, list[tuple[MediaRange, MediaType]]](list)
        for one in self._by_name.values():
            if (parsed := parse(one.name)) is not None:
                essence = _RANGES if parsed.is_range else parsed.essence
                self._by_essence[essence].append((parsed, one))

    def covering(self, one: MediaType) -> MediaType | None:
        """The narrowest of them that covers the one."""
        wanted = parse(one.name)
        if one.name in self._by_name or wanted is None:
            return self._by_name.get(one.name)
        among = (*self._by_essence.get(wanted.essence, ()), *self._by_essence.get(_RANGES, ()))
        fitting = [(found, other) for found, other in among if found.covers(wanted)]
        return max(fitting, key=lambda pair: pair[0].specificity, default=(None, None))[1]
