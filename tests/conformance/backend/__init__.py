"""A correct implementation of the AI contract, whose faults can be switched on one at a time."""

from tests.conformance.backend.exchange import CONTROLS, Ask, Seen, ask
from tests.conformance.backend.fault import Family, Fault, Variant
from tests.conformance.backend.faults import FAULTS
from tests.conformance.backend.proof import Shows, play
from tests.conformance.backend.server import Backend
from tests.conformance.backend.serving import serving
from tests.conformance.backend.tokens import Tokens
from tests.conformance.backend.variants import VARIANTS

__all__ = [
    "CONTROLS",
    "FAULTS",
    "VARIANTS",
    "Ask",
    "Backend",
    "Family",
    "Fault",
    "Seen",
    "Shows",
    "Tokens",
    "Variant",
    "ask",
    "play",
    "serving",
]
