"""Requests and answers as a report shows them: redacted, and of bounded length."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Exchange", "ReportedRequest", "ReportedResponse"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportedRequest:
    """A request as a report shows it: secrets are `$TOKEN`, a long body is cut and says so."""

    method: str
    url: str
    headers: tuple[tuple[str, str], ...] = ()
    body: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportedResponse:
    """An answer as a report shows it, with the same care."""

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One request with its answer, for HAR. `started` is in seconds since 1970, `seconds` long."""

    request: ReportedRequest
    response: ReportedResponse | None
    started: float
    seconds: float
    clauses: tuple[str, ...] = ()
