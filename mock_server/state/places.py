"""A request as state sees it: what it does, to which thing, and where that is kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote

from mock_server.model.client_keys import key_of
from mock_server.plan.selection import RoutedRequest
from mock_server.state.documents import id_text, sent
from mock_server.state.resources import Resource, Role
from spec.contract.resource_paths import canonical
from spec.text.name_words import words_of

__all__ = ["Asked", "ThingPlace", "asked_by"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ThingPlace:
    """Where a document is kept: whose it is, its collection as a concrete path, and its id."""

    key: str
    collection: str
    id: str

    @property
    def path(self) -> str:
        """The path of the thing itself."""
        return f"{self.collection}/{quote(self.id, safe='')}" if self.id else self.collection


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request, what it does, and to what."""

    request: RoutedRequest
    role: Role
    place: ThingPlace

    @property
    def resource(self) -> Resource:
        """What it is done to."""
        return self.role.resource

    @property
    def is_at_collection(self) -> bool:
        """Whether the path is that of the collection."""
        return canonical(self.request.operation.operation.path) == self.resource.path

    @property
    def body(self) -> dict[str, Any]:
        """What the body says of the thing, without what only the server may say."""
        body = self.request.body
        if not isinstance(body, dict):
            return {}
        return sent(self.resource, self.request.operation, body, self.request.content_type)

    @property
    def query(self) -> dict[str, Any]:
        """The query parameters that the contract declares, decoded."""
        return self.request.decoded("query")

    @property
    def given_by_path(self) -> dict[str, Any]:
        """The properties of a thing that its path decides: `userId` below `/users/{userId}`."""
        found: dict[str, Any] = {}
        segments = [one for one in self.resource.path.split("/") if one]
        names = self.request.operation.path_names
        # The last parameter, that of the thing itself, has no noun: the path of the resource ends
        # before it.
        for name, noun in zip(names, _nouns_of(segments), strict=False):
            words = "".join(words_of(name))
            wanted = {words, f"{noun}{words}", f"{noun.removesuffix('s')}{words}"}
            for own in self.resource.shape.properties:
                if own != self.resource.id_name and "".join(words_of(own)) in wanted:
                    found[own] = self.request.path[name]
        return found

    def above(self, parent: Resource) -> Asked:
        """The thing that this one belongs to."""
        collection, _, id_ = self.place.collection.rpartition("/")[0].rpartition("/")
        place = ThingPlace(key=self.place.key, collection=collection, id=unquote(id_))
        return Asked(
            request=self.request, role=Role(act=self.role.act, resource=parent), place=place
        )


def asked_by(request: RoutedRequest, role: Role) -> Asked:
    """What a request asks for."""
    values = [id_text(request.path[name]) for name in request.operation.path_names]
    collection, count = role.resource.path, role.resource.path.count("{}")
    # One at a time, from the left: a value that contains `{}` is quoted and takes no later place.
    for value in values[:count]:
        collection = collection.replace("{}", quote(value, safe=""), 1)
    id_ = "" if role.resource.is_single else next(iter(values[count:]), "")
    key = key_of(request.fields) or ""
    return Asked(
        request=request, role=role, place=ThingPlace(key=key, collection=collection, id=id_)
    )


def _nouns_of(segments: Sequence[str]) -> list[str]:
    """What is before each parameter of a path."""
    return [
        segments[at - 1].lower() if at else "" for at, one in enumerate(segments) if "{}" in one
    ]
