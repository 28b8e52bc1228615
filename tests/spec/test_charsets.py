"""Which charsets are read: those of texts, and nothing else that Python can decode."""

from __future__ import annotations

import pytest

from spec.text.charsets import codec_of


@pytest.mark.parametrize(
    ("charset", "codec"),
    [
        ("utf-8", "utf-8"),
        ("UTF8", "utf-8"),
        ("us-ascii", "ascii"),
        ("ISO-8859-1", "iso8859-1"),
        ("latin1", "iso8859-1"),
        ("iso-8859-15", "iso8859-15"),
        ("windows-1252", "cp1252"),
        ("Shift_JIS", "shift_jis"),
        ("EUC-KR", "euc_kr"),
        ("GB18030", "gb18030"),
        ("UTF-16", "utf-16"),
    ],
)
def test_a_charset_by_any_of_its_names(charset: str, codec: str) -> None:
    """What a Content-Type calls it and what Python calls it are two things."""
    assert codec_of(charset) == codec


@pytest.mark.parametrize(
    "charset",
    ["", "x-unknown", "base64", "rot13", "punycode", "idna", "undefined", "unicode_escape", "a\0b"],
)
def test_what_is_no_charset_of_text(charset: str) -> None:
    """A client must not choose a codec that fails in its own way, or stalls the mock."""
    assert codec_of(charset) is None
