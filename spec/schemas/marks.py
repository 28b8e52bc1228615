"""`readOnly` and `writeOnly`: which parts of a value do not travel (OpenAPI 3.0 section 4.7.24)."""

from __future__ import annotations

from typing import Any, Literal

from spec.schemas.shapes import Shape

__all__ = ["without_marked"]


def without_marked(value: Any, shape: Shape, mark: Literal["readOnly", "writeOnly"]) -> Any:
    """The value without the properties that its schema marks; the same object where none is."""
    if isinstance(value, list):
        # Most values have no marked part: the same object tells the caller that nothing was copied.
        items = [without_marked(item, shape.element, mark) for item in value]
        return value if all(a is b for a, b in zip(items, value, strict=True)) else items
    if not isinstance(value, dict):
        return value
    left = {
        name: without_marked(item, shape.member(name), mark)
        for name, item in value.items()
        if not _is_marked(shape.properties.get(name) or shape.matching(name), mark)
    }
    unchanged = len(left) == len(value) and all(left[name] is value[name] for name in left)
    return value if unchanged else left


def _is_marked(shape: Shape | None, mark: str) -> bool:
    return shape is not None and any(layer.get(mark) is True for layer in shape.layers)
