"""What the backend remembers: the credentials that it keeps, and every request that it had."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace

__all__ = ["Entry", "Gateway", "Ledger", "State"]

FIRST_KEY = "sk-or-v1-5f2c9a7e4b1d8036c4aa"


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """All that a write can change; equal states answer equally."""

    api_key: str = FIRST_KEY
    management_key: str | None = None
    rotations: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One request and its outcome. `operation` is empty where none was reached."""

    method: str
    path: str
    operation: str
    status: int


@dataclass(slots=True)
class Ledger:
    """Every request in the order in which it was answered."""

    entries: list[Entry] = field(default_factory=list)

    @property
    def accepted(self) -> Counter[str]:
        """The number of 2xx of each operation."""
        return Counter(
            entry.operation
            for entry in self.entries
            if entry.operation and entry.status // 100 == 2
        )

    @property
    def billable(self) -> Counter[str]:
        """The same for unsafe methods alone: what costs the owner money."""
        safe = ("GET ", "HEAD ")
        return Counter({op: n for op, n in self.accepted.items() if not op.startswith(safe)})


@dataclass(slots=True)
class Gateway:
    """The store behind the operations."""

    state: State = field(default_factory=State)
    ledger: Ledger = field(default_factory=Ledger)

    def update(self, api_key: str | None, management_key: str | None) -> None:
        """Keep what is given and leave the other as it was."""
        self.state = replace(
            self.state,
            api_key=self.state.api_key if api_key is None else api_key,
            management_key=self.state.management_key if management_key is None else management_key,
        )

    def rotate(self) -> None:
        """Put a new key in the place of the old one."""
        number = self.state.rotations + 1
        self.state = replace(self.state, api_key=f"sk-or-v1-rotated-{number:08}", rotations=number)
