"""The list that a request asks for: filtered by its parameters, and cut into pages."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from mock_server.answers.choice import same_json
from mock_server.state.paging import PAGING, Listed, page_of, plain
from spec import Operation

__all__ = ["listed"]

_SORTS = ("sort", "sortby", "orderby", "ordering", "order")
_DIRECTIONS = ("order", "sortorder", "sortdir", "sortdirection", "direction", "dir")
_SEPARATOR = re.compile(r"[:, ]")


def listed(
    items: Iterable[Any], operation: Operation, query: Mapping[str, Any], id_name: str | None
) -> Listed:
    """The things that a query asks for.

    A declared parameter that is called like a property filters by it, several values mean any of
    them. `sort`, and what else it is called, names a property to sort by; `-` before it, or `desc`
    behind it or in another parameter, turns the order round. `limit`, `offset`, `page`, `cursor`
    and what else these are called choose a page; a cursor is an id, which things have as `id_name`.
    """
    declared = {one.name: one for one in operation.parameters if one.location == "query"}
    asked = {name: query[name] for name in declared if name in query}
    # `deepObject` parameters (`filter[status]=open`) filter by their members.
    asked |= {k: v for one in asked.values() if isinstance(one, dict) for k, v in one.items()}
    filters = {name: value for name, value in asked.items() if plain(name) not in PAGING}
    fitting = _sorted([one for one in items if _passes(one, filters)], asked)
    return page_of(fitting, asked, declared, id_name)


def _sorted(items: list[Any], asked: Mapping[str, Any]) -> list[Any]:
    """The things in the order that is asked for; as they are where no property is called so."""
    given = {plain(name): str(value) for name, value in asked.items()}
    wanted = next((given[name] for name in _SORTS if name in given), "")
    name, *direction = _SEPARATOR.split(wanted.lstrip("+-"))
    falls = wanted.startswith("-") or any(
        one.lower().startswith("desc")
        for one in (*direction, *(given[other] for other in _DIRECTIONS if other in given))
    )
    if not name or not any(isinstance(one, dict) and name in one for one in items):
        return items
    # Things that lack the property come last, either way; the sort keeps the order of equals.
    have = [one for one in items if isinstance(one, dict) and one.get(name) is not None]
    lack = [one for one in items if not (isinstance(one, dict) and one.get(name) is not None)]
    return [*sorted(have, key=lambda one: _rank(one[name]), reverse=falls), *lack]


def _rank(value: Any) -> tuple[str, Any]:
    """What values of any types are sorted by: numbers as such, everything else as text."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return ("", value) if is_number else ("text", str(value))


def _passes(item: Any, filters: Mapping[str, Any]) -> bool:
    if not isinstance(item, dict):
        return True
    return all(_is_meant(item[name], value) for name, value in filters.items() if name in item)


def _is_meant(found: Any, wanted: Any) -> bool:
    any_of = wanted if isinstance(wanted, list) else [wanted]
    own = found if isinstance(found, list) else [found]
    # A parameter without a schema stays text, and a property may be a number: `?year=2024`.
    return any(same_json(one, other) or str(one) == str(other) for one in own for other in any_of)
