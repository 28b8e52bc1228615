"""Media types and ranges: what a message is, what a contract admits, what a client accepts.

RFC 9110 sections 8.3 (`Content-Type`) and 12.5.1 (`Accept`), RFC 6839 (`+json` and its like).
What is malformed is `None` or left out, never an exception: both sides of a mock and of a kit
meet such headers all day, and what to answer is their decision.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from spec.text.http_tokens import TOKEN

__all__ = [
    "MediaRange",
    "concrete",
    "is_json",
    "is_merge_patch",
    "is_range",
    "match",
    "negotiate",
    "parse",
    "parse_accept",
]

_QUOTED = r'"((?:[^"\\\x00-\x08\x0a-\x1f]++|\\.)*+)"'
_ESSENCE = re.compile(rf"[ \t]*({TOKEN})/({TOKEN})[ \t]*(?=;|\Z)")
_PARAMETER = re.compile(rf";[ \t]*(?:({TOKEN})=(?:({TOKEN})|{_QUOTED})[ \t]*)?(?=;|\Z)")
_ELEMENT = re.compile(r'(?:[^,"]++|"(?:[^"\\]++|\\.)*+"?)++')
_QUALITY = re.compile(r"(?:[01](?:\.\d*)?|\.\d+)")
_CACHED_LENGTH = 256
"""Longer headers are parsed anew: a cache must not become a place to fill a server's memory."""

_TYPICAL = {"text": "plain", "image": "png", "audio": "mpeg", "video": "mp4", "font": "woff2"}


_LINE_TYPES = frozenset(
    {
        "application/json-lines",
        "application/json-seq",
        "application/jsonl",
        "application/jsonlines",
        "application/ndjson",
        "application/x-jsonlines",
        "application/x-ndjson",
    }
)


_TEXT_TYPES = frozenset(
    {
        "application/graphql",
        "application/javascript",
        "application/jose",
        "application/jwt",
        "application/pem-certificate-chain",
        "application/sparql-query",
        "application/sparql-update",
        "application/sql",
        "application/toml",
        "application/x-pem-file",
        "application/x-sh",
        "application/x-yaml",
        "application/yaml",
    }
)
"""Text that is registered beside `text/*`."""
_TEXT_SUFFIXES = frozenset({"jwe", "jws", "jwt", "yaml"})
_MAY_BE_JSON = re.compile(r"application/(?:vnd\.(?!.*\+)|.*json)")
"""Types of a vendor that name no format: what the contract describes as JSON is written so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaRange:
    """A media type, or a range of them: `text/html`, `image/*`, `application/*+json`, `*/*`.

    Type, subtype, the parameters' names and a charset are in lower case. `quality` is the weight
    that an `Accept` field gave it.
    """

    type: str
    subtype: str
    parameters: tuple[tuple[str, str], ...] = ()
    quality: float = 1.0

    @property
    def essence(self) -> str:
        """The name without parameters."""
        return f"{self.type}/{self.subtype}"

    @property
    def suffix(self) -> str:
        """The structured syntax suffix without its plus sign; "" where there is none."""
        return self.subtype.rpartition("+")[2] if "+" in self.subtype else ""

    @property
    def is_json(self) -> bool:
        """Whether a body of this type is one JSON document."""
        return self.subtype == "json" or self.suffix == "json"

    @property
    def is_json_lines(self) -> bool:
        """Whether a body of this type is many JSON documents: lines, or RFC 7464's sequence."""
        return self.essence in _LINE_TYPES

    @property
    def is_event_stream(self) -> bool:
        """Whether a body of this type is a stream of events (WHATWG HTML section 9.2)."""
        return self.essence == "text/event-stream"

    @property
    def is_yaml(self) -> bool:
        """Whether a body of this type is YAML (RFC 9512); a JSON document is one as well."""
        return self.subtype in ("yaml", "x-yaml") or self.suffix == "yaml"

    @property
    def may_be_json(self) -> bool:
        """Whether a body of this type is JSON as far as anybody can tell: no format is named."""
        return _MAY_BE_JSON.match(self.essence) is not None

    @property
    def is_text(self) -> bool:
        """Whether a body of this type is text: other types may be, and nothing says so."""
        return self.type == "text" or self.essence in _TEXT_TYPES or self.suffix in _TEXT_SUFFIXES

    @property
    def is_range(self) -> bool:
        """Whether it names more than one media type."""
        return "*" in (self.type, self.subtype) or self.subtype.startswith("*+")

    @property
    def charset(self) -> str | None:
        """The `charset` parameter, if it has one."""
        return dict(self.parameters).get("charset")

    @property
    def specificity(self) -> tuple[int, int]:
        """The greater, the narrower; to be compared only among ranges that match the same."""
        if self.type == "*":
            return (0, len(self.parameters))
        if self.subtype == "*":
            return (1, len(self.parameters))
        return (2 if self.is_range else 3, len(self.parameters))

    def covers(self, other: MediaRange) -> bool:
        """Whether every message of the other type, or range, is of this one.

        A charset that only one of the two names is no difference: `application/json` and
        `application/json; charset=utf-8` are used for each other everywhere.
        """
        return self._covers_essence(other) and self._covers_parameters(other)

    def _covers_essence(self, other: MediaRange) -> bool:
        if self.type == "*":
            return True
        if self.type != other.type:
            return False
        if self.subtype == "*" or self.subtype == other.subtype:
            return True
        return self.subtype.startswith("*+") and other.subtype.endswith(self.subtype[1:])

    def _covers_parameters(self, other: MediaRange) -> bool:
        if not self.parameters:
            return True
        theirs = dict(other.parameters)
        return all(
            theirs.get(name, value if name == "charset" else None) == value
            for name, value in self.parameters
        )

    def __str__(self) -> str:
        return self.essence + "".join(f"; {name}={_quoted(v)}" for name, v in self.parameters)


def parse(raw: str | None) -> MediaRange | None:
    """Read a `Content-Type` value or a key of `content`; `None` where there is none to read."""
    if raw is None:
        return None
    return _parse_kept(raw) if len(raw) <= _CACHED_LENGTH else _parse(raw)


def is_json(raw: str | None) -> bool:
    """Whether a body under this `Content-Type` is one JSON document."""
    media_type = parse(raw)
    return media_type is not None and media_type.is_json


def is_merge_patch(raw: str | None) -> bool:
    """Whether a body under this `Content-Type` is a JSON merge patch (RFC 7396)."""
    media_type = parse(raw)
    return media_type is not None and media_type.essence == "application/merge-patch+json"


def is_event_stream(raw: str | None) -> bool:
    """Whether a body under this `Content-Type` is a stream of events."""
    media_type = parse(raw)
    return media_type is not None and media_type.is_event_stream


def is_range(name: str) -> bool:
    """Whether a key of `content` names more than one media type."""
    media_type = parse(name)
    return media_type is not None and media_type.is_range


def match(content_type: str | None, candidates: Sequence[str]) -> str | None:
    """The narrowest candidate that covers a message's `Content-Type` (OpenAPI 3.0 section 4.7.14).

    Returns the candidate as written, the first of equally narrow ones, or `None`.
    """
    if content_type is None:
        return None
    if len(content_type) > _CACHED_LENGTH:
        return _match(content_type, tuple(candidates))
    return _match_kept(content_type, tuple(candidates))


def negotiate(accept: str | None, candidates: Sequence[str]) -> tuple[str, ...]:
    """The candidates that a client accepts, the most welcome first (RFC 9110 section 12.5.1).

    For each candidate the most specific range speaks; a weight of 0 excludes. Candidates of one
    weight stand in the order of the ranges' specificity, then in their own. Without the header,
    or where nothing in it can be read, all are acceptable. A candidate may be a range itself.
    """
    if accept is None:
        return tuple(candidates)
    if len(accept) > _CACHED_LENGTH:
        return _negotiate(accept, tuple(candidates))
    return _negotiate_kept(accept, tuple(candidates))


def concrete(candidate: str, accept: str | None = None) -> str:
    """A media type that can stand in `Content-Type` for a candidate that may be a range.

    What the client asks for by name wins; else it is a type that everybody can read.
    """
    wanted = parse(candidate)
    if wanted is None or not wanted.is_range:
        return candidate
    for asked in sorted(parse_accept(accept or ""), key=lambda one: -one.quality):
        # A range that is as wide says nothing more.
        if asked.quality and asked.essence != wanted.essence and wanted.covers(asked):
            return concrete(asked.essence) if asked.is_range else str(asked)
    if wanted.subtype.startswith("*+"):
        return f"{wanted.type}/{wanted.subtype[2:]}"
    subtype = _TYPICAL.get(wanted.type)
    if subtype:
        return f"{wanted.type}/{subtype}"
    return "application/json" if wanted.type in ("*", "application") else "application/octet-stream"


def parse_accept(accept: str) -> tuple[MediaRange, ...]:
    """The readable elements of an `Accept` field in their order; unreadable ones are left out."""
    elements = (_parse_element(found.group()) for found in _ELEMENT.finditer(accept))
    return tuple(element for element in elements if element)


def _parse(raw: str) -> MediaRange | None:
    found = _ESSENCE.match(raw)
    if not found:
        return None
    type_, subtype = found.group(1).lower(), found.group(2).lower()
    parameters, at = [], found.end()
    while at < len(raw):
        parameter = _PARAMETER.match(raw, at)
        if not parameter:
            return None
        at = parameter.end()
        if parameter.group(1):
            parameters.append(_parameter(*parameter.groups()))
    return MediaRange(type=type_, subtype=subtype, parameters=tuple(parameters))


def _parameter(name: str, token: str | None, quoted: str | None) -> tuple[str, str]:
    value = token if token is not None else re.sub(r"\\(.)", r"\1", quoted or "")
    return name.lower(), value.lower() if name.lower() == "charset" else value


def _parse_element(raw: str) -> MediaRange | None:
    # Java's HttpURLConnection says "*; q=.2" for everything.
    media_range = _parse(re.sub(r"^\s*\*\s*(?=;|\Z)", "*/*", raw))
    if media_range is None:
        return None
    weights = [value for name, value in media_range.parameters if name == "q"]
    if not weights:
        return media_range
    # RFC 9110 section 12.4.2; an element that cannot be read is left out, the rest of the field
    # counts.
    if not _QUALITY.fullmatch(weights[0]):
        return None
    return MediaRange(
        type=media_range.type,
        subtype=media_range.subtype,
        parameters=tuple(pair for pair in media_range.parameters if pair[0] != "q"),
        quality=min(float(weights[0]), 1.0),
    )


def _match(content_type: str, candidates: tuple[str, ...]) -> str | None:
    sent = parse(content_type)
    if sent is None:
        return None
    fitting = [
        (written, candidate)
        for written in candidates
        if (candidate := parse(written)) and candidate.covers(sent)
    ]
    if not fitting:
        return None
    # `max` keeps the first of equals.
    return max(fitting, key=lambda pair: pair[1].specificity)[0]


def _negotiate(accept: str, candidates: tuple[str, ...]) -> tuple[str, ...]:
    ranges = parse_accept(accept)
    if not ranges:
        return candidates
    ranked = []
    for written in candidates:
        candidate = parse(written)
        speaking = candidate and _speaking(ranges, candidate)
        if candidate and speaking and speaking.quality > 0:
            # What was named to the letter goes before what has a parameter more.
            is_named = candidate.parameters == speaking.parameters
            ranked.append((written, (speaking.quality, speaking.specificity, is_named)))
    ranked.sort(key=lambda pair: pair[1], reverse=True)
    return tuple(written for written, _ in ranked)


def _speaking(ranges: Sequence[MediaRange], candidate: MediaRange) -> MediaRange | None:
    """The range that decides on a candidate; on a candidate range, the most welcome part of it."""
    within = [one for one in ranges if candidate.is_range and candidate.covers(one)]
    welcome = [one for one in within if one.quality > 0]
    if welcome:
        return max(welcome, key=lambda one: one.quality)
    covering = [one for one in ranges if one.covers(candidate)]
    return max(covering, key=lambda one: one.specificity, default=None)


def _quoted(value: str) -> str:
    if re.fullmatch(TOKEN, value):
        return value
    return '"' + re.sub(r'(["\\])', r"\\\1", value) + '"'


_parse_kept = lru_cache(maxsize=512)(_parse)
_match_kept = lru_cache(maxsize=512)(_match)
_negotiate_kept = lru_cache(maxsize=512)(_negotiate)
