"""One operation, from its control to its last repetition."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from conformance.cases import credential_cases as credential_faults
from conformance.cases.body_cases import body_cases, missing_body_cases
from conformance.cases.case import Case, Unit, conflict
from conformance.cases.controls import candidates
from conformance.cases.credential_cases import credential_cases
from conformance.cases.edge_values import Strength
from conformance.cases.edges import (
    absence_units,
    alternative_units,
    edge_units,
    full_bodies,
    limit_units,
    minimal_unit,
    pack,
    presence_batches,
    presence_units,
    spelling_units,
    unknown_units,
)
from conformance.cases.operation_under_test import Carrier, Subject
from conformance.cases.parameter_cases import escaped_units, parameter_cases, parameter_units
from conformance.cases.protocol_cases import (
    METHODS,
    accept_cases,
    media_cases,
    method_cases,
    wire_cases,
)
from conformance.cases.syntax_cases import syntax_cases
from conformance.clauses import KINDS
from conformance.http.exchange import Answer, Trouble
from conformance.http.request_drafts import NOTHING
from conformance.run.atomicity import unchanged
from conformance.run.bisection import try_units
from conformance.run.prober import Prober
from conformance.run.properties import invalid_property, valid_property
from conformance.run.repetition import (
    after_bad,
    concurrently,
    control_case,
    different,
    kept,
    repeatedly,
)
from conformance.run.run_options import RunOptions
from conformance.run.token_separation import Powers
from spec import Contract
from spec.model.contract_model import Operation

__all__ = ["OperationRun"]

REPETITIONS = 25


@dataclass(slots=True)
class OperationRun:
    """Runs the families of cases in an order that spends the budget on what proves most."""

    contract: Contract
    operation: Operation
    options: RunOptions
    prober: Prober
    powers: Powers
    leads: bool

    async def run(self) -> Subject | None:
        """Probe everything; returns the subject, or None where no request could be made."""
        subject = self._subject()
        if subject is None:
            self._excuse("no valid request could be made from the contract; give one: --example")
            return None
        if self.operation.secured and not subject.control.credential.schemes:
            self._excuse(f"no credential was given for it; {_credential_hint(self.operation)}")
            await self._without_control(subject)
            return subject
        if self.prober.writing or (self.options.max_billable == 0 and not self.operation.safe):
            why = "it writes; allow it with --allow-writes"
            self._excuse(why if self.prober.writing else "--max-billable 0 leaves no success")
            await self._without_control(subject)
            return subject
        found = await self._control(subject)
        if found is None:
            self._excuse("no request was found that the deployment accepts")
            if self._connected():
                await self._without_control(subject)
            return subject
        await self._families(found)
        if self.prober.left == 0 and not self.operation.safe:
            why = f"the budget was used up; raise --max-billable ({self.prober.spent} spent)"
            kinds = [kind for kind in KINDS if kind not in ("credentials", "response", "status")]
            self.prober.ledger.excuse(self.operation.id, why, kinds)
        return found

    def _connected(self) -> bool:
        """Whether something is there: a refusal may be answered where a success is not."""
        last = self.prober.session.last
        return self.prober.session.answered or last.trouble is not Trouble.UNREACHABLE

    def _excuse(self, why: str) -> None:
        self.prober.ledger.excuse(self.operation.id, why)

    def _subject(self) -> Subject | None:
        given = self.options.examples.get(self.operation.id, NOTHING)
        made = candidates(self.contract, self.operation, self.options.credentials, given)
        control = next(iter(made), None)
        if control is None:
            return None
        declared = {
            one.method for one in self.contract.operations if one.path == self.operation.path
        }
        undeclared = tuple(name for name in METHODS if name not in declared)
        return Subject(
            contract=self.contract,
            operation=self.operation,
            credentials=self.options.credentials,
            control=control,
            allow_writes=self.options.allow_writes,
            leads=self.leads,
            undeclared_methods=undeclared,
        )

    async def _control(self, subject: Subject) -> Subject | None:
        """The first candidate that is accepted; the last refusal is the finding where none is."""
        given = self.options.examples.get(self.operation.id, NOTHING)
        made = candidates(self.contract, self.operation, self.options.credentials, given)
        refusals = list[tuple[Case, Answer]]()
        for draft in list(made)[:6]:
            trial = subject.but(control=draft)
            case = control_case(trial)
            if not self.prober.affordable(case):
                break
            answer = await self.prober.send(case)
            if self.prober.accepted(answer) and answer.whole:
                self.prober.proven = True
                self.prober.ledger.succeeded.add(self.operation.id)
                await self.prober.record(case, answer)
                for other, refusal in refusals:
                    await self.prober.record(replace(other, code="refused-valid"), refusal)
                return trial.but(accepted=True)
            refusals.append((case, answer))
            if answer.status in (0, 401, 403, 404, 405) or not answer.whole:
                break
        if refusals:
            await self.prober.record(*self._worst(refusals[0]))
        return None

    def _worst(self, refusal: tuple[Case, Answer]) -> tuple[Case, Answer]:
        case, answer = refusal
        if answer.status == 401 and case.draft is not None and case.draft.credential.schemes:
            return replace(case, code="refused-credential"), answer
        return case, answer

    async def _without_control(self, subject: Subject) -> None:
        """Only what must be refused: without a good request a refusal proves nothing."""
        await self._probe("credentials", credential_cases(subject))
        await self._probe("parameters", parameter_cases(subject))
        await self._probe("body", missing_body_cases(subject))
        await self._probe("body", body_cases(subject))
        await self._probe("syntax", syntax_cases(subject))
        await self._probe("media types", [c for c in media_cases(subject) if c.must_be_refused])
        if self.leads:
            await self._probe("methods", method_cases(subject))

    async def _probe(self, family: str, cases: Iterable[Case]) -> None:
        if self.options.family(family):
            await self.prober.probe(cases)

    async def _families(self, subject: Subject) -> None:
        """What must be refused costs nothing and comes first; then what proves most."""
        prober, wants = self.prober, self.options.family
        if wants("steadiness"):
            await kept(prober, subject)
        secured = wants("credentials") and subject.control.credential.schemes
        if secured:
            await self.powers.probe(prober, subject)
        await self._probe("credentials", credential_cases(subject))
        if wants("steadiness"):
            await after_bad(prober, subject, "credentials")
        if self.operation.secured and credential_faults.asks_for_one(subject):
            await prober.probe([credential_faults.again(subject)])
        bodies = full_bodies(subject) if wants("edges") or wants("body") else []
        presence = self._presence(subject, bodies)
        subject = await self._grown(subject, presence, bodies)
        await self._refusals(subject)
        if wants("steadiness"):
            await after_bad(prober, subject, "bodies")
            if self.options.allow_writes and self.options.writes(self.operation):
                await unchanged(prober, subject)
            await different(prober, subject)
            await concurrently(prober, subject)
        await self._acceptances(subject, presence, bodies)
        if wants("steadiness"):
            await after_bad(prober, subject, "everything else")
            times = REPETITIONS if self.operation.safe else min(REPETITIONS, prober.left)
            await repeatedly(prober, subject, times)

    async def _refusals(self, subject: Subject) -> None:
        await self._probe("parameters", parameter_cases(subject))
        await self._probe("body", missing_body_cases(subject))
        await self._probe("body", body_cases(subject))
        await self._probe("syntax", syntax_cases(subject))
        await self._probe("media types", [c for c in media_cases(subject) if c.must_be_refused])
        if self.leads:
            await self._probe("methods", method_cases(subject))
        await self._probe("wire", wire_cases(subject))
        if self.options.family("properties"):
            await invalid_property(self.prober, subject, self.options)

    async def _acceptances(self, subject: Subject, presence: list[Unit], bodies: list[Any]) -> None:
        later: list[list[Unit]] = []
        if self.options.family("edges"):
            later = await self._values(subject, presence, bodies)
        await self._units(subject, self._spellings(subject), "edges")
        left = [case for case in media_cases(subject) if not case.must_be_refused]
        await self._probe("media types", [*left, *accept_cases(subject)])
        if self.options.family("syntax"):
            await self._units(subject, [*limit_units(subject)], "syntax")
        for group in later:
            await try_units(self.prober, subject, subject.control, group)
        if self.options.family("properties"):
            await valid_property(self.prober, subject, self.options)

    def _spellings(self, subject: Subject) -> list[Unit]:
        """The same request written otherwise, as far as the families that were asked for go."""
        units = _scheme_case(subject) if self.options.family("credentials") else []
        if self.options.family("syntax") or self.options.family("media types"):
            units += spelling_units(subject)
        return units

    def _presence(self, subject: Subject, bodies: list[Any]) -> list[Unit]:
        return list(presence_units(subject, bodies[0])) if bodies else []

    async def _grown(self, subject: Subject, presence: list[Unit], bodies: list[Any]) -> Subject:
        """The carriers: the control with all that was accepted, once for each alternative."""
        if not bodies:
            return subject
        refused = await try_units(self.prober, subject, subject.control, presence)
        grown = subject.control
        for unit in presence:
            if unit not in refused:
                grown = unit.apply(grown)
        carriers = [Carrier(draft=grown)]
        others = list(alternative_units(subject, grown.body, bodies))
        for group in pack(others):
            refused = await try_units(self.prober, subject, grown, group)
            other = grown
            for unit in group:
                if unit not in refused:
                    other = unit.apply(other)
            carriers.append(Carrier(draft=other))
        return subject.but(carriers=tuple(carriers))

    async def _values(
        self, subject: Subject, presence: list[Unit], bodies: list[Any]
    ) -> list[list[Unit]]:
        """Values at the edges travel with the batches that show each property by itself.

        Returns the groups that are left for later: what nothing forbids, and nothing names.
        """
        absent = list(absence_units(subject, bodies[0])) if bodies else []
        absent += minimal_unit(subject, presence)
        values = [*edge_units(subject), *parameter_units(subject), *unknown_units(subject)]
        values += escaped_units(subject)
        order = list(Strength)
        values.sort(key=lambda unit: order.index(unit.strength))
        batches = list(presence_batches(subject, presence))
        groups = pack([*absent, *values], bins=len(batches))
        for (base, present), group in zip(batches, groups, strict=False):
            # A value may need its property: where both are in a batch, the value brings it.
            single = [p for p in present if not any(conflict(p.slot, u.slot) for u in group)]
            await try_units(self.prober, subject, base, [*single, *group])
        later = list[list[Unit]]()
        for group in groups[len(batches) :]:
            named = any(unit.strength is Strength.NAMED for unit in group)
            if named or (not batches and not later):
                await try_units(self.prober, subject, subject.control, group)
            else:
                later.append(group)
        return later

    async def _units(self, subject: Subject, units: list[Unit], family: str) -> None:
        for group in pack(units):
            await try_units(self.prober, subject, subject.control, group, family)


def _scheme_case(subject: Subject) -> list[Unit]:
    """The good request with the scheme's name in another case."""
    units = []
    for name, value in subject.control.credential.headers:
        scheme, space, secret = value.partition(" ")
        if name.lower() != "authorization" or not space:
            continue
        for other in (scheme.lower(), scheme.upper()):
            placed = subject.control.credential
            headers = tuple(
                (key, f"{other} {secret}" if text == value else text)
                for key, text in placed.headers
            )
            changed = type(placed)(
                headers=headers,
                query=placed.query,
                cookies=placed.cookies,
                schemes=placed.schemes,
                secrets=placed.secrets,
            )
            units.append(
                Unit(
                    clause=subject.id("security.scheme-case"),
                    label=f"the scheme as {other}",
                    slot=("credential",),
                    apply=lambda draft, changed=changed: draft.but(credential=changed),  # type: ignore[misc]
                    code="scheme-case",
                )
            )
    return units


def _credential_hint(operation: Operation) -> str:
    tag = f" or --token {operation.tags[0]}=…" if operation.tags else ""
    return f"set CONFORMANCE_TOKEN{tag}, or --credential SCHEME=VALUE"
