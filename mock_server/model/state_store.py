"""Where a stateful mock keeps what was done: JSON documents by client's key, collection and id.

`StateStore` is all that the mock asks of a store; `MemoryStore` is the one of a single process.
"""

from __future__ import annotations

import json
import logging
import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeAlias

__all__ = ["MemoryStore", "StateLostError", "StateStore", "StoredDocument", "is_meant"]

MOST_DOCUMENTS = 10_000
MOST_BYTES = 64 * 1024 * 1024
"""Of all documents together, as JSON."""

_log = logging.getLogger("mock_server")

_Name: TypeAlias = tuple[str, str]
"""The client's key and the collection."""


class StateLostError(ConnectionError):
    """A store that several processes share cannot be reached; the mock answers without it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredDocument:
    """One document. `version` is another one after every change, and never 0.

    `value` is JSON as Python has it, and must not be changed.
    """

    id: str
    value: Any
    version: int


class StateStore(Protocol):
    """Keeps documents. Each call is atomic, whatever threads and processes share the store.

    `key` is what the client sent as `X-Mock-Key`, "" for none. `collection` is a concrete path
    (`/users/7/posts`). All but `clear` may raise StateLostError.
    """

    async def get(self, key: str, collection: str, id_: str) -> StoredDocument | None:
        """The document of an id; None where there is none."""

    async def put(
        self, key: str, collection: str, id_: str, value: Any, *, version: int | None = None
    ) -> StoredDocument | None:
        """Write a document, and return it as it is now.

        Args:
            key: whose it is.
            collection: where it belongs.
            id_: its name there.
            value: what it becomes.
            version: the version that is replaced; 0 where there must be none yet; None for any.

        Returns:
            None, and nothing is written, where what is there is not of that version.
        """

    async def delete(
        self, key: str, collection: str, id_: str, *, version: int | None = None
    ) -> bool:
        """Remove a document; False where there is none, or none of that version."""

    async def documents(self, key: str, collection: str) -> list[StoredDocument]:
        """The documents of a collection, in the order in which they were first written."""

    async def number(self, key: str, collection: str) -> int:
        """A number from 1 on that was not given out before: to make an id of."""

    def clear(self, key: str | None = None, *, under: str = "") -> None:
        """Forget everything, or what belongs to a key.

        With `under` only collections of that name, and those below it, are forgotten. Calls that
        come later see nothing of it. May be called from any thread.
        """


@dataclass(slots=True)
class _Sized:
    document: StoredDocument
    size: int


@dataclass(slots=True)
class MemoryStore:
    """Keeps documents in this process, within a bound: those longest unchanged leave first.

    `left` counts them; the first removal is logged.
    """

    most_documents: int = MOST_DOCUMENTS
    most_bytes: int = MOST_BYTES
    left: int = 0
    _kept: OrderedDict[tuple[_Name, str], _Sized] = field(default_factory=OrderedDict)
    _collections: dict[_Name, dict[str, None]] = field(default_factory=dict)
    _numbers: OrderedDict[_Name, int] = field(default_factory=OrderedDict)
    _bytes: int = 0
    _versions: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    async def get(self, key: str, collection: str, id_: str) -> StoredDocument | None:
        """The document of an id; None where there is none."""
        with self._lock:
            kept = self._kept.get(((key, collection), id_))
            return kept.document if kept else None

    async def put(
        self, key: str, collection: str, id_: str, value: Any, *, version: int | None = None
    ) -> StoredDocument | None:
        """Write a document; None where what is there is not of the version."""
        size = len(json.dumps(value))
        name = (key, collection)
        with self._lock:
            before = self._kept.get((name, id_))
            if version is not None and version != (before.document.version if before else 0):
                return None
            self._versions += 1
            document = StoredDocument(id=id_, value=value, version=self._versions)
            self._kept[name, id_] = _Sized(document, size)
            # Eviction goes by the last change; the order of a list by the first, which
            # `_collections` keeps.
            self._kept.move_to_end((name, id_))
            self._collections.setdefault(name, {})[id_] = None
            self._bytes += size - (before.size if before else 0)
            self._keep_bounds()
        return document

    async def delete(
        self, key: str, collection: str, id_: str, *, version: int | None = None
    ) -> bool:
        """Remove a document; False where there is none, or none of the version."""
        with self._lock:
            kept = self._kept.get(((key, collection), id_))
            if kept is None or version not in (None, kept.document.version):
                return False
            self._remove((key, collection), id_)
        return True

    async def documents(self, key: str, collection: str) -> list[StoredDocument]:
        """The documents of a collection, in the order in which they were first written."""
        name = (key, collection)
        with self._lock:
            return [self._kept[name, id_].document for id_ in self._collections.get(name, ())]

    async def number(self, key: str, collection: str) -> int:
        """The next number of a collection; of one that was long unused it may begin again."""
        name = (key, collection)
        with self._lock:
            number = self._numbers[name] = self._numbers.get(name, 0) + 1
            self._numbers.move_to_end(name)
            # A counter outlives its documents, so that no id is given twice; it needs a bound of
            # its own.
            if len(self._numbers) > self.most_documents:
                self._numbers.popitem(last=False)
        return number

    def clear(self, key: str | None = None, *, under: str = "") -> None:
        """Forget everything, or what belongs to a key, or what is under a path."""
        with self._lock:
            for name in [one for one in self._collections if is_meant(one, key, under)]:
                for id_ in [*self._collections[name]]:
                    self._remove(name, id_)
            for name in [one for one in self._numbers if is_meant(one, key, under)]:
                del self._numbers[name]

    def _remove(self, name: _Name, id_: str) -> None:
        self._bytes -= self._kept.pop((name, id_)).size
        ids = self._collections[name]
        del ids[id_]
        if not ids:
            del self._collections[name]

    def _keep_bounds(self) -> None:
        while len(self._kept) > self.most_documents or self._bytes > self.most_bytes:
            self._remove(*next(iter(self._kept)))
            self.left += 1
            if self.left == 1:
                _log.warning(
                    "the state is limited to %d documents and %d bytes: the oldest documents are "
                    "removed",
                    self.most_documents,
                    self.most_bytes,
                )


def is_meant(name: tuple[str, str], key: str | None, under: str) -> bool:
    """Whether a collection, named by its client's key and its path, is to be cleared."""
    is_under = not under or name[1] == under or name[1].startswith(f"{under}/")
    return is_under and key in (None, name[0])
