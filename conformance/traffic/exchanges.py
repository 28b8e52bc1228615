"""An exchange that somebody recorded, without the credentials that it may carry."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from urllib.parse import unquote

from conformance.http.exchange import Answer, Headers, Request
from conformance.http.secrets import ALTERED, SECRET, SHORTEST, TOKEN
from conformance.judgement.json_answers import read_json
from spec.text.secrets import MASK, is_secret_name

__all__ = ["Seen", "credentials_of", "whole_or_not", "without_credentials"]


_MARKS = tuple(mark.encode() for mark in (TOKEN, SECRET, ALTERED, f'"{MASK}"'))

_SCHEMES = frozenset({"basic", "bearer", "digest", "dpop", "negotiate", "token"})


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
        body_known=seen.body_known and _is_whole(seen.request.headers, seen.request.body or b""),
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


def credentials_of(seen: Seen, names: Iterable[str]) -> Iterator[str]:
    """The credentials that the request carries, as an answer may repeat them.

    Args:
        seen: as it was recorded.
        names: further names of headers, cookies and query parameters that carry credentials.
    """
    secret = {name.lower() for name in names}
    _, _, query = seen.request.target.partition("?")
    pairs = [(name, unquote(value)) for name, value in _pairs(query, "&")]
    for name, value in seen.request.headers:
        if name.lower() == "cookie":
            pairs += _pairs(value, "; ")
        else:
            _, space, rest = value.partition(" ")
            pairs.append((name, rest if space and "authorization" in name.lower() else value))
    for name, value in pairs:
        known = name.lower() in secret or is_secret_name(name)
        if known and len(value) >= SHORTEST and TOKEN not in value:
            yield value


def _pairs(text: str, sign: str) -> list[tuple[str, str]]:
    parts = (pair.partition("=") for pair in text.split(sign))
    return [(name.strip(), value) for name, _, value in parts]


def without_credentials(seen: Seen, names: Iterable[str]) -> Seen:
    """The exchange with `$TOKEN` for every credential, so that none can reach a report.

    Args:
        seen: as it was recorded.
        names: further names of headers and query parameters that carry credentials.
    """
    secret = {"cookie", *(name.lower() for name in names)}
    request = seen.request
    headers = tuple(
        (name, _hidden(value) if name.lower() in secret or is_secret_name(name) else value)
        for name, value in request.headers
    )
    path, mark, query = request.target.partition("?")
    pairs = (pair.partition("=") for pair in query.split("&"))
    shown = "&".join(
        f"{name}{sign}{TOKEN if name.lower() in secret or is_secret_name(name) else value}"
        for name, sign, value in pairs
    )
    return replace(seen, request=replace(request, headers=headers, target=f"{path}{mark}{shown}"))


def _hidden(value: str) -> str:
    """The scheme of a credential, or the names of cookies, stay; nothing is no credential."""
    if not value.strip() or value.strip().lower() in _SCHEMES:
        return value
    if "=" in value and " " not in value.split("=")[0]:
        return "; ".join(f"{one.partition('=')[0]}={TOKEN}" for one in value.split("; "))
    scheme, space, _ = value.partition(" ")
    return f"{scheme} {TOKEN}" if space else TOKEN
