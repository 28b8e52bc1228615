"""Success under another status."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from tests.conformance.backend import operations as op
from tests.conformance.backend.fault import Patch
from tests.conformance.backend.faults.responses.changes import fault, good, same
from tests.conformance.backend.messages import Answer, Request, json_answer
from tests.conformance.backend.patching import after, is_call, server_error

__all__ = ["FAULTS"]


def restatus(operation: str, status: int) -> Patch:
    """Another status for success."""
    return good(operation, lambda answer: replace(answer, status=status))


def redirected(operation: str, status: int, location: str) -> Patch:
    """A good request is sent elsewhere."""
    moved = Answer(status=status, headers=(("location", location),))
    return good(operation, lambda answer: moved)


def for_model(model: str, answer: Callable[[Request], Answer]) -> Patch:
    """One model alone is answered otherwise."""

    def alter(request: Request, given: Answer) -> Answer:
        hit = is_call(request, op.IMAGE) and given.status == 200 and given.is_json
        return answer(request) if hit and given.json.get("model") == model else given

    return after(alter)


FAULTS = (
    fault(
        name="created",
        operations=(op.IMAGE,),
        what="201, because something was created.",
        finds="response: status documented",
        patch=restatus(op.IMAGE, 201),
        shows=same(op.IMAGE, 201),
    ),
    fault(
        name="accepted-for-later",
        operations=(op.EMBEDDINGS,),
        what="202: the work goes on in a queue.",
        finds="response: status documented",
        patch=restatus(op.EMBEDDINGS, 202),
        shows=same(op.EMBEDDINGS, 202),
    ),
    fault(
        name="no-content",
        operations=(op.PUT_CONFIG,),
        what="204: an update has nothing to say.",
        finds="response: status documented",
        patch=good(op.PUT_CONFIG, lambda answer: Answer(status=204)),
        shows=same(op.PUT_CONFIG, 204),
        writes=True,
    ),
    fault(
        name="overview-fails",
        operations=(op.OVERVIEW,),
        what="500, documented and still a failure: the analytics key is not there.",
        finds="control refused",
        patch=good(op.OVERVIEW, lambda answer: json_answer({"error": "Failed"}, 500)),
        shows=same(op.OVERVIEW, 500),
    ),
    fault(
        name="models-unavailable",
        operations=(op.MODELS,),
        what="503 from the proxy in front.",
        finds="control refused",
        patch=good(op.MODELS, lambda answer: json_answer({"error": "Unavailable"}, 503)),
        shows=same(op.MODELS, 503),
    ),
    fault(
        name="one-model-crashes",
        also=r"body\.model\.type",
        operations=(op.IMAGE,),
        what="The contract's own example of a model is the one that crashes.",
        finds="control refused",
        patch=for_model("openai/dall-e-3", server_error),
        shows=same(op.IMAGE, 500),
    ),
    fault(
        name="redirect-to-new-path",
        operations=(op.EMBEDDINGS,),
        what="308 to a new path, which the contract does not know.",
        finds="response: status documented",
        patch=redirected(op.EMBEDDINGS, 308, "/api/v2/ai/embeddings"),
        shows=same(op.EMBEDDINGS, 308),
    ),
    fault(
        name="redirect-loop",
        operations=(op.MODELS,),
        what="A redirect to itself.",
        finds="response: status documented",
        patch=redirected(op.MODELS, 307, "/api/ai/models"),
        shows=same(op.MODELS, 307),
    ),
    fault(
        name="payment-required",
        also=r"body\.stream\.|accept\.range",
        operations=(op.CHAT,),
        what="402, which the contract does not know: no credit is left.",
        finds="response: status documented",
        patch=good(op.CHAT, lambda answer: json_answer({"error": "No credits"}, 402)),
        shows=same(op.CHAT, 402),
    ),
)
