"""What a run changes and did not make is put back at its end, as far as GET has shown it.

A setting (`/config`), or one of a fixed number of things (`/templates/{type}`), cannot be made for
the run, so that the deployment's own is changed. It is read before the first write of its path: by
GET of the path or, where the contract has none, in the list of its collection.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import unquote

from conformance.clauses.collection_operations import collection_operations, last_name
from conformance.clauses.schema_nodes import SchemaNode, nodes
from conformance.http.exchange import Request
from conformance.http.methods import CHANGING, is_safe
from conformance.http.request_drafts import NOTHING
from conformance.judgement.json_answers import read_json
from conformance.judgement.listings import Sought, found_in
from conformance.run.session.session import Session
from conformance.run.things.item_paths import ids_in
from conformance.run.things.known_items import KnownItems
from spec import Contract, Direction
from spec.contract.resource_paths import canonical, collection_of
from spec.model.contract_model import MediaType, Operation
from spec.text.media_types import is_json

__all__ = ["Restoration", "restorer"]

MOST = 10
"""So many paths of one operation are read before they are written: each costs a request."""
_NO_TIME = "there was no time left"
_NOT_SHOWN = "the list did not show what was there before"
SHOWN = 5
"""Properties that a remark names."""


def restorer(contract: Contract, operation: Operation) -> tuple[Operation, Operation] | None:
    """GET and PUT, or PATCH, that undo what an operation does; None where none can.

    Of what was deleted a PATCH puts nothing back, and a list need not show all that there was.
    """
    by_path, deletes = collection_operations(contract).by_path, operation.method == "DELETE"
    there, above = by_path[canonical(operation.path)], collection_of(operation.path) or ""
    ways = ("PUT",) if deletes else ("PUT", "PATCH")
    writer = next((there[one] for one in ways if one in there and _json(there[one])), None)
    reader = there.get("GET") or by_path.get("" if deletes else above, {}).get("GET")
    if writer is None or reader is None or operation.method not in CHANGING:
        return None
    return reader, writer


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kept:
    """A path as it was: how it is read and written, and what GET has shown.

    `sought` is what a list is read for; None where GET shows the thing itself.
    """

    path: str
    reader: Operation
    writer: Operation
    read: Request
    sought: Sought | None = None
    before: Mapping[str, Any] | list[Any] = field(default_factory=dict)


class Restoration:
    """Remembers what is about to be changed, and puts it back."""

    def __init__(self, session: Session) -> None:
        self.contract, self.session = session.contract, session
        self._kept = dict[str, _Kept | None]()
        self._unseen = dict[str, Operation]()
        self._lost = dict[str, list[str]]()

    async def look(self, name: str, request: Request) -> None:
        """Read what a request of an operation may change, the first time."""
        operation, session = self.contract.operation(name), self.session
        path = request.target.partition("?")[0]
        # In another spelling of the path what stands there now is the run's own.
        plain = unquote(path)
        if (
            operation is None
            or is_safe(request.method)
            or session.time.closing
            or plain in self._kept
        ):
            return
        if not session.options.allow_writes or not session.options.writes(operation):
            return
        found = restorer(self.contract, operation)
        # What leads nowhere leaves room for what is there.
        kept = [one for one, there in self._kept.items() if there is not None]
        alike = [one for one in kept if ids_in(operation, one) is not None]
        own = _is_own(session.things, operation, path)
        if found is None or own or len(alike) >= MOST:
            return
        # Before it is waited for: several requests may be about to write.
        self._kept[plain] = None
        self._kept[plain] = await self._read(*found, path)
        if self._kept[plain] is None and _is_in_list(*found):
            self._unseen[plain] = operation

    async def _read(self, reader: Operation, writer: Operation, path: str) -> _Kept | None:
        listing = _is_in_list(reader, writer)
        ids = ids_in(writer, path) or ("",)
        read = self._request(reader, path.rpartition("/")[0] if listing else path)
        if read is None:
            return None
        sought = Sought(parameter=last_name(writer), id=ids[-1]) if listing else None
        kept = _Kept(path=path, reader=reader, writer=writer, read=read, sought=sought)
        before = await self._now(kept)
        return None if before is None else replace(kept, before=before)

    def _request(self, operation: Operation, path: str, body: Any = NOTHING) -> Request | None:
        draft = self.session.first_draft(operation)
        if draft is None:
            return None
        request = (draft if body is NOTHING else draft.but(body=body, raw=None)).request()
        _, mark, query = request.target.partition("?")
        return replace(request, target=f"{path}{mark}{query}")

    async def restore(self) -> None:
        """Write what was there before, wherever something else is there now."""
        changed = {
            path: kept
            for path, kept in self._kept.items()
            if kept is not None and path in self._written()
        }
        self._lost = {path: [_NOT_SHOWN] for path in self._unseen if self._is_others(path)}
        self._lost |= {path: [_NO_TIME] for path in changed}
        for path, kept in changed.items():
            changes = await self._changes(kept)
            for body in self._bodies(kept):
                again = self._request(kept.writer, kept.path, body) if changes else None
                if again is not None:
                    secured = kept.writer.secured
                    await self.session.send(kept.writer.id, again, authorized=secured)
                    changes = await self._changes(kept)
            self._lost[path] = list(dict.fromkeys([*changes, *self._hidden(kept)]))

    async def _now(self, kept: _Kept) -> Mapping[str, Any] | list[Any] | None:
        """What GET shows of that which the writer writes: a thing, or a whole list."""
        answer = await self.session.send(kept.reader.id, kept.read, authorized=kept.reader.secured)
        value = read_json(answer.body).value if answer.status == 200 else None
        if kept.sought is not None:
            value = found_in(value, kept.sought)
        names = self._names(kept.writer)
        return _item(value, names) if names else _whole(value)

    async def _changes(self, kept: _Kept) -> list[str]:
        """What a request could have changed, and is not as it was."""
        now, before = await self._now(kept), self._said(kept)
        if not isinstance(before, Mapping):
            return [] if now == before else ["all items"]
        now = now if isinstance(now, Mapping) else {}
        other = [name for name, one in before.items() if name not in now or now[name] != one]
        return [*other, *(one for one in self._names(kept.writer) if one in now.keys() - before)]

    def _hidden(self, kept: _Kept) -> list[str]:
        """What a request may have changed and no answer shows, whatever it is."""
        response = kept.reader.response_for(200)
        content = response.content if response else ()
        places = [one for media_type in content for one in self._places(media_type)]
        shown = {one.steps[-1] for one in places if one.keywords.get("writeOnly") is not True}
        unshown = [one for one in self._names(kept.writer) if one not in {*kept.before, *shown}]
        return [*unshown, *self._summed_up(kept)]

    def _summed_up(self, kept: _Kept) -> list[str]:
        """The values of which GET shows an object about them: a key as `{set, masked}`."""
        before = kept.before if isinstance(kept.before, Mapping) else {}
        told = {name for name, one in before.items() if isinstance(one, dict)}
        return [
            str(one.steps[0])
            for one in self._places(_json(kept.writer))
            if len(one.steps) == 1 and one.steps[0] in told and "object" not in one.types
        ]

    def _said(self, kept: _Kept) -> Mapping[str, Any] | list[Any]:
        """What was shown, as far as a request may say it."""
        names, before = self._names(kept.writer), kept.before
        if not isinstance(before, Mapping):
            return before
        return {name: one for name, one in before.items() if not names or name in names}

    def _is_others(self, path: str) -> bool:
        """Whether the run has changed at a path what it has not made."""
        own = _is_own(self.session.things, self._unseen[path], path)
        return path in self._written() and not own

    def _written(self) -> set[str]:
        """The paths of all that was changed, unescaped."""
        return set(map(unquote, self.session.written))

    def _bodies(self, kept: _Kept) -> Iterator[Mapping[str, Any] | list[Any]]:
        """The good requests that say it, the whole first."""
        media_type, body = _json(kept.writer), self._said(kept)
        schema = media_type.schema if media_type else None
        # What GET shows as null may be something that a request leaves out.
        given = body.items() if isinstance(body, Mapping) else ()
        less = [{name: one for name, one in given if one is not None}] if given else []
        for one in (body, *less):
            if schema is None or not self.contract.violations(schema, Direction.REQUEST, one):
                yield one

    def _names(self, writer: Operation) -> list[str]:
        """The properties that a request may have."""
        return list(
            dict.fromkeys(
                str(one.steps[0])
                for one in self._places(_json(writer))
                if len(one.steps) == 1
                and isinstance(one.steps[0], str)
                and one.keywords.get("readOnly") is not True
            )
        )

    def _places(self, media_type: MediaType | None) -> list[SchemaNode]:
        """What a body can have below its top."""
        schema = media_type.schema if media_type else None
        places = nodes(self.contract, schema)
        return [one for one in places if one.steps]

    def told(self) -> Iterator[str]:
        """A sentence for each path that may not be as it was."""
        for path, lost in self._lost.items():
            if lost:
                more = f" and {len(lost) - SHOWN} more" if len(lost) > SHOWN else ""
                names = ", ".join(lost[:SHOWN])
                yield f"changed by this run and not put back: {path}: {names}{more}"


def _is_in_list(reader: Operation, writer: Operation) -> bool:
    """Whether what is written is read in the list of its collection."""
    return canonical(reader.path) != canonical(writer.path)


def _json(operation: Operation) -> MediaType | None:
    return next((one for one in operation.request_content if is_json(one.name)), None)


def _item(value: Any, names: list[str]) -> Mapping[str, Any] | None:
    """The thing itself, which may stand in an envelope: `{data: {...}}`."""
    if not isinstance(value, dict):
        return None
    below = [one for one in value.values() if isinstance(one, dict)]
    in_envelope = names and value.keys().isdisjoint(names) and len(below) == 1
    return below[0] if in_envelope else value


def _whole(value: Any) -> Mapping[str, Any] | list[Any] | None:
    """A list, which may stand in an envelope (`{items: [...]}`), or a map of any names."""
    if not isinstance(value, dict):
        return value if isinstance(value, list) else None
    lists = [one for one in value.values() if isinstance(one, list)]
    return lists[0] if len(lists) == 1 else value


def _is_own(things: KnownItems, operation: Operation, path: str) -> bool:
    """Whether a path is about what this run made, or about nothing that could be read."""
    return ids_in(operation, path) is None or things.is_below_own(operation, path)
