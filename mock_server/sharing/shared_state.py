"""What a stateful mock keeps, shared by several processes: one text for each collection."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from time import time_ns
from typing import Any, TypeVar
from urllib.parse import quote, unquote

from mock_server.model.state_store import MOST_DOCUMENTS, StateLostError, StoredDocument, is_meant
from mock_server.sharing.board import STATE, Board

__all__ = ["SharedState"]

_Result = TypeVar("_Result")
_Collection = dict[str, Any]
"""A collection: `changes` counts all that was ever written, `number` the ids that were given out;
`documents` has, by id, a version, the value, and the change by which it came to be."""


class SharedState:
    """A `StateStore` on a board. Of each collection, what is longest unchanged leaves first."""

    def __init__(self, board: Board, most_documents: int = MOST_DOCUMENTS) -> None:
        self._board, self._most = board, most_documents
        self._clearing: set[asyncio.Task[None]] = set()

    async def get(self, key: str, collection: str, id_: str) -> StoredDocument | None:
        """The document of an id; None where there is none."""
        kept = await self._kept(key, collection)
        return _document(kept, id_) if id_ in kept["documents"] else None

    async def put(
        self, key: str, collection: str, id_: str, value: Any, *, version: int | None = None
    ) -> StoredDocument | None:
        """Write a document; None where what is there is not of the version."""

        def written(kept: _Collection) -> StoredDocument | None:
            documents = kept["documents"]
            before = documents.get(id_, [0, None, 0])
            if version not in (None, before[0]):
                return None
            kept["changes"] += 1
            order = before[2] or kept["changes"]
            # The last in the text is what was changed last.
            documents.pop(id_, None)
            documents[id_] = [kept["changes"], value, order]
            # A collection is one text, and has its own bound: the hub and Redis bound all texts
            # together.
            while len(documents) > self._most:
                del documents[next(iter(documents))]
            return _document(kept, id_)

        return await self._changed(key, collection, written)

    async def delete(
        self, key: str, collection: str, id_: str, *, version: int | None = None
    ) -> bool:
        """Remove a document; False where there is none, or none of the version."""

        def removed(kept: _Collection) -> bool:
            before = kept["documents"].get(id_)
            if before is None or version not in (None, before[0]):
                return False
            del kept["documents"][id_]
            return True

        return await self._changed(key, collection, removed)

    async def documents(self, key: str, collection: str) -> list[StoredDocument]:
        """The documents of a collection, in the order in which they were first written."""
        kept = await self._kept(key, collection)
        in_order = sorted(kept["documents"].items(), key=lambda one: int(one[1][2]))
        return [_document(kept, id_) for id_, _ in in_order]

    async def number(self, key: str, collection: str) -> int:
        """A number from 1 on that was not given out before."""

        def counted(kept: _Collection) -> int:
            kept["number"] += 1
            return int(kept["number"])

        return await self._changed(key, collection, counted)

    def clear(self, key: str | None = None, *, under: str = "") -> None:
        """Forget everything, or what belongs to a key, or what is under a path, soon."""
        task = asyncio.ensure_future(self.cleared(key, under=under))
        self._clearing.add(task)
        task.add_done_callback(self._clearing.discard)

    async def cleared(self, key: str | None, *, under: str = "") -> None:
        """The same, and it is done when this returns; what is lost needs no clearing."""
        try:
            for name in await self._board.names(STATE):
                owner, _, collection = name.removeprefix(STATE).partition(":")
                if is_meant((unquote(owner), unquote(collection)), key, under):
                    await self._board.change(name, lambda _text: (None, None))
        except StateLostError:
            pass

    async def _kept(self, key: str, collection: str) -> _Collection:
        # A clearing that was asked for comes first: what comes after it sees nothing of it.
        await asyncio.gather(*self._clearing)
        return _kept_in(await self._board.get(_name(key, collection)))

    async def _changed(
        self, key: str, collection: str, change: Callable[[_Collection], _Result]
    ) -> _Result:
        await asyncio.gather(*self._clearing)

        def changed(text: str | None) -> tuple[str | None, _Result]:
            kept = _kept_in(text)
            result = change(kept)
            return json.dumps(kept), result

        return await self._board.change(_name(key, collection), changed)


def _name(key: str, collection: str) -> str:
    return f"{STATE}{quote(key, safe='')}:{quote(collection, safe='/')}"


def _kept_in(text: str | None) -> _Collection:
    if text is None:
        # A version from before a clearing is none of a document that came after it.
        return {"changes": time_ns() // 1000, "number": 0, "documents": {}}
    kept: _Collection = json.loads(text)
    return kept


def _document(kept: _Collection, id_: str) -> StoredDocument:
    version, value, _ = kept["documents"][id_]
    return StoredDocument(id=id_, value=value, version=version)
