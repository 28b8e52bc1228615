"""Faults that travel together: a request that is accepted with all of them shows each of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from conformance.cases.body_edits import has
from conformance.cases.body_wire import wire_by
from conformance.cases.case import Case, conflict
from conformance.http.request_drafts import Draft
from spec import Contract

__all__ = ["FaultGroup", "fault_groups"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultGroup:
    """Cases of one fault each, and one request with all of these faults."""

    cases: tuple[Case, ...]
    draft: Draft

    @property
    def case(self) -> Case:
        """The request with all of them. Its refusal says of none that it is checked."""
        clauses = tuple(dict.fromkeys(one.clause for one in self.cases))
        return replace(self._beside(self.cases[0]), clauses=clauses)

    def shown(self) -> Iterator[Case]:
        """What an acceptance of the request shows: each fault, as it was sent."""
        return map(self._beside, self.cases)

    def _beside(self, case: Case) -> Case:
        others = len(self.cases) - 1
        return replace(
            case,
            label=f"{case.label}, beside {others} other {'faults' if others > 1 else 'fault'}",
            request=self.draft.request(),
            draft=self.draft,
            beside=others,
        )


def fault_groups(contract: Contract, cases: Sequence[Case]) -> list[FaultGroup]:
    """The cases in as few groups as their slots allow, on the fullest of their bases."""
    groups, left = list[FaultGroup](), list(cases)
    while left:
        group = _group(contract, left)
        groups.append(group)
        left = [case for case in left if not any(case is one for one in group.cases)]
    return groups


def _group(contract: Contract, cases: Sequence[Case]) -> FaultGroup:
    """The first group: what each fault breaks by itself it breaks beside the others, and no more.

    A case always fits its own base.
    """
    first = max(cases, key=lambda case: len(_base(case).request().body or b""))
    draft, kept, broken = _base(first), list[Case](), frozenset[tuple[str, str]]()
    for case in (first, *cases):
        if case.apply is None or any(conflict(case.slot, one.slot) for one in kept):
            continue
        wire = wire_by(contract, case.operation, _base(case))
        same_type = _base(case).media_type == draft.media_type
        if wire is None or case.draft is None or not same_type or not _has_place(draft, case):
            continue
        wanted, trial = broken | wire.broken(case.draft.body), case.apply(draft)
        if not kept or wire.broken(trial.body) == wanted:
            draft, broken = trial, wanted
            kept.append(case)
    return FaultGroup(cases=tuple(kept) or (first,), draft=draft)


def _base(case: Case) -> Draft:
    base = case.base
    assert base is not None, case.label
    return base


def _has_place(draft: Draft, case: Case) -> bool:
    """Whether the draft has what the fault of the case stands in."""
    return has(draft.body, case.slot[1:-1])
