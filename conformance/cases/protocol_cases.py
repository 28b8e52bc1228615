"""Media types, methods, headers and framing: what HTTP itself has to say."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from urllib.parse import urlencode

from conformance.cases.case import Case, Expect
from conformance.cases.operation_under_test import Subject
from conformance.http.exchange import Framing
from conformance.http.request_drafts import NOTHING, Draft
from spec.model.contract_model import SAFE_METHODS

__all__ = ["accept_cases", "media_cases", "method_cases", "wire_cases"]

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "FROBNICATE")
OVERSIZED = 70_000


def media_cases(subject: Subject) -> Iterator[Case]:
    """Content types, codings and charsets that the operation does not declare."""
    media_type = subject.media_type
    if media_type is None or subject.control.body is NOTHING:
        return
    declared = {one.name for one in subject.request_schemas}
    text = subject.control.request().body or b""
    refused = {"expect": Expect.UNSUPPORTED, "code": "accepted-media-type"}
    others = (
        "text/plain",
        "application/xml",
        "application/x-www-form-urlencoded",
        "application/octet-stream",
        "multipart/form-data; boundary=x",
        "no-media-type",
    )
    for name in others:
        if name not in declared and not declared & {"*/*", f"{name.split('/')[0]}/*"}:
            draft = subject.control.header("Content-Type", name)
            yield subject.case("media.undeclared", "media types", name, draft, **refused)
    body = subject.control.body
    form_type = "application/x-www-form-urlencoded"
    if isinstance(body, dict) and form_type not in declared:
        text_fields = {key: value for key, value in body.items() if isinstance(value, str)}
        form = subject.control.header("Content-Type", form_type)
        form = form.but(raw=urlencode(text_fields).encode())
        yield subject.case("media.undeclared", "media types", "a form", form, **refused)
    if subject.json_body is None:
        return
    odd = subject.control.header("Content-Encoding", "x-unknown")
    yield subject.case(
        "media.encoding", "media types", "Content-Encoding: x-unknown", odd, **refused
    )
    false = subject.control.header("Content-Encoding", "gzip")
    yield subject.case("media.encoding", "media types", "a false gzip", false, **refused)
    packed = subject.control.header("Content-Encoding", "gzip").but(
        raw=gzip.compress(text, mtime=0)
    )
    yield subject.case("media.encoding", "media types", "a true gzip", packed)
    wide = subject.control.but(raw=text.decode().encode("utf-16"))
    wide = wide.header("Content-Type", f"{media_type.name}; charset=utf-16")
    yield subject.case("media.charset", "media types", "UTF-16, and said so", wide)
    unknown = subject.control.header("Content-Type", f"{media_type.name}; charset=x-unknown")
    yield subject.case("media.charset", "media types", "an unknown charset", unknown)
    absent = subject.control.without("Content-Type")
    yield subject.case("media.absent", "media types", "no Content-Type", absent)


def accept_cases(subject: Subject) -> Iterator[Case]:
    """An Accept that nothing can satisfy: 406, or the answer all the same."""
    documented = {one.name for r in subject.operation.responses for one in r.content}
    for accept in (
        "application/x-nothing",
        "text/html",
        "application/xml",
        "application/json;q=x, ;;/",
    ):
        if accept not in documented:
            draft = subject.control.header("Accept", accept)
            yield subject.case("accept.other", "media types", f"Accept: {accept}", draft)


def method_cases(subject: Subject) -> Iterator[Case]:
    """Methods that the path does not declare."""
    for method in subject.undeclared_methods:
        base = subject.control
        bare = method not in SAFE_METHODS and not subject.allow_writes
        draft = (subject.anonymous() if bare else base).but(
            method=method,
            body=NOTHING,
            raw=b"{}" if method in ("POST", "PUT", "PATCH") else None,
            media_type="application/json" if method in ("POST", "PUT", "PATCH") else "",
        )
        yield subject.case(
            ("methods.undeclared", "methods.allow"),
            "methods",
            f"{method}, without a credential" if bare and base.credential.schemes else method,
            draft,
            expect=Expect.ANYTHING if method == "OPTIONS" else Expect.NO_METHOD,
            code="accepted-method",
            also=frozenset({200, 204}) if method == "OPTIONS" else frozenset(),
        )


def wire_cases(subject: Subject) -> Iterator[Case]:
    """What no client library sends. Without a credential where the method is not safe."""
    safe = subject.operation.safe
    base = subject.control if safe else subject.anonymous()
    yield from _headers(subject, base)
    yield from _escapes(subject, base)
    if subject.operation.request_body is not None and subject.control.body is not NOTHING:
        yield from _framing(subject, subject.control)


def _headers(subject: Subject, base: Draft) -> Iterator[Case]:
    large = base.header("X-Padding", "a" * OVERSIZED)
    label = f"a header of {OVERSIZED:,} characters"
    yield subject.case("http.headers", "wire", label, large, may_close=True)
    many = base
    for number in range(150):
        many = many.header(f"X-Padding-{number}", "a")
    yield subject.case("http.headers", "wire", "150 headers", many, may_close=True)
    odd = {
        "If-None-Match": '"never-issued"',
        "If-Match": '"never-issued"',
        "If-Modified-Since": "not a date",
        "If-Unmodified-Since": "Thu, 01 Jan 1970 00:00:00 GMT",
        "Range": "bytes=5-1",
        "Expect": "100-continue",
    }
    for name, value in odd.items():
        conditional = base.header(name, value)
        also = frozenset({304, 412, 416, 417})
        yield subject.case("http.conditional", "wire", f"{name}: {value}", conditional, also=also)


def _escapes(subject: Subject, base: Draft) -> Iterator[Case]:
    for text in ("%ZZ", "%", "%C3%28", "%FF", "%00", "%2E%2E%2F"):
        query = base.but(query=(*base.query, ("unknown", text)))
        yield subject.case("http.escapes", "wire", f"{text} in the query", query)


def _framing(subject: Subject, base: Draft) -> Iterator[Case]:
    faults = {
        Framing.WRONG_LENGTH: "Content-Length: abc",
        Framing.BOTH: "Content-Length and chunks together",
        Framing.SHORT: "a body shorter than its Content-Length",
        Framing.BAD_CHUNK: "a chunk size that is no number",
    }
    for framing, label in faults.items():
        draft = base.but(framing=framing, wire=True)
        tolerant = framing is Framing.BOTH
        yield subject.case(
            "http.framing",
            "wire",
            label,
            draft,
            expect=Expect.ANYTHING if tolerant else Expect.UNSUPPORTED,
            code="accepted-malformed-body",
            may_close=True,
        )
