"""Which of several good values a refusal is most probably about."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Final

from conformance.cases.body_edits import has
from conformance.cases.case import Case, Unit, conflict
from conformance.cases.edge_values import Strength
from conformance.clauses.ids import local_part
from conformance.clauses.value_paths import get
from conformance.http.exchange import KEPT_BYTES, Answer

__all__ = [
    "TOO_LARGE",
    "is_any",
    "is_namesake",
    "likeliest_first",
    "named_in",
    "names_of",
    "said_of_others",
]

_OF_STATUS: Final[Mapping[int, str]] = {401: "security.", 406: "accept.", 415: "media."}
"""How the clauses begin that a status speaks of (RFC 9110 section 15.5)."""
TOO_LARGE: Final = 413
"""The status of a request that is larger than a server wants (RFC 9110 section 15.5.14)."""
_WORD = re.compile(r"[\w$-]+")


def likeliest_first(
    units: Sequence[Unit], answer: Answer, convicted: Sequence[Unit] = ()
) -> list[Unit]:
    """The units with those first that a refusal is probably about.

    Only the order of trials follows from it, and no verdict: a trial that is refused is free, and
    one that is accepted costs a success. `convicted` were refused by themselves before.
    """
    clues = _clues(units, answer, convicted)
    # What no keyword names is forgotten, or forbidden on purpose, more often.
    return sorted(units, key=lambda unit: (clues[id(unit)], unit.strength is Strength.NAMED))


def is_any(units: Sequence[Unit], answer: Answer, convicted: Sequence[Unit] = ()) -> bool:
    """Whether a refusal is about any of the units, as far as it tells."""
    return len(set(_clues(units, answer, convicted).values())) == 1


def _clues(
    units: Sequence[Unit], answer: Answer, convicted: Sequence[Unit]
) -> dict[int, tuple[bool, ...]]:
    """What speaks against a refusal of each unit, by its `id`: the less, the likelier it is."""
    words = _words(answer)
    return {
        id(unit): (
            not _is_of_status(unit, answer.status),
            # Many deployments name what they refuse.
            _name_of(unit.slot) not in words,
            # What a property was refused for may be in the parts of it.
            not any(conflict(unit.slot, one.slot) for one in convicted),
        )
        for unit in units
    }


def named_in(answer: Answer, cases: Sequence[Case], idle: Collection[str] = ()) -> list[Case]:
    """Those of several faults of which a refusal speaks, most probably; `idle` words tell nothing.

    A path says more than a name that several have; and where it says no name of a fault, it may say
    that of an object around one: of alternatives it is said that none fits.
    """
    words = _words(answer).difference(idle)
    named = [case for case in cases if not words.isdisjoint(names_of(case))]
    by_path = [case for case in named if words.issuperset(_names_to(case).difference(idle))]
    around = [case for case in cases if not words.isdisjoint(_names_to(case))]
    return by_path or named or around


def said_of_others(answer: Answer, case: Case) -> frozenset[str]:
    """The words of a refusal of one fault that name nothing of where it stands and what it hides.

    What a refusal always says ("of type string") names no property `type` of the others.
    """
    if case.base is None or not case.slot:
        return frozenset()
    path, body = case.slot[1:], case.base.body
    hidden = get(body, path) if has(body, path) else None
    told = names_of(case).union(map(str, case.slot))
    return _words(answer).difference(told, _WORD.findall(repr(hidden)))


def is_namesake(case: Case, other: Case) -> bool:
    """Whether a refusal that speaks of one of two faults may speak of the other."""
    return not names_of(case).isdisjoint(names_of(other))


def names_of(case: Case) -> frozenset[str]:
    """The property or parameter that a fault stands in, and the one that it leaves out."""
    place, _, keyword = local_part(case.clause).rpartition(".")
    missing = place.rpartition(".")[2] if keyword == "required" else ""
    return frozenset({_name_of(case.slot), missing}) - {""}


def _is_of_status(unit: Unit, status: int) -> bool:
    if status == TOO_LARGE:
        return unit.size > 0
    start = _OF_STATUS.get(status)
    return start is not None and local_part(unit.clause).startswith(start)


def _words(answer: Answer) -> frozenset[str]:
    text = answer.body[:KEPT_BYTES].decode("utf-8", "replace")
    return frozenset(_WORD.findall(text))


def _names_to(case: Case) -> frozenset[str]:
    """The properties on the way to a fault, its own among them."""
    return frozenset(step for step in case.slot[1:] if isinstance(step, str))


def _name_of(slot: tuple[str | int, ...]) -> str:
    """The property or parameter at a slot; "" where it is none."""
    names = [step for step in slot[1:] if isinstance(step, str)]
    return names[-1] if names else ""
