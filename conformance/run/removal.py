"""What a run made is removed when it ends; what stays behind is told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from conformance.cases.controls import candidates
from conformance.run.run_options import RunOptions
from conformance.run.session import Session, TimeIsUpError
from conformance.run.things import Thing
from spec import Contract
from spec.contract.resource_paths import collection_of
from spec.model.contract_model import Operation

__all__ = ["left_behind", "remove"]


async def remove(session: Session, contract: Contract, options: RunOptions) -> None:
    """Send a DELETE for each thing that the run made and that is still there.

    Things below others come first. Ends early where no time is left.
    """
    removers = _removers(contract, options)
    try:
        for thing in session.things.standing():
            if thing.collection in removers and session.things.is_there(thing):
                await _remove(session, contract, options, removers[thing.collection], thing)
    except TimeIsUpError:
        return


def left_behind(session: Session, contract: Contract, options: RunOptions) -> Iterator[str]:
    """A sentence for each collection with things of this run that are still there."""
    removers = _removers(contract, options)
    standing = session.things.standing()
    for collection, number in Counter(one.collection for one in standing).items():
        shown = [session.things.path(one) for one in standing if one.collection == collection]
        why = (
            f"{removers[collection].id} did not remove them"
            if collection in removers
            else "no operation that was selected removes them"
        )
        more = f" and {number - 3} more" if number > 3 else ""
        yield f"left behind by this run: {', '.join(shown[:3])}{more}; {why}"


def _removers(contract: Contract, options: RunOptions) -> dict[str, Operation]:
    found = dict[str, Operation]()
    for operation in contract.operations:
        collection = collection_of(operation.path)
        if collection is not None and operation.method == "DELETE" and options.wants(operation):
            found.setdefault(collection, operation)
    return found


async def _remove(
    session: Session, contract: Contract, options: RunOptions, remover: Operation, thing: Thing
) -> None:
    given = options.examples.get(remover.id)
    made = candidates(contract, remover, options.credentials, *([given] if given else []))
    draft = next(iter(made), None)
    if draft is None:
        return
    request = session.things.about(remover, draft, thing).request()
    answer = await session.send(remover.id, request, authorized=bool(draft.credential.schemes))
    session.things.see(remover, request, answer)
