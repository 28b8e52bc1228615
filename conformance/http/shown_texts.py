"""Bodies and headers as texts for people: read in the encoding that they have, and cut."""

from __future__ import annotations

from conformance.http.exchange import Answer

__all__ = ["LONGEST", "brief", "cut", "in_short", "readable", "short"]

LONGEST = 4000
"""Characters of a body, or of a header, that a report shows."""
BRIEF = 160
"""Characters of a body that a sentence quotes."""


def in_short(answer: Answer) -> str:
    """The status of an answer, and how its body begins: `404: no such lamp`."""
    # As many octets as so many characters may have, and some whitespace before them.
    text = brief(answer.body[: 5 * BRIEF].decode("utf-8", "replace"))
    return f"{answer.status}: {text}" if text else str(answer.status)


def brief(text: str, size: int = BRIEF) -> str:
    """A text in one line, for a sentence; `…` says that it goes on."""
    line = text.strip().replace("\n", " ")
    return line if len(line) <= size else f"{line[:size]}…"


def readable(body: bytes, errors: str) -> str:
    """The text of an answer; one of UTF-16 or UTF-32 is told by its NULs (RFC 4627 section 3)."""
    zeros = tuple(at for at, octet in enumerate(body[:4]) if not octet)
    name = "utf-8"
    if body[:4] in (b"\xff\xfe\x00\x00", b"\x00\x00\xfe\xff"):
        name = "utf-32"
    elif body[:2] in (b"\xff\xfe", b"\xfe\xff"):
        name = "utf-16"
    elif zeros in ((1, 3), (0, 2)):
        name = "utf-16-le" if zeros == (1, 3) else "utf-16-be"
    elif zeros in ((1, 2, 3), (0, 1, 2)):
        name = "utf-32-le" if zeros == (1, 2, 3) else "utf-32-be"
    # A half of a character at a cut end is replaced where it cannot be shown.
    return body.decode(name, errors if name == "utf-8" else "replace")


def cut(text: str, size: int) -> str:
    """The beginning of a body, with the `size` of all of it in bytes where it is longer."""
    if len(text) <= LONGEST and size <= LONGEST * 4:
        return text
    return f"{text[:LONGEST]}… ({size:,} bytes)"


def short(shown: str) -> str:
    """A header, or the beginning of a long one."""
    return shown if len(shown) <= LONGEST else f"{shown[:80]}… ({len(shown):,} characters)"
