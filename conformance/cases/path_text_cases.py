"""Texts that only a path can have: bad escapes, double ones, long ones, a way out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from conformance.cases.case import Case, Expect, Layer
from conformance.cases.draft_parameters import with_parameter
from conformance.cases.never_issued import TEXT
from conformance.cases.operation_under_test import Subject
from conformance.clauses.collection_operations import collection_operations
from conformance.clauses.ids import node_clause
from conformance.clauses.kinds import ClauseKind
from conformance.clauses.schema_nodes import root_node
from conformance.http.methods import is_safe
from conformance.http.request_drafts import Draft
from conformance.report.codes.finding_code import FindingCode
from spec import Direction
from spec.contract.parameter_codecs import ParameterCodec
from spec.contract.resource_paths import canonical
from spec.model.contract_model import Parameter, Schema
from spec.text.styles import StyleError

__all__ = ["path_text_cases"]

_ODD_ESCAPES = ("%ZZ", "%", "%C3%28", "%FF")
"""No hexadecimal digits, a cut escape, and bytes that are not UTF-8."""
_TOO_LONG = frozenset({414})
"""What may be said of any long target (RFC 9110 section 15.5.15)."""
_WAYS_OUT = ("..%2F..%2F", "%2E%2E")
"""Segments that lead out of a folder, where they are unescaped before they are followed."""


def path_text_cases(
    subject: Subject, parameter: Parameter, way: ParameterCodec, prefix: str
) -> Iterator[Case]:
    """What a parameter of the path forbids, or HTTP does, of its text in the path."""
    good, schema = subject.control.segments[parameter.name], parameter.value_schema
    node = root_node(subject.contract, schema)
    if schema is None or node is None or not good:
        return
    named = next((k for k in ("enum", "pattern", "format") if k in node.keywords), "")
    clause = node_clause(prefix, node.name, named)
    if named:
        yield from _forbidden(subject, parameter, way, schema, clause)
    # Who follows the dots of a DELETE removes what stands above the item.
    for text in (*_ODD_ESCAPES, *(_WAYS_OUT if is_safe(subject.operation.method) else ())):
        # `%` by itself is a pattern for any text in SQL, and bytes that are dropped leave no id.
        written = text if subject.chooses_its_path else f"{TEXT}{text}"
        label, draft = f"{text} for `{parameter.name}`", _with_segment(subject, parameter, written)
        yield subject.case("http.escapes", ClauseKind.PARAMETERS, label, draft, layer=Layer.HTTP)
    if named and subject.contract.violations(schema, Direction.REQUEST, "other-value"):
        other = with_parameter(subject.control, parameter, way, "other-value")
        draft = other.but(query=(*other.query, (parameter.name, good)))
        label = f"`{parameter.name}`: the valid value only in the query"
        yield _refused(subject, clause, label, draft)


def _forbidden(
    subject: Subject, parameter: Parameter, way: ParameterCodec, schema: Schema, clause: str
) -> Iterator[Case]:
    """The good text with more around it, and another one, where the schema forbids them."""
    good = subject.control.segments[parameter.name]
    twice = "".join(f"%25{ord(letter):02X}" for letter in good[:1]) + good[1:]
    deeper = canonical(subject.operation.path.replace(f"{{{parameter.name}}}", "{a}/{b}"))
    is_other = deeper in collection_operations(subject.contract).by_path
    # What another path of the contract says of such a request is its own.
    elsewhere = frozenset(range(400, 500)) if is_other else frozenset({404, 405, 414})
    texts = (
        # No path of a proxy has it: it is refused, by a status and in a body of the proxy's.
        ("NUL after it", f"{good}%00", _TOO_LONG, Layer.HTTP),
        ("something after it", f"{good}x", _TOO_LONG, Layer.OPERATION),
        ("a space after it", f"{good}%20", _TOO_LONG, Layer.OPERATION),
        ("escaped twice", twice, _TOO_LONG, Layer.OPERATION),
        # A server that unescapes before it routes sees another path.
        ("a slash after it", f"{good}%2Fx", elsewhere, Layer.OPERATION),
        ("300 characters", "a" * 300, _TOO_LONG, Layer.OPERATION),
    )
    for label, text, also, layer in texts:
        try:
            value = way.decode(((parameter.name, text),))
        except StyleError:
            continue
        if subject.contract.violations(schema, Direction.REQUEST, value):
            draft = _with_segment(subject, parameter, text)
            label = f"`{parameter.name}`: {label}"
            yield replace(_refused(subject, clause, label, draft), also=also, layer=layer)


def _with_segment(subject: Subject, parameter: Parameter, text: str) -> Draft:
    return subject.control.but(segments={**subject.control.segments, parameter.name: text})


def _refused(subject: Subject, clause: str, label: str, draft: Draft) -> Case:
    return subject.case(
        clause,
        ClauseKind.PARAMETERS,
        label,
        draft,
        expect=Expect.REFUSED,
        code=FindingCode.ACCEPTED_INVALID_PARAMETER,
        in_path=True,
    )
