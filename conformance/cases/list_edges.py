"""The shortest and the longest list that a schema allows, made of the items of a good one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import cycle, islice
from typing import Any

from conformance.cases.edge_values import Edge, Strength
from conformance.clauses.schema_nodes import SchemaNode
from conformance.clauses.value_paths import Path
from spec import Contract, Direction
from spec.model.contract_model import Schema
from spec.model.pointers import join
from spec.text.name_words import words_of

__all__ = ["in_list", "is_long", "list_edges", "one_each"]

MOST = 100
"""Items of a list that is made; a longer one may be refused for its size."""
_NAMES = (["name"], ["key"], ["slug"], ["title"], ["label"], ["email"])
"""The last words of properties by which the items of a list may have to differ."""


def list_edges(contract: Contract, node: SchemaNode, good: Any) -> Iterator[Edge]:
    """The lists at the bounds of a node; `good` is one that the schema allows."""
    if not isinstance(good, list) or not good:
        return
    for keyword in ("minItems", "maxItems"):
        count = node.keywords.get(keyword)
        if not isinstance(count, int) or not 0 < count <= MOST or count == len(good):
            continue
        differ = node.keywords.get("uniqueItems") is True
        ways = [_distinct(contract, node, good)] if differ else [_named_apart(good), cycle(good)]
        found = (list(islice(way, count)) for way in ways)
        schema = Schema(pointer=node.pointer, value=dict(node.keywords))
        for items in found:
            allowed = differ or not contract.violations(schema, Direction.REQUEST, items)
            if len(items) == count and allowed:
                yield Edge(keyword=keyword, label=f"{count} items", value=items)
                break


def in_list(edge: Edge, path: Path) -> Edge:
    """The edge as a member of a list: of a box or a vector each number has a meaning of its own."""
    plain = bool(path) and isinstance(path[-1], int) and edge.keyword == "type"
    named = plain and edge.strength is Strength.NAMED
    return replace(edge, strength=Strength.FREE) if named else edge


def one_each(value: Any) -> Any:
    """The value with the first member of each of its lists alone."""
    if isinstance(value, list):
        return [one_each(item) for item in value[:1]]
    if isinstance(value, dict):
        return {name: one_each(item) for name, item in value.items()}
    return value


def is_long(value: Any) -> bool:
    """Whether a list in the value has more members than one: how many, nothing has named."""
    if isinstance(value, list):
        return len(value) > 1 or any(map(is_long, value))
    return isinstance(value, dict) and any(map(is_long, value.values()))


def _distinct(contract: Contract, node: SchemaNode, good: Sequence[Any]) -> Iterator[Any]:
    """The items, the members of their enum, and others like the first; none of them twice."""
    pointer = join(node.pointer, "items")
    below = contract.resolve(Schema(pointer=pointer, value=node.keywords.get("items") or {})).value
    members = below.get("enum") or () if isinstance(below, dict) else ()
    seen = list[Any]()
    for item in (*good, *(members or _like(good[0]))):
        if item not in seen:
            seen.append(item)
            yield item


def _named_apart(good: Sequence[Any]) -> Iterator[Any]:
    """The items, and objects like the first with names of their own: columns of one table, say."""
    yield from good
    first = good[0] if isinstance(good[0], dict) else {}
    names = [one for one in first if isinstance(first[one], str) and words_of(one)[-1:] in _NAMES]
    for number in range(1, MOST) if names else ():
        yield {**first, **{name: _numbered(first[name], number) for name in names}}


def _numbered(name: str, number: int) -> str:
    local, at, domain = name.partition("@")
    return f"{local}{number}{at}{domain}"


def _like(item: Any) -> Iterator[Any]:
    for number in range(1, MOST):
        if isinstance(item, str):
            yield f"{item[:-1]}{number}" if number > 9 else f"{item}{number}"
        elif isinstance(item, (int, float)) and not isinstance(item, bool):
            yield item + number
