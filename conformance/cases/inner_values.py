"""Good values inside a parameter's own: at the edges of each place of a list, object or query."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from conformance.cases.case import Unit
from conformance.cases.draft_parameters import good_value, read_back, value_in, with_parameter
from conformance.cases.edge_values import UNKNOWN, WIDE, Edge, edges
from conformance.cases.list_edges import in_list, list_edges
from conformance.cases.operation_under_test import Subject
from conformance.clauses.ids import node_clause, parameter_prefix
from conformance.clauses.schema_nodes import SchemaNode, nodes
from conformance.clauses.value_paths import Path, expand, get, put
from conformance.http.request_drafts import Draft
from spec import Direction
from spec.contract.parameter_codecs import ParameterCodec, parameter_codec
from spec.model.contract_model import Parameter, Schema
from spec.text.styles import Absent, StyleError

__all__ = ["LONGEST", "inner_units", "whole_query_units"]

LONGEST = 500
"""Characters of a text in a query: what is longer may be refused for its length (414)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Whole:
    """A parameter, and a good value of it."""

    subject: Subject
    parameter: Parameter
    schema: Schema
    way: ParameterCodec
    good: Any

    def apply(self, draft: Draft, path: Path, value: Any) -> Draft:
        now = value_in(draft, self.parameter, self.way)
        base = self.good if isinstance(now, Absent) else now
        return with_parameter(draft, self.parameter, self.way, put(base, path, value))

    def is_good(self, value: Any) -> bool:
        """Whether it is allowed, and read as it was written."""
        try:
            arrived = read_back(self.way, value)
        except (StyleError, ValueError):
            return False
        contract = self.subject.contract
        return bool(arrived == value) and not contract.violations(
            self.schema, Direction.REQUEST, value
        )

    def unit(self, node: SchemaNode, path: Path, edge: Edge) -> Unit:
        prefix = parameter_prefix(self.parameter.location, self.parameter.name)
        inner = f"`{node.name}`: " if node.name else ""
        return Unit(
            clause=self.subject.id(node_clause(prefix, node.name, edge.keyword)),
            label=f"`{self.parameter.name}`: {inner}{edge.label}",
            slot=("parameter", self.parameter.location, self.parameter.name, *path),
            strength=edge.strength,
            smaller=tuple(self.unit(node, path, one) for one in edge.smaller),
            instead=self.unit(node, path, edge.instead) if edge.instead else None,
            apply=lambda draft: self.apply(draft, path, edge.value),
        )


def whole_query_units(subject: Subject) -> Iterator[Unit]:
    """What the schema of the whole query allows must be accepted."""
    parameter = subject.operation.query_string
    whole = None if parameter is None else _whole(subject, parameter)
    if whole is None:
        return
    for node, path in _places(whole):
        yield from _edges(whole, node, path)
        yield from _unknown(whole, node, path)


def inner_units(subject: Subject, parameter: Parameter) -> Iterator[Unit]:
    """What the items and properties of a parameter's value may be; its own edges are elsewhere."""
    whole = _whole(subject, parameter)
    if whole is None or not isinstance(whole.good, (dict, list)):
        return
    for node, path in _places(whole):
        if path:
            yield from _edges(whole, node, path)
        for edge in list_edges(subject.contract, node, get(whole.good, path)):
            if whole.is_good(put(whole.good, path, edge.value)):
                yield whole.unit(node, path, edge)


def _places(whole: _Whole) -> Iterator[tuple[SchemaNode, Path]]:
    for node in nodes(whole.subject.contract, whole.schema):
        # The last of several items: what looks at the first alone is found.
        for path in list(expand(whole.good, node.steps, tuple(node.properties)))[-1:]:
            yield node, path


def _edges(whole: _Whole, node: SchemaNode, path: Path) -> Iterator[Unit]:
    in_query = whole.parameter.location in ("query", "querystring")
    letter = WIDE if in_query else "a"
    found = edges(node, letter=letter, longest=LONGEST)
    for edge in (in_list(one, path) for one in found if in_query or not one.size):
        small = not isinstance(edge.value, str) or len(edge.value) < LONGEST
        # A header and a cookie carry ASCII for sure; the rest is left open (RFC 9110 section 5.5).
        if (
            small
            and (in_query or str(edge.value).isascii())
            and whole.is_good(put(whole.good, path, edge.value))
        ):
            yield whole.unit(node, path, edge)


def _unknown(whole: _Whole, node: SchemaNode, path: Path) -> Iterator[Unit]:
    here = (*path, UNKNOWN)
    if isinstance(get(whole.good, path), dict) and whole.is_good(put(whole.good, here, "x")):
        label = f"an unknown property {UNKNOWN!r}"
        yield whole.unit(node, here, Edge(keyword="unknown", label=label, value="x"))


def _whole(subject: Subject, parameter: Parameter) -> _Whole | None:
    schema = parameter.value_schema
    if schema is None:
        return None
    way = parameter_codec(subject.contract, subject.operation, parameter)
    good = value_in(subject.control, parameter, way)
    if isinstance(good, Absent):
        good = good_value(subject.builder, parameter, schema)
    return _Whole(subject=subject, parameter=parameter, schema=schema, way=way, good=good)
