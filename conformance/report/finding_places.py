"""The place: what a deviation, a change or a remark is evidence about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from conformance.http.reported import ReportedRequest, ReportedResponse, ReportedStep
from conformance.report.level import Level
from spec.model.errors import Place

__all__ = ["FindingPlace", "Likeness", "Trial"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What `replay` needs to judge the answer to a stored request again.

    `expect` and `strength` are the names of the members of the case's enumerations; `clauses` are
    those for which the answer is evidence; `also` are further statuses that are right, and
    `open_statuses` those that prove nothing where they are documented. `alone` is False where the
    deviation shows only among other requests. `level` is "" where the strength says it. `inert`:
    the request has nothing in it that any reader could take for a good one. `beside` is
    how many other faults it has.
    """

    expect: str
    strength: str
    family: str
    code: str
    clauses: tuple[str, ...]
    also: tuple[int, ...] = ()
    alone: bool = True
    level: str = ""
    open_statuses: tuple[int, ...] = ()
    layer: str = "OPERATION"
    may_close: bool = False
    authorized: bool = True
    inert: bool = False
    beside: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Likeness:
    """Why a place is shown together with others, and what the title says of them.

    `asked` is what was expected of the answer, and `schema` the place of the contract that the
    answer breaks. `accepted` says that the answer was a success, `trouble` why there was none;
    `tested` that a request was made for this very clause. `requests` are numbers: two places of an
    operation that have one in common were shown by one answer; the first is that of the place.
    `forms` are the bad credentials that show it. `size` is the length of the shortest value that is
    long on purpose, `omitting` whether optional parts were left out, and `called` what is said of
    the values where the clause says too little. `apart` says that without one of its values it is
    accepted.
    """

    asked: str
    schema: str
    accepted: bool
    trouble: str
    tested: bool
    requests: tuple[int, ...]
    forms: tuple[str, ...] = ()
    size: int | None = None
    omitting: tuple[bool, ...] = ()
    called: tuple[str, ...] = ()
    apart: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingPlace:
    """One code at one clause of one operation, with the smallest request that shows it.

    `fingerprint` is made of these three (of the change itself for `diff`), `place` is the line of
    the contract to which `pointer` leads, and `label` says how the request differs from a good
    one. `detail` tells causes at one pointer apart: the property that `required` no longer names.
    `batch` names the clauses of which one is broken where they were not told apart. `steps` are
    the requests that go before it; it is sent so many `times`, at the same moment as those
    `beside` it, and all on one connection where that is `kept`. `curl` sends them as well.
    `likeness` is None where no other place can be shown with it.
    """

    fingerprint: str
    operation: str = ""
    clause: str = ""
    level: Level = Level.ERROR
    pointer: str = ""
    label: str = ""
    detail: str = field(default="", compare=False)
    expected: str = ""
    got: str = ""
    request: ReportedRequest | None = None
    response: ReportedResponse | None = None
    curl: str = ""
    place: Place | None = None
    witness: Mapping[str, Any] | None = field(default=None, compare=False)
    intermittent: bool = False
    batch: tuple[str, ...] = ()
    occurrences: int = 1
    trial: Trial | None = field(default=None, compare=False)
    steps: tuple[ReportedStep, ...] = field(default=(), compare=False)
    times: int = 1
    beside: tuple[ReportedRequest, ...] = field(default=(), compare=False)
    kept: bool = False
    likeness: Likeness | None = field(default=None, compare=False)
    waived: bool = False
