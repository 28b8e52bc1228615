"""Words of a shell command: each stays on one line, and reaches the program as it was."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence

__all__ = ["LONGEST", "LONGEST_WORD", "formatted", "is_short", "words"]

LONGEST = 4000
"""Characters of a body that a command line has room for."""
LONGEST_WORD = 100_000
"""Characters of one argument; Linux gives a program no longer one than 128 KiB."""
_NAME = r"(?:(?:(?:ALTERED|EXPIRED|FOREIGN|OTHER)_)?TOKEN|SECRET|NEW_ID\d*|NEW_TAG)"
_VARIABLE = re.compile(rf"\${_NAME}")
"""What stands for a secret, an id or a tag: the shell fills it in, so it must not be quoted."""
_SPECIAL = re.compile(rf'([\\"`]|\$(?!{_NAME}))')
"""What means something to a shell between double quotes, and is no such variable."""
_RUN = re.compile(r"(?P<letter>[0-9A-Za-z])(?P=letter){199,}")
"""One letter 200 times or more, as cases of `maxLength` have it: the shell repeats it shorter."""
_PIECE = re.compile(f"{_VARIABLE.pattern}|{_RUN.pattern}")


def is_short(text: str) -> bool:
    """Whether a command line has room for a text, and can hold all of it: no NUL is in one."""
    return len(_RUN.sub("", text)) <= LONGEST and "\x00" not in text


def words(parts: Sequence[str]) -> str:
    """Quoted for bash or zsh; `$TOKEN` is left to be filled in by it."""
    return " ".join(_quoted(part) for part in parts)


def formatted(data: str) -> str:
    """A `printf` that writes bytes, each a character of Latin-1; variables are filled in."""
    pieces = ("".join(map(_octal, piece)) for piece in _VARIABLE.split(data))
    filled = [f'"{name}"' for name in _VARIABLE.findall(data)]
    # What begins with a hyphen would be an option.
    text = re.sub("^-", r"\\055", "%s".join(pieces))
    return " ".join(["printf", shlex.quote(text), *filled])


def _octal(letter: str) -> str:
    # Octal is what every printf knows (POSIX).
    known = {"\r": "\\r", "\n": "\\n", "\\": "\\\\", "%": "%%"}
    plain = letter.isascii() and letter.isprintable()
    return known.get(letter) or (letter if plain else f"\\{ord(letter):03o}")


def _quoted(part: str) -> str:
    """One word of the shell; a letter many times over is left to it to repeat."""
    if not all(map(str.isprintable, part)):
        return "".join(_piece(one) for one in _pieces(part))
    if not _VARIABLE.search(part) and not _RUN.search(part):
        return shlex.quote(part)
    escaped = _SPECIAL.sub(r"\\\1", part)
    return f'"{_RUN.sub(_repeated, escaped)}"'


def _pieces(part: str) -> Sequence[str]:
    """The text apart from what the shell fills in, or repeats."""
    found, at = list[str](), 0
    for piece in _PIECE.finditer(part):
        found += [part[at : piece.start()], piece[0]]
        at = piece.end()
    return [one for one in (*found, part[at:]) if one]


def _piece(text: str) -> str:
    if _VARIABLE.fullmatch(text):
        return f'"{text}"'
    if run := _RUN.fullmatch(text):
        return f'"{_repeated(run)}"'
    # A line break would end the line, and a terminal makes another character of a carriage return.
    return f"$'{''.join(map(_escaped, text))}'"


def _escaped(letter: str) -> str:
    known = {"\r": "\\r", "\n": "\\n", "\t": "\\t", "\\": "\\\\", "'": "\\'"}
    if letter in known or letter.isprintable():
        return known.get(letter, letter)
    # A lone half is a byte that is no UTF-8, as `surrogateescape` reads it.
    lone = "\udc80" <= letter <= "\udcff"
    data = letter.encode("utf-8", "surrogateescape" if lone else "surrogatepass")
    return "".join(f"\\x{byte:02x}" for byte in data)


def _repeated(found: re.Match[str]) -> str:
    if len(found[0]) > LONGEST_WORD:
        return f"$(head -c {len(found[0])} /dev/zero | tr '\\0' {found['letter']})"
    return f"$(printf '{found['letter']}%.0s' $(seq {len(found[0])}))"
