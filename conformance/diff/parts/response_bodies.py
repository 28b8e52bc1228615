"""What consumers of one status receive as the body: media types and schemas."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from conformance.diff.model.change import Change
from conformance.diff.parts.encodings import part_changes
from conformance.diff.parts.media import paired, travels_as_text, uncovered, writes_xml
from conformance.diff.parts.response_pairs import ResponsePair, plain_answer
from conformance.diff.parts.sequences import compared
from conformance.diff.schemas.compared_schemas import ComparedSchemas
from conformance.diff.schemas.schema_comparison import SchemaComparison
from conformance.http.exchange import Answer
from conformance.messages.request_values import sampled
from conformance.messages.writing import answer_of
from conformance.report.codes.finding_code import FindingCode
from spec import Direction, MediaType
from spec.text.forms import is_form

__all__ = ["ResponseBodies"]


@dataclass(frozen=True, slots=True)
class ResponseBodies:
    """The bodies of a status in both contracts."""

    pair: ResponsePair
    schemas: SchemaComparison

    def changes(self) -> Iterator[Change]:
        """Every difference in what the body may be."""
        pairs = paired(self.pair.old.content, self.pair.new.content)
        # NEW is the sender: its narrower media type is held against what OLD says of it.
        sent = paired(self.pair.new.content, self.pair.old.content).both
        covering = {old.name for _, old in sent}
        for media_type in pairs.removed:
            if media_type.name in covering:
                yield self._range_narrowed(media_type)
            else:
                yield self._media_type_removed(media_type)
        for media_type in pairs.added:
            if any(new is media_type for new, _ in sent):
                continue
            code = (
                FindingCode.RESPONSE_MEDIA_TYPE_ADDED
                if self.pair.old.content
                else FindingCode.RESPONSE_BODY_ADDED
            )
            what = f"{self.pair.where} may now be {media_type.name}"
            yield self.pair.change(code, what, "", "not documented", "documented", media_type.name)
        narrowed = [(new, old) for old, new in pairs.both if (new, old) not in sent]
        for old, new in pairs.both:
            if is_form(new.name):
                yield from part_changes(
                    self.pair.matched, old, new, f"{self.pair.part} {new.name}", Direction.RESPONSE
                )
        # Where NEW is the wider one, its schema counts for the type that OLD has.
        for new, old in (*sent, *((replace(new, name=old.name), old) for new, old in narrowed)):
            yield from self._contents(old, new)

    def _range_narrowed(self, media_type: MediaType) -> Change:
        """A range promises a body of one of its types, so fewer of them is still a promise kept."""
        names = ", ".join(one.name for one in self.pair.new.content)
        return self.pair.change(
            FindingCode.RESPONSE_NARROWED,
            f"of {media_type.name}, {self.pair.where} now has {names} only",
            "",
            media_type.name,
            names,
            media_type.name,
        )

    def _contents(self, old: MediaType, new: MediaType) -> Iterator[Change]:
        sides = (self.pair.matched.old, old), (self.pair.matched.new, new)
        for one in compared(*sides, Direction.RESPONSE):
            yield from self.schemas.changes(
                ComparedSchemas(
                    operation=self.pair.matched.id,
                    part=f"{self.pair.part} {new.name}{one.part}",
                    where=self.pair.where,
                    old=one.old,
                    new=one.new,
                    direction=Direction.RESPONSE,
                    textual=travels_as_text(new),
                    is_xml=writes_xml(new),
                    holds_data=one.holds_data,
                    show=partial(self._body_witness, new, one.body),
                )
            )

    def _body_named(self, media_type: MediaType) -> str:
        return f"the body {media_type.name}" if self.pair.new.content else "a body"

    def _media_type_removed(self, media_type: MediaType) -> Change:
        return Change(
            code=FindingCode.RESPONSE_MEDIA_TYPE_REMOVED,
            operation=self.pair.matched.id,
            part=f"{self.pair.part} {media_type.name}",
            what=f"{self.pair.where} no longer has {self._body_named(media_type)}",
            origin=media_type.pointer,
            old="documented",
            new=", ".join(m.name for m in self.pair.new.content) or "no body is documented",
            place=self.pair.matched.old.place(media_type.pointer),
            show=partial(self._media_type_witness, media_type),
        )

    def _media_type_witness(self, media_type: MediaType) -> Any:
        lost_type = uncovered(media_type, self.pair.new.content)

        def lost() -> Answer:
            return plain_answer(self.pair.matched.old, self.pair.old, self.pair.status, lost_type)

        if not self.pair.new.content:
            return self.pair.matched.documented_only_by_old(lost, "a body")
        return self.pair.matched.lost_answer(lost)

    def _body_witness(self, media_type: MediaType, body: Callable[[Any], Any], value: Any) -> Any:
        headers = [
            (one, sampled(self.pair.matched.new, one, Direction.RESPONSE))
            for one in self.pair.new.headers
            if one.required
        ]
        return self.pair.matched.answer(
            lambda: answer_of(
                self.pair.matched.new, self.pair.status, media_type, body(value), headers
            )
        )
