"""Units that must be accepted are sent together: one request has as many as their slots allow."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from conformance.cases.case import Case, Expect, Unit, conflict
from conformance.cases.edge_values import Strength
from conformance.cases.operation_under_test import Subject
from conformance.clauses.kinds import ClauseKind
from conformance.http.request_drafts import Draft
from conformance.report.codes.finding_code import FindingCode

__all__ = ["batch", "first_fit", "pack", "without"]

T = TypeVar("T")


MOST_BYTES = 90_000
"""So many bytes of long texts travel in one request: Express reads 100 kB."""


def pack(units: Sequence[Unit], into: Sequence[Sequence[Unit]] = ()) -> list[list[Unit]]:
    """The units in as few groups as their slots allow, each put where there is room first.

    `into` are groups that are there already.
    """

    def fits(unit: Unit, group: Sequence[Unit]) -> bool:
        crowded = unit.size and sum(one.size for one in (unit, *group)) > MOST_BYTES
        return not crowded and not any(conflict(unit.slot, other.slot) for other in group)

    return first_fit(units, fits, into)


def first_fit(
    items: Iterable[T], fits: Callable[[T, Sequence[T]], bool], into: Iterable[Sequence[T]] = ()
) -> list[list[T]]:
    """The items in groups, each put into the first that it fits, or else into one of its own.

    `into` are groups that are there already.
    """
    groups = [list(group) for group in into]
    for item in items:
        group = next((one for one in groups if fits(item, one)), None)
        if group is None:
            groups.append([item])
        else:
            group.append(item)
    return groups


def without(items: Iterable[T], others: Iterable[T]) -> list[T]:
    """The items that are none of the others themselves: equal ones may be several."""
    gone = set(map(id, others))
    return [one for one in items if id(one) not in gone]


def batch(
    subject: Subject, base: Draft, units: Sequence[Unit], family: ClauseKind = ClauseKind.EDGES
) -> Case:
    """One request with all the units applied; what nothing forbids, where one of them is free.

    Its `units` are those that fit each other, on this base: without any it is the base itself, and
    shows nothing of them.
    """
    draft, kept = _applied(subject, base, units)
    # As strong as its weakest: a refusal of the whole may be about that one.
    order = list(Strength)
    weakest = max((unit.strength for unit in kept), key=order.index, default=Strength.NAMED)
    alone = kept[0] if len(kept) == 1 else None
    code = alone.code if alone else ""
    return Case(
        operation=subject.operation.id,
        clauses=tuple(dict.fromkeys(unit.clause for unit in kept or units)),
        family=family,
        label="; ".join(unit.label for unit in kept[:4]) + ("; …" if len(kept) > 4 else ""),
        request=draft.request(),
        expect=Expect.ACCEPTED,
        code=code
        or (FindingCode.REFUSED_VALID if weakest is Strength.NAMED else FindingCode.REFUSED_FREE),
        strength=weakest,
        level=alone.level if alone else None,
        open_statuses=frozenset[int]().union(*(unit.open_statuses for unit in kept)),
        units=tuple(kept),
        draft=draft,
    )


def _applied(subject: Subject, base: Draft, units: Sequence[Unit]) -> tuple[Draft, list[Unit]]:
    """The base with the units that fit, and these, in the order in which they were put in."""
    draft, kept, left = base, list[Unit](), list(units)
    grows = True
    # Again after what was put in: a property may need another one (`dependentRequired`).
    while left and grows:
        waiting, left, grows = left, [], False
        for unit in waiting:
            changed = unit.apply(draft)
            if _still_valid(subject, changed):
                draft, grows = changed, True
                kept.append(unit)
            else:
                left.append(unit)
    return draft, kept


def _still_valid(subject: Subject, draft: Draft) -> bool:
    """Units may not fit each other; what the contract forbids is never sent as good."""
    wire = subject.wire
    if wire is None or draft.body is subject.control.body:
        return True
    return wire.valid(subject.builder, draft.body)
