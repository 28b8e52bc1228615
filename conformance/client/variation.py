"""One way in which the answers of an operation may differ from those that a client knows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from conformance.clauses.kinds import ClauseKind
from conformance.client.answered import Answered, ClientAnswer
from conformance.report.codes.finding_code import FindingCode

__all__ = ["Change", "Variation", "for_status"]

Change = Callable[[ClientAnswer], dict[str, Any] | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Variation:
    """One way in which the answers of an operation differ from those that the client knows.

    `clause` names it in reports and waivers; `label` is the sentence of it. `change` gives the
    answer of a scenario that stands for a call, or None where the call stays as it was.
    """

    operation: str
    clause: str
    kind: ClauseKind
    label: str
    pointer: str
    code: FindingCode = FindingCode.CLIENT_BREAKS
    change: Change = field(compare=False, repr=False)

    def scenario(self, known: Answered) -> dict[str, Any]:
        """The scenario that plays it: every call as it was, but for those that it changes."""
        return known.scenario([self.change(call) or call.document() for call in known.calls])

    def smallest(self, known: Answered) -> dict[str, Any]:
        """The first answer that it changes."""
        return next(found for call in known.calls if (found := self.change(call)) is not None)


def for_status(call: ClientAnswer, change: Change) -> Change:
    """The change for all calls that were answered like this one."""

    def changed(one: ClientAnswer) -> dict[str, Any] | None:
        # Another status, or another media type, has another schema.
        return change(one) if (one.status, one.media) == (call.status, call.media) else None

    return changed
