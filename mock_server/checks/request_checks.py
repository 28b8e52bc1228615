"""A whole request against its operation: everything that is wrong, at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.types import Receive

from mock_server.checks.body_checks import BodyCheck
from mock_server.checks.long_bodies import Held, beside
from mock_server.checks.parameter_checks import ParameterCheck
from mock_server.checks.receiving import decompressed, received, too_large
from mock_server.model.problems import Breach, Refused, invalid_request
from mock_server.model.request import Request
from spec.text.long_json import LONG

__all__ = ["RequestCheck"]


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
        breaches = self.parameters.check(request) if self.parameters else []
        if self.body is not None:
            breaches.extend(await self._read_body(self.body, request, receive))
        if breaches:
            raise Refused(invalid_request(breaches, self.status))

    async def _read_body(
        self, body: BodyCheck, request: Request, receive: Receive
    ) -> Sequence[Breach]:
        fields = request.fields
        content_type = fields.get(b"content-type")
        reader = body.reader(content_type)
        declared = fields.get(b"content-length")
        if declared is not None and declared.isdigit() and int(declared[:20]) > self.max_body:
            raise too_large(self.max_body)
        # The usual body is one message; only what is longer goes through `received`.
        message = await receive()
        raw: bytes = message.get("body", b"")
        if message.get("more_body") or len(raw) > self.max_body or not raw:
            raw = await received(message, receive, self.max_body)
        encoding, request.raw_body = fields.get(b"content-encoding"), raw
        if encoding is None and len(raw) <= LONG:
            has_length = declared is not None or b"transfer-encoding" in fields
            request.body, breaches = body.check(raw, content_type, reader, has_length=has_length)
            return breaches
        held = request.held = Held()

        def check() -> Sequence[Breach]:
            plain = decompressed(raw, encoding, self.max_body) if encoding else raw
            request.raw_body = plain
            held.value, breaches = body.check(plain, content_type, reader)
            return breaches

        breaches = await beside(check)
        request.body = held.value
        return breaches
