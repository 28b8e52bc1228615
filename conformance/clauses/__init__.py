"""What a contract promises, as clauses with stable names."""

from conformance.clauses.derive import clauses_of, derive
from conformance.clauses.kinds import ClauseKind

__all__ = ["ClauseKind", "clauses_of", "derive"]
