"""The things that a contract's examples show: they are there before anything was done."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mock_server.state.documents import id_text
from mock_server.state.outlines import answer_shape, enveloped, list_in, written_values
from mock_server.state.resources import Resource

__all__ = ["Seeds", "by_id", "seeds_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Seeds:
    """Things by id: `listed` in the example of the list, `others` in that of a single thing."""

    listed: Mapping[str, dict[str, Any]]
    others: Mapping[str, dict[str, Any]]

    def get(self, id_: str, given: Mapping[str, Any]) -> dict[str, Any] | None:
        """The thing of an id, unless it belongs to another thing than the path says (`given`)."""
        found = self.listed.get(id_) or self.others.get(id_)
        return found if found is not None and _belongs(found, given) else None

    def list(self, given: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
        """The things of the list that belong to what the path says."""
        return {id_: one for id_, one in self.listed.items() if _belongs(one, given)}


def seeds_of(resource: Resource) -> Seeds:
    """The things that examples of the contract show; those that echo a request are left out."""
    things = list(_shown_things(resource))
    listing = resource.listing
    found = list_in(answer_shape(listing), resource.nouns) if listing else None
    lists = written_values(listing) if listing and found else []
    members = [
        one.get(found[0], ()) if found and found[0] and isinstance(one, dict) else one
        for one in lists
    ]
    # Several examples of a list are several states of the same collection, and it can be in one.
    first = next((one for one in members if isinstance(one, list) and one), [])
    others = by_id(resource, things)
    # Without an example of the list, the list has what the examples of single things show.
    return Seeds(listed=by_id(resource, first) if members else others, others=others)


def by_id(resource: Resource, things: Any) -> dict[str, dict[str, Any]]:
    """Things by their ids; what has none, or echoes a request, is left out."""
    name = resource.id_name
    listed = things if isinstance(things, list) else []
    return {
        id_text(one[name]): one
        for one in listed
        if isinstance(one, dict) and name in one and "{$" not in json.dumps(one)
    }


def _shown_things(resource: Resource) -> Iterator[Any]:
    if resource.reading is None or resource.is_single:
        return
    name = enveloped(answer_shape(resource.reading), resource.nouns)
    for value in written_values(resource.reading):
        yield value.get(name) if name and isinstance(value, dict) else value


def _belongs(document: Mapping[str, Any], given: Mapping[str, Any]) -> bool:
    return all(
        name not in document or id_text(document[name]) == id_text(value)
        for name, value in given.items()
    )
