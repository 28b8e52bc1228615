"""What a header can carry of a credential (RFC 9110 section 5.5)."""

from __future__ import annotations

__all__ = ["unsendable"]


def unsendable(value: str) -> str:
    """What is wrong with a credential, as the end of a sentence; "" where it can be sent."""
    if any(letter in value for letter in "\r\n"):
        return "has a line break in it, which a header cannot carry"
    if any(ord(letter) < 32 or ord(letter) == 127 for letter in value):
        return "has a control character in it, which a header cannot carry"
    if any(ord(letter) > 255 for letter in value):
        return "has a character in it that a header cannot carry"
    return "begins or ends with a space" if value != value.strip() else ""
