"""Text that a server sent, made safe to show."""

from __future__ import annotations

import re

__all__ = ["APART", "one_line", "printable", "without_commands"]

APART = "\u200b"
"""A space without width: it parts two letters for a machine, and not for a reader."""
_NOT_PLAIN = re.compile(r"[^\x20-\x7e\n]")
"""What may be no letter: a control character, or one that turns the direction of a text."""
_LINE_COMMAND = re.compile(r"^([ \t]*):(?=:)", re.MULTILINE)
"""The first of two colons at the beginning of a line."""


def printable(text: str) -> str:
    """Text from a server with the escape of each character that a reader would not see.

    A control character reaches no terminal, and none that changes the direction of a text (Unicode
    Standard Annex 9) makes a line look like another one.
    """
    return _NOT_PLAIN.sub(_shown, text).replace("##[", f"##{APART}[")


def _shown(found: re.Match[str]) -> str:
    letter = found[0]
    return letter if letter.isprintable() else letter.encode("unicode_escape").decode()


def without_commands(text: str, *, json: bool = False) -> str:
    """Text for standard output in which a pipeline's runner finds no workflow command.

    GitHub's takes a line that begins with `::`, after any spaces, and `##[` anywhere in a line
    (actions/runner, ActionCommand). In JSON, where no line begins so, the letters are escaped.
    """
    if json:
        return text.replace("##[", "\\u0023#[")
    return _LINE_COMMAND.sub(rf"\1:{APART}", text).replace("##[", f"##{APART}[")


def one_line(text: str) -> str:
    """The same in one line: a separate line could be read as a workflow command."""
    return printable(text.replace("\n", "\\n"))
