"""Good parameters that must be accepted: at the edges of their schemas, sent and left out."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.cases.case import Unit
from conformance.cases.draft_parameters import (
    good_value,
    is_left_empty,
    read_back,
    value_in,
    with_parameter,
)
from conformance.cases.edge_values import WIDE, Edge, Strength, edges
from conformance.cases.inner_values import LONGEST, inner_units, whole_query_units
from conformance.cases.opaque_values import is_opaque
from conformance.cases.operation_under_test import Subject
from conformance.clauses.ids import node_clause, parameter_prefix
from conformance.clauses.keyword_sentences import free_keywords
from conformance.clauses.schema_nodes import SchemaNode, nodes, root_node
from conformance.clauses.value_paths import DROP
from spec import Direction
from spec.contract.parameter_codecs import parameter_codec
from spec.model.contract_model import Parameter, Schema
from spec.model.http_statuses import VALIDATION
from spec.text.styles import Absent, StyleError

__all__ = [
    "escaped",
    "escaped_units",
    "optional_parameter_units",
    "parameter_removal_units",
    "parameter_units",
]

NOT_THERE = frozenset({404, 410})
"""What a path may lead to the contract does not say: such an answer proves nothing."""
_NO_ID = NOT_THERE | VALIDATION
"""Nor does it say what ids look like where no keyword of it is about them."""
_LEFT_OUT = Edge(keyword="optional", label="left out", value=DROP)


def optional_parameter_units(subject: Subject) -> Iterator[Unit]:
    """One unit for each optional parameter that the control does not have: a good value of it."""
    for parameter in subject.operation.inputs:
        way = parameter_codec(subject.contract, subject.operation, parameter)
        schema = parameter.value_schema
        absent = isinstance(value_in(subject.control, parameter, way), Absent)
        if parameter.required or schema is None or not absent:
            continue
        value = good_value(subject.builder, parameter, schema)
        places = nodes(subject.contract, schema)
        given = any(example.value == value for example in parameter.examples)
        made_up = not given and is_opaque(places, value)
        strength = Strength.FREE if made_up else Strength.NAMED
        sent = Edge(value=value, keyword="optional", label="sent", strength=strength)
        if unit := _unit(subject, parameter, places[0] if places else None, sent):
            yield unit


def parameter_removal_units(subject: Subject) -> Iterator[Unit]:
    """One unit for each optional parameter of the control: without it."""
    for parameter in subject.operation.inputs:
        way = parameter_codec(subject.contract, subject.operation, parameter)
        schema = parameter.value_schema
        absent = isinstance(value_in(subject.control, parameter, way), Absent)
        if not (parameter.required or schema is None or absent):
            node = root_node(subject.contract, schema)
            if unit := _unit(subject, parameter, node, _LEFT_OUT):
                yield unit


def parameter_units(subject: Subject) -> Iterator[Unit]:
    """Values at the edges of each parameter, and the parameter left out where it may be."""
    yield from whole_query_units(subject)
    for parameter in subject.operation.inputs:
        schema = parameter.value_schema
        node = root_node(subject.contract, schema)
        if schema is None or node is None:
            continue
        if subject.is_kept(parameter):
            continue
        for edge in _edges(subject, parameter, node, schema):
            if unit := _unit(subject, parameter, node, edge):
                yield unit
        if parameter.location not in ("path", "querystring"):
            yield from inner_units(subject, parameter)


def _unit(
    subject: Subject, parameter: Parameter, node: SchemaNode | None, edge: Edge
) -> Unit | None:
    """The parameter with that value, or left out (DROP); None where it cannot travel."""
    way = parameter_codec(subject.contract, subject.operation, parameter)
    try:
        drafted = with_parameter(subject.control, parameter, way, edge.value)
        if edge.value is not DROP and read_back(way, edge.value) != edge.value:
            return None
    except (StyleError, ValueError):
        return None
    if parameter.location == "path" and not drafted.segments[parameter.name]:
        return None
    prefix, name = parameter_prefix(parameter.location, parameter.name), node.name if node else ""
    empty = is_left_empty(parameter, edge.value)
    smaller = (_unit(subject, parameter, node, one) for one in edge.smaller)
    return Unit(
        clause=subject.id(node_clause(prefix, name, edge.keyword)),
        label=f"`{parameter.name}`: {edge.label}",
        slot=("parameter", parameter.location, parameter.name),
        omitting=edge.value is DROP,
        strength=Strength.LENIENT if empty else edge.strength,
        open_statuses=_open_statuses(subject, parameter, edge),
        smaller=tuple(one for one in smaller if one),
        instead=_unit(subject, parameter, node, edge.instead) if edge.instead else None,
        apply=lambda draft: with_parameter(draft, parameter, way, edge.value),
    )


def _open_statuses(subject: Subject, parameter: Parameter, edge: Edge) -> frozenset[int]:
    """The statuses that prove nothing: of another thing, or of one that another tenant has."""
    if parameter.location == "path":
        return _NO_ID if edge.strength is Strength.FREE else NOT_THERE
    if "{" in subject.operation.path:
        return NOT_THERE
    # Of a value that nothing names it says that there is no such thing: a page, a tenant.
    return frozenset({404}) if edge.strength is Strength.FREE else frozenset()


def escaped_units(subject: Subject) -> Iterator[Unit]:
    """A path parameter with a letter escaped: the same path (RFC 3986 section 6.2.2.2)."""
    for parameter in subject.operation.inputs:
        good = subject.control.segments.get(parameter.name, "")
        schema = parameter.value_schema
        node = root_node(subject.contract, schema)
        if parameter.location != "path" or node is None or not good[:1].isalnum():
            continue
        text = escaped(good)
        named = [one for one in ("enum", "free") if one in (*node.keywords, *free_keywords(node))]
        prefix = parameter_prefix("path", parameter.name)
        local = node_clause(prefix, node.name, named[0]) if named else "http.escapes"
        yield Unit(
            clause=subject.id(local),
            label=f"`{parameter.name}` as {text}",
            called="a percent-encoded letter in {}",
            slot=("parameter", "path", parameter.name),
            apply=lambda d, n=parameter.name, t=text: d.but(segments={**d.segments, n: t}),  # type: ignore[misc]
            # A member that the contract names has an answer; of other ids it says nothing.
            strength=Strength.NAMED if named[:1] == ["enum"] else Strength.FREE,
        )


def escaped(segment: str) -> str:
    """A segment of a path with its first letter escaped: it means the same."""
    return f"%{ord(segment[0]):02X}{segment[1:]}" if segment[:1].isalnum() else segment


def _edges(
    subject: Subject, parameter: Parameter, node: SchemaNode, schema: Schema
) -> Iterator[Edge]:
    in_query = parameter.location == "query"
    # Beside a query, only letters that every server reads alike.
    for edge in edges(node, letter=WIDE if in_query else "a", longest=LONGEST):
        printable = not isinstance(edge.value, str) or in_query
        small = not isinstance(edge.value, str) or len(edge.value) < LONGEST
        plain = printable or (isinstance(edge.value, str) and edge.value.isalnum())
        # A long id is the id of nothing, and what is long in a header may be refused for its size.
        small = small and (in_query or not edge.size)
        allowed = not subject.contract.violations(schema, Direction.REQUEST, edge.value)
        if plain and small and allowed:
            yield edge
    if not parameter.required:
        yield _LEFT_OUT
