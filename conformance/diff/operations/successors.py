"""Which operations of NEW answer the requests of an operation of OLD."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import islice, product
from typing import Any

from conformance.messages.disallowed import path_refusal
from conformance.messages.operation_finder import addresses, operations_of
from conformance.messages.request_values import RequestValues, smallest_request
from conformance.messages.writing import request_of
from spec import Contract, Direction, Operation, SpecError
from spec.model.path_templates import template_names, template_shape

__all__ = ["Successor", "Successors"]

MOST_PATHS = 100
"""Concrete paths of one template that are looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Successor:
    """An operation of NEW, and for which values of the path's names it answers.

    `values` is empty where it answers for all of them. Without an operation, nothing answers.
    """

    operation: Operation | None
    values: Mapping[str, Any] = field(default_factory=dict)


class Successors:
    """Finds them by path, by address (server and path together), and by what a path matches."""

    def __init__(self, old: Contract, new: Contract) -> None:
        self._old, self._new = old, new
        self._by_path = {(one.method, template_shape(one.path)): one for one in new.operations}
        self._by_address = {
            (one.method, address): one for one in new.operations for address in addresses(one)
        }
        known = {(one.method, template_shape(one.path)) for one in old.operations}
        self._added: dict[tuple[str, int], list[Operation]] = {}
        for one in new.operations:
            if (one.method, template_shape(one.path)) not in known:
                self._added.setdefault(_shape(one), []).append(one)

    def of(self, operation: Operation) -> Iterator[Successor]:
        """The operation that answers in place of another one; None if there is none."""
        direct = self._direct(operation)
        if direct is not None:
            yield Successor(operation=direct)
            yield from self._in_front(operation, direct)
            return
        calls = list(islice(self._calls(operation), MOST_PATHS))
        found = [(self._matching(call), values) for call, values in calls]
        if len(found) == 1:
            yield Successor(operation=found[0][0])
            return
        missing = [values for after, values in found if after is None]
        if len(missing) == len(found):
            yield Successor(operation=None)
            return
        yield from (Successor(operation=after, values=values) for after, values in found)

    def _direct(self, operation: Operation) -> Operation | None:
        after = self._by_path.get((operation.method, template_shape(operation.path)))
        if after is not None:
            return after
        # A path that moved into the server's URL, or out of it, has the same address.
        at = {self._by_address.get((operation.method, a)) for a in addresses(operation)}
        return at.pop() if len(at) == 1 else None

    def _in_front(self, operation: Operation, direct: Operation) -> Iterator[Successor]:
        """New concrete paths that NEW matches before the template (OpenAPI 3.0.4, 4.8.8.2)."""
        if not template_names(operation.path):
            return
        for other in self._added.get(_shape(operation), ()):
            if other is direct:
                continue
            # It takes requests away only where OLD allowed that value of the template's name.
            values = _values_at(operation.path, other.path)
            if values is not None and self._allows(operation, values):
                yield Successor(operation=other, values=values)

    def _allows(self, operation: Operation, values: Mapping[str, str]) -> bool:
        try:
            call = self._call(operation, values)
            request = request_of(self._old, call)
        except SpecError:
            return False
        found = operations_of(self._old).find(request)
        return (
            found is not None
            and found[0] is operation
            and not path_refusal(self._old, operation, request)
        )

    def _calls(self, operation: Operation) -> Iterator[tuple[RequestValues, Mapping[str, Any]]]:
        """A call for each path that the operation has, where its names have listed values."""
        listed = {
            parameter.name: members
            for parameter in operation.parameters
            if parameter.location == "path" and (members := self._members(parameter)) is not None
        }
        for chosen in product(*listed.values()):
            values = dict(zip(listed, chosen, strict=True))
            try:
                yield self._call(operation, values), values
            except SpecError:
                continue

    def _call(self, operation: Operation, values: Mapping[str, Any]) -> RequestValues:
        return smallest_request(self._old, operation).with_path(values)

    def _members(self, parameter: Any) -> list[Any] | None:
        schema = parameter.value_schema
        if schema is None:
            return None
        standalone = self._old.standalone(schema, Direction.REQUEST)
        if isinstance(standalone.get("$ref"), str):
            resolved = self._old.resolve(schema)
            standalone = self._old.standalone(resolved, Direction.REQUEST)
        if "const" in standalone:
            return [standalone["const"]]
        if isinstance(standalone.get("enum"), list):
            return list(standalone["enum"])
        return [True, False] if standalone.get("type") == "boolean" else None

    def _matching(self, call: RequestValues) -> Operation | None:
        """The operation of NEW that takes a call's path."""
        try:
            request = request_of(self._old, call)
        except SpecError:
            return None
        for base in (call.base_path, *(b for one in self._new.operations for b in one.base_paths)):
            # The server's own path may have moved with the operation's.
            moved = replace(request, target=base + request.target.removeprefix(call.base_path))
            found = operations_of(self._new).find(moved)
            if found is not None:
                return None if path_refusal(self._new, found[0], moved) else found[0]
            if base == call.base_path and any(
                base in one.base_paths for one in self._new.operations
            ):
                return None
        return None


def _shape(operation: Operation) -> tuple[str, int]:
    """The method and the number of segments: what two paths that match have in common."""
    return operation.method, operation.path.count("/")


def _values_at(template: str, path: str) -> dict[str, str] | None:
    """The values of a template's names at another, more concrete path; None where it differs."""
    # With as many names it is a template of its own, and no concrete path of this one.
    if "{" in path and path.count("{") >= template.count("{"):
        return None
    values: dict[str, str] = {}
    ours, theirs = template.split("/"), path.split("/")
    if len(ours) != len(theirs):
        return None
    for one, other in zip(ours, theirs, strict=True):
        if one.startswith("{") and one.endswith("}") and one.count("{") == 1:
            if "{" not in other:
                values[one[1:-1]] = other
        elif template_shape(one) != template_shape(other):
            return None
    return values
