"""Things that a request needs and the run does not have: made by what the contract has for it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from itertools import islice
from typing import Any

from conformance.cases.controls import candidates
from conformance.cases.operation_under_test import Subject
from conformance.cases.valid_values import Builder
from conformance.http.request_drafts import NOTHING, Draft
from conformance.run.fresh_values import FreshValues
from conformance.run.run_options import RunOptions
from conformance.run.session import Session
from spec import Contract
from spec.contract.resource_paths import collection_of, collections_in
from spec.model.contract_model import Operation

__all__ = ["gives_path", "provide"]

CANDIDATES = 2
"""So many good requests are tried to make a thing, each with new values where it is refused."""


def gives_path(given: Any) -> bool:
    """Whether the caller's example says what the path is to name."""
    return isinstance(given, Mapping) and "path" in given


async def provide(session: Session, contract: Contract, operation: Operation) -> None:
    """Make one more thing for the path of an operation, and what it belongs to where it has none.

    Nothing is made without leave to write, nor by an operation that was excluded.
    """
    options = session.options
    own, things = collection_of(operation.path), session.things
    if not options.allow_writes or options.max_billable == 0:
        return
    for collection in collections_in(operation.path):
        maker = things.resources.makers.get(collection)
        needed = collection == own and operation.method == "DELETE"
        if maker is None or (things.has(collection) and not needed):
            continue
        if not _may(contract, options, maker) or not await _make(session, contract, maker):
            return


async def _make(session: Session, contract: Contract, maker: Operation) -> bool:
    async for draft in _drafts(session, contract, maker):
        request = draft.request()
        secured = bool(draft.credential.schemes)
        answer = await session.send(maker.id, request, authorized=secured)
        if answer.success:
            return True
    return False


async def _drafts(session: Session, contract: Contract, maker: Operation) -> AsyncIterator[Draft]:
    options = session.options
    given = options.examples.get(maker.id, NOTHING)
    for draft in islice(candidates(contract, maker, options.credentials, given), CANDIDATES):
        placed = session.things.placed(maker, draft, body=given is NOTHING) or draft
        subject = Subject(
            contract=contract,
            operation=maker,
            credentials=options.credentials,
            control=placed,
            builder=Builder(contract=contract),
        )
        fresh = FreshValues.of(subject)
        if fresh is not None:
            yield fresh.renewed(placed)
        yield placed


def _may(contract: Contract, options: RunOptions, maker: Operation) -> bool:
    given = options.credentials
    has_credential = not maker.secured or bool(given.alternatives(contract, maker))
    return has_credential and not options.excludes(maker)
