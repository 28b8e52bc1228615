"""GET of what was written: which request it is, and until when a reading may still change."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from urllib.parse import unquote_plus

from conformance.cases.controls import candidates
from conformance.cases.draft_parameters import is_allowed, with_parameter
from conformance.cases.never_issued import of_nobody
from conformance.cases.operation_under_test import Subject
from conformance.clauses.clause import Verdict
from conformance.clauses.state_promises import (
    StateAspect,
    StatePromise,
    selects,
)
from conformance.http.credentials import Placed
from conformance.http.exchange import Answer, Request
from conformance.http.request_drafts import NOTHING, Draft
from conformance.judgement import Observation
from conformance.judgement.listings import is_limit, keywords_of
from conformance.run.sending.prober import Prober
from conformance.run.session.patience import Patience
from conformance.run.session.run_options import RunOptions
from conformance.run.session.session import Session
from conformance.run.things.item_paths import ids_in, names_in, segments
from conformance.run.things.item_placement import about
from conformance.run.things.named_things import Thing
from spec import Contract
from spec.contract.parameter_codecs import parameter_codec
from spec.model.contract_model import Operation

__all__ = ["BackReader", "back_reader", "settled"]

LONGEST = 1000
"""Items of a list that are asked for at once."""


def back_reader(prober: Prober, subject: Subject, promise: StatePromise) -> BackReader | str:
    """The GET that reads back what was written, or why there is none."""
    reader, options = promise.reader, prober.session.options
    given = options.examples.get(reader.id, NOTHING)
    # A made-up tenant or version would be refused, or show another one's things.
    known = _shared(subject.operation, reader)
    asked = [
        one
        for one in reader.inputs
        if one.required and one.location != "path" and one.name not in known
    ]
    if asked and given is NOTHING:
        return (
            f"{reader.id} needs the {asked[0].location} parameter {asked[0].name}; "
            f"give it with --example '{reader.id}'=FILE"
        )
    if options.excludes(reader):
        return f"{reader.id}, which reads back what was written, was excluded"
    draft = next(candidates(subject.contract, reader, options.credentials, given), None)
    if draft is not None and promise.listing and given is NOTHING:
        draft = _widened(subject.contract, reader, draft)
    if draft is None:
        return f"no valid request of {reader.id} could be generated from the contract"
    draft = draft.but(credential=_credential(subject, options, reader) or draft.credential)
    own = subject.control.credential.secrets
    if () not in (own, draft.credential.secrets) and draft.credential.secrets != own:
        # What one may write another need not see.
        return f"{reader.id}, which reads back what was written, has another credential"
    named = prober.session.things.named(subject.operation, subject.control.request())
    if promise.aspect is StateAspect.GONE and named is None:
        return "the run has created nothing that it could delete"
    return BackReader(
        session=prober.session,
        operation=reader,
        draft=draft,
        clause=subject.id(promise.local),
        apart=draft.credential.secrets != own,
    )


def _shared(operation: Operation, reader: Operation) -> frozenset[str]:
    """The parameters of a write's query that say of which things it is, and that the GET has."""
    asked = {one.name for one in reader.parameters if one.location == "query"}
    return frozenset(one.name for one in operation.parameters if selects(one) and one.name in asked)


def _widened(contract: Contract, reader: Operation, draft: Draft) -> Draft:
    """The draft that asks for as many items at once as the contract allows, up to `LONGEST`."""
    for parameter in reader.parameters:
        most = keywords_of(parameter).get("maximum")
        if is_limit(parameter) and isinstance(most, int) and is_allowed(contract, parameter, most):
            way = parameter_codec(contract, reader, parameter)
            return with_parameter(draft, parameter, way, min(most, LONGEST))
    return draft


def _credential(subject: Subject, options: RunOptions, reader: Operation) -> Placed | None:
    """That of the write, where the GET takes it as well: it may ask for none (`{}`)."""
    own = subject.control.credential.secrets
    given = options.credentials.alternatives(subject.contract, reader)
    return next((one for one in given if one.secrets == own), None)


async def settled(
    ask: Callable[[], Awaitable[Answer]],
    judge: Callable[[Answer], Observation],
    patience: Patience,
    *,
    briefly: bool = False,
) -> tuple[Answer, Observation]:
    """The reading that deviates no more, or the last one: only what deviates is waited for."""
    answer, waited = await ask(), 0.0
    found = judge(answer)
    for pause in patience.pauses(briefly=briefly):
        if found.verdict is not Verdict.BROKEN:
            patience.shown(waited)
            return answer, found
        await patience.time.pause(pause)
        waited += pause
        answer = await ask()
        found = judge(answer)
    if found.verdict is Verdict.BROKEN and not briefly:
        patience.in_vain += 1
    return answer, found


def _name_of(piece: str) -> str:
    """The name in one piece of a query: `name=value`."""
    return unquote_plus(piece.partition("=")[0])


@dataclass(frozen=True, slots=True, kw_only=True)
class BackReader:
    """Reads back by the GET `operation`; `draft` is its good request, `clause` what it is for.

    `briefly`: the same has been waited for before. `apart`: without the credential of the
    write, or with one where that has none, so that it may be hidden.
    """

    session: Session
    operation: Operation
    draft: Draft
    clause: str
    briefly: bool = False
    apart: bool = False

    def of(self, thing: Thing) -> Request:
        """The GET of a thing, or of the list that it is in."""
        return about(self.operation, self.draft, thing).request()

    def beside(self, operation: Operation, request: Request) -> Request:
        """The GET of the path that a request of an operation has, or of the list that it is in."""
        read = self.draft.request()
        query = read.target.partition("?")[2]
        ids = ids_in(operation, request.target)
        # A path has more ids than the one of its list; that of a POST is the list's own.
        shared = _shared(operation, self.operation)
        if ids is not None and not shared and len(ids) > len(names_in(self.operation)):
            return self.draft.but(
                segments={**self.draft.segments, **segments(self.operation, ids)}
            ).request()
        # The path of the write, with all its ids, and what its query selects.
        path, _, selected = request.target.partition("?")
        pieces = [one for one in selected.split("&") if _name_of(one) in shared]
        pieces += [one for one in query.split("&") if one and _name_of(one) not in shared]
        query = "&".join(pieces)
        return replace(read, target=f"{path}?{query}" if query else path)

    async def answer(self, read: Request) -> Answer:
        """The answer to one reading, from the server itself."""
        # A cache in between may not answer for the server (RFC 9111 section 5.2.1.4).
        request = replace(read, headers=(*read.headers, ("Cache-Control", "no-cache")))
        # Not by the prober: it would ask for another thing where this one is gone.
        secured = bool(self.draft.credential.schemes)
        clauses = (self.clause,)
        return await self.session.send(self.operation.id, request, clauses, authorized=secured)

    async def settled(
        self, read: Request, judge: Callable[[Answer], Observation]
    ) -> tuple[Answer, Observation]:
        """The reading that deviates no more, or the last one: only what deviates is waited for."""
        patience = self.session.patience
        return await settled(lambda: self.answer(read), judge, patience, briefly=self.briefly)

    async def answers_anything(self, read: Request) -> bool:
        """Whether things are not looked up: a stub answers the same for all ids."""
        contract = self.session.contract
        # An id that no deployment has issued, of the form that the contract allows.
        nobody = of_nobody(contract, self.operation, self.draft).request()
        if nobody.target in (read.target, self.draft.request().target):
            return False
        return (await self.answer(nobody)).success
