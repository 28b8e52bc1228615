"""What must be accepted: values at the edges, other spellings, callers at once, limits."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from conformance.cases.batches import pack
from conformance.cases.body_edits import has
from conformance.cases.case import Unit, conflict
from conformance.cases.edge_values import Strength
from conformance.cases.edges import edge_units, unknown_units
from conformance.cases.operation_under_test import Subject
from conformance.cases.parameter_units import (
    escaped_units,
    optional_parameter_units,
    parameter_units,
)
from conformance.cases.presence import absence_units, presence_batches, presence_units
from conformance.cases.protocol_cases import accept_cases, media_cases, tolerated_cases
from conformance.cases.spellings import (
    alternative_units,
    body_units,
    limit_units,
    scheme_units,
    spelling_units,
)
from conformance.clauses.kinds import ClauseKind
from conformance.clauses.value_paths import get
from conformance.run.exchanges.concurrent_callers import concurrently, different
from conformance.run.exchanges.repetition import after_bad, repeatedly
from conformance.run.exchanges.sizes import sizes
from conformance.run.generated.properties import invalid_property, valid_property
from conformance.run.sending.prober import Prober
from conformance.run.turns.bisection import try_units
from conformance.run.turns.faults_together import each_alone, faults_together
from conformance.run.turns.oddities_together import oddities_together
from conformance.run.turns.only_known import only_known
from conformance.run.turns.turn import SHARES, WHOLE, OperationTurn

__all__ = ["acceptances", "acceptances_of", "rest"]

REPETITIONS = 25
"""So often the good request is sent again at the end, as far as the budget goes."""
SPELLING, ACCEPT, LIMITS = 4, 1, 4
"""Of 25 successes so many may go to what is no kind of clause."""
LATE = 6
"""Of 25 successes so many are kept for callers at once, media types, `Accept`, limits
and sizes: each shows a kind of fault that nothing before has tried."""
CALLERS = 2
"""Of them so many are for callers at once. What the contract names comes before the
others: a refusal is free, and each success that a fault costs is a finding."""
FIRST = 4
"""Of 25 successes so many go to values at the edges in any case: one shows many clauses."""
FREE = 2
"""Of 25 successes so many go to what no keyword names, unless something is left that one names:
refusals of it are free."""
LIMIT = 1
"""Of 25 successes so many go to the size that the server accepts: the smaller ones tell no more."""
LAST = 1
"""Of 25 successes so many are kept for generated requests."""


async def acceptances(turn: OperationTurn, subject: Subject, bodies: list[Any]) -> None:
    """A share for each kind, then what was left over of each."""
    wants, others = turn.wants, list[Unit]()
    # Limits are a server's: the first operation of a run tries them while there is budget.
    limits_first = wants(ClauseKind.SYNTAX) and turn.prober.session.owes_largest
    spelt = pack(turn.asked(_spellings(turn, subject)))
    if wants(ClauseKind.EDGES):
        with turn.prober.budget.within(
            turn.share(SHARES[ClauseKind.EDGES]),
            reserving=turn.share(LATE),
            least=turn.share(FIRST),
        ):
            # What has several spellings is tried with all but the first along with values.
            others = await _values(turn, subject, bodies, spelt)
    known = await only_known(turn.prober, subject)
    others = [unit for unit in others if unit.clause not in known]
    with turn.prober.budget.within(turn.share(WHOLE), reserving=turn.share(CALLERS + FREE)):
        # One of them is refused, or fails: to know which shows more than another spelling.
        await _told_apart(turn, subject)
    with turn.prober.budget.within(turn.share(SPELLING), reserving=turn.share(LATE - 1)):
        for group in spelt:
            await try_units(turn.prober, subject, subject.control, group)
    if limits_first:
        with turn.prober.budget.within(turn.share(LIMIT), reserving=turn.share(CALLERS)):
            await sizes(turn.prober, subject)
    with turn.prober.budget.within(turn.share(WHOLE), reserving=turn.share(CALLERS + FREE)):
        # What the shares have left over goes to what they did not reach, or could not tell apart.
        await faults_together(turn.prober)
        await turn.prober.probe_unseen(everything=False)
    with turn.prober.budget.within(turn.share(WHOLE), reserving=turn.share(CALLERS)):
        await _finish(turn, subject, others)
    with turn.prober.budget.within(turn.share(FREE), reserving=turn.share(CALLERS)):
        await _others(turn, subject, others)
    if wants(ClauseKind.STEADINESS) and not turn.prober.used_up:
        await _callers(turn, subject)
    if wants(ClauseKind.MEDIA_TYPES):
        odd = [case for case in media_cases(subject) if not case.must_be_refused]
        with turn.prober.budget.within(turn.share(SHARES[ClauseKind.MEDIA_TYPES] + ACCEPT)):
            await oddities_together(turn.prober, [*odd, *accept_cases(subject)])
    if wants(ClauseKind.SYNTAX):
        with turn.prober.budget.within(turn.share(LIMITS), reserving=turn.share(LAST), least=2):
            # First: they cost one success at most, and what is bisected may leave none.
            if not limits_first:
                await sizes(turn.prober, subject)
            await turn.prober.probe(tolerated_cases(subject))
            await turn.units(subject, [*limit_units(subject)], ClauseKind.SYNTAX)
    await turn.prober.probe_unseen(everything=False)
    with turn.prober.budget.within(turn.share(WHOLE), reserving=turn.share(1)):
        # Another kind of fault at a place that has refused one.
        await turn.prober.probe_unspent()
        # Last: what nothing names and nothing forbids is a warning at most.
        await _others(turn, subject, others)
    await only_known(turn.prober, subject)


async def _others(turn: OperationTurn, subject: Subject, units: Iterable[Unit]) -> None:
    """Send what no keyword names, as far as nothing has told of it: many at once."""
    for group in pack(turn.prober.budget.unreached(units)):
        await try_units(turn.prober, subject, subject.control, group)


async def _callers(turn: OperationTurn, subject: Subject) -> None:
    """Callers at once; in turn where one of them did not get its own text back."""
    own = await concurrently(turn.prober, subject, shared=turn.writes)
    # A stored text comes back later, which is no stale answer.
    if not turn.writes and (turn.operation.safe or not own):
        await different(turn.prober, subject)


async def _told_apart(turn: OperationTurn, subject: Subject) -> None:
    """Find out which of the values is refused that failed together when their share ended."""
    prober = turn.prober
    together = [one for one in prober.unfinished if _failed(prober, one[1])]
    prober.unfinished = [one for one in prober.unfinished if not _failed(prober, one[1])]
    for base, units, family in together:
        await try_units(prober, subject, base, units, family)


def _failed(prober: Prober, units: Iterable[Unit]) -> bool:
    """Whether one of the values was refused beside others, and not told apart."""
    return any(unit in prober.suspected for unit in units)


async def _finish(turn: OperationTurn, subject: Subject, others: Iterable[Unit] = ()) -> None:
    """Send what a share did not reach, and tell apart what failed together when it ended."""
    if not turn.prober.budget.left:
        return
    unfinished, turn.prober.unfinished = turn.prober.unfinished, []
    # One success may clear all of a batch: the largest shows most.
    for base, units, family in sorted(unfinished, key=lambda one: -len(one[1])):
        # What is to be told apart is refused: what is refused often would only be in the way.
        failed = _failed(turn.prober, units)
        left = () if failed else turn.prober.budget.unreached(others)
        await try_units(turn.prober, subject, base, pack(left, [units])[0], family)


async def rest(
    turn: OperationTurn, subject: Subject, further: list[Subject], *, steady: bool
) -> None:
    """More of what was seen already, as far as the budget goes."""
    await _finish(turn, subject)
    await faults_together(turn.prober, everything=True)
    await turn.prober.probe_unseen()
    await turn.prober.probe_unspent()
    if turn.wants(ClauseKind.PROPERTIES):
        for one in (subject, *further):
            await valid_property(turn.prober, one)
        for one in further:
            await invalid_property(turn.prober, one)
    await each_alone(turn.prober)
    if steady:
        await after_bad(turn.prober, subject, "everything else", last=True)
        free = turn.operation.safe
        times = REPETITIONS if free else min(REPETITIONS, turn.prober.budget.left)
        if not times:
            turn.prober.budget.skip_clauses([subject.id("steady.repeated")])
        await repeatedly(turn.prober, subject, times)
    await turn.prober.probe_waiting()


def _spellings(turn: OperationTurn, subject: Subject) -> list[Unit]:
    """The same request written otherwise, as far as the families that were asked for go."""
    units = list[Unit]()
    if turn.wants(ClauseKind.CREDENTIALS):
        units += [*alternative_units(subject), *scheme_units(subject)]
    if turn.wants(ClauseKind.SYNTAX) or turn.wants(ClauseKind.MEDIA_TYPES):
        units += spelling_units(subject)
    return units


async def _values(
    turn: OperationTurn, subject: Subject, bodies: list[Any], spelt: list[list[Unit]]
) -> list[Unit]:
    """Values at the edges travel with the batches that show each property by itself.

    Groups of `spelt` travel with them, all but the first, and are taken out of the list. Returns
    what nothing forbids, and nothing names: what was not reached of it is left for later.
    """
    presence = list(presence_units(subject, bodies[0])) if bodies else []
    presence = turn.asked([*presence, *optional_parameter_units(subject)])
    # Each batch would be refused for them again.
    presence = [unit for unit in presence if unit not in turn.prober.convicted]
    absent = turn.asked(absence_units(subject)) if bodies else []
    values = [*edge_units(subject), *parameter_units(subject), *unknown_units(subject)]
    values = turn.asked([*values, *escaped_units(subject)])
    order = list(Strength)
    # What a keyword names proves most, and is sent while there is budget.
    values.sort(key=lambda unit: order.index(unit.strength))
    turn.prober.budget.reach(unit for unit in values if unit.seen)
    batches = list(presence_batches(presence))
    named = [unit for unit in values if unit.strength is Strength.NAMED]
    new, seen = [one for one in named if not one.seen], [one for one in named if one.seen]
    telling = [unit for unit in values if unit.telling]
    others = [unit for unit in values if unit not in named and not unit.telling]
    # What many servers fail at travels with the first batch: the budget may end before the last.
    groups = pack([*telling, *absent], [[] for _ in batches])
    # An empty list may empty the answer, which shows nothing more of what is new then.
    if any(_empties(subject, unit) for unit in telling):
        groups[:1], seen = _filled(groups[:1], seen)
    groups = pack([*new, *seen], groups)
    # From the last one on that is sent in any case: what is refused most often costs what the
    # contract names no success, and further values of one place come later.
    certain = min(turn.share(FIRST), len(groups))
    mixed = pack(others, [*groups[:certain][::-1], *groups[certain:]])
    groups = [*mixed[:certain][::-1], *mixed[certain:]]
    groups = [[*group, *(spelt.pop() if len(spelt) > 1 else ())] for group in groups]
    for present, group in zip(batches, groups, strict=False):
        # A value may need its property: where both are in a batch, the value brings it.
        single = [p for p in present if not any(conflict(p.slot, u.slot) for u in group)]
        await try_units(turn.prober, subject, subject.minimal, [*single, *group])
    for number, group in enumerate(groups[len(batches) :]):
        proves = any(unit.strength is Strength.NAMED or unit.telling for unit in group)
        if proves or not (batches or number):
            await try_units(turn.prober, subject, subject.control, group)
    return [*telling, *others]


def _empties(subject: Subject, unit: Unit) -> bool:
    """Whether a unit puts an empty list into the good request."""
    body, path = unit.apply(subject.control).body, unit.slot[1:]
    return unit.slot[0] == "body" and has(body, path) and get(body, path) == []


def _filled(groups: list[list[Unit]], units: list[Unit]) -> tuple[list[list[Unit]], list[Unit]]:
    """The groups with what fits of the units, and what is left of them."""
    packed = pack(units, groups)
    return packed[: len(groups)], [unit for group in packed[len(groups) :] for unit in group]


async def acceptances_of(turn: OperationTurn, further: Sequence[tuple[Subject, list[Any]]]) -> None:
    """The values at the edges in each further media type, with its fullest bodies."""
    for other, bodies in further:
        with turn.prober.budget.within(turn.share(SHARES[ClauseKind.EDGES])):
            others = await _values(turn, other, bodies, [])
            await turn.units(other, [*body_units(other)], ClauseKind.EDGES)
            await turn.units(other, [*limit_units(other)], ClauseKind.SYNTAX)
            await _others(turn, other, others)
