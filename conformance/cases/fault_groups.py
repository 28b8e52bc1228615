"""Cases that travel together: a request that is accepted with all of them shows each of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from conformance.cases.batches import first_fit
from conformance.cases.body_edits import has
from conformance.cases.body_wire import wire_by
from conformance.cases.case import Case, conflict
from conformance.clauses.value_paths import get
from conformance.http.request_drafts import Draft
from spec import Contract

__all__ = ["FaultGroup", "fault_group", "oddity_groups"]

_Broken: TypeAlias = tuple[str, str]
"""A keyword that a body breaks, and the pointer to where."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultGroup:
    """Cases of one fault each, or of one oddity, and one request with all of them."""

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
            label=f"{case.label}, beside {others} other {'changes' if others > 1 else 'change'}",
            request=self.draft.request(),
            draft=self.draft,
            beside=others,
        )


def fault_group(contract: Contract, cases: Sequence[Case]) -> FaultGroup:
    """As many of the cases as their slots allow in one request, on the fullest of their bases."""
    # The innermost first: what an object is replaced by has no place for what is inside of it.
    return _group(contract, sorted(cases, key=lambda case: -len(case.slot)))


def oddity_groups(cases: Sequence[Case]) -> list[FaultGroup]:
    """Cases that need only be answered, in as few groups as their slots allow."""
    groups = first_fit(cases, lambda case, group: not _conflicts(case, group))
    return [FaultGroup(cases=tuple(group), draft=_with_all(group)) for group in groups]


def _conflicts(case: Case, group: Sequence[Case]) -> bool:
    return any(conflict(case.slot, one.slot) for one in group)


def _with_all(group: Sequence[Case]) -> Draft:
    """The request of the first case with what is odd about the others."""
    draft = group[0].draft
    assert draft is not None, group[0].label
    for case in group[1:]:
        assert case.apply is not None, case.label
        draft = case.apply(draft)
    return draft


def _group(contract: Contract, cases: Sequence[Case]) -> FaultGroup:
    """The first group: what each fault breaks by itself it breaks beside the others, and no more.

    A case always fits its own base.
    """
    first = max(cases, key=lambda case: len(_base(case).request().body or b""))
    draft, kept, broken = _base(first), list[Case](), frozenset[_Broken]()
    for case in (first, *cases):
        if case.apply is None or _conflicts(case, kept):
            continue
        wire = wire_by(contract, case.operation, _base(case))
        same_type = _base(case).media_type == draft.media_type
        if wire is None or case.draft is None or not same_type or not _has_place(draft, case):
            continue
        wanted, trial = broken | wire.broken(case.draft.body), case.apply(draft)
        if not kept or _same(wire.broken(trial.body), wanted):
            draft, broken = trial, wanted
            kept.append(case)
    return FaultGroup(cases=tuple(kept) or (first,), draft=draft)


def _same(found: frozenset[_Broken], wanted: frozenset[_Broken]) -> bool:
    """Whether a body breaks what is wanted, and no more.

    Of a value that fits none of several alternatives nothing nearer may be told.
    """
    more, missing = found - wanted, wanted - found
    return all(any(_is_above(one, other) for other in wanted) for one in more) and all(
        any(_is_above(other, one) for other in found) for one in missing
    )


def _is_above(one: _Broken, other: _Broken) -> bool:
    """Whether the one says of the alternatives of a value that none fits, and the other why."""
    return one[0] in ("oneOf", "anyOf") and f"{other[1]}/".startswith(f"{one[1]}/")


def _base(case: Case) -> Draft:
    base = case.base
    assert base is not None, case.label
    return base


def _has_place(draft: Draft, case: Case) -> bool:
    """Whether the draft has what the fault of the case stands in, and enough items before it.

    And the property that the fault takes the place of: it may exclude one that is there.
    """
    path = case.slot[1:]
    if not has(draft.body, path[:-1]):
        return False
    around = get(draft.body, path[:-1])
    if path and isinstance(around, list):
        return isinstance(path[-1], int) and path[-1] <= len(around)
    return has(draft.body, path) or not has(_base(case).body, path)
