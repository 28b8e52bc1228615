"""Refusals in other words, other forms, and by other habits of HTTP."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from tests.conformance.backend.answers import Call
from tests.conformance.backend.behaviour import Behaviour
from tests.conformance.backend.exchange import image
from tests.conformance.backend.fault import Patch
from tests.conformance.backend.messages import Answer, Request, encoded, json_answer
from tests.conformance.backend.patching import after
from tests.conformance.backend.variants.variation import MODELS, differs, variant

__all__ = ["VARIANTS"]

ANONYMOUS = image().but(role="")


def errors(change: Callable[[Answer], Answer]) -> Patch:
    """Another body for every refusal."""
    return after(lambda request, a: change(a) if a.status >= 400 else a)


def problem(answer: Answer) -> Answer:
    """RFC 9457."""
    body = {"type": "about:blank", "title": "Refused", "status": answer.status}
    return answer.carrying(encoded(body)).having("content-type", "application/problem+json")


def page(answer: Answer) -> Answer:
    """A page of HTML: the contract promises nothing of an error's body."""
    body = f"<!doctype html><title>{answer.status}</title><h1>Something was refused</h1>"
    return answer.carrying(body.encode()).having("content-type", "text/html; charset=utf-8")


def plain(answer: Answer) -> Answer:
    """One line of text."""
    return answer.carrying(b"refused\n").having("content-type", "text/plain")


def bare(answer: Answer) -> Answer:
    """No body, and no type of it."""
    return answer.carrying(b"").without("content-type")


def listed(answer: Answer) -> Answer:
    """Errors as a list of objects, in JSON."""
    return answer.carrying(encoded([{"message": "refused", "status": answer.status}]))


def guarded_first(behaviour: Behaviour) -> Behaviour:
    """Credentials are asked for before paths and methods: 401 also where there is nothing."""

    def route(request: Request) -> Call:
        behaviour.credential(request)
        return behaviour.route(request)

    return replace(behaviour, route=route)


def not_found(request: Request, answer: Answer) -> Answer:
    """404 for a method that is not there."""
    return json_answer({"error": "Not Found"}, 404) if answer.status == 405 else answer


def challenged(value: str) -> Patch:
    """Another challenge."""
    return after(lambda r, a: a.having("www-authenticate", value) if a.status == 401 else a)


def headless(behaviour: Behaviour) -> Behaviour:
    """HEAD is a method that no path has, and no `Allow` names it."""

    def route(request: Request) -> Call:
        return behaviour.route(
            replace(request, method="NONE") if request.method == "HEAD" else request
        )

    def named(_: Request, answer: Answer) -> Answer:
        methods = [name for name in answer.header("allow").split(", ") if name != "HEAD"]
        return answer.having("allow", ", ".join(methods)) if answer.header("allow") else answer

    return after(named)(replace(behaviour, route=route))


VARIANTS = (
    variant(
        "errors-as-problems",
        "Errors are problem documents (RFC 9457).",
        errors(problem),
        differs(ANONYMOUS, 401, 401),
    ),
    variant(
        "errors-as-pages",
        "Errors are pages of HTML, as nginx sends them.",
        errors(page),
        differs(ANONYMOUS, 401, 401),
    ),
    variant(
        "errors-as-text",
        "Errors are a line of text.",
        errors(plain),
        differs(ANONYMOUS, 401, 401),
    ),
    variant("errors-empty", "Errors have no body.", errors(bare), differs(ANONYMOUS, 401, 401)),
    variant(
        "errors-as-list",
        "Errors are a list of objects.",
        errors(listed),
        differs(ANONYMOUS, 401, 401),
    ),
    variant(
        "realm-alone",
        "The challenge names a realm and no error.",
        challenged('Bearer realm="InsForge"'),
        differs(image().bearing("Bearer x"), 401, 401),
    ),
    variant(
        "challenge-bare",
        "The challenge is the scheme and nothing else.",
        challenged("Bearer"),
        differs(ANONYMOUS, 401, 401),
    ),
    variant(
        "two-challenges",
        "A second scheme is offered beside the declared one.",
        challenged('DPoP algs="ES256", bearer realm="ai", scope="ai:use"'),
        differs(ANONYMOUS, 401, 401),
    ),
    variant(
        "undeclared-not-found",
        "404 for methods that are not declared.",
        after(not_found),
        differs(MODELS.but(method="DELETE"), 405, 404),
    ),
    variant(
        "guard-before-routes",
        "401 also for strangers who ask for a method or path that is not there.",
        guarded_first,
        differs(MODELS.but(method="DELETE", role=""), 405, 401),
    ),
    variant(
        "head-refused",
        "HEAD is not offered: 405 with Allow.",
        headless,
        differs(MODELS.but(method="HEAD"), 200, 405),
    ),
    variant(
        "options-refused",
        "OPTIONS is a method like any other: 405.",
        after(lambda r, a: json_answer({"error": "no"}, 405, a.headers) if a.status == 204 else a),
        differs(MODELS.but(method="OPTIONS"), 204, 405),
    ),
    variant(
        "options-with-body",
        "OPTIONS answers 200 with the list of methods, without a credential.",
        after(
            lambda r, a: (
                json_answer({"methods": a.header("allow")}, 200, a.headers)
                if a.status == 204
                else a
            )
        ),
        differs(MODELS.but(method="OPTIONS", role=""), 204, 200),
    ),
    variant(
        "wrong-type-not-found",
        "Routes are matched by content type: another one is a 404.",
        after(lambda r, a: json_answer({"error": "no"}, 404) if a.status == 415 else a),
        differs(image().header("content-type", "text/plain"), 415, 404),
    ),
)
