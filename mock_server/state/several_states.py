"""State of several contracts that have paths in common: what belongs to one is not another's."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from mock_server.model.state_store import StateStore, StoredDocument
from mock_server.plan.operation_plan import OperationPlan
from mock_server.plan.selection import RoutedRequest
from mock_server.plan.whole_plan import Plan
from mock_server.state.resources import Role
from mock_server.state.state_answers import StateAnswers
from mock_server.state.stating import Stated

__all__ = ["state_answers"]


def state_answers(plan: Plan, store: StateStore) -> StateAnswers:
    """The answers from state for a plan.

    Contracts whose paths do not meet have their resources in common: one may create what another
    reads. Where a path is in two of them, at different servers, each keeps its own.
    """
    if all(one.at_root for one in plan.operations.values()):
        return StateAnswers(plan, store)
    return _SeveralStates(plan, store)


class _SeveralStates(StateAnswers):
    """The answers of each contract, from a part of the store."""

    def __init__(self, plan: Plan, store: StateStore) -> None:
        self._states = {
            id(contract): StateAnswers(_part(plan, number), _PrefixedStore(store, f"//{number}"))
            for number, contract in enumerate(plan.contracts)
        }

    def role(self, operation: OperationPlan) -> Role | None:
        """What an operation does."""
        return self._states[id(operation.contract)].role(operation)

    async def answer(self, request: RoutedRequest, role: Role) -> Stated:
        """Answer a request that its contract allows. Raises Refused."""
        return await self._states[id(request.operation.contract)].answer(request, role)


def _part(plan: Plan, number: int) -> Plan:
    """The plan of one of the contracts."""
    contract = plan.contracts[number]
    own = {key: one for key, one in plan.operations.items() if one.contract is contract}
    return replace(plan, contracts=(contract,), operations=own)


class _PrefixedStore:
    """A StateStore whose collections have a name of their own in another one."""

    def __init__(self, store: StateStore, prefix: str) -> None:
        self._store, self._prefix = store, prefix

    async def get(self, key: str, collection: str, id_: str) -> StoredDocument | None:
        """The document of an id."""
        return await self._store.get(key, self._prefix + collection, id_)

    async def put(
        self, key: str, collection: str, id_: str, value: Any, *, version: int | None = None
    ) -> StoredDocument | None:
        """Write a document."""
        return await self._store.put(key, self._prefix + collection, id_, value, version=version)

    async def delete(
        self, key: str, collection: str, id_: str, *, version: int | None = None
    ) -> bool:
        """Remove a document."""
        return await self._store.delete(key, self._prefix + collection, id_, version=version)

    async def documents(self, key: str, collection: str) -> list[StoredDocument]:
        """The documents of a collection."""
        return await self._store.documents(key, self._prefix + collection)

    async def number(self, key: str, collection: str) -> int:
        """A number that was not given out before."""
        return await self._store.number(key, self._prefix + collection)

    def clear(self, key: str | None = None, *, under: str = "") -> None:
        """Forget what is under a path of this part."""
        self._store.clear(key, under=self._prefix + under)
