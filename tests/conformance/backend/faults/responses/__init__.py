"""Answers to good requests that are not as the contract promises."""

from tests.conformance.backend.fault import Fault
from tests.conformance.backend.faults.responses import (
    content_types,
    documents,
    hidden,
    schemas,
    statuses,
)

__all__ = ["FAULTS"]

FAULTS: tuple[Fault, ...] = (
    *statuses.FAULTS,
    *content_types.FAULTS,
    *documents.FAULTS,
    *schemas.FAULTS,
    *hidden.FAULTS,
)
