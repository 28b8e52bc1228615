"""Media types, charsets, content codings and Accept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from urllib.parse import parse_qsl

from tests.conformance.backend import operations as op
from tests.conformance.backend.answers import JSON, STREAM
from tests.conformance.backend.exchange import CONTROLS, chat, get, image
from tests.conformance.backend.fault import Family, Fault, Patch
from tests.conformance.backend.messages import Answer, Request, encoded, json_answer
from tests.conformance.backend.negotiation import acceptable, media_type
from tests.conformance.backend.patching import after, before, instead, is_call, server_error
from tests.conformance.backend.proof import shows

__all__ = ["FAULTS"]

ALL = tuple(operation.label for operation in op.OPERATIONS)
BODIES = (op.PUT_CONFIG, op.CHAT, op.IMAGE, op.EMBEDDINGS)
HTML = b"<!doctype html><title>InsForge</title><h1>It works</h1>"

fault = partial(Fault, family=Family.MEDIA)


def kind(request: Request) -> str:
    """The media type of the body, without parameters."""
    return media_type(request.header("content-type"))[0]


def charset(request: Request) -> str:
    """The charset that is declared, in lower case."""
    return media_type(request.header("content-type"))[1].get("charset", "").lower()


def let_in(request: Request) -> bool:
    """Whether somebody is calling with a credential of the right form."""
    return request.header("authorization").lower().startswith("bearer ")


def taken_for_json(*kinds: str) -> Patch:
    """Bodies of other types are read as JSON all the same."""

    def change(request: Request) -> Request:
        other = let_in(request) and request.has("content-type") and kind(request) in kinds
        return request.with_header("content-type", JSON) if other else request

    return before(change)


def form_read(request: Request) -> Request:
    """`express.urlencoded()` stands beside `express.json()`."""
    if kind(request) != "application/x-www-form-urlencoded":
        return request
    fields = dict(parse_qsl(request.body.decode("utf-8", "replace"), keep_blank_values=True))
    return replace(request, body=encoded(fields)).with_header("content-type", JSON)


def for_bodies(answer: Callable[[Request], Answer], when: Callable[[Request], bool]) -> Patch:
    """Some requests with a body get another answer, once somebody is let in."""
    return instead(
        lambda request: (
            let_in(request) and any(is_call(request, label) for label in BODIES) and when(request)
        ),
        answer,
    )


def refused(status: int) -> Callable[[Request], Answer]:
    """A refusal with a status of its own."""
    return lambda request: json_answer({"error": "Unsupported"}, status)


def without(name: str) -> Callable[[Request], Request]:
    """A header is never looked at."""
    return lambda request: replace(
        request, headers=tuple(pair for pair in request.headers if pair[0] != name)
    )


def asked_for(answer: Callable[[Request], Answer], *offers: str) -> Patch:
    """A 200 becomes another where Accept asks for what the contract does not offer."""

    def change(request: Request, given: Answer) -> Answer:
        accept = request.header("accept")
        wanted = accept and not acceptable(accept, JSON) and not acceptable(accept, STREAM)
        hit = wanted and any(acceptable(accept, offer) for offer in offers)
        return answer(request) if hit and given.status == 406 else given

    return after(change)


def strict_accept(when: Callable[[Request], bool], status: int) -> Patch:
    """A 200 becomes a refusal for some values of Accept."""

    def change(request: Request, given: Answer) -> Answer:
        if given.status // 100 != 2 or not when(request):
            return given
        return json_answer({"error": "Not Acceptable"}, status)

    return after(change)


FAULTS = (
    fault(
        name="text-plain-accepted",
        operations=BODIES,
        what="text/plain is read as JSON, which lets any web page send it without a preflight.",
        finds="media type: undeclared",
        patch=taken_for_json("text/plain"),
        shows=shows(image().header("content-type", "text/plain"), was=415, becomes=200),
    ),
    fault(
        name="any-type-accepted",
        operations=BODIES,
        what="The content type is never looked at where one is declared.",
        finds="media type: undeclared",
        patch=taken_for_json(
            "text/plain",
            "application/xml",
            "text/xml",
            "text/html",
            "application/octet-stream",
            "application/x-www-form-urlencoded",
            "multipart/form-data",
            "application/yaml",
            "image/png",
        ),
        shows=shows(image().header("content-type", "application/xml"), was=415, becomes=200),
    ),
    fault(
        name="form-accepted",
        operations=(op.IMAGE, op.CHAT, op.EMBEDDINGS, op.PUT_CONFIG),
        what="A form is read as well, because two parsers are mounted.",
        finds="media type: undeclared",
        patch=before(form_read),
        shows=shows(
            image(b"model=m&prompt=p").header("content-type", "application/x-www-form-urlencoded"),
            was=415,
            becomes=200,
        ),
    ),
    fault(
        name="other-type-crashes",
        operations=BODIES,
        what="A body that no parser took is undefined: `undefined.model`.",
        finds="media type: undeclared",
        patch=for_bodies(server_error, lambda r: bool(r.body) and kind(r) not in ("", JSON)),
        shows=shows(image().header("content-type", "text/plain"), was=415, becomes=500),
    ),
    fault(
        name="missing-type-crashes",
        operations=BODIES,
        what="`headers['content-type'].split(';')` where there is none.",
        finds="media type: none",
        patch=for_bodies(server_error, lambda r: bool(r.body) and not r.header("content-type")),
        shows=shows(image().without("content-type"), was=415, becomes=500),
    ),
    fault(
        name="malformed-type-crashes",
        operations=BODIES,
        what="The media type is split at its slash, which is not there.",
        finds="media type: malformed",
        patch=for_bodies(server_error, lambda r: r.has("content-type") and "/" not in kind(r)),
        shows=shows(image().header("content-type", "json"), was=415, becomes=500),
    ),
    fault(
        name="charset-refused",
        operations=BODIES,
        what="`contentType === 'application/json'`: a charset parameter is refused with 415.",
        finds="edge: charset parameter",
        patch=for_bodies(refused(415), lambda r: bool(charset(r))),
        shows=shows(
            image().header("content-type", "application/json; charset=utf-8"), was=200, becomes=415
        ),
    ),
    fault(
        name="type-with-case",
        operations=BODIES,
        what="The media type is compared with case (RFC 9110 section 8.3.1: it has none).",
        finds="edge: media type in another case",
        patch=for_bodies(
            refused(415), lambda r: r.header("content-type").partition(";")[0] != kind(r)
        ),
        shows=shows(image().header("content-type", "Application/JSON"), was=200, becomes=415),
    ),
    fault(
        name="unknown-charset-crashes",
        operations=BODIES,
        what="LookupError: unknown encoding.",
        finds="charset: unknown",
        patch=for_bodies(server_error, lambda r: charset(r) not in ("", "utf-8", "utf8")),
        shows=shows(
            image().header("content-type", "application/json; charset=klingon"),
            was=415,
            becomes=500,
        ),
    ),
    fault(
        name="coded-body-crashes",
        operations=BODIES,
        what="A gzipped body is handed to the JSON parser, and its error to nobody.",
        finds="content coding: gzip",
        patch=for_bodies(server_error, lambda r: "gzip" in r.header("content-encoding")),
        shows=shows(image().header("content-encoding", "gzip"), was=415, becomes=500),
    ),
    fault(
        name="unknown-coding-crashes",
        operations=BODIES,
        what="A content coding that nobody knows is a KeyError.",
        finds="content coding: unknown",
        patch=for_bodies(
            server_error,
            lambda r: r.header("content-encoding") not in ("", "identity", "gzip", "br", "deflate"),
        ),
        shows=shows(image().header("content-encoding", "rot13"), was=415, becomes=500),
    ),
    fault(
        name="html-when-asked",
        operations=ALL,
        what="A browser's Accept gets the application's page, with 200.",
        finds="Accept: a type that is not offered",
        patch=asked_for(
            lambda request: Answer(status=200, headers=(("content-type", "text/html"),), body=HTML),
            "text/html",
        ),
        shows=shows(get("models").header("accept", "text/html"), was=406, becomes=200),
    ),
    fault(
        name="xml-when-asked",
        operations=ALL,
        what="The framework also knows XML, and the contract does not.",
        finds="Accept: a type that is not offered",
        patch=asked_for(
            lambda request: Answer(
                status=200, headers=(("content-type", "application/xml"),), body=b"<ok/>"
            ),
            "application/xml",
        ),
        shows=shows(get("models").header("accept", "application/xml"), was=406, becomes=200),
    ),
    fault(
        name="unknown-accept-crashes",
        operations=ALL,
        what="No renderer for an unknown Accept: an uncaught exception.",
        finds="Accept: a type that is not offered",
        patch=after(lambda request, a: server_error(request) if a.status == 406 else a),
        shows=shows(get("models").header("accept", "image/png"), was=406, becomes=500),
    ),
    fault(
        name="malformed-accept-crashes",
        operations=ALL,
        what="`float(q)` of something else.",
        finds="Accept: malformed",
        patch=strict_accept(
            lambda r: "/" not in r.header("accept", "*/*") or ";q=x" in r.header("accept"), 500
        ),
        shows=shows(get("models").header("accept", "json"), was=200, becomes=500),
    ),
    fault(
        name="wildcard-refused",
        operations=ALL,
        what="`accept == 'application/json'`: */* is refused with 406.",
        finds="Accept: */*",
        patch=strict_accept(lambda r: r.header("accept").strip() == "*/*", 406),
        shows=shows(get("models").header("accept", "*/*"), was=200, becomes=406),
    ),
    fault(
        name="missing-accept-refused",
        operations=ALL,
        what="A request without Accept is refused with 406.",
        finds="Accept: none",
        patch=strict_accept(lambda r: not r.has("accept"), 406),
        shows=shows(CONTROLS[op.MODELS], was=200, becomes=406),
    ),
    fault(
        name="quality-refused",
        operations=ALL,
        what="A list with qualities is compared as one string.",
        finds="Accept: several ranges",
        patch=strict_accept(
            lambda r: "application/json" in r.header("accept") and ";" in r.header("accept"), 406
        ),
        shows=shows(
            get("models").header("accept", "text/html, application/json;q=0.9"),
            was=200,
            becomes=406,
        ),
    ),
    fault(
        name="stream-accept-refused",
        operations=(op.CHAT,),
        what="Accept: text/event-stream, what every SSE client sends, is refused with 406.",
        finds="Accept: each declared media type",
        patch=strict_accept(
            lambda r: is_call(r, op.CHAT) and r.header("accept").strip() == STREAM, 406
        ),
        shows=shows(chat(stream=True).header("accept", STREAM), was=200, becomes=406),
    ),
    fault(
        name="json-accept-crashes-chat",
        operations=(op.CHAT,),
        what="Accept: application/json alone crashes the choice between stream and document.",
        finds="Accept: each declared media type",
        patch=strict_accept(
            lambda r: is_call(r, op.CHAT) and r.header("accept").strip() == JSON, 500
        ),
        shows=shows(chat().header("accept", JSON), was=200, becomes=500),
    ),
)
