"""Bodies that are sent piece by piece, until the client goes away."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from starlette.types import Receive, Send

__all__ = ["send_pieces"]


async def send_pieces(pieces: Iterable[bytes], pace: float, receive: Receive, send: Send) -> None:
    """Send the body after its head; `pace` is the pause between two pieces, in seconds."""
    gone = asyncio.ensure_future(_wait_until_gone(receive))
    try:
        for number, piece in enumerate(pieces):
            if number:
                await asyncio.wait((gone,), timeout=pace)
            if gone.done():
                return
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": b""})
    finally:
        gone.cancel()


async def _wait_until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
