"""A whole request against its operation: everything that is wrong, at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from starlette.types import Receive

from mock_server.checks.body_checks import BodyCheck, BodyReader
from mock_server.checks.long_bodies import Held, beside
from mock_server.checks.parameter_checks import ParameterCheck
from mock_server.checks.receiving import decompressed, received, too_large
from mock_server.model.problems import Breach, Refused, invalid_request
from mock_server.model.request import Request
from spec.text.long_json import LONG

__all__ = ["RequestCheck"]

_LONG_QUERY = 8 * 1024
"""Bytes from which a query is read beside the event loop: it may be of ten thousand parameters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestCheck:
    """The checks of one operation. `status` is that of a refusal, `max_body` is in bytes."""

    parameters: ParameterCheck | None
    body: BodyCheck | None
    status: int
    max_body: int

    async def __call__(self, request: Request, receive: Receive) -> None:
        """Read parameters and body into the request.

        Raises Refused: 415 for another media type or encoding, 413 for a body over the limit, and
        `status` for all the rest together.
        """
        breaches: list[Breach] = []
        if (parameters := self.parameters) is not None:
            if len(request.query_string) > _LONG_QUERY:
                breaches = await beside(partial(parameters.check, request))
            else:
                breaches = parameters.check(request)
        if (body := self.body) is not None:
            fields = request.fields
            content_type, declared = fields.get(b"content-type"), fields.get(b"content-length")
            reader = body.reader(content_type)
            if declared is not None and declared.isdigit() and int(declared[:20]) > self.max_body:
                raise too_large(self.max_body)
            # The usual body is one message; only what is longer goes through `received`.
            message = await receive()
            raw: bytes = message.get("body", b"")
            if not raw or message.get("more_body") or len(raw) > self.max_body:
                raw = await received(message, receive, self.max_body)
            request.raw_body = raw
            long = LONG if reader is None else reader.long
            if len(raw) > long or b"content-encoding" in fields:
                breaches += await self._checked_beside(body, reader, request, raw)
            else:
                has_length = declared is not None or b"transfer-encoding" in fields
                request.body, more = body.check(raw, content_type, reader, has_length=has_length)
                breaches += more
        if breaches:
            raise Refused(invalid_request(breaches, self.status))

    async def _checked_beside(
        self, body: BodyCheck, reader: BodyReader | None, request: Request, raw: bytes
    ) -> Sequence[Breach]:
        """Decode, read and judge a body that is long, or may become so, in another thread."""
        content_type = request.fields.get(b"content-type")
        encoding = request.fields.get(b"content-encoding")
        held = request.held = Held()

        def check() -> Sequence[Breach]:
            plain = decompressed(raw, encoding, self.max_body) if encoding else raw
            request.raw_body = plain
            held.value, breaches = body.check(plain, content_type, reader)
            return breaches

        breaches = await beside(check)
        request.body = held.value
        return breaches
