"""The content coding of an answer is taken off (RFC 9110 section 8.4), where it can be read."""

from __future__ import annotations

import zlib
from dataclasses import replace

from conformance.http.exchange import MOST_BYTES, Answer, Trouble

__all__ = ["decoded", "is_unread"]

_READ = frozenset({"gzip", "deflate", "x-gzip"})


def decoded(answer: Answer) -> Answer:
    """The answer with its body as it was before it was packed; a trouble where that is untrue."""
    coding = _coding(answer)
    if coding not in _READ or not answer.body:
        return answer
    try:
        return replace(answer, body=_inflated(answer.body, coding))
    except zlib.error as error:
        return replace(answer, trouble=Trouble.FALSE_ENCODING, detail=f"{coding}: {error}")


def is_unread(answer: Answer) -> bool:
    """Whether its body is in a coding that is not read here (Brotli): its octets say nothing."""
    return bool(answer.body) and _coding(answer) not in _READ | {"", "identity"}


def _coding(answer: Answer) -> str:
    return (answer.header("content-encoding") or "").strip().lower()


def _inflated(body: bytes, coding: str) -> bytes:
    """Decoded, and cut at the limit: a small answer may hold a large one."""
    # For zlib 31 is gzip, 15 the zlib format and -15 bare deflate data. `deflate` means the second
    # (RFC 9110 section 8.4.1.2), and many servers send the third; 0x78 begins nearly every one of
    # the second.
    wbits = 31 if "gzip" in coding else (15 if body[:1] == b"\x78" else -15)
    decoder = zlib.decompressobj(wbits)
    text = decoder.decompress(body, MOST_BYTES)
    # With a tail left it was cut by the limit, which says nothing against the server.
    if not decoder.eof and not decoder.unconsumed_tail:
        raise zlib.error("the compressed body is cut off")
    return text
