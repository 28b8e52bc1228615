"""Values at the edges of what a body's schema allows, and properties that nothing forbids."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from conformance.cases.body_edits import setter
from conformance.cases.body_wire import Wire
from conformance.cases.case import Unit
from conformance.cases.edge_values import LARGE, UNKNOWN, USUAL, Edge, Strength, edges
from conformance.cases.list_edges import in_list, list_edges
from conformance.cases.operation_under_test import Carrier, Subject
from conformance.cases.unused_ids import is_number
from conformance.clauses.ids import body_prefix, node_clause
from conformance.clauses.meaningful_names import has_meaning
from conformance.clauses.schema_nodes import SchemaNode
from conformance.clauses.value_paths import Path, expand, get, put
from conformance.http.request_drafts import Draft
from spec import Direction
from spec.model.contract_model import Schema
from spec.text.body_codecs import BodyKind

__all__ = ["edge_units", "unknown_units"]

LONGEST = (*[USUAL[0]] * 3, *[USUAL[1]] * 6)
"""The lengths at which the first strings are tried: bodies have a limit."""
ORDINARY = 1_001
"""The length at which all others are tried."""
NESTING = 128
"""Levels of a nested value, the body among them: as many as Rust's serde_json reads."""
ODD_NAMES = ("__proto__", "constructor", "prototype", "toString", "$where", "a.b", "", "é 漢")
"""Names that a server may read as its own, as an operator of its database, or as a path.

The first two change every object of a careless JavaScript server: careful ones refuse them.
"""


def edge_units(subject: Subject) -> Iterator[Unit]:
    """The values at the edges of every place of the request's schema."""
    wire = subject.wire
    if wire is None:
        return
    prefix, lengths = body_prefix(wire.name), iter(LONGEST)
    longest, name = next(lengths), subject.new_name
    placed = [(node, *_carrier_and_path(subject, node)) for node in subject.body_nodes()]
    accepted = [one.body for one in subject.all_carriers()]
    for node, carrier, path in sorted(placed, key=_most_read):
        if path is None:
            continue
        listed = list_edges(subject.contract, node, get(carrier.body, path))
        found = (in_list(one, path) for one in edges(node, longest=longest))
        shown = {repr(get(one, at)) for one in accepted for at in expand(one, node.steps)}
        for edge in (_of_wire(wire, one) for one in (*found, *listed)):
            # A small number, or an example, names a real thing, which a create may replace.
            example = edge.value == node.keywords.get("example")
            small = is_number(edge.value) and 0 < edge.value < LARGE
            real = node.steps == (name,) and (example or small)
            if real or not wire.valid(subject.builder, put(carrier.body, path, edge.value)):
                continue
            unit = _edge_unit(subject, prefix, node, carrier.body, path, edge)
            yield replace(unit, seen=repr(edge.value) in shown)
            if edge.size:
                longest = next(lengths, ORDINARY)


def _most_read(placed: tuple[SchemaNode, Carrier, Path | None]) -> tuple[bool, int, int]:
    """Few strings are tried at their longest: those that a deployment reads in any case come first.

    They are required, near the root, and longer than others as it is: what people have written.
    """
    node, carrier, path = placed
    value = "" if path is None else get(carrier.body, path)
    return node.required is False, len(node.steps), -len(value) if isinstance(value, str) else 0


def _of_wire(wire: Wire, edge: Edge) -> Edge:
    """An empty field is what a browser sends for none: a reader of forms may take it for none."""
    empty = edge.value == "" and wire.kind in (BodyKind.FORM, BodyKind.PARTS)
    return replace(edge, strength=Strength.LENIENT) if empty else edge


def _of_name(node: SchemaNode, edge: Edge) -> Edge:
    """A text of the right length that is no SQL, or no schedule, may be refused for its meaning."""
    names = [one for one in node.steps if isinstance(one, str)]
    named = edge.strength is Strength.NAMED and _is_filler(edge)
    means = bool(names) and has_meaning(names[-1])
    return replace(edge, strength=Strength.FREE) if named and means else edge


def _is_filler(edge: Edge) -> bool:
    """Whether it is a text of which nothing but the length was asked for."""
    return edge.keyword in ("minLength", "maxLength") and isinstance(edge.value, str)


def _edge_unit(
    subject: Subject, prefix: str, node: SchemaNode, full: Any, path: Path, edge: Edge
) -> Unit:
    def unit(other: Edge) -> Unit:
        return _edge_unit(subject, prefix, node, full, path, other)

    edge = _of_name(node, edge)
    return Unit(
        clause=subject.id(node_clause(prefix, node.name, edge.keyword)),
        label=f"`{node.name or 'the body'}`: {edge.label}",
        slot=("body", *path),
        apply=setter(full, path, edge.value),
        strength=edge.strength,
        # A text of the right length may be the name of something that is not there.
        open_statuses=frozenset({404}) if _is_filler(edge) else frozenset(),
        smaller=tuple(map(unit, edge.smaller)),
        instead=unit(edge.instead) if edge.instead else None,
        size=edge.size,
        telling=_is_telling(node, edge),
        called=f"{edge.label.partition(':')[0]} in {{}}" if edge.keyword == "type" else "",
    )


def _is_telling(node: SchemaNode, edge: Edge) -> bool:
    """Whether it comes first: of alternatives one empty value at most, which empties the answer."""
    chosen = node.branched and edge.value == ""
    return edge.telling and node.required is not False and not chosen


def _carrier_and_path(subject: Subject, node: SchemaNode) -> tuple[Carrier, Path | None]:
    carriers = list(subject.all_carriers())
    schema = Schema(pointer=node.pointer, value=node.keywords)
    for carrier in carriers:
        for path in expand(carrier.body, node.steps, tuple(node.properties)):
            value = get(carrier.body, path)
            judged = subject.contract.violations(schema, Direction.REQUEST, value)
            if not node.branched or not judged:
                return carrier, path
    return carriers[0], None


def unknown_units(subject: Subject) -> Iterator[Unit]:
    """Properties that nothing forbids, at every object that is open."""
    wire = subject.wire
    if wire is None:
        return
    prefix = body_prefix(wire.name)
    for node in subject.body_nodes():
        carrier, path = _carrier_and_path(subject, node)
        if path is None or not isinstance(get(carrier.body, path), dict):
            continue
        # Who refuses another name may refuse all that are unknown: a plain one is asked for then.
        plain = tuple[Unit, ...]()
        for name, value, strength in _unknown(subject, node):
            apply = _in_each(node, carrier.body, (*path, name), value)
            body = apply(carrier.draft).body
            if name in node.properties or not wire.valid(subject.builder, body):
                continue
            unit = Unit(
                clause=subject.id(node_clause(prefix, node.name, "unknown")),
                label=f"an unknown property {name!r} in `{node.name or 'the body'}`",
                slot=("body", *path, name),
                apply=apply,
                strength=strength,
                smaller=plain,
                called=f"an unknown property {name!r} in {{}}" if name != UNKNOWN else "",
            )
            plain = plain or (unit,)
            yield unit
        if not node.steps:
            yield from _alone(subject, wire, plain)


def _in_each(node: SchemaNode, full: Any, path: Path, value: Any) -> Callable[[Draft], Draft]:
    """Sets a property in each item of the lists on its way: one of them may be looked at alone."""
    first = setter(full, path, value)
    # The items of several alternatives differ in what they may have.
    steps = path[:-1] if node.branched else node.steps

    def apply(draft: Draft) -> Draft:
        body = first(draft).body
        for above in expand(body, steps, tuple(node.properties)):
            if isinstance(get(body, above), dict):
                body = put(body, (*above, path[-1]), value)
        return draft.but(body=body)

    return apply


def _alone(subject: Subject, wire: Wire, beside: tuple[Unit, ...]) -> Iterator[Unit]:
    """An unknown property as the only one, where nothing has to be there; or `beside` others."""
    lone = {UNKNOWN: "x"}
    if isinstance(subject.control.body, dict) and wire.valid(subject.builder, lone):
        yield Unit(
            clause=subject.id(node_clause(body_prefix(wire.name), "", "unknown")),
            label="an unknown property alone",
            slot=("body",),
            apply=setter(subject.control.body, (), lone),
            # That nothing was asked for may be refused, as what is no change.
            strength=Strength.FREE,
            smaller=beside,
            called="nothing but an unknown property in {}",
        )


def _unknown(subject: Subject, node: SchemaNode) -> Iterator[tuple[str, Any, Strength]]:
    yield UNKNOWN, "x", Strength.NAMED
    if node.steps:
        return
    for name in ODD_NAMES:
        yield name, {"polluted": True}, Strength.FREE
    for name in _response_names(subject):
        # No plain name: the contract has it elsewhere, and the server may have a rule for it.
        yield name, "x", Strength.FREE
    # The body and the property are two levels already.
    nested: Any = 1
    for _ in range(NESTING - 2):
        nested = [nested]
    yield "nested", nested, Strength.LIMIT
    # Beyond 64 bits, and beyond what a double holds exactly (RFC 8259 section 6).
    yield "digits", [2**63, -(2**63) - 1, 10**29 + 7], Strength.LIMIT


def _response_names(subject: Subject) -> list[str]:
    """The names of the operation's own answers: a server may mistake them for its own."""
    found = dict[str, None]()
    for response in subject.operation.responses:
        for media_type in response.content:
            if media_type.schema is not None:
                schema = subject.contract.resolve(media_type.schema).value
                if isinstance(schema, dict):
                    found |= dict.fromkeys(schema.get("properties") or ())
    return list(found)
