"""What the contract forbids in a body and real backends let through, or refuse in a wrong way."""

from tests.conformance.backend.fault import Fault
from tests.conformance.backend.faults.bodies import (
    bounds,
    documents,
    members,
    missing,
    statuses,
    types,
)

__all__ = ["FAULTS"]

FAULTS: tuple[Fault, ...] = (
    *missing.FAULTS,
    *types.FAULTS,
    *bounds.FAULTS,
    *members.FAULTS,
    *documents.FAULTS,
    *statuses.FAULTS,
)
