"""What consumers of one status receive as headers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from conformance.diff.model.change import Change
from conformance.diff.parts.response_pairs import ResponsePair, plain_answer
from conformance.diff.schemas.compared_schemas import ComparedSchemas
from conformance.diff.schemas.schema_comparison import SchemaComparison
from conformance.http.exchange import Answer
from conformance.messages.writing import answer_of
from conformance.report.codes.finding_code import FindingCode
from spec import Direction, Header

__all__ = ["ResponseHeaders"]


@dataclass(frozen=True, slots=True)
class ResponseHeaders:
    """The headers of a status in both contracts; names are matched without regard to case."""

    pair: ResponsePair
    schemas: SchemaComparison

    def changes(self) -> Iterator[Change]:
        """Every difference in which headers are sent, and with which values."""
        old = {header.name.lower(): header for header in self.pair.old.headers}
        new = {header.name.lower(): header for header in self.pair.new.headers}
        for name, header in old.items():
            if name in new:
                yield from self._header(header, new[name])
            else:
                yield self._header_removed(header)
        for name, header in new.items():
            if name not in old:
                part = f"header {header.name}"
                what = f"{self.pair.where} has the new header {header.name}"
                yield self.pair.change(
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
            operation=self.pair.matched.id,
            part=f"{self.pair.part} header {header.name}",
            what=f"{self.pair.where} no longer has the header {header.name}",
            origin=header.pointer,
            written=self.pair.matched.old.find(header.pointer),
            old="documented" + (", always sent" if header.required else ""),
            new="not documented",
            place=self.pair.matched.old.place(header.pointer),
            show=partial(self._lost_header, header),
        )

    def _lost_header(self, header: Header) -> Any:
        """The answer that has it; where it was required, the one without it breaks the promise."""
        if header.required:
            plain = self.pair.matched.answer(
                lambda: plain_answer(self.pair.matched.new, self.pair.new, self.pair.status)
            )
            # An answer without a required header breaks what OLD promised of it.
            if plain is not None:
                return plain
        return self.pair.matched.documented_only_by_old(
            lambda: plain_answer(
                self.pair.matched.old, self.pair.old, self.pair.status, header=header
            ),
            f"the header {header.name}",
        )

    def _header(self, old: Header, new: Header) -> Iterator[Change]:
        part = f"{self.pair.part} header {old.name}"
        if old.required and not new.required:
            yield Change(
                code=FindingCode.RESPONSE_HEADER_OPTIONAL,
                operation=self.pair.matched.id,
                part=part,
                what=f"the header {old.name} of {self.pair.where} may now be missing",
                origin=new.pointer,
                old="always sent",
                new="may be missing",
                place=self.pair.matched.new.place(new.pointer),
                show=lambda: self.pair.matched.answer(
                    lambda: plain_answer(self.pair.matched.new, self.pair.new, self.pair.status)
                ),
            )
        elif new.required and not old.required:
            yield self.pair.change(
                FindingCode.RESPONSE_NARROWED,
                f"the header {old.name} of {self.pair.where} is now always sent",
                new.pointer,
                "optional",
                "required",
                f"header {old.name}",
            )
        yield from self.schemas.changes(
            ComparedSchemas(
                operation=self.pair.matched.id,
                part=part,
                where=f"the header {old.name} of {self.pair.where}",
                old=old.value_schema,
                new=new.value_schema,
                direction=Direction.RESPONSE,
                textual=True,
                show=partial(self._header_witness, new),
            )
        )

    def _header_witness(self, header: Header, value: Any) -> Any:
        def made() -> Answer:
            plain = plain_answer(self.pair.matched.new, self.pair.new, self.pair.status)
            own = answer_of(
                self.pair.matched.new, self.pair.status, headers=[(header, value)]
            ).headers
            kept = [one for one in plain.headers if one[0] != header.name]
            return Answer(status=plain.status, headers=(*kept, *own), body=plain.body)

        return self.pair.matched.answer(made)
