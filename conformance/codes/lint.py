"""The codes of `conformance lint`."""

from __future__ import annotations

from conformance.codes.code import Code

__all__ = ["LINT_CODES"]

LINT_CODES: tuple[Code, ...] = ()
