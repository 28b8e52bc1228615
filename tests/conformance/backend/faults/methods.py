"""Methods that the contract does not declare."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from tests.conformance.backend import operations as op
from tests.conformance.backend.behaviour import Handler
from tests.conformance.backend.exchange import CONTROLS, get, image
from tests.conformance.backend.fault import Family, Fault, Patch
from tests.conformance.backend.messages import Answer, Request, json_answer
from tests.conformance.backend.patching import after, instead, is_call, layer, server_error
from tests.conformance.backend.proof import shows

__all__ = ["FAULTS"]

ALL = tuple(operation.label for operation in op.OPERATIONS)
READS = tuple(label for label in ALL if label.startswith("GET"))
PAGE = b"<!doctype html><div id=root></div>"

fault = partial(Fault, family=Family.METHODS, operations=ALL)


def at(request: Request, operation: str) -> bool:
    """The path of an operation, whatever the method."""
    return is_call(replace(request, method=operation.split()[0]), operation)


def undeclared(change: Callable[[Request], Answer]) -> Patch:
    """Something else in the place of 405."""
    return after(lambda request, answer: change(request) if answer.status == 405 else answer)


def taken_for(method: str, *instead_of: str) -> Patch:
    """Some methods are handled like another."""

    def wrap(handler: Handler) -> Handler:
        async def handle(request: Request) -> Answer:
            answer = await handler(request)
            if answer.status != 405 or request.method not in instead_of:
                return answer
            other = await handler(replace(request, method=method))
            return answer if other.status == 405 else other

        return handle

    return layer(wrap)


def echoed(request: Request) -> Answer:
    """TRACE as RFC 9110 section 9.3.8 forbids it: the credential comes back."""
    lines = [f"TRACE {request.raw_path} HTTP/1.1", *(f"{n}: {v}" for n, v in request.headers)]
    body = "\r\n".join(lines).encode("latin-1")
    return Answer(status=200, headers=(("content-type", "message/http"),), body=body)


FAULTS = (
    fault(
        name="delete-succeeds",
        level="warning",
        operations=(op.MODELS, op.OVERVIEW),
        what="DELETE on a collection says 200 and does nothing.",
        finds="method: undeclared",
        patch=instead(
            lambda r: r.method == "DELETE" and (at(r, op.MODELS) or at(r, op.OVERVIEW)),
            lambda request: json_answer({"deleted": True}),
        ),
        writes=True,
        shows=shows(get("models").but(method="DELETE"), was=405, becomes=200),
    ),
    fault(
        name="every-method-reads",
        level="warning",
        operations=READS,
        what="`app.all(path, …)`: every method reads.",
        finds="method: undeclared",
        writes=True,
        patch=taken_for("GET", "POST", "PUT", "PATCH", "DELETE", "QUERY"),
        shows=shows(get("models").but(method="POST"), was=405, becomes=200),
    ),
    fault(
        name="patch-succeeds",
        level="warning",
        operations=(op.PUT_CONFIG,),
        what="PATCH beside PUT says 200 to whatever it is sent.",
        finds="method: undeclared",
        writes=True,
        patch=instead(
            lambda r: r.method == "PATCH" and at(r, op.PUT_CONFIG) and r.has("authorization"),
            lambda request: json_answer({"ok": True}),
        ),
        shows=shows(CONTROLS[op.PUT_CONFIG].but(method="PATCH"), was=405, becomes=200),
    ),
    fault(
        name="get-generates",
        level="warning",
        operations=(op.IMAGE,),
        what="GET on image generation shows a page that tries it out.",
        finds="method: undeclared",
        patch=instead(
            lambda r: r.method == "GET" and at(r, op.IMAGE),
            lambda request: json_answer({"usage": "POST model and prompt"}),
        ),
        shows=shows(image().but(method="GET", body=None), was=405, becomes=200),
    ),
    fault(
        name="no-allow",
        level="warning",
        what="405 without Allow (RFC 9110 section 15.5.6).",
        finds="method: Allow",
        patch=after(lambda r, a: a.without("allow") if a.status == 405 else a),
        shows=shows(get("models").but(method="DELETE"), was=405, becomes=405),
    ),
    fault(
        name="undeclared-crashes",
        what="No handler for the method: an uncaught exception.",
        finds="method: undeclared",
        patch=undeclared(server_error),
        shows=shows(get("models").but(method="DELETE"), was=405, becomes=500),
    ),
    fault(
        name="page-for-everything",
        level="warning",
        what="A single-page application answers whatever has no handler with its page.",
        finds="method: undeclared",
        patch=undeclared(
            lambda request: Answer(status=200, headers=(("content-type", "text/html"),), body=PAGE)
        ),
        shows=shows(get("models").but(method="DELETE"), was=405, becomes=200),
    ),
    fault(
        name="trace-echoes",
        level="warning",
        what="TRACE is on, and sends the caller's credential back.",
        finds="method: undeclared",
        patch=instead(lambda request: request.method == "TRACE", echoed),
        shows=shows(get("models").but(method="TRACE"), was=405, becomes=200),
    ),
    fault(
        name="head-crashes",
        operations=READS,
        what="The handler of HEAD writes a body, and the framework objects.",
        finds="method: HEAD where GET is declared",
        patch=instead(
            lambda r: (
                r.method == "HEAD" and r.has("authorization") and any(at(r, one) for one in READS)
            ),
            server_error,
        ),
        shows=shows(get("models").but(method="HEAD"), was=200, becomes=500),
    ),
    fault(
        name="options-crashes",
        what="A preflight without Origin crashes the CORS layer.",
        finds="method: OPTIONS",
        patch=instead(
            lambda r: r.method == "OPTIONS" and not r.has("origin"),
            server_error,
        ),
        shows=shows(get("models").but(method="OPTIONS"), was=204, becomes=500),
    ),
    fault(
        name="unknown-method-crashes",
        what="A method that nobody has heard of is a KeyError.",
        finds="method: unknown",
        patch=instead(
            lambda r: (
                r.method
                not in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")
            ),
            server_error,
        ),
        shows=shows(get("models").but(method="PROPFIND"), was=405, becomes=500),
    ),
)
