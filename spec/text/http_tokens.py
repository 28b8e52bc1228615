"""Tokens of HTTP: names of methods, fields and cookies, and both halves of a media type."""

from __future__ import annotations

import re
from typing import Final

__all__ = ["TOKEN", "is_token"]

TOKEN: Final = r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"
"""The pattern of a token (RFC 9110 section 5.6.2)."""
_WHOLE = re.compile(TOKEN)


def is_token(text: str) -> bool:
    """Whether a text is a token as a whole."""
    return _WHOLE.fullmatch(text) is not None
