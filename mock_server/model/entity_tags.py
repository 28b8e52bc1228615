"""Lists of entity tags, as `If-Match` and `If-None-Match` have them (RFC 9110 section 13.1)."""

from __future__ import annotations

from collections.abc import Collection

__all__ = ["names_any_tag"]


def names_any_tag(field: bytes, tags: Collection[bytes], *, is_strong: bool = False) -> bool:
    """Whether a field names one of the tags that a thing has; `*` names any, if there is one.

    `If-Match` compares strongly, so that a weak tag never fits, and `If-None-Match` weakly.
    """
    named = {one.strip() for one in field.split(b",")}
    if named == {b"*"}:
        return bool(tags)
    if is_strong:
        return any(one in named and not one.startswith(b"W/") for one in tags)
    return not {_opaque(one) for one in named}.isdisjoint(map(_opaque, tags))


def _opaque(tag: bytes) -> bytes:
    return tag.removeprefix(b"W/")
