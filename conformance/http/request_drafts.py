"""A request before it becomes bytes: what cases change one thing of."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final
from urllib.parse import quote

from conformance.http.credentials import Placed
from conformance.http.exchange import Framing, Headers, Request
from spec.model.path_templates import path_and_query
from spec.text.body_codecs import BodyCodec
from spec.text.media_types import is_json
from spec.text.pairs import join_cookies, join_query

__all__ = ["NOTHING", "Draft", "Spelling", "dumps"]

_OF_A_TARGET = "".join(map(chr, range(0x21, 0x7F)))
"""What stays in a target as it is; all else is percent-encoded (RFC 3986 section 2.1)."""

NOTHING: Final = object()
"""There is no body. `None` is the JSON value null."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spelling:
    """Ways to write the same JSON value (RFC 8259), and the same message (RFC 9110)."""

    escaped: bool = False
    spaced: bool = False
    reversed: bool = False
    charset: str = ""
    type_case: str = ""
    chunked: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """Everything of a request, still as values. Paths, and the values of queries and cookies, are
    raw text; their names are not.

    `whole_query` is what a parameter `in: querystring` says; pairs of the query come after it.
    `raw` stands for the whole body, `members` are JSON members that no encoder would write.
    `codec` writes a body that is no JSON.
    """

    method: str
    path: str
    base: str = ""
    segments: Mapping[str, str] = field(default_factory=dict)
    query: tuple[tuple[str, str], ...] = ()
    whole_query: str = ""
    headers: Headers = ()
    cookies: tuple[tuple[str, str], ...] = ()
    credential: Placed = field(default=Placed())
    media_type: str = ""
    # Not compared, so that a draft can be a key: a body is a dict or a list, which has no hash.
    body: Any = field(default=NOTHING, compare=False)
    raw: bytes | None = None
    members: tuple[bytes, ...] = ()
    codec: BodyCodec | None = field(default=None, compare=False)
    spelling: Spelling = field(default=Spelling())
    framing: Framing = Framing.LENGTH
    wire: bool = False
    omitted: tuple[str, ...] = ()
    _request: Request | None = field(default=None, init=False, repr=False, compare=False)

    def but(self, **changes: Any) -> Draft:
        """The same with other fields."""
        return replace(self, **changes)

    def header(self, name: str, value: str | None) -> Draft:
        """The same with exactly one header of that name; None takes it out."""
        kept = tuple(pair for pair in self.headers if pair[0].lower() != name.lower())
        return replace(self, headers=kept if value is None else (*kept, (name, value)))

    def spelled(self, **changes: Any) -> Draft:
        """The same, written in another way."""
        return replace(self, spelling=replace(self.spelling, **changes))

    def request(self) -> Request:
        """The request, ready to be sent. It is written once: nobody may change the body."""
        written = self._request
        if written is None:
            written = self._written()
            # The class is frozen; what is derived of its fields can only be kept this way.
            object.__setattr__(self, "_request", written)
        return written

    def _written(self) -> Request:
        content_type, body = self._content()
        # Without the field some servers answer with a page for people.
        headers = [] if self._has("accept") else [("Accept", "*/*")]
        headers += [*self.headers, *self.credential.headers]
        if content_type and not self._has("content-type"):
            headers.append(("Content-Type", content_type))
        cookies = (*self.cookies, *self.credential.cookies)
        # One line for all: a client sends no second one (RFC 6265 section 5.4).
        if cookies:
            headers.append(("Cookie", join_cookies(cookies)))
        framing = Framing.CHUNKED if self.spelling.chunked else self.framing
        return Request(
            method=self.method,
            target=self._target(),
            headers=tuple(headers),
            body=body,
            framing=framing,
            wire=self.wire,
        )

    def without(self, name: str) -> Draft:
        """The same without a header that it would have by itself."""
        return self.header(name, None).but(omitted=(*self.omitted, name.lower()))

    def _has(self, name: str) -> bool:
        return name in self.omitted or any(key.lower() == name for key, _ in self.headers)

    def _target(self) -> str:
        path = self.path
        for name, text in self.segments.items():
            path = path.replace(f"{{{name}}}", text)
        pairs = (
            *self.query,
            *((name, quote(value, safe="")) for name, value in self.credential.query),
        )
        path, written = path_and_query(path)
        own = {name for name, _ in pairs}
        # What a contract writes into a path it often declares as a parameter too.
        asked = [one for one in written.split("&") if one and one.partition("=")[0] not in own]
        whole = [self.whole_query] if self.whole_query else []
        query = "&".join([*asked, *whole, *filter(None, [join_query(pairs)])])
        return quote(f"{self.base}{path}" + (f"?{query}" if query else ""), safe=_OF_A_TARGET)

    def _content(self) -> tuple[str, bytes | None]:
        if self.raw is not None:
            return self._spelled(self.media_type), self.raw
        if self.body is NOTHING:
            return "", None
        if self.codec is not None:
            content_type, raw = self.codec.write(self.body)
            return self._spelled(content_type), raw
        name = self._spelled(self.media_type)
        if is_json(self.media_type):
            return name, _with_members(dumps(self.body, self.spelling), self.members)
        text = self.body if isinstance(self.body, str) else json.dumps(self.body)
        return name, text.encode("utf-8", "surrogatepass")

    def _spelled(self, content_type: str) -> str:
        """The media type in another case, and with a charset, as the spelling has it."""
        essence, semicolon, parameters = content_type.partition(";")
        name = f"{self.spelling.type_case or essence}{semicolon}{parameters}"
        return f"{name}; charset={self.spelling.charset}" if self.spelling.charset else name


_PLAIN = Spelling()


def dumps(value: Any, spelling: Spelling = _PLAIN) -> bytes:
    """JSON text. What UTF-8 cannot carry is escaped; `escaped` escapes all it may."""
    if spelling.reversed:
        value = _reversed(value)
    if spelling.escaped:
        encoded = _escaped(value).encode()
        return b" \n" + encoded + b"\r\n\t" if spelling.spaced else encoded
    indent = "\t \r" if spelling.spaced else None
    # Lone surrogates can only be escaped; `json.dumps` does it for all or for none.
    try:
        encoded = json.dumps(value, ensure_ascii=False, indent=indent).encode()
    except UnicodeEncodeError:
        encoded = json.dumps(value, indent=indent).encode()
    return b" \n" + encoded + b"\r\n\t" if spelling.spaced else encoded


def _with_members(text: bytes, members: tuple[bytes, ...]) -> bytes:
    if not members:
        return text
    # Put in as text: a name that stands twice cannot be said by a dict.
    head, _, tail = text.rpartition(b"}")
    between = b"" if head.strip() == b"{" else b", "
    # In one step: a member may have megabytes.
    return b"".join((head, between, b", ".join(members), b"}", tail))


def _escaped(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ",".join(f"{_escaped(k)}:{_escaped(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_escaped, value)) + "]"
    if not isinstance(value, str):
        return json.dumps(value)
    # JSON escapes are UTF-16 units: a character beyond U+FFFF is two (RFC 8259 section 7).
    units = value.encode("utf-16-be", "surrogatepass")
    codes = (int.from_bytes(units[at : at + 2], "big") for at in range(0, len(units), 2))
    return '"' + "".join(f"\\u{code:04x}" for code in codes) + '"'


def _reversed(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _reversed(value[key]) for key in reversed(list(value))}
    return value
