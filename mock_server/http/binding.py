"""Listening sockets: bound before anything else is said, so that a printed URL is a true one."""

from __future__ import annotations

import errno
import os
import socket
import sys
from collections.abc import Sequence

__all__ = ["BindingError", "listen", "url_of"]

_BACKLOG = 2048
"""Connections that may wait to be accepted; the system may allow fewer."""


class BindingError(Exception):
    """The address cannot be listened on: which one, why, and what to do."""


def listen(host: str, port: int) -> tuple[socket.socket, ...]:
    """Listen on every address of a host (`localhost` may have two), all with the same port.

    Port 0 takes one that is free. Raises BindingError.
    """
    sockets: list[socket.socket] = []
    try:
        for family, address in _addresses(host, port):
            # With port 0 the first address chooses, and the others get the same.
            taken = sockets[0].getsockname()[1] if sockets else port
            sockets.append(_bound(family, (address, taken)))
    except OSError as problem:
        for bound in sockets:
            bound.close()
        raise BindingError(_explained(problem, host, port)) from problem
    return tuple(sockets)


def url_of(host: str, sockets: Sequence[socket.socket], scheme: str = "http") -> str:
    """The URL that the first line names: the host as it was asked for, the port as it became."""
    port = sockets[0].getsockname()[1]
    return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"


def _addresses(host: str, port: int) -> list[tuple[socket.AddressFamily, str]]:
    found = socket.getaddrinfo(
        host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE | socket.AI_NUMERICSERV
    )
    both = list(dict.fromkeys((family, str(address[0])) for family, *_, address in found))
    # A name such as localhost may resolve to an IPv6 address on a machine that has no IPv6.
    usable = [pair for pair in both if pair[0] is not socket.AF_INET6 or _has_ipv6(pair[1])]
    return sorted(usable or both)


def _has_ipv6(address: str) -> bool:
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_STREAM) as probe:
            probe.bind((address, 0))
    except OSError:
        return False
    return True


def _bound(family: socket.AddressFamily, address: tuple[str, int]) -> socket.socket:
    bound = socket.socket(family, socket.SOCK_STREAM)
    try:
        if sys.platform != "win32":
            # Restarting at once is fine; on Windows this would share the port with another server.
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family is socket.AF_INET6:
            # `::` takes IPv4 as well; beside 127.0.0.1, another address must leave IPv4 alone.
            bound.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, int(address[0] != "::"))
        bound.bind(address)
        bound.listen(_BACKLOG)
        bound.setblocking(False)
    except OSError:
        bound.close()
        raise
    return bound


def _explained(problem: OSError, host: str, port: int) -> str:
    if isinstance(problem, socket.gaierror):
        return f"--host {host}: no such host; give an address of this machine, such as 127.0.0.1"
    if problem.errno == errno.EADDRINUSE:
        return (
            f"port {port} on {host} is in use; stop what listens there, "
            f"or choose another with --port (0 takes a free one)"
        )
    if problem.errno == errno.EACCES:
        return f"port {port} needs privileges; choose one above 1023 with --port"
    if problem.errno == errno.EADDRNOTAVAIL:
        return f"--host {host}: not an address of this machine; 0.0.0.0 listens on all of them"
    return f"cannot listen on {host} port {port}: {os.strerror(problem.errno or 0)}"
