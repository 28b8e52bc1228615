"""Refusals, and the problem details (RFC 9457) that tell of them where the contract does not.

The templates are data: `TEMPLATES` is also the list that the documentation prints.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Any

__all__ = [
    "MOST_TOLD",
    "TEMPLATES",
    "Breach",
    "Problem",
    "ProblemTemplate",
    "Refused",
    "invalid_request",
]

MOST_TOLD = 100
"""Breaches that a refusal names; a client that has made more needs no more of them."""
_TYPES = "urn:mock-server:problem:"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProblemTemplate:
    """One kind of refusal: the status it has unless the contract says another, and its title."""

    status: int
    title: str


TEMPLATES = {
    "no-such-path": ProblemTemplate(status=404, title="The contract has no such path"),
    "unknown-wish": ProblemTemplate(status=404, title="The contract has no such response"),
    "no-such-method": ProblemTemplate(status=405, title="The path has no such method"),
    "unauthorized": ProblemTemplate(status=401, title="A credential is missing or not accepted"),
    "forbidden-origin": ProblemTemplate(status=403, title="This client may not use the admin API"),
    "unsupported-media-type": ProblemTemplate(
        status=415, title="The media type of the body is not declared"
    ),
    "unsupported-encoding": ProblemTemplate(
        status=415, title="The Content-Encoding of the body cannot be decoded"
    ),
    "malformed-http": ProblemTemplate(status=400, title="The request is not well-formed HTTP/1.1"),
    "https-only": ProblemTemplate(status=400, title="The server uses HTTPS"),
    "unknown-method": ProblemTemplate(status=501, title="The server knows no such method"),
    "http-version": ProblemTemplate(
        status=505, title="The request has an unsupported version of HTTP"
    ),
    "too-slow": ProblemTemplate(status=408, title="The request took too long to arrive"),
    "head-too-large": ProblemTemplate(
        status=431, title="The target and headers are larger than the limit"
    ),
    "too-large": ProblemTemplate(status=413, title="The body is larger than the limit"),
    "invalid-request": ProblemTemplate(status=400, title="The request breaks the contract"),
    "not-acceptable": ProblemTemplate(status=406, title="No response fits the Accept header"),
    "unserved": ProblemTemplate(status=501, title="The contract's response cannot be generated"),
    "no-such-thing": ProblemTemplate(status=404, title="The resource does not exist"),
    "precondition-failed": ProblemTemplate(status=412, title="The resource is not as was expected"),
    "already-there": ProblemTemplate(status=409, title="The resource already exists"),
    "too-many-followers": ProblemTemplate(status=503, title="Too many clients follow the journal"),
    "too-many-scenarios": ProblemTemplate(status=409, title="Too many scenarios are waiting"),
    "shared-state-lost": ProblemTemplate(status=503, title="The shared state cannot be reached"),
    "upstream-failed": ProblemTemplate(status=502, title="The upstream does not answer"),
    "undocumented": ProblemTemplate(
        status=500, title="The contract does not document this response"
    ),
    "documented": ProblemTemplate(
        status=500, title="The contract documents this response without a body"
    ),
    "internal": ProblemTemplate(status=500, title="The mock server itself failed"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Breach:
    """One place where a request breaks the contract.

    `place` is `body`, `path`, `query`, `header` or `cookie`; `name` belongs to a parameter, and
    `pointer` leads into the body or into the parameter's value.
    """

    place: str
    keyword: str
    message: str
    pointer: str = ""
    name: str = ""

    @property
    def sentence(self) -> str:
        """The breach in one clause, for people."""
        if self.place == "body":
            return f"body{' ' + self.pointer if self.pointer else ''}: {self.message}"
        return f"{self.place} parameter '{self.name}'{self.pointer}: {self.message}"

    def as_error(self) -> dict[str, str]:
        """The breach as a member of `errors`; the pointer is a fragment, as RFC 9457 writes it."""
        told = {"keyword": self.keyword, "message": self.message}
        if self.place == "body":
            return {"pointer": f"#{self.pointer}", **told}
        inner = {"pointer": f"#{self.pointer}"} if self.pointer else {}
        return {"in": self.place, "parameter": self.name, **inner, **told}


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One refusal. `kind` is a key of TEMPLATES; `offers` is what there would have been."""

    kind: str
    status: int
    detail: str
    breaches: tuple[Breach, ...] = ()
    offers: tuple[str, ...] = ()
    headers: tuple[tuple[bytes, bytes], ...] = ()

    @classmethod
    def of(cls, kind: str, detail: str, **more: Any) -> Problem:
        """A problem of a kind, with that kind's status unless another is given."""
        return cls(kind=kind, detail=detail, **{"status": TEMPLATES[kind].status, **more})

    def with_status(self, status: int) -> Problem:
        """The same refusal under the status that the contract documents for it."""
        return self if status == self.status else replace(self, status=status)

    def body(self) -> bytes:
        """The `application/problem+json` document."""
        document: dict[str, Any] = {
            "type": _TYPES + self.kind,
            "title": TEMPLATES[self.kind].title,
            "status": self.status,
            "detail": self.detail,
        }
        if self.breaches:
            document["errors"] = [breach.as_error() for breach in self.breaches]
        if self.offers:
            document["available"] = list(self.offers)
        return json.dumps(document).encode()

    def __str__(self) -> str:
        return self.detail or HTTPStatus(self.status).phrase


class Refused(Exception):  # noqa: N818  it is an outcome of the way of a request, not a failure
    """Leaves the way of a request where it ends in a refusal."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        self.problem = problem


def invalid_request(breaches: Sequence[Breach], status: int) -> Problem:
    """The problem of a request with these breaches: one sentence that names MOST_TOLD at most."""
    told = tuple(breaches[:MOST_TOLD])
    detail = "; ".join(breach.sentence for breach in told)
    if len(breaches) > MOST_TOLD:
        detail += f"; and more: counting stopped at {MOST_TOLD}"
    return Problem.of("invalid-request", detail, status=status, breaches=told)
