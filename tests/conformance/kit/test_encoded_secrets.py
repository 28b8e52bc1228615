"""A secret within an encoded text is shown nowhere, wherever in it the secret begins."""

from __future__ import annotations

import base64
import bz2
import codecs
import gzip
import html
import json
import lzma
from collections.abc import Callable, Iterator, Mapping

import pytest

from conformance.http.digit_codes import inner_codes
from conformance.http.masking import Secrets

SECRET = "Key/of+the.House-2718281828"
Z85 = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#"
OF_45 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
OF_58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
OF_36 = "0123456789abcdefghijklmnopqrstuvwxyz"


def number(data: bytes, digits: str) -> str:
    left, written = int.from_bytes(data, "big"), ""
    while left:
        left, last = divmod(left, len(digits))
        written = digits[last] + written
    return written


def groups(data: bytes, size: int, count: int, digits: str, *, lowest_first: bool = False) -> str:
    written = ""
    for at in range(0, len(data), size):
        group = int.from_bytes(data[at : at + size].ljust(size, b"\0"), "big")
        places = [digits[group // len(digits) ** power % len(digits)] for power in range(count)]
        written += "".join(places if lowest_first else reversed(places))
    return written


def dumped(data: bytes, group: int, bar: str = "") -> str:
    def lines() -> Iterator[str]:
        for at in range(0, len(data), 16):
            row = data[at : at + 16]
            shown = "".join(chr(one) if 32 <= one < 127 else "." for one in row)
            yield f"{at:08x}: {row.hex(' ', group):<47}  {bar}{shown}{bar}"

    return "\n".join(lines())


def by_characters(data: bytes) -> str:
    rows = (
        f"{at:07o} " + "".join(f"   {chr(one)}" for one in data[at : at + 16])
        for at in range(0, len(data), 16)
    )
    return "\n".join(rows)


def in_64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def each(pattern: str, text: str) -> str:
    return "".join(pattern % ord(one) for one in text)


ENCODED: Mapping[str, Callable[[bytes], str]] = {
    "base64": in_64,
    "base64 backwards": lambda data: in_64(data)[::-1],
    "base64 turned": lambda data: codecs.encode(in_64(data), "rot13"),
    "base32": lambda data: base64.b32encode(data).decode(),
    "base32, lower case": lambda data: base64.b32encode(data).decode().lower(),
    "base32 with the digits of hex": lambda data: base64.b32hexencode(data).decode(),
    "base64 of bzip2": lambda data: base64.b64encode(bz2.compress(data)).decode(),
    "base64 of xz": lambda data: base64.b64encode(lzma.compress(data)).decode(),
    "base32 of gzip": lambda data: base64.b32encode(gzip.compress(data)).decode(),
    "base32 of base64": lambda data: base64.b32encode(base64.b64encode(data)).decode(),
    "base36": lambda data: number(data, OF_36),
    "base45": lambda data: groups(data, 2, 3, OF_45, lowest_first=True),
    "base58": lambda data: number(data, OF_58),
    "base85": lambda data: base64.b85encode(data).decode(),
    "base85 of Adobe": lambda data: base64.a85encode(data).decode(),
    "base85 of ZeroMQ": lambda data: groups(data, 4, 5, Z85),
    "a decimal number": lambda data: number(data, "0123456789"),
    "bits": lambda data: "".join(f"{one:08b}" for one in data),
    "rot47": lambda data: "".join(chr(33 + (one + 14) % 94) for one in data),
    "xxd": lambda data: dumped(data, 2),
    "hexdump": lambda data: dumped(data, 1, "|"),
    "od": by_characters,
    "UTF-7": lambda data: f"+{in_64(data.decode().encode('utf-16-be')).rstrip('=')}-",
    "base64 in escapes": lambda data: each(r"\u%04x", in_64(data)),
    "base64 in percents": lambda data: each("%%%02X", in_64(data)),
    "base64 in entities": lambda data: each("&#x%x;", in_64(data)),
    "backwards in escapes": lambda data: each(r"\u%04x", data.decode()[::-1]),
    "CSS": lambda data: each(r"\%x ", data.decode()),
    "CSS with zeros": lambda data: each(r"\%06x", data.decode()),
    "character data": lambda data: "".join(f"<![CDATA[{chr(one)}]]>" for one in data),
    "tags": lambda data: "".join(chr(0xE0000 + one) for one in data),
    "selectors": lambda data: "".join(chr(0xE0100 - 16 + one) for one in data),
}
WRAPPED: Mapping[str, Callable[[str], str]] = {
    "alone": str,
    "in JSON": lambda text: json.dumps({"error": f"bad {text} here", "n": 1}, ensure_ascii=False),
    "in lines": lambda text: f"Error: {text}\nsecond line",
}


@pytest.mark.parametrize("wrapped", WRAPPED)
@pytest.mark.parametrize("encoding", ENCODED)
@pytest.mark.parametrize("before", range(6))
def test_a_secret_in_an_encoded_text_is_hidden(encoding: str, wrapped: str, before: int) -> None:
    """Its middle is shown nowhere, whatever stands before and after it."""
    code = ENCODED[encoding](b"around"[:before] + SECRET.encode() + b"after")
    text = WRAPPED[wrapped](code)
    third = code[len(code) // 3 : -(len(code) // 3)]
    middle = json.dumps(third, ensure_ascii=False)[1:-1] if wrapped == "in JSON" else third

    hidden = Secrets(given=(SECRET,)).mask(text)

    assert "$TOKEN" in hidden
    assert middle not in hidden


@pytest.mark.parametrize("encoding", ENCODED)
def test_another_encoded_text_is_shown(encoding: str) -> None:
    """It is evidence."""
    text = ENCODED[encoding](b"The lamp-42/is on, and has been since 1879.".replace(b" ", b"_"))

    assert Secrets(given=(SECRET,)).mask(text) == text


@pytest.mark.parametrize("secret", ["kX9-aQ", "zq7w-9Jx4k", SECRET])
def test_no_code_of_a_secret_is_a_word(secret: str) -> None:
    """What every text with the secret must contain is long enough to tell it."""
    assert min(map(len, inner_codes(secret))) >= 6
    assert html.unescape(secret) not in inner_codes(secret)
