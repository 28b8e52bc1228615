"""`x-mock-value` and `x-mock-length`: values that break their schema are reported."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from spec.contract.examples import Violations
from spec.model.contract_model import Direction
from spec.model.errors import Fault
from spec.model.pointers import join
from spec.reading.nodes import Node, Tokens
from spec.sampling.proposals import LENGTH, VALUE, is_expression, lengths

__all__ = ["steering_faults"]


def steering_faults(
    walked: Iterable[tuple[Tokens, Node]], violations: Violations
) -> Iterator[Fault]:
    """The faults of what an overlay says of generated values."""
    for path, node in walked:
        pointer = join("#", *path)
        wished, length = node.child(VALUE), node.child(LENGTH)
        if wished is not None:
            for what in _refused(wished.plain(), pointer, violations):
                yield _fault(wished, join(pointer, VALUE), what)
        if length is not None:
            for what in _lengths_refused(length.plain(), node):
                yield _fault(length, join(pointer, LENGTH), what)


def _fault(node: Node, pointer: str, what: str) -> Fault:
    return Fault(
        code="faulty-steering",
        place=node.place,
        pointer=pointer,
        what=what,
        remedy="correct it; until then it is ignored where it breaks the schema",
    )


def _refused(value: Any, pointer: str, violations: Violations) -> Iterator[str]:
    """Why a value, or one of a list to choose from, is not of the schema."""
    if is_expression(value):
        return
    found = violations(pointer, Direction.RESPONSE, value)
    if not found and isinstance(value, list):
        return
    for one in value if isinstance(value, list) else [value]:
        for violation in violations(pointer, Direction.RESPONSE, one)[:1]:
            yield f"{violation.pointer or 'the value'} {violation.message}"


def _lengths_refused(value: Any, node: Node) -> Iterator[str]:
    wished = lengths([{LENGTH: value}])
    if wished is None:
        yield "a length is a count, or {min, max}"
        return
    bounds = {key: child.value for key in ("minItems", "maxItems") if (child := node.child(key))}
    least, most = bounds.get("minItems"), bounds.get("maxItems")
    if isinstance(least, int) and wished[0] < least:
        yield f"{wished[0]} items are fewer than minItems {least}"
    if isinstance(most, int) and wished[1] > most:
        yield f"{wished[1]} items are more than maxItems {most}"
