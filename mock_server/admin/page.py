"""An answer of the mock about itself."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from typing import Any

from mock_server.answers import cors
from mock_server.model.header_lines import STREAMED, HeaderLines, length_line
from mock_server.model.request import Request

__all__ = ["Page", "done_page", "json_page", "text_page"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A whole response, or one whose body is a stream; `source` is its source in the journal."""

    status: int
    source: str
    lines: HeaderLines
    body: bytes
    stream: AsyncGenerator[bytes, None] | None = field(default=None, compare=False)


def done_page(request: Request) -> Page:
    """204: what was asked is done."""
    return Page(status=204, source="admin", lines=_cors_lines(request, ()), body=b"")


def json_page(request: Request, value: Any, status: int = 200) -> Page:
    """A JSON document."""
    return text_page(request, json.dumps(value).encode(), "application/json", status=status)


def text_page(
    request: Request,
    body: bytes,
    media: str,
    *,
    status: int = 200,
    stream: AsyncGenerator[bytes, None] | None = None,
) -> Page:
    """A text; pages of other origins may read it unless the request is private."""
    lines: HeaderLines = (
        (b"content-type", media.encode()),
        # The journal quotes what clients sent: a browser must not take it for a page.
        (b"x-content-type-options", b"nosniff"),
        (b"vary", b"Origin"),
        *(STREAMED if stream else ((b"cache-control", b"no-store"),)),
    )
    lines += _cors_lines(request, lines)
    if stream is None:
        lines = (*lines, length_line(body))
    return Page(status=status, source="admin", lines=lines, body=body, stream=stream)


def _cors_lines(request: Request, lines: HeaderLines) -> HeaderLines:
    """What lets a page of another origin read the answer; nothing where the request is private."""
    origin = request.fields.get(b"origin")
    if request.is_private or origin is None:
        return ()
    return (cors.allowing(origin), *cors.exposing(lines))
