"""The things of a plan's resources: what the contract's examples show, and what a store keeps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from mock_server.model.state_store import StateLostError, StateStore
from mock_server.state.documents import id_text, identified, new_id
from mock_server.state.places import Asked, ThingPlace
from mock_server.state.seeds import Seeds, by_id, seeds_of
from mock_server.state.stating import first_thing

__all__ = ["Current", "Things"]

_MOST_IDS = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Current:
    """A thing as it is; `document` is None where it is not there, `version` 0 if never written."""

    document: dict[str, Any] | None
    version: int = 0


class Things:
    """Finds, keeps and removes things. All but `clear_below` may raise StateLostError.

    What is kept is a list: of the document, or empty for a deleted thing that the contract's own
    answers would show again.
    """

    def __init__(self, store: StateStore) -> None:
        self._store = store
        self._seeds: dict[str, Seeds] = {}

    async def all(self, asked: Asked, own: Any = None) -> dict[str, dict[str, Any]]:
        """The things of a collection by id: those of the contract's answers, then those created.

        `own` is the list in the contract's own answer.
        """
        place = asked.place
        documents = await self._store.documents(place.key, place.collection)
        kept = {one.id: one.value for one in documents}
        seeds = self._seeds_for(asked).list(asked.given_by_path)
        # Nothing creates such things, so that the list is what the contract's own answer has.
        if asked.resource.is_open and not seeds:
            seeds = by_id(asked.resource, own)
        things: Mapping[str, list[dict[str, Any]]] = {id_: [one] for id_, one in seeds.items()}
        return {id_: one[0] for id_, one in {**things, **kept}.items() if one}

    async def current(self, asked: Asked, place: ThingPlace) -> Current:
        """A thing as it is."""
        found = await self._store.get(place.key, place.collection, place.id)
        if found is not None:
            document = found.value[0] if found.value else None
            return Current(document=document, version=found.version)
        document = self._seed(asked, place.id)
        if document is None and asked.resource.is_open:
            own = first_thing(asked.resource, asked.request)
            document = identified(asked.resource, place.id, own, None)
        return Current(document=document)

    async def put(self, place: ThingPlace, document: dict[str, Any], version: int) -> int | None:
        """Write a thing in place of a version; returns its new one, None if another came before."""
        return await self._put(place, [document], version)

    async def put_new(
        self, asked: Asked, document: dict[str, Any]
    ) -> tuple[ThingPlace, dict[str, Any], int]:
        """Keep a thing under an id that nothing else has; returns it as it is kept."""
        place, name = asked.place, asked.resource.id_name
        # A number may be taken: by an example, by a client that chose it, or by another process.
        for _ in range(_MOST_IDS):
            number = await self._store.number(place.key, place.collection)
            id_ = new_id(asked.resource, place.collection, number)
            at = replace(place, id=id_text(id_))
            made = {**document, name: id_} if name else document
            # An id of the contract's examples is taken, although nothing is kept under it.
            if self._seed(asked, at.id) is None:
                version = await self.put(at, made, 0)
                if version is not None:
                    return at, made, version
        raise StateLostError("every id that the contract allows is already used")

    async def remove(self, asked: Asked, place: ThingPlace, version: int) -> bool:
        """Remove a version of a thing; one that would be there again leaves a trace."""
        if asked.resource.is_open or self._seed(asked, place.id) is not None:
            return await self._put(place, [], version) is not None
        return await self._store.delete(place.key, place.collection, place.id, version=version)

    def clear_below(self, place: ThingPlace) -> None:
        """Forget what belongs to a thing."""
        self._store.clear(place.key, under=place.path)

    async def times(self, asked: Asked) -> int:
        """How often its operation was called for its thing, this time included."""
        place = asked.place
        return await self._store.number(place.key, f"{place.path} {asked.request.operation.id}")

    async def _put(
        self, place: ThingPlace, value: list[dict[str, Any]], version: int
    ) -> int | None:
        at = (place.key, place.collection, place.id)
        written = await self._store.put(*at, value, version=version)
        return None if written is None else written.version

    def _seed(self, asked: Asked, id_: str) -> dict[str, Any] | None:
        return self._seeds_for(asked).get(id_, asked.given_by_path)

    def _seeds_for(self, asked: Asked) -> Seeds:
        path = asked.resource.path
        if path not in self._seeds:
            self._seeds[path] = seeds_of(asked.resource)
        return self._seeds[path]
