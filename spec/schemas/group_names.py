"""Named groups of ECMA-262 (section 22.2.1), whose references the engine does not know."""

from __future__ import annotations

import re

__all__ = ["numbered"]

_PART = re.compile(
    r"\\k<(?P<reference>[^>]+)>|\\.|\[(?:\\.|[^\]\\])*\]"
    r"|\(\?<(?![=!])(?P<name>[^>]+)>|(?P<group>\((?!\?))",
    re.DOTALL,
)


def numbered(pattern: str) -> str:
    """The pattern with its references to named groups by number; without any, as it is."""
    if "\\k<" not in pattern:
        return pattern
    numbers: dict[str, int] = {}
    count = 0
    for part in _PART.finditer(pattern):
        if part["name"] or part["group"]:
            count += 1
            numbers.setdefault(part["name"] or "", count)
    names = numbers.keys() - {""}

    def replaced(part: re.Match[str]) -> str:
        if part["name"]:
            return "("
        reference = part["reference"]
        # In a group of its own, so that a digit after it does not make another number.
        return f"(?:\\{numbers[reference]})" if reference in names else part[0]

    return _PART.sub(replaced, pattern)
