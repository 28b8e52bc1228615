"""Text that a server sent, made safe to show."""

from __future__ import annotations

__all__ = ["one_line", "printable"]


def printable(text: str) -> str:
    """Text from a server with its control characters shown, so that none reaches the terminal."""
    return "".join(
        one if one.isprintable() or one == "\n" else f"\\x{ord(one):02x}" for one in text
    )


def one_line(text: str) -> str:
    """The same in one line: a line of its own could be a command to whoever reads the output."""
    return printable(text.replace("\n", "\\n"))
