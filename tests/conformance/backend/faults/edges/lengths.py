"""Lengths that nothing in the contract forbids, and the longest that it allows."""

from __future__ import annotations

from collections.abc import Callable

from tests.conformance.backend import operations as op
from tests.conformance.backend.exchange import chat, config, image
from tests.conformance.backend.faults.edges.triggers import crashing, fault, model
from tests.conformance.backend.messages import json_answer
from tests.conformance.backend.patching import instead, is_call, refusing
from tests.conformance.backend.proof import shows

__all__ = ["FAULTS"]


def longer(limit: int) -> Callable[[str], bool]:
    """More characters than that."""
    return lambda text: len(text) > limit


FAULTS = (
    fault(
        name="model-over-100-refused",
        level="warning",
        operations=(op.IMAGE,),
        what="A model's name has at most 100 characters, says nobody but the code.",
        finds="edge: 101 characters",
        patch=refusing(op.IMAGE, "model", longer(100)),
        shows=shows(image(model="m" * 101), was=200, becomes=400),
    ),
    fault(
        name="model-over-255-crashes",
        operations=(op.IMAGE,),
        what="The usage table's column is a varchar(255).",
        finds="edge: 256 characters",
        patch=crashing(op.IMAGE, model(longer(255))),
        shows=shows(image(model="m" * 256), was=200, becomes=500),
    ),
    fault(
        name="prompt-over-64k-refused",
        level="warning",
        operations=(op.IMAGE,),
        what="A prompt has at most 65,535 characters.",
        finds="edge: 65,537 characters",
        patch=refusing(op.IMAGE, "prompt", longer(65_535)),
        shows=shows(image(prompt="p" * 65_537), was=200, becomes=400),
    ),
    fault(
        name="body-over-64k-refused",
        level="warning",
        operations=(op.CHAT,),
        what="The body parser's own limit answers 413, which the contract does not know.",
        finds="edge: 65,537 characters",
        patch=instead(
            lambda r: is_call(r, op.CHAT) and len(r.body) > 65_536 and r.has("authorization"),
            lambda request: json_answer({"error": "request entity too large"}, 413),
        ),
        shows=shows(
            chat(messages=[{"role": "user", "content": "p" * 65_537}]), was=200, becomes=413
        ),
    ),
    fault(
        name="key-512-refused",
        operations=(op.PUT_CONFIG,),
        what="`< 512`: the longest allowed key is refused.",
        finds="edge: maxLength",
        patch=refusing(op.PUT_CONFIG, "apiKey", longer(511)),
        shows=shows(config(apiKey="k" * 512), was=200, becomes=400),
        writes=True,
    ),
    fault(
        name="key-length-in-utf16",
        operations=(op.PUT_CONFIG,),
        what="JavaScript's length counts a character beyond the BMP twice.",
        finds="edge: maxLength in characters",
        patch=refusing(op.PUT_CONFIG, "apiKey", lambda v: len(v.encode("utf-16-le")) > 1024),
        shows=shows(config(apiKey="\U0001f511" * 512), was=200, becomes=400),
        writes=True,
    ),
    fault(
        name="key-of-one-refused",
        operations=(op.PUT_CONFIG,),
        what="A key must look like a key, says the code alone.",
        finds="edge: minLength",
        patch=refusing(op.PUT_CONFIG, "managementKey", lambda v: len(v) < 8),
        shows=shows(config(managementKey="k"), was=200, becomes=400),
        writes=True,
    ),
)
