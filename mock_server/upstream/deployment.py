"""The deployment that some operations are forwarded to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from mock_server.upstream.connections import Connections
from mock_server.upstream.recording import Recorder
from spec import Operation
from spec.model.selectors import nearest_operations, selects

__all__ = ["Upstream", "UpstreamError", "checked_url"]


class UpstreamError(ValueError):
    """An upstream that nothing can be sent to, or a selector that means no operation."""


def checked_url(text: str) -> str:
    """The URL of an upstream without a slash at its end. Raises UpstreamError."""
    try:
        url = urlsplit(text)
        host, _ = url.hostname, url.port
    except ValueError as error:
        raise UpstreamError(f"{text!r} is not a URL ({error})") from None
    if url.scheme not in ("http", "https") or not host:
        raise UpstreamError(f"{text!r} is not a URL; write it as http://127.0.0.1:7130")
    if url.query or url.fragment or url.username or url.password:
        raise UpstreamError(f"{text!r} must contain only an address and a path")
    return text.rstrip("/")


@dataclass(frozen=True, slots=True, kw_only=True)
class Upstream:
    """A deployment at `url`, for the operations that `selectors` mean; without any, for all.

    With `fallback` the mock answers where the deployment does not. `recorder` is called for
    every answer. `connections` are kept when a contract is exchanged.
    """

    url: str
    selectors: tuple[str, ...] = ()
    fallback: bool = False
    recorder: Recorder | None = field(default=None, compare=False)
    connections: Connections = field(default_factory=Connections, compare=False, repr=False)

    def check(self, operations: Iterable[Operation]) -> None:
        """Raise UpstreamError for a selector that means none of the operations."""
        every = list(operations)
        for selector in self.selectors:
            if not any(selects(selector, one) for one in every):
                hint = nearest_operations(selector, every)
                raise UpstreamError(f"--upstream-for {selector!r} matches no operation; {hint}")

    def means(self, operation: Operation) -> bool:
        """Whether requests of the operation are forwarded."""
        return not self.selectors or any(selects(one, operation) for one in self.selectors)
