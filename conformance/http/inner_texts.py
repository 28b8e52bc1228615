"""Texts within a text: what is packed in it, and what its letters or its numbers alone say."""

from __future__ import annotations

import base64
import binascii
import bz2
import lzma
import re
import unicodedata
import zlib
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice

from conformance.http.secret_spellings import unescaped

__all__ = ["dumps_in", "letters_of", "numbers_of", "other_readings", "packed_texts"]

_SHORTEST_RUN = 16
_RUN = re.compile(
    rf"(?:\\?[A-Za-z0-9+/_-]){{{_SHORTEST_RUN},}}+"
    r"(?:(?:\\r)?\\n|\r?\n)?(?:\\?[A-Za-z0-9+/_=-]|\r?\n)*+"
)
"""What may be base64 or hexadecimal, also in lines (RFC 2045 section 6.8) or as PHP escapes `/`."""
_UUENCODED = re.compile(r"begin [0-7]{3} (?:(?!begin ).)*?(?:\\n|\n)(?:`(?:\\n|\n))?end", re.DOTALL)
_DEEPEST = 4
"""Encodings within each other that are looked through."""
_MOST_RUNS = 200
"""Runs of a text that are looked into, and as many again within them: more are the data of a list,
and not one secret; what a few octets are inflated to may hold thousands."""
_LONGEST_PATH, _MOST_SEGMENTS = 1000, 4
"""Characters of a run whose segments are decoded by themselves, and how many begin an encoding."""
_MOST_INFLATED, _MOST_MEMORY = 1 << 16, 1 << 26
_LARGEST = 1000
"""Digits of a number that is read as the octets of a text: the work grows with their square."""
_ALNUM = "0123456789abcdefghijklmnopqrstuvwxyz"
_OF_NUMBERS = tuple(
    {digit: value for value, digit in enumerate(alphabet)}
    for alphabet in (
        "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz",
        _ALNUM,
        "0123456789",
        "01",
    )
)
"""The digits of base 58, as Bitcoin has them, of 36, 10 and 2."""
_MARKUP = re.compile(
    r"<[^<>]{0,200}>|(?:\x1b|\\+u001b|\\+x1b)\[[0-9;]*[a-z]|\\+[nrt]", re.IGNORECASE
)
"""What stands between letters and is none of them: tags, colours of a terminal, ends of lines."""
_CSS = re.compile(r"\\+([0-9a-f]{1,6})(?:\s|(?=\W)|(?<=\\[0-9a-f]{6})|$)", re.IGNORECASE)
"""A character as style sheets escape it (CSS Syntax 3 section 4.3.7)."""
_CHARACTER_DATA = re.compile(r"<!\[CDATA\[(.*?)\]\]>", re.DOTALL | re.IGNORECASE)
_DUMPED = re.compile(
    r"(?:^|[\s\"'])(?:0x)?[0-9a-f]{4,16}:?[ \t]+"
    r"((?:[0-9a-f]{2}){1,8}(?:[ \t]{1,3}(?:[0-9a-f]{2}){1,8})*)(?:[ \t].*)?$",
    re.IGNORECASE | re.MULTILINE,
)
"""A line of a dump: where it is, its octets in hexadecimal, and often what they say."""
_OCTAL_PLACE = re.compile(r"(?:^|[\s\"'])[0-7]{7}[ \t]+(.*)$", re.MULTILINE)
"""A line of a dump by characters, as `od -c` makes it."""
_PLACE = 7
"""Zeros at least in the places of the first lines of a dump."""
_TAGS = {0xE0000 + one: one for one in range(32, 127)}
_UNSEEN = re.compile("[\U000e0020-\U000e01ef]")
_SELECTORS = {0xE0100 - 16 + one: one for one in range(32, 127)}
"""What is said in characters that no reader sees: tags, and selectors of a variation."""
_NUMBER = re.compile(r"\d+", re.ASCII)
_BITS = 8
"""Digits of a longer number, which is no octet in any base."""
_OCTETS = tuple({f"{one:{base}}": one for one in range(32, 256)} for base in "dob")
"""The numbers that are letters: decimal, octal and binary."""


@lru_cache(maxsize=4)
def packed_texts(text: str) -> tuple[tuple[str, str], ...]:
    """Each run of the text that is an encoding, with all that it says, in lower case."""
    return tuple(_packed(text))


def _packed(text: str) -> Iterator[tuple[str, str]]:
    left = 2 * _MOST_RUNS
    for found in islice(_RUN.finditer(text), _MOST_RUNS):
        opened = _opened_at_best(found[0])
        # The same as with less of a limit, where that was not reached.
        opened = opened if opened.runs <= left else _opened(_ways_of(found[0]), left)
        left -= opened.runs
        if opened.texts:
            told = "\n".join(opened.texts).lower()
            yield found[0], f"{told}\n{unescaped(told)}"
    for found in _UUENCODED.finditer(text) if "begin " in text else ():
        lines = found[0].replace("\\n", "\n").replace('\\"', '"').replace("\\\\", "\\").split("\n")
        yield found[0], _readable(b"".join(map(_of_uuencode, lines[1:-1]))).lower()


def _in_one(run: str) -> str:
    """The run as it was before a JSON text had it, and before it was cut into lines."""
    return re.sub(r"\\[rn]|[\\\s]", "", run)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Opened:
    """What was found in an encoding, and how many runs were decoded for it."""

    texts: list[str]
    runs: int


@lru_cache(maxsize=1024)
def _opened_at_best(run: str) -> _Opened:
    """What a run says; remembered, because ids and times stand in many texts."""
    return _opened(_ways_of(run), 2 * _MOST_RUNS)


def _ways_of(run: str) -> list[str]:
    """The run in one, and its first line: what follows a line may be a word of the next one."""
    whole, first = _in_one(run), re.split(r"(?:\\r)?\\n|\r?\n", run, maxsplit=1)[0]
    # UTF-7 has a `+` before it (RFC 2152).
    return list(dict.fromkeys((whole, _in_one(first), whole.lstrip("+"), *_segments_of(whole))))


def _segments_of(run: str) -> Iterator[str]:
    """What may stand in a path behind other segments: these are in the alphabet of base64, too."""
    if len(run) <= _LONGEST_PATH:
        behind = (run[found.end() :] for found in islice(re.finditer("/", run), _MOST_SEGMENTS))
        parts = (one for one in re.split("[/_-]", run) if len(one) < len(run))
        for one in (*behind, *parts):
            if len(one) >= _SHORTEST_RUN:
                yield one.lstrip("+")


def _opened(ways: list[str], most: int) -> _Opened:
    """What a run says when it is decoded in each way, and what the runs in that say."""
    waiting, texts, runs = deque((one, _DEEPEST) for one in ways), list[str](), 0
    while waiting and runs < most:
        (inner, deep), runs = waiting.popleft(), runs + 1
        for text in _decoded(inner):
            texts += (text, text[::-1])
            below = islice(_RUN.finditer(text), most if deep else 0)
            waiting.extend((_in_one(found[0]), deep - 1) for found in below)
    return _Opened(texts=texts, runs=runs)


def _decoded(run: str) -> Iterator[str]:
    for data in _decodings(run):
        for one in (data, _inflated(data)) if data else ():
            text = _readable(one)
            if text.isprintable() or text.count("\ufffd") * 4 <= len(text):
                yield text


def _decodings(run: str) -> Iterator[bytes]:
    yield _of_hexadecimal(run)
    yield _of_base64(run)
    yield _of_base64(run[::-1])
    yield _of_base32(run)
    # The digits of one large number, which has no groups.
    if len(run) <= _LARGEST and run.isalnum():
        yield from (_of_number(run, digits) for digits in _OF_NUMBERS)


def _of_base32(run: str) -> bytes:
    plain = run.rstrip("=")
    plain = plain.upper() if plain.islower() else plain
    try:
        return base64.b32decode(plain[: len(plain) // 8 * 8])
    except binascii.Error:
        return b""


def _of_number(run: str, digits: Mapping[str, int]) -> bytes:
    if not digits.keys() >= set(run):
        return b""
    number = 0
    for one in run:
        number = number * len(digits) + digits[one]
    return number.to_bytes(number.bit_length() // 8 + 1, "big").lstrip(b"\0")


def _of_hexadecimal(run: str) -> bytes:
    even = run[: len(run) // 2 * 2]
    return bytes.fromhex(even) if re.fullmatch("[0-9A-Fa-f]+", even) else b""


def _of_base64(run: str) -> bytes:
    """The octets of what may be cut off at its end; what follows its padding is none of it."""
    plain = run.partition("=")[0].replace("-", "+").replace("_", "/")
    try:
        return base64.b64decode(plain[: len(plain) // 4 * 4] or "", validate=True)
    except binascii.Error:
        return b""


def _of_uuencode(line: str) -> bytes:
    try:
        return binascii.a2b_uu(line)
    except binascii.Error:
        return b""


def _inflated(data: bytes) -> bytes:
    """What is packed in the formats gzip, zlib, deflate, bzip2 or xz, as far as it goes."""
    try:
        if data[:3] == b"BZh":
            return bz2.BZ2Decompressor().decompress(data, _MOST_INFLATED)
        if data[:6] == b"\xfd7zXZ\0":
            unpacking = lzma.LZMADecompressor(memlimit=_MOST_MEMORY)
            return unpacking.decompress(data, _MOST_INFLATED)
        wbits = 31 if data[:2] == b"\x1f\x8b" else 15 if data[:1] == b"\x78" else -15
        return zlib.decompressobj(wbits).decompress(data, _MOST_INFLATED)
    except (zlib.error, OSError, lzma.LZMAError):
        return b""


def _readable(data: bytes) -> str:
    return data.replace(b"\x00", b"").decode("utf-8", "replace")


@lru_cache(maxsize=4)
def other_readings(text: str) -> tuple[str, ...]:
    """What the text says as a whole to readers of other kinds, in lower case."""
    return tuple(one.lower() for one in _readings(text))


def _readings(text: str) -> Iterator[str]:
    if any(sign in text for sign in "%\\&="):
        yield unescaped(text.lower())
    if "\\" in text:
        yield from (text, _CSS.sub(_character, text))
    if "<![" in text:
        yield _CHARACTER_DATA.sub(r"\1", text)
    if not text.isascii() and _UNSEEN.search(text):
        yield text.translate(_TAGS).translate(_SELECTORS)


def dumps_in(text: str) -> tuple[str, ...]:
    """What the lines of a dump say one after another, in lower case: as octets, as characters."""
    lines = text.replace("\\n", "\n")
    if "\n" not in lines or text.count("0") < _PLACE:
        return ()
    octets = "".join("".join(one.split()) for one in _DUMPED.findall(lines))
    characters = "".join("".join(one.split()) for one in _OCTAL_PLACE.findall(lines))
    return _readable(bytes.fromhex(octets)).lower(), characters.lower()


def _character(found: re.Match[str]) -> str:
    number = int(found[1], 16)
    return chr(number) if number < 0x110000 else ""


@lru_cache(maxsize=4)
def letters_of(text: str) -> str:
    """Its letters and digits alone, in lower case."""
    plain = unicodedata.normalize("NFKD", _MARKUP.sub("", text))
    return "".join(filter(str.isalnum, plain)).lower()


@lru_cache(maxsize=4)
def numbers_of(text: str) -> tuple[str, ...]:
    """Its numbers as the octets of a text, in lower case: decimal, octal and binary ones."""
    numbers = [one.lstrip("0") for one in _NUMBER.findall(text) if len(one) <= _BITS]
    return tuple(_spelt(numbers, octets) for octets in _OCTETS) if len(numbers) > 1 else ()


def _spelt(numbers: list[str], octets: Mapping[str, int]) -> str:
    said = bytes(octets[one] for one in numbers if one in octets)
    return said.decode("utf-8", "replace").lower()
