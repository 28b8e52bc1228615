"""Requests and answers as a report shows them: redacted, and of bounded length."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = [
    "ExactRequest",
    "ReportedExchange",
    "ReportedRequest",
    "ReportedResponse",
    "ReportedStep",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExactRequest:
    """What `ReportedRequest` cannot show, so that the request can be sent again to the letter.

    `target` is the path below the target's URL; `packed` the body, gzipped and in base64, where
    its text was cut or is not UTF-8. `framing` and `version` are those of the request on the wire.
    `missing` says in a sentence why the body could not be kept; "" where nothing is missing.
    `altered` is the name of the way in which `$ALTERED_TOKEN` was made of the credential.
    """

    target: str
    framing: str
    version: str
    wire: bool = False
    packed: str = ""
    missing: str = ""
    altered: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportedRequest:
    """A request as a report shows it: secrets are `$TOKEN`, a long body is cut and says so."""

    method: str
    url: str
    headers: tuple[tuple[str, str], ...] = ()
    body: str | None = None
    exact: ExactRequest | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportedStep:
    """A request before the one that shows a place, of an operation of the contract.

    `ids` are those of the path of what it made, an item of the `collection`: later requests have
    them, and another run gets others. Both are empty where it made nothing. `refused` is one that
    had to be refused, or whose answer does not matter.
    """

    operation: str
    request: ReportedRequest
    collection: str = ""
    ids: tuple[str, ...] = ()
    refused: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportedResponse:
    """An answer as a report shows it, with the same care."""

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: str | None = None

    def header(self, name: str) -> str | None:
        """The first field of that name; None where there is none."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportedExchange:
    """One request with its answer, for HAR. `started` is in seconds since 1970, `seconds` long."""

    request: ReportedRequest
    response: ReportedResponse | None
    started: float
    seconds: float
    clauses: tuple[str, ...] = ()
