"""Who may see and steer what belongs to a key."""

from __future__ import annotations

from typing import Any

from mock_server.admin.guard import Guard
from mock_server.admin.questions import CommonKnowledge
from mock_server.model.request import Request

__all__ = ["Access"]


class Access:
    """Lets in those whom the guard lets pass, and pages for the keys of their own requests."""

    def __init__(self, guard: Guard, knowledge: CommonKnowledge) -> None:
        self._guard, self._knowledge = guard, knowledge

    async def origin_for(self, request: Request, key: Any) -> str | None:
        """Let a request pass that is about a key (None: about all keys).

        Returns:
            None for who may do everything. For a page of another origin it is that origin, and
            the page may see those requests alone that pages of this origin have sent.

        Raises:
            Refused: 401 or 403, for everybody else.
        """
        origin = self._guard.page_of(request)
        # Only what names a key can be a page's own; all keys together are never.
        if origin is not None and isinstance(key, str):
            question = {"what": "page_key", "origin": origin, "key": key}
            # Which of the processes has seen the page's own requests is chance.
            if any(await self._knowledge.asked(question)):
                request.is_private = False
                return origin
        self._guard.check(request)
        return None
