"""One request and its answer, as whoever watches the mock is told of it."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Exchange"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """What was asked, what was answered, and why.

    `path` is as sent, percent-encoding included, without the query. `operation` is
    `POST /api/…` as in the contract, or None where no operation was meant. `source` is what
    `X-Mock-Source` says. `milliseconds` counts from the arrival of the head to the last byte
    handed to the server. `reason` is one sentence, and empty unless the request was refused.
    """

    method: str
    path: str
    status: int
    source: str
    milliseconds: float
    reason: str = ""
    operation: str | None = None
