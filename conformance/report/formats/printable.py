"""Text of a server or a contract, made safe to show."""

from __future__ import annotations

import re

__all__ = ["APART", "code_span", "one_line", "printable", "without_commands"]

APART = "\u200b"
"""A space without width: it parts two letters for a machine, and not for a reader."""
_NOT_PLAIN = re.compile(r"[^\x20-\x7e\n]")
"""What may be no letter: a control character, or one that turns the direction of a text."""
_LINE_COMMAND = re.compile(r"^([ \t]*):(?=:)", re.MULTILINE)
"""The first of two colons at the beginning of a line."""
_BRACKET_COMMAND = re.compile(r"##(?=\w*\[)")
"""The begin of `##[…]`, `##vso[…]` and `##teamcity[…]`."""


def printable(text: str) -> str:
    """Text from a server with the escape of each character that a reader would not see.

    A control character reaches no terminal, and none that changes the direction of a text (Unicode
    Standard Annex 9) makes a line look like another one.
    """
    return _BRACKET_COMMAND.sub(f"##{APART}", _NOT_PLAIN.sub(_shown, text))


def _shown(found: re.Match[str]) -> str:
    letter = found[0]
    return letter if letter.isprintable() else letter.encode("unicode_escape").decode()


def without_commands(text: str, *, json: bool = False) -> str:
    """Text for standard output in which a pipeline's runner finds no workflow command.

    GitHub's takes a line that begins with `::`, after any spaces, and `##[` anywhere in a line
    (actions/runner, ActionCommand); Azure's and TeamCity's have a word before the bracket. In JSON,
    where no line begins so, the letters are escaped.
    """
    if json:
        return _BRACKET_COMMAND.sub(r"\\u0023#", text)
    return _BRACKET_COMMAND.sub(f"##{APART}", _LINE_COMMAND.sub(rf"\1:{APART}", text))


def one_line(text: str) -> str:
    """The same in one line: a separate line could be read as a workflow command."""
    return printable(text.replace("\n", "\\n"))


def code_span(text: str) -> str:
    """A code span of Markdown: in one line, which nothing in it ends."""
    # A letter that looks like it: inside of a code span a backtick cannot be escaped.
    return f"`{one_line(text).replace('`', 'ˋ')}`"
