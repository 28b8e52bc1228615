"""Values that a deployment has to know: a model, a tenant, the id of a thing that is there.

The contract says what they look like, and not which there are. Those of the good request stay in
place while all else varies: a made-up one is refused, whatever stands beside it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from conformance.cases.later_times import is_later
from conformance.cases.opaque_values import is_opaque
from conformance.cases.operation_under_test import Subject
from conformance.clauses.ids import body_prefix, node_clause, parameter_prefix
from conformance.clauses.keyword_sentences import free_keywords
from conformance.clauses.schema_nodes import SchemaNode, root_node
from conformance.clauses.value_paths import DROP, Path, expand, get, put
from conformance.http.request_drafts import NOTHING
from conformance.report.codes.finding_code import FindingCode
from conformance.run.places.evidence import Ledger
from spec.schemas.string_formats import STRING_FORMATS

__all__ = ["KnownValues", "known_values"]


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownValues:
    """The places of a body with their good values, and the parameters, that stay as they are.

    Objects that are `closed` were seen refused for an unknown property, and get no other one.
    """

    body: tuple[tuple[SchemaNode, Any], ...] = ()
    parameters: frozenset[tuple[str, str]] = frozenset()
    closed: tuple[SchemaNode, ...] = ()

    def kept(self, subject: Subject, body: Any) -> Any:
        """The body with the known values in place; unchanged where that would change its worth."""
        wire = subject.wire
        if wire is None or body is NOTHING:
            return body
        kept = self._without_unknown(body)
        for node, value in self.body:
            for path in reversed(list(expand(kept, node.steps, tuple(node.properties)))):
                kept = put(kept, path, value)
        # An invalid body must stay invalid: a good value may have mended it.
        same = wire.valid(subject.builder, kept) is wire.valid(subject.builder, body)
        return kept if same else body

    def _without_unknown(self, body: Any) -> Any:
        for node in self.closed:
            for path in list(expand(body, node.steps, tuple(node.properties))):
                value = get(body, path)
                if isinstance(value, dict):
                    declared = {key: one for key, one in value.items() if key in node.properties}
                    body = put(body, path, declared)
        return body

    def with_path(self, subject: Subject) -> KnownValues:
        """What the path names stays too, once another name was seen to lead nowhere."""
        if not _varies(subject):
            return self
        names = {("path", name) for name in subject.control.segments}
        return replace(self, parameters=self.parameters | names)


def known_values(subject: Subject, ledger: Ledger, *, given: bool) -> KnownValues:
    """What stays: where every other value was refused, or none was tried beside a `given` one.

    `given` says that the good request is the caller's own.
    """
    others = subject.operation.inputs
    found = frozenset(
        (one.location, one.name)
        for one in others
        if (node := root_node(subject.contract, one.value_schema)) is not None
        and _stays(
            _free(subject, parameter_prefix(one.location, one.name), node),
            node,
            ledger,
            given=given,
            in_path=one.location == "path",
        )
    )
    kept = found if _varies(subject) else frozenset[tuple[str, str]]()
    return KnownValues(
        body=tuple(_in_body(subject, ledger, given=given)),
        parameters=kept,
        closed=tuple(_closed(subject, ledger)),
    )


def _closed(subject: Subject, ledger: Ledger) -> Iterator[SchemaNode]:
    """The objects of the body that were refused for an unknown property which nothing forbids."""
    wire = subject.wire
    if wire is None:
        return
    for node in wire.nodes():
        clause = subject.id(node_clause(body_prefix(wire.name), node.name, "unknown"))
        if ledger.accused(clause, FindingCode.REFUSED_VALID):
            yield node


def _varies(subject: Subject) -> bool:
    """Whether anything but the path can vary."""
    inputs = subject.operation.inputs
    return subject.wire is not None or any(one.location != "path" for one in inputs)


def _in_body(subject: Subject, ledger: Ledger, *, given: bool) -> Iterator[tuple[SchemaNode, Any]]:
    """The known values; also the name that the path has for what the body describes."""
    wire, named = subject.wire, set(subject.control.segments.values())
    for node in wire.nodes() if wire is not None else ():
        clauses = _free(subject, body_prefix(wire.name), node) if wire else []
        paths: list[Path] = list(expand(subject.control.body, node.steps, tuple(node.properties)))
        if not paths and _has_unknown_format(node):
            # Made up it would be refused, and rightly so.
            yield node, DROP
        if not paths or not node.steps:
            continue
        value = get(subject.control.body, paths[0])
        own = given and is_opaque((node,), value)
        stays = isinstance(value, (str, int)) and _stays(clauses, node, ledger, given=own)
        # A generated time is mostly over: where the good one had to lie ahead, it stays.
        if stays or is_later(value) or (isinstance(value, str) and value in named):
            yield node, value


def _has_unknown_format(node: SchemaNode) -> bool:
    """Whether a text has to be of a form that no standard of JSON Schema or OpenAPI describes."""
    form = node.keywords.get("format")
    return node.types == ("string",) and isinstance(form, str) and form not in STRING_FORMATS


def _free(subject: Subject, prefix: str, node: SchemaNode) -> list[str]:
    """The clauses of the values that nothing forbids at a node."""
    return [subject.id(node_clause(prefix, node.name, one)) for one in free_keywords(node)]


def _stays(
    clauses: Sequence[str], node: SchemaNode, ledger: Ledger, *, given: bool, in_path: bool = False
) -> bool:
    """Whether another value than the good one was refused, or may be for all that was seen."""
    if not node.typed or node.types[0] not in ("string", "integer") or node.discriminates:
        return False
    if _has_unknown_format(node):
        return True
    # Another value was accepted: nothing has to be known.
    held = any(ledger.seen_held(one, refusal=False) for one in clauses)
    doubted = any(map(ledger.doubted, clauses))
    # The good value of a path written otherwise is accepted, and says nothing of other values.
    if held and not (in_path and doubted):
        return False
    if {"enum", "const"} & node.keywords.keys() or not (clauses or given):
        return False
    return doubted or given
