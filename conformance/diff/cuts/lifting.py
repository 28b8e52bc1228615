"""A whole value around a part: what a client sends, or reads, that holds the value of a part."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from conformance.diff.cuts.cuts import PART, Path, Step

__all__ = ["Sender", "filled", "lifted"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """What is known of the sender's schemas, by their path in its standalone schema.

    `sample` makes the plainest value of a subschema, and `node` gives the subschema itself.
    """

    sample: Callable[[Path], Any]
    node: Callable[[Path], Any]


def lifted(part: Any, steps: Iterable[Step], sender: Sender) -> Any:
    """The value that has `part` at the end of the steps, and the plainest values around it.

    Raises:
        UnsatisfiableError: no value of a subschema on the way could be found.
    """
    way = list(steps)
    return _around(_begun((), way, sender), way, part, sender, ())


def _around(value: Any, steps: list[Step], part: Any, sender: Sender, at: Path) -> Any:
    """The value at a path with the part put into it."""
    if not steps:
        return part
    step, rest = steps[0], steps[1:]
    if step.value is None:
        inner = _begun(step.path, rest, sender)
        return _around(_both(value, inner), rest, part, sender, step.path)
    if isinstance(step.value, int):
        return _with_item(value, steps, part, sender, at)
    named = dict(value) if isinstance(value, Mapping) else {}
    inner = named[step.value] if step.value in named else _begun(step.path, rest, sender)
    return {**named, step.value: _around(inner, rest, part, sender, step.path)}


def _with_item(value: Any, steps: list[Step], part: Any, sender: Sender, at: Path) -> list[Any]:
    step, rest = steps[0], steps[1:]
    items = list(value) if isinstance(value, list) else []
    place = step.value if isinstance(step.value, int) else 0
    least = sender.node(at).get("minItems", 0)
    inner = items[place] if place < len(items) else _begun(step.path, rest, sender)
    while len(items) <= max(place, least - 1):
        items.append(inner if len(items) == place else sender.sample(step.path))
    items[place] = _around(inner, rest, part, sender, step.path)
    return items


def _begun(path: Path, steps: list[Step], sender: Sender) -> Any:
    """What the value at a path begins as: nothing, where the steps make all that is asked for.

    A sample of a schema that nothing else asks for costs a validator of all that it refers to.
    """
    if not steps:
        return None
    node, step = sender.node(path), steps[0]
    if step.value is None and set(node) in ({"oneOf"}, {"anyOf"}, {"$ref"}):
        return None
    if isinstance(step.value, int) and not _ASKING & node.keys():
        return []
    if isinstance(step.value, str) and not _ASKING & node.keys():
        return {}
    return sender.sample(path)


_ASKING = frozenset(
    {"required", "minProperties", "allOf", "anyOf", "oneOf", "$ref", "if", "dependentSchemas"}
    | {"dependentRequired", "prefixItems", "contains", "not"}
)
"""Keywords by which a value may need more than what lies on the way."""


def _both(value: Any, other: Any) -> Any:
    """The value with what one of its alternatives asks for."""
    if isinstance(value, Mapping) and isinstance(other, Mapping):
        return {**value, **other}
    return other


def filled(value: Any, of_part: Callable[[int], Any]) -> Any:
    """The value with a real one for each constant that stands for a part."""
    if isinstance(value, Mapping):
        if set(value) == {PART}:
            return of_part(value[PART])
        return {name: filled(child, of_part) for name, child in value.items()}
    if isinstance(value, list):
        return [filled(child, of_part) for child in value]
    return value
