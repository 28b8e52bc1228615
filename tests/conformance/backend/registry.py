"""Faults and variants by name."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from tests.conformance.backend.fault import Fault, Patch, Variant
from tests.conformance.backend.faults import FAULTS
from tests.conformance.backend.variants import VARIANTS

__all__ = ["ALL", "BY_NAME", "patches"]

ALL: tuple[Fault | Variant, ...] = (*FAULTS, *VARIANTS)
BY_NAME = {known.name: known for known in ALL}


def patches(names: Iterable[str]) -> list[Patch]:
    """The changes behind some names; LookupError where a name is not known."""
    return [_named(name).patch for name in sorted(names)]


def _named(name: str) -> Fault | Variant:
    if name in BY_NAME:
        return BY_NAME[name]
    near = ", ".join(get_close_matches(name, BY_NAME)) or "see --list"
    raise LookupError(f"there is no fault or variant {name!r}; did you mean: {near}?")
