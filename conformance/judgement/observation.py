"""What an answer shows of a clause."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from conformance.clauses.clause import Verdict
from conformance.clauses.value_paths import Path
from conformance.report.findings import Level

__all__ = ["Observation", "broken", "held", "inconclusive"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """A piece of evidence; those that break a clause carry what a finding needs.

    `cause` tells deviations apart: those of one cause at one clause are replayed once. `pointer` is
    the schema that is broken, `path` where in the answer. `as_required` says of an answer that
    proves nothing that it is the right one all the same.
    """

    clause: str
    verdict: Verdict
    code: str = ""
    level: Level = Level.ERROR
    title: str = ""
    expected: str = ""
    got: str = ""
    cause: str = ""
    pointer: str = ""
    path: Path = ()
    as_required: bool = False


# Each answer holds half a dozen clauses, and most of them the same ones.
@lru_cache(maxsize=1024)
def held(clause: str) -> Observation:
    """Evidence for a clause."""
    return Observation(clause=clause, verdict=Verdict.HELD)


def inconclusive(clause: str, why: str, *, as_required: bool = False) -> Observation:
    """An answer that proves nothing, and why."""
    verdict = Verdict.INCONCLUSIVE
    return Observation(clause=clause, verdict=verdict, got=why, as_required=as_required)


def broken(
    clause: str,
    code: str,
    *,
    expected: str,
    got: str,
    level: Level = Level.ERROR,
    title: str = "",
    cause: str = "",
    pointer: str = "",
    path: Path = (),
) -> Observation:
    """Evidence against a clause."""
    return Observation(
        clause=clause,
        verdict=Verdict.BROKEN,
        code=code,
        level=level,
        title=title,
        expected=expected,
        got=got,
        cause=cause,
        pointer=pointer,
        path=path,
    )
