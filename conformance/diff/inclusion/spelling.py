"""Two standalone schemas brought to one spelling, so that only what they promise is compared."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from conformance.diff.inclusion.subschemas import JsonSchema, rewritten, subschemas

__all__ = ["same_spelling"]


def same_spelling(
    old: Mapping[str, Any], new: Mapping[str, Any]
) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """Both, without `format: byte` where one of them writes `contentEncoding`.

    The two say the same (OpenAPI 3.1.1, section 4.4.2), and one is asserted while the other is not.
    """
    if not (_uses_encoding(old) or _uses_encoding(new)):
        return old, new
    first, second = rewritten(old, _spelled), rewritten(new, _spelled)
    assert isinstance(first, Mapping)
    assert isinstance(second, Mapping)
    return first, second


def _spelled(node: Mapping[str, Any]) -> Mapping[str, Any]:
    return {k: v for k, v in node.items() if (k, v) != ("format", "byte")}


def _uses_encoding(schema: JsonSchema) -> bool:
    return any("contentEncoding" in node for node in subschemas(schema))
