"""Connections to a deployment, which are kept open between requests."""

from __future__ import annotations

import asyncio
import ssl
from functools import cache
from http.cookiejar import CookieJar, DefaultCookiePolicy
from weakref import WeakKeyDictionary

import httpx2

__all__ = ["Connections"]

_TIMEOUT = httpx2.Timeout(60.0, connect=5.0, read=300.0)
"""Seconds; a stream may pause for long between two events."""
_LIMITS = httpx2.Limits(max_connections=None, max_keepalive_connections=20, keepalive_expiry=1.0)
"""An idle connection is given up after a second: sooner than servers give up theirs."""


class Connections:
    """One client for each event loop: a connection belongs to the loop that opened it.

    A client keeps no cookie, so that none of one caller reaches another. It is closed when its
    loop ends and cancels what still runs, as `asyncio.run` does.
    """

    def __init__(self) -> None:
        self._open = WeakKeyDictionary[
            asyncio.AbstractEventLoop, tuple[httpx2.AsyncClient, asyncio.Task[None]]
        ]()

    def client(self, url: str) -> httpx2.AsyncClient:
        """The client of the running loop for a deployment."""
        loop = asyncio.get_running_loop()
        if loop not in self._open:
            client = httpx2.AsyncClient(
                # No proxy of the environment: requests go to the deployment that is named.
                trust_env=False,
                timeout=_TIMEOUT,
                limits=_LIMITS,
                verify=_trust(url),
                cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),
            )
            self._open[loop] = client, loop.create_task(self._close_at_end(loop, client))
        return self._open[loop][0]

    async def _close_at_end(
        self, loop: asyncio.AbstractEventLoop, client: httpx2.AsyncClient
    ) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            # The task refers to its loop: as long as it is kept, so is the loop.
            del self._open[loop]
            await client.aclose()


@cache
def _trust(url: str) -> ssl.SSLContext | bool:
    """The certificates that are trusted; they take a tenth of a second to read."""
    return ssl.create_default_context() if url.startswith("https:") else False
