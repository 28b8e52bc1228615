"""The smallest valid files: the bodies of downloads without an example in the contract."""

from __future__ import annotations

import base64
import struct
import zlib

from spec.text import media_types
from spec.text.media_types import MediaRange

__all__ = ["TEXT", "XML", "smallest", "types_within"]

TEXT = b"mock\n"
"""What stands for octets of no known form."""
XML = b'<?xml version="1.0" encoding="UTF-8"?>\n<mock/>\n'
"""What stands for a document of no known vocabulary."""


def smallest(media_type: str) -> bytes | None:
    """A valid file of a media type; None where the type has no form that is known here."""
    return _FILES.get(media_type)


def types_within(media_range: MediaRange) -> tuple[str, ...]:
    """The media types of a range whose smallest file is known."""
    known = ((name, media_types.parse(name)) for name in _FILES)
    return tuple(name for name, kind in known if kind and media_range.covers(kind))


def _png() -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        checksum = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + checksum

    header = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    pixel = zlib.compress(b"\x00\x80")
    chunks = chunk(b"IHDR", header) + chunk(b"IDAT", pixel) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunks


def _jpeg() -> bytes:
    def segment(marker: int, data: bytes) -> bytes:
        return struct.pack(">BBH", 0xFF, marker, len(data) + 2) + data

    one_code = bytes([1] + [0] * 15) + b"\x00"
    return b"".join(
        (
            b"\xff\xd8",
            segment(0xDB, b"\x00" + b"\x01" * 64),
            segment(0xC0, bytes([8, 0, 1, 0, 1, 1, 1, 0x11, 0])),
            segment(0xC4, b"\x00" + one_code),
            segment(0xC4, b"\x10" + one_code),
            segment(0xDA, bytes([1, 1, 0, 0, 63, 0])),
            b"\x3f\xff\xd9",
        )
    )


def _pdf() -> bytes:
    objects = (
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 72 72]>>",
    )
    out, offsets = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj%sendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    start = len(out)
    return out + (
        b"xref\n0 4\n0000000000 65535 f \n%strailer<</Size 4/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n"
        % (table, start)
    )


def _wav() -> bytes:
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, 8000, 8000, 1, 8)
    data = struct.pack("<4sI", b"data", 2) + b"\x80\x80"
    return struct.pack("<4sI4s", b"RIFF", 4 + len(form) + len(data), b"WAVE") + form + data


def _bmp() -> bytes:
    header = struct.pack("<IiiHHIIiiII", 40, 1, 1, 1, 24, 0, 4, 0, 0, 0, 0)
    return struct.pack("<2sIHHI", b"BM", 58, 0, 0, 54) + header + b"\x80\x80\x80\x00"


def _gzip() -> bytes:
    packer = zlib.compressobj(wbits=31)
    return packer.compress(TEXT) + packer.flush()


_GIF = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")
_WEBP = base64.b64decode("UklGRhoAAABXRUJQVlA4TA0AAAAvAAAAEAcQERGIiP4HAA==")
_SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"><path d="M0 0h1v1H0z"/></svg>'
_ZIP = b"PK\x05\x06" + bytes(18)

_FILES = {
    "application/gzip": _gzip(),
    "application/pdf": _pdf(),
    "application/zip": _ZIP,
    "audio/wav": _wav(),
    "audio/x-wav": _wav(),
    "image/bmp": _bmp(),
    "image/gif": _GIF,
    "image/jpeg": _jpeg(),
    "image/png": _png(),
    "image/svg+xml": _SVG,
    "image/webp": _WEBP,
    "text/html": b"<!doctype html><title>mock</title><p>mock</p>\n",
}
