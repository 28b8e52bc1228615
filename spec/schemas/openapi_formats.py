"""Formats that OpenAPI adds to those of JSON Schema (OpenAPI 3.0 section 4.4).

`int32` and `int64` are not here: they become bounds when a schema is translated.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

__all__ = ["FORMATS"]

_BASE64 = re.compile(r"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?\Z")


def _is_base64(value: Any) -> bool:
    """RFC 4648 section 4; what is no string is the business of `type`."""
    return not isinstance(value, str) or _BASE64.match(value) is not None


FORMATS: dict[str, Callable[[Any], bool]] = {
    "byte": _is_base64,
}
