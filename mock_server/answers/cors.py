"""Cross-origin resource sharing: every answer may be read by the page that asked for it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from mock_server.model.header_lines import HeaderLine, HeaderLines

__all__ = ["allowing", "exposing", "is_preflight", "preflight_headers", "reflected"]

_SAFELISTED = frozenset(
    {
        b"cache-control",
        b"content-language",
        b"content-length",
        b"content-type",
        b"expires",
        b"last-modified",
        b"pragma",
        b"set-cookie",
        b"vary",
        b"x-accel-buffering",
    }
)
"""What pages may read anyway, or never (Fetch standard, section 2.2.2)."""
# With credentials a browser takes no `*` (Fetch standard, section 3.3.5): origin, methods and
# headers are given back as they were asked for.
_CREDENTIALS = (b"access-control-allow-credentials", b"true")
_MAX_AGE = b"600"
"""Seconds for which a browser keeps the answer to a preflight."""
_MOST_KEPT, _LONGEST_KEPT = 64, 256
_kept_lines: dict[bytes, HeaderLine] = {}
"""The lines for the origins that were seen first: a frontend has one, and it comes each time."""


def exposing(headers: Iterable[HeaderLine]) -> HeaderLines:
    """The lines to add for a page of another origin so that it sees all of these headers."""
    names = dict.fromkeys(_written(name) for name, _ in headers if name not in _SAFELISTED)
    exposed = ((b"access-control-expose-headers", b", ".join(names)),) if names else ()
    return (_CREDENTIALS, *exposed)


def _written(name: bytes) -> bytes:
    return name.title().replace(b"Www", b"WWW")  # `WWW-Authenticate`, as RFC 9110 writes it


def allowing(origin: bytes) -> HeaderLine:
    """The line that lets one origin read the answer."""
    kept = _kept_lines.get(origin)
    if kept is not None:
        return kept
    line = (b"access-control-allow-origin", reflected(origin))
    if len(_kept_lines) < _MOST_KEPT and len(origin) < _LONGEST_KEPT:
        _kept_lines[origin] = line
    return line


def reflected(value: bytes) -> bytes:
    """A value that a client sent, without what could end a header line."""
    return bytes(one for one in value if 0x20 <= one < 0x7F)


def is_preflight(method: str, headers: Mapping[bytes, bytes]) -> bool:
    """Whether a browser asks beforehand what it may send."""
    return (
        method == "OPTIONS" and b"origin" in headers and b"access-control-request-method" in headers
    )


def preflight_headers(headers: Mapping[bytes, bytes], methods: Sequence[str]) -> HeaderLines:
    """The answer to a preflight: what was asked for is allowed."""
    # Allowed although the contract lacks it: the page is to see the 405, and not an error of CORS.
    asked_method = headers[b"access-control-request-method"]
    allowed = dict.fromkeys([*(one.encode() for one in methods), reflected(asked_method)])
    lines = [
        allowing(headers[b"origin"]),
        _CREDENTIALS,
        (b"access-control-allow-methods", b", ".join(allowed)),
        (b"access-control-max-age", _MAX_AGE),
        (b"vary", b"Origin, Access-Control-Request-Method, Access-Control-Request-Headers"),
    ]
    if asked := headers.get(b"access-control-request-headers"):
        lines.append((b"access-control-allow-headers", reflected(asked)))
    # A page of a public site may reach this machine only if it is said so (Private Network Access).
    if b"access-control-request-private-network" in headers:
        lines.append((b"access-control-allow-private-network", b"true"))
    return tuple(lines)
