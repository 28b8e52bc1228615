"""Media types, methods, headers and framing: what HTTP itself has to say."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator
from urllib.parse import urlencode

from conformance.cases.case import Case, Expect, Layer
from conformance.cases.operation_under_test import Subject
from conformance.clauses.keyword_sentences import has_charset
from conformance.clauses.kinds import ClauseKind
from conformance.clauses.path_methods import methods_at
from conformance.http.exchange import Framing
from conformance.http.methods import is_safe
from conformance.http.request_drafts import NOTHING, Draft, dumps
from conformance.report.codes.finding_code import FindingCode
from conformance.report.findings import Level
from spec import Direction
from spec.contract.media_codecs import is_bytes
from spec.model.contract_model import MediaType, RequestBody
from spec.model.http_methods import HTTP_METHODS, UNSAFE_METHODS
from spec.text.media_types import is_json, match

__all__ = ["accept_cases", "media_cases", "method_cases", "tolerated_cases", "wire_cases"]

OVERSIZED = 70_000
"""Characters of a header: servers read 8 to 64 KiB of headers from the beginning."""
FORM, JSON = "application/x-www-form-urlencoded", "application/json"
OTHERS = (
    "text/plain",
    "application/xml",
    FORM,
    "application/octet-stream",
    "multipart/form-data; boundary=x",
    "no-media-type",
)
"""Media types that are tried where they are not declared; the last one is none."""
SUFFIXED = "application/vnd.api+json"
"""JSON by its suffix: a generic processor may read it as such (RFC 6839 section 3.1)."""
_FILLED = frozenset(one.name for one in HTTP_METHODS if one.filled)
"""Methods that are sent with a body where none is declared."""


def media_cases(subject: Subject) -> Iterator[Case]:
    """Content types, codings and charsets that the operation does not declare."""
    body, media_type = subject.operation.request_body, subject.media_type
    if body is None or media_type is None or subject.control.body is NOTHING:
        return
    yield from _undeclared(subject, body)
    # Before the codings: a body that is packed is packed as it was written.
    if subject.wire is not None and has_charset(subject.wire.kind):
        yield from _charsets(subject, media_type.name)
    yield from _codings(subject, media_type)
    yield _odd(
        subject,
        "media.absent",
        "no Content-Type",
        "content-type",
        lambda draft: draft.without("Content-Type"),
    )


def _odd(
    subject: Subject,
    local: str,
    label: str,
    slot: str,
    apply: Callable[[Draft], Draft],
    *,
    fault: str = "",
) -> Case:
    """The good request with one thing in its head that is odd, and need only be answered."""
    return subject.case(
        local,
        ClauseKind.MEDIA_TYPES,
        label,
        apply(subject.control),
        slot=("head", slot),
        apply=apply,
        fault=fault,
    )


def _undeclared(subject: Subject, body: RequestBody) -> Iterator[Case]:
    """Other media types; without content a request has no body, whatever Content-Type says."""
    declared = [one.name for one in body.content]
    drafts = [(name, subject.control.header("Content-Type", name)) for name in OTHERS]
    value = subject.control.body
    if isinstance(value, dict):
        fields = {key: text for key, text in value.items() if isinstance(text, str)}
        form = subject.control.header("Content-Type", FORM).but(raw=urlencode(fields).encode())
        json = subject.control.header("Content-Type", JSON).but(raw=dumps(value))
        drafts += [("a form", form), ("JSON", json)]
    if subject.json_body is not None:
        drafts.append((SUFFIXED, subject.control.header("Content-Type", SUFFIXED)))
    for label, draft in drafts:
        sent = next(text for name, text in draft.headers if name == "Content-Type")
        if match(sent, declared) is None and "*/*" not in declared and draft.request().body:
            yield subject.case(
                "media.undeclared",
                ClauseKind.MEDIA_TYPES,
                label,
                draft,
                expect=Expect.UNSUPPORTED,
                code=FindingCode.ACCEPTED_MEDIA_TYPE,
                level=_level_of_another_type(subject, body, sent),
            )


def _level_of_another_type(subject: Subject, body: RequestBody, sent: str) -> Level | None:
    """How far a body of another type has to be refused; None where it must be.

    The contract has 415 for it; or its credential would travel with a form that any web page can
    send without asking. What may be left out may be ignored where it is not known.
    """
    operation = subject.operation
    if body.required and (operation.response_of("415") or operation.response_of("4XX")):
        return None
    if sent == SUFFIXED:
        return Level.NOTE
    return None if body.required and operation.secured else Level.WARNING


def _codings(subject: Subject, media_type: MediaType) -> Iterator[Case]:
    """What a body should not be packed in: HTTP lets a server refuse it, and obliges none to.

    415 is what an origin server may answer (RFC 9110 section 8.4), so that an acceptance is no more
    than worth a note. Bytes of which nothing is asked may be kept as they came, with their coding.
    """
    kept = is_bytes(subject.contract, media_type, Direction.REQUEST)
    bad = {
        "Content-Encoding: x-unknown": "x-unknown",
        "a body that is not gzip, declared as gzip": "gzip",
    }
    for label, coding in bad.items() if not kept or is_json(media_type.name) else ():
        yield subject.case(
            "media.encoding",
            ClauseKind.MEDIA_TYPES,
            label,
            subject.control.header("Content-Encoding", coding),
            expect=Expect.UNSUPPORTED,
            code=FindingCode.ACCEPTED_MEDIA_TYPE,
            level=Level.NOTE,
        )
    label = "a gzip body, declared as gzip"
    yield _odd(subject, "media.encoding", label, "content-encoding", _packed)


def _packed(draft: Draft) -> Draft:
    packed = gzip.compress(draft.request().body or b"", mtime=0)
    return draft.header("Content-Encoding", "gzip").but(raw=packed)


def _charsets(subject: Subject, name: str) -> Iterator[Case]:
    def unknown(draft: Draft) -> Draft:
        return draft.header("Content-Type", f"{name}; charset=x-unknown")

    def wide(draft: Draft) -> Draft:
        text = (draft.request().body or b"").decode("utf-8", "replace")
        encoded = draft.but(raw=text.encode("utf-16"))
        return encoded.header("Content-Type", f"{name}; charset=utf-16")

    # First: more readers fail at a name that they do not know than at another encoding.
    yield _odd(subject, "media.charset", "an unknown charset", "content-type", unknown)
    label = "UTF-16, declared as UTF-16"
    # A kind of fault of its own: what was made of a name says nothing of the bytes.
    yield _odd(subject, "media.charset", label, "content-type", wide, fault="utf-16")


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
            yield _odd(
                subject,
                "accept.other",
                f"Accept: {accept}",
                "accept",
                lambda draft, accept=accept: draft.header("Accept", accept),  # type: ignore[misc]
            )


def method_cases(subject: Subject, outsider: Draft | None) -> Iterator[Case]:
    """Methods that the path does not declare; what might write is left to an `outsider`.

    What is sent where nothing may be written has no body of its own: an inert control keeps its
    own, which no reader can take for a good one.
    """
    declared = methods_at(subject.contract, subject.operation.path)
    for method in subject.undeclared_methods:
        bare = not is_safe(method) and not subject.allow_writes
        base = outsider if bare or subject.inert else subject.control
        if base is None:
            continue
        draft = base.but(method=method)
        refused = bare and subject.control.credential.schemes
        label = f"{method}, without a good credential" if refused else method
        drafts = {label: draft}
        if not subject.inert:
            empty = draft.but(body=NOTHING, raw=None, media_type="")
            filled = draft.but(body=NOTHING, raw=b"{}", media_type="application/json")
            # A server that has the method may look for a body before it looks at anything else.
            drafts = {label: filled, f"{label}, without a body": empty}
            drafts = drafts if method in _FILLED else {label: empty}
        for said, sent in drafts.items():
            yield subject.case(
                ("methods.undeclared", "methods.allow"),
                ClauseKind.METHODS,
                said,
                sent,
                expect=Expect.ANYTHING if method == "OPTIONS" else Expect.NO_METHOD,
                code=FindingCode.ACCEPTED_METHOD,
                also=frozenset({200, 204}) if method == "OPTIONS" else frozenset(),
                untried=UNSAFE_METHODS - {*subject.undeclared_methods, *declared},
            )


def wire_cases(subject: Subject, outsider: Draft | None) -> Iterator[Case]:
    """What no client library sends. By an `outsider` where the method is not safe."""
    base = subject.control if is_safe(subject.operation.method) else outsider
    if base is not None:
        yield from _header_cases(subject, base)
        yield from _escapes(subject, base)
    if _sends_body(subject):
        yield from _framing(subject)


def _header_cases(subject: Subject, base: Draft) -> Iterator[Case]:
    large = base.header("X-Padding", "a" * OVERSIZED)
    label = f"a header of {OVERSIZED:,} characters"
    in_front = {"may_close": True, "layer": Layer.HTTP}
    yield subject.case("http.headers", ClauseKind.WIRE, label, large, **in_front)
    more = tuple((f"X-Padding-{number}", "a") for number in range(150))
    many = base.but(headers=(*base.headers, *more))
    yield subject.case("http.headers", ClauseKind.WIRE, "150 headers", many, **in_front)
    odd = {
        "If-None-Match": '"never-issued"',
        "If-Match": '"never-issued"',
        "If-Modified-Since": "not a date",
        "If-Unmodified-Since": "Thu, 01 Jan 1970 00:00:00 GMT",
        "Range": "bytes=5-1",
        "Expect": "100-continue",
    }
    for name, value in odd.items():
        # No client may expect a go-ahead for content that does not follow (RFC 9110, 10.1.1).
        if name == "Expect" and not base.request().body:
            continue
        yield subject.case(
            "http.conditional",
            ClauseKind.WIRE,
            f"{name}: {value}",
            base.header(name, value),
            also=frozenset({304, 412, 416, 417}),
        )


def _escapes(subject: Subject, base: Draft) -> Iterator[Case]:
    for text in ("%ZZ", "%", "%C3%28", "%FF", "%00", "%2E%2E%2F"):
        query = base.but(query=(*base.query, ("unknown", text)))
        label = f"{text} in the query"
        yield subject.case("http.escapes", ClauseKind.WIRE, label, query, layer=Layer.HTTP)


def tolerated_cases(subject: Subject) -> Iterator[Case]:
    """What a server may refuse or process (RFC 9112 section 6.3), and need only answer."""
    if _sends_body(subject):
        label = "Content-Length and chunks together"
        yield _framed(subject, Framing.BOTH, label, Expect.ANYTHING)


def _sends_body(subject: Subject) -> bool:
    """Whether the good request has a body, and the contract declares one."""
    return subject.operation.request_body is not None and subject.control.body is not NOTHING


def _framing(subject: Subject) -> Iterator[Case]:
    faults = {
        Framing.WRONG_LENGTH: "Content-Length: abc",
        Framing.SHORT: "a body shorter than its Content-Length",
        Framing.BAD_CHUNK: "a chunk size that is not a number",
    }
    for framing, label in faults.items():
        yield _framed(subject, framing, label, Expect.UNSUPPORTED)


def _framed(subject: Subject, framing: Framing, label: str, expect: Expect) -> Case:
    return subject.case(
        "http.framing",
        ClauseKind.WIRE,
        label,
        subject.control.but(framing=framing, wire=True),
        expect=expect,
        code=FindingCode.ACCEPTED_MALFORMED_BODY,
        # The contract says nothing of framing: RFC 9112 section 6.3 does.
        level=Level.WARNING,
        may_close=True,
        layer=Layer.HTTP,
    )
