"""A case: one request, the clause that it tests, and which answers keep or break that clause."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum

from conformance.cases.edge_values import Strength
from conformance.clauses.kinds import ClauseKind
from conformance.http.exchange import Request
from conformance.http.request_drafts import Draft
from conformance.report.findings import Level

__all__ = ["Case", "Expect", "Layer", "Unit", "conflict", "lies_in"]


class Expect(Enum):
    """What the contract, or HTTP, wants of the answer."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    UNAUTHORIZED = "refused with 401"
    UNSUPPORTED = "refused with 415"
    NO_METHOD = "refused with 405 or 404"
    UNSERVED = "not answered by the operation"
    ANYTHING = "answered, without failing"

    @property
    def of_refusal(self) -> bool:
        """Whether a success would be a deviation."""
        return self in (Expect.REFUSED, Expect.UNAUTHORIZED, Expect.UNSUPPORTED)


class Layer(Enum):
    """Which layer refuses the request: the operation, or the HTTP server in front of it."""

    OPERATION = "operation"
    HTTP = "HTTP"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """`clauses` are those for which the answer is evidence, the one that is tested first.

    `code` is the finding where the clause is broken by an acceptance (or by a refusal of what must
    be accepted), and `level` its weight where `strength` (how much speaks for an edge) does not
    say it. `also` are statuses that count like the expected ones; `open_statuses` prove nothing
    where the contract documents them: what exists it does not say. `fault` is a kind of fault that
    is one cause, whichever keyword it breaks; `partly` says that its acceptance does not show that
    nothing is looked at there. `in_path` says that the fault stands in the path.
    `layer` is who has it refused: what HTTP itself refuses is not judged by the contract.
    `may_close` allows the server to hang up. `authorized` says that a good credential was sent, so
    that 401 is no answer to the fault. `untried` are methods that are not declared and were not
    tried: what Allow says of them is all that is known. `base` is the accepted request on which
    the fault was laid; None stands for the control. `inert` says that nothing in it could be
    taken for good. `undecided` is why a refusal of it proves nothing, although a success would.
    `apart` says that it is accepted without any of its units, which are refused together only.
    `beside` is how many other faults the request has, so that a refusal proves nothing. `slot` is
    where its fault stands, and `apply` puts it into another request, where faults of other slots
    may stand. `called` is what a title says was sent, where the clause says too little.
    """

    operation: str
    clauses: tuple[str, ...]
    family: ClauseKind
    label: str
    request: Request
    expect: Expect
    code: str = ""
    strength: Strength = Strength.NAMED
    also: frozenset[int] = frozenset()
    level: Level | None = None
    open_statuses: frozenset[int] = frozenset()
    fault: str = ""
    partly: bool = False
    in_path: bool = False
    layer: Layer = Layer.OPERATION
    may_close: bool = False
    authorized: bool = True
    inert: bool = False
    undecided: str = ""
    apart: bool = False
    untried: frozenset[str] = frozenset()
    units: tuple[Unit, ...] = ()
    beside: int = 0
    called: str = ""
    slot: tuple[str | int, ...] = ()
    apply: Callable[[Draft], Draft] | None = field(default=None, compare=False)
    draft: Draft | None = field(default=None, compare=False)
    base: Draft | None = field(default=None, compare=False)

    @property
    def clause(self) -> str:
        """The clause that is tested."""
        return self.clauses[0]

    @property
    def unrouted(self) -> frozenset[int]:
        """Statuses of a router for a fault in the path; 406 where the path may name a format."""
        if not self.in_path:
            return frozenset()
        last = self.request.target.partition("?")[0].rpartition("/")[2]
        return frozenset({404, 406} if "." in last else {404})

    @property
    def must_be_refused(self) -> bool:
        """Whether a success would be a deviation: such requests cost nothing where all is well."""
        return self.expect.of_refusal


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """One edge among several that travel together; units with conflicting slots do not.

    `smaller` are milder ones, to be tried where this one is refused: what refuses 65,537
    characters may refuse 101. `instead` is tried where one of them is refused for another clause:
    a letter may be refused in a text of any length, which says nothing of lengths. `size` are the
    bytes of a long text: bodies have a limit. `level` and `open_statuses` are those of the case.
    `telling` ones are what many servers fail at, and `omitting` ones leave an optional part out.
    `seen` says that a request which was accepted has its value in that place.
    `called` is what a title says was sent, with {} for its place, where the clause says too little.
    """

    clause: str
    label: str
    slot: tuple[str | int, ...]
    apply: Callable[[Draft], Draft] = field(compare=False)
    strength: Strength = Strength.NAMED
    code: str = ""
    level: Level | None = None
    open_statuses: frozenset[int] = frozenset()
    smaller: tuple[Unit, ...] = field(default=(), compare=False)
    instead: Unit | None = field(default=None, compare=False)
    size: int = 0
    telling: bool = False
    omitting: bool = False
    seen: bool = False
    called: str = ""


def conflict(one: tuple[str | int, ...], other: tuple[str | int, ...]) -> bool:
    """Whether two slots are the same place, or one lies in the other."""
    shorter = min(len(one), len(other))
    return one[:shorter] == other[:shorter]


def lies_in(one: tuple[str | int, ...], other: tuple[str | int, ...]) -> bool:
    """Whether a slot is inside of another one, and not the same place."""
    return len(one) > len(other) and one[: len(other)] == other
