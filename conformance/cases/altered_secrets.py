"""Secrets that are not the right one: altered in one place, or never issued."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from conformance.cases.forged_tokens import forged_jwt, is_jwt
from conformance.http.alterations import ALTERATIONS

__all__ = ["altered_secrets", "unissued_secret"]


def altered_secrets(secret: str) -> Iterator[tuple[str, str]]:
    """Each change of a right secret with its label; changes that give the same text come once."""
    seen = {secret, ""}
    for way in ALTERATIONS:
        if way.of_jwts not in (None, is_jwt(secret)):
            continue
        value = way.of(secret)
        if value not in seen:
            seen.add(value)
            yield f"the right one, {way.label}", value


def unissued_secret(secret: str) -> str:
    """A secret of the form and length of the right one that nobody was given."""
    if not secret or is_jwt(secret):
        return forged_jwt()
    # The same in every run, so that two reports can be compared.
    letters = "".join(
        "abcdefghijklmnopqrstuvwxyz"[int(digit, 16)] for digit in hashlib.sha256(b"x").hexdigest()
    )
    return (letters * (len(secret) // len(letters) + 1))[: max(len(secret), 8)]
