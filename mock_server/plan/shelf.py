"""Prepared replies within a bound: those that were made first are made again where they are asked.

A contract may document gigabytes of responses, most of which are never requested.
"""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock
from typing import Protocol

__all__ = ["Owner", "Shelf"]

ROOM = 64 * 1024 * 1024
"""Bytes of the bodies and headers of prepared replies, over all operations."""


class Owner(Protocol):
    """Who has prepared a reply."""

    @property
    def id(self) -> str:
        """The name that no other owner has."""

    def forget(self, key: str) -> None:
        """Let go of the reply of a key of `responses`."""


class Shelf:
    """Which replies are prepared, and what they take; shared by the operations of a plan."""

    __slots__ = ("_kept", "_lock", "_room", "size")

    def __init__(self, room: int = ROOM) -> None:
        self._room, self.size = room, 0
        self._kept: OrderedDict[tuple[str, str], tuple[Owner, int]] = OrderedDict()
        self._lock = Lock()

    def put(self, owner: Owner, key: str, size: int) -> None:
        """Note a reply of so many bytes; others are forgotten where there is no room for it.

        One that is larger than all the room is kept as long as it is the last.
        """
        with self._lock:
            # Two threads may have made the same reply: it is counted once.
            self.size += size - self._kept.pop((owner.id, key), (owner, 0))[1]
            self._kept[(owner.id, key)] = (owner, size)
            while self.size > self._room and len(self._kept) > 1:
                (_, oldest), (other, freed) = self._kept.popitem(last=False)
                self.size -= freed
                other.forget(oldest)
