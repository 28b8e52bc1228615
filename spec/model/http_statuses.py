"""HTTP's statuses by what an answer with them may have."""

from __future__ import annotations

__all__ = ["BODILESS", "VALIDATION"]

BODILESS = frozenset({204, 205, 304})
"""Statuses whose answer has no content (RFC 9110 sections 15.3.5, 15.3.6 and 15.4.5)."""
VALIDATION = frozenset({400, 422})
"""What frameworks answer to a bad value: most of them 400, FastAPI and Rails 422."""
