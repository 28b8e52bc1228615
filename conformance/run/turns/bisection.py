"""Edges are sent together; if the request is refused, the smallest edge that causes it is found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from conformance.cases.batches import batch, without
from conformance.cases.body_edits import has
from conformance.cases.case import Case, Unit, conflict, lies_in
from conformance.cases.edge_values import Strength
from conformance.cases.operation_under_test import Subject
from conformance.clauses.kinds import ClauseKind
from conformance.http.exchange import Answer
from conformance.http.methods import is_safe
from conformance.http.request_drafts import Draft
from conformance.judgement.observation import inconclusive
from conformance.report.codes.finding_code import FindingCode
from conformance.run.sending.prober import Prober
from conformance.run.sending.suspicion import TOO_LARGE, is_any, likeliest_first

__all__ = ["Tried", "try_units"]

Slot: TypeAlias = tuple[str | int, ...]

PAIR = 2
"""Good values that exclude each other: of so many one is left out, and more are tried by halves."""
MOST_ASIDE = 3
"""Values that wait until a good request is accepted again: it may be that none is any more."""


async def try_units(
    prober: Prober,
    subject: Subject,
    base: Draft,
    units: Sequence[Unit],
    family: ClauseKind = ClauseKind.EDGES,
) -> Tried:
    """Send the units together on an accepted base; where they are refused, find out which it is.

    Where the budget ends before they are told apart, the finding says "one of", and their clauses
    stay inconclusive.
    """
    trial = _PartTrial(prober=prober, subject=subject, base=base, family=family)
    refused = await trial.whole(list(units)) if units else []
    for case, answer in trial.lengths:
        await trial.smallest(case, answer)
    return Tried(refused=refused, left_out=trial.left_out)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """What became of units that were sent together.

    Those that are `refused`, or may be; those that were `left_out` are accepted by themselves, and
    refused beside another one.
    """

    refused: list[Unit]
    left_out: list[Unit]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """Suspects, `alone` where one fails by itself, and what was accepted meanwhile.

    `exclusive`: they are accepted in parts, and only together they are refused. `early`: a suspect
    is not yet sent by itself. `instead` is what is still to be sent for the clause of a suspect,
    since it failed for another one.
    """

    suspects: list[Unit]
    cleared: list[Unit]
    alone: bool
    exclusive: bool = False
    early: bool = False
    instead: Unit | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _PartTrial:
    """Units on their way to a verdict.

    `lengths` are texts that were refused: at which length they are accepted costs a success, and
    comes last.
    """

    prober: Prober
    subject: Subject
    base: Draft
    family: ClauseKind
    left_out: list[Unit] = field(default_factory=list)
    lengths: list[tuple[Case, Answer]] = field(default_factory=list)
    accepted: set[frozenset[int]] = field(default_factory=set)

    async def whole(self, units: list[Unit]) -> list[Unit]:
        """The culprits: found one by one, and what is left then is sent together again.

        A trial that fails is free; each that is accepted costs, and clears all that is in it.
        """
        culprits, pending, aside = list[Unit](), units, list[Unit]()
        while pending := self._with_room(self._inside_accepted(pending)):
            together = self._compatible(pending)
            # Everything at once: on a right server one success clears all of them.
            case = batch(self.subject, self.base, together, self.family)
            # None of them fits this base, with which nothing new would be sent.
            if not case.units:
                break
            if _names(case) in self.accepted:
                pending = without(pending, case.units)
                continue
            if not self.prober.budget.affords(case):
                self.prober.budget.skip(case)
                self._left(pending)
                break
            answer, failed = await self._steadily(case)
            if not failed:
                await self._cleared(case, answer)
                # What did not fit beside the others is tried without them.
                pending = without(pending, case.units)
                continue
            unproven = self.prober.after_bad is not None and len(aside) < MOST_ASIDE
            found = await self._culprit(together, case, answer, unproven=unproven)
            if found.exclusive:
                if len(found.suspects) > PAIR:
                    return [*culprits, *await self._apart([*pending, *aside])]
                # All the others stay together.
                self.left_out.append(found.suspects[-1])
                self.prober.excluding.append((found.suspects[0].slot, found.suspects[-1].slot))
                pending = without(pending, found.suspects[-1:])
                continue
            pending = without(pending, [*found.suspects, *found.cleared])
            if found.early:
                aside += found.suspects
                continue
            culprits += found.suspects
            # What fails only together cannot be taken out one by one.
            if not found.alone:
                self._left(pending)
                break
            pending += [found.instead] if found.instead else []
        return [*culprits, *(await self.whole(aside) if aside else ())]

    def _with_room(self, units: list[Unit]) -> list[Unit]:
        """The units, their long texts shortened to what one request has room for, as was seen.

        How much that is, is no matter of any property: to find it once costs enough.
        """
        room, sizes = self.prober.room, [unit.size for unit in units if unit.size]
        if room is None or sum(sizes) <= room:
            return units
        return [self._shortened(unit, room // len(sizes)) if unit.size else unit for unit in units]

    def _shortened(self, unit: Unit, room: int) -> Unit:
        forms = (unit, *unit.smaller)
        # What was too large elsewhere need not be sent here.
        self.prober.budget.reach([unit])
        return next((one for one in forms if one.size <= room), forms[-1])

    def _compatible(self, units: list[Unit]) -> list[Unit]:
        """The units without those that exclude one before them, as was seen of other values."""
        kept = list[Unit]()
        for unit in units:
            if not any(self._exclude(unit.slot, other.slot) for other in kept):
                kept.append(unit)
        return kept

    def _exclude(self, one: Slot, other: Slot) -> bool:
        pairs = self.prober.excluding
        return any(
            (conflict(one, first) and conflict(other, second))
            or (conflict(one, second) and conflict(other, first))
            for first, second in pairs
        )

    def _inside_accepted(self, units: list[Unit]) -> list[Unit]:
        """The units but for those inside an optional part that is refused whatever it holds."""
        kept = list[Unit]()
        for unit in units:
            part = self._missing_part(unit, self.prober.convicted)
            if part is None:
                kept.append(unit)
            else:
                self._inside_refused(unit, part)
        return kept

    def _missing_part(self, unit: Unit, refused: Sequence[Unit]) -> Unit | None:
        """The refused part that the unit is inside of, where no accepted request has it."""
        for part in refused:
            inside = _holds(part, unit) and not self._is_carried(part)
            if not self._is_in_base(part) and (inside or self._is_same(part, unit)):
                return part
        return None

    def _is_carried(self, part: Unit) -> bool:
        """Whether an accepted body has the part, with another value perhaps.

        What a unit needs around it is taken from there.
        """
        bodies = (one.body for one in self.subject.all_carriers())
        return part.slot[0] == "body" and any(has(body, part.slot[1:]) for body in bodies)

    def _is_same(self, part: Unit, unit: Unit) -> bool:
        """Whether a unit sends an optional part with the value that another one adds it with."""
        same = _adds(part) and part.slot == unit.slot and part.clause != unit.clause
        return same and part.apply(self.base).request() == unit.apply(self.base).request()

    def _is_in_base(self, part: Unit) -> bool:
        """Whether the base has the part; a parameter is only added where the control lacks it."""
        return part.slot[0] == "body" and has(self.base.body, part.slot[1:])

    def _inside_refused(self, unit: Unit, part: Unit) -> None:
        why = f"it is inside of what was refused, or may be: {part.label}"
        self.prober.ledger.note(inconclusive(unit.clause, why))

    async def _steadily(self, case: Case) -> tuple[Answer, bool]:
        """The answer to a case; a server that has failed is asked again, which costs least.

        What fails now and then would lead to halves that are accepted, each for a success.
        """
        answer, failed = await self.prober.failing(case)
        if answer.status < 500 or not self.prober.budget.affords(case):
            return answer, failed
        again, fails = await self.prober.failing(case)
        if not fails:
            self._failed_once(case, answer)
        return again, fails

    def _left(self, units: list[Unit]) -> None:
        """What the contract names is sent where the shares have left something over."""
        named = [unit for unit in units if unit.strength is Strength.NAMED]
        if named:
            self.prober.ends_early(self.base, named, self.family)

    async def _cleared(self, case: Case, answer: Answer) -> None:
        """Record what was accepted."""
        self.accepted.add(_names(case))
        self.prober.budget.reach(case.units)
        await self.prober.record(case, answer)

    async def _apart(self, units: list[Unit]) -> list[Unit]:
        """The culprits of each half: what excludes each other may be accepted there."""
        half = (len(units) + 1) // 2
        return [*await self.whole(units[:half]), *await self.whole(units[half:])]

    async def _culprit(
        self, units: list[Unit], case: Case, answer: Answer, *, unproven: bool
    ) -> _Found:
        """The first culprit among units that fail together, by parts.

        Where one part is accepted, it is in the other one, which need not be sent as a whole.
        `unproven`: no good request was accepted since the last bad ones, so that a refusal blames
        no value by itself.
        """
        suspects, cleared = units, list[Unit]()
        while len(suspects) > 1:
            # The likelier and larger part first: a refusal is free, an acceptance costs a success.
            suspects = self._likeliest_first(suspects, answer)
            middle = self._first_part(len(suspects))
            half, rest = suspects[:middle], suspects[middle:]
            unknown = len(rest) == 1 and is_any(suspects, answer, self.prober.convicted)
            if unknown and (others := await self._all_but(rest, without(units, cleared))):
                return await self._convicted(rest, [*cleared, *others], case, answer)
            # The others are sent first: to ask with the good request would cost a success more.
            if len(half) == 1 and unproven and not cleared:
                return _Found(suspects=half, cleared=cleared, alone=True, early=True)
            trial = batch(self.subject, self.base, half, self.family)
            # What needs the other half (`dependentRequired`) cannot be sent without it.
            if not trial.units:
                half, rest = rest, half
                trial = batch(self.subject, self.base, half, self.family)
            if not trial.units or not self.prober.budget.affords(trial):
                return await self._undecided(suspects, cleared, case, answer)
            other, failed = await self.prober.failing(trial)
            if failed:
                suspects, case, answer = half, trial, other
            else:
                await self._cleared(trial, other)
                # The fault is in the other half, which is known without sending it.
                cleared += half
                suspects = rest
        return await self._convicted(suspects, cleared, case, answer)

    async def _all_but(self, last: Sequence[Unit], units: Sequence[Unit]) -> Sequence[Unit]:
        """What is accepted where all the units but the last one are sent, for one success.

        They would be sent without it anyway; where another one is refused too, this is free.
        """
        trial = batch(self.subject, self.base, without(units, last), self.family)
        free = is_safe(self.base.method)
        if free or len(trial.units) < PAIR or not self.prober.budget.affords(trial):
            return ()
        answer, failed = await self.prober.failing(trial)
        if failed:
            return ()
        await self._cleared(trial, answer)
        return trial.units

    def _likeliest_first(self, units: Sequence[Unit], answer: Answer) -> list[Unit]:
        return likeliest_first(units, answer, self.prober.convicted)

    def _first_part(self, count: int) -> int:
        """How many of so many suspects are sent first: by halves is fastest, where all is free."""
        if is_safe(self.base.method):
            return (count + 1) // 2
        # Three quarters are refused more often than not: some requests more, and fewer successes.
        return min(count - 1, -(-3 * count // 4))

    async def _convicted(
        self,
        suspects: list[Unit],
        cleared: list[Unit],
        case: Case,
        answer: Answer,
    ) -> _Found:
        """The last suspect, by itself; or all, where it is accepted and only together they fail."""
        # The last one was not sent by itself where its other half was accepted.
        if list(case.units) != suspects:
            alone = batch(self.subject, self.base, suspects, self.family)
            if not alone.units or not self.prober.budget.affords(alone):
                return await self._undecided(suspects, cleared, case, answer)
            other, failed = await self.prober.failing(alone)
            if not failed:
                await self._cleared(alone, other)
                case, answer, least = await self._fewest(case, answer)
                together = list(case.units)
                await self._one_of(together, case, answer, finished=True, least=least)
                return _Found(suspects=together, cleared=[], alone=False, exclusive=True)
            case, answer = alone, other
        self.prober.budget.reach(suspects)
        edge = case.units[0]
        part = self._missing_part(edge, self.prober.suspected)
        if part is not None and answer.status < 500:
            # Sent with the part that it is inside of: the refusal may be about that one.
            self._inside_refused(edge, part)
            return _Found(suspects=suspects, cleared=cleared, alone=True)
        self.prober.convicted += suspects
        instead = None
        # How much a server reads at all (413) is a matter of all that follows.
        if edge.size and answer.status != TOO_LARGE:
            self.lengths.append((case, answer))
        elif (await self.smallest(case, answer)).clause != edge.clause:
            instead = edge.instead
        return _Found(suspects=suspects, cleared=cleared, alone=True, instead=instead)

    async def _fewest(self, case: Case, answer: Answer) -> tuple[Case, Answer, bool]:
        """The fewest units of a case that fail together; whether none of them can be left out.

        What was beside them is no cause. Only the first such case of an operation is reported.
        """
        for unit in () if self.prober.exclusive else case.units:
            fewer = batch(self.subject, self.base, without(case.units, [unit]), self.family)
            whole = len(fewer.units) == len(case.units) - 1
            if len(case.units) <= PAIR or not whole or _names(fewer) in self.accepted:
                continue
            if not self.prober.budget.affords(fewer):
                return case, answer, False
            other, failed = await self.prober.failing(fewer)
            if failed:
                case, answer = fewer, other
            else:
                await self._cleared(fewer, other)
        return case, answer, True

    async def _undecided(
        self, suspects: list[Unit], cleared: list[Unit], case: Case, answer: Answer
    ) -> _Found:
        """The budget ended before the suspects were told apart."""
        known = self._likeliest_first(without(case.units, cleared) or suspects, answer)
        self.prober.suspected += known
        self.prober.budget.skip_units(suspects)
        await self._one_of(known, case, answer, finished=False)
        self.prober.ends_early(self.base, suspects, self.family)
        return _Found(suspects=suspects, cleared=cleared, alone=False)

    async def _one_of(
        self,
        units: list[Unit],
        case: Case,
        answer: Answer,
        *,
        finished: bool,
        least: bool = False,
    ) -> None:
        """Record what was not told apart; a whole whose parts are accepted must fail again.

        `least`: without any of the units it is accepted.
        """
        if finished and self.prober.exclusive:
            why = "refused beside other good values, as was seen before; each is accepted apart"
            for unit in units:
                self.prober.ledger.note(inconclusive(unit.clause, why))
            return
        self.prober.exclusive |= finished
        # A refusal that came from a limit of the rate, say, does not show again.
        if finished and self.prober.budget.affords(case):
            again, failed = await self.prober.failing(case)
            if not failed:
                self._failed_once(case, answer)
                await self._cleared(case, again)
                return
            answer = again
        how = "at once, each accepted by itself" if finished else "that were not tested separately"
        # A refusal of what the contract names is none of what was beside it, and is accepted.
        told = batch(self.subject, self.base, units, self.family)
        suspects = replace(
            case,
            code=told.code,
            strength=told.strength,
            level=told.level,
            clauses=tuple(dict.fromkeys(unit.clause for unit in units)),
            units=tuple(units),
            apart=least,
            label=f"one of {len(units)} good values {how}" if len(units) > 1 else units[0].label,
        )
        await self.prober.record(suspects, answer)

    def _failed_once(self, case: Case, answer: Answer) -> None:
        """Record a failure that does not show again: no value caused it, and it was one."""
        if answer.status >= 500:
            first = replace(case, clauses=case.clauses[:1], units=case.units[:1])
            found = self.prober.observe(first, answer)
            self.prober.write(first, answer, found, lambda _: False)

    async def smallest(self, case: Case, answer: Answer) -> Case:
        """Record the mildest form of a refused unit that is refused as well, and return it."""
        for milder in case.units[0].smaller:
            trial = batch(self.subject, self.base, [milder], case.family)
            if not trial.units or not self.prober.budget.affords(trial):
                break
            other, failed = await self.prober.failing(trial)
            if not failed:
                if answer.status == TOO_LARGE:
                    self.prober.room = milder.size
                named = case.strength is trial.strength is Strength.NAMED
                if named and trial.clause == case.clause:
                    # Another value of the clause is accepted: what refuses this one is not named.
                    case = replace(case, strength=Strength.FREE, code=FindingCode.REFUSED_FREE)
                break
            if answer.status >= 500 > other.status:
                # That a milder one is refused is another deviation.
                await self.prober.record(case, answer)
            case, answer = trial, other
        await self.prober.record(case, answer)
        return case


def _holds(part: Unit, unit: Unit) -> bool:
    """Whether a unit lies in an optional part of a body, or parameter, that another one adds."""
    return _adds(part) and lies_in(unit.slot, part.slot)


def _adds(part: Unit) -> bool:
    """Whether it is a part, which may be left out, that a unit sends."""
    return part.clause.endswith(".optional") and not part.omitting


def _names(case: Case) -> frozenset[int]:
    """Which units travel in a case."""
    return frozenset(map(id, case.units))
