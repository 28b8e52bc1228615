"""The empty string and the empty array."""

from __future__ import annotations

from tests.conformance.backend import operations as op
from tests.conformance.backend.exchange import chat, embed, image
from tests.conformance.backend.faults.edges.triggers import crashing, fault, named, prompt
from tests.conformance.backend.patching import refusing
from tests.conformance.backend.proof import shows
from tests.conformance.backend.shapes import is_blank

__all__ = ["FAULTS"]

FAULTS = (
    fault(
        name="prompt-empty-refused",
        level="warning",
        operations=(op.IMAGE,),
        what="`if (!body.prompt)` takes an empty prompt for a missing one.",
        finds="edge: empty string",
        patch=refusing(op.IMAGE, "prompt", lambda value: value == ""),
        shows=shows(image(prompt=""), was=200, becomes=400),
    ),
    fault(
        name="prompt-blank-refused",
        level="warning",
        operations=(op.IMAGE,),
        what="`if (!prompt.trim())`: white space alone is nothing.",
        finds="edge: white space",
        patch=refusing(op.IMAGE, "prompt", is_blank),
        shows=shows(image(prompt="\n"), was=200, becomes=400),
    ),
    fault(
        name="image-model-empty-refused",
        level="warning",
        operations=(op.IMAGE,),
        what="`z.string().min(1)` on a model that the contract leaves free.",
        finds="edge: empty string",
        patch=refusing(op.IMAGE, "model", lambda value: value == ""),
        shows=shows(image(model=""), was=200, becomes=400),
    ),
    fault(
        name="input-empty-refused",
        level="warning",
        operations=(op.EMBEDDINGS,),
        what="An empty text is not embedded.",
        finds="edge: empty string",
        patch=refusing(op.EMBEDDINGS, "input", lambda value: value == ""),
        shows=shows(embed(input=""), was=200, becomes=400),
    ),
    fault(
        name="no-messages-refused",
        level="warning",
        operations=(op.CHAT,),
        what="`messages: []` is refused, although nothing forbids it.",
        finds="edge: empty array",
        patch=refusing(op.CHAT, "messages", lambda value: value == []),
        shows=shows(chat(messages=[]), was=200, becomes=400),
    ),
    fault(
        name="no-inputs-crash",
        operations=(op.EMBEDDINGS,),
        what="`input[0]` of an empty array.",
        finds="edge: empty array",
        patch=crashing(op.EMBEDDINGS, named("input", lambda value: value == [])),
        shows=shows(embed(input=[]), was=200, becomes=500),
    ),
    fault(
        name="empty-prompt-crashes",
        operations=(op.IMAGE,),
        what="`prompt[0]` of an empty string.",
        finds="edge: empty string",
        patch=crashing(op.IMAGE, prompt(lambda text: not text)),
        shows=shows(image(prompt=""), was=200, becomes=500),
    ),
)
