"""The good requests that may be accepted: about which things, and with which values."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from conformance.cases.controls import candidates, fuller
from conformance.cases.good_bodies import allows_body
from conformance.cases.never_issued import of_nobody
from conformance.cases.unused_ids import is_number, unused_number
from conformance.clauses.bulk_removals import bulk_removal
from conformance.clauses.item_addresses import item_collections, item_names
from conformance.clauses.session_ends import ends_session
from conformance.clauses.whole_ends import ends_everything
from conformance.http.methods import CHANGING
from conformance.http.request_drafts import NOTHING, Draft
from conformance.run.making.providing import (
    gives_path,
    provide,
    provide_account,
    provide_handed,
    provide_named,
)
from conformance.run.making.restoring import restorer
from conformance.run.session.session import Session
from conformance.run.things.fresh_ids import coined
from conformance.run.things.fresh_values import like
from conformance.run.things.item_paths import segments
from conformance.run.things.item_placement import is_about_own, placed
from spec import Contract
from spec.model.contract_model import Operation

__all__ = ["GoodRequests"]

MOST = 6
"""So many good requests are tried until one is accepted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GoodRequests:
    """Candidates for the good request of one operation, by what the session has seen so far."""

    operation: Operation
    session: Session

    @property
    def contract(self) -> Contract:
        """The contract of the run."""
        return self.session.contract

    @property
    def given(self) -> Any:
        """The caller's own example (`--example`); NOTHING where there is none."""
        return self.session.options.examples.get(self.operation.id, NOTHING)

    async def prepare(self) -> None:
        """Make what the path is to name, where nothing of this run is there."""
        things, operation = self.session.things, self.operation
        if self.given is NOTHING:
            first = next(candidates(self.contract, operation, self.session.credentials), None)
            if first is not None:
                await provide_named(self.session, operation, first)
                await provide_account(self.session, operation, first)
                await provide_handed(self.session, operation)
        names = item_names(operation) or bulk_removal(self.contract, operation) is not None
        if gives_path(self.given) or not names or is_about_own(things, operation):
            return
        await provide(self.session, operation)

    def drafts(self) -> list[Draft]:
        """The candidates; those about things that are known come first."""
        given, things, operation = self.given, self.session.things, self.operation
        made = list(candidates(self.contract, operation, self.session.credentials, given))
        if gives_path(given):
            return made[:MOST]
        # Only refusals are asked for then: they must not be about a thing of anybody.
        if self.spared():
            return [of_nobody(self.contract, operation, one) for one in made[:1]]
        found = (placed(things, operation, one, body=given is NOTHING) for one in made[:2])
        known = [one for one in found if one is not None]
        led = self.session.handed.path(operation)
        if led is not None and given is NOTHING and made:
            known = [made[0].but(segments=segments(operation, led)), *known]
        own = [*self._new(known or made), *known]
        # Only one's own is touched, although it was not found: an example may be somebody's.
        others = [] if own and self._is_about_makeable() else made
        # An own new id before own things, and these before examples, which may be real.
        return [*own, *others][:MOST]

    def _is_about_makeable(self) -> bool:
        """Whether it writes to a thing of which the run makes one of its own, or removes one."""
        operation, makers = self.operation, self.session.things.resources.makers
        if operation.safe:
            return False
        made = any(one in makers for one in item_collections(operation))
        return made or operation.method == "DELETE"

    def _new(self, drafts: list[Draft]) -> Iterator[Draft]:
        """What creates gets an id that nobody has, so that it replaces nothing.

        The caller chooses it in the path of a PUT, or as a property in the body of a POST.
        """
        things, operation = self.session.things, self.operation
        if things.resources.creates_at_its_path(operation):
            new = coined(things, operation, drafts[0]) if drafts else None
            yield from [] if new is None else [new]
        if drafts and self.given is NOTHING:
            yield from islice(self._named_anew(drafts[0]), 1)

    def _named_anew(self, draft: Draft) -> Iterator[Draft]:
        names = draft.body if isinstance(draft.body, dict) else ()
        name = self.session.things.resources.new_name(self.operation, names)
        old = draft.body[name] if name else None
        texts = like(old, secrets.token_hex(4)) if isinstance(old, str) else ()
        for new in [unused_number()] if is_number(old) else texts:
            other = draft.but(body={**draft.body, name: new})
            if allows_body(self.contract, self.operation, other):
                yield other

    def with_more(self, draft: Draft) -> list[Draft]:
        """The draft with optional parameters, one of which the deployment may demand."""
        return list(islice(fuller(self.contract, self.operation, draft), MOST))

    def otherwise(self, draft: Draft) -> list[Draft]:
        """The draft with values that the deployment knows in the place of those that it names."""
        body, found = draft.body, list[Draft]()
        if not isinstance(body, dict) or self.given is not NOTHING:
            return found
        # All properties of one draft at once: a model and its voice may belong together.
        listed = {name: self.session.listed.of(name) for name in body}
        rows = [
            {name: some[number] for name, some in listed.items() if number < len(some)}
            for number in range(max(map(len, listed.values()), default=0))
        ]
        latest = {name: self.session.handed.take(name) for name in body}
        rows.append({name: one for name, one in latest.items() if one is not None})
        for values in (*islice(self.session.listed.together(body), 1), *rows):
            other = draft.but(body={**body, **values})
            if other.body != body and allows_body(self.contract, self.operation, other):
                found.append(other)
        return found

    def spared(self) -> str:
        """Why nothing is changed or removed: what this run made is not there; "" where it is.

        What others have made stays as it is, as long as the contract has a way to make one's own.
        """
        operation, things = self.operation, self.session.things
        if self._may_end_it():
            return ""
        if ends_session(operation):
            return (
                "it ends the session of its credential, which the run needs; give one of its own: "
                f"--token '{operation.id}'=TOKEN, or a --token-command"
            )
        if ends_everything(operation):
            return (
                "it may stop the deployment, or undo what others have made in it; "
                f"--harmless '{operation.id}' has it tried"
            )
        writes = operation.method in CHANGING or self._is_below_unknown()
        if not writes or gives_path(self.given) or is_about_own(things, operation):
            return ""
        if things.resources.creates_at_its_path(operation):
            return ""
        if operation.method != "POST" and not things.can_be_made(operation):
            return self._irreversible()
        done = "removed" if operation.method == "DELETE" else "changed"
        return (
            f"nothing of the run's own is there to be {done}, and what others have made stays as "
            f"it is; name what may be {done}: --example"
        )

    def _is_below_unknown(self) -> bool:
        """Whether a POST is about what the run has made under ids that it does not know."""
        makers, session = self.session.things.resources.makers, self.session
        if self.operation.method != "POST":
            return False
        named = [makers[one].id for one in item_collections(self.operation) if one in makers]
        made = any(session.billable[one] for one in named)
        return made and session.handed.path(self.operation) is None

    def _may_end_it(self) -> bool:
        """Whether the caller has said so, or whether nothing is left behind."""
        options, operation = self.session.options, self.operation
        given = self.given is not NOTHING and "{" not in operation.path
        renewed = ends_session(operation) and bool(options.credentials.renewable)
        own = options.credentials.has_own(operation)
        return own or given or renewed or not options.writes(operation)

    def _irreversible(self) -> str:
        """Why a DELETE is spared that neither POST nor PUT can make up for; "" for others."""
        operation = self.operation
        if operation.method != "DELETE" or restorer(self.contract, operation) is not None:
            return ""
        leave = (
            f"name what may be removed: --example '{operation.id}'=FILE"
            if "{" in operation.path
            else f"give it a credential of its own: --token '{operation.id}'=TOKEN, "
            f"or --harmless '{operation.id}'"
        )
        return f"what it removes is not of this run, and nothing could put it back; {leave}"

    def ends_caller(self) -> bool:
        """Whether no other token than its own may be tried: that one's session or account ends."""
        return ends_session(self.operation) or self._irreversible() != ""

    def inert(self) -> bool:
        """Whether even what must be refused is about real things: its path has no id."""
        return "{" not in self.operation.path and self.spared() != ""
