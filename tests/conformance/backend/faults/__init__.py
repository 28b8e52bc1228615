"""Every fault, by name and family by family."""

from tests.conformance.backend.fault import Fault
from tests.conformance.backend.faults import (
    bodies,
    credentials,
    edges,
    headers,
    leaks,
    media,
    methods,
    parameters,
    repetition,
    responses,
    streams,
    wire,
)

__all__ = ["FAULTS"]

FAULTS: tuple[Fault, ...] = (
    *credentials.FAULTS,
    *bodies.FAULTS,
    *edges.FAULTS,
    *media.FAULTS,
    *parameters.FAULTS,
    *methods.FAULTS,
    *responses.FAULTS,
    *streams.FAULTS,
    *repetition.FAULTS,
    *leaks.FAULTS,
    *headers.FAULTS,
    *wire.FAULTS,
)
