"""One operation, from its control to its last repetition."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from conformance.cases import credential_cases as credential_faults
from conformance.cases.batches import pack
from conformance.cases.body_cases import body_cases, lone_cases, missing_body_cases
from conformance.cases.case import Case, Unit, conflict
from conformance.cases.credential_cases import credential_cases
from conformance.cases.edge_values import Strength
from conformance.cases.edges import edge_units, unknown_units
from conformance.cases.inert_cases import inert_cases, inert_draft
from conformance.cases.operation_under_test import Subject
from conformance.cases.parameter_cases import parameter_cases
from conformance.cases.parameter_units import (
    escaped_units,
    optional_parameter_units,
    parameter_units,
)
from conformance.cases.part_cases import part_cases
from conformance.cases.presence import (
    absence_units,
    full_bodies,
    presence_batches,
    presence_units,
)
from conformance.cases.protocol_cases import accept_cases, media_cases, method_cases, wire_cases
from conformance.cases.spellings import body_units, limit_units, scheme_units, spelling_units
from conformance.cases.syntax_cases import syntax_cases
from conformance.cases.valid_values import Builder
from conformance.clauses.kinds import ClauseKind
from conformance.http.exchange import Answer, Trouble
from conformance.http.request_drafts import NOTHING, Draft
from conformance.judgement.observation import inconclusive
from conformance.report.codes.finding_code import FindingCode
from conformance.run.atomicity import unchanged
from conformance.run.bases import grown, reduced
from conformance.run.bisection import try_units
from conformance.run.concurrent_callers import concurrently, different
from conformance.run.conditional import conditional
from conformance.run.control_cases import control_case
from conformance.run.further_types import accepted_in, further_types, note_declared
from conformance.run.good_requests import GoodRequests
from conformance.run.kept_connection import kept
from conformance.run.other_paths import other_paths
from conformance.run.preconditions import stale_tag
from conformance.run.prober import Prober
from conformance.run.properties import invalid_property, valid_property
from conformance.run.repetition import after_bad, repeatedly
from conformance.run.run_options import RunOptions
from conformance.run.sizes import sizes
from conformance.run.state import read_back
from conformance.run.token_separation import Powers
from conformance.run.undeclared_methods import undeclared_methods
from conformance.run.unexpected_body import unexpected_body
from conformance.run.unrepeatable import unrepeatable
from spec import Contract
from spec.model.contract_model import Operation

__all__ = ["OperationRun"]

REPETITIONS = 25

SHARES: Final[Mapping[ClauseKind, int]] = {
    ClauseKind.CREDENTIALS: 3,
    ClauseKind.PARAMETERS: 3,
    ClauseKind.BODY: 8,
    ClauseKind.SYNTAX: 3,
    ClauseKind.MEDIA_TYPES: 2,
    ClauseKind.PROPERTIES: 2,
    ClauseKind.WIRE: 3,
    ClauseKind.EDGES: 9,
}
"""Of 25 successes so many may go to a kind of case at first; what is left over is passed on."""
BASES, FURTHER, SPELLING, ACCEPT, LIMITS, STATE = 6, 3, 4, 1, 4, 3
"""The same, for what is no kind of clause."""
RESERVED = 12
"""Of 25 successes so many are kept for what must be accepted, while faults are tried."""
LATE = 6
"""Of 25 successes so many are kept for callers at once, limits and `Accept`."""
LAST = 3
"""Of 25 successes so many are kept for generated requests."""
WHOLE = 25


@dataclass(slots=True)
class OperationRun:
    """Runs the families of cases in an order that spends the budget on what proves most.

    `had_turn` tells that every kind of case was tried, so that only more of the same is left.
    """

    contract: Contract
    operation: Operation
    options: RunOptions
    prober: Prober
    powers: Powers
    leads: bool
    had_turn: bool = False

    async def run(self) -> None:
        """Probe everything that may be sent; what may not is excused."""
        if self.prober.writing:
            self._excuse(_leave(self.operation))
            await self._inert()
        elif (subject := await self._subject()) is None:
            self._excuse(
                "no valid request could be generated from the contract; give one with --example"
            )
        elif self.operation.secured and not subject.control.credential.schemes:
            self._excuse(
                f"no credential was given for the operation; {_credential_hint(self.operation)}"
            )
            await self._without_control(subject)
        elif why := self._good.spared():
            self._excuse(why)
            await self._without_control(subject)
        elif self.options.max_billable == 0 and not self.operation.safe:
            self._excuse("--max-billable 0 allows no successful request; raise it")
            await self._without_control(subject)
        else:
            await self._with_control(subject)
        self.had_turn = True
        self.prober.excuse()

    async def _with_control(self, subject: Subject) -> None:
        found = await self._control(subject)
        if found is not None:
            await self._families(found)
            return
        self._excuse("no request was found that the deployment accepts; give one with --example")
        if self._connected():
            await self._without_control(subject)

    def _connected(self) -> bool:
        """Whether something is there: a refusal may be answered where a success is not."""
        last = self.prober.session.last
        return self.prober.session.answered or last.trouble is not Trouble.UNREACHABLE

    def _writes(self) -> bool:
        return not self.operation.safe and self.options.writes(self.operation)

    def _excuse(self, why: str) -> None:
        self.prober.ledger.excuse(self.operation.id, why)

    @property
    def _good(self) -> GoodRequests:
        session = self.prober.session
        return GoodRequests(contract=self.contract, operation=self.operation, session=session)

    async def _subject(self) -> Subject | None:
        await self._good.prepare()
        control = next(iter(self._good.drafts()), None)
        return None if control is None else self._about(control)

    def _about(self, control: Draft, *, inert: bool = False) -> Subject:
        return Subject(
            contract=self.contract,
            operation=self.operation,
            credentials=self.options.credentials,
            control=control,
            builder=Builder(contract=self.contract),
            allow_writes=self.options.allow_writes,
            inert=inert,
            leads=self.leads,
            undeclared_methods=undeclared_methods(self.contract, self.operation, self.options),
        )

    # ------------------------------------------------------------- without a good request

    async def _inert(self) -> None:
        """What changes nothing, whatever is tolerated; nothing where there is no such request."""
        draft = inert_draft(self.contract, self.operation)
        if draft is None:
            return
        subject = self._about(draft, inert=True)
        for case in inert_cases(subject):
            await self._probe(case.family, [case])
        if self.leads:
            await self._probe(ClauseKind.METHODS, method_cases(subject))

    async def _without_control(self, subject: Subject) -> None:
        """Only what must be refused: without a good request a refusal proves nothing."""
        await self._probe(ClauseKind.CREDENTIALS, credential_cases(subject))
        await self._refusals(subject)
        if self.leads:
            await self._probe(ClauseKind.METHODS, method_cases(subject))

    async def _refusals(self, subject: Subject) -> None:
        await self._probe(ClauseKind.PARAMETERS, parameter_cases(subject))
        missing = list(missing_body_cases(subject))
        await self._probe(ClauseKind.BODY, missing)
        if not missing:
            why = "a body of no bytes is a good one by the contract"
            self.prober.ledger.excuse_clauses([subject.id("body.missing")], why)
        await self._of_media_type(subject)
        await self._probe(
            ClauseKind.MEDIA_TYPES, [c for c in media_cases(subject) if c.must_be_refused]
        )

    async def _of_media_type(self, subject: Subject) -> None:
        """What must be refused in the media type of the control."""
        await self._probe(
            ClauseKind.BODY, [*body_cases(subject), *lone_cases(subject), *part_cases(subject)]
        )
        await self._probe(ClauseKind.SYNTAX, syntax_cases(subject))

    async def _further(self, subject: Subject) -> list[tuple[Subject, list[Any]]]:
        """What must be refused in each further media type that is accepted, with their bodies."""
        found = list[tuple[Subject, list[Any]]]()
        for media_type in further_types(self.prober, subject):
            with self.prober.within(self._share(FURTHER), reserving=self._share(3)):
                other = await accepted_in(self.prober, subject, media_type)
                bodies = [] if other is None else full_bodies(other)
                other = other and await self._grounded(other, bodies)
            if other is not None:
                found.append((other, bodies))
                await self._of_media_type(other)
        return found

    async def _probe(self, family: ClauseKind, cases: Iterable[Case]) -> None:
        """Probe cases of a family within its share, if the family was asked for."""
        if not self.options.family(family):
            return
        share = self._share(SHARES.get(family, WHOLE))
        reserving = self._share(RESERVED) if family in SHARES else 0
        with self.prober.within(share, reserving=reserving):
            await self.prober.probe(cases)
            await self.prober.probe_unseen(unlooked=False)

    async def _some(self, parts: int, cases: Iterable[Case]) -> None:
        """Probe cases within a share; the others wait for the end."""
        with self.prober.within(self._share(parts)):
            await self.prober.probe(cases)

    def _share(self, parts: int) -> int:
        return -(-self.options.max_billable * parts // WHOLE)

    # ------------------------------------------------------------- the good request

    async def _control(self, subject: Subject) -> Subject | None:
        """The first candidate that is accepted; the first refusal is the finding without one."""
        refusals, drafts = list[tuple[Case, Answer]](), self._good.drafts()
        others, made_up = self._good.otherwise(drafts[0]), self._good.given is NOTHING
        grown = False
        while drafts or others:
            listed = not drafts or (bool(refusals) and bool(others))
            draft = others.pop(0) if listed else drafts.pop(0)
            trial = subject.but(control=draft)
            case = control_case(trial, made_up=made_up)
            if not self.prober.affordable(case):
                break
            answer = await self.prober.send(case)
            if self.prober.accepted(answer) and answer.whole:
                await self._proven(trial, case, answer)
                # Which optional parameter is demanded is told where each is left out.
                await self._refused_first([] if grown else refusals, listed=listed)
                return trial.but(accepted=True)
            if self.prober.has_ended(case, answer):
                self.prober.end_credential(case)
                return None
            refusals.append((case, answer))
            if not (drafts or others or grown) and answer.status in (400, 422):
                grown = True
                drafts += self._good.with_more(draft)
            if answer.status == 406 and (named := self._naming(draft)) is not None:
                drafts.insert(0, named)
            if answer.status in (0, 401, 405) or not answer.whole:
                break
            if answer.status in (403, 404):
                drafts = []  # the path leads nowhere; a listed value may still be what is missing
        if refusals:
            self.prober.refused = frozenset(answer.status for _, answer in refusals)
            await self.prober.record(*_worst(*refusals[0]))
        return None

    async def _proven(self, trial: Subject, case: Case, answer: Answer) -> None:
        self.prober.proven, self.prober.control = True, case
        if answer.trouble is None:
            self.prober.ledger.succeeded.add(self.operation.id)
        await self.prober.record(case, answer)
        note_declared(self.prober, trial)

    async def _refused_first(self, refusals: list[tuple[Case, Answer]], *, listed: bool) -> None:
        """What was refused before: a fault, unless a value that a list has was all it lacked."""
        for case, refusal in refusals:
            if listed and self.operation.response_for(refusal.status) is not None:
                why = (
                    "the example names what the deployment does not list; a listed one is accepted"
                )
                self.prober.ledger.note(inconclusive(case.clause, why))
            else:
                await self.prober.record(replace(case, code=FindingCode.REFUSED_VALID), refusal)

    def _naming(self, draft: Draft) -> Draft | None:
        """The draft that asks for a documented media type by its name, where it asked for any."""
        named = any(name.lower() == "accept" for name, _ in draft.headers)
        good = [one for one in self.operation.responses if one.status[:1] in ("2", "d")]
        offers = [media_type.name for one in good for media_type in one.content]
        return draft.header("Accept", offers[0]) if offers and not named else None

    async def _families(self, subject: Subject) -> None:
        """Cases that must be refused are not billed and come first; then those that prove most."""
        if self._writes():
            self.prober.used_up = await unrepeatable(self.prober, subject)
            await self._state(subject)
        steady = self.options.family(ClauseKind.STEADINESS) and not self.prober.used_up
        if steady:
            await kept(self.prober, subject)
        await self._credentials(subject, steady=steady)
        wants = self.options.family
        bodies = full_bodies(subject) if wants(ClauseKind.EDGES) or wants(ClauseKind.BODY) else []
        subject = await self._grounded(subject, bodies)
        await self._refusals(subject)
        further = await self._further(subject) if wants(ClauseKind.MEDIA_TYPES) else []
        if self.leads:
            await self._probe(ClauseKind.METHODS, method_cases(subject))
        await self._probe(ClauseKind.WIRE, wire_cases(subject))
        if wants(ClauseKind.WIRE):
            await conditional(self.prober, subject)
            await unexpected_body(self.prober, subject)
            if self.leads:
                await other_paths(self.prober, subject)
        if wants(ClauseKind.PROPERTIES):
            share = self._share(SHARES[ClauseKind.PROPERTIES])
            with self.prober.within(share, reserving=self._share(RESERVED)):
                await invalid_property(self.prober, subject, self.options)
        if steady:
            await after_bad(self.prober, subject, "bodies")
            if self._writes():
                await unchanged(self.prober, subject)
        await self._acceptances(subject, bodies)
        for other, grown_bodies in further if wants(ClauseKind.EDGES) else ():
            with self.prober.within(self._share(SHARES[ClauseKind.EDGES])):
                later = await self._values(other, grown_bodies)
                await self._units(other, [*body_units(other)], ClauseKind.EDGES)
                await self._units(other, [*limit_units(other)], ClauseKind.SYNTAX)
                for group in later:
                    await try_units(self.prober, other, other.control, group)
        self.had_turn = True
        await self._rest(subject, [other for other, _ in further], steady=steady)

    async def _state(self, subject: Subject) -> None:
        """What is written shows where it is read."""
        if self.options.family(ClauseKind.STATE):
            with self.prober.within(self._share(STATE)):
                await read_back(self.prober, subject)
                await stale_tag(self.prober, subject)

    async def _credentials(self, subject: Subject, *, steady: bool) -> None:
        secured = self.options.family(ClauseKind.CREDENTIALS) and subject.control.credential.schemes
        if secured:
            await self.powers.probe(self.prober, subject)
        await self._probe(ClauseKind.CREDENTIALS, credential_cases(subject))
        if secured:
            await self._probe(ClauseKind.CREDENTIALS, credential_faults.beside_cases(subject))
        if steady and subject.control.credential.schemes:
            await after_bad(self.prober, subject, "credentials")
        if secured and credential_faults.asks_for_one(subject):
            await self.prober.probe([credential_faults.again(subject)])

    async def _grounded(self, subject: Subject, bodies: list[Any]) -> Subject:
        """The subject with more requests that were seen accepted: the least, and the fullest."""
        wants = self.options.family
        if not (bodies or wants(ClauseKind.PARAMETERS) or wants(ClauseKind.EDGES)):
            return subject
        with self.prober.within(self._share(BASES)):
            subject = await reduced(self.prober, subject)
            return await grown(self.prober, subject, bodies)

    # ------------------------------------------------------------- what must be accepted

    async def _acceptances(self, subject: Subject, bodies: list[Any]) -> None:
        """A share for each kind, then what was left over of each."""
        wants, later = self.options.family, list[list[Unit]]()
        if wants(ClauseKind.EDGES):
            with self.prober.within(
                self._share(SHARES[ClauseKind.EDGES]), reserving=self._share(LATE)
            ):
                later = await self._values(subject, bodies)
        with self.prober.within(self._share(SPELLING), reserving=self._share(LATE - 1)):
            await self._units(subject, self._spellings(subject), ClauseKind.EDGES)
        with self.prober.within(self._share(WHOLE), reserving=self._share(LATE)):
            await self._finish(subject)
            await self.prober.probe_unseen()
        if wants(ClauseKind.STEADINESS) and not self.prober.used_up and not self._writes():
            await different(self.prober, subject)
        if wants(ClauseKind.STEADINESS) and not self.prober.used_up:
            await concurrently(self.prober, subject, shared=self._writes())
        left = [case for case in media_cases(subject) if not case.must_be_refused]
        if wants(ClauseKind.MEDIA_TYPES):
            await self._some(SHARES[ClauseKind.MEDIA_TYPES], left)
            await self._some(ACCEPT, accept_cases(subject))
        if wants(ClauseKind.SYNTAX):
            with self.prober.within(self._share(LIMITS), reserving=self._share(LAST)):
                await self._units(subject, [*limit_units(subject)], ClauseKind.SYNTAX)
                await sizes(self.prober, subject)
        for group in later:
            await try_units(self.prober, subject, subject.control, group)

    async def _finish(self, subject: Subject) -> None:
        """Tell apart what failed together, where a share ended before it was."""
        if not self.prober.left:
            return
        unfinished, self.prober.unfinished = self.prober.unfinished, []
        for base, units, family in unfinished:
            await try_units(self.prober, subject, base, units, family)

    async def _rest(self, subject: Subject, further: list[Subject], *, steady: bool) -> None:
        """More of what was seen already, as far as the budget goes."""
        await self._finish(subject)
        await self.prober.probe_unseen()
        if self.options.family(ClauseKind.PROPERTIES):
            for one in (subject, *further):
                await valid_property(self.prober, one, self.options)
            for one in further:
                await invalid_property(self.prober, one, self.options)
        if steady:
            await after_bad(self.prober, subject, "everything else")
            times = min(REPETITIONS, self.prober.left) if not self.operation.safe else REPETITIONS
            await repeatedly(self.prober, subject, times)
        await self.prober.probe_waiting()

    def _spellings(self, subject: Subject) -> list[Unit]:
        """The same request written otherwise, as far as the families that were asked for go."""
        units = list(scheme_units(subject)) if self.options.family(ClauseKind.CREDENTIALS) else []
        if self.options.family(ClauseKind.SYNTAX) or self.options.family(ClauseKind.MEDIA_TYPES):
            units += spelling_units(subject)
        return units

    async def _values(self, subject: Subject, bodies: list[Any]) -> list[list[Unit]]:
        """Values at the edges travel with the batches that show each property by itself.

        Returns the groups that are left for later: what nothing forbids, and nothing names.
        """
        presence = list(presence_units(subject, bodies[0])) if bodies else []
        presence = self._asked([*presence, *optional_parameter_units(subject)])
        absent = self._asked(absence_units(subject, bodies[0])) if bodies else []
        values = [*edge_units(subject), *parameter_units(subject), *unknown_units(subject)]
        values = self._asked([*values, *escaped_units(subject)])
        order = list(Strength)
        values.sort(key=lambda unit: order.index(unit.strength))
        batches = list(presence_batches(presence))
        groups = pack([*absent, *values], bins=len(batches))
        for present, group in zip(batches, groups, strict=False):
            # A value may need its property: where both are in a batch, the value brings it.
            single = [p for p in present if not any(conflict(p.slot, u.slot) for u in group)]
            await try_units(self.prober, subject, subject.minimal, [*single, *group])
        later = list[list[Unit]]()
        for group in groups[len(batches) :]:
            named = any(unit.strength is Strength.NAMED for unit in group)
            if named or (not batches and not later):
                await try_units(self.prober, subject, subject.control, group)
            else:
                later.append(group)
        return later

    def _asked(self, units: Iterable[Unit]) -> list[Unit]:
        return [unit for unit in units if self.prober.focus.asks([unit.clause])]

    async def _units(self, subject: Subject, units: list[Unit], family: ClauseKind) -> None:
        for group in pack(self._asked(units)):
            await try_units(self.prober, subject, subject.control, group, family)


def _worst(case: Case, answer: Answer) -> tuple[Case, Answer]:
    """The finding for a refused valid request: a 401 is about its credential."""
    if answer.status == 401 and case.draft is not None and case.draft.credential.schemes:
        return replace(case, code=FindingCode.REFUSED_CREDENTIAL), answer
    return case, answer


def _leave(operation: Operation) -> str:
    """Why an operation that may write is left alone, and how to have it tried."""
    why = "the operation may change data; allow it with --allow-writes"
    reads = f", or, if it only reads data, with --harmless '{operation.id}'"
    return why + (reads if operation.method == "POST" else "")


def _credential_hint(operation: Operation) -> str:
    tag = f" or --token {operation.tags[0]}=…" if operation.tags else ""
    return f"set CONFORMANCE_TOKEN{tag}, or --credential SCHEME=VALUE"
