"""What consumers of an operation receive: statuses, media types, bodies, headers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from conformance.diff.change import Change
from conformance.diff.encodings import part_changes
from conformance.diff.matched import Matched
from conformance.diff.media import paired, travels_as_text, uncovered, writes_xml
from conformance.diff.schemas import SchemaComparison
from conformance.diff.sequences import compared
from conformance.diff.subject import Subject
from conformance.http.exchange import Answer
from conformance.messages.calls import sampled
from conformance.messages.writing import answer_of
from conformance.report.codes.finding_code import FindingCode
from spec import Contract, Direction, Header, MediaType, Operation, Response
from spec.text.forms import is_form

__all__ = ["response_changes"]


def response_changes(matched: Matched, schemas: SchemaComparison) -> Iterator[Change]:
    """Every difference in what the operation may answer."""
    seen: set[tuple[str, str]] = set()
    for status in _statuses(matched.before, matched.after):
        old, new = _entry(matched.before, status), _entry(matched.after, status)
        key = (old.status if old else "", new.status if new else "")
        if key in seen:
            continue
        seen.add(key)
        if old and new:
            label = old.status if old.status == new.status else str(status)
            found = _Both(matched, schemas, old, new, status, f"response {label}").changes()
            yield from found if old.status == new.status else _taken_out(matched, old, new, found)
        elif old:
            yield _status_removed(matched, old, status)
        elif new:
            yield _status_added(matched, new, status)


def _taken_out(
    matched: Matched, old: Response, new: Response, found: Iterable[Change]
) -> Iterator[Change]:
    """One edit is one finding: a status that was covered by `default` or a range until now."""
    changes = sorted(found, key=lambda one: -one.level.rank)
    if not changes:
        return
    worst, more = changes[0], len(changes) - 1
    narrower, wider = (new, old) if old.status in _WIDE else (old, new)
    also = f", and {more} more" if more else ""
    said = "apart from" if narrower is new else "no longer apart from"
    yield replace(
        worst,
        part=f"response {narrower.status}",
        what=f"{matched.id} documents {narrower.status} {said} {wider.status}: {worst.what}{also}",
        origin=narrower.pointer,
    )


_WIDE = frozenset({"default", *(f"{first}XX" for first in range(1, 6))})


def _statuses(before: Operation, after: Operation) -> list[int]:
    """Every status that an entry names, and one more for each range and for `default`."""
    entries = [response.status for response in (*before.responses, *after.responses)]
    named = sorted({int(status) for status in entries if status.isdecimal()})
    ranges = {int(status[0]) for status in entries if status.endswith("XX")}
    if "default" in entries:
        ranges |= {4, 5} if any(status[0] in "23" for status in entries) else {2, 4, 5}
    return named + [_unnamed(first, named) for first in sorted(ranges)]


def _unnamed(first: int, named: list[int]) -> int:
    usual = {1: 100, 2: 200, 3: 302, 4: 400, 5: 500}[first]
    spare = (usual, *range(first * 100 + 99, first * 100, -1))
    return next((code for code in spare if code not in named), usual)


def _entry(operation: Operation, status: int) -> Response | None:
    """The entry for a status. `default` stands for errors where successes are named."""
    found = operation.response_for(status)
    names_success = any(response.status[0] in "23" for response in operation.responses)
    if found and found.status == "default" and status < 400 and names_success:
        return None
    return found


def _status_removed(matched: Matched, old: Response, status: int) -> Change:
    success = status < 400
    return Change(
        code=FindingCode.SUCCESS_STATUS_REMOVED if success else FindingCode.ERROR_STATUS_REMOVED,
        operation=matched.id,
        part=f"response {old.status}",
        what=f"{matched.id} no longer answers {old.status}",
        old=f"documents {old.status}",
        new=_documented(matched.after),
        place=matched.old.place(old.pointer),
        show=lambda: matched.lost_answer(lambda: plain_answer(matched.old, old, status)),
    )


def _status_added(matched: Matched, new: Response, status: int) -> Change:
    success = status < 400
    return Change(
        code=FindingCode.SUCCESS_STATUS_ADDED if success else FindingCode.ERROR_STATUS_ADDED,
        operation=matched.id,
        part=f"response {new.status}",
        what=f"{matched.id} may now answer {new.status}",
        old=_documented(matched.before),
        new=f"documents {new.status}",
        place=matched.new.place(new.pointer),
        show=lambda: matched.answer(lambda: plain_answer(matched.new, new, status)),
    )


def _documented(operation: Operation) -> str:
    return f"documents {', '.join(r.status for r in operation.responses) or 'no status'}"


def plain_answer(
    contract: Contract,
    response: Response,
    status: int,
    media_type: MediaType | None = None,
    header: Header | None = None,
) -> Answer:
    """The plainest answer: what is required, the given media type or the first, and the header."""
    headers = [one for one in response.headers if one.required or one is header]
    chosen = media_type or next(iter(response.content), None)
    return answer_of(
        contract,
        status,
        chosen,
        sampled(contract, chosen, Direction.RESPONSE) if chosen else None,
        [(one, sampled(contract, one, Direction.RESPONSE)) for one in headers],
    )


@dataclass(frozen=True, slots=True)
class _Both:
    """A status that both contracts document."""

    matched: Matched
    schemas: SchemaComparison
    old: Response
    new: Response
    status: int
    part: str

    @property
    def where(self) -> str:
        """The answer in words: `GET /orders 200`."""
        return f"{self.matched.id} {self.part.removeprefix('response ')}"

    def changes(self) -> Iterator[Change]:
        yield from self._media_types()
        yield from self._headers()

    def _body_named(self, media_type: MediaType) -> str:
        return f"the body {media_type.name}" if self.new.content else "a body"

    def _media_types(self) -> Iterator[Change]:
        pairs = paired(self.old.content, self.new.content)
        # NEW is the sender: its narrower media type is held against what OLD says of it.
        sent = paired(self.new.content, self.old.content).both
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
                if self.old.content
                else FindingCode.RESPONSE_BODY_ADDED
            )
            what = f"{self.where} may now be {media_type.name}"
            yield self._change(code, what, "", "not documented", "documented", media_type.name)
        narrowed = [(new, old) for old, new in pairs.both if (new, old) not in sent]
        for old, new in pairs.both:
            if is_form(new.name):
                yield from part_changes(
                    self.matched, old, new, f"{self.part} {new.name}", Direction.RESPONSE
                )
        for new, old in (*sent, *((replace(new, name=old.name), old) for new, old in narrowed)):
            yield from self._contents(old, new)

    def _contents(self, old: MediaType, new: MediaType) -> Iterator[Change]:
        sides = (self.matched.old, old), (self.matched.new, new)
        for one in compared(*sides, Direction.RESPONSE):
            yield from self.schemas.changes(
                Subject(
                    operation=self.matched.id,
                    part=f"{self.part} {new.name}{one.part}",
                    where=self.where,
                    old=one.old,
                    new=one.new,
                    direction=Direction.RESPONSE,
                    textual=travels_as_text(new),
                    is_xml=writes_xml(new),
                    holds_data=one.holds_data,
                    show=partial(self._body_witness, new, one.body),
                )
            )

    def _media_type_removed(self, media_type: MediaType) -> Change:
        return Change(
            code=FindingCode.RESPONSE_MEDIA_TYPE_REMOVED,
            operation=self.matched.id,
            part=f"{self.part} {media_type.name}",
            what=f"{self.where} no longer has {self._body_named(media_type)}",
            origin=media_type.pointer,
            old="documented",
            new=", ".join(m.name for m in self.new.content) or "no body is documented",
            place=self.matched.old.place(media_type.pointer),
            show=partial(self._media_type_witness, media_type),
        )

    def _range_narrowed(self, media_type: MediaType) -> Change:
        """A range promises a body of one of its types, so fewer of them is still a promise kept."""
        names = ", ".join(one.name for one in self.new.content)
        return self._change(
            FindingCode.RESPONSE_NARROWED,
            f"of {media_type.name}, {self.where} now has {names} only",
            "",
            media_type.name,
            names,
            media_type.name,
        )

    def _media_type_witness(self, media_type: MediaType) -> Any:
        lost_type = uncovered(media_type, self.new.content)

        def lost() -> Answer:
            return plain_answer(self.matched.old, self.old, self.status, lost_type)

        if not self.new.content:
            return self.matched.documented_only_by_old(lost, "a body")
        return self.matched.lost_answer(lost)

    def _body_witness(self, media_type: MediaType, body: Callable[[Any], Any], value: Any) -> Any:
        headers = [
            (one, sampled(self.matched.new, one, Direction.RESPONSE))
            for one in self.new.headers
            if one.required
        ]
        return self.matched.answer(
            lambda: answer_of(self.matched.new, self.status, media_type, body(value), headers)
        )

    def _headers(self) -> Iterator[Change]:
        old = {header.name.lower(): header for header in self.old.headers}
        new = {header.name.lower(): header for header in self.new.headers}
        for name, header in old.items():
            if name in new:
                yield from self._header(header, new[name])
            else:
                yield self._header_removed(header)
        for name, header in new.items():
            if name not in old:
                part = f"header {header.name}"
                what = f"{self.where} has the new header {header.name}"
                yield self._change(
                    FindingCode.RESPONSE_HEADER_ADDED,
                    what,
                    header.pointer,
                    "no such header",
                    "",
                    part,
                )

    def _header_removed(self, header: Header) -> Change:
        return Change(
            code=FindingCode.RESPONSE_HEADER_REMOVED,
            operation=self.matched.id,
            part=f"{self.part} header {header.name}",
            what=f"{self.where} no longer has the header {header.name}",
            origin=header.pointer,
            written=self.matched.old.find(header.pointer),
            old="documented" + (", always sent" if header.required else ""),
            new="not documented",
            place=self.matched.old.place(header.pointer),
            show=partial(self._lost_header, header),
        )

    def _lost_header(self, header: Header) -> Any:
        """The answer that has it; where it was required, the one without it breaks the promise."""
        if header.required:
            plain = self.matched.answer(
                lambda: plain_answer(self.matched.new, self.new, self.status)
            )
            if plain is not None:
                return plain
        return self.matched.documented_only_by_old(
            lambda: plain_answer(self.matched.old, self.old, self.status, header=header),
            f"the header {header.name}",
        )

    def _header(self, old: Header, new: Header) -> Iterator[Change]:
        part = f"{self.part} header {old.name}"
        if old.required and not new.required:
            yield Change(
                code=FindingCode.RESPONSE_HEADER_OPTIONAL,
                operation=self.matched.id,
                part=part,
                what=f"the header {old.name} of {self.where} may now be missing",
                origin=new.pointer,
                old="always sent",
                new="may be missing",
                place=self.matched.new.place(new.pointer),
                show=lambda: self.matched.answer(
                    lambda: plain_answer(self.matched.new, self.new, self.status)
                ),
            )
        elif new.required and not old.required:
            yield self._change(
                FindingCode.RESPONSE_NARROWED,
                f"the header {old.name} of {self.where} is now always sent",
                new.pointer,
                "optional",
                "required",
                f"header {old.name}",
            )
        yield from self.schemas.changes(
            Subject(
                operation=self.matched.id,
                part=part,
                where=f"the header {old.name} of {self.where}",
                old=old.value_schema,
                new=new.value_schema,
                direction=Direction.RESPONSE,
                textual=True,
                show=partial(self._header_witness, new),
            )
        )

    def _header_witness(self, header: Header, value: Any) -> Any:
        def made() -> Answer:
            plain = plain_answer(self.matched.new, self.new, self.status)
            own = answer_of(self.matched.new, self.status, headers=[(header, value)]).headers
            kept = [pair for pair in plain.headers if pair[0] != header.name]
            return Answer(status=plain.status, headers=(*kept, *own), body=plain.body)

        return self.matched.answer(made)

    def _change(
        self, code: FindingCode, what: str, pointer: str, old: str, new: str, detail: str
    ) -> Change:
        return Change(
            code=code,
            operation=self.matched.id,
            part=f"{self.part} {detail}",
            what=what,
            old=old,
            new=new or "documented",
            origin=pointer,
            place=self.matched.new.place(pointer or self.new.pointer),
        )
