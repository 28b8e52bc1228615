"""The content coding of an answer is taken off (RFC 9110 section 8.4), where it can be read."""

from __future__ import annotations

import zlib
from dataclasses import replace

from conformance.http.exchange import KEPT_BYTES, MOST_BYTES, Answer, Trouble

__all__ = ["decoded", "is_unread"]

_READ = frozenset({"gzip", "deflate", "x-gzip"})
_GZIP = 31
"""What zlib calls the gzip format."""
_SLICE, _PIECE = 1 << 12, 1 << 20
"""Bytes that are given to zlib at once, and that it may give back at once."""
_MOST_MEMBERS = 10_000
"""Members of a file of gzip (RFC 1952 section 2.2) that are read: each costs a decoder."""


def decoded(answer: Answer) -> Answer:
    """The answer with its body as it was before it was packed; a trouble where that is untrue."""
    coding = _coding(answer)
    if coding not in _READ or not answer.body:
        return answer
    try:
        body = _inflated(answer.body, coding)
    except zlib.error as error:
        return replace(answer, trouble=Trouble.FALSE_ENCODING, detail=f"{coding}: {error}")
    if len(body) <= MOST_BYTES:
        return replace(answer, body=body)
    detail = f"cut after {MOST_BYTES:,} bytes of decoded {coding}"
    return replace(answer, body=body[:KEPT_BYTES], trouble=Trouble.OVERSIZED, detail=detail)


def is_unread(answer: Answer) -> bool:
    """Whether its body is in a coding that is not read here (Brotli): its octets say nothing."""
    return bool(answer.body) and _coding(answer) not in _READ | {"", "identity"}


def _coding(answer: Answer) -> str:
    return (answer.header("content-encoding") or "").strip().lower()


def _inflated(body: bytes, coding: str) -> bytes:
    """Decoded, up to a piece more than the limit: a small answer may hold a large one."""
    # For zlib 15 is the zlib format and -15 bare deflate data. `deflate` means the first (RFC 9110
    # section 8.4.1.2), and many servers send the second; 0x78 begins nearly every one of the first.
    wbits = _GZIP if "gzip" in coding else (15 if body[:1] == b"\x78" else -15)
    decoder, text, members = zlib.decompressobj(wbits), bytearray(), 1
    # In slices, because zlib copies what it leaves over each time that it stops.
    slices = (body[at : at + _SLICE] for at in range(0, len(body), _SLICE))
    for rest in slices:
        while rest and len(text) <= MOST_BYTES:
            if decoder.eof and (wbits != _GZIP or not rest.startswith(b"\x1f")):
                return bytes(text)  # what follows the end belongs to nothing, and is often padding
            if decoder.eof:
                decoder, members = zlib.decompressobj(wbits), members + 1
            text += decoder.decompress(rest, _PIECE)
            rest = decoder.unconsumed_tail or decoder.unused_data
        if members > _MOST_MEMBERS:
            raise zlib.error(f"more than {_MOST_MEMBERS:,} members")
    if not decoder.eof and len(text) <= MOST_BYTES:
        raise zlib.error("the compressed body is cut off")
    return bytes(text)
