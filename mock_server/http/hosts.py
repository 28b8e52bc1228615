"""The hosts that a request names: in its Host header, and in an absolute-form target."""

from __future__ import annotations

import re
from ipaddress import IPv6Address

__all__ = ["is_host", "origin_form"]

_HOST = re.compile(
    rb"(?:(?:[A-Za-z0-9\-._~!$&'()*+,;=]|%[0-9A-Fa-f]{2})*|\[(?P<literal>[^\[\]]+)\])(?::[0-9]*)?"
)
"""`uri-host [":" port]` (RFC 9110 section 7.2); what is in brackets is looked at by itself."""
_FUTURE = re.compile(r"[vV][0-9A-Fa-f]+\.[A-Za-z0-9\-._~!$&'()*+,;=:]+")
_ABSOLUTE = re.compile(rb"[A-Za-z]+://([^/?#]*)(.*)", re.DOTALL)
_MOST_KEPT = 64
_kept_hosts: set[bytes] = set()
"""The good Host values that came first: a client sends the same one each time."""


def is_host(value: bytes) -> bool:
    """Whether a value names a host, or none at all (RFC 9110 section 7.2)."""
    if value in _kept_hosts:
        return True
    found = _HOST.fullmatch(value)
    if found is None or (found["literal"] and not _is_literal(found["literal"].decode("latin-1"))):
        return False
    if len(_kept_hosts) < _MOST_KEPT and len(value) < 256:
        _kept_hosts.add(value)
    return True


def _is_literal(text: str) -> bool:
    """Whether it is an address that may stand in brackets (RFC 3986 section 3.2.2)."""
    if _FUTURE.fullmatch(text):
        return True
    try:
        return IPv6Address(text) is not None
    except ValueError:
        return False


def origin_form(target: bytes) -> tuple[bytes, bytes] | None:
    """The host and the origin-form of an absolute-form target (RFC 9112 section 3.2.2).

    None where the target has no such form, or names no valid host.
    """
    absolute = _ABSOLUTE.fullmatch(target)
    if absolute is None or not absolute[1] or not is_host(absolute[1]):
        return None
    return absolute[1], absolute[2] if absolute[2][:1] == b"/" else b"/" + absolute[2]
