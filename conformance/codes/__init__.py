"""Finding codes: `run.py`, `lint.py`, `diff.py` and `gate.py` hold those of their command."""

from conformance.codes.code import Code
from conformance.codes.registry import CODES, UnknownCodeError, code

__all__ = ["CODES", "Code", "UnknownCodeError", "code"]
