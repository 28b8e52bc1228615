"""What can go wrong while a contract is read.

    SpecError
    ├── ContractError     the contract cannot be read at all: missing, not YAML, over a limit, …
    │   └── EmptyFileError  there is nothing in the file
    ├── OverlayError      the overlay does not fit: bad target, or it would change a promise
    └── UnsatisfiableError  no value satisfies a schema, or none could be found

A *fault* is no exception: it is a defect of the contract that can be served around. Faults are
collected in `Contract.faults` and worded like errors.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = [
    "ContractError",
    "EmptyFileError",
    "Fault",
    "OverlayError",
    "Place",
    "SpecError",
    "UnsatisfiableError",
]


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Place:
    """A line in a file. `line` counts from 1; 0 where the text has no lines to name."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}" if self.line else self.file


class SpecError(Exception):
    """Base of everything that `spec` raises."""


class ContractError(SpecError):
    """The contract cannot be read: where, what, and what to do about it."""

    def __init__(self, what: str, *, place: Place | None = None, remedy: str = "") -> None:
        super().__init__(what, place, remedy)
        self.what, self.place, self.remedy = what, place, remedy

    def __str__(self) -> str:
        return _sentence(self.place, "", self.what, self.remedy)


class EmptyFileError(ContractError):
    """There is nothing in a file, or comments alone."""

    def __init__(self, place: Place, *, remedy: str = "write it, or name another file") -> None:
        super().__init__("the file is empty", place=place, remedy=remedy)


class OverlayError(ContractError):
    """An overlay that cannot be laid over the contract."""


class UnsatisfiableError(SpecError):
    """No value that satisfies a schema could be found."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A defect of the contract that is reported and served around.

    `code` is stable and short, for example `faulty-example` or `unknown-security-scheme`;
    `keyword` is the JSON Schema keyword that was violated, where there is one. What is `harmless`
    is served as it is written: an example that breaks a `format` alone. `many` says of several
    faults what they have in common, where `what` differs: "examples break `format: uri`".
    """

    code: str
    place: Place
    pointer: str
    what: str
    remedy: str = ""
    keyword: str = ""
    harmless: bool = False
    many: str = ""

    def __str__(self) -> str:
        return _sentence(self.place, self.pointer, self.what, self.remedy)


def _sentence(place: Place | None, pointer: str, what: str, remedy: str) -> str:
    where = ": ".join(part for part in (str(place) if place else "", pointer) if part)
    return (
        f"{where}: {what}{f'; {remedy}' if remedy else ''}"
        if where
        else (f"{what}{f'; {remedy}' if remedy else ''}")
    )
