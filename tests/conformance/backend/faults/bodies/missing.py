"""Properties that are required and may be left out all the same."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tests.conformance.backend import operations as op
from tests.conformance.backend.behaviour import parse
from tests.conformance.backend.exchange import chat, config, embed, image
from tests.conformance.backend.fault import Patch
from tests.conformance.backend.faults.bodies.reading import called, fault, parsing, tool
from tests.conformance.backend.patching import reshaped
from tests.conformance.backend.proof import shows

__all__ = ["FAULTS"]


def optional(operation: str, path: str, name: str) -> Patch:
    """A required property may be left out."""
    return reshaped(
        operation,
        path,
        lambda shape: replace(shape, required=[n for n in shape.required if n != name]),
    )


def defaulted(operation: str, name: str, value: Any) -> Patch:
    """A required property may be left out, and a default stands in for it."""

    def patch_parse(body: bytes) -> Any:
        parsed = parse(body)
        return {name: value} | parsed if isinstance(parsed, dict) else parsed

    return parsing(operation, patch_parse)


FAULTS = (
    fault(
        name="prompt-optional",
        operations=(op.IMAGE,),
        what="An image without a prompt is made of nothing.",
        finds="request: required prompt",
        patch=defaulted(op.IMAGE, "prompt", ""),
        shows=shows(image({"model": "m"}), was=400, becomes=200),
    ),
    fault(
        name="image-model-optional",
        operations=(op.IMAGE,),
        what="A default model stands in for a missing one.",
        finds="request: required model",
        patch=defaulted(op.IMAGE, "model", "openai/dall-e-3"),
        shows=shows(image({"prompt": "p"}), was=400, becomes=200),
    ),
    fault(
        name="messages-optional",
        operations=(op.CHAT,),
        what="A chat without messages is answered.",
        finds="request: required messages",
        patch=defaulted(op.CHAT, "messages", []),
        shows=shows(chat({"model": "m"}), was=400, becomes=200),
    ),
    fault(
        name="role-optional",
        operations=(op.CHAT,),
        what="A message without a role is the user's.",
        finds="request: required messages[].role",
        patch=optional(op.CHAT, "messages *", "role"),
        shows=shows(chat(messages=[{"content": "x"}]), was=400, becomes=200),
    ),
    fault(
        name="tool-name-optional",
        operations=(op.CHAT,),
        what="A tool without a name is passed on.",
        finds="request: required tools[].function.name",
        patch=optional(op.CHAT, "tools * function", "name"),
        shows=shows(tool(function={}), was=400, becomes=200),
    ),
    fault(
        name="call-arguments-optional",
        operations=(op.CHAT,),
        what="A tool call without arguments is passed on, five levels deep.",
        finds="request: required messages[].tool_calls[].function.arguments",
        patch=optional(op.CHAT, "messages * tool_calls * function", "arguments"),
        shows=shows(called(function={"name": "f"}), was=400, becomes=200),
    ),
    fault(
        name="web-search-enabled-optional",
        operations=(op.CHAT,),
        what="webSearch without `enabled` means that it is on.",
        finds="request: required webSearch.enabled",
        patch=optional(op.CHAT, "webSearch", "enabled"),
        shows=shows(chat(webSearch={}), was=400, becomes=200),
    ),
    fault(
        name="tool-choice-function-optional",
        operations=(op.CHAT,),
        what="The object form of toolChoice is taken without its function.",
        finds="request: required toolChoice.function (oneOf)",
        patch=optional(op.CHAT, "toolChoice 1", "function"),
        shows=shows(chat(toolChoice={"type": "function"}), was=400, becomes=200),
    ),
    fault(
        name="input-optional",
        operations=(op.EMBEDDINGS,),
        what="Nothing is embedded where no input was given.",
        finds="request: required input",
        patch=defaulted(op.EMBEDDINGS, "input", []),
        shows=shows(embed({"model": "m"}), was=400, becomes=200),
    ),
    fault(
        name="empty-config-accepted",
        operations=(op.PUT_CONFIG,),
        what="An update of nothing is a success.",
        finds="request: minProperties",
        patch=reshaped(op.PUT_CONFIG, "", lambda shape: replace(shape, fewest=0)),
        shows=shows(config({}), was=400, becomes=200),
    ),
)
