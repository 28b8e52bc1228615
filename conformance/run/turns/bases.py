"""The base requests for faults and edges; each was accepted, unchanged, in this run."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain, zip_longest
from typing import Any

from conformance.cases.batches import batch, pack
from conformance.cases.body_edits import has
from conformance.cases.case import Unit
from conformance.cases.operation_under_test import Carrier, Subject
from conformance.cases.parameter_units import optional_parameter_units, parameter_removal_units
from conformance.cases.presence import (
    alternative_units,
    inner_presence,
    other_presence,
    presence_units,
    removal_units,
)
from conformance.http.request_drafts import Draft
from conformance.run.sending.prober import Prober
from conformance.run.turns.bisection import try_units

__all__ = ["grown", "reduced"]


async def reduced(prober: Prober, subject: Subject) -> Subject:
    """The operation with its smallest request: the control without every part that may be left out.

    An optional part that the deployment demands is one finding, and stays in every request.
    """
    units = [*removal_units(subject), *parameter_removal_units(subject)]
    least = await _settled(prober, subject, subject.control, units)
    return subject if least is subject.control else subject.but(least=least)


async def grown(prober: Prober, subject: Subject, bodies: Sequence[Any]) -> Subject:
    """The subject with its carriers: the control with all that was accepted in addition.

    `bodies` are the fullest ones by the contract, one for each alternative of the schema.
    """
    units = list(presence_units(subject, bodies[0])) if bodies else []
    units += optional_parameter_units(subject)
    if not units and not bodies:
        return subject
    tried = await try_units(prober, subject, subject.control, units)
    kept = [unit for unit in units if unit not in (*tried.refused, *tried.left_out)]
    found = await _together(prober, subject, kept) or [subject.control]
    # What excludes another one is carried by itself.
    for unit in tried.left_out:
        found += await _together(prober, subject, [unit])
    # Alternatives exclude each other: each is a carrier of its own.
    others = list(alternative_units(subject, found[0].body, bodies)) if bodies else []
    for group in pack(others):
        other = await _settled(prober, subject, found[0], group)
        found += [other] if other is not found[0] else []
    # After them: another value of a property costs a success, and shows less than what none has.
    if bodies and tried.refused:
        found[0] = await _with_other_values(prober, subject, found[0], units, bodies[0])
    carriers = [Carrier(draft=one) for one in found]
    _excuse_inside(prober, [one.body for one in carriers], units)
    return subject.but(carriers=tuple(carriers))


def _excuse_inside(prober: Prober, bodies: Sequence[Any], units: Sequence[Unit]) -> None:
    """Say of what is inside of a property that no accepted body has why it is not tried."""
    for unit in units:
        held = any(has(body, unit.slot[1:]) for body in bodies)
        if unit in prober.convicted and unit.slot[0] == "body" and not held:
            part = unit.clause.removesuffix("optional")
            inside = (
                one for one in prober.ledger.clauses if one.startswith((part, f"{part[:-1]}["))
            )
            why = f"it is inside of what was refused, whatever else was sent: {unit.label}"
            prober.ledger.excuse_clauses(inside, why)


async def _with_other_values(
    prober: Prober, subject: Subject, base: Draft, units: Sequence[Unit], full: Any
) -> Draft:
    """The base with properties that were refused with one value and are accepted with another.

    What is told of a property, and what follows from it, must not hang on one value. Where it is
    accepted without what is optional in it, that is added again, to find what was refused.
    """
    refused = [unit for unit in units if unit in prober.convicted]
    # One other value of each at once: each success shows all of them.
    for others in zip_longest(*(other_presence(subject, unit, full) for unit in refused)):
        new = [one for one in others if one and not has(base.body, one.slot[1:])]
        base = await _settled(prober, subject, base, new)
    more = (inner_presence(subject, unit, base.body, full) for unit in refused)
    return await _settled(prober, subject, base, list(chain.from_iterable(more)))


async def _settled(prober: Prober, subject: Subject, base: Draft, units: Sequence[Unit]) -> Draft:
    """The base with all the units that are accepted; the base itself where that is refused."""
    tried = await try_units(prober, subject, base, units)
    kept = [unit for unit in units if unit not in (*tried.refused, *tried.left_out)]
    if not kept:
        return base
    draft = batch(subject, base, kept).draft
    assert draft is not None
    # Each part was accepted, all of them together perhaps not.
    return draft if await prober.is_good(subject, draft) else base


async def _together(prober: Prober, subject: Subject, units: Sequence[Unit]) -> list[Draft]:
    """The control with all the units; with a part of them each, where some exclude each other."""
    if not units:
        return []
    draft = batch(subject, subject.control, units).draft
    assert draft is not None
    if await prober.is_good(subject, draft):
        return [draft]
    if len(units) == 1:
        return []
    half = len(units) // 2
    first = await _together(prober, subject, units[:half])
    return [*first, *await _together(prober, subject, units[half:])]
