"""Answers from state: what earlier requests did, in the form that the contract promises."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any, TypeAlias

from mock_server.model.state_store import StateLostError, StateStore
from mock_server.plan.operation_plan import OperationPlan
from mock_server.plan.selection import RoutedRequest, reply_for
from mock_server.plan.whole_plan import Plan
from mock_server.state.actions import effect
from mock_server.state.documents import (
    defaults,
    id_text,
    identified,
    is_partial_put,
    is_storable,
    merged,
    owned,
)
from mock_server.state.fitting import shown_in
from mock_server.state.json_patch import PatchError, patched
from mock_server.state.lists import listed
from mock_server.state.outlines import list_in
from mock_server.state.paging import link_header, wrapped
from mock_server.state.places import Asked, ThingPlace, asked_by
from mock_server.state.preconditions import check_precondition, is_unchanged, tag_lines
from mock_server.state.refusals import conflict, missing, unpatchable
from mock_server.state.resources import Act, Resources, Role
from mock_server.state.stating import (
    AnswerDraft,
    Stated,
    contracts_own,
    draft,
    first_thing,
    location,
    reply_when,
    unchanged,
)
from mock_server.state.things import Things
from mock_server.state.uniqueness import refuse_double, undo_double
from spec.text.media_types import is_merge_patch

__all__ = ["StateAnswers"]

_TRIES = 10_000
"""Changes that are made anew since another one came between, before the mock gives up."""
_COUNT_HEADERS = frozenset({b"x-total-count", b"x-total", b"total-count"})

_Change: TypeAlias = Callable[[dict[str, Any]], dict[str, Any]]
_Answering: TypeAlias = Callable[["StateAnswers", Asked], Awaitable[Stated]]


class StateAnswers:
    """Answers what a plan's operations do to the things that a store keeps."""

    def __init__(self, plan: Plan, store: StateStore) -> None:
        self._resources, self._things = Resources(plan), Things(store)

    def role(self, operation: OperationPlan) -> Role | None:
        """What an operation does; None where its answers never depend on state."""
        return self._resources.role(operation)

    async def answer(self, request: RoutedRequest, role: Role) -> Stated:
        """Answer a request that the contract allows.

        Raises:
            Refused: the thing is not there (404), is there already (409), or is not as the client
                thinks (412); or a JSON Patch cannot be applied.
        """
        asked = asked_by(request, role)
        if not is_storable(request.body):
            return contracts_own(
                asked, "the body contains a file, and the state does not store files"
            )
        try:
            # `POST /users/7/posts` of a user who was deleted.
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
        things = (await self._things.all(asked, own)).values()
        operation, name = asked.request.operation.operation, asked.resource.id_name
        page = listed(things, operation, asked.query, name)
        first = own[0] if isinstance(own, list) and own else None
        shown = [
            # Nothing is judged item by item: `of_value` judges the list as a whole, once.
            shown_in(lambda _: (), one, element, first, asked.resource)[0]
            for one in page.items
        ]
        page = replace(page, items=shown)
        url = asked.request.url
        value = wrapped(made.value, made.shape, member, page, url) if member else shown
        counts = [(k, b"%d" % page.total) for k, _ in made.own.headers if k in _COUNT_HEADERS]
        links = [(k, link_header(page, url)) for k, _ in made.own.headers if k == b"link"]
        return made.of_value(value, (*counts, *links))

    async def _create(self, asked: Asked) -> Stated:
        if not isinstance(asked.request.body, dict):
            return contracts_own(asked, "the body is no object")
        made = draft(asked, *reply_when(asked, created=True))
        document, name = self._fresh(asked, made.thing), asked.resource.id_name
        chosen = asked.body.get(name) if name else None
        if chosen is None:
            # Checked before and after: one of the checks sees a request that comes between.
            await refuse_double(self._things, asked, asked.place, document)
            place, document, version = await self._things.put_new(asked, document)
            await undo_double(self._things, asked, place, document, version)
        else:
            place = replace(asked.place, id=id_text(chosen))
            version = await self._put_chosen(asked, place, document)
        lines = (*location(asked, made.own, place), *tag_lines(made.headers, version))
        return made.of_thing(document, lines)

    async def _put_chosen(self, asked: Asked, place: ThingPlace, document: dict[str, Any]) -> int:
        """Keep a thing whose id the client has chosen."""
        current = await self._things.current(asked, place)
        # Where any id exists, one that nobody has written is free all the same.
        is_there = current.document is not None and (current.version or not asked.resource.is_open)
        written = None if is_there else await self._things.put(place, document, current.version)
        if written is None:
            raise conflict(asked, f"{place.path[:200]} already exists")
        return written

    async def _read(self, asked: Asked) -> Stated:
        current = await self._things.current(asked, asked.place)
        if current.document is None:
            raise missing(asked.place)
        if is_unchanged(asked, current.version):
            return replace(unchanged(asked), lines=tag_lines(((b"etag", b""),), current.version))
        made = draft(asked, *reply_for(asked.request))
        tags = tag_lines(made.headers, current.version)
        if current.version == 0 and asked.resource.is_open:
            # Nobody has changed it: every example and wish of the contract is served as ever.
            return replace(contracts_own(asked), lines=tags)
        return made.of_thing(current.document, tags)

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
            # Read anew in each round: a version that is written over means that another came first.
            current = await self._things.current(asked, place)
            is_new = current.document is None
            check_precondition(asked, None if is_new else current.version)
            if is_new and not resource.is_single and not _may_create(asked):
                raise missing(place)
            made = draft(asked, *reply_when(asked, created=is_new))
            document = self._replaced(asked, made, current.document)
            document = identified(resource, place.id, document, current.document)
            await refuse_double(self._things, asked, place, document)
            written = await self._things.put(place, document, current.version)
            if written is not None:
                lines = location(asked, made.own, place) if is_new else ()
                return made.of_thing(document, (*lines, *tag_lines(made.headers, written)))
        raise _busy()

    def _replaced(
        self, asked: Asked, made: AnswerDraft, before: dict[str, Any] | None
    ) -> dict[str, Any]:
        """What a PUT makes of a thing."""
        resource, operation = asked.resource, asked.request.operation
        if before is None:
            return self._fresh(asked, made.thing)
        if is_partial_put(resource, operation):
            return {**before, **asked.body}
        kept = owned(resource, operation, before)
        return {**defaults(resource, operation), **kept, **asked.given_by_path, **asked.body}

    async def _patch(self, asked: Asked) -> Stated:
        body, shape = asked.request.body, asked.resource.shape
        # A JSON Patch is a list of operations (RFC 6902), a merge patch an object.
        if isinstance(body, list):
            return await self._change(asked, lambda document: _patched(asked, document, body))
        patch = asked.body
        if not isinstance(body, dict):
            # A PATCH without a body says what to change in its query: `PATCH
            # /items/{id}?done=true`.
            patch = {k: value for k, value in asked.query.items() if k in shape.properties}
        strict = is_merge_patch(asked.request.content_type)

        def change(document: dict[str, Any]) -> dict[str, Any]:
            made: dict[str, Any] = merged(document, patch, shape, strict=strict)
            return made

        return await self._change(asked, change)

    async def _invoke(self, asked: Asked) -> Stated:
        number = await self._things.times(asked)
        # The contract's own two answers are compared, not the thing as it is: what the action does
        # is the same each time, whatever was done to the thing before.
        before = first_thing(asked.resource, asked.request)
        own = draft(asked, *reply_for(asked.request)).thing
        done = effect(asked, before, own, number)
        named = {k: v for k, v in asked.body.items() if k in asked.resource.shape.properties}
        return await self._change(asked, lambda document: {**document, **done, **named})

    async def _change(self, asked: Asked, change: _Change) -> Stated:
        """Change a thing that is there, whatever others do to it meanwhile."""
        made, place = draft(asked, *reply_when(asked, created=False)), asked.place
        for _ in _tries():
            current = await self._things.current(asked, place)
            if current.document is None:
                raise missing(place)
            check_precondition(asked, current.version)
            changed = change(current.document)
            document = identified(asked.resource, place.id, changed, current.document)
            await refuse_double(self._things, asked, place, document)
            written = await self._things.put(place, document, current.version)
            if written is not None:
                return made.of_thing(document, tag_lines(made.headers, written))
        raise _busy()

    async def _delete(self, asked: Asked) -> Stated:
        made, place = draft(asked, *reply_for(asked.request)), asked.place
        for _ in _tries():
            current = await self._things.current(asked, place)
            if current.document is None:
                raise missing(place)
            check_precondition(asked, current.version)
            if await self._things.remove(asked, place, current.version):
                if not _leaves_trace(asked):
                    self._things.clear_below(place)
                return made.of_thing(current.document)
        raise _busy()

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

    async def _refuse_orphan(self, asked: Asked) -> None:
        """Refuse what belongs to a thing that is not there, where the contract has a 404 for it."""
        parent = asked.role.parent
        if parent is None or asked.request.operation.governing(404) is None:
            return
        above = asked.above(parent)
        if (await self._things.current(above, above.place)).document is None:
            raise missing(above.place)


_ACTS: dict[Act, _Answering] = {
    Act.LIST: StateAnswers._list,
    Act.CREATE: StateAnswers._create,
    Act.READ: StateAnswers._read,
    Act.REPLACE: StateAnswers._replace,
    Act.PATCH: StateAnswers._patch,
    Act.DELETE: StateAnswers._delete,
    Act.INVOKE: StateAnswers._invoke,
}


def _patched(asked: Asked, document: dict[str, Any], operations: list[Any]) -> dict[str, Any]:
    """A document after a JSON Patch. Raises Refused where it cannot be applied."""
    try:
        made = patched(document, operations)
        if not isinstance(made, dict):
            raise PatchError(len(operations) - 1, "the patch leaves no object")
    except PatchError as error:
        raise unpatchable(asked, error) from None
    return made


def _leaves_trace(asked: Asked) -> bool:
    """Whether a single thing is gone once it was deleted, as a documented 404 says.

    Its trace stands where what is below it does. Without a 404 it is as in the beginning.
    """
    reading = asked.resource.reading
    return asked.resource.is_single and reading is not None and reading.governing(404) is not None


def _may_create(asked: Asked) -> bool:
    """Whether a PUT makes what is not there: 201 says so, and so does a 404 that is missing."""
    operation = asked.request.operation
    is_documented = operation.response_of("201") is not None
    return is_documented or operation.governing(404) is None


def _busy() -> StateLostError:
    return StateLostError("other requests kept changing the same resource")


def _tries() -> Iterator[int]:
    return iter(range(_TRIES))
