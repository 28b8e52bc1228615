"""Answers whose Content-Type is not the documented one, or not true."""

from __future__ import annotations

from tests.conformance.backend import operations as op
from tests.conformance.backend.fault import Patch
from tests.conformance.backend.faults.responses.changes import fault, good, rewritten, same
from tests.conformance.backend.messages import Answer

__all__ = ["FAULTS"]


def retyped(operation: str, value: str) -> Patch:
    """Another Content-Type; none where `value` is empty."""

    def change(answer: Answer) -> Answer:
        return answer.having("content-type", value) if value else answer.without("content-type")

    return good(operation, change)


FAULTS = (
    fault(
        name="answer-is-html-typed",
        operations=(op.MODELS,),
        what="JSON that says that it is HTML.",
        finds="response: content type",
        patch=retyped(op.MODELS, "text/html; charset=utf-8"),
        shows=same(op.MODELS),
    ),
    fault(
        name="answer-is-plain-typed",
        operations=(op.IMAGE,),
        what="`res.send(JSON.stringify(…))` with text/plain.",
        finds="response: content type",
        patch=retyped(op.IMAGE, "text/plain"),
        shows=same(op.IMAGE),
    ),
    fault(
        name="answer-untyped",
        operations=(op.OVERVIEW,),
        what="No Content-Type at all.",
        finds="response: content type",
        patch=retyped(op.OVERVIEW, ""),
        shows=same(op.OVERVIEW),
    ),
    fault(
        name="answer-malformed-type",
        operations=(op.API_KEY,),
        what="`Content-Type: json`.",
        finds="response: content type",
        patch=retyped(op.API_KEY, "json"),
        shows=same(op.API_KEY),
    ),
    fault(
        name="page-as-answer",
        operations=(op.OVERVIEW,),
        what="The dashboard's page in the place of its data: index.html with 200.",
        finds="response: content type",
        patch=good(
            op.OVERVIEW,
            lambda answer: answer.carrying(b"<!doctype html><p>Overview").having(
                "content-type", "text/html"
            ),
        ),
        shows=same(op.OVERVIEW),
    ),
    fault(
        name="page-as-json",
        operations=(op.MODELS,),
        what="A proxy's error page, with 200 and the type of JSON.",
        finds="response: JSON",
        patch=rewritten(op.MODELS, lambda body: b"<html>504 Gateway Time-out</html>"),
        shows=same(op.MODELS),
    ),
)
