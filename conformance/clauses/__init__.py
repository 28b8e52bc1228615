"""What a contract promises, as clauses with stable names."""

from conformance.clauses.derive import KINDS, clauses_of, derive

__all__ = ["KINDS", "clauses_of", "derive"]
