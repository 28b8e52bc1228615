"""How a fault is proved: the requests that show it, and what they show."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from tests.conformance.backend.exchange import PATIENCE, Application, Ask, Seen, ask

__all__ = ["Shows", "play", "shows"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shows:
    """The proof of a fault: requests whose last answer is not that of the correct server.

    `was` and `becomes` are the statuses of that answer; where they are equal, its headers or
    body differ. `becomes` is 0 where no answer arrives.
    """

    asks: Sequence[Ask]
    was: int
    becomes: int
    at_once: bool = False
    seconds: float = 0
    """How much longer than the correct server's the answer takes."""
    endless: bool = False
    """The answer does not end by itself."""


def shows(*asks: Ask, was: int, becomes: int, at_once: bool = False) -> Shows:
    """Short for Shows."""
    return Shows(asks=asks, was=was, becomes=becomes, at_once=at_once)


async def play(backend: Application, proof: Shows, patience: float = PATIENCE) -> list[Seen]:
    """Everything that came back, in the order of the requests; `patience` is in seconds."""
    if proof.at_once:
        return list(await asyncio.gather(*(ask(backend, q, patience) for q in proof.asks)))
    return [await ask(backend, question, patience) for question in proof.asks]
