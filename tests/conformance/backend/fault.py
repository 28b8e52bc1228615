"""What a fault is: a small change to the correct server, and the proof that it is one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Literal

from tests.conformance.backend.behaviour import Behaviour
from tests.conformance.backend.proof import Shows

__all__ = ["Family", "Fault", "Patch", "Variant"]

Patch = Callable[[Behaviour], Behaviour]


class Family(Enum):
    """The families of the kit's cases; a fault is found by the cases of its family."""

    CREDENTIALS = "credentials"
    BODIES = "request bodies"
    EDGES = "edges that must be accepted"
    MEDIA = "media types, charsets, codings, Accept"
    PARAMETERS = "parameters"
    METHODS = "methods"
    RESPONSES = "responses"
    STREAMS = "event streams"
    REPETITION = "repetition and concurrency"
    LEAKS = "secrets and stack traces"
    HEADERS = "headers"
    WIRE = "framing on the wire"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One way in which real backends break the contract.

    `finds` names the kind of clause that the kit should report it by, `level` the least that the
    finding may weigh; `also` is a pattern for clauses that it breaks beside its own. `options` are
    what `conformance run` needs to see it in good time.
    """

    name: str
    family: Family
    operations: Sequence[str]
    what: str
    finds: str
    patch: Patch
    shows: Shows
    level: Literal["error", "warning"] = "error"
    also: str = ""
    options: Sequence[str] = ()
    beside: Sequence[str] = ()
    """Operations that must be asked as well for it to show, though nothing is wrong with them."""
    raw: bool = False
    """It shows only on a socket, never through ASGI within the process."""
    writes: bool = False
    """It shows only where the kit may write (`--allow-writes`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """One way in which correct backends differ; no kit may accuse it."""

    name: str
    what: str
    patch: Patch
    shows: Shows
    raw: bool = False
