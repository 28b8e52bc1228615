"""What in a canned answer stands for a part of the request (OpenAPI 3.0 section 4.7.20.4)."""

from __future__ import annotations

import re

__all__ = ["EXPRESSION"]

EXPRESSION = re.compile(
    r"\{\$(?:url|method|mock\.problem|request\."
    r"(?:body(?:#(?:/[^{}]*)?)?|(?:query|path|header)\.[^{}]+))\}"
)
"""One expression with its braces; anything else in braces is text."""
