"""An exchange that somebody recorded, and whether the recording has all of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from conformance.http.exchange import Answer, Headers, Request
from conformance.http.masking import ALTERED, SECRET, TOKEN
from conformance.judgement.json_answers import read_json
from spec.text.secrets import MASK

__all__ = ["LONGEST", "Seen", "is_below", "relative_to", "whole_or_not"]


LONGEST = 16 * 1024 * 1024
"""Bytes of a recorded body that is judged; of a longer one only status and headers are."""
_MARKS = tuple(mark.encode() for mark in (TOKEN, SECRET, ALTERED, f'"{MASK}"'))


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One recorded exchange. `origin` is its scheme, host and port; `number` counts from 1.

    `body_known` and `answer_known` say whether the recording has the whole body: browsers leave out
    what was evicted, and journals cut what is long.
    """

    request: Request
    answer: Answer
    origin: str = ""
    number: int = 0
    body_known: bool = True
    answer_known: bool = True


def whole_or_not(seen: Seen) -> Seen:
    """The exchange, with a body that is not as long as announced for one that is not known.

    Who records cuts long bodies, each in a way of its own. A body that was encoded is recorded
    decoded, so that its Content-Length says nothing; whole JSON may have been written anew.
    """
    return replace(
        seen,
        body_known=seen.body_known
        and _is_whole(seen.request.headers, seen.request.body or b"")
        # Answers are recorded unpacked, requests as they were sent.
        and (seen.request.header("content-encoding") or "identity").lower() == "identity",
        answer_known=seen.answer_known and _is_whole(seen.answer.headers, seen.answer.body),
    )


def _is_whole(headers: Headers, body: bytes) -> bool:
    """Whether nothing was cut, and nothing hidden: a mark is not the value that was sent."""
    return _is_as_long(headers, body) and not any(mark in body for mark in _MARKS)


def _is_as_long(headers: Headers, body: bytes) -> bool:
    fields = {name.lower(): value.strip() for name, value in headers}
    length = fields.get("content-length", "")
    if "content-encoding" in fields or not (length.isascii() and length.isdigit()):
        return True
    return int(length) == len(body) or (body[:1] in (b"{", b"[") and not read_json(body).problem)


def is_below(seen: Seen, base: str) -> bool:
    """Whether an exchange went to the URL, or below its path."""
    whole = f"{seen.origin}{seen.request.target}"
    plain = base.rstrip("/")
    return whole == plain or whole.startswith((f"{plain}/", f"{plain}?"))


def relative_to(seen: Seen, base: str) -> Seen:
    """The exchange with its target below the URL, as a run has it."""
    prefix = urlsplit(base).path.rstrip("/")
    if not prefix:
        return seen
    target = seen.request.target.removeprefix(prefix) or "/"
    return replace(seen, request=replace(seen.request, target=target))
