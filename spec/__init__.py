"""The contract, and the only code that opens one.

`load` reads a contract into a `Contract`; everything else here is what a contract is made of.
"""

from spec.contract.contract import Contract
from spec.contract.loading import AI_CONTRACT, AI_OVERLAY, load
from spec.model.contract_model import (
    Direction,
    Example,
    Header,
    MediaType,
    Operation,
    Parameter,
    RequestBody,
    Response,
    Schema,
    SecurityRequirement,
    SecurityScheme,
    Server,
    Violation,
)
from spec.model.errors import (
    ContractError,
    Fault,
    OverlayError,
    Place,
    SpecError,
    UnsatisfiableError,
)
from spec.reading.overlay import overlay_of
from spec.schemas.compiled import compile_schema

__all__ = [
    "AI_CONTRACT",
    "AI_OVERLAY",
    "Contract",
    "ContractError",
    "Direction",
    "Example",
    "Fault",
    "Header",
    "MediaType",
    "Operation",
    "OverlayError",
    "Parameter",
    "Place",
    "RequestBody",
    "Response",
    "Schema",
    "SecurityRequirement",
    "SecurityScheme",
    "Server",
    "SpecError",
    "UnsatisfiableError",
    "Violation",
    "compile_schema",
    "load",
    "overlay_of",
]
