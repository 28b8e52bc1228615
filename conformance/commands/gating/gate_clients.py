"""`conformance gate --client`: a client's own tests, with answers that only NEW allows.

They run against the mock of OLD, which the client knows, so that nothing else is new to it than the
answer that is tried: a scenario plays what the contract of the mock forbids as well.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from conformance.client.answered import Answered
from conformance.client.newly_allowed import NewlyAllowed
from conformance.client.trial_report import last_lines, reported, reproduction
from conformance.client.trials import Attempt, Outcome, TrialResult, Trials
from conformance.client.variation import Variation
from conformance.commands.client_tests.client_runs import ClientRuns, Ground, admin_of
from conformance.commands.contracts.opened_contract import OpenedContract
from conformance.commands.options.telling import tell
from conformance.commands.processes.gate_processes import mock_server
from conformance.judgement.dropped import Dropping
from conformance.report.findings import Finding, FindingPlace, Level
from conformance.traffic.exchanges import Seen
from conformance.traffic.followed import journal_exchange
from spec import SpecError, overlay_of
from spec.model.short_texts import plural

__all__ = ["TriedClient", "tried"]

_WORST_FIRST = (
    TrialResult.BROKEN,
    TrialResult.INTERMITTENT,
    TrialResult.UNTRIED,
    TrialResult.UNASKED,
    TrialResult.SURVIVED,
)
_SAID = {
    TrialResult.BROKEN: "fails with it",
    TrialResult.INTERMITTENT: "failed once with it and passed once",
    TrialResult.UNTRIED: "could not be tried with it; raise --client-runs",
    TrialResult.UNASKED: "passed without calling it when it was tried",
    TrialResult.SURVIVED: "passes with it",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class TriedClient:
    """What the tests of one client have shown; `outcomes` are by the place's fingerprint."""

    command: str
    contract: str
    known: Mapping[str, Answered]
    callers: tuple[Seen, ...]
    outcomes: Mapping[str, tuple[Outcome, ...]]
    runs: int

    @property
    def remark(self) -> str:
        """What a report says of it."""
        called = plural(len(self.known), "operation")
        return f"`{self.command}`: {plural(self.runs, 'run')}, {called} called"

    def fails(self, place: FindingPlace) -> bool:
        """Whether it does not survive what changed there, or was not seen to."""
        worst = self._worst(place)
        return worst is not None and worst.result is not TrialResult.SURVIVED

    def shown(self, place: FindingPlace) -> FindingPlace:
        """The place with the answer that the tests fail with, and with what they printed."""
        worst = self._worst(place)
        if worst is None or worst.result not in (TrialResult.BROKEN, TrialResult.INTERMITTENT):
            return place
        known, variation = self.known[place.operation], worst.variation
        return replace(
            place,
            got=f"{place.got}; `{self.command}` fails: {last_lines(worst.said)}",
            response=reported(variation.smallest(known)),
            curl=reproduction(self.contract, variation.scenario(known)) or place.curl,
        )

    def as_witness(self, place: FindingPlace) -> dict[str, Any]:
        """What a witness says of the client."""
        worst = self._worst(place)
        calls = place.operation in self.known
        found: dict[str, Any] = {"command": self.command, "calls": calls}
        if worst is not None:
            found |= {"fate": worst.result.value, "answer": worst.variation.label}
        return found

    def summary(self, finding: Finding) -> str:
        """The client in the title of a finding."""
        found = [one for place in finding.places if (one := self._worst(place)) is not None]
        if found:
            result = min((one.result for one in found), key=_WORST_FIRST.index)
            return f"`{self.command}` {_SAID[result]}"
        calls = any(place.operation in self.known for place in finding.places)
        return f"`{self.command}` {'never gets what changes' if calls else 'does not call it'}"

    def _worst(self, place: FindingPlace) -> Outcome | None:
        found = self.outcomes.get(place.fingerprint, ())
        return min(found, key=lambda one: _WORST_FIRST.index(one.result), default=None)


def tried(
    command: str,
    found: Sequence[Finding],
    dropping: Dropping,
    before: OpenedContract,
    overlay: Path | None,
    max_runs: int,
) -> TriedClient:
    """Run a client's tests with the answers that each error of a comparison newly allows.

    Raises:
        ProcessError: the mock or the tests cannot be started.
        UnprovableError: the tests show nothing, because they fail as they are or call nobody.
    """
    own = _overlay(before, overlay)
    with (
        mock_server(before.path, own, before.reach, options=()) as url,
        admin_of(url) as admin,
    ):
        runs = ClientRuns(command=command, url=url, admin=admin)
        ground = runs.ground()
        by_place = _variations(found, dropping, ground)
        outcomes = _try_all(runs, ground, by_place, max_runs)
    return TriedClient(
        command=command,
        contract=dropping.after.file,
        known=ground.known,
        callers=tuple(journal_exchange(entry) for entry in ground.entries),
        outcomes={
            name: tuple(outcomes[one.clause] for one in every) for name, every in by_place.items()
        },
        runs=runs.count,
    )


def _overlay(before: OpenedContract, current: Path | None) -> Path | None:
    """The canned answers for OLD's mock: those beside it, or the current ones if they fit."""
    for overlay in (overlay_of(before.path), current):
        try:
            if overlay is not None:
                before.reach.load(before.path, overlay=overlay)
                return overlay
        except SpecError:
            continue
    return None


def _variations(
    found: Sequence[Finding], dropping: Dropping, ground: Ground
) -> dict[str, tuple[Variation, ...]]:
    """For the places of changes of answers, by fingerprint, what the client is tried with."""
    newly = NewlyAllowed(dropping, ground.known)
    made = dict[str, tuple[Variation, ...]]()
    for finding in found:
        dropped = dropping.dropped(finding) if finding.level is Level.ERROR else None
        if dropped is None or finding.witness is None:
            continue
        for place in finding.places:
            witness = finding.witness["response"]
            made[place.fingerprint] = newly.variations(place.operation, dropped, witness)
    return made


def _try_all(
    runs: ClientRuns,
    ground: Ground,
    by_place: Mapping[str, tuple[Variation, ...]],
    max_runs: int,
) -> Mapping[str, Outcome]:
    by_operation = dict[str, dict[str, Variation]]()
    for variations in by_place.values():
        for one in variations:
            by_operation.setdefault(one.operation, {})[one.clause] = one

    every = [tuple(one.values()) for one in by_operation.values()]
    if every:
        count, most = sum(map(len, every)), max(map(len, every))
        told = f"{count} responses that only the changed contract allows, in about {most} runs"
        tell(f"client `{runs.command}`: {told} of {ground.seconds:.1f} s")

    def attempt(batch: Sequence[Variation]) -> Attempt:
        done = runs.varied(ground.known, batch)
        names = "; ".join(one.label for one in batch)
        passes = "passes" if done.passed else "fails"
        tell(f"client `{runs.command}`: run {runs.count} {passes} when {names}")
        return done

    trials = Trials(attempt, lambda: runs.count < max_runs)
    trials.judge(every)
    return trials.outcomes
