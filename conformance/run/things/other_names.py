"""The other names of things: `/flows/{id}` and `/flows/name/{name}` may lead to the same one."""

from __future__ import annotations

from collections.abc import Container

from conformance.clauses.collection_operations import CollectionOperations
from conformance.http.exchange import Answer, Request
from conformance.run.things.named_things import Thing, also_named

__all__ = ["OtherNames"]


class OtherNames:
    """Other names by which paths lead to things, each with the thing that it means.

    `own` holds the things of this run, and grows with them.
    """

    def __init__(self, resources: CollectionOperations, own: Container[Thing]) -> None:
        self._resources, self._own = resources, own
        self._meant = dict[Thing, Thing]()

    def __contains__(self, name: Thing) -> bool:
        return name in self._meant

    def see(
        self, thing: Thing, request: Request, answer: Answer, known: Container[Thing], *, new: bool
    ) -> None:
        """Remember the other names of a thing that an answer names, as far as none is `known`."""
        for name in also_named(self._resources, thing, request, answer, new=new):
            if name not in self._own and name not in known:
                self._meant.setdefault(name, thing)

    def meant(self, name: Thing) -> Thing:
        """The thing that a name leads to; what is no other name is the thing itself."""
        return self._meant.get(name, name)

    def has_own(self, name: Thing) -> bool:
        """Whether this is the other name of a thing of this run."""
        return self._meant.get(name) in self._own

    def names(self, *, own: bool) -> list[Thing]:
        """All other names, or those of this run's `own` things."""
        return [one for one, thing in self._meant.items() if not own or thing in self._own]

    def own_in(self, collection: str) -> list[Thing]:
        """The names of this run's things by which a path of a collection leads to them."""
        found = self.names(own=True)
        return [one for one in found if one.collection == collection and one.addressable]

    def called(self, thing: Thing, collection: str) -> Thing:
        """A thing as the paths of a collection name it; itself where it has no other name there."""
        others = (one for one in self.own_in(collection) if self._meant[one] == thing)
        return thing if thing.collection == collection else next(others, thing)
