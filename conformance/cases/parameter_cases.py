"""Parameters that the contract forbids, each one change away from a good one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from conformance.cases.case import Case, Expect
from conformance.cases.draft_parameters import (
    allows,
    good_value,
    stands_alone,
    value_in,
    with_parameter,
)
from conformance.cases.keyword_faults import changes, may_be_boolean
from conformance.cases.operation_under_test import Subject
from conformance.cases.path_text_cases import path_text_cases
from conformance.cases.value_fault import ValueFault
from conformance.clauses.ids import node_clause, parameter_prefix
from conformance.clauses.kinds import ClauseKind
from conformance.clauses.schema_nodes import SchemaNode, nodes
from conformance.clauses.value_paths import DROP, Path, expand, get
from conformance.http.request_drafts import Draft
from conformance.report.codes.finding_code import FindingCode
from spec import Direction
from spec.contract.media_codecs import media_kind
from spec.contract.parameter_codecs import ParameterCodec, parameter_codec
from spec.model.contract_model import MediaType, Parameter, Schema
from spec.model.pointers import from_tokens, split
from spec.text.body_codecs import BodyKind
from spec.text.media_types import is_json
from spec.text.query_strings import query_of
from spec.text.secrets import is_secret_name
from spec.text.styles import Absent, StyleError

__all__ = ["parameter_cases"]

_CONDITIONS = frozenset({"if-match", "if-none-match", "if-unmodified-since"})
"""Headers that are conditions, in lower case (RFC 9110 section 13.1)."""
LARGE = 9
"""A number of more digits than these is nobody's id."""
# The last of each has no character that would have to be escaped in a query.
_MALFORMED: Mapping[BodyKind, tuple[str, ...]] = {
    BodyKind.JSON: ("{", "[1", "no=JSON"),
    BodyKind.XML: ("<a", "no=XML"),
}


def parameter_cases(subject: Subject) -> Iterator[Case]:
    """Each parameter left out where it is required, and each keyword of its schema broken.

    A query that names the item stays: with a bad one a lenient server may write all items.
    """
    for parameter in subject.operation.inputs:
        if parameter.location == "query" and subject.is_kept(parameter):
            continue
        way = parameter_codec(subject.contract, subject.operation, parameter)
        prefix = parameter_prefix(parameter.location, parameter.name)
        if parameter.required and parameter.location != "path":
            draft = with_parameter(subject.control, parameter, way, DROP)
            label = f"without the {parameter.location} parameter `{parameter.name}`"
            yield _refused(subject, parameter, f"{prefix}.required", label, draft)
        yield from _broken(subject, parameter, way, prefix)
        if parameter.location == "path":
            yield from path_text_cases(subject, parameter, way, prefix)
        elif parameter.location == "querystring" and parameter.content is not None:
            yield from _malformed(subject, parameter, parameter.content, prefix)


def _malformed(
    subject: Subject, parameter: Parameter, content: MediaType, prefix: str
) -> Iterator[Case]:
    """A whole query that is none of its media type. Any text is a form."""
    kind = media_kind(subject.contract, content, Direction.REQUEST)
    for text in _MALFORMED.get(kind, ()) if kind else ():
        draft = subject.control.but(whole_query=query_of(text.encode(), content.name))
        label = f"`{parameter.name}`: not {content.name}: {text}"
        yield _refused(subject, parameter, f"{prefix}.malformed", label, draft)


def _refused(
    subject: Subject, parameter: Parameter, local: str, label: str, draft: Draft, **more: Any
) -> Case:
    return subject.case(
        local,
        ClauseKind.PARAMETERS,
        label,
        draft,
        expect=Expect.REFUSED,
        code=FindingCode.ACCEPTED_INVALID_PARAMETER,
        in_path=parameter.location == "path",
        also=_told_otherwise(subject, parameter),
        **more,
    )


def _told_otherwise(subject: Subject, parameter: Parameter) -> frozenset[int]:
    """Statuses that say of certain parameters what 400 says of the others.

    A missing condition is 428 (RFC 6585 section 3); a key may be declared as a parameter.
    """
    if parameter.location == "header" and parameter.name.lower() in _CONDITIONS:
        return frozenset({412, 428})
    if parameter.location == "path" or not is_secret_name(parameter.name):
        return frozenset()
    documented = subject.operation.response_for
    return frozenset(status for status in (401, 403) if documented(status) is not None)


def _is_json(parameter: Parameter) -> bool:
    return parameter.content is not None and is_json(parameter.content.name)


def _broken(
    subject: Subject, parameter: Parameter, way: ParameterCodec, prefix: str
) -> Iterator[Case]:
    """Changes at every place of the schema, where the good value has one."""
    schema, seen = parameter.value_schema, set[Any]()
    if schema is None:
        return
    base, good = _base(subject, parameter, way, schema)
    for node in nodes(subject.contract, schema):
        for path in list(expand(good, node.steps))[-1:]:
            if node.branched and not _fits(subject, node, get(good, path)):
                continue
            for change in changes(node, get(good, path)):
                if may_be_boolean(node, change) and not _is_json(parameter):
                    continue
                if parameter.style == "deepObject" and path and _holds_others(change):
                    continue
                value = change.applied(good, path)
                draft = _carrying(subject, base, parameter, way, schema, value)
                if draft is None or draft.request() in seen:
                    continue
                if parameter.location == "path" and not _harms_nobody(subject, parameter, draft):
                    continue
                seen.add(draft.request())
                keyword = _violated(subject, schema, node, path, change, value)
                if keyword is None:
                    continue
                local = _clause(node, prefix, keyword)
                label = f"`{parameter.name}`: {_where(node)}{change.label}"
                yield _refused(
                    subject,
                    parameter,
                    local,
                    label,
                    draft,
                    base=base,
                    fault=change.fault,
                    partly=change.partly,
                )


def _holds_others(change: ValueFault) -> bool:
    """Whether a list or an object is to stand in a property of a deepObject.

    `f[b][0]=x` is no value of `f[b]`, and OpenAPI does not say what it is: readers ignore it.
    """
    return change.key is None and isinstance(change.value, (list, dict))


def _harms_nobody(subject: Subject, parameter: Parameter, draft: Draft) -> bool:
    """Whether no lenient reader takes the bad text for the id of a thing of somebody else's.

    One that reads the number at its beginning, and goes on, finds 1 in `1.5`.
    """
    good, text = subject.control.segments[parameter.name], draft.segments[parameter.name]
    number = re.match(r"[+-]?\d+", text)
    if subject.chooses_its_path or number is None or text.startswith(good):
        return True
    return int(number[0]) <= 0 or len(number[0]) > LARGE


def _violated(
    subject: Subject, schema: Schema, node: SchemaNode, path: Path, change: ValueFault, value: Any
) -> str | None:
    """The keyword that the value breaks at the node; None where it breaks several.

    A number of another type may be too large, and an empty object may lack something.
    """
    if change.key is not None or isinstance(value, str):
        return change.keyword
    found = subject.contract.violations(schema, Direction.REQUEST, value)
    here = {one.keyword for one in found if one.pointer == from_tokens(path)}
    own = {node.own_keyword(keyword) for keyword in here if keyword in node.keywords}
    missing = [split(one.pointer)[-1] for one in found if one.keyword == "required"]
    if not own and missing and len(missing) == len(found):
        return f"required:{missing[0]}" if len(missing) == 1 else None
    return change.keyword if not own or change.keyword in own else min(own)


def _base(
    subject: Subject, parameter: Parameter, way: ParameterCodec, schema: Schema
) -> tuple[Draft, Any]:
    """A request with a good value of the parameter, and that value; accepted ones come first."""
    for carrier in subject.all_carriers():
        value = value_in(carrier.draft, parameter, way)
        if not isinstance(value, Absent):
            return carrier.draft, value
    good = good_value(subject.builder, parameter, schema)
    try:
        return with_parameter(subject.control, parameter, way, good), good
    except (StyleError, ValueError):
        return subject.control, good


def _fits(subject: Subject, node: SchemaNode, value: Any) -> bool:
    schema = Schema(pointer=node.pointer, value=node.keywords)
    return not subject.contract.violations(schema, Direction.REQUEST, value)


def _where(node: SchemaNode) -> str:
    return f"`{node.name}`: " if node.name else ""


def _clause(node: SchemaNode, prefix: str, keyword: str) -> str:
    """Text of another type is no member either: a string's type is broken by no text at all."""
    if keyword == "type" and node.takes_text:
        keyword = next((k for k in ("enum", "pattern", "format") if k in node.keywords), "type")
    return node_clause(prefix, node.name, keyword)


def _carrying(
    subject: Subject,
    base: Draft,
    parameter: Parameter,
    way: ParameterCodec,
    schema: Schema,
    value: Any,
) -> Draft | None:
    """The base with a bad value, if it is still bad once it has travelled as text."""
    if stands_alone(subject.contract, parameter) and not isinstance(value, dict):
        return None
    try:
        pairs = way.encode(value)
        draft = with_parameter(base, parameter, way, value)
        allowed = allows(subject.contract, schema, way, pairs)
    except (StyleError, ValueError):
        return None
    # Such a segment makes another path of it (RFC 3986 section 5.2.4).
    empty_path = parameter.location == "path" and draft.segments[parameter.name] in ("", ".", "..")
    # A whole query that is empty is a missing one, which is a case of its own.
    empty_query = parameter.location == "querystring" and not draft.whole_query
    unsendable = parameter.location in ("header", "cookie") and not _is_plain(str(value))
    return None if allowed or empty_path or empty_query or unsendable else draft


def _is_plain(text: str) -> bool:
    """Whether a header says it: how other characters are read, HTTP leaves open (RFC 9110, 5.5)."""
    return text.isascii() and not any(ord(letter) < 32 for letter in text)
