"""The good request as a case that must be accepted."""

from __future__ import annotations

from urllib.parse import unquote

from conformance.cases.case import Case, Expect
from conformance.cases.opaque_values import is_opaque
from conformance.cases.operation_under_test import Subject
from conformance.clauses.kinds import ClauseKind
from conformance.clauses.schema_nodes import nodes
from conformance.report.codes.finding_code import FindingCode
from spec.model.contract_model import Parameter

__all__ = ["UNPROVEN", "control_case"]

UNPROVEN = frozenset({403, 404, 409, 410})
"""Statuses for a resource that does not exist or belongs to another caller."""


def control_case(
    subject: Subject,
    local: str = "control",
    label: str = "the good request",
    *,
    made_up: bool = False,
) -> Case:
    """The control as a case that must be accepted.

    What a `made_up` one asks for may not exist, or not be open to everybody: such a refusal, where
    it is documented, leaves everything undecided.
    """
    return subject.case(
        local,
        ClauseKind.CONTROL if local == "control" else ClauseKind.STEADINESS,
        label,
        subject.control,
        expect=Expect.ACCEPTED,
        code={
            "control": FindingCode.REFUSED_CONTROL,
            "steady.repeated": FindingCode.UNSTEADY,
            "steady.concurrent": FindingCode.UNSTEADY,
            "steady.after-bad": FindingCode.POISONED,
        }.get(local, FindingCode.REFUSED_VALID),
        open_statuses=_open(subject) if made_up else frozenset(),
    )


def _open(subject: Subject) -> frozenset[int]:
    if _asks_for_an_id(subject):
        return UNPROVEN | {400, 422}
    return UNPROVEN | {400} if _asks_for_a_token(subject) else UNPROVEN


def _asks_for_a_token(subject: Subject) -> bool:
    """Whether it presents a grant: 400 says that nobody was given it (RFC 6749 section 5.2)."""
    return any("grant_type" in node.properties for node in subject.body_nodes())


def _asks_for_an_id(subject: Subject) -> bool:
    """Whether a made-up id is all that it says: what ids look like the contract leaves open."""
    operation = subject.operation
    if operation.request_body is not None:
        return False
    # Some authors do not say of a parameter of the path that it is required.
    required = [one for one in operation.inputs if one.required or one.location == "path"]
    return bool(required) and all(_is_made_up(subject, one) for one in required)


def _is_made_up(subject: Subject, parameter: Parameter) -> bool:
    schema, text = parameter.value_schema, subject.control.segments.get(parameter.name)
    if parameter.location != "path" or parameter.examples or text is None:
        return False
    return is_opaque(nodes(subject.contract, schema) if schema else (), unquote(text))
