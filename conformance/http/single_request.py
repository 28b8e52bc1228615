"""One GET without a credential, beside a run: what answers at an address?"""

from __future__ import annotations

import http.client
from dataclasses import dataclass

from conformance.http.target import Target, TargetError

__all__ = ["SingleAnswer", "single_request"]

_SECONDS = 5.0
"""Seconds until the question is given up: it serves a hint, for which nobody waits long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SingleAnswer:
    """The status, 0 where there is no answer, and the content type in lower case."""

    status: int = 0
    content_type: str = ""

    @property
    def is_page(self) -> bool:
        """Whether the body is for a browser."""
        return "html" in self.content_type


def single_request(target: Target, path: str) -> SingleAnswer:
    """The answer to a GET of a path below the target's own."""
    try:
        context = target.tls()
    except TargetError:
        return SingleAnswer()
    connection = (
        http.client.HTTPConnection(target.host, target.port, timeout=_SECONDS)
        if context is None
        else http.client.HTTPSConnection(
            target.host, target.port, timeout=_SECONDS, context=context
        )
    )
    try:
        connection.request("GET", f"{target.prefix}{path}")
        response = connection.getresponse()
        return SingleAnswer(
            status=response.status,
            content_type=(response.getheader("content-type") or "").lower(),
        )
    except (OSError, http.client.HTTPException):
        return SingleAnswer()
    finally:
        connection.close()
