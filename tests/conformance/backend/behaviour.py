"""Every decision of the correct server, each a function that a fault may put another in place of.

route → authenticate → media type → read → provider → shapes → negotiate → answer
404/405     401           415       400      400       400       406        200
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal, InvalidOperation
from typing import Any, NoReturn
from urllib.parse import unquote

from tests.conformance.backend import operations as op
from tests.conformance.backend.answers import ANSWERS, JSON, STREAM, Call, Worker
from tests.conformance.backend.messages import Answer, Refusal, Request, json_answer
from tests.conformance.backend.negotiation import acceptable, media_type
from tests.conformance.backend.shapes import Shape
from tests.conformance.backend.tokens import ADMIN, TokenError, Tokens
from tests.conformance.backend.wire import Wire

__all__ = ["Behaviour", "Handler", "Layer", "challenge"]

Handler = Callable[[Request], Awaitable[Answer]]
Layer = Callable[[Handler], Handler]


def challenge(problem: str, description: str = "") -> NoReturn:
    """Refuse with 401 and the challenge of RFC 6750 section 3."""
    value = f'Bearer realm="ai", error="invalid_token", error_description="{description}"'
    headers = (("www-authenticate", value if description else 'Bearer realm="ai"'),)
    raise Refusal(401, problem, headers=headers)


def find(segments: tuple[str, ...], method: str) -> op.Operation:
    """The operation at a path; 404 and 405 as RFC 9110 section 15.5 has them."""
    here = [operation for operation in op.OPERATIONS if operation.fits(segments)]
    if not here:
        raise Refusal(404, "There is nothing at this path.")
    wanted = "GET" if method == "HEAD" else method
    if found := next((operation for operation in here if operation.method == wanted), None):
        return found
    methods = {operation.method for operation in here}
    allowed = sorted(methods | {"OPTIONS"} | ({"HEAD"} if "GET" in methods else set()))
    raise Refusal(
        204 if method == "OPTIONS" else 405,
        f"{method} is not offered here.",
        headers=(("allow", ", ".join(allowed)),),
    )


def route(request: Request) -> Call:
    """Which operation is meant. Escapes are decoded once, in each segment by itself."""
    segments = tuple(unquote(part) for part in request.raw_path.removeprefix("/").split("/"))
    operation = find(segments, request.method)
    provider = segments[2] if "{provider}" in operation.segments else ""
    return Call(operation=operation, provider=provider)


def credential(request: Request) -> str:
    """The bearer token; the scheme's name matches without case (RFC 9110 section 11.1)."""
    values = request.values("authorization")
    if not values:
        challenge("A bearer token is needed.")
    scheme, _, token = values[0].strip().partition(" ")
    if len(values) > 1 or scheme.lower() != "bearer" or not token.strip():
        challenge("The Authorization header is not `Bearer TOKEN`.", "no bearer token")
    return token.strip()


def role(tokens: Tokens, token: str) -> str:
    """What the token allows; 401 where it proves nothing."""
    try:
        return tokens.role(token)
    except TokenError as error:
        challenge(f"The token was refused: {error}.", str(error))


def admits(role: str, operation: op.Operation) -> bool:
    """An administrator may do everything, a client what is for clients."""
    return role in (ADMIN, operation.role)


def declared_media(request: Request) -> None:
    """415 for anything but plain JSON in UTF-8 (RFC 9110 sections 8.3 and 8.4)."""
    coding = request.header("content-encoding", "identity").strip().lower()
    if coding != "identity":
        raise Refusal(
            415, f"The content coding {coding} is not read.", headers=(("accept-encoding", ""),)
        )
    if not request.has("content-type") and not request.body:
        return
    kind, parameters = media_type(request.header("content-type"))
    if kind != JSON:
        raise Refusal(415, f"Send {JSON}.", headers=(("accept", JSON),))
    if parameters.get("charset", "utf-8").lower() not in ("utf-8", "utf8", "us-ascii"):
        raise Refusal(415, "Send UTF-8.", headers=(("accept", JSON),))


def parse(body: bytes) -> Any:
    """One JSON document (RFC 8259): no NaN, nothing after it, no lone surrogates."""
    if not body.strip():
        raise Refusal(400, "The body is empty.")
    try:
        value = json.loads(body.decode("utf-8"), parse_constant=_constant, parse_float=Decimal)
        # Only an escape can make a lone surrogate: the text itself was UTF-8.
        if b"\\u" in body:
            json.dumps(value, ensure_ascii=False, default=str).encode("utf-8")
    except (ValueError, RecursionError, InvalidOperation) as error:
        raise Refusal(400, "The body is not JSON in UTF-8.") from error
    return value


def _constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def known_provider(provider: str) -> None:
    """400 for every provider but those that the contract lists."""
    if provider not in op.PROVIDERS:
        raise Refusal(400, f"provider must be one of {', '.join(op.PROVIDERS)}")


def negotiate(request: Request, call: Call) -> str:
    """The media type of the answer: what `stream` asks for, unless `Accept` leaves another."""
    offers = [JSON]
    if call.operation.label == op.CHAT:
        offers = [STREAM, JSON] if call.body.get("stream") else [JSON, STREAM]
    accept = ", ".join(request.values("accept"))
    chosen = next((offer for offer in offers if acceptable(accept, offer)), None)
    if chosen is None:
        raise Refusal(406, f"This is offered as {' or '.join(offers)}.")
    return chosen


def refuse(refusal: Refusal) -> Answer:
    """The body of every refusal: the contract's ErrorResponse."""
    if refusal.status == 204:
        return Answer(status=204, headers=refusal.headers)
    codes = {400: "INVALID_INPUT", 401: "UNAUTHORIZED", 404: "NOT_FOUND"}
    code = codes.get(refusal.status, "REFUSED")
    error = {"error": "; ".join(refusal.problems[:10]), "code": code}
    return json_answer(error, refusal.status, refusal.headers)


@dataclass(frozen=True, slots=True, kw_only=True)
class Behaviour:
    """The server as data. `Behaviour()` is the correct one; a fault derives a copy."""

    route: Callable[[Request], Call] = route
    credential: Callable[[Request], str] = credential
    role: Callable[[Tokens, str], str] = role
    admits: Callable[[str, op.Operation], bool] = admits
    media: Callable[[Request], None] = declared_media
    parse: Callable[[bytes], Any] = parse
    provider: Callable[[str], None] = known_provider
    shapes: Mapping[str, Shape] = field(default_factory=lambda: dict(op.SHAPES))
    negotiate: Callable[[Request, Call], str] = negotiate
    answers: Mapping[str, Worker] = field(default_factory=lambda: dict(ANSWERS))
    refuse: Callable[[Refusal], Answer] = refuse
    layers: tuple[Layer, ...] = ()
    """Wrapped around all of the above, the last one outermost."""
    wire: Wire | None = None
    """How bytes are put on the wire, where uvicorn would not put them so."""

    def authenticate(self, tokens: Tokens, request: Request, operation: op.Operation) -> None:
        """401 unless the request carries a credential for the operation."""
        holder = self.role(tokens, self.credential(request))
        if not self.admits(holder, operation):
            challenge("The token is not for this operation.", "not for this operation")

    def read(self, request: Request, call: Call) -> Call:
        """The call with its body, everything in it as the contract wants it."""
        if call.provider:
            self.provider(call.provider)
        shape = self.shapes.get(call.operation.label)
        if shape is None:
            return call
        self.media(request)
        body = self.parse(request.body)
        if problems := tuple(shape.problems(body)):
            raise Refusal(400, *problems)
        return replace(call, body=body)
