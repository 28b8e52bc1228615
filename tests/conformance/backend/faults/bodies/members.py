"""Enums that are open."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.conformance.backend import operations as op
from tests.conformance.backend.exchange import chat, embed
from tests.conformance.backend.faults.bodies.reading import fault, is_text, tool
from tests.conformance.backend.patching import accepting
from tests.conformance.backend.proof import shows

__all__ = ["FAULTS"]


def any_case(*members: str) -> Callable[[Any], bool]:
    """One of the members, in any case."""
    return lambda value: isinstance(value, str) and value.lower() in members


FAULTS = (
    fault(
        name="role-any-case",
        operations=(op.CHAT,),
        what="`User` is as good as `user`.",
        finds="request: enum of messages[].role, another case",
        patch=accepting(
            op.CHAT, "messages * role", any_case("user", "assistant", "system", "tool")
        ),
        shows=shows(chat(messages=[{"role": "USER"}]), was=400, becomes=200),
    ),
    fault(
        name="role-any-text",
        operations=(op.CHAT,),
        what="Any role is passed on, because providers invent new ones.",
        finds="request: enum of messages[].role",
        patch=accepting(op.CHAT, "messages * role", is_text),
        shows=shows(chat(messages=[{"role": "developer"}]), was=400, becomes=200),
    ),
    fault(
        name="encoding-any-text",
        operations=(op.EMBEDDINGS,),
        what="An unknown encoding falls back to floats.",
        finds="request: enum of encoding_format",
        patch=accepting(op.EMBEDDINGS, "encoding_format", is_text),
        shows=shows(embed(encoding_format="hex"), was=400, becomes=200),
    ),
    fault(
        name="encoding-any-case",
        operations=(op.EMBEDDINGS,),
        what="`Float` is as good as `float`.",
        finds="request: enum of encoding_format, another case",
        patch=accepting(op.EMBEDDINGS, "encoding_format", any_case("float", "base64")),
        shows=shows(embed(encoding_format="FLOAT"), was=400, becomes=200),
    ),
    fault(
        name="search-engine-any-text",
        operations=(op.CHAT,),
        what="Any search engine is passed on.",
        finds="request: enum of webSearch.engine",
        patch=accepting(op.CHAT, "webSearch engine", is_text),
        shows=shows(chat(webSearch={"enabled": True, "engine": "bing"}), was=400, becomes=200),
    ),
    fault(
        name="pdf-engine-any-text",
        operations=(op.CHAT,),
        what="Any PDF engine is passed on.",
        finds="request: enum of fileParser.pdf.engine",
        patch=accepting(op.CHAT, "fileParser pdf engine", is_text),
        shows=shows(
            chat(fileParser={"enabled": True, "pdf": {"engine": "x"}}), was=400, becomes=200
        ),
    ),
    fault(
        name="tool-choice-any-text",
        operations=(op.CHAT,),
        what="toolChoice may be any word.",
        finds="request: toolChoice (oneOf)",
        patch=accepting(op.CHAT, "toolChoice", is_text),
        shows=shows(chat(toolChoice="any"), was=400, becomes=200),
    ),
    fault(
        name="tool-type-any-text",
        operations=(op.CHAT,),
        what="A tool's type is not looked at.",
        finds="request: enum of tools[].type",
        patch=accepting(op.CHAT, "tools * type", is_text),
        shows=shows(tool(type="code"), was=400, becomes=200),
    ),
)
