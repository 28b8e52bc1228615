"""Entries of the journal as JSON and as HAR for browsers' tools, with credentials masked."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote

import harfile

from mock_server.model.journal import LONGEST_BODY, Entry
from mock_server.plan.selection import RoutedRequest
from spec import Contract
from spec.text import json_text, media_types
from spec.text.secrets import (
    MASK,
    credentials_in,
    is_secret_name,
    is_secret_parameter,
    masked,
    masked_header,
    masked_text,
    masked_urls,
)

__all__ = ["EntryViews"]

_SHORTEST = 8
"""Characters of a credential that is hidden wherever it stands: a shorter one may be a word."""


class EntryViews:
    """Words entries for contracts, whose own names of credentials are masked as well."""

    def __init__(self, contracts: Sequence[Contract]) -> None:
        schemes = [one for contract in contracts for one in contract.security_schemes.values()]
        self._secret = frozenset(one.parameter.lower() for one in schemes if one.parameter)
        operations = [one for contract in contracts for one in contract.operations]
        # A `key` may be an API key, and is none where an operation has such a parameter.
        self._plain = frozenset(
            parameter.name.lower() for one in operations for parameter in one.parameters
        )

    def document(self, entry: Entry) -> dict[str, Any]:
        """The entry as the list of entries has it."""
        shown: dict[str, Any] = _without(self._own(entry), self._listed(entry))
        return shown

    def _listed(self, entry: Entry) -> dict[str, Any]:
        request, refusal = entry.request, entry.request.refusal
        return {
            "id": entry.id,
            "at": _instant(entry.at).isoformat().replace("+00:00", "Z"),
            "key": entry.key,
            "operation": entry.operation,
            "method": request.method,
            "target": self._target(entry),
            "headers": dict(self._request_headers(entry)),
            "body": _json_or_text(entry.body, request.fields.get(b"content-type"), entry.body_size),
            "status": entry.status,
            "source": entry.source,
            "violations": [one.as_error() for one in refusal.breaches] if refusal else [],
            "scenario": entry.scenario,
            "ms": round(entry.ms, 3),
        }

    def whole(self, entry: Entry) -> dict[str, Any]:
        """The entry with its answer, and the reason where it was refused."""
        content_type = dict(entry.lines).get(b"content-type")
        document = {
            **self._listed(entry),
            "url": self._url(entry),
            "credential": _credential(entry),
            "reason": str(entry.request.refusal) if entry.request.refusal else "",
            "answer": {
                "headers": dict(self._answer_headers(entry)),
                "body": _json_or_text(entry.answer, content_type, entry.answer_size),
            },
        }
        shown: dict[str, Any] = _without(self._own(entry), document)
        return shown

    def har(self, entries: Iterable[Entry], version: str) -> str:
        """The entries as an HTTP Archive 1.2, oldest first."""
        text = io.StringIO()
        creator = harfile.Creator(name="mock-server", version=version)
        with harfile.HarFile.open(text, creator=creator) as archive:
            for entry in sorted(entries, key=lambda one: one.id):
                own = self._own(entry)
                archive.add_entry(
                    startedDateTime=_instant(entry.at),
                    time=round(entry.ms, 3),
                    request=_without(own, self._har_request(entry)),
                    response=_without(own, self._har_response(entry)),
                    timings=harfile.Timings(send=0, wait=round(entry.ms, 3), receive=0),
                    comment=entry.operation,
                )
        return text.getvalue()

    def _own(self, entry: Entry) -> tuple[str, ...]:
        """The credentials of a request, which may be repeated in a body that has another name."""
        found = list[str]()
        for name, value in _texts(entry.request.fields.items()):
            if masked_header(name, value) != value or name.lower() in self._secret:
                found += _said_in(name, value)
        for part in entry.request.raw_query.decode("latin-1").split("&"):
            name, _, value = part.partition("=")
            found += (value, unquote(value)) if self._is_secret(unquote(name)) else ()
        return tuple(one for one in dict.fromkeys(found) if len(one) >= _SHORTEST)

    def _is_secret(self, name: str) -> bool:
        named = name.lower() in self._secret or is_secret_name(name)
        return named or (name.lower() not in self._plain and is_secret_parameter(name))

    def _target(self, entry: Entry) -> str:
        request = entry.request
        path = request.raw_path.decode("latin-1")
        query = request.raw_query.decode("latin-1")
        # As sent, and not decoded: what a client got wrong in its query is what the journal is read
        # for.
        pairs = (part.partition("=") for part in query.split("&"))
        shown = "&".join(
            f"{name}{equals}{MASK if equals and self._is_secret(unquote(name)) else value}"
            for name, equals, value in pairs
        )
        return f"{path}?{shown}" if query else path

    def _url(self, entry: Entry) -> str:
        return f"{entry.request.origin}{self._target(entry)}"

    def _request_headers(self, entry: Entry) -> list[tuple[str, str]]:
        return self._masked_lines(entry.request.fields.items())

    def _answer_headers(self, entry: Entry) -> list[tuple[str, str]]:
        return self._masked_lines(entry.lines)

    def _masked_lines(self, lines: Iterable[tuple[bytes, bytes]]) -> list[tuple[str, str]]:
        return [
            (
                name,
                MASK if name.lower() in self._secret else masked_urls(masked_header(name, value)),
            )
            for name, value in _texts(lines)
        ]

    def _har_request(self, entry: Entry) -> harfile.Request:
        content_type = entry.request.fields.get(b"content-type", b"")
        data = None
        if entry.body:
            text = _masked_body(entry.body, content_type, entry.body_size)
            data = harfile.PostData(mimeType=content_type.decode("latin-1"), text=text)
        _, _, query = self._target(entry).partition("?")
        pairs = [part.partition("=") for part in query.split("&") if part]
        return harfile.Request(
            method=entry.request.method,
            url=self._url(entry),
            httpVersion="HTTP/1.1",
            headers=_records(self._request_headers(entry)),
            queryString=[harfile.Record(name=unquote(n), value=unquote(v)) for n, _, v in pairs],
            postData=data,
            bodySize=entry.body_size,
        )

    def _har_response(self, entry: Entry) -> harfile.Response:
        lines = dict(entry.lines)
        content_type = lines.get(b"content-type", b"")
        known = entry.status in HTTPStatus._value2member_map_
        return harfile.Response(
            status=entry.status,
            statusText=HTTPStatus(entry.status).phrase if known else "",
            httpVersion="HTTP/1.1",
            headers=_records(self._answer_headers(entry)),
            redirectURL=masked_urls(lines.get(b"location", b"").decode("latin-1")),
            content=_content(entry.answer, content_type, entry.answer_size),
        )


def _texts(lines: Iterable[tuple[bytes, bytes]]) -> Iterator[tuple[str, str]]:
    return ((name.decode("latin-1"), value.decode("latin-1")) for name, value in lines)


def _said_in(name: str, value: str) -> Iterator[str]:
    """The credentials in a header, and the password in one of them."""
    yield from credentials_in(name, value)
    scheme, _, rest = value.partition(" ")
    if scheme.lower() == "basic":
        try:
            yield base64.b64decode(rest).decode().partition(":")[2]
        except ValueError:
            return


def _without(secrets: Sequence[str], value: Any) -> Any:
    """A value, or a part of an archive, with a mask for each of the secrets in its texts."""
    if not secrets:
        return value
    if isinstance(value, str):
        for secret in secrets:
            value = value.replace(secret, MASK)
    elif isinstance(value, dict):
        value = {name: _without(secrets, one) for name, one in value.items()}
    elif isinstance(value, list):
        value = [_without(secrets, one) for one in value]
    elif is_dataclass(value) and not isinstance(value, type):
        inner = {one.name: getattr(value, one.name) for one in fields(value)}
        value = replace(value, **_without(secrets, inner))
    return value


def _credential(entry: Entry) -> str:
    """What came of the request's credential, for a person."""
    request, refusal = entry.request, entry.request.refusal
    if refusal is not None and refusal.kind == "unauthorized":
        return "refused"
    if not isinstance(request, RoutedRequest) or request.operation_id is None:
        return "not looked at: no operation was meant"
    if entry.source == "upstream":
        return "not looked at: the upstream does"
    if request.operation.security is None:
        return "none is needed"
    if request.is_forced:
        return f"not looked at: a {'scenario' if entry.scenario else 'wish'} has decided"
    return "accepted"


def _instant(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _records(pairs: Iterable[tuple[str, str]]) -> list[harfile.Record]:
    return [harfile.Record(name=name, value=value) for name, value in pairs]


def _json_or_text(raw: bytes | None, content_type: bytes | None, size: int) -> Any:
    """JSON as a value, everything else as text; None where there was no body."""
    if not raw:
        return None
    if size <= LONGEST_BODY and media_types.is_json((content_type or b"").decode("latin-1")):
        try:
            return masked(json_text.read(raw))
        except json_text.UnreadableError:
            pass
    return _marked(masked_text(raw.decode("utf-8", "replace")), raw, size)


def _marked(text: str, raw: bytes, size: int) -> str:
    """The text, with the size of the whole body at its end where it was cut."""
    return text if size <= len(raw) else f"{text}… ({size} bytes)"


def _content(raw: bytes, content_type: bytes, size: int) -> harfile.Content:
    """A body of an archive: base64 where it is no text (HAR 1.2, `content.encoding`)."""
    media = content_type.decode("latin-1")
    try:
        # The end may be the middle of a character where the body was cut.
        raw[: len(raw) - 3 if size > len(raw) else None].decode()
    except UnicodeDecodeError:
        text, encoding = base64.b64encode(_hidden(raw)).decode(), "base64"
        return harfile.Content(size=size, mimeType=media, text=text, encoding=encoding)
    return harfile.Content(size=size, mimeType=media, text=_masked_body(raw, content_type, size))


def _hidden(raw: bytes) -> bytes:
    """Bytes that are no text, with what looks like a credential in them masked."""
    # Latin-1 has a character for every byte, and none for the mask.
    text = raw.decode("latin-1")
    hidden = masked_text(text)
    return raw if hidden == text else hidden.replace(MASK, "****").encode("latin-1")


def _masked_body(raw: bytes, content_type: bytes, size: int) -> str:
    if media_types.is_json(content_type.decode("latin-1")):
        try:
            return json_text.write(masked(json_text.read(raw))).decode()
        except json_text.UnreadableError:
            pass
    return _marked(masked_text(raw.decode("utf-8", "replace")), raw, size)
