"""OLD against NEW: operation by operation, part by part."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from conformance.diff.cuts.identity import Identity
from conformance.diff.model.announced import Announcements
from conformance.diff.model.change import Change
from conformance.diff.model.matched import Matched
from conformance.diff.operations.document_uri import uri_changes
from conformance.diff.operations.operation_changes import added, described, removed, taken_over
from conformance.diff.operations.outgoing import outgoing_changes
from conformance.diff.operations.removals import as_announced
from conformance.diff.operations.security import security_changes
from conformance.diff.operations.served_addresses import served_changes
from conformance.diff.operations.successors import Successors
from conformance.diff.operations.uncompared import uncompared_changes
from conformance.diff.parts.request_bodies import body_changes
from conformance.diff.parts.request_parameters import parameter_changes
from conformance.diff.parts.responses import response_changes
from conformance.diff.schemas.schema_comparison import Pair, SchemaComparison
from conformance.diff.versions import version_changes
from conformance.messages.operation_finder import addresses
from spec import Contract, Operation
from spec.model.path_templates import template_shape

__all__ = ["changes"]


def changes(
    old: Contract, new: Contract, announcements: Announcements | None = None
) -> Iterator[Change]:
    """Every difference between what two contracts allow and promise.

    `announcements` says which removals were announced, and are notes.
    """
    announced = announcements or Announcements()
    identity = Identity(old.document, new.document)
    comparison = _Comparison(old, new, identity)
    for change in (*comparison.changes(), *outgoing_changes(old, new, _outgoing)):
        yield as_announced(change, announced)
    yield from version_changes(old, new)
    yield from uri_changes(old, new)


def _outgoing(old: Contract, new: Contract) -> Iterator[Change]:
    return _Comparison(old, new, Identity(old.document, new.document), reverse=True).changes()


class _Comparison:
    """The comparison of two contracts, operation by operation."""

    def __init__(
        self, old: Contract, new: Contract, identity: Identity, *, reverse: bool = False
    ) -> None:
        self.old, self.new, self.identity = old, new, identity
        pair = Pair(old=old, new=new, identity=identity, reverse=reverse)
        self.schemas = SchemaComparison(pair)
        self.successors = Successors(old, new)
        self._answered = {(one.method, template_shape(one.path)) for one in new.operations}

    def changes(self) -> Iterator[Change]:
        followed: set[str] = set()
        for operation in self.old.operations:
            for successor in self.successors.of(operation):
                if successor.operation is None:
                    yield removed(self.old, self.new, operation, successor.values)
                    continue
                # A new concrete path in front of a template is an addition as well.
                if not (successor.values and self._is_direct(operation)):
                    followed.add(successor.operation.id)
                yield from self._succeeded(operation, successor.operation, successor.values)
        for operation in self.new.operations:
            if operation.id not in followed:
                yield added(operation)

    def _is_direct(self, operation: Operation) -> bool:
        """Whether a template still answers, so that what is before it is new."""
        return (operation.method, template_shape(operation.path)) in self._answered

    def _succeeded(
        self, operation: Operation, after: Operation, values: Mapping[str, Any]
    ) -> Iterator[Change]:
        matched = Matched(old=self.old, new=self.new, before=operation, after=after, fixed=values)
        found = self._matched(matched)
        if not values:
            if not _is_same_path(operation, after):
                yield taken_over(operation, after)
            yield from found
            return
        path = after.path
        for change in found:
            # With the path: the successors of one operation may share a part and differ in it.
            yield replace(
                change, part=f"{change.part} at {path}", what=f"{change.what} (at {path})"
            )

    def _matched(self, matched: Matched) -> Iterator[Change]:
        if not matched.fixed:
            yield from described(matched)
        if not matched.fixed and _is_same_path(matched.before, matched.after):
            yield from served_changes(matched)
        yield from security_changes(matched)
        yield from parameter_changes(matched, self.schemas)
        yield from body_changes(matched, self.schemas)
        yield from response_changes(matched, self.schemas)
        if not matched.fixed:
            yield from uncompared_changes(matched, self.identity)


def _is_same_path(before: Operation, after: Operation) -> bool:
    """Whether two operations are the same one by their path or their address."""
    return template_shape(before.path) == template_shape(after.path) or bool(
        addresses(before).keys() & addresses(after).keys()
    )
