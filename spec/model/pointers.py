"""JSON Pointers (RFC 6901) in their URI fragment form, `#/paths/~1a~1b/get`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import unquote

__all__ = ["escape", "follow", "from_tokens", "join", "split", "unescape"]

_PERCENT_ESCAPE = re.compile(r"%(?=[0-9A-Fa-f]{2})")


def join(pointer: str, *tokens: str | int) -> str:
    """The pointer with tokens appended, each of them escaped.

    In a fragment what looks like a percent-escape is escaped too: a path may have the literal
    text `%20`. Any other percent sign stands for itself, and stays readable.
    """
    path = "/".join([pointer, *(escape(str(token)) for token in tokens)])
    # Few tokens have one, and pointers are made for every part of a contract.
    if "%" not in path or not pointer.startswith("#"):
        return path
    escaped = (_PERCENT_ESCAPE.sub("%25", escape(str(token))) for token in tokens)
    return "/".join([pointer, *escaped])


def split(pointer: str) -> list[str]:
    """The unescaped tokens of a pointer, with or without its leading `#`.

    Percent-escapes are decoded, as RFC 6901 section 6 demands of a fragment.
    """
    path = unquote(pointer[1:]) if pointer.startswith("#") else pointer
    tokens = path.split("/")[1:]
    return [unescape(token) for token in tokens] if "~" in path else tokens


def escape(token: str) -> str:
    """One token, ready to stand in a pointer."""
    return token.replace("~", "~0").replace("/", "~1")


def unescape(token: str) -> str:
    """What a token of a pointer means."""
    # In this order: `~01` stands for `~1`, and not for a slash (RFC 6901 section 4).
    return token.replace("~1", "/").replace("~0", "~")


def follow(value: Any, tokens: Iterable[str]) -> Any:
    """What is at the end of a path into plain data.

    Raises:
        KeyError: nothing does.
    """
    for token in tokens:
        if isinstance(value, dict) and token in value:
            value = value[token]
        elif isinstance(value, list) and token.isdecimal() and int(token) < len(value):
            value = value[int(token)]
        else:
            raise KeyError(token)
    return value


def from_tokens(tokens: Iterable[str | int]) -> str:
    """The bare pointer (no `#`) into a value, for example `/images/0/url`."""
    return join("", *tokens)
