"""Bounds that are not there, or off by one."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from tests.conformance.backend import operations as op
from tests.conformance.backend.exchange import chat, config, embed
from tests.conformance.backend.faults.bodies.reading import fault, is_text
from tests.conformance.backend.patching import accepting
from tests.conformance.backend.proof import shows

__all__ = ["FAULTS"]


def above(limit: int, most: int) -> Callable[[Any], bool]:
    """A number a little beyond its bound."""
    return lambda value: (
        isinstance(value, int | Decimal) and not isinstance(value, bool) and limit < value <= most
    )


def below(limit: int) -> Callable[[Any], bool]:
    """A number under its bound."""
    return lambda value: (
        isinstance(value, int | Decimal) and not isinstance(value, bool) and value < limit
    )


FAULTS = (
    fault(
        name="temperature-unbounded",
        operations=(op.CHAT,),
        what="A temperature above 2 is passed on.",
        finds="request: maximum of temperature",
        patch=accepting(op.CHAT, "temperature", above(2, 100)),
        shows=shows(chat(temperature=3), was=400, becomes=200),
    ),
    fault(
        name="temperature-negative",
        operations=(op.CHAT,),
        what="A temperature below 0 is passed on.",
        finds="request: minimum of temperature",
        patch=accepting(op.CHAT, "temperature", below(0)),
        shows=shows(chat(temperature=-1), was=400, becomes=200),
    ),
    fault(
        name="top-p-above-one",
        operations=(op.CHAT,),
        what="topP is taken for a percentage.",
        finds="request: maximum of topP",
        patch=accepting(op.CHAT, "topP", above(1, 100)),
        shows=shows(chat(topP=50), was=400, becomes=200),
    ),
    fault(
        name="eleven-results",
        operations=(op.CHAT,),
        what="`<= 11`: one result too many.",
        finds="request: maximum of webSearch.maxResults",
        patch=accepting(op.CHAT, "webSearch maxResults", lambda value: value == 11),
        shows=shows(chat(webSearch={"enabled": True, "maxResults": 11}), was=400, becomes=200),
    ),
    fault(
        name="no-results",
        operations=(op.CHAT,),
        what="Zero results are asked for.",
        finds="request: minimum of webSearch.maxResults",
        patch=accepting(
            op.CHAT, "webSearch maxResults", lambda value: value == 0 and value is not False
        ),
        shows=shows(chat(webSearch={"enabled": True, "maxResults": 0}), was=400, becomes=200),
    ),
    fault(
        name="dimensions-negative",
        operations=(op.EMBEDDINGS,),
        what="Fewer than no dimensions.",
        finds="request: minimum of dimensions",
        patch=accepting(op.EMBEDDINGS, "dimensions", below(0)),
        shows=shows(embed(dimensions=-1), was=400, becomes=200),
    ),
    fault(
        name="key-one-too-long",
        operations=(op.PUT_CONFIG,),
        what="maxLength is off by one.",
        finds="request: maxLength of apiKey",
        patch=accepting(op.PUT_CONFIG, "apiKey", lambda v: is_text(v) and len(v) == 513),
        shows=shows(config(apiKey="k" * 513), was=400, becomes=200),
    ),
    fault(
        name="key-any-length",
        operations=(op.PUT_CONFIG,),
        what="No limit stands on the management key.",
        finds="request: maxLength of managementKey",
        patch=accepting(op.PUT_CONFIG, "managementKey", lambda v: is_text(v) and len(v) > 512),
        shows=shows(config(managementKey="k" * 600), was=400, becomes=200),
    ),
    fault(
        name="key-empty-accepted",
        operations=(op.PUT_CONFIG,),
        what="An empty key is stored.",
        finds="request: minLength of apiKey",
        patch=accepting(op.PUT_CONFIG, "apiKey", lambda v: v == ""),
        shows=shows(config(apiKey=""), was=400, becomes=200),
    ),
    fault(
        name="key-blank-accepted",
        operations=(op.PUT_CONFIG,),
        what="A key of spaces is stored.",
        finds="request: pattern of apiKey",
        patch=accepting(
            op.PUT_CONFIG, "apiKey", lambda v: is_text(v) and v != "" and not v.strip()
        ),
        shows=shows(config(apiKey="  "), was=400, becomes=200),
    ),
)
