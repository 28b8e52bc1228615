"""How requests travel: by httpx2, and by plain sockets where no library would send them."""

from conformance.client.target import Target, TargetError, parse_target
from conformance.client.transport import Client

__all__ = ["Client", "Target", "TargetError", "parse_target"]
