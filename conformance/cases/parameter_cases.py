"""Parameters that the contract forbids, and the edges of those that it allows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from conformance.cases.case import Case, Expect, Unit
from conformance.cases.draft_parameters import (
    codec_of,
    read_back,
    with_parameter,
)
from conformance.cases.edge_values import Strength, edges
from conformance.cases.operation_under_test import Subject
from conformance.cases.value_faults import changes
from conformance.clauses.ids import node_clause, parameter_prefix
from conformance.clauses.keywords import is_free
from conformance.clauses.schema_nodes import Node, nodes
from conformance.clauses.value_paths import DROP
from conformance.http.request_drafts import Draft
from spec import Direction, UnsatisfiableError
from spec.model.contract_model import Parameter, Schema
from spec.text.styles import Codec, StyleError

__all__ = ["escaped_units", "parameter_cases", "parameter_units"]


def parameter_cases(subject: Subject) -> Iterator[Case]:
    """Each parameter left out where it is required, and each keyword of its schema broken."""
    for parameter in subject.operation.parameters:
        way = codec_of(subject.contract, subject.operation, parameter)
        prefix = parameter_prefix(parameter.location, parameter.name)
        if parameter.required and parameter.location != "path":
            draft = with_parameter(subject.control, parameter, way, DROP)
            label = f"without the {parameter.location} parameter `{parameter.name}`"
            yield _refused(subject, f"{prefix}.required", label, draft)
        yield from _broken(subject, parameter, way, prefix)
        if parameter.location == "path":
            yield from _raw_paths(subject, parameter, way, prefix)


def _refused(subject: Subject, local: str, label: str, draft: Draft) -> Case:
    return subject.case(
        local,
        "parameters",
        label,
        draft,
        expect=Expect.REFUSED,
        code="accepted-invalid-parameter",
    )


def _broken(subject: Subject, parameter: Parameter, way: Codec, prefix: str) -> Iterator[Case]:
    schema, seen = parameter.value_schema, set[Any]()
    if schema is None:
        return
    node = next(nodes(subject.contract, schema), None)
    if node is None:
        return
    for change in changes(node, _good(subject, schema)):
        if change.key is not None:
            continue
        draft = _carrying(subject, parameter, way, schema, change.value)
        if draft is None or draft.request() in seen:
            continue
        seen.add(draft.request())
        local = _clause(node, prefix, change.keyword)
        yield _refused(subject, local, f"`{parameter.name}`: {change.label}", draft)


def _raw_paths(subject: Subject, parameter: Parameter, way: Codec, prefix: str) -> Iterator[Case]:
    """Texts that only a path can have: bad escapes, double ones, long ones, a way out."""
    good, schema = subject.control.segments[parameter.name], parameter.value_schema
    node = next(nodes(subject.contract, schema), None) if schema else None
    if schema is None or node is None or not good:
        return
    twice = "".join(f"%25{ord(letter):02X}" for letter in good[:1]) + good[1:]
    forbidden = {
        "NUL after it": f"{good}%00",
        "something after it": f"{good}x",
        "a space after it": f"{good}%20",
        "escaped twice": twice,
        "a slash after it": f"{good}%2Fx",
        "300 characters": "a" * 300,
    }
    named = next((k for k in ("enum", "pattern", "format") if k in node.keywords), "")
    for label, text in forbidden.items():
        draft = subject.control.but(segments={**subject.control.segments, parameter.name: text})
        try:
            value = way.decode(((parameter.name, text),))
        except StyleError:
            continue
        if named and subject.contract.violations(schema, Direction.REQUEST, value):
            also = frozenset({404, 414}) if "slash" in label else frozenset({414})
            local = node_clause(prefix, node.name, named)
            case = _refused(subject, local, f"`{parameter.name}`: {label}", draft)
            yield replace(case, also=also)
    for text in ("%ZZ", "%", "%C3%28", "%FF", "..%2F..%2F", "%2E%2E"):
        draft = subject.control.but(segments={**subject.control.segments, parameter.name: text})
        yield subject.case("http.escapes", "parameters", f"{text} for `{parameter.name}`", draft)
    if named and subject.contract.violations(schema, Direction.REQUEST, "other-value"):
        other = with_parameter(subject.control, parameter, way, "other-value")
        query = other.but(query=(*other.query, (parameter.name, good)))
        label = f"`{parameter.name}`: the good value in the query alone"
        yield _refused(subject, node_clause(prefix, node.name, named), label, query)


def _clause(node: Node, prefix: str, keyword: str) -> str:
    """Text of another type is no member either: a string's type is broken by no text at all."""
    if keyword == "type" and node.types[0] == "string":
        keyword = next((k for k in ("enum", "pattern", "format") if k in node.keywords), "type")
    return node_clause(prefix, node.name, keyword)


def _good(subject: Subject, schema: Schema) -> Any:
    try:
        return subject.contract.sample(schema, Direction.REQUEST)
    except UnsatisfiableError:
        return None


def _carrying(
    subject: Subject, parameter: Parameter, way: Codec, schema: Schema, value: Any
) -> Draft | None:
    """The control with a bad value, if it is still bad once it has travelled as text."""
    try:
        arrived = read_back(way, value)
        draft = with_parameter(subject.control, parameter, way, value)
    except (StyleError, ValueError):
        return None
    empty_path = parameter.location == "path" and draft.segments[parameter.name] in ("", ".", "..")
    unsendable = parameter.location == "header" and any(ord(letter) < 32 for letter in str(value))
    if arrived is DROP or empty_path or unsendable:
        return None
    if subject.contract.violations(schema, Direction.REQUEST, arrived):
        return draft
    return None


def parameter_units(subject: Subject) -> Iterator[Unit]:
    """Values at the edges of each parameter, and the parameter left out where it may be."""
    for parameter in subject.operation.parameters:
        schema = parameter.value_schema
        node = next(nodes(subject.contract, schema), None) if schema else None
        if schema is None or node is None:
            continue
        way = codec_of(subject.contract, subject.operation, parameter)
        prefix = parameter_prefix(parameter.location, parameter.name)
        slot = ("parameter", parameter.location, parameter.name)
        for value, keyword, label, strength in _values(subject, parameter, node, schema):
            try:
                drafted = with_parameter(subject.control, parameter, way, value)
                if value is not DROP and read_back(way, value) != value:
                    continue
            except (StyleError, ValueError):
                continue
            if parameter.location == "path" and not drafted.segments[parameter.name]:
                continue
            yield Unit(
                clause=subject.id(node_clause(prefix, node.name, keyword)),
                label=f"`{parameter.name}`: {label}",
                slot=slot,
                strength=strength,
                apply=lambda d, p=parameter, w=way, v=value: with_parameter(d, p, w, v),  # type: ignore[misc]
            )


def escaped_units(subject: Subject) -> Iterator[Unit]:
    """A path parameter with a letter escaped: the same path (RFC 3986 section 6.2.2.2)."""
    for parameter in subject.operation.parameters:
        good = subject.control.segments.get(parameter.name, "")
        schema = parameter.value_schema
        node = next(nodes(subject.contract, schema), None) if schema else None
        if parameter.location != "path" or node is None or not good[:1].isalnum():
            continue
        text = f"%{ord(good[0]):02X}{good[1:]}"
        keyword = "enum" if "enum" in node.keywords else "free" if is_free(node) else "type"
        yield Unit(
            clause=subject.id(
                node_clause(parameter_prefix("path", parameter.name), node.name, keyword)
            ),
            label=f"`{parameter.name}` as {text}",
            slot=("parameter", "path", parameter.name),
            apply=lambda d, n=parameter.name, t=text: d.but(segments={**d.segments, n: t}),  # type: ignore[misc]
        )


def _values(
    subject: Subject, parameter: Parameter, node: Node, schema: Schema
) -> Iterator[tuple[Any, str, str, Any]]:
    for edge in edges(node):
        printable = not isinstance(edge.value, str) or parameter.location == "query"
        small = not isinstance(edge.value, str) or len(edge.value) < 500
        plain = printable or (isinstance(edge.value, str) and edge.value.isalnum())
        if (
            plain
            and small
            and not subject.contract.violations(schema, Direction.REQUEST, edge.value)
        ):
            yield edge.value, edge.keyword, edge.label, edge.strength
    if not parameter.required:
        yield DROP, "optional", "left out", Strength.NAMED
        yield _good(subject, schema), "optional", "sent", Strength.NAMED
