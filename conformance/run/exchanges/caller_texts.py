"""Texts by which callers are told apart: each sends its own, and no answer has one by chance."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator

from conformance.cases.draft_parameters import value_in, with_parameter
from conformance.cases.operation_under_test import Subject
from conformance.clauses.meaningful_names import is_any_name
from conformance.clauses.value_paths import Path, put
from conformance.http.request_drafts import Draft
from conformance.run.things.fresh_values import takes_any, texts
from spec import Direction
from spec.contract.parameter_codecs import ParameterCodec, parameter_codec
from spec.model.contract_model import Parameter

__all__ = ["all_marked", "mark_of", "marks_in", "with_mark"]

_MARK = re.compile(r"caller-[0-9a-f]{16}")
"""What `mark_of` makes."""


def mark_of(operation: str, number: int) -> str:
    """A text of one caller of an operation, which no answer holds by chance."""
    digest = hashlib.sha256(f"conformance {operation} {number}".encode()).hexdigest()[:16]
    return f"caller-{digest}"


def marks_in(text: str) -> frozenset[str]:
    """The texts of callers that stand in a text."""
    return frozenset(_MARK.findall(text))


def with_mark(subject: Subject, mark: str) -> Draft:
    """The control with the mark for its last free string: another text, all else the same.

    Where no text of the body will do, it is one of the query or of a header.
    """
    body, wire = subject.control.body, subject.wire
    for path in reversed(_free_texts(subject)) if wire else ():
        trial = put(body, path, mark)
        if wire and wire.valid(subject.builder, trial):
            return subject.control.but(body=trial)
    for parameter, way in _free_parameters(subject, mark):
        return with_parameter(subject.control, parameter, way, mark)
    return subject.control


def all_marked(subject: Subject, mark: str) -> Draft:
    """The control with the mark in every place of the body that takes any text; each is another."""
    body, wire = subject.control.body, subject.wire
    if wire is None:
        return subject.control
    for number, path in enumerate(reversed(_free_texts(subject))):
        trial = put(body, path, f"{mark}-{number}" if number else mark)
        body = trial if wire.valid(subject.builder, trial) else body
    return subject.control.but(body=body)


def _free_texts(subject: Subject) -> list[Path]:
    """The places of the control's texts for which any other text will do."""
    return [path for path in texts(subject.control.body) if takes_any(subject, path)]


def _free_parameters(subject: Subject, mark: str) -> Iterator[tuple[Parameter, ParameterCodec]]:
    """The texts among the control's parameters for which the mark will do; no path leads there."""
    for parameter in subject.operation.inputs:
        way = parameter_codec(subject.contract, subject.operation, parameter)
        schema = parameter.value_schema
        if parameter.location not in ("query", "header") or schema is None:
            continue
        known = isinstance(value_in(subject.control, parameter, way), str)
        barred = subject.contract.violations(schema, Direction.REQUEST, mark)
        if known and not barred and is_any_name(parameter.name):
            yield parameter, way
