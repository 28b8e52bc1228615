"""What a run remembers of every answer: little enough to keep all of them."""

from __future__ import annotations

from dataclasses import dataclass

from conformance.http.exchange import Answer

__all__ = ["AnswerHead"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerHead:
    """The status, 0 where there was no answer, and what tells who answered; a page has HTML."""

    status: int
    location: str
    page: bool
    empty: bool

    @classmethod
    def of(cls, answer: Answer) -> AnswerHead:
        """The head of an answer."""
        return cls(
            status=answer.status,
            location=answer.header("location") or "",
            page="html" in (answer.header("content-type") or ""),
            empty=not answer.body,
        )
