"""From the outcomes of variations to clauses, places and a report."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from conformance.clauses.clause import Clause, Verdict
from conformance.client.answered import Answered
from conformance.client.trials import Outcome, TrialResult
from conformance.client.variation import Variation
from conformance.http.reported import ReportedResponse
from conformance.report.codes.finding_code import FindingCode
from conformance.report.codes.registry import CODES
from conformance.report.findings import Finding, FindingPlace
from conformance.report.fingerprint import fingerprint
from conformance.report.level import Level
from spec import Contract
from spec.model.short_texts import shortened

__all__ = ["Proof", "last_lines", "reported", "reproduction"]

_LINES = 12
"""Lines of what the tests said that a report repeats: their last ones."""
_LONGEST = 2000
"""Characters of a command line that people still copy, and of a body or an output in a report."""
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
"""What test runners colour their lines with (ECMA-48 section 8.3.117)."""
_VERDICTS = {
    TrialResult.SURVIVED: Verdict.HELD,
    TrialResult.BROKEN: Verdict.BROKEN,
    TrialResult.INTERMITTENT: Verdict.INCONCLUSIVE,
    TrialResult.UNASKED: Verdict.UNOBSERVED,
    TrialResult.UNTRIED: Verdict.UNOBSERVED,
}
_WHY = {
    TrialResult.INTERMITTENT: "the tests failed once and passed once with it",
    TrialResult.UNASKED: "the tests passed without calling the operation this time",
    TrialResult.UNTRIED: "budget; raise it with --max-runs or --time-budget",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What the trials of a client have shown. `command` is how its tests are run."""

    contract: Contract
    command: str
    known: Mapping[str, Answered]
    outcomes: Sequence[Outcome]

    def clauses(self) -> tuple[Clause, ...]:
        """The ledger: one clause for each variation."""
        return tuple(
            Clause(
                id=one.variation.clause,
                operation=one.variation.operation,
                kind=one.variation.kind,
                pointer=one.variation.pointer,
                promise=f"the client works when {one.variation.label}",
                place=self.contract.place(one.variation.pointer),
                verdict=_VERDICTS[one.result],
                cases=int(one.result not in (TrialResult.UNTRIED, TrialResult.UNASKED)),
                why=_WHY.get(one.result, ""),
            )
            for one in self.outcomes
        )

    def findings(self) -> tuple[Finding, ...]:
        """What the client does not survive, a finding each; the worst first."""
        found = [self._finding(one) for one in self.outcomes if one.result in _TOLD]
        return tuple(sorted(found, key=lambda one: -one.level.rank))

    def scenarios(self) -> list[dict[str, Any]]:
        """The scenarios of what breaks the client, for `mock-server --scenarios`."""
        return [
            {"name": one.variation.label[:200], **self._scenario(one.variation)}
            for one in self.outcomes
            if one.result is TrialResult.BROKEN and one.variation.code is not _ON_ERROR
        ]

    def _scenario(self, variation: Variation) -> dict[str, Any]:
        return variation.scenario(self.known[variation.operation])

    def _finding(self, outcome: Outcome) -> Finding:
        variation = outcome.variation
        steady = outcome.result is TrialResult.BROKEN
        code = variation.code if steady else FindingCode.CLIENT_UNSTEADY
        level: Level = CODES[code].level
        answer = variation.smallest(self.known[variation.operation])
        place = FindingPlace(
            fingerprint=fingerprint(code, variation.operation, variation.clause),
            operation=variation.operation,
            clause=variation.clause,
            level=level,
            pointer=variation.pointer,
            label=variation.label,
            expected="the client's tests pass with every answer that the contract allows",
            got=f"`{self.command}` fails: {last_lines(outcome.said)}",
            response=reported(answer),
            curl=self._reproduction(variation),
            place=self.contract.place(variation.pointer),
            witness={"answer": answer},
            intermittent=not steady,
        )
        what = "breaks the client" if steady else "breaks the client intermittently"
        title = f"{variation.operation}: {what} when {variation.label}"
        return Finding(code=code, title=title, places=(place,))

    def _reproduction(self, variation: Variation) -> str:
        return reproduction(self.contract.file, self._scenario(variation))


_TOLD = (TrialResult.BROKEN, TrialResult.INTERMITTENT)
_ON_ERROR = FindingCode.CLIENT_FAILS_ON_ERROR


def reproduction(contract: str, scenario: Mapping[str, Any]) -> str:
    """A command line that plays a scenario and waits for the client; "" where it is too long."""
    text = json.dumps([scenario], ensure_ascii=False)
    if len(text) > _LONGEST:
        return ""
    made = f"printf %s {shlex.quote(text)} > failing.yaml"
    return f"{made} && mock-server {shlex.quote(contract)} --scenarios failing.yaml"


def reported(answer: Mapping[str, Any]) -> ReportedResponse:
    """The answer of a scenario as a report shows it; a long body is cut."""
    body = answer.get("body")
    text = body if isinstance(body, str) or body is None else json.dumps(body, ensure_ascii=False)
    headers: Iterable[tuple[str, str]] = answer.get("headers", {}).items()
    media = (("content-type", answer["media"]),) if "media" in answer else ()
    shown = None if text is None else shortened(text, _LONGEST)
    return ReportedResponse(status=answer["status"], headers=(*media, *headers), body=shown)


def last_lines(said: str) -> str:
    """The end of what tests printed, without colours and empty lines."""
    lines = list(_telling(said.splitlines()))[-_LINES:]
    return "\n".join(lines)[-_LONGEST:] or "it printed nothing"


def _telling(lines: Iterable[str]) -> Iterator[str]:
    plain = (_COLOUR.sub("", line).rstrip() for line in lines)
    return (line for line in plain if line.strip())
