"""HTTP Archives (HAR 1.2) of browsers, Playwright, proxies and our own mock, entry by entry.

A file of any size is read as it comes: no more than one entry is held, and of a long body only a
part. Bodies may stand in files beside it, or with it in a zip (`attachments`).
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import IO, Any, TypeAlias
from urllib.parse import urlencode, urlsplit

import ijson

from conformance.http.exchange import Answer, Headers, Request
from conformance.traffic.attachments import ArchiveError, Attached, opened_archive
from conformance.traffic.exchanges import LONGEST, Seen
from conformance.traffic.long_strings import CUT, ShortStrings
from spec.model.http_methods import HTTP_METHODS
from spec.text.json_text import DEEPEST, too_deep

__all__ = ["BROKEN_JSON", "CutHarError", "HarError", "read_har"]

_CUT = re.compile(r"…( \([\d,]+ (bytes|characters)\))?\Z")
"""How a text ends that was cut by us, or by other recorders."""


BROKEN_JSON = (ijson.JSONError, UnicodeDecodeError)
"""How the C library ends at what is no JSON.

It needs `use_float`: without it an integer of more digits than Python converts (4,300) ends it in
a segmentation fault.
"""
_METHODS = frozenset(one.name for one in HTTP_METHODS)
_STEPS = {"start_map": 1, "start_array": 1, "end_map": -1, "end_array": -1}
_Event: TypeAlias = tuple[str, str, Any]


class HarError(ValueError):
    """A file that is no HTTP Archive: which one, and what is wrong."""


class CutHarError(HarError):
    """An archive that ends too early; what came before was read."""


def read_har(file: Path, on_bytes: Callable[[int], None] = lambda count: None) -> Iterator[Seen]:
    """The exchanges of an archive, in its order.

    Args:
        file: the archive, or a zip with it and its attachments.
        on_bytes: called with the number of bytes of the archive that have been read so far.

    Raises:
        HarError: it cannot be read, is no JSON, or has no `log.entries`.
        CutHarError: it ends too early.
    """
    number = 0
    try:
        with opened_archive(file) as (opened, attached):
            text = ShortStrings(_Counted(opened, on_bytes), LONGEST)
            events = ijson.parse(text, use_float=True)
            for entry in ijson.items(_within_depth(events, file), "log.entries.item"):
                number += 1
                if (
                    isinstance(entry, dict)
                    and (seen := _exchange(entry, number, attached)) is not None
                ):
                    yield seen
    except ijson.IncompleteJSONError as error:
        # The C library calls every fault that; where it is the end, it says so.
        ended = "premature EOF" in str(error) or "incomplete" in str(error).lower()
        if ended and number:
            raise CutHarError(f"{file} ends after {number} entries; they were judged") from None
        raise HarError(_no_archive(file, error)) from None
    except BROKEN_JSON as error:
        raise HarError(_no_archive(file, error)) from None
    except ArchiveError as error:
        raise HarError(f"{file}: {error}") from None
    except OSError as error:
        raise HarError(f"{file}: {error.strerror}") from None
    if not number:
        raise HarError(f"{file} has no entries under `log.entries`; is it an HTTP Archive (HAR)?")


def _within_depth(events: Iterator[_Event], file: Path) -> Iterator[_Event]:
    """The events of a parser, whose time grows with the square of the depth."""
    depth = 0
    for event in events:
        depth += _STEPS.get(event[1], 0)
        if depth > DEEPEST:
            raise HarError(f"{file} {too_deep()}")
        yield event


class _Counted:
    """A file that knows how much of it was read."""

    def __init__(self, file: IO[bytes], on_bytes: Callable[[int], None]) -> None:
        self._file, self._on_bytes, self._count = file, on_bytes, 0

    def read(self, size: int = -1) -> bytes:
        """The next bytes."""
        data = self._file.read(size)
        self._count += len(data)
        self._on_bytes(self._count)
        return data


def _no_archive(file: Path, error: Exception) -> str:
    text = error.args[0] if error.args else ""
    # The C library's message is bytes where it shows some that are no text.
    said = text.decode(errors="replace") if isinstance(text, bytes) else str(error)
    why = next(iter(said.strip().splitlines()), type(error).__name__)
    return (
        f"{file} is no HTTP Archive (HAR): {why.removesuffix('.')}; save one in the network tab of "
        f"a browser, or with --report har=FILE"
    )


def _method(written: str) -> str:
    """HTTP's own methods in capitals, whoever has written them small; others as they are.

    A method is told by case (RFC 9110 section 9.1), so that an author's own one is another one.
    """
    return written.upper() if written.upper() in _METHODS else written


def _exchange(entry: Mapping[str, Any], number: int, attached: Attached) -> Seen | None:
    """The exchange of an entry; None for what never left the browser, or is no HTTP."""
    request, response = entry.get("request"), entry.get("response")
    if not isinstance(request, dict) or not isinstance(response, dict):
        return None
    url = urlsplit(str(request.get("url", "")))
    status = response.get("status")
    if url.scheme not in ("http", "https") or not isinstance(status, int) or status < 100:
        return None
    body, body_known = _sent(request, attached)
    content, answer_known = _received(response, attached)
    target = f"{url.path or '/'}{'?' if url.query else ''}{url.query}"
    return Seen(
        request=Request(
            method=_method(str(request.get("method", "GET"))),
            target=target,
            headers=_headers(request),
            body=body,
        ),
        answer=Answer(
            status=status,
            headers=_headers(response),
            body=content,
            seconds=_seconds(entry),
            started=_started(entry),
        ),
        origin=f"{url.scheme}://{url.netloc}",
        number=number,
        body_known=body_known,
        answer_known=answer_known,
    )


def _headers(message: Mapping[str, Any]) -> Headers:
    """The fields; those whose names begin with a colon are HTTP/2's own."""
    listed = message.get("headers")
    pairs = [
        (str(one.get("name", "")), str(one.get("value", "")))
        for one in (listed if isinstance(listed, list) else ())
        if isinstance(one, dict)
    ]
    return tuple(pair for pair in pairs if pair[0] and not pair[0].startswith(":"))


def _sent(request: Mapping[str, Any], attached: Attached) -> tuple[bytes | None, bool]:
    """The body of a request, and whether it is all of it."""
    data = request.get("postData")
    size = request.get("bodySize")
    if not isinstance(data, dict):
        length = next(
            (value for name, value in _headers(request) if name.lower() == "content-length"), "0"
        )
        return None, not (isinstance(size, int) and size > 0) and length.strip() in ("", "0")
    text = data.get("text")
    if (found := _attachment(data, attached)) is not None:
        return found, True
    if isinstance(text, str) and text:
        return _decoded(text, data.get("encoding")), not _CUT.search(text)
    params = data.get("params")
    form = "urlencoded" in str(data.get("mimeType", ""))
    if isinstance(params, list) and params and form:
        pairs = [(one.get("name", ""), one.get("value", "")) for one in params]
        return urlencode(pairs).encode(), True
    # Browsers do not keep the bytes of files that are sent.
    return b"", "_file" not in data and not params and not (isinstance(size, int) and size > 0)


def _received(response: Mapping[str, Any], attached: Attached) -> tuple[bytes, bool]:
    """The body of an answer, and whether it is all of it."""
    content = response.get("content")
    if not isinstance(content, dict):
        return b"", False
    if (found := _attachment(content, attached)) is not None:
        return found, True
    text, size = content.get("text"), content.get("size")
    if not isinstance(text, str):
        return b"", size == 0 and "_file" not in content
    if text.endswith(CUT):
        return b"", False
    encoding = content.get("encoding")
    body = _decoded(text, encoding)
    if encoding == "base64":
        # Bytes have no room for the mark of a cut; their number is exact, unlike a text's.
        return body, not isinstance(size, int) or size <= len(body)
    return body, not _CUT.search(text) and (bool(text) or not size)


def _attachment(content: Mapping[str, Any], attached: Attached) -> bytes | None:
    """What a body has in a file of its own."""
    name = content.get("_file")
    return attached.read(name) if isinstance(name, str) and name else None


def _decoded(text: str, encoding: Any) -> bytes:
    if encoding == "base64":
        try:
            return base64.b64decode(text, validate=False)
        except (binascii.Error, ValueError):
            return b""
    return text.encode("utf-8", "surrogatepass")


def _seconds(entry: Mapping[str, Any]) -> float:
    time = entry.get("time")
    return max(float(time), 0.0) / 1000 if time is not None and not isinstance(time, str) else 0.0


def _started(entry: Mapping[str, Any]) -> float:
    try:
        return datetime.fromisoformat(str(entry.get("startedDateTime"))).timestamp()
    except ValueError:
        return 0.0
