"""Charsets: those that texts on the web are in, among all that Python's codecs would do."""

from __future__ import annotations

import codecs

__all__ = ["codec_of"]

_CODECS = frozenset(
    {
        *("ascii", "utf-8", "utf-8-sig", "utf-16", "utf-16-be", "utf-16-le", "utf-32"),
        *("utf-32-be", "utf-32-le", "koi8-r", "koi8-u", "cp437", "cp850", "cp852", "cp866"),
        *("cp874", "cp932", "cp949", "cp950", "tis-620", "mac-roman", "mac-cyrillic"),
        *("big5", "big5hkscs", "gb2312", "gbk", "gb18030", "hz"),
        *("euc_jp", "euc_kr", "iso2022_jp", "iso2022_kr", "johab", "shift_jis"),
        *(f"cp{number}" for number in range(1250, 1259)),
        *(f"iso8859-{part}" for part in range(1, 17)),
    }
)
"""By Python's name. Its others are no charsets at all (`base64`, `undefined`), or no text that
anybody sends, and slow besides: `punycode` takes minutes for a megabyte."""


def codec_of(charset: str) -> str | None:
    """The name of the codec for a charset; None where it is none that is known."""
    try:
        name = codecs.lookup(charset).name
    except (LookupError, ValueError):
        return None
    return name if name in _CODECS else None
