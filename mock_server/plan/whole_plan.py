"""The plan of a mock: every operation of its contracts, by the id that Connexion knows it by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from mock_server.answers.replies import Unserved
from mock_server.checks.credential_checks import compile_security
from mock_server.model.definitions import Samples
from mock_server.model.mock_settings import Settings
from mock_server.plan.joining import Clash, Joined, joined_operations
from mock_server.plan.operation_plan import OperationPlan
from mock_server.plan.shelf import Shelf
from spec import Contract
from spec.model.http_methods import HTTP_METHODS

__all__ = ["Plan", "make_plan"]

_METHODS_OF_CONNEXION = frozenset(one.name for one in HTTP_METHODS if one.since == "3.0")
"""Connexion knows those of OpenAPI 3.0. An operation of another one has a path of its own there,
by which it gets into every middleware; it is routed by its own path and method."""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """All operations of the contracts, by the ids under which Connexion knows them."""

    contracts: tuple[Contract, ...]
    settings: Settings
    operations: Mapping[str, OperationPlan]
    clashes: tuple[Clash, ...] = ()

    @property
    def contract(self) -> Contract:
        """The only contract, or the first one."""
        return self.contracts[0]

    @property
    def unserved(self) -> tuple[Unserved, ...]:
        """What was found so far that the contract documents and nothing can be answered with."""
        return tuple(one for plan in self.operations.values() for one in plan.unserved)

    @cached_property
    def connexion_document(self) -> dict[str, Any]:
        """The OpenAPI 3.0 document for Connexion: routes and operation ids, and nothing else."""
        paths: dict[str, Any] = {}
        for operation_id, plan in self.operations.items():
            path, method = plan.operation.path, plan.operation.method.lower()
            # An operation that Connexion has no place for gets one of its own, under its id.
            is_taken = method in paths.get(path, ())  # by another contract, on another server
            if is_taken or plan.operation.method not in _METHODS_OF_CONNEXION:
                path, method = f"/{operation_id}", "post"
            paths.setdefault(path, {})[method] = {
                "operationId": operation_id,
                "responses": {"default": {"description": plan.id}},
            }
        return {
            "openapi": "3.0.3",
            "info": {"title": self.contract.title, "version": self.contract.version or "0"},
            "paths": paths,
        }


def make_plan(contracts: Sequence[Contract], settings: Settings) -> Plan:
    """Plan contracts; what one operation alone needs is made when it is first asked for."""
    samples = {id(contract): Samples(contract) for contract in contracts}
    operations, clashes = joined_operations(contracts)
    shelf = Shelf()
    # Numbers, not the contract's operationIds: those may be missing, or be there twice.
    keyed = [(f"operation-{number}", one) for number, one in enumerate(operations)]
    return Plan(
        contracts=tuple(contracts),
        settings=settings,
        operations={
            key: _planned(key, one, settings, samples[id(one.contract)], shelf)
            for key, one in keyed
        },
        clashes=clashes,
    )


def _planned(
    key: str, one: Joined, settings: Settings, samples: Samples, shelf: Shelf
) -> OperationPlan:
    contract, operation = one.contract, one.operation
    return OperationPlan(
        key=key,
        id=one.name,
        at_root=one.at_root,
        operation=operation,
        contract=contract,
        settings=settings,
        realm=contract.title,
        security=compile_security(operation.security, contract.security_schemes, settings.auth),
        samples=samples,
        shelf=shelf,
    )
