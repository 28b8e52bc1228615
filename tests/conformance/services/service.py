"""A small correct API, whose faults and legal variants can be switched on in any number.

Other than the backend of the AI contract, where a fault is a changed copy of the behaviour, the
handlers of a service ask `self.has("name")` at the line that a fault changes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Literal
from urllib.parse import unquote, unquote_to_bytes

from tests.conformance.backend.asgi import Receive, Send, serve
from tests.conformance.backend.behaviour import challenge, parse
from tests.conformance.backend.exchange import Ask
from tests.conformance.backend.messages import (
    Answer,
    Headers,
    Refusal,
    Request,
    encoded,
    json_answer,
)
from tests.conformance.backend.negotiation import acceptable, media_type
from tests.conformance.backend.proof import Shows
from tests.conformance.backend.shapes import Shape
from tests.conformance.backend.tokens import ADMIN, Tokens

__all__ = [
    "FORM",
    "JSON",
    "TEXT",
    "TOKEN",
    "Licence",
    "Planted",
    "Route",
    "Service",
    "fields",
    "http_faults",
    "licence",
    "post",
    "query",
    "take",
    "typed",
]

JSON, TEXT, FORM = "application/json", "text/plain", "application/x-www-form-urlencoded"
TOKEN = "key-of-the-small-house"
_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Planted:
    """One way in which a service breaks its contract.

    `breaks` is a pattern for the clauses, named without their operation, that show it; `also` for
    those that it breaks beside them, though they would not tell what it is. Of the faults with one
    `slot` the one hides the other from everybody: they are not planted together.
    """

    name: str
    what: str
    operation: str
    breaks: str
    shows: Shows
    code: str = ""
    also: str = ""
    slot: str = ""
    level: Literal["error", "warning"] = "error"


@dataclass(frozen=True, slots=True, kw_only=True)
class Licence:
    """One way in which a correct service may differ; no kit may accuse it."""

    name: str
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """What answers an operation; `offers` are the media types of its success."""

    handler: Callable[..., Answer]
    offers: tuple[str, ...] = (JSON,)


class UnroutedError(Refusal):
    """No operation was reached."""


class Service:
    """Base of the services: what HTTP asks of each; `on` are names of faults and licences."""

    name: ClassVar[str]
    contract: ClassVar[str]
    faults: ClassVar[tuple[Planted, ...]]
    licences: ClassVar[tuple[Licence, ...]] = ()
    secured: ClassVar[bool] = False

    def __init__(self, on: Iterable[str] = ()) -> None:
        self.on = frozenset(on)
        known = {one.name for one in self.faults} | {one.name for one in self.every_licence()}
        if unknown := self.on - known:
            raise LookupError(f"{self.name} has no {', '.join(sorted(unknown))}")
        self.tokens = Tokens(opaque={TOKEN: ADMIN})
        self.routes = self.routing()

    def has(self, name: str) -> bool:
        """Whether a fault or a licence is switched on."""
        return name in self.on

    def routing(self) -> Mapping[str, Route]:
        """The operations: `GET /things/{id}`; what stands in braces is given to the handler."""
        raise NotImplementedError

    @classmethod
    def every_licence(cls) -> tuple[Licence, ...]:
        """Those of the service, and those that every service has."""
        return (*cls.licences, *COMMON)

    async def respond(self, request: Request) -> Answer:
        """The answer to one request."""
        try:
            answer = self._routed(request)
        except UnroutedError as refusal:
            answer = self._unrouted(refusal)
        except Refusal as refusal:
            answer = self.refused(refusal)
        return self._licensed(request, answer)

    def refused(self, refusal: Refusal) -> Answer:
        """The body of every refusal."""
        if refusal.status == 204:
            return Answer(status=204, headers=refusal.headers)
        text = "; ".join(refusal.problems[:5])
        return json_answer({"error": text}, refusal.status, refusal.headers)

    def _unrouted(self, refusal: Refusal) -> Answer:
        if not self.has("plain-404") or refusal.status == 204:
            return self.refused(refusal)
        headers = (("content-type", TEXT), *refusal.headers)
        return Answer(status=refusal.status, headers=headers, body=b"Not here")

    def _routed(self, request: Request) -> Answer:
        segments = tuple(_decoded(part) for part in request.raw_path.strip("/").split("/"))
        here = dict(self._fitting(segments)) if request.raw_path.startswith("/") else {}
        if not here or "" in segments:
            raise UnroutedError(404, "There is nothing at this path.")
        method = "GET" if request.method == "HEAD" else request.method
        if method not in here:
            return self._other_method(request, sorted(here))
        route, given = here[method]
        self.authorize(request, f"{method} /{'/'.join(segments)}")
        accept = ", ".join(request.values("accept"))
        if not any(acceptable(accept, offer) for offer in route.offers):
            raise Refusal(406, f"This is offered as {' or '.join(route.offers)}.")
        return route.handler(request, *given)

    def _fitting(self, segments: tuple[str, ...]) -> Iterator[tuple[str, tuple[Route, list[str]]]]:
        for label, route in self.routes.items():
            method, _, path = label.partition(" ")
            wanted = path.strip("/").split("/")
            pairs = list(zip(wanted, segments, strict=False))
            same = all(w.startswith("{") or w == given for w, given in pairs)
            if len(wanted) == len(segments) and same:
                yield method, (route, [given for w, given in pairs if w.startswith("{")])

    def _other_method(self, request: Request, methods: list[str]) -> Answer:
        head = ["HEAD"] if "GET" in methods else []
        allow = (("allow", ", ".join([*methods, *head, "OPTIONS"])),)
        if request.method == "OPTIONS":
            raise UnroutedError(204, headers=allow)
        if self.has(f"{self.name}-any-method"):
            return Answer(status=204)
        raise UnroutedError(
            405, "Not offered.", headers=() if self.has(f"{self.name}-no-allow") else allow
        )

    def authorize(self, request: Request, operation: str) -> None:
        """401 with a challenge unless the token is there (RFC 6750)."""
        scheme, _, token = request.header("authorization").partition(" ")
        if self.secured and (scheme.lower() != "bearer" or token.strip() != TOKEN):
            challenge("A bearer token is needed.")

    def _licensed(self, request: Request, answer: Answer) -> Answer:
        kind = answer.header("content-type")
        if self.has("charset") and kind == JSON:
            answer = answer.having("content-type", f"{JSON}; charset=utf-8")
        if self.has("no-store"):
            answer = answer.having("cache-control", "no-store")
        if self.has("extra") and answer.is_json and isinstance(answer.json, dict):
            answer = answer.carrying(encoded({**answer.json, "x": 1}))
        return answer

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        await serve(self.respond, scope, receive, send)


COMMON = (
    Licence(name="charset", what="JSON is sent with a charset, which means nothing."),
    Licence(name="no-store", what="Nothing may be kept."),
    Licence(name="extra", what="Objects have a property that the contract does not name."),
    Licence(name="plain-404", what="What routes answers in text, since no operation was reached."),
)


def licence(name: str, what: str) -> Licence:
    """Short for Licence."""
    return Licence(name=name, what=what)


def _decoded(segment: str) -> str:
    if _ESCAPE.search(segment):
        raise Refusal(400, "A percent-escape is malformed.")
    try:
        return unquote(segment, errors="strict")
    except UnicodeDecodeError as error:
        raise Refusal(400, "The path is not UTF-8.") from error


def http_faults(service: str, operation: str) -> tuple[Planted, ...]:
    """What any service may get wrong at the path of an operation that leads it."""
    path = operation.split()[1]
    trace = Ask(method="TRACE", path=path, role="")
    return (
        Planted(
            name=f"{service}-no-allow",
            what="405 does not say which methods there are.",
            operation=operation,
            breaks=r"methods\.allow",
            level="warning",
            shows=Shows(asks=(trace,), was=405, becomes=405),
        ),
        Planted(
            name=f"{service}-any-method",
            what="Every method is answered with 204.",
            operation=operation,
            breaks=r"methods\.undeclared",
            level="warning",
            shows=Shows(asks=(trace,), was=405, becomes=204),
        ),
    )


def typed(request: Request, *kinds: str) -> str:
    """The media type of the body; 415 unless it is one of these, in UTF-8, and not coded."""
    kind, parameters = media_type(request.header("content-type"))
    charset = parameters.get("charset", "utf-8").lower()
    coding = request.header("content-encoding", "identity").strip().lower()
    if kind not in kinds or charset not in ("utf-8", "us-ascii") or coding != "identity":
        headers: Headers = (("accept", ", ".join(kinds)),)
        raise Refusal(415, f"Send {' or '.join(kinds)}.", headers=headers)
    return kind


def take(request: Request, shape: Shape) -> Any:
    """The JSON body, which must be of the shape; 415 or 400 where it is not."""
    typed(request, JSON)
    value = parse(request.body)
    if problems := tuple(shape.problems(value)):
        raise Refusal(400, *problems)
    return value


def fields(text: str) -> list[tuple[str, str]]:
    """The pairs of a query or a form, in order; 400 where escapes are malformed."""
    pairs = [pair.partition("=") for pair in text.split("&") if pair]
    return [(_unescaped(name), _unescaped(value)) for name, _, value in pairs]


def _unescaped(text: str) -> str:
    if _ESCAPE.search(text):
        raise Refusal(400, "A percent-escape is malformed.")
    try:
        return unquote_to_bytes(text.replace("+", " ")).decode()
    except UnicodeDecodeError as error:
        raise Refusal(400, "The text is not UTF-8.") from error


def query(path: str, role: str = "") -> Ask:
    """A GET."""
    return Ask(method="GET", path=path, role=role)


def post(path: str, body: bytes, kind: str = JSON, **changes: Any) -> Ask:
    """A POST with a body of a media type."""
    ask = Ask(method="POST", path=path, role="", body=body, headers=(("content-type", kind),))
    return replace(ask, **changes)
