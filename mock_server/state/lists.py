"""The list that a request asks for: filtered, cut into pages, and in the contract's wrapper."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mock_server.answers.choice import same_json
from spec import Operation, Parameter
from spec.schemas.shapes import Shape

__all__ = ["Listed", "listed", "wrapped"]

_LIMITS = ("limit", "pagesize", "perpage", "size", "take", "first", "maxresults", "top")
_OFFSETS = ("offset", "skip", "start", "startindex")
_PAGES = ("page", "pagenumber", "pageno")
_TOTALS = ("total", "totalcount", "totalitems", "totalelements", "totalresults", "totalrecords")
_COUNTS = ("count", "length", "numberofelements")
_MORE = ("hasmore", "hasnext", "hasnextpage", "more")
_NEXT = ("next", "nextcursor", "nextpage", "nextpagetoken", "nextlink", "cursor", "nexturl")


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """The things of one page. `total` counts those of all pages, `limit` is None without pages."""

    items: Sequence[Any]
    total: int
    offset: int = 0
    limit: int | None = None
    page: int = 1

    @property
    def has_more(self) -> bool:
        """Whether things follow."""
        return self.offset + len(self.items) < self.total


def listed(items: Iterable[Any], operation: Operation, query: Mapping[str, Any]) -> Listed:
    """The things that a query asks for.

    A declared parameter that is called like a property filters by it, several values mean any of
    them. `limit`, `offset`, `page` and what else these are called choose a page.
    """
    declared = {one.name: one for one in operation.parameters if one.location == "query"}
    asked = {name: query[name] for name in declared if name in query}
    asked |= {k: v for one in asked.values() if isinstance(one, dict) for k, v in one.items()}
    paging = {_plain(name): value for name, value in _defaults(declared).items()}
    paging |= {_plain(name): value for name, value in asked.items()}
    special = {*_LIMITS, *_OFFSETS, *_PAGES}
    filters = {name: value for name, value in asked.items() if _plain(name) not in special}
    return _page([one for one in items if _passes(one, filters)], paging, declared)


def _page(
    fitting: Sequence[Any], paging: Mapping[str, Any], declared: Mapping[str, Parameter]
) -> Listed:
    limit, offset = _number(paging, _LIMITS), _number(paging, _OFFSETS) or 0
    number = _number(paging, _PAGES)
    if number is not None and limit:
        first = 0 if _counts_from_zero(declared) else 1
        offset += max(number - first, 0) * limit
    end = None if limit is None else offset + limit
    return Listed(
        items=fitting[offset:end],
        total=len(fitting),
        offset=offset,
        limit=limit,
        page=1 if number is None else number,
    )


def wrapped(base: Mapping[str, Any], shape: Shape, member: str, page: Listed) -> dict[str, Any]:
    """The contract's own answer with the things of a page, and what it says of the page."""
    value = {**base, member: list(page.items)}
    return {**value, **_told(value, shape, member, page)}


def _told(value: Mapping[str, Any], shape: Shape, member: str, page: Listed) -> dict[str, Any]:
    told: dict[str, Any] = {}
    names = {_plain(name) for name in shape.properties}
    for name, part in shape.properties.items():
        if name == member or name not in value:
            continue
        if part.is_object and isinstance(value[name], dict):
            told[name] = {**value[name], **_told(value[name], part, "", page)}
            continue
        found = _of_page(_plain(name), page, has_total=bool(names & set(_TOTALS)))
        if found is not _UNKNOWN and part.admits(found):
            told[name] = found
    return told


_UNKNOWN = object()


def _of_page(name: str, page: Listed, *, has_total: bool) -> Any:
    if name in _TOTALS:
        return page.total
    if name in _COUNTS:
        return len(page.items) if has_total else page.total
    if name in _MORE:
        return page.has_more
    if name in _OFFSETS:
        return page.offset
    if name in _PAGES or name == "currentpage":
        return page.page
    if name in _LIMITS:
        return page.total if page.limit is None else page.limit
    if name in ("totalpages", "pages", "pagecount", "lastpage"):
        return max(1, math.ceil(page.total / page.limit)) if page.limit else 1
    # A canned link to what follows would be followed for ever.
    return None if name in _NEXT and not page.has_more else _UNKNOWN


def _passes(item: Any, filters: Mapping[str, Any]) -> bool:
    if not isinstance(item, dict):
        return True
    return all(_is_meant(item[name], value) for name, value in filters.items() if name in item)


def _is_meant(found: Any, wanted: Any) -> bool:
    any_of = wanted if isinstance(wanted, list) else [wanted]
    own = found if isinstance(found, list) else [found]
    return any(same_json(one, other) or str(one) == str(other) for one in own for other in any_of)


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
        if _plain(name) in _PAGES and schema is not None and isinstance(schema.value, Mapping):
            return 0 in (schema.value.get("minimum"), schema.value.get("default"))
    return False


def _number(paging: Mapping[str, Any], names: Sequence[str]) -> int | None:
    found = (paging[name] for name in names if name in paging)
    return next((one for one in found if type(one) is int and one >= 0), None)


def _plain(name: str) -> str:
    return "".join(letter for letter in name.lower() if letter.isalnum())
