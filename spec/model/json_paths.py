"""JSONPath queries (RFC 9535) that name what is at the end of a path."""

from __future__ import annotations

import re
from collections.abc import Iterable

__all__ = ["EVERY", "json_path"]

EVERY = None
"""The step to every item, or every member: the wildcard of RFC 9535 section 2.3.2."""

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_ESCAPES = {"\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r"}


def json_path(steps: Iterable[str | int | None]) -> str:
    """The query of names, indexes and `EVERY`: `$.paths['/a'].get.responses['200']`."""
    return "$" + "".join(map(_segment, steps))


def _segment(step: str | int | None) -> str:
    if step is EVERY:
        return "[*]"
    if isinstance(step, int):
        return f"[{step}]"
    return f".{step}" if _PLAIN.match(step) else f"['{_escaped(step)}']"


def _escaped(name: str) -> str:
    """A name in single quotes (section 2.3.1.1): no control character stands there as it is."""
    quoted = name.replace("\\", "\\\\").replace("'", "\\'")
    return "".join(_ESCAPES.get(c, f"\\u{ord(c):04x}" if c < " " else c) for c in quoted)
