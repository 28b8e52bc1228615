"""What else speaks for or against what a list shows: other requests about the same thing.

A list need not show everything, and may show what is deleted; a stub shows the same at all times.
"""

from __future__ import annotations

from dataclasses import replace
from enum import Enum

from conformance.cases.never_issued import of_nobody
from conformance.clauses.bulk_removals import own_collection
from conformance.clauses.clause import Verdict
from conformance.clauses.collection_operations import last_name
from conformance.http.exchange import Answer, Request
from conformance.judgement import Observation
from conformance.judgement.observation import broken, held
from conformance.judgement.states import GONE, Presence, Reading
from conformance.report.codes.finding_code import FindingCode
from conformance.run.making.providing import makers_for, provide
from conformance.run.sending.prober import Prober
from conformance.run.state.reading_back import BackReader
from conformance.run.things.item_placement import about
from conformance.run.things.named_things import Thing
from spec.model.contract_model import Operation

__all__ = ["Testimony", "fails_for_nobody", "is_found", "is_gone", "shows_new"]


class Testimony(Enum):
    """What the answer of another operation says of a thing."""

    THERE = "it is there"
    GONE = "it is not there"
    NOTHING = "nothing"


async def is_found(prober: Prober, remover: Operation, thing: Thing) -> Testimony:
    """Whether a DELETE finds what was created; it is removed by that."""
    session = prober.session
    contract, options = session.contract, session.options
    draft = session.first_draft(remover)
    if draft is None or options.excludes(remover):
        return Testimony.NOTHING
    secured = bool(draft.credential.schemes)

    async def status(request: Request) -> int:
        return (await session.send(remover.id, request, authorized=secured)).status

    found = await status(about(remover, draft, thing).request())
    if found in GONE:
        return Testimony.GONE
    # Who says the same of an id that nobody has looks nothing up.
    nobody = about(remover, of_nobody(contract, remover, draft), replace(thing, ids=thing.parents))
    issued = nobody.segments.get(last_name(remover)) == draft.segments.get(last_name(remover))
    looks_up = 200 <= found < 300 and not issued and await status(nobody.request()) in GONE
    return Testimony.THERE if looks_up else Testimony.NOTHING


async def is_gone(prober: Prober, operation: Operation, request: Request) -> bool:
    """Whether a second DELETE of the same thing says that it is gone."""
    secured = operation.secured
    answer = await prober.session.send(operation.id, request, authorized=secured)
    return answer.status in GONE


async def fails_for_nobody(
    prober: Prober, operation: Operation, reader: BackReader, request: Request
) -> bool:
    """Whether reading what nobody has fails: what is not there any more fails for that alone.

    `request` of the `operation` has deleted the thing that it is about, or renamed it.
    """
    thing = prober.session.things.named(operation, request)
    if thing is None:
        return False
    draft = of_nobody(prober.session.contract, reader.operation, reader.draft)
    nobody = about(reader.operation, draft, replace(thing, ids=thing.parents))
    return (await reader.answer(nobody.request())).status >= 500


async def shows_new(
    prober: Prober, operation: Operation, reader: BackReader, seen: Reading
) -> bool:
    """Whether the list shows one more thing that is made now: it is no canned answer then.

    `seen` is what finds the thing of the `operation` in it.
    """
    session, things = prober.session, prober.session.things
    own = own_collection(things.contract, operation)
    sought = seen.sought
    # What has an id that this run has invented stands in no answer that was made before.
    if sought is None or any(
        one.collection == own and one.ids[-1] == sought.id for one in things.coined
    ):
        return True
    if not makers_for(things.contract, session.options, operation):
        return await _is_refused_for_nobody(prober, operation)
    known = set(things.made)
    await provide(session, operation, more=True)
    new = next((one for one in things.made if one not in known and one.collection == own), None)
    if new is None:
        return False
    other = replace(seen, sought=replace(sought, id=new.ids[-1]))

    def judge(answer: Answer) -> Observation:
        if other.sighting(answer).presence is Presence.THERE:
            return held(seen.clause)
        return broken(seen.clause, FindingCode.LOST_CREATION, expected="the new item", got="")

    _, found = await reader.settled(reader.of(new), judge)
    return found.verdict is Verdict.HELD


async def _is_refused_for_nobody(prober: Prober, operation: Operation) -> bool:
    """Whether the same change of a thing that nobody has is refused.

    Where the contract names all things there are (an enum), none is nobody's: what it names is
    looked up, as a setting is.
    """
    contract, draft = prober.session.contract, prober.control.draft
    if draft is None:
        return False
    nobody = of_nobody(contract, operation, draft)
    if nobody.segments == draft.segments:
        return True
    secured = bool(draft.credential.schemes)
    answer = await prober.session.send(operation.id, nobody.request(), authorized=secured)
    return answer.status in GONE
