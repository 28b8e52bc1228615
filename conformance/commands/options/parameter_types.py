"""Types of options that several commands have: files that are written, and numbers."""

from __future__ import annotations

import math
import os
from pathlib import Path
from typing import Any

import click

from conformance.report.formats.destinations import is_contract

__all__ = ["FiniteRange", "OutputFile"]


class OutputFile(click.Path):
    """A file that a command writes. It never replaces a contract; an overlay only if it `may`."""

    def __init__(self, *, may_be_overlay: bool = False) -> None:
        super().__init__(path_type=Path, dir_okay=False)
        self.may_be_overlay = may_be_overlay

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The path. Fails where a contract is there."""
        path = Path(os.fsdecode(super().convert(value, param, ctx)))
        if is_contract(path, overlays=not self.may_be_overlay):
            self.fail(f"{path} is a contract, which would be replaced", param, ctx)
        return path


class FiniteRange(click.FloatRange):
    """A number within bounds; neither `inf` nor `nan`, which compares with no bound."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The number. Fails where it is none of the range."""
        number = super().convert(value, param, ctx)
        if not math.isfinite(number):
            self.fail(f"{value!r} is not a finite number", param, ctx)
        return number
