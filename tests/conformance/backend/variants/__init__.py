"""How correct backends differ: none of these breaks the contract, and no kit may say so."""

from tests.conformance.backend.fault import Variant
from tests.conformance.backend.variants import answers, errors, requests, streams, transport

__all__ = ["VARIANTS"]

VARIANTS: tuple[Variant, ...] = (
    *errors.VARIANTS,
    *answers.VARIANTS,
    *transport.VARIANTS,
    *requests.VARIANTS,
    *streams.VARIANTS,
)
