"""Faults of objects and lists: what they lack, have too much of, have twice, or may not have."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from conformance.cases.edge_values import UNKNOWN
from conformance.cases.value_fault import Maker, ValueFault
from conformance.clauses.schema_nodes import SchemaNode
from conformance.clauses.value_paths import DROP

__all__ = ["HOLDER_MAKERS"]


def _required(node: SchemaNode, value: Any, good: Any) -> Iterator[ValueFault]:
    for name in value if isinstance(value, list) else ():
        label = f"`{name}` is missing"
        yield ValueFault(keyword=f"required:{name}", label=label, value=DROP, key=name)


def _min_items(node: SchemaNode, value: Any, good: Any) -> Iterator[ValueFault]:
    if isinstance(good, list) and isinstance(value, int) and value > 0:
        yield ValueFault(keyword="minItems", label=f"{value - 1} items", value=good[: value - 1])


def _max_items(node: SchemaNode, value: Any, good: Any) -> Iterator[ValueFault]:
    if isinstance(good, list) and good and isinstance(value, int) and value < 10_000:
        # Copies where they are allowed: another member might be a fault of its own.
        differ = node.keywords.get("uniqueItems") is True
        turns = ((n % len(good), n // len(good) if differ else 0) for n in range(value + 1))
        more = [_other(good[index], turn) for index, turn in turns]
        yield ValueFault(keyword="maxItems", label=f"{value + 1} items", value=more)


def _other(item: Any, turn: int) -> Any:
    """The item, and in later turns another one of its kind: items may have to differ."""
    if isinstance(item, bool) or not turn:
        return item
    if isinstance(item, str):
        return f"{item}{turn}"
    return item + turn if isinstance(item, (int, float)) else item


def _unique(node: SchemaNode, value: Any, good: Any) -> Iterator[ValueFault]:
    if value is True and isinstance(good, list) and good:
        yield ValueFault(keyword="uniqueItems", label="an item twice", value=[good[0], good[0]])


def _min_properties(node: SchemaNode, value: Any, good: Any) -> Iterator[ValueFault]:
    if isinstance(good, dict) and isinstance(value, int) and value > 0:
        fewer = dict(list(good.items())[: value - 1])
        yield ValueFault(keyword="minProperties", label=f"{len(fewer)} properties", value=fewer)


def _max_properties(node: SchemaNode, value: Any, good: Any) -> Iterator[ValueFault]:
    if isinstance(good, dict) and isinstance(value, int):
        extra = {f"extra{n}": 1 for n in range(value + 1 - len(good))}
        yield ValueFault(
            keyword="maxProperties", label=f"{value + 1} properties", value={**good, **extra}
        )


def _closed(keyword: str) -> Maker:
    def make(node: SchemaNode, value: Any, good: Any) -> Iterator[ValueFault]:
        if value is False and isinstance(good, dict):
            label = "a property that is not allowed"
            yield ValueFault(keyword=keyword, label=label, value="x", key=UNKNOWN)

    return make


def _full(keyword: str) -> Maker:
    def make(node: SchemaNode, value: Any, good: Any) -> Iterator[ValueFault]:
        named = len(node.keywords.get("prefixItems") or ())
        if value is False and isinstance(good, list) and good and len(good) >= named:
            yield ValueFault(keyword=keyword, label="an item too many", value=[*good, good[-1]])

    return make


def _dependent(node: SchemaNode, value: Any, good: Any) -> Iterator[ValueFault]:
    for name, needed in (value or {}).items():
        for need in needed if isinstance(good, dict) and name in good else ():
            label = f"`{name}` without `{need}`"
            yield ValueFault(keyword="dependentRequired", label=label, value=DROP, key=need)


HOLDER_MAKERS: Mapping[str, Maker] = {
    "required": _required,
    "minItems": _min_items,
    "maxItems": _max_items,
    "uniqueItems": _unique,
    "minProperties": _min_properties,
    "maxProperties": _max_properties,
    "additionalProperties": _closed("additionalProperties"),
    "unevaluatedProperties": _closed("unevaluatedProperties"),
    "items": _full("items"),
    "unevaluatedItems": _full("unevaluatedItems"),
    "dependentRequired": _dependent,
}
