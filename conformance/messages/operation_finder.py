"""Which operation of a contract a request means."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from conformance.http.exchange import Request
from spec import Contract, Operation
from spec.model.path_templates import TEMPLATE, has_fields, query_fields, template_shape

__all__ = ["OperationFinder", "addresses", "operations_of"]


@dataclass(frozen=True, slots=True)
class OperationFinder:
    """Finds the operation that a request means. Made once for a contract."""

    contract: Contract
    routes: Mapping[tuple[str, int], tuple[tuple[re.Pattern[str], Operation], ...]]

    @classmethod
    def of(cls, contract: Contract) -> OperationFinder:
        """The routes of a contract, concrete paths before templated ones (OpenAPI 4.7.8).

        Of those that a query in the path tells apart, the one that asks for most comes first.
        """
        routes: dict[tuple[str, int], list[tuple[re.Pattern[str], Operation]]] = {}
        # The number of slashes is part of the key, so that few patterns are tried for a request.
        ordered = sorted(contract.operations, key=lambda one: -len(query_fields(one.path_query)))
        for operation in sorted(ordered, key=lambda one: one.bare_path.count("{")):
            for base in operation.base_paths:
                path = base + operation.bare_path
                found = routes.setdefault((operation.method, path.count("/")), [])
                found.append((_template(path), operation))
        return cls(contract, {key: tuple(found) for key, found in routes.items()})

    def find(self, request: Request) -> tuple[Operation, tuple[str, ...]] | None:
        """The operation and the raw values of its path's names, in the path's order."""
        path, _, query = request.target.partition("?")
        for pattern, operation in self.routes.get((request.method, path.count("/")), ()):
            found = pattern.fullmatch(path)
            asked = operation.path_query
            if found and (not asked or has_fields(query_fields(query), query_fields(asked))):
                return operation, found.groups()
        return None


@lru_cache(maxsize=8)
def operations_of(contract: Contract) -> OperationFinder:
    """The finder of a contract's operations, kept for the next question."""
    return OperationFinder.of(contract)


def _template(path: str) -> re.Pattern[str]:
    parts = TEMPLATE.split(path)
    # `split` with a group gives literals and names in turn.
    literal = (re.escape(part) if i % 2 == 0 else "([^/]+)" for i, part in enumerate(parts))
    return re.compile("".join(literal))


def addresses(operation: Operation) -> dict[str, str]:
    """Where the operation is served, from the address to the base path before it."""
    return {base + template_shape(operation.path): base for base in operation.base_paths}
