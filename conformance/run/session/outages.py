"""Waits for a deployment that has answered and answers no more: one that restarts is back soon."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from conformance.http.exchange import Answer, Request, Trouble
from conformance.http.methods import is_safe

__all__ = ["Outages"]

_PAUSES = (0.0, 0.5, 1.0, 2.0, 4.0)
"""Seconds before each question whether it is back; after the last one it is taken to be gone."""
_NOBODY = (Trouble.DROPPED, Trouble.UNREACHABLE)


class Outages:
    """Asks with a request that only reads, and was accepted before, until it is answered again.

    What is sent while nothing answers would be judged for that, and so would its replay. `ask`
    sends a request of an operation, and `pause` waits so many seconds of the run's time.
    """

    def __init__(
        self,
        ask: Callable[[str, Request], Awaitable[Answer]],
        pause: Callable[[float], Awaitable[None]],
    ) -> None:
        self._ask, self._pause = ask, pause
        self._accepted: tuple[str, Request] | None = None
        self._was_there = False
        self._last, self._ended, self._lock = Answer(), 0, asyncio.Lock()
        self._asked_in_vain = False

    def note(self, operation: str, request: Request, answer: Answer) -> None:
        """Remember the first request to ask with, and that there are answers again."""
        self._asked_in_vain = self._asked_in_vain and not answer.status
        self._was_there = self._was_there or bool(answer.status)
        plain = is_safe(request.method) and not request.needs_socket
        if self._accepted is None and answer.success and plain:
            self._accepted = operation, request

    @property
    def gone(self) -> bool:
        """Whether nobody has accepted a connection since: one that drops them may answer others."""
        return self._asked_in_vain and self._last.trouble is Trouble.UNREACHABLE

    async def after(self, operation: str, request: Request, answer: Answer) -> None:
        """Wait, where a request had to be answered and was not, until others are.

        Where nothing has been read before, the methods of the path are asked for.
        """
        expected = answer.trouble in _NOBODY and not (request.wire or request.may_stay_unread)
        if not expected or not self._was_there or self._asked_in_vain:
            return
        methods = Request(method="OPTIONS", target=request.target.partition("?")[0])
        question = self._accepted or (operation, methods)
        ended = self._ended
        async with self._lock:
            # Of several at once one asks for all.
            if self._ended == ended:
                self._asked_in_vain = not await self._is_back(*question)
                self._ended += 1

    async def _is_back(self, operation: str, request: Request) -> bool:
        for seconds in _PAUSES:
            await self._pause(seconds)
            self._last = await self._ask(operation, request)
            if self._last.status:
                return True
        return False
