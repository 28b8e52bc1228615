"""One status that both contracts document, and how a difference there is said."""

from __future__ import annotations

from dataclasses import dataclass

from conformance.diff.model.change import Change
from conformance.diff.model.matched import Matched
from conformance.http.exchange import Answer
from conformance.messages.request_values import sampled
from conformance.messages.writing import answer_of
from conformance.report.codes.finding_code import FindingCode
from spec import Contract, Direction, Header, MediaType, Response

__all__ = ["ResponsePair", "plain_answer"]


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
class ResponsePair:
    """A status that both contracts document; `part` names it: `response 200`."""

    matched: Matched
    old: Response
    new: Response
    status: int
    part: str

    @property
    def where(self) -> str:
        """The answer in words: `GET /orders 200`."""
        return f"{self.matched.id} {self.part.removeprefix('response ')}"

    def change(
        self, code: FindingCode, what: str, pointer: str, old: str, new: str, detail: str
    ) -> Change:
        """A difference without a witness, at a pointer of NEW or, with "", at the response."""
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
