"""Other ways to write the same request, and what JSON's standard lets a receiver limit."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from conformance.cases.body_wire import Wire
from conformance.cases.case import Unit
from conformance.cases.edge_values import Strength
from conformance.cases.operation_under_test import Subject
from conformance.clauses.ids import body_prefix
from conformance.http.request_drafts import NOTHING, Draft
from conformance.report.codes.finding_code import FindingCode
from conformance.report.findings import Level
from spec.text import media_types
from spec.text.body_codecs import BodyKind

__all__ = ["alternative_units", "body_units", "limit_units", "scheme_units", "spelling_units"]

BROAD = ("text/html, application/json;q=0.9, */*;q=0.1",)
"""Values of Accept that take everything, written as browsers do, with other types before JSON."""
JSON_API = "application/vnd.api+json"
UNCODED = "identity, *;q=0"
"""An Accept-Encoding that forbids every coding (RFC 9110 section 12.5.3)."""
CODINGS = (UNCODED, "gzip")
"""Values of Accept-Encoding: none, and the one that every client asks for."""
DEEP = 20_000
"""Levels of a nested list: a parser that calls itself for each of them runs out of stack."""


def body_units(subject: Subject) -> Iterator[Unit]:
    """Other ways to write the same body."""
    media_type = subject.json_body
    if media_type is not None:
        local = f"{body_prefix(media_type.name)}.syntax.spelling"
        yield _unit(subject, local, "every character escaped", "escape", _spelled(escaped=True))
        yield _unit(subject, local, "odd whitespace", "space", _spelled(spaced=True))
        yield _unit(subject, local, "keys in another order", "order", _spelled(reversed=True))
    wire = subject.wire
    if wire is not None:
        local = f"{body_prefix(wire.name)}.syntax.transfer"
        chunked = _spelled(chunked=True)
        yield _unit(subject, local, "a chunked body", "chunked", chunked, strength=Strength.FREE)
    if subject.media_type is None or subject.control.body is NOTHING:
        return
    essence, local = subject.control.media_type.partition(";")[0], "media.spelling"
    odd = essence.title() if essence.islower() else essence.lower()
    spells = wire is not None and _may_have_charset(wire)
    for charset in ("utf-8", '"UTF-8"') if spells else ():
        yield _unit(subject, local, f"charset={charset}", "charset", _spelled(charset=charset))
    yield _unit(subject, local, f"the media type as {odd}", "case", _spelled(type_case=odd))


def _may_have_charset(wire: Wire) -> bool:
    """Whether nobody minds a charset: a type says by itself which parameters it has (RFC 6838).

    The parts of a multipart body have charsets, and it has none (RFC 7578 section 4.6). Of JSON
    every client names one, and JSON:API has its own type refused with any parameter but two.
    """
    essence = wire.name.partition(";")[0].strip().lower()
    return wire.kind is not BodyKind.PARTS and not essence.endswith("+json")


def spelling_units(subject: Subject) -> Iterator[Unit]:
    """Other ways to write the same request."""
    yield from body_units(subject)
    for accept in (*BROAD, *_documented(subject), *_subtypes(subject)):
        yield _unit(
            subject,
            "accept.range",
            f"Accept: {accept}",
            "accept",
            lambda d, accept=accept: d.header("Accept", accept),  # type: ignore[misc]
            code=FindingCode.FALSE_NEGOTIATION,
            level=Level.ERROR,
        )
    yield _unit(
        subject,
        "accept.range",
        "no Accept",
        "accept",
        lambda d: d.without("Accept"),
        code=FindingCode.FALSE_NEGOTIATION,
    )
    for coding in CODINGS:
        yield _unit(
            subject,
            "accept.coding",
            f"Accept-Encoding: {coding}",
            "coding",
            lambda d, coding=coding: d.header("Accept-Encoding", coding),  # type: ignore[misc]
        )
    if subject.operation.query_string is None:
        yield _unit(
            subject,
            "http.query",
            "unknown query parameters",
            "query",
            lambda d: d.but(query=(*d.query, ("unknown", "1"), ("constructor", "x"))),
            strength=Strength.LENIENT if _speaks_json_api(subject) else Strength.OUTSIDE,
        )


def _speaks_json_api(subject: Subject) -> bool:
    """Whether unknown query parameters have to be refused (JSON:API 1.1, Query Parameters)."""
    answers = (one for response in subject.operation.responses for one in response.content)
    kinds = (media_types.parse(one.name) for one in answers)
    return any(one is not None and one.essence == JSON_API for one in kinds)


def _unit(
    subject: Subject,
    local: str,
    label: str,
    slot: str,
    apply: Callable[[Draft], Draft],
    **more: Any,
) -> Unit:
    clause = subject.id(local)
    return Unit(clause=clause, label=label, slot=("spelling", slot), apply=apply, **more)


def _spelled(**changes: Any) -> Callable[[Draft], Draft]:
    return lambda draft: draft.spelled(**changes)


def scheme_units(subject: Subject) -> Iterator[Unit]:
    """The good request with the name of the credential's scheme in another case."""
    placed = subject.control.credential
    for name, value in placed.headers:
        scheme, space, secret = value.partition(" ")
        if name.lower() != "authorization" or not space:
            continue
        for other in (scheme.lower(), scheme.upper()):
            headers = tuple(
                (key, f"{other} {secret}" if text == value else text)
                for key, text in placed.headers
            )
            changed = replace(placed, headers=headers)
            yield Unit(
                clause=subject.id("security.scheme-case"),
                label=f"the scheme as {other}",
                slot=("credential",),
                apply=lambda draft, changed=changed: draft.but(credential=changed),  # type: ignore[misc]
                code=FindingCode.SCHEME_CASE,
                level=Level.WARNING,
            )


def alternative_units(subject: Subject) -> Iterator[Unit]:
    """The good request with the credential of each other alternative of the security."""
    given, used = subject.credentials, subject.control.credential
    for one in given.further_alternatives(subject.contract, subject.operation, used):
        named = " and ".join(one.schemes)
        yield Unit(
            clause=subject.id("security.alternatives"),
            label=f"the credential {named} alone" if named else "no credential: `{}` allows it",
            slot=("credential",),
            apply=lambda draft, other=one: draft.but(credential=other),  # type: ignore[misc]
            code=FindingCode.REFUSED_ALTERNATIVE,
        )


def _documented(subject: Subject) -> list[str]:
    """The media types of the documented successes: a client may ask for each."""
    successes = [one for one in subject.operation.responses if one.status.startswith("2")]
    names = [media.name for one in successes for media in one.content]
    return [name for name in dict.fromkeys(names) if "*" not in name]


def _subtypes(subject: Subject) -> list[str]:
    """Any type of a documented kind, where asking costs nothing."""
    names = _documented(subject) if subject.operation.safe else []
    return list(dict.fromkeys(f"{name.partition('/')[0]}/*" for name in names))


def limit_units(subject: Subject) -> Iterator[Unit]:
    """What RFC 8259 section 9 lets a receiver limit; it may refuse, and must not fail.

    First what most receivers refuse: in one half of a batch they are told apart for nothing.
    """
    media_type = subject.json_body
    if media_type is None or not isinstance(subject.control.body, dict):
        return
    prefix = f"{body_prefix(media_type.name)}.syntax"
    members = [
        ("limits", f"lists {DEEP:,} levels deep", b'"x4": ' + b"[" * DEEP + b"]" * DEEP),
        ("limits", "an integer of 5,000 digits", b'"x2": ' + b"9" * 5000),
        ("surrogates", "a lone surrogate", b'"x6": "\\ud800"'),
        ("limits", "a number beyond a double (1e400)", b'"x3": 1e400'),
        ("limits", "NUL", b'"x1": "a\\u0000b"'),
    ]
    for local, label, member in members:
        yield Unit(
            clause=subject.id(f"{prefix}.{local}"),
            label=label,
            slot=("member", member[:4].decode()),
            apply=_adder(member),
            strength=Strength.LENIENT,
            called=f"a body with {label}",
        )
    for key in _free_strings(subject):
        for local, label, text in (
            ("limits", "NUL", "\x00"),
            ("surrogates", "a lone surrogate", "\ud800"),
        ):
            yield Unit(
                clause=subject.id(f"{prefix}.{local}"),
                label=f"{label} in `{key}`",
                slot=("text", key, label),
                apply=_appender(key, text),
                strength=Strength.LENIENT,
                called=f"{label} in {key}",
            )


def _adder(member: bytes) -> Callable[[Draft], Draft]:
    return lambda draft: draft.but(members=(*draft.members, member))


def _appender(key: str, text: str) -> Callable[[Draft], Draft]:
    """Adds to a text: what is tried of one string travels in one request."""
    return lambda draft: draft.but(body={**draft.body, key: f"{draft.body[key]}{text}"})


def _free_strings(subject: Subject) -> list[str]:
    name = subject.new_name
    free = {
        node.steps[0]
        for node in subject.body_nodes()
        if len(node.steps) == 1
        and node.steps[0] != name
        and node.typed
        and node.types[0] == "string"
        and not {"enum", "pattern", "format", "const"} & node.keywords.keys()
    }
    body = subject.control.body
    # One is enough, and the last one least likely to be an id or a name.
    return [key for key, value in body.items() if key in free and isinstance(value, str)][-1:]
