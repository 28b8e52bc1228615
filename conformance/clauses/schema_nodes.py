"""A schema as a list of places: each is a node whose keywords are clauses."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from operator import itemgetter
from typing import Any

from conformance.clauses.value_paths import EACH, OTHER, Step
from spec import Contract
from spec.model.contract_model import Schema
from spec.model.pointers import join
from spec.schemas.keywords import well_formed

__all__ = ["JSON_TYPES", "Branch", "SchemaNode", "children", "nodes", "root_node"]

JSON_TYPES = ("string", "number", "integer", "boolean", "array", "object", "null")
MAX_DEPTH = 12
"""Levels of a schema that have places: no body of an example reaches further down."""
UNROLLED = 2_000
"""Places of one schema that definitions are repeated in; the largest usual ones have some 1,000."""
_PLAIN = re.compile(r"[A-Za-z_$][\w$-]*")
"""A name that stands in `a.b` as it is; any other one stands in `["a b"]`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Branch:
    """An alternative that must be taken for a node to be reached: which one, of which schema."""

    pointer: str
    keyword: str
    index: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemaNode:
    """A place where a schema judges values. `name` is readable: `messages[].role`.

    `keywords` is the schema there, references followed; `pointer` leads to it. `required` speaks
    of the property that the place is, and is None for what is no property. `discriminator` is the
    property below it whose value names a schema, and `discriminates` says that this is one.
    """

    name: str
    steps: tuple[Step, ...]
    pointer: str
    keywords: Mapping[str, Any] = field(compare=False)
    branches: tuple[Branch, ...] = ()
    required: bool | None = None
    parent: str = ""
    discriminator: str = ""
    discriminates: bool = False

    @property
    def types(self) -> tuple[str, ...]:
        """The JSON types that are allowed: all where the schema names none."""
        named = self.keywords.get("type", JSON_TYPES)
        allowed = (named,) if isinstance(named, str) else tuple(named)
        if (
            "null" not in allowed
            and self.keywords.get("nullable") is True
            and "type" in self.keywords
        ):
            return (*allowed, "null")
        return allowed

    @property
    def typed(self) -> bool:
        """Whether the schema itself says what type it wants."""
        return "type" in self.keywords

    @property
    def takes_text(self) -> bool:
        """Whether it is a string, as whatever arrives as text is one: no text has a wrong type."""
        return "string" in self.types

    @property
    def properties(self) -> Mapping[str, Any]:
        """The properties that the schema names."""
        found = self.keywords.get("properties")
        return found if isinstance(found, dict) else {}

    @property
    def branched(self) -> bool:
        """Whether it can be reached by one alternative among several only."""
        return bool(self.branches)

    def own_keyword(self, keyword: str) -> str:
        """The keyword that bears a violation: OpenAPI 3.0 has a boolean beside `minimum`."""
        if (
            keyword in ("exclusiveMinimum", "exclusiveMaximum")
            and self.keywords.get(keyword) is True
        ):
            return keyword.removeprefix("exclusive").lower()
        return keyword

    def keyword_pointer(self, keyword: str) -> str:
        """Where a keyword of this node is in the contract."""
        return join(self.pointer, keyword)


def nodes(contract: Contract, schema: Schema | None) -> tuple[SchemaNode, ...]:
    """Every place of a schema, parents first; a recursive schema is unrolled once.

    Schemas that refer to each other in many ways have more places than anybody can look at.
    Beyond `UNROLLED` of them, a definition has a place where nothing has led to it before.
    """
    return () if schema is None else _nodes(contract, contract.resolve(schema))


# Hundreds of operations may answer with the same definition.
@lru_cache(maxsize=256)
def _nodes(contract: Contract, schema: Schema) -> tuple[SchemaNode, ...]:
    waiting = deque([_whole(schema)])
    found: list[tuple[tuple[int, ...], SchemaNode]] = []
    met: set[str] = set()
    # The nearest first: the whole of each level is there before anything below it.
    while waiting:
        here = waiting.popleft()
        node = _node(contract, here)
        if node is None or (len(found) >= UNROLLED and node.pointer in met):
            continue
        met.add(node.pointer)
        found.append((here.order, node))
        waiting.extend(_below(here, node))
    found.sort(key=itemgetter(0))
    return tuple(node for _, node in found)


def root_node(contract: Contract, schema: Schema | None) -> SchemaNode | None:
    """The first of the places, which is the whole value; None where there is none."""
    return None if schema is None else _node(contract, _whole(schema))


def children(
    node: SchemaNode,
) -> Iterator[tuple[str, Step | None, Mapping[str, Any] | bool, Branch | None]]:
    """Below a node: tokens to the schema, step in the value, the schema, the alternative."""
    for name, below in node.properties.items():
        yield join("", "properties", name), name, below, None
    items = node.keywords.get("items")
    if isinstance(items, dict):
        yield "/items", EACH, items, None
    other = node.keywords.get("additionalProperties")
    if isinstance(other, dict):
        yield "/additionalProperties", OTHER, other, None
    for index, below in enumerate(node.keywords.get("prefixItems") or ()):
        yield join("", "prefixItems", index), index, below, None
    for keyword in ("allOf", "oneOf", "anyOf"):
        for index, below in enumerate(node.keywords.get(keyword) or ()):
            branch = Branch(pointer=node.pointer, keyword=keyword, index=index)
            yield join("", keyword, index), None, below, None if keyword == "allOf" else branch


@dataclass(frozen=True, slots=True, kw_only=True)
class _Waiting:
    """A place to be: its schema and all else of its node.

    `trail` has the pointers above it, and `order` the number of each of them among its siblings.
    """

    schema: Schema
    template: SchemaNode
    trail: tuple[str, ...] = ()
    order: tuple[int, ...] = ()


def _whole(schema: Schema) -> _Waiting:
    return _Waiting(schema=schema, template=SchemaNode(name="", steps=(), pointer="", keywords={}))


def _node(contract: Contract, place: _Waiting) -> SchemaNode | None:
    resolved = contract.resolve(place.schema)
    # Twice, so that a tree has places in its children, and no more, since it has no end.
    if not isinstance(resolved.value, Mapping) or place.trail.count(resolved.pointer) > 1:
        return None
    keywords = well_formed(resolved.value)
    named = keywords.get("discriminator")
    tag = named.get("propertyName") if isinstance(named, Mapping) else None
    return replace(
        place.template,
        pointer=resolved.pointer,
        keywords=keywords,
        discriminator=str(tag or place.template.discriminator),
    )


def _below(place: _Waiting, node: SchemaNode) -> Iterator[_Waiting]:
    trail = (*place.trail, node.pointer)
    if len(trail) > MAX_DEPTH:
        return
    for number, (tokens, step, below, branch) in enumerate(children(node)):
        if isinstance(below, Mapping):
            yield _Waiting(
                schema=Schema(pointer=node.pointer + tokens, value=below),
                template=_template(node, step, branch, tokens),
                trail=trail,
                order=(*place.order, number),
            )


def _template(
    node: SchemaNode, step: Step | None, branch: Branch | None, tokens: str
) -> SchemaNode:
    """A node to be, with all but its schema filled in."""
    required = None
    if isinstance(step, str):
        required = step in (node.keywords.get("required") or ())
    name = node.name + _readable(step, tokens, first=not node.name)
    return replace(
        node,
        name=name,
        steps=node.steps if step is None else (*node.steps, step),
        pointer="",
        keywords={},
        branches=(*node.branches, branch) if branch else node.branches,
        required=node.required if step is None else required,
        parent=node.name,
        discriminator=node.discriminator if step is None else "",
        discriminates=step is not None and step == node.discriminator,
    )


def _readable(step: Step | None, tokens: str, *, first: bool) -> str:
    if step is None:
        _, keyword, index = tokens.split("/")
        return f"{'' if first else '.'}{keyword}[{index}]"
    if step is EACH:
        return "[]"
    if step is OTHER:
        return "[*]"
    if isinstance(step, int):
        return f"[{step}]"
    if _PLAIN.fullmatch(str(step)):
        return f"{'' if first else '.'}{step}"
    return f'["{step}"]'
