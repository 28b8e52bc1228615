"""Finding codes: `run.py`, `lint.py` and `diff.py` each hold those of their command."""

from conformance.codes.code import Code
from conformance.codes.registry import CODES, UnknownCodeError, code

__all__ = ["CODES", "Code", "UnknownCodeError", "code"]
