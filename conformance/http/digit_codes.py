"""A secret in the digits of another base, wherever in an encoded text it begins."""

from __future__ import annotations

import base64
import codecs
from collections.abc import Callable, Iterator

__all__ = ["inner_codes"]

_OF_32, _OF_32_HEX = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", "0123456789ABCDEFGHIJKLMNOPQRSTUV"
_TO_HEX = str.maketrans(_OF_32, _OF_32_HEX)
_OF_85 = (
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~",
    "".join(map(chr, range(33, 118))),
    "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#",
)
"""The digits of base 85 in git and Mercurial, in PostScript, and in ZeroMQ (RFC 32)."""
_OF_45 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
_SHORTEST = 8
"""Digits from which a code is a secret: fewer may stand in any text."""


def inner_codes(secret: str) -> Iterator[str]:
    """What every text with the secret in it must contain, when it is encoded as a whole.

    An encoding makes a few octets a group of digits. Where the secret begins within a group is not
    known, so that there is a code for each place; digits that octets around it share are left out.
    """
    data = secret.encode("utf-8", "surrogatepass")
    yield from dict.fromkeys(_base64s(data))
    rarer = (*_base32s(data), *_groups(data, 4, _in_85), *_groups(data, 2, _in_45))
    yield from dict.fromkeys(one for one in rarer if len(one) >= _SHORTEST)
    yield codecs.encode(secret, "rot13")
    yield "".join(chr(33 + (ord(one) + 14) % 94) if "!" <= one <= "~" else one for one in secret)


def _base64s(data: bytes) -> Iterator[str]:
    """Base64 (RFC 4648 section 4), the same backwards, and with its letters turned by 13."""
    for shift in range(3):
        code = base64.b64encode(bytes(shift) + data).decode()
        # The first and last digits also hold bits of what is before and after.
        inner = code[(0, 2, 3)[shift] : (len(data) + shift) * 8 // 6]
        yield from (inner, inner[::-1], codecs.encode(inner, "rot13"))


def _base32s(data: bytes) -> Iterator[str]:
    """Base32 with both of its alphabets (RFC 4648 sections 6 and 7)."""
    for shift in range(5):
        code = base64.b32encode(bytes(shift) + data).decode()
        inner = code[-(-shift * 8 // 5) : (len(data) + shift) * 8 // 5]
        yield from (inner, inner.translate(_TO_HEX))


def _groups(data: bytes, size: int, written: Callable[[bytes], Iterator[str]]) -> Iterator[str]:
    """The groups of octets that lie within the secret as a whole."""
    for shift in range(size):
        inner = data[shift : shift + (len(data) - shift) // size * size]
        yield from written(inner)


def _in_85(data: bytes) -> Iterator[str]:
    numbers = [int.from_bytes(data[at : at + 4], "big") for at in range(0, len(data), 4)]
    digits = [one // 85**power % 85 for one in numbers for power in (4, 3, 2, 1, 0)]
    yield from ("".join(alphabet[one] for one in digits) for alphabet in _OF_85)


def _in_45(data: bytes) -> Iterator[str]:
    """Base45 (RFC 9285): the lowest digit first."""
    numbers = [int.from_bytes(data[at : at + 2], "big") for at in range(0, len(data), 2)]
    yield "".join(_OF_45[one // 45**power % 45] for one in numbers for power in (0, 1, 2))
