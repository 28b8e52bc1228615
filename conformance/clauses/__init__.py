"""What a contract promises, as clauses with stable names."""

from conformance.clauses.derive import KINDS, clauses_of, derive, is_bearer

__all__ = ["KINDS", "clauses_of", "derive", "is_bearer"]
