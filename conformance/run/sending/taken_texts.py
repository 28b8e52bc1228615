"""Whether a good request is refused, or fails, since another thing has a text of it.

A name may have to be unique, which no keyword says. An odd text that the run has stored before is
then refused for that, and not for what is odd in it: a plain text that is taken decides.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from dataclasses import replace

from conformance.cases.body_edits import has, setter
from conformance.cases.case import Case, Expect
from conformance.cases.good_bodies import allows_body
from conformance.clauses.ids import clause_id
from conformance.clauses.kinds import ClauseKind
from conformance.clauses.value_paths import Path, get
from conformance.http.exchange import Answer
from conformance.http.methods import is_safe
from conformance.http.request_drafts import Draft
from conformance.judgement.json_answers import read_json
from conformance.run.making.providing import provide
from conformance.run.sending.case_aimer import NO_CASE
from conformance.run.sending.case_sender import CaseSender
from conformance.run.things.fresh_values import like, texts
from conformance.run.things.named_things import Thing
from conformance.run.things.request_sequences import SequenceStep
from spec.model.http_statuses import VALIDATION

__all__ = ["TakenTexts", "about_taken"]

MOST_ASKED = 2
"""So often it is asked for one operation: a text that is refused for itself answers it as well."""


def about_taken(case: Case, paths: Sequence[Path]) -> Case:
    """The case as one that is about texts which another thing has, at these places."""
    names = " or ".join(dict.fromkeys(str(path[-1]) for path in paths))
    return replace(case, called=f"a text in {names} that another thing has")


class TakenTexts:
    """Asks for one operation whether it refuses, or fails at, a text that another thing has."""

    def __init__(self, sender: CaseSender) -> None:
        self._sender, self._asked = sender, 0

    async def taken(self, case: Case, answer: Answer) -> tuple[Case, Answer, SequenceStep] | None:
        """The good request with a plain text that another thing has, where it is answered alike.

        With it come its answer, and the request that has made the other thing. None where the
        answer to the case has another reason, or is no news.
        """
        names = self._suspects(case, answer)
        if not names:
            return None
        self._asked += 1
        other = await self._other_thing()
        if other is None:
            return None
        for path, text in self._texts_of(case, other, names):
            taken = self._case(path, text, answer)
            sent = await self._sender.aimed(taken)
            again = await self._sender.deliver(taken, sent)
            stored = self._sender.session.stored_texts
            alike = again.status == answer.status
            if not (alike and stored.says_alike((case.request, answer), (sent, again))):
                continue
            if await self._takes_new(path, text):
                self._asked = MOST_ASKED  # known from now on
                return taken, again, other
        return None

    def _suspects(self, case: Case, answer: Answer) -> frozenset[str]:
        """The properties of a refused good request whose texts another request has stored."""
        sender, status = self._sender, answer.status
        refused = status in VALIDATION or status >= 500
        asks = sender.proven and self._asked < MOST_ASKED and sender.fresh is None
        if case.expect is not Expect.ACCEPTED or not asks or not refused:
            return frozenset()
        if is_safe(case.request.method) or sender.control is NO_CASE or case.draft is None:
            return frozenset()
        return sender.session.stored_texts.names(case.request, self._good.body)

    async def _other_thing(self) -> SequenceStep | None:
        """The request that has made one more thing like the one that the good request is about."""
        sender, things = self._sender, self._sender.session.things
        thing = things.innermost(sender.declared, sender.control.request.target)
        if thing is None:
            return None
        before = set[Thing](things.made)
        await provide(sender.session, sender.declared, more=True)
        new = [one for one in things.made_in(thing.collection) if one not in before]
        return things.origins.of(new[-1]) if new else None

    def _texts_of(
        self, case: Case, other: SequenceStep, names: frozenset[str]
    ) -> Iterator[tuple[Path, str]]:
        """Where the case has such a text, with the text that the other thing was made with."""
        made, good = read_json(other.request.body or b"").value, self._good.body
        sent = case.draft.body if case.draft is not None else None
        plain = {path[-1]: get(made, path) for path in texts(made) if path}
        for path in texts(sent):
            if path and path[-1] in names and path[-1] in plain and has(good, path[:-1]):
                yield path, plain[path[-1]]

    @property
    def _good(self) -> Draft:
        draft = self._sender.control.draft
        assert draft is not None  # the control of an operation with a body
        return draft

    def _case(self, path: Path, text: str, answer: Answer) -> Case:
        """The good request with a text, as a case about what every answer to it shows."""
        sender, status = self._sender, answer.status
        documented = sender.declared.documents(status)
        local = f"status.{status}" if documented else "status.documented"
        clause = clause_id(sender.operation, "status.no-failure" if status >= 500 else local)
        draft = setter(self._good.body, path, text)(self._good)
        case = replace(
            sender.control,
            clauses=(clause,),
            family=ClauseKind.STEADINESS,
            label=f"`{path[-1]}`: a text that another thing has",
            request=draft.request(),
            draft=draft,
            # Documented it is right, whatever is taken.
            expect=Expect.ANYTHING if documented and status < 500 else Expect.ACCEPTED,
        )
        return about_taken(case, [path])

    async def _takes_new(self, path: Path, text: str) -> bool:
        """Whether the good request is accepted with another plain text in the same place."""
        for new in like(text, secrets.token_hex(4)):
            draft = setter(self._good.body, path, new)(self._good)
            if allows_body(self._sender.contract, self._sender.declared, draft):
                case = replace(self._sender.control, request=draft.request(), draft=draft)
                return self._sender.accepted(await self._sender.send(case))
        return False
