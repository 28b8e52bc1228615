"""Answers from state: what earlier requests did, in the form that the contract promises."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from mock_server.model.problems import Problem, Refused
from mock_server.model.state_store import StateLostError, StateStore
from mock_server.plan.operation_plan import OperationPlan, Plan
from mock_server.plan.selection import RoutedRequest, reply_for
from mock_server.state.documents import (
    defaults,
    effect,
    id_text,
    is_json,
    is_partial,
    merged,
    new_id,
    owned,
)
from mock_server.state.fitting import shown_in
from mock_server.state.lists import listed, wrapped
from mock_server.state.outlines import list_in
from mock_server.state.places import Asked, Place, asked_by
from mock_server.state.resources import Act, Resources, Role
from mock_server.state.seeds import Seeds, by_id, seeds_of
from mock_server.state.stating import (
    Stated,
    contracts_own,
    draft,
    first_thing,
    location,
    reply_when,
)

__all__ = ["StateAnswers"]

_TRIES = 10_000
"""Changes that are made anew since another one came between, before the mock gives up."""
_MOST_IDS = 1_000
_COUNT_HEADERS = frozenset({b"x-total-count", b"x-total", b"total-count"})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Current:
    """A thing as it is; `document` is None where it is not there, `version` 0 if never written."""

    document: dict[str, Any] | None
    version: int = 0


_Change: TypeAlias = Callable[[dict[str, Any]], dict[str, Any]]
_Answering: TypeAlias = Callable[["StateAnswers", Asked], Awaitable[Stated]]


class StateAnswers:
    """Answers what a plan's operations do to the things that a store keeps.

    What is kept is a list: of the document, or empty for a deleted thing that the contract's own
    answers would show again.
    """

    def __init__(self, plan: Plan, store: StateStore) -> None:
        self._store = store
        self._resources = Resources(plan)
        self._seeds: dict[str, Seeds] = {}

    def role(self, operation: OperationPlan) -> Role | None:
        """What an operation does; None where its answers never depend on state."""
        return self._resources.role(operation)

    async def answer(self, request: RoutedRequest, role: Role) -> Stated:
        """Answer a request that the contract allows.

        Raises:
            Refused: the thing is not there (404), or there already (409).
        """
        asked = asked_by(request, role)
        if not is_json(request.body):
            return contracts_own(
                asked, "the body contains a file, and the state does not store files"
            )
        try:
            await self._refuse_orphan(asked)
            return await _ACTS[role.act](self, asked)
        except StateLostError as lost:
            return contracts_own(asked, str(lost) or "the shared state cannot be reached")

    async def _list(self, asked: Asked) -> Stated:
        made = draft(asked, *reply_for(asked.request))
        found = list_in(made.shape, asked.resource.nouns)
        if found is None or made.value is None:
            return made.refused("the answer has no list")
        member, element = found
        own = made.value.get(member) if member else made.value
        things = await self._things(asked, own)
        page = listed(things, asked.request.operation.operation, asked.query)
        first = own[0] if isinstance(own, list) and own else None
        shown = [
            shown_in(lambda _: (), one, element, first, asked.resource)[0] for one in page.items
        ]
        page = replace(page, items=shown)
        value = wrapped(made.value, made.shape, member, page) if member else shown
        counts = [(k, b"%d" % page.total) for k, _ in made.own.headers if k in _COUNT_HEADERS]
        return made.of_value(value, (*counts,))

    async def _create(self, asked: Asked) -> Stated:
        if not isinstance(asked.request.body, dict):
            return contracts_own(asked, "the body is no object")
        made = draft(asked, *reply_when(asked, created=True))
        document, name = self._fresh(asked, made.thing), asked.resource.id_name
        chosen = asked.body.get(name) if name else None
        if chosen is None:
            place, document = await self._put_new(asked, document)
        else:
            place = replace(asked.place, id=id_text(chosen))
            current = await self._current(asked, place)
            is_there = current.document is not None and (
                current.version or not asked.resource.is_open
            )
            version = current.version
            if is_there or not await self._put(place, [document], version):
                raise _conflict(asked, place)
        return made.of_thing(document, location(asked, made.own, place))

    async def _read(self, asked: Asked) -> Stated:
        current = await self._current(asked, asked.place)
        if current.document is None:
            raise _missing(asked.place)
        if current.version == 0 and asked.resource.is_open:
            return contracts_own(asked)
        return draft(asked, *reply_for(asked.request)).of_thing(current.document)

    async def _replace(self, asked: Asked) -> Stated:
        resource, place = asked.resource, asked.place
        if not isinstance(asked.request.body, dict):
            return contracts_own(asked, "the body is no object")
        if not resource.is_single and asked.is_at_collection:
            # The body of a PUT on the collection says which thing is meant.
            if resource.id_name is None or resource.id_name not in asked.body:
                return contracts_own(asked, "the body has no id")
            place = replace(place, id=id_text(asked.body[resource.id_name]))
        for _ in _tries():
            current = await self._current(asked, place)
            is_new = current.document is None
            if is_new and not resource.is_single and not _may_create(asked):
                raise _missing(place)
            made = draft(asked, *reply_when(asked, created=is_new))
            if current.document is None:
                document = self._fresh(asked, made.thing)
            elif is_partial(resource, asked.request.operation):
                document = {**current.document, **asked.body}
            else:
                kept = owned(resource, asked.request.operation, current.document)
                given = {**asked.given_by_path, **asked.body}
                document = {**defaults(resource, asked.request.operation), **kept, **given}
            document = _identified(asked, place, document, current.document)
            if await self._put(place, [document], current.version):
                lines = location(asked, made.own, place) if is_new else ()
                return made.of_thing(document, lines)
        raise _busy()

    async def _patch(self, asked: Asked) -> Stated:
        body, names = asked.request.body, asked.resource.shape.properties
        if isinstance(body, list):
            return contracts_own(asked, "the state applies merge patches, but not JSON Patch")
        patch = asked.body
        if not isinstance(body, dict):
            patch = {name: value for name, value in asked.query.items() if name in names}
        content_type = asked.request.fields.get(b"content-type", b"").lower()
        strict = content_type.startswith(b"application/merge-patch+json")

        def change(document: dict[str, Any]) -> dict[str, Any]:
            made: dict[str, Any] = merged(document, patch, asked.resource.shape, strict=strict)
            return _identified(asked, asked.place, made, document)

        return await self._change(asked, change)

    async def _invoke(self, asked: Asked) -> Stated:
        counted = f"{asked.place.path} {asked.request.operation.id}"
        number = await self._store.number(asked.place.key, counted)
        before = first_thing(asked.resource, asked.request)
        own = draft(asked, *reply_for(asked.request)).thing
        done = effect(asked.resource, before, own, number)
        named = {k: v for k, v in asked.body.items() if k in asked.resource.shape.properties}
        return await self._change(asked, lambda document: {**document, **done, **named})

    async def _change(self, asked: Asked, change: _Change) -> Stated:
        """Change a thing that is there, whatever others do to it meanwhile."""
        made = draft(asked, *reply_when(asked, created=False))
        for _ in _tries():
            current = await self._current(asked, asked.place)
            if current.document is None:
                raise _missing(asked.place)
            document = change(current.document)
            if await self._put(asked.place, [document], current.version):
                return made.of_thing(document)
        raise _busy()

    async def _delete(self, asked: Asked) -> Stated:
        made, place = draft(asked, *reply_for(asked.request)), asked.place
        for _ in _tries():
            current = await self._current(asked, place)
            if current.document is None:
                raise _missing(place)
            if await self._take_away(asked, place, current):
                self._store.clear(place.key, under=place.path)
                return made.of_thing(current.document)
        raise _busy()

    async def _take_away(self, asked: Asked, place: Place, current: _Current) -> bool:
        """Delete a thing; one that would be there again leaves a trace."""
        if asked.resource.is_open or self._seed(asked, place.id) is not None:
            return await self._put(place, [], current.version)
        at = (place.key, place.collection, place.id)
        return await self._store.delete(*at, version=current.version)

    async def _things(self, asked: Asked, own: Any) -> list[dict[str, Any]]:
        """The things of a collection: those of the contract's answers, then those created."""
        place = asked.place
        documents = await self._store.documents(place.key, place.collection)
        kept = {one.id: one.value for one in documents}
        seeds = self._seeds_for(asked).list(asked.given_by_path)
        if asked.resource.is_open and not seeds:
            seeds = by_id(asked.resource, own)
        things: Mapping[str, list[dict[str, Any]]] = {id_: [one] for id_, one in seeds.items()}
        return [one[0] for one in {**things, **kept}.values() if one]

    async def _put_new(
        self, asked: Asked, document: dict[str, Any]
    ) -> tuple[Place, dict[str, Any]]:
        """Keep a thing under an id that nothing else has."""
        place, name = asked.place, asked.resource.id_name
        for _ in range(_MOST_IDS):
            number = await self._store.number(place.key, place.collection)
            id_ = new_id(asked.resource, place.collection, number)
            at = replace(place, id=id_text(id_))
            made = {**document, name: id_} if name else document
            if self._seed(asked, at.id) is None and await self._put(at, [made], 0):
                return at, made
        raise StateLostError("every id that the contract allows is already used")

    async def _put(self, place: Place, value: list[dict[str, Any]], version: int) -> bool:
        at = (place.key, place.collection, place.id)
        return await self._store.put(*at, value, version=version) is not None

    async def _current(self, asked: Asked, place: Place) -> _Current:
        found = await self._store.get(place.key, place.collection, place.id)
        if found is not None:
            document = found.value[0] if found.value else None
            return _Current(document=document, version=found.version)
        document = self._seed(asked, place.id)
        if document is None and asked.resource.is_open:
            own = first_thing(asked.resource, asked.request)
            document = _identified(asked, place, own, None)
        return _Current(document=document)

    def _fresh(self, asked: Asked, own: Mapping[str, Any]) -> dict[str, Any]:
        """A new thing: what was sent, and what the server adds to it."""
        resource, operation = asked.resource, asked.request.operation
        first = first_thing(resource, asked.request)
        return {
            **defaults(resource, operation),
            **owned(resource, operation, first, own),
            **asked.body,
            **asked.given_by_path,
        }

    def _seed(self, asked: Asked, id_: str) -> dict[str, Any] | None:
        return self._seeds_for(asked).get(id_, asked.given_by_path)

    def _seeds_for(self, asked: Asked) -> Seeds:
        path = asked.resource.path
        if path not in self._seeds:
            self._seeds[path] = seeds_of(asked.resource)
        return self._seeds[path]

    async def _refuse_orphan(self, asked: Asked) -> None:
        """Refuse what belongs to a thing that is not there, where the contract has a 404 for it."""
        parent = asked.role.parent
        if parent is None or asked.request.operation.governing(404) is None:
            return
        above = asked.above(parent)
        if (await self._current(above, above.place)).document is None:
            raise _missing(above.place)


_ACTS: dict[Act, _Answering] = {
    Act.LIST: StateAnswers._list,
    Act.CREATE: StateAnswers._create,
    Act.READ: StateAnswers._read,
    Act.REPLACE: StateAnswers._replace,
    Act.PATCH: StateAnswers._patch,
    Act.DELETE: StateAnswers._delete,
    Act.INVOKE: StateAnswers._invoke,
}


def _identified(
    asked: Asked, place: Place, document: dict[str, Any], before: dict[str, Any] | None
) -> dict[str, Any]:
    """The document with its own id: no change gives a thing another one."""
    name = asked.resource.id_name
    if name is None:
        return document
    if before is not None and name in before:
        return {**document, name: before[name]}
    shape = asked.resource.shape.member(name)
    number = int(place.id) if place.id.isdecimal() and len(place.id) < 19 else place.id
    is_number = not shape.is_anything and shape.admits(number) and not shape.admits(place.id)
    return {**document, name: number if is_number else place.id}


def _may_create(asked: Asked) -> bool:
    """Whether a PUT makes what is not there: 201 says so, and so does a 404 that is missing."""
    operation = asked.request.operation
    is_documented = any(one.status == "201" for one in operation.responses)
    return is_documented or operation.governing(404) is None


def _missing(place: Place) -> Refused:
    return Refused(Problem.of("no-such-thing", f"{place.path[:200]} does not exist"))


def _conflict(asked: Asked, place: Place) -> Refused:
    operation = asked.request.operation
    documented = (one for one in (409, 422, 400) if operation.governing(one) is not None)
    problem = Problem.of("already-there", f"{place.path[:200]} already exists")
    return Refused(problem.with_status(next(documented, 409)))


def _busy() -> StateLostError:
    return StateLostError("other requests kept changing the same resource")


def _tries() -> Iterator[int]:
    return iter(range(_TRIES))
