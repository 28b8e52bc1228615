"""Runs of a client's tests against our mock, with the answers that are to be played."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import httpx2

from conformance.client.answered import Answered, answered
from conformance.client.trials import Attempt
from conformance.client.variation import Variation
from conformance.commands.client_tests.client_rounds import Rounds
from conformance.commands.processes.gate_processes import in_shell
from conformance.commands.processes.processes import running

__all__ = ["URL_VARIABLE", "ClientRuns", "Ground", "UnprovableError", "admin_of"]

URL_VARIABLE = "MOCK_SERVER_URL"
"""The variable in which the client finds the mock; `{url}` in the command is the same."""
_PATIENCE = 60.0
"""Seconds that a run may take at least; a longer one may take ten times the first run."""
_MOST_ENTRIES = 1000
"""Entries of the journal that are read after a run: the mock keeps as many by default."""
_MOST_ANSWERS = 1000
"""Answers of one scenario: as many as the mock takes."""


def admin_of(url: str) -> httpx2.Client:
    """A client of the admin API of a mock on this machine; one for all runs, since making it costs
    more than a request.
    """
    # No proxy of the environment stands between this process and a mock beside it.
    return httpx2.Client(base_url=f"{url}/__mock/", trust_env=False)


class UnprovableError(ValueError):
    """Tests by which nothing can be shown: which ones, what they did, and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What the tests call and get. `entries` are those of the journal, the oldest first.

    `seconds` is how long one run takes.
    """

    known: Mapping[str, Answered]
    entries: Sequence[Mapping[str, Any]]
    seconds: float


@dataclass(slots=True, kw_only=True)
class ClientRuns:
    """The client's tests as a shell command, and the mock at `url` that they are run against.

    `admin` asks the mock's admin API.

    `patience` is how many seconds one run may take; `count` and `requests` grow with each. With
    `rounds` the client is kept running, and `keyed` says that it sends the key of each round.
    """

    command: str
    url: str
    admin: httpx2.Client
    rounds: Rounds | None = None
    keyed: bool = False
    patience: float = 600.0
    count: int = 0
    requests: int = 0

    def ground(self) -> Ground:
        """Run with the mock's own answers, and once more with the same answers played back.

        Raises:
            ProcessError: the command cannot be started.
            UnprovableError: the tests fail, they call nothing, or they fail when the same answers
                are played back to them.
        """
        first, entries = self._first()
        if not first.passed:
            raise UnprovableError(
                "the client's tests already fail with the mock's own, unchanged responses:\n"
                + _last(first.said)
            )
        known = {one.operation: one for one in answered(entries)}
        if not known:
            raise UnprovableError(
                f"the client's tests pass and never call the mock at {self.url}; have them read "
                f"its address from {URL_VARIABLE}, or put {{url}} into the command"
            )
        again = self.play([one.scenario() for one in known.values()])
        if not again.passed:
            raise UnprovableError(
                "the client's tests pass, but fail when the same responses are replayed in the "
                "same order; make the tests call in a fixed order (one worker):\n"
                + _last(again.said)
            )
        return Ground(known=known, entries=entries, seconds=first.seconds)

    def _first(self) -> tuple[Attempt, list[dict[str, Any]]]:
        done = self.play(())
        self.patience = max(_PATIENCE, 10 * done.seconds)
        entries = self._entries()
        # From the second round on, what comes too late from the one before plays no part.
        self.keyed = bool(entries) and all(one["key"] == self._key for one in entries)
        return done, [self._whole(entry) for entry in reversed(entries)]

    def varied(self, known: Mapping[str, Answered], batch: Sequence[Variation]) -> Attempt:
        """Run with variations, at most one an operation."""
        return self.play([one.scenario(known[one.operation]) for one in batch])

    def play(self, scenarios: Sequence[Mapping[str, Any]]) -> Attempt:
        """Run with scenarios that wait from the start.

        Raises:
            ProcessError: the command cannot be started.
        """
        self.count += 1
        # Answers that the run before did not ask for must not be given to this one.
        self._post("reset", None)
        own = {"key": self._key} if self.keyed else {}
        for scenario in scenarios:
            answers = scenario["answers"][:_MOST_ANSWERS]
            self._post("scenarios", {**scenario, **own, "answers": answers})
        begun = time.monotonic()
        passed, said = self._run()
        seconds, entries = time.monotonic() - begun, self._entries()
        self.requests += len(entries)
        asked = frozenset(one["operation"] for one in entries if one["scenario"])
        return Attempt(passed=passed, said=said, asked=asked, seconds=seconds)

    @property
    def _key(self) -> str:
        """The key of the round that is on."""
        return f"round-{self.count}"

    def _run(self) -> tuple[bool, str]:
        if self.rounds is not None:
            return self.rounds.run(self._key, self.patience)
        shell = in_shell(self.command.replace("{url}", self.url))
        env = {**os.environ, URL_VARIABLE: self.url}
        with running(shell, name=f"`{self.command}`", env=env) as process:
            status = process.wait_at_most(self.patience)
            if status is None:
                process.end()
                return False, f"{process.output()}\nit did not end within {self.patience:.0f} s"
            return status == 0, process.output()

    def _entries(self) -> list[dict[str, Any]]:
        """The journal, newest first."""
        own = f"&key={self._key}" if self.keyed else ""
        found: list[dict[str, Any]] = self._get(f"requests?limit={_MOST_ENTRIES}{own}")
        return found

    def _whole(self, entry: Mapping[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = self._get(f"requests/{entry['id']}")
        return found

    def _get(self, path: str) -> Any:
        return self.admin.get(path).raise_for_status().json()

    def _post(self, path: str, document: Any) -> None:
        self.admin.post(path, json=document).raise_for_status()


def _last(said: str) -> str:
    return "\n".join(f"  {line}" for line in said.strip().splitlines()[-15:])
