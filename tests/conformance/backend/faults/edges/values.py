"""Bounds, members, alternatives, null, and optional properties."""

from __future__ import annotations

from tests.conformance.backend import operations as op
from tests.conformance.backend.exchange import chat, config, embed
from tests.conformance.backend.faults.edges.triggers import crashing, fault, named
from tests.conformance.backend.patching import refusing
from tests.conformance.backend.proof import shows

__all__ = ["FAULTS"]

FAULTS = (
    fault(
        name="content-null-refused",
        operations=(op.CHAT,),
        what="`content: null` is refused although it is nullable.",
        finds="edge: null where nullable",
        patch=refusing(op.CHAT, "messages * content", lambda value: value is None),
        shows=shows(chat(messages=[{"role": "assistant", "content": None}]), was=200, becomes=400),
    ),
    fault(
        name="content-missing-crashes",
        operations=(op.CHAT,),
        what="`message.content.length` of a message without content.",
        finds="edge: optional property left out",
        patch=crashing(
            op.CHAT,
            named("messages", lambda value: any("content" not in message for message in value)),
        ),
        shows=shows(chat(messages=[{"role": "user"}]), was=200, becomes=500),
    ),
    fault(
        name="role-tool-refused",
        operations=(op.CHAT,),
        what="The role `tool` came later, and nobody added it.",
        finds="edge: enum member",
        patch=refusing(op.CHAT, "messages * role", lambda value: value == "tool"),
        shows=shows(
            chat(messages=[{"role": "tool", "content": "1", "tool_call_id": "1"}]),
            was=200,
            becomes=400,
        ),
    ),
    fault(
        name="engine-exa-refused",
        operations=(op.CHAT,),
        what="The second search engine is not wired.",
        finds="edge: enum member",
        patch=refusing(op.CHAT, "webSearch engine", lambda value: value == "exa"),
        shows=shows(chat(webSearch={"enabled": True, "engine": "exa"}), was=200, becomes=400),
    ),
    fault(
        name="encoding-base64-refused",
        operations=(op.EMBEDDINGS,),
        what="base64 is not implemented.",
        finds="edge: enum member",
        patch=refusing(op.EMBEDDINGS, "encoding_format", lambda value: value == "base64"),
        shows=shows(embed(encoding_format="base64"), was=200, becomes=400),
    ),
    fault(
        name="temperature-zero-refused",
        operations=(op.CHAT,),
        what="`if (!temperature)`: zero is taken for missing.",
        finds="edge: minimum",
        patch=refusing(op.CHAT, "temperature", lambda value: value == 0),
        shows=shows(chat(temperature=0), was=200, becomes=400),
    ),
    fault(
        name="temperature-two-refused",
        operations=(op.CHAT,),
        what="`< 2`: the maximum itself is refused.",
        finds="edge: maximum",
        patch=refusing(op.CHAT, "temperature", lambda value: value == 2),
        shows=shows(chat(temperature=2), was=200, becomes=400),
    ),
    fault(
        name="top-p-one-refused",
        operations=(op.CHAT,),
        what="`< 1`: the maximum itself is refused.",
        finds="edge: maximum",
        patch=refusing(op.CHAT, "topP", lambda value: value == 1),
        shows=shows(chat(topP=1), was=200, becomes=400),
    ),
    fault(
        name="ten-results-refused",
        operations=(op.CHAT,),
        what="`range(1, 10)` ends at nine.",
        finds="edge: maximum",
        patch=refusing(op.CHAT, "webSearch maxResults", lambda value: value == 10),
        shows=shows(chat(webSearch={"enabled": True, "maxResults": 10}), was=200, becomes=400),
    ),
    fault(
        name="dimensions-zero-crash",
        operations=(op.EMBEDDINGS,),
        what="Division by the number of dimensions.",
        finds="edge: minimum",
        patch=crashing(op.EMBEDDINGS, named("dimensions", lambda value: value == 0)),
        shows=shows(embed(dimensions=0), was=200, becomes=500),
    ),
    fault(
        name="stream-false-refused",
        operations=(op.CHAT,),
        what="`stream` may only be true: `z.literal(true).optional()`.",
        finds="edge: both booleans",
        patch=refusing(op.CHAT, "stream", lambda value: value is False),
        shows=shows(chat(stream=False), was=200, becomes=400),
    ),
    fault(
        name="tool-choice-object-refused",
        operations=(op.CHAT,),
        what="The object form of toolChoice is not known.",
        finds="edge: alternative of oneOf",
        patch=refusing(op.CHAT, "toolChoice", lambda value: isinstance(value, dict)),
        shows=shows(
            chat(toolChoice={"type": "function", "function": {"name": "f"}}), was=200, becomes=400
        ),
    ),
    fault(
        name="input-array-refused",
        operations=(op.EMBEDDINGS,),
        what="One text at a time.",
        finds="edge: alternative of oneOf",
        patch=refusing(op.EMBEDDINGS, "input", lambda value: isinstance(value, list)),
        shows=shows(embed(input=["a", "b"]), was=200, becomes=400),
    ),
    fault(
        name="management-key-alone-refused",
        operations=(op.PUT_CONFIG,),
        what="The apiKey is required although each may be updated alone.",
        finds="edge: optional property alone",
        patch=refusing(op.PUT_CONFIG, "", lambda v: isinstance(v, dict) and "apiKey" not in v),
        shows=shows(config(managementKey="sk-or-management"), was=200, becomes=400),
        writes=True,
    ),
    fault(
        name="tools-crash",
        operations=(op.CHAT,),
        what="A tool without parameters crashes their translation.",
        finds="edge: optional property left out",
        patch=crashing(
            op.CHAT,
            named("tools", lambda v: any("parameters" not in tool["function"] for tool in v)),
        ),
        shows=shows(
            chat(tools=[{"type": "function", "function": {"name": "f"}}]), was=200, becomes=500
        ),
    ),
    fault(
        name="thinking-crashes",
        operations=(op.CHAT,),
        what="`thinking` alone crashes: the model's suffix is looked up and is not there.",
        finds="edge: optional property alone",
        patch=crashing(op.CHAT, named("thinking", lambda value: value is True)),
        shows=shows(chat(thinking=True), was=200, becomes=500),
    ),
)
