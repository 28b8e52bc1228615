"""Secrets that are not the right one: altered in one place, or never issued."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from conformance.cases.forged_tokens import FUTURE, ISSUED, PLAUSIBLE, forged_jwt, is_jwt

__all__ = ["altered_secrets", "unissued_secret"]


def altered_secrets(secret: str) -> Iterator[tuple[str, str]]:
    """Each change of a right secret with its label; changes that give the same text come once."""
    last = _other_character(secret[-1])
    altered = {
        "its last character changed": secret[:-1] + last,
        "its first character changed": _other_character(secret[0]) + secret[1:],
        "its case changed": secret.swapcase(),
        "its last character cut off": secret[:-1],
        "half of it": secret[: len(secret) // 2],
        "something after it": f"{secret}x",
    }
    if is_jwt(secret):
        altered["without its signature"] = secret.rpartition(".")[0] + "."
    seen = {secret, ""}
    for label, value in altered.items():
        if value not in seen:
            seen.add(value)
            yield f"the right one, {label}", value


def _other_character(letter: str) -> str:
    """Another character, far away: base64's last one may have bits that mean nothing."""
    # 32 changes the highest of six bits, which the last character of base64 always uses.
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    at = alphabet.find(letter)
    return alphabet[at ^ 32] if at >= 0 else "x" if letter != "x" else "y"


def unissued_secret(secret: str) -> str:
    """A secret of the form and length of the right one that nobody was given."""
    if not secret or is_jwt(secret):
        return forged_jwt({**PLAUSIBLE, "iat": ISSUED, "exp": FUTURE})
    # The same in every run, so that two reports can be compared.
    letters = "".join(
        "abcdefghijklmnopqrstuvwxyz"[int(digit, 16)] for digit in hashlib.sha256(b"x").hexdigest()
    )
    return (letters * (len(secret) // len(letters) + 1))[: max(len(secret), 8)]
