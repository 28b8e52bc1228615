"""Two reports of one contract: the clauses whose verdict is another now."""

from __future__ import annotations

from dataclasses import dataclass

from conformance.clauses.clause import Clause, Verdict
from conformance.report.findings import Report

__all__ = ["BaselineChange", "changes"]

_WORTH = {Verdict.BROKEN: 0, Verdict.INCONCLUSIVE: 1, Verdict.UNOBSERVED: 2, Verdict.HELD: 3}
"""From the worst: what was tried in vain is nearer to a break than what was not tried."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BaselineChange:
    """A clause with its verdict before and after; None where that report did not know it."""

    clause: Clause
    before: Verdict | None
    after: Verdict | None

    @property
    def worse(self) -> bool:
        """Whether something that was known to hold, or unknown, is broken or out of sight now."""
        if self.after is None:
            return self.before is Verdict.HELD
        if self.before is None:
            return self.after is Verdict.BROKEN
        return _WORTH[self.after] < _WORTH[self.before]

    def __str__(self) -> str:
        before, after = (one.value if one else "absent" for one in (self.before, self.after))
        return f"{self.clause.id}: {before} → {after}"


def changes(before: Report, after: Report, *, whole: bool = True) -> tuple[BaselineChange, ...]:
    """The clauses that changed their verdict, what became worse first.

    A run that is not `whole` says nothing of the clauses that it was not asked for.
    """
    old = {clause.id: clause for clause in before.clauses}
    new = {clause.id: clause for clause in after.clauses}
    found = [
        BaselineChange(
            clause=new.get(name) or old[name],
            before=old[name].verdict if name in old else None,
            after=new[name].verdict if name in new else None,
        )
        for name in ({**new, **old} if whole else new)
    ]
    different = [change for change in found if change.before is not change.after]
    return tuple(sorted(different, key=lambda change: (not change.worse, change.clause.id)))
