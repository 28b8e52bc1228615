"""The stored requests of a report's places once more, each judged as it was in its run."""

from __future__ import annotations

import base64
import gzip
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from urllib.parse import quote

from conformance.cases.case import Case, Expect, Layer
from conformance.cases.edge_values import Strength
from conformance.clauses.clause import Verdict
from conformance.clauses.credential_aspects import OF_OTHERS
from conformance.clauses.ids import local_part
from conformance.clauses.kinds import ClauseKind
from conformance.clauses.secret_names import contract_secrets
from conformance.http.credential_slots import header_secrets
from conformance.http.credentials import Placed, place
from conformance.http.exchange import Answer, Framing, Request, Trouble
from conformance.http.redaction import Redactor
from conformance.http.reported import ReportedRequest
from conformance.http.target import Target
from conformance.http.transport import Client
from conformance.judgement import Judge, Observation
from conformance.judgement.answer_judge import OF_EVERY_ANSWER
from conformance.report.codes.finding_code import FindingCode
from conformance.report.finding_places import Trial
from conformance.report.findings import Finding, FindingPlace, Level
from conformance.run.making.removal import remove
from conformance.run.replaying.refilling import Refilling, UnreplayableError
from conformance.run.replaying.replayed_sequences import SequenceReplay, may_write
from conformance.run.replaying.replayed_together import observed, same_allow
from conformance.run.session.run_options import RunOptions
from conformance.run.session.session import Session
from conformance.run.things.known_items import KnownItems
from spec import Contract
from spec.model.contract_model import Operation

__all__ = ["Replay", "Replayed", "Standing"]

GRACE = 2.0
"""Seconds beyond --max-response-time before an answer is given up: late is not never."""
TRIES = 5
"""So often is sent what did not show every time."""


class Standing(Enum):
    """What a replay shows of a place."""

    BROKEN = "still broken"
    HELD = "held now"
    UNDECIDED = "undecided"


_STANDINGS = {Verdict.BROKEN: Standing.BROKEN, Verdict.HELD: Standing.HELD}


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """A place and what the answer to its request shows now; `said` is that answer, or why not."""

    finding: Finding
    place: FindingPlace
    standing: Standing
    said: str
    expected: str = ""


class Replay:
    """Replays places at a target; `answered` says whether any answer came."""

    def __init__(self, contract: Contract, target: Target, options: RunOptions) -> None:
        self.contract, self.target, self.options = contract, target, options
        known = (*options.credentials.secrets, *header_secrets(options.headers))
        secrets = contract_secrets(contract, known)
        self.redactor = Redactor(target, secrets, options.headers)
        self.judge = Judge(contract, secrets.own, limit=options.max_response_time)
        self.sent, self.answered = 0, False

    async def execute(self, places: Sequence[tuple[Finding, FindingPlace]]) -> list[Replayed]:
        """Send the request of each place, in turn."""
        async with Client(self.target, timeout=self.options.max_response_time + GRACE) as client:
            session = Session(client, self.options, self.redactor, KnownItems(self.contract))
            done = list[Replayed]()
            for finding, place in places:
                done.append(await self._replayed(finding, place, session))
                # Each time: the name that one place has taken is asked for by the next one.
                await remove(session)
        self.sent, self.answered = session.requests, session.answered
        return done

    async def _replayed(self, finding: Finding, place: FindingPlace, session: Session) -> Replayed:
        try:
            found = await self._once(finding, place, session)
            # What shows intermittently is not held because it did not show once.
            for _ in range(TRIES - 1 if place.intermittent and place.times == 1 else 0):
                if found.standing is not Standing.HELD:
                    break
                found = await self._once(finding, place, session)
        except UnreplayableError as error:
            return Replayed(
                finding=finding, place=place, standing=Standing.UNDECIDED, said=str(error)
            )
        return found

    async def _once(self, finding: Finding, place: FindingPlace, session: Session) -> Replayed:
        """The place's requests once more: those before it, and the one that shows it."""
        again = SequenceReplay(self.contract, self.options, session, self._request)
        state, conditional = again.promise(place), again.is_conditional(place)
        if state is not None or conditional:
            answer, observation = (
                await again.changed(place, finding.code.value)
                if state is None
                else await again.read_back(place, *state)
            )
            standing = _STANDINGS.get(observation.verdict, Standing.UNDECIDED)
            said = self.redactor.said(observation.got or str(answer.status))
            return Replayed(
                finding=finding,
                place=place,
                standing=standing,
                said=said,
                expected=place.expected,
            )
        sent = await again.sent(self._case(place), place)
        seen = [self._seen(finding, place, sent.before, *one) for one in sent.found]
        return next((one for one in seen if one.standing is Standing.BROKEN), seen[-1])

    # ------------------------------------------------------------- the request again

    def _case(self, place: FindingPlace) -> Case:
        """The case that the place was found by; raises where it cannot be made again."""
        trial, operation = place.trial, self.contract.operation(place.operation)
        if trial is None or place.request is None:
            raise UnreplayableError(
                "the report has no request for it, because it was not found by a request"
            )
        if operation is None:
            raise UnreplayableError(f"the contract has no operation {place.operation}")
        if not trial.alone:
            raise UnreplayableError(
                "it appears only together with other requests; run them with: conformance run "
                f"--clause '{place.clause}'"
            )
        if not trial.inert:
            may_write(self.options, operation)
        # What the answer shows beside it was asked with the credential of the case.
        asked = next(iter(trial.clauses), place.clause)
        request = self._request(place.request, operation, asked)
        return _case(trial, place, operation, request)

    def _request(self, shown: ReportedRequest, operation: Operation, clause: str) -> Request:
        exact = shown.exact
        if exact is None or exact.missing:
            why = exact.missing if exact else "it is only shown"
            raise UnreplayableError(f"the report does not have the whole request: {why}")
        carried = list(self._carried(operation, clause))
        fill = Refilling(carried, self.redactor, exact.altered)
        # Today's `--header` stands for the one of that run.
        own = {name.lower() for name, _ in self.options.headers}
        headers = [pair for pair in shown.headers if pair[0].lower() not in own]
        body = gzip.decompress(base64.b64decode(exact.packed)) if exact.packed else None
        if body is None and shown.body is not None:
            body = fill.text(shown.body).encode("utf-8", "surrogatepass")
        return Request(
            method=shown.method,
            target=fill.text(exact.target, lambda secret: quote(secret, safe="")),
            headers=tuple((name, fill.header(name, value)) for name, value in headers),
            body=body,
            framing=Framing(exact.framing),
            version=exact.version,
            wire=exact.wire,
        )

    def _carried(self, operation: Operation, clause: str) -> Iterator[Placed]:
        """The credentials that stood where `$TOKEN` stands now."""
        given, local = self.options.credentials, local_part(clause)
        own = given.alternatives(self.contract, operation)
        names = [name for one in operation.security for name in one.schemes]
        schemes = [
            scheme
            for name in dict.fromkeys(names)
            if (scheme := self.contract.security_schemes.get(name)) is not None
        ]
        if local == f"security.{OF_OTHERS}":
            known = {secret for one in own for secret in one.secrets}
            others = [one for one in (given.token, *given.by_tag.values()) if one not in known]
        elif local == "security.expired":
            others = [given.expired]
        elif local == "security.alternatives":
            # In a query any of them is `$TOKEN`: the one that was tried is put in first.
            yield from reversed(own)
            return
        elif local in ("security.foreign", "security.beside"):
            yield from own if local == "security.beside" else ()
            yield from (one.placed for one in given.foreign)
            return
        else:
            yield from own
            return
        for scheme in schemes:
            for value in filter(None, others):
                if (placed := place(scheme, value)) is not None:
                    yield placed

    # ------------------------------------------------------------- the answer

    def _seen(
        self,
        finding: Finding,
        place: FindingPlace,
        before: Sequence[Answer],
        case: Case,
        answer: Answer,
    ) -> Replayed:
        together = observed(finding.code, case, before, answer)
        if finding.code is FindingCode.FALSE_ALLOW and place.response is not None:
            together = same_allow(place.clause, place.response, answer)
        observations = self.judge.judge(case, answer) if together is None else [together]
        # What did not repeat was put down to the server's steadiness: its request asks otherwise.
        clause = case.clause if place.intermittent else place.clause
        broken = [
            one
            for one in observations
            if one.verdict is Verdict.BROKEN
            and (one.clause == clause or one.code == finding.code.value)
        ]
        if answer.trouble is Trouble.UNREACHABLE:
            standing, said = Standing.UNDECIDED, _nothing(observations, clause, answer)
        elif self._unauthorized(finding, place, case, answer):
            standing, said = Standing.UNDECIDED, "401: the credential is not accepted; give another"
        elif broken:
            standing, said = Standing.BROKEN, broken[0].got
        elif _holds(clause, observations, answer):
            standing, said = Standing.HELD, str(answer.status)
        else:
            standing, said = Standing.UNDECIDED, _nothing(observations, clause, answer)
        return Replayed(
            finding=finding,
            place=place,
            standing=standing,
            said=self.redactor.said(said),
            expected=place.expected,
        )

    def _unauthorized(
        self, finding: Finding, place: FindingPlace, case: Case, answer: Answer
    ) -> bool:
        """Whether a 401 speaks of the credential of today, and not of the place."""
        before = place.response.status if place.response else 0
        asked = case.authorized and finding.code is not FindingCode.REFUSED_CREDENTIAL
        return asked and answer.status == 401 and before != 401


def _case(trial: Trial, place: FindingPlace, operation: Operation, request: Request) -> Case:
    return Case(
        operation=operation.id,
        clauses=trial.clauses,
        family=ClauseKind(trial.family),
        label=place.label,
        request=request,
        expect=Expect[trial.expect],
        strength=Strength[trial.strength],
        code=trial.code,
        also=frozenset(trial.also),
        level=Level(trial.level) if trial.level else None,
        open_statuses=frozenset(trial.open_statuses),
        layer=Layer[trial.layer],
        may_close=trial.may_close,
        authorized=trial.authorized,
        inert=trial.inert,
        beside=trial.beside,
    )


def _holds(clause: str, observations: Sequence[Observation], answer: Answer) -> bool:
    if local_part(clause) in OF_EVERY_ANSWER:
        return answer.whole and bool(answer.status)
    return any(one.verdict is Verdict.HELD and one.clause == clause for one in observations)


def _nothing(observations: Sequence[Observation], clause: str, answer: Answer) -> str:
    why = [one.got for one in observations if one.clause == clause and one.got]
    if why:
        return why[0]
    if not answer.status:
        return f"no answer: {answer.detail or (answer.trouble.value if answer.trouble else '')}"
    return f"{answer.status}, which neither confirms nor refutes it"
