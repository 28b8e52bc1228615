"""The whole gate: the contract, the change, the mock and the deployment, as one verdict."""

from conformance.gate.kit import KitRun, mock_server, started
from conformance.gate.parts import Part, combined

__all__ = ["KitRun", "Part", "combined", "mock_server", "started"]
