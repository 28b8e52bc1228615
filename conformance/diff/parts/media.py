"""The media types of a body in both contracts."""

from __future__ import annotations

from dataclasses import dataclass, replace

from spec import MediaType
from spec.text.body_codecs import BodyKind, body_kind
from spec.text.media_types import (
    concrete,
    match,
    parse,
)

__all__ = ["MediaPairs", "paired", "travels_as_text", "uncovered", "writes_xml"]


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaPairs:
    """What both have, what only OLD has, what only NEW has."""

    both: tuple[tuple[MediaType, MediaType], ...]
    removed: tuple[MediaType, ...]
    added: tuple[MediaType, ...]


def paired(old: tuple[MediaType, ...], new: tuple[MediaType, ...]) -> MediaPairs:
    """Match media types by what they cover, so `application/*` takes in `application/json`."""
    both = [(one, found) for one in old if (found := _covering(one, new))]
    kept = {one.name for one, _ in both}
    return MediaPairs(
        both=tuple(both),
        removed=tuple(one for one in old if one.name not in kept),
        added=tuple(one for one in new if _covering(one, old) is None),
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


def _covering(one: MediaType, among: tuple[MediaType, ...]) -> MediaType | None:
    """The narrowest of the media types that covers the one."""
    wanted = parse(one.name)
    fitting = [
        (found.specificity, other)
        for other in among
        if wanted is not None and (found := parse(other.name)) is not None and found.covers(wanted)
    ]
    exact = next((other for other in among if other.name == one.name), None)
    return exact or max(fitting, key=lambda pair: pair[0], default=(None, None))[1]
