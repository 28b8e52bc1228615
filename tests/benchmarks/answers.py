"""One HTTP/1.1 answer out of received bytes: no more of RFC 9112 than a measured server uses."""

from typing import NamedTuple


class Answer(NamedTuple):
    """A whole answer. A tuple, because one is made for every request of a load."""

    status: int
    body: bytes


def read_answer(data: bytes) -> Answer | None:
    """The answer at the start of `data`, or None while it is not yet whole.

    Raises:
        ValueError: an answer without `Content-Length` and without chunks, whose end only a closed
            connection would show.

    """
    end = data.find(b"\r\n\r\n")
    if end < 0:
        return None
    head = data[:end].lower()
    status = int(head[9:12])
    at = head.find(b"\r\ncontent-length:")
    if at < 0:
        return _read_chunked(head, status, data, end + 4)
    line_end = head.find(b"\r\n", at + 2)
    length = int(head[at + 17 : line_end if line_end > 0 else end])
    if len(data) < end + 4 + length:
        return None
    return Answer(status, data[end + 4 : end + 4 + length])


def _read_chunked(head: bytes, status: int, data: bytes, at: int) -> Answer | None:
    if b"\r\ntransfer-encoding: chunked" not in head:
        raise ValueError(f"an answer without Content-Length and without chunks: {head!r}")
    body = b""
    while (line_end := data.find(b"\r\n", at)) >= 0:
        size = int(data[at:line_end].split(b";")[0], 16)
        at = line_end + 2 + size + 2
        if len(data) < at:
            return None
        if size == 0:
            return Answer(status, body)
        body += data[line_end + 2 : at - 2]
    return None
