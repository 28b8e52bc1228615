"""How a request names the item that it is about: at the end of its path, or in its query.

`DELETE /rows/7` and `DELETE /rows?id=7` are about an item of `/rows`. Some servers write the query
as a filter: `?id=eq.7` (PostgREST, Horizontal Filtering).
"""

from __future__ import annotations

from collections.abc import Iterator

from conformance.http.methods import CHANGING
from spec.contract.resource_paths import canonical, collection_of, collections_in, is_id_name
from spec.model.contract_model import Operation, Parameter
from spec.model.path_templates import path_and_query, template_names
from spec.text.name_words import words_of
from spec.text.secrets import is_secret_name

__all__ = [
    "EQUALS",
    "ID_WORDS",
    "collections_by_name",
    "is_new_name",
    "item_collection",
    "item_collections",
    "item_names",
    "selector",
]

ID_WORDS = ("id", "uuid", "guid")
"""The words for what is an id and nothing else, at the end of a name or alone."""
EQUALS = "eq."
"""What stands before the id in a filter."""


def selector(operation: Operation) -> Parameter | None:
    """The query parameter that names the item which an operation writes; None without one."""
    if operation.method not in CHANGING:
        return None
    asked = [one for one in operation.parameters if one.location == "query" and one.required]
    if len(asked) != 1:
        return None
    # Below an item of the path only `id` is surely no further word on that item.
    below = collection_of(operation.path) is not None
    named = is_id_name(asked[0].name) and not is_secret_name(asked[0].name)
    return asked[0] if named and not (below and len(words_of(asked[0].name)) > 1) else None


def item_collection(operation: Operation) -> str | None:
    """The canonical path of the collection whose item an operation is about; None without one."""
    if selector(operation) is not None:
        return canonical(operation.path)
    return collection_of(operation.path)


def item_collections(operation: Operation) -> list[str]:
    """The collections of all items that a request of an operation names, the outermost first."""
    own = [canonical(operation.path)] if selector(operation) is not None else []
    return [*collections_in(operation.path), *own]


def collections_by_name(operation: Operation) -> Iterator[tuple[str, str]]:
    """Those collections, with the parameters that name their items; none where others are there.

    `/v{version}/notes/{id}` has a parameter that names no item.
    """
    found, names = item_collections(operation), item_names(operation)
    if len(found) == len(names):
        yield from zip(found, names, strict=True)


def item_names(operation: Operation) -> list[str]:
    """The parameters that name these items, in the same order."""
    own = selector(operation)
    path, _ = path_and_query(operation.path)
    return [*template_names(path), *([] if own is None else [own.name])]


def is_new_name(operation: Operation, name: str) -> bool:
    """Whether a property of a change says what its item is called from then on.

    `newTableName` and `newName` of `PATCH /tables/{tableName}` do; `newFolderId` is another's.
    """
    names, (new, *words) = item_names(operation), words_of(name) or [""]
    if operation.method not in ("PUT", "PATCH") or not names or new != "new" or not words:
        return False
    return words[-1] not in ID_WORDS and words_of(names[-1])[-len(words) :] == words
