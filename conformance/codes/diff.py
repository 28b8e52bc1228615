"""The codes of `conformance diff`."""

from __future__ import annotations

from conformance.codes.code import Code

__all__ = ["DIFF_CODES"]

DIFF_CODES: tuple[Code, ...] = ()
