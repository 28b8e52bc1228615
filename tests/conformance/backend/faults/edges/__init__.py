"""What the contract allows and real backends refuse, or break on."""

from tests.conformance.backend.fault import Fault
from tests.conformance.backend.faults.edges import characters, documents, empty, lengths, values

__all__ = ["FAULTS"]

FAULTS: tuple[Fault, ...] = (
    *empty.FAULTS,
    *lengths.FAULTS,
    *characters.FAULTS,
    *values.FAULTS,
    *documents.FAULTS,
)
