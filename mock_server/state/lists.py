"""The list that a request asks for: filtered by its parameters, and cut into pages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from mock_server.answers.choice import same_json
from mock_server.state.paging import PAGING, Listed, page_of, plain
from spec import Operation

__all__ = ["listed"]


def listed(
    items: Iterable[Any], operation: Operation, query: Mapping[str, Any], id_name: str | None
) -> Listed:
    """The things that a query asks for.

    A declared parameter that is called like a property filters by it, several values mean any of
    them. `limit`, `offset`, `page`, `cursor` and what else these are called choose a page; a
    cursor is an id, which things have as `id_name`.
    """
    declared = {one.name: one for one in operation.parameters if one.location == "query"}
    asked = {name: query[name] for name in declared if name in query}
    asked |= {k: v for one in asked.values() if isinstance(one, dict) for k, v in one.items()}
    filters = {name: value for name, value in asked.items() if plain(name) not in PAGING}
    fitting = [one for one in items if _passes(one, filters)]
    return page_of(fitting, asked, declared, id_name)


def _passes(item: Any, filters: Mapping[str, Any]) -> bool:
    if not isinstance(item, dict):
        return True
    return all(_is_meant(item[name], value) for name, value in filters.items() if name in item)


def _is_meant(found: Any, wanted: Any) -> bool:
    any_of = wanted if isinstance(wanted, list) else [wanted]
    own = found if isinstance(found, list) else [found]
    return any(same_json(one, other) or str(one) == str(other) for one in own for other in any_of)
