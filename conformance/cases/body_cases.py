"""Request bodies that the contract forbids, each one change away from an accepted one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from conformance.cases.body_wire import LOST, Wire
from conformance.cases.case import Case, Expect
from conformance.cases.edge_values import UNKNOWN
from conformance.cases.keyword_faults import (
    changes,
    excluded_properties,
    may_be_boolean,
    overlaps,
)
from conformance.cases.operation_under_test import Carrier, Subject
from conformance.cases.value_fault import ValueFault
from conformance.clauses.ids import body_prefix, node_clause
from conformance.clauses.kinds import ClauseKind
from conformance.clauses.schema_nodes import SchemaNode
from conformance.clauses.value_paths import Path, expand, get
from conformance.http.request_drafts import NOTHING, Draft
from conformance.report.codes.finding_code import FindingCode
from spec import Direction
from spec.model.contract_model import Schema
from spec.model.pointers import from_tokens, join
from spec.text.body_codecs import BodyKind
from spec.text.media_types import is_json

__all__ = ["WITHOUT_BODY", "body_cases", "lone_cases", "missing_body_cases"]

WITHOUT_BODY = frozenset({411, 415})
"""No length, or no media type: a server may miss these before the body itself."""


def missing_body_cases(subject: Subject) -> Iterator[Case]:
    """No body, and an empty one, where the contract wants one."""
    body = subject.operation.request_body
    if body is None or not body.required or _may_be_empty(subject):
        return
    drafts = {
        "no body": subject.control.but(body=NOTHING, raw=None),
        "an empty body": subject.control.but(raw=b""),
    }
    if subject.json_body is not None:
        drafts["a body of spaces"] = subject.control.but(raw=b"   ")
    for label, draft in drafts.items():
        yield subject.case(
            "body.missing",
            ClauseKind.BODY,
            label,
            draft,
            expect=Expect.REFUSED,
            code=FindingCode.ACCEPTED_INVALID_BODY,
            also=WITHOUT_BODY,
        )


def _may_be_empty(subject: Subject) -> bool:
    """Whether a body of no bytes is a good one: an empty text, an empty file."""
    media_type, wire = subject.media_type, subject.wire
    if media_type is None or is_json(media_type.name):
        return False
    if wire is not None:
        read = wire.read(b"")
        return read is not LOST and not wire.judged(read)
    schema = media_type.schema
    return schema is None or not subject.contract.violations(schema, Direction.REQUEST, "")


def body_cases(subject: Subject) -> Iterator[Case]:
    """One case for each way to break each keyword, at every depth that a carrier reaches."""
    wire = subject.wire
    if wire is None:
        return
    prefix, seen = body_prefix(wire.name), set[bytes | None]()
    for node in wire.nodes():
        for carrier, path, change in _changes(subject, node):
            body = change.applied(carrier.body, path)
            keyword = _violated(wire, node, path, change, body)
            if keyword is None or _is_open(wire, node, change):
                continue
            draft = carrier.draft.but(body=body)
            # By the bytes: in a form `1` and `"1"` are one request.
            sent = draft.request().body
            if sent in seen:
                continue
            seen.add(sent)
            yield subject.case(
                node_clause(prefix, node.name, keyword),
                ClauseKind.BODY,
                f"{_where(node)}: {change.label}",
                draft,
                expect=Expect.REFUSED,
                code=FindingCode.ACCEPTED_INVALID_BODY,
                base=carrier.draft,
                slot=("body", *path, *(() if change.key is None else (change.key,))),
                apply=_changer(path, change),
                also=_told_otherwise(subject, node, keyword),
                fault=change.fault,
                partly=change.partly,
            )
        if not node.steps and not node.branched:
            yield from _recased_cases(subject)


def _told_otherwise(subject: Subject, node: SchemaNode, keyword: str) -> frozenset[int]:
    """Another constant than that of the operation is in conflict with what it is about (409).

    JSON:API asks for it where the `type` of a resource is another one.
    """
    fixed = keyword == "const" or (keyword == "enum" and len(node.keywords["enum"]) == 1)
    return frozenset({409} if fixed and subject.operation.response_of("409") else ())


def _is_open(wire: Wire, node: SchemaNode, change: ValueFault) -> bool:
    """Whether a reader of text may find something good in it.

    In XML, other elements in place of a list's are unknown ones, and the list is empty.
    """
    no_items = wire.kind is BodyKind.XML and "array" in node.types
    if no_items and change.key is None and isinstance(change.value, dict):
        return True
    return wire.kind.of_text and may_be_boolean(node, change)


def lone_cases(subject: Subject) -> Iterator[Case]:
    """An unknown property as the only one: what asks whether anything came is content with it.

    Where several are required, each is left out beside the others, so that something comes.
    """
    wire = subject.wire
    root = next(iter(subject.body_nodes()), None)
    lone = {UNKNOWN: "x"}
    if wire is None or root is None or not isinstance(subject.control.body, dict):
        return
    missing = list(root.keywords.get("required") or ())
    lacks = {one.keyword for one in wire.violations(lone)} == {"required"}
    if len(missing) == 1 and lacks and UNKNOWN not in root.properties:
        yield subject.case(
            node_clause(body_prefix(wire.name), root.name, f"required:{missing[0]}"),
            ClauseKind.BODY,
            "an unknown property alone",
            subject.control.but(body=lone),
            expect=Expect.REFUSED,
            code=FindingCode.ACCEPTED_INVALID_BODY,
        )


def _recased_cases(subject: Subject) -> Iterator[Case]:
    """A required property under its name in another case: the names of JSON are what they are.

    Readers that compare them without their case (Go, .NET) do so for all: one shows it.
    """
    wire, body = subject.wire, subject.control.body
    root = next(iter(subject.body_nodes()), None)
    if subject.json_body is None or wire is None or root is None or not isinstance(body, dict):
        return
    for name in root.keywords.get("required") or ():
        other = name[:1].swapcase() + name[1:]
        renamed = _renamer(name, other)(subject.control)
        if other in (name, *root.properties) or not wire.violations(renamed.body):
            continue
        yield subject.case(
            node_clause(body_prefix(wire.name), root.name, f"required:{name}"),
            ClauseKind.BODY,
            f"`{other}` for `{name}`",
            renamed,
            expect=Expect.REFUSED,
            code=FindingCode.ACCEPTED_INVALID_BODY,
            base=subject.control,
            slot=("body", other),
            apply=_renamer(name, other),
            fault="name",
        )
        return


def _renamer(name: str, other: str) -> Callable[[Draft], Draft]:
    def apply(draft: Draft) -> Draft:
        fields = draft.body.items()
        return draft.but(body={other if one == name else one: value for one, value in fields})

    return apply


def _violated(
    wire: Wire, node: SchemaNode, path: Path, change: ValueFault, body: Any
) -> str | None:
    """The keyword that the changed body breaks; None where it breaks none, or several."""
    violations = wire.violations(body)
    if not violations or change.key is not None:
        return change.keyword if violations else None
    if change.keyword == "if":
        consequences = tuple(join(node.pointer, branch, "") for branch in ("then", "else"))
        alone = all(one.schema_pointer.startswith(consequences) for one in violations)
        return change.keyword if alone else None
    here = {
        node.own_keyword(violation.keyword)
        for violation in violations
        if violation.pointer == from_tokens(path) and violation.keyword in node.keywords
    }
    if not here and all(violation.keyword == "required" for violation in violations):
        # An empty object in place of a good one may lack many things: not one fault then.
        missing = [violation.pointer.rpartition("/") for violation in violations]
        return f"required:{missing[0][2]}" if len(missing) == 1 else None
    if not here:
        # What is no list arrives as a list of one, so that an item may be wrong, and not the list.
        return None if wire.kind.of_text else change.keyword
    return change.keyword if change.keyword in here else min(here)


def _changes(subject: Subject, node: SchemaNode) -> Iterator[tuple[Carrier, Path, ValueFault]]:
    """The changes of each keyword, on the first request whose value can break it.

    What one property asks of another (`dependentRequired`) needs one that has both.
    """
    done = set[str]()
    for carrier, path in _carried(subject, node):
        good = get(carrier.body, path)
        builder = subject.builder
        made = [*changes(node, good), *overlaps(builder, node, good)]
        made += excluded_properties(builder, node, good)
        found = [one for one in made if one.keyword not in done]
        yield from ((carrier, path, one) for one in found)
        done |= {one.keyword for one in found}


def _carried(subject: Subject, node: SchemaNode) -> Iterator[tuple[Carrier, Path]]:
    """The accepted requests that have a value at the node, of the node's own alternative."""
    schema = Schema(pointer=node.pointer, value=node.keywords)
    for carrier in subject.all_carriers():
        # The last of several items: what looks at the first alone is found.
        for path in reversed(list(expand(carrier.body, node.steps, tuple(node.properties)))):
            value = get(carrier.body, path)
            judged = subject.contract.violations(schema, Direction.REQUEST, value)
            if not node.branched or not judged:
                yield carrier, path
                break


def _changer(path: Path, change: ValueFault) -> Callable[[Draft], Draft]:
    return lambda draft: draft.but(body=change.applied(draft.body, path))


def _where(node: SchemaNode) -> str:
    return f"`{node.name}`" if node.name else "the body"
