"""HTTP's methods: which of them are safe, and which the kit tries where none is declared."""

from __future__ import annotations

from typing import Final

from spec.model.http_methods import HTTP_METHODS, SAFE_METHODS

__all__ = ["CHANGING", "INVENTED", "METHODS", "is_safe"]

CHANGING: Final = frozenset({"PUT", "PATCH", "DELETE"})
"""Methods that change or remove what their path names (RFC 9110 section 9.3, RFC 5789)."""

INVENTED: Final = "FROBNICATE"
"""A method that no server implements (501 is right: RFC 9110 section 15.6.2)."""

METHODS: Final = (*(one.name for one in HTTP_METHODS if one.is_tried), INVENTED)
"""Methods that are sent to a path that does not declare them, in this order."""


def is_safe(method: str) -> bool:
    """Whether a request with this method asks for nothing to change (RFC 9110 section 9.2.1)."""
    return method in SAFE_METHODS
