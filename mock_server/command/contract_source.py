"""Where the contract comes from: read at the start, and again whenever one of its files changes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from spec import Contract, ContractError, load

__all__ = ["Source"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A contract and its overlay as files; `strict` refuses a contract that has faults.

    Its references may lead to files of the folder `root` (of the contract's own where that is
    None) and to the URLs `remote_refs`.
    """

    contract: Path
    overlay: Path | None = None
    root: Path | None = None
    remote_refs: tuple[str, ...] = ()
    strict: bool = False

    @property
    def files(self) -> tuple[Path, ...]:
        """The files that are read in any case; the contract itself names the others."""
        return (self.contract, self.overlay) if self.overlay else (self.contract,)

    def load(self, *, whole: bool = False) -> Contract:
        """Read both files. Raises spec.ContractError, also for faults where this is strict.

        `whole` refuses a contract of which a file cannot be read: a half-written one, say.
        """
        contract = load(
            self.contract,
            overlay=self.overlay,
            root=self.root,
            remote_refs=self.remote_refs,
            refuses_unknown_names=True,
            leaves_out_broken_files=not whole,
        )
        contract.check_schemas()
        if self.strict:
            refuse_faults([str(fault) for fault in contract.faults if not fault.harmless])
        return contract


def refuse_faults(faults: Sequence[str]) -> None:
    """Raise spec.ContractError that lists the faults, if there are any."""
    if faults:
        number = "a fault" if len(faults) == 1 else f"{len(faults)} faults"
        remedy = "Correct them, or start without --strict to serve the rest of the contract."
        raise ContractError("\n".join([f"--strict: the contract has {number}:", *faults, remedy]))
