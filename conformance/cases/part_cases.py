"""Multipart bodies whose parts have another type, or lack a header, than `encoding` gives them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from conformance.cases.case import Case, Expect
from conformance.cases.operation_under_test import Carrier, Subject
from conformance.clauses.ids import body_prefix, part_header, part_type
from conformance.clauses.kinds import ClauseKind
from conformance.report.codes.finding_code import FindingCode
from conformance.report.findings import Level
from spec.text.body_codecs import BOUNDARY
from spec.text.forms import FormCodec
from spec.text.media_types import match

__all__ = ["part_cases"]

OTHER = "application/x-unknown"
"""A media type that no `encoding` names."""


def part_cases(subject: Subject) -> Iterator[Case]:
    """One case for each part whose type or header the contract gives.

    Many readers look at the name of a part alone: an acceptance is a warning.
    """
    wire = subject.wire
    form = wire.codec.form if wire is not None and wire.codec is not None else None
    if wire is None or form is None or not form.is_multipart:
        return
    prefix = body_prefix(wire.name)
    for name, admitted in form.content_types.items():
        carrier = _with(subject, name)
        if carrier is not None and match(OTHER, admitted) is None:
            other = replace(form, content_types={**form.content_types, name: (OTHER,)})
            label = f"`{name}` as {OTHER}"
            yield _part_case(subject, part_type(prefix, name), label, carrier, other)
    for name, headers in form.headers.items():
        carrier = _with(subject, name)
        for header in headers if carrier is not None else ():
            if header.required and carrier is not None:
                left = tuple(one for one in headers if one is not header)
                without = replace(form, headers={**form.headers, name: left})
                label = f"`{name}` without its header {header.codec.name}"
                local = part_header(prefix, name, header.codec.name)
                yield _part_case(subject, local, label, carrier, without)


def _with(subject: Subject, name: str) -> Carrier | None:
    found = (one for one in subject.all_carriers() if isinstance(one.body, dict))
    return next((one for one in found if name in one.body), None)


def _part_case(subject: Subject, local: str, label: str, carrier: Carrier, form: FormCodec) -> Case:
    content_type, raw = form.encode(carrier.body, BOUNDARY)
    return subject.case(
        local,
        ClauseKind.BODY,
        label,
        carrier.draft.but(raw=raw).header("Content-Type", content_type),
        expect=Expect.UNSUPPORTED,
        code=FindingCode.ACCEPTED_INVALID_BODY,
        level=Level.WARNING,
    )
