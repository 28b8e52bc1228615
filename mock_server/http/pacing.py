"""Bodies that are sent piece by piece, until the client goes away."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterable, Iterator

from starlette.types import Receive, Send

__all__ = ["send_live", "send_pieces"]

_SLICES_PER_SECOND = 20


async def send_pieces(
    pieces: Iterable[bytes],
    receive: Receive,
    send: Send,
    *,
    pause: float,
    rate: float | None = None,
) -> bool:
    """Send the pieces of a body, whose head has left, and not its end.

    Args:
        pieces: what to send.
        receive: tells when the client goes away.
        send: takes the pieces.
        pause: seconds between two pieces.
        rate: bytes a second; it takes the place of `pause`.

    Returns:
        False where the client went away before the last piece.
    """
    if rate is not None:
        # Twenty slices a second look even to a client, and wake the loop seldom enough.
        size = max(1, int(rate / _SLICES_PER_SECOND))
        pieces, pause = _slices(pieces, size), size / rate
    gone = asyncio.ensure_future(_wait_until_gone(receive))
    try:
        for number, piece in enumerate(pieces):
            if number:
                await asyncio.wait((gone,), timeout=pause)
            if gone.done():
                return False
            await send({"type": "http.response.body", "body": piece, "more_body": True})
    finally:
        gone.cancel()
    return True


async def send_live(pieces: AsyncGenerator[bytes, None], receive: Receive, send: Send) -> None:
    """Send pieces as they come to be, until there are no more or the client goes away."""
    gone = asyncio.ensure_future(_wait_until_gone(receive))
    coming: asyncio.Future[bytes | None] | None = None
    try:
        while True:
            coming = asyncio.ensure_future(anext(pieces, None))
            await asyncio.wait((gone, coming), return_when=asyncio.FIRST_COMPLETED)
            if gone.done():
                return
            if (piece := coming.result()) is None:
                break
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": b""})
    finally:
        # A generator that runs cannot be closed: whatever it waits for has to end first.
        gone.cancel()
        if coming is not None:
            coming.cancel()
            await asyncio.gather(coming, return_exceptions=True)
        await pieces.aclose()


def _slices(pieces: Iterable[bytes], size: int) -> Iterator[bytes]:
    for piece in pieces:
        for start in range(0, len(piece), size):
            yield piece[start : start + size]


async def _wait_until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
