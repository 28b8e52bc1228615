"""Answers that a changed contract allows in place of those that a client got by the one before."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from conformance.cases.valid_values import ValidValueBuilder
from conformance.clauses.ids import clause_id
from conformance.clauses.kinds import ClauseKind
from conformance.client.answered import Answered, ClientAnswer
from conformance.client.variation import Change, Variation
from conformance.client.variations import variations_of, without_header
from conformance.judgement.dropped import Content, Dropping, answer_of, successor
from conformance.messages.request_values import sampled
from conformance.messages.writing import answer_of as written_answer
from spec import Contract, Direction, SpecError
from spec.model.contract_model import MediaType, Operation, Response
from spec.text.media_types import is_json, match, parse

__all__ = ["NewlyAllowed"]

MOST = 5
"""Answers that a client is given for one change: a wider enum may have a hundred new members."""
_CLOCKED = frozenset({ClauseKind.TIME, ClauseKind.ERRORS, ClauseKind.STREAMS})
"""What no change of a contract is about: when an answer comes, and in how many pieces."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Candidate:
    variation: Variation
    missed: Content


@dataclass
class NewlyAllowed:
    """For each change of answers, those that show it to a client. `known` is what it got by OLD."""

    dropping: Dropping
    known: Mapping[str, Answered]
    _candidates: dict[str, tuple[_Candidate, ...]] = field(default_factory=dict)

    def variations(
        self, operation: str, dropped: Content, witness: Mapping[str, Any]
    ) -> tuple[Variation, ...]:
        """Answers of an operation that lack what a change takes away, those nearest to the known.

        Args:
            operation: its id in OLD.
            dropped: what the change takes away.
            witness: the answer that proves the change; it is taken where no nearer one shows it.
        """
        known = self.known.get(operation)
        if known is None:
            return ()
        if operation not in self._candidates:
            self._candidates[operation] = tuple(self._possible(known))
        fitting = [one for one in self._candidates[operation] if one.missed.meets(dropped)]
        # What takes away nothing else tells the changes apart.
        nearest = sorted(fitting, key=lambda one: len(one.missed.promises | one.missed.parts))
        if nearest:
            return tuple(one.variation for one in nearest[:MOST])
        if not dropped.promises:
            return ()  # the client never got what is gone
        return (_of_witness(self.dropping.before, known, witness),)

    def _possible(self, known: Answered) -> Iterator[_Candidate]:
        was = self.dropping.before.operation(known.operation)
        now = None if was is None else successor(self.dropping.after, was)
        if was is None or now is None:
            return
        tried = list[dict[str, Any]]()
        for one in _Replacements(self.dropping.after, was, now, known).variations():
            found = ((call, one.change(call)) for call in known.calls)
            call, document = next(((a, b) for a, b in found if b is not None), (None, None))
            if call is None or document is None or document in tried:
                continue
            tried.append(document)
            missed = self.dropping.missed(was, answer_of(call.document()), answer_of(document))
            if missed.promises or missed.parts:
                yield _Candidate(variation=one, missed=missed)


def _of_witness(before: Contract, known: Answered, witness: Mapping[str, Any]) -> Variation:
    """The answer that proves a change, in place of every success in its status."""
    headers = dict(witness["headers"])
    media = next((headers.pop(one) for one in list(headers) if one.lower() == "content-type"), "")
    document = {"status": witness["status"], "headers": headers}
    document |= {"media": media, "body": witness["body"]} if media else {"body": ""}
    operation = before.operation(known.operation)
    is_new = operation is None or operation.response_for(witness["status"]) is None

    def change(call: ClientAnswer) -> dict[str, Any] | None:
        fits = call.status == witness["status"] or (is_new and 200 <= call.status < 300)
        return document if fits else None

    label = "the answer is the plainest one that shows the change"
    return _variation(known.operation, "witness", label, change)


def _variation(operation: str, what: str, label: str, change: Change) -> Variation:
    return Variation(
        operation=operation,
        clause=clause_id(operation, f"client.changed.{what}"),
        kind=ClauseKind.RESPONSE,
        label=label,
        pointer="",
        change=change,
    )


@dataclass(frozen=True)
class _Replacements:
    """What may come from now on in place of the known answers of one operation."""

    after: Contract
    was: Operation
    now: Operation
    known: Answered

    def variations(self) -> Iterator[Variation]:
        """Those with one difference come first."""
        yield from self._bodies()
        yield from self._headers()
        yield from self._statuses()
        label = "the answer is changed as far as NEW demands it"
        yield _variation(self.was.id, "demanded", label, self._demanded)

    def _bodies(self) -> Iterator[Variation]:
        renewed = tuple(filter(None, map(self._renewed, self.known.calls)))
        for one in variations_of(self.after, Answered(operation=self.now.id, calls=renewed)):
            if one.kind not in _CLOCKED:
                yield replace(one, operation=self.was.id, change=self._of_renewed(one.change))

    def _of_renewed(self, change: Change) -> Change:
        def changed(call: ClientAnswer) -> dict[str, Any] | None:
            renewed = self._renewed(call)
            return None if renewed is None else change(renewed)

        return changed

    def _headers(self) -> Iterator[Variation]:
        for name in sorted({name for call in self.known.calls for name in call.headers}):
            label, change = f"the header {name} is absent", partial(without_header, name)
            yield _variation(self.was.id, f"header({name})", label, change)

    def _statuses(self) -> Iterator[Variation]:
        """Each success that is new, and one in place of what is no longer documented."""
        for response in self.now.responses:
            if not response.status.isdigit() or not 200 <= int(response.status) < 300:
                continue
            for media_type in response.content or (None,):
                name = "nothing" if media_type is None else media_type.name
                label = f"the answer is a {response.status} with {name}"
                what = f"{response.status}({name})"
                yield _variation(
                    self.was.id, what, label, self._replaced(int(response.status), media_type)
                )

    def _replaced(self, status: int, media_type: MediaType | None) -> Change:
        def change(call: ClientAnswer) -> dict[str, Any] | None:
            if not 200 <= call.status < 300:
                return None
            if status == call.status and media_type is not None and call.media == media_type.name:
                return None
            return self._in(status, media_type, call)

        return change

    def _in(
        self, status: int, media_type: MediaType | None, call: ClientAnswer
    ) -> dict[str, Any] | None:
        """The known body in another status or media type, or else the plainest one of it."""
        if media_type is None:
            return {"status": status, "body": ""}
        schema = media_type.schema
        both_json = is_json(media_type.name) and is_json(call.media)
        if both_json and schema is not None and self._builder.valid(schema, call.body):
            return {"status": status, "media": media_type.name, "body": call.body}
        try:
            body = sampled(self.after, media_type, Direction.RESPONSE)
            answer = written_answer(self.after, status, media_type, body)
        except SpecError:
            return None
        media = answer.header("content-type") or media_type.name
        text = body if is_json(media) else answer.body.decode("utf-8", "replace")
        return {"status": status, "media": media, "body": text}

    @property
    def _builder(self) -> ValidValueBuilder:
        return ValidValueBuilder(contract=self.after, direction=Direction.RESPONSE)

    def _demanded(self, call: ClientAnswer) -> dict[str, Any] | None:
        renewed = self._renewed(call)
        same = renewed is None or renewed.body == call.body
        return None if same or renewed is None else renewed.document()

    def _renewed(self, call: ClientAnswer) -> ClientAnswer | None:
        """The answer as NEW allows it: as it is, or with what NEW demands; None if it cannot be."""
        response: Response | None = self.now.response_for(call.status)
        if response is None or parse(call.media) is None:
            return None
        name = match(call.media, [one.name for one in response.content])
        media_type = next((one for one in response.content if one.name == name), None)
        if media_type is None or media_type.schema is None or not is_json(call.media):
            return None
        if self._builder.valid(media_type.schema, call.body):
            return call
        body = self._builder.full(media_type.schema, base=call.body)
        return None if body is None else replace(call, body=body)
