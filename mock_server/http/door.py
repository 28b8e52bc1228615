"""HTTPS connections: the handshake, and an answer for those who speak plain HTTP to it."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from mock_server.http.protocol import Protocol

__all__ = ["Door"]

_HANDSHAKE = 0x16
"""The first byte of every TLS connection: a record of the type handshake (RFC 8446 section 5.1)."""
_PATIENCE = 10.0
"""Seconds that a client may take for its first byte, and for the handshake."""
_PLAIN = ("https-only", "this port uses HTTPS, and the request was plain HTTP: use https://")


class Door(asyncio.Protocol):
    """The first moments of a connection, until its first byte says what the client speaks.

    A server that speaks TLS alone would end a plain request with bytes that no client can read.

    Args:
        context: for the handshake.
        make_protocol: makes the protocol for the requests.
    """

    def __init__(self, context: ssl.SSLContext, make_protocol: Callable[[], Protocol]) -> None:
        self._context, self._make_protocol = context, make_protocol
        self._loop = asyncio.get_running_loop()
        self._transport: Any = None
        self._timer: asyncio.TimerHandle | None = None
        self._handshake: asyncio.Task[None] | None = None
        self._hello, self._early = bytearray(), bytearray()
        self._is_fed = False

    def connection_made(self, transport: Any) -> None:
        """Wait for the first byte."""
        # `start_tls` tells of its own transport as well; the first one is that of the client.
        if self._transport is None:
            self._transport = transport
            self._timer = self._loop.call_later(_PATIENCE, transport.abort)

    def data_received(self, data: bytes) -> None:
        """Take the first bytes, or those that came together with the end of the handshake."""
        if self._is_fed:
            self._early += data
            return
        self._hello += data
        if self._handshake is None:
            self._end_timer()
            if data[0] == _HANDSHAKE:
                self._handshake = self._loop.create_task(self._shake_hands())
            else:
                self._refuse()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop waiting."""
        self._end_timer()

    def _refuse(self) -> None:
        protocol = self._make_protocol()
        protocol.connection_made(self._transport)
        self._transport.set_protocol(protocol)
        protocol.refuse(*_PLAIN)

    async def _shake_hands(self) -> None:
        starting = self._loop.create_task(self._start_tls())
        # start_tls puts its own protocol in place, which is connected in the next turn of the
        # loop; after that it can be given what was read before.
        await asyncio.sleep(0)
        self._loop.call_soon(self._feed)
        with suppress(OSError, ssl.SSLError):
            transport = await starting
            protocol = self._make_protocol()
            transport.set_protocol(protocol)
            protocol.connection_made(transport)
            if self._early:
                protocol.data_received(bytes(self._early))

    async def _start_tls(self) -> Any:
        return await self._loop.start_tls(
            self._transport, self, self._context, server_side=True, ssl_handshake_timeout=_PATIENCE
        )

    def _feed(self) -> None:
        """Give what was read to the protocol of TLS, as the event loop does."""
        self._is_fed = True
        protocol, data = self._transport.get_protocol(), bytes(self._hello)
        while data and not self._transport.is_closing():
            buffer = memoryview(protocol.get_buffer(len(data)))
            taken = min(len(buffer), len(data))
            buffer[:taken] = data[:taken]
            protocol.buffer_updated(taken)
            data = data[taken:]

    def _end_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
