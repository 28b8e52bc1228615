"""Refusals that are told in a wrong way, or crash."""

from __future__ import annotations

from dataclasses import replace

from tests.conformance.backend import operations as op
from tests.conformance.backend.answers import Call
from tests.conformance.backend.behaviour import Behaviour
from tests.conformance.backend.exchange import chat, config, embed, get, image
from tests.conformance.backend.fault import Patch
from tests.conformance.backend.faults.bodies.reading import crashing, fault, is_text
from tests.conformance.backend.gateway import Gateway
from tests.conformance.backend.messages import Answer, Refusal, Request
from tests.conformance.backend.patching import after, is_call
from tests.conformance.backend.proof import shows
from tests.conformance.backend.shapes import Record

__all__ = ["FAULTS"]


def restatus(status: int, *operations: str) -> Patch:
    """Another status than 400."""

    def change(request: Request, answer: Answer) -> Answer:
        here = any(is_call(request, operation) for operation in operations)
        return replace(answer, status=status) if here and answer.status == 400 else answer

    return after(change)


def half_stored(behaviour: Behaviour) -> Behaviour:
    """Each property is validated just before it is stored."""
    strict = behaviour.shapes[op.PUT_CONFIG]

    async def update(gateway: Gateway, call: Call) -> Answer:
        for name in ("apiKey", "managementKey"):
            part = {key: value for key, value in call.body.items() if key == name}
            if part and (problems := tuple(strict.problems(part))):
                raise Refusal(400, *problems)
            gateway.update(part.get("apiKey"), part.get("managementKey"))
        return await behaviour.answers[op.GET_CONFIG](gateway, call)

    return replace(
        behaviour,
        shapes={**behaviour.shapes, op.PUT_CONFIG: Record(fewest=1)},
        answers={**behaviour.answers, op.PUT_CONFIG: update},
    )


FAULTS = (
    fault(
        name="unprocessable",
        operations=(op.IMAGE,),
        what="422 (FastAPI's default) where the contract documents 400.",
        finds="request: status of a refusal",
        patch=restatus(422, op.IMAGE),
        shows=shows(image(prompt=1), was=400, becomes=422),
    ),
    fault(
        name="unprocessable-config",
        operations=(op.PUT_CONFIG,),
        what="422 on one route alone.",
        finds="request: status of a refusal",
        patch=restatus(422, op.PUT_CONFIG),
        shows=shows(config({}), was=400, becomes=422),
    ),
    fault(
        name="success-with-error",
        operations=(op.EMBEDDINGS,),
        what="A refusal is told in a 200.",
        finds="request: status of a refusal",
        patch=restatus(200, op.EMBEDDINGS),
        shows=shows(embed(input=1), was=400, becomes=200),
    ),
    fault(
        name="refusal-is-403",
        operations=(op.CHAT,),
        what="A firewall answers 403 for what it does not like.",
        finds="request: status of a refusal",
        patch=restatus(403, op.CHAT),
        shows=shows(chat(messages=1), was=400, becomes=403),
    ),
    fault(
        name="missing-property-crashes",
        operations=(op.CHAT,),
        what="KeyError: 'messages'.",
        finds="request: required messages",
        patch=crashing(op.CHAT, lambda v: isinstance(v, dict) and "messages" not in v),
        shows=shows(chat({"model": "m"}), was=400, becomes=500),
    ),
    fault(
        name="wrong-type-crashes",
        operations=(op.IMAGE,),
        what="`prompt.trim is not a function`.",
        finds="request: type of prompt",
        patch=crashing(
            op.IMAGE,
            lambda v: isinstance(v, dict) and not isinstance(v.get("prompt", ""), str | None),
        ),
        shows=shows(image(prompt=1), was=400, becomes=500),
    ),
    fault(
        name="deep-type-crashes",
        operations=(op.CHAT,),
        what="A message that is no object crashes the loop over them.",
        finds="request: type of messages[]",
        patch=crashing(
            op.CHAT,
            lambda v: (
                isinstance(v, dict)
                and isinstance(v.get("messages"), list)
                and not all(isinstance(message, dict) for message in v["messages"])
            ),
        ),
        shows=shows(chat(messages=["x"]), was=400, becomes=500),
    ),
    fault(
        name="too-long-key-crashes",
        also=r"body\.managementKey\.maxLength",
        operations=(op.PUT_CONFIG,),
        what="The database's column is the only limit: value too long for type varchar(512).",
        finds="request: maxLength of apiKey",
        patch=crashing(
            op.PUT_CONFIG,
            lambda v: (
                isinstance(v, dict) and any(is_text(key) and len(key) > 512 for key in v.values())
            ),
        ),
        shows=shows(config(apiKey="k" * 513), was=400, becomes=500),
    ),
    fault(
        name="refused-after-half",
        operations=(op.PUT_CONFIG,),
        what="PUT is not atomic: a good apiKey is stored before a bad managementKey is refused.",
        finds="request: state after a refusal",
        beside=(op.GET_CONFIG,),
        writes=True,
        patch=half_stored,
        shows=shows(
            config(apiKey="sk-or-v1-quite-another-one", managementKey=""),
            get("config"),
            was=200,
            becomes=200,
        ),
    ),
)
