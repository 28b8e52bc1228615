"""Pages of a list: which one a request asks for, and what its answer says of it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote

from mock_server.model.header_lines import header_text
from mock_server.state.documents import id_text
from spec import Parameter
from spec.schemas.shapes import Shape

__all__ = ["PAGING", "Listed", "link_header", "page_of", "plain", "wrapped"]

_LIMITS = ("limit", "pagesize", "perpage", "size", "take", "first", "maxresults", "top")
_OFFSETS = ("offset", "skip", "start", "startindex")
_PAGES = ("page", "pagenumber", "pageno")
_CURSORS = (
    "cursor",
    "after",
    "startingafter",
    "pagetoken",
    "nexttoken",
    "nextpagetoken",
    "nextcursor",
    "continuationtoken",
    "marker",
)
PAGING = frozenset({*_LIMITS, *_OFFSETS, *_PAGES, *_CURSORS})
"""The parameters that choose a page, as `plain` has them: everything else filters."""
_TOTALS = ("total", "totalcount", "totalitems", "totalelements", "totalresults", "totalrecords")
_COUNTS = ("count", "length", "numberofelements")
_MORE = ("hasmore", "hasnext", "hasnextpage", "more")
_NEXT = ("next", "cursor", "nexttoken", "continuationtoken", "endcursor", "marker")
_SELF = ("self", "selflink", "selfurl")
_PREVIOUS = (
    "prev",
    "previous",
    "previouspage",
    "prevpage",
    "prevcursor",
    "previouscursor",
    "prevlink",
    "prevurl",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """The things of one page. `total` counts those of all pages, `limit` is None without pages.

    `following` is the parameter that asks for the next page, and its value; None where there is no
    next page, or no parameter for it, and so is `preceding`. `is_cursor` says that the value of
    `following` means nothing by itself.
    """

    items: Sequence[Any]
    total: int
    offset: int = 0
    limit: int | None = None
    page: int = 1
    following: tuple[str, Any] | None = None
    preceding: tuple[str, Any] | None = None
    is_cursor: bool = False

    @property
    def has_more(self) -> bool:
        """Whether things follow."""
        return self.offset + len(self.items) < self.total


def plain(name: str) -> str:
    """A name without case and punctuation: `page_size` and `pageSize` are the same."""
    return "".join(letter for letter in name.lower() if letter.isalnum())


def page_of(
    fitting: Sequence[Any],
    asked: Mapping[str, Any],
    declared: Mapping[str, Parameter],
    id_name: str | None,
) -> Listed:
    """The page that the declared parameters choose, of all things that fit.

    A cursor is the id of the thing after which the page begins: a thing that comes between two
    pages is neither shown twice nor left out.
    """
    paging = {plain(name): value for name, value in _defaults(declared).items()}
    paging |= {plain(name): value for name, value in asked.items()}
    limit, offset = _number(paging, _LIMITS), _number(paging, _OFFSETS) or 0
    number = _number(paging, _PAGES)
    # A page without a size means nothing: which things are on it, the contract does not say.
    if number is not None and limit:
        first = 0 if _counts_from_zero(declared) else 1
        offset += max(number - first, 0) * limit
    # Whatever comes first counts: an offset after a cursor is taken from where that leads.
    if (cursor := next((paging[one] for one in _CURSORS if paging.get(one)), None)) is not None:
        offset += _after(fitting, cursor, id_name)
    end = len(fitting) if limit is None else offset + limit
    page = Listed(
        items=fitting[offset:end],
        total=len(fitting),
        offset=offset,
        limit=limit,
        page=1 if number is None else number,
    )
    return _with_following(page, declared, id_name)


def _after(fitting: Sequence[Any], cursor: Any, id_name: str | None) -> int:
    """How many things are before those that a cursor asks for; all, where it is unknown."""
    ids = [id_text(one.get(id_name)) for one in fitting if isinstance(one, dict)]
    wanted = id_text(cursor)
    return ids.index(wanted) + 1 if wanted in ids else len(fitting)


def _with_following(page: Listed, declared: Mapping[str, Parameter], id_name: str | None) -> Listed:
    names = {plain(name): name for name in declared}
    cursor = next((names[one] for one in _CURSORS if one in names), None)
    numbered = next((names[one] for one in _PAGES if one in names), None)
    skipping = next((names[one] for one in _OFFSETS if one in names), None)
    following: tuple[str, Any] | None = None
    last = page.items[-1] if page.items else None
    if not page.has_more or not page.items:
        pass  # the page after an empty one would be empty as well, and so on
    elif cursor is not None and isinstance(last, dict) and id_name in last:
        following = (cursor, last[id_name])
    # The page's number is preferred to an offset: where both are declared, an offset counts from
    # it.
    elif numbered is not None:
        following = (numbered, page.page + 1)
    elif skipping is not None:
        following = (skipping, page.offset + len(page.items))
    preceding: tuple[str, Any] | None = None
    if page.offset > 0 and numbered is not None:
        preceding = (numbered, page.page - 1)
    elif page.offset > 0 and skipping is not None and cursor is None:
        preceding = (skipping, max(page.offset - (page.limit or 0), 0))
    is_cursor = following is not None and following[0] == cursor
    return replace(page, following=following, preceding=preceding, is_cursor=is_cursor)


def wrapped(
    base: Mapping[str, Any], shape: Shape, member: str, page: Listed, url: str
) -> dict[str, Any]:
    """The contract's own answer with the things of a page, and what it says of the page.

    `url` is the one that was asked for.
    """
    value = {**base, member: list(page.items)}
    return _with_page_facts(value, shape, member, page, url)


def link_header(page: Listed, url: str) -> bytes:
    """The value of `Link` (RFC 8288): where the pages after and before this one are."""
    others = (("next", page.following), ("prev", page.preceding))
    links = [f'<{_url_of(one, url)}>; rel="{name}"' for name, one in others if one is not None]
    return header_text(", ".join(links or [f'<{url}>; rel="self"']))


def _with_page_facts(
    value: Mapping[str, Any], shape: Shape, member: str, page: Listed, url: str
) -> dict[str, Any]:
    told = dict(value)
    names = {plain(name) for name in shape.properties}
    # By name alone, since OpenAPI has no word for a page; the schema has the last say by `admits`.
    for name, part in shape.properties.items():
        if name == member or name not in value:
            continue
        if part.is_object and isinstance(value[name], dict):
            told[name] = _with_page_facts(value[name], part, "", page, url)
            continue
        candidates = [*_of_page(plain(name), part, page, url, has_total=bool(names & {*_TOTALS}))]
        found = next((one for one in candidates if part.admits(one)), _UNKNOWN)
        if found is not _UNKNOWN:
            told[name] = found
        elif candidates and not shape.requires(name):
            # What the contract's example says of another page would lead somewhere else.
            del told[name]
    return told


_UNKNOWN = object()


def _of_page(name: str, part: Shape, page: Listed, url: str, *, has_total: bool) -> Iterator[Any]:
    """What a property says of a page, the best first; nothing where it is about something else."""
    if name in _TOTALS:
        yield page.total
    elif name in _COUNTS:
        yield len(page.items) if has_total else page.total
    elif name in _MORE:
        yield page.has_more
    elif name in _OFFSETS:
        yield page.offset
    elif name in _PAGES or name == "currentpage":
        yield page.page
    elif name in _LIMITS:
        yield page.total if page.limit is None else page.limit
    elif name in ("totalpages", "pages", "pagecount", "lastpage"):
        yield max(1, math.ceil(page.total / page.limit)) if page.limit else 1
    elif name in _NEXT or name.startswith("next"):
        yield from _of_other_page(name, part, page.following, url, is_cursor=page.is_cursor)
        # Where there is no next page, or none that can be named: a canned one has no end.
        yield None
    elif name in _PREVIOUS:
        yield from _of_other_page(name, part, page.preceding, url, is_cursor=False)
        yield None
    elif name in _SELF:
        yield url


def _of_other_page(
    name: str, part: Shape, other: tuple[str, Any] | None, url: str, *, is_cursor: bool
) -> Iterator[Any]:
    """A link to another page, or the value that asks for it."""
    if other is None:
        return
    formats = {layer.get("format") for layer in part.layers}
    is_link = bool(formats & {"uri", "uri-reference", "url"}) or name.endswith(("link", "url"))
    if is_link or (name in ("next", "prev", "previous") and not is_cursor):
        yield _url_of(other, url)
        return
    yield other[1]
    yield id_text(other[1])


def _url_of(other: tuple[str, Any], url: str) -> str:
    """The URL of another page of the same list."""
    name, value = other
    path, _, query = url.partition("?")
    # Filters and the order stay in the link: the next page is one of the same list.
    kept = [one for one in query.split("&") if one and one.partition("=")[0] != quote(name)]
    return f"{path}?{'&'.join([*kept, f'{quote(name)}={quote(id_text(value))}'])}"


def _defaults(declared: Mapping[str, Parameter]) -> dict[str, Any]:
    schemas = {name: one.value_schema for name, one in declared.items()}
    values = {name: one.value for name, one in schemas.items() if one is not None}
    return {
        name: value["default"]
        for name, value in values.items()
        if isinstance(value, Mapping) and "default" in value
    }


def _counts_from_zero(declared: Mapping[str, Parameter]) -> bool:
    for name, one in declared.items():
        schema = one.value_schema
        if plain(name) in _PAGES and schema is not None and isinstance(schema.value, Mapping):
            return 0 in (schema.value.get("minimum"), schema.value.get("default"))
    return False


def _number(paging: Mapping[str, Any], names: Sequence[str]) -> int | None:
    found = (paging[name] for name in names if name in paging)
    return next((one for one in found if type(one) is int and one >= 0), None)
