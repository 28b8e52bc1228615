"""The good request as a case that must be accepted."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import starmap
from urllib.parse import unquote

from conformance.cases.case import Case, Expect
from conformance.cases.draft_parameters import is_allowed, value_in
from conformance.cases.edge_values import Strength
from conformance.cases.opaque_values import is_opaque
from conformance.cases.operation_under_test import Subject
from conformance.clauses.kinds import ClauseKind
from conformance.clauses.schema_nodes import nodes
from conformance.http.request_drafts import NOTHING
from conformance.report.codes.finding_code import FindingCode
from conformance.run.things.handed_values import is_of_one_use
from spec.contract.parameter_codecs import parameter_codec
from spec.model.contract_model import Parameter
from spec.model.http_statuses import VALIDATION
from spec.text.styles import Absent

__all__ = ["UNPROVEN", "control_case"]

UNPROVEN = frozenset({403, 404, 409, 410})
"""Statuses for a resource that does not exist or belongs to another caller."""
_FAULTY = "its value of a parameter breaks the contract itself; `conformance lint` says where"


def control_case(
    subject: Subject,
    local: str = "control",
    label: str = "the good request",
    *,
    made_up: bool = False,
) -> Case:
    """The control as a case that must be accepted.

    What a `made_up` one asks for may not exist, or not be open to everybody: such a refusal, where
    it is documented, leaves everything undecided. Texts in it the deployment may have to know (the
    name of a model, a script): nothing forbids them, and nothing promises that they are good.
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
        strength=Strength.FREE if made_up and _has_made_up_text(subject) else Strength.NAMED,
        open_statuses=_open(subject) if made_up else frozenset(),
        undecided=_FAULTY if local == "control" and _has_faulty_parameter(subject) else "",
    )


def _has_faulty_parameter(subject: Subject) -> bool:
    """Whether the contract itself forbids a value, of which it allows none, or shows a wrong one.

    That is an example that breaks a `format`, or a member of an enum that has another type.
    """
    for parameter in subject.operation.inputs:
        way = parameter_codec(subject.contract, subject.operation, parameter)
        value = value_in(subject.control, parameter, way)
        if not isinstance(value, Absent) and not is_allowed(subject.contract, parameter, value):
            return True
    return False


def _open(subject: Subject) -> frozenset[int]:
    if _asks_for_an_id(subject):
        return UNPROVEN | VALIDATION
    return UNPROVEN | VALIDATION if _asks_for_a_token(subject) else UNPROVEN


def _asks_for_a_token(subject: Subject) -> bool:
    """Whether it presents a grant: 400 says that nobody was given it (RFC 6749 section 5.2).

    So does the token or the code of a mail, which are the credential where no other one is asked
    for.
    """
    body = subject.control.body
    members = body.items() if isinstance(body, Mapping) and not subject.operation.secured else ()
    presented = any(starmap(is_of_one_use, members))
    return presented or any("grant_type" in node.properties for node in subject.body_nodes())


def _asks_for_an_id(subject: Subject) -> bool:
    """Whether a made-up id is all that it says: what ids look like the contract leaves open."""
    operation = subject.operation
    if operation.request_body is not None:
        return False
    # Some authors do not say of a parameter of the path that it is required.
    required = [one for one in operation.inputs if one.required or one.location == "path"]
    in_path = all(one.location == "path" for one in required)
    return bool(required) and in_path and all(_is_made_up(subject, one) for one in required)


def _has_made_up_text(subject: Subject) -> bool:
    """Whether a text in the body, or in a parameter, is none that the contract gives."""
    media_type, body = subject.media_type, subject.control.body
    if body is not NOTHING and media_type is not None:
        given = any(example.value == body for example in media_type.examples)
        if not given and is_opaque(subject.body_nodes(), body):
            return True
    return any(_is_made_up(subject, one) for one in subject.operation.inputs)


def _is_made_up(subject: Subject, parameter: Parameter) -> bool:
    schema, text = parameter.value_schema, subject.control.segments.get(parameter.name)
    way = parameter_codec(subject.contract, subject.operation, parameter)
    # Which numbers are ids the contract says as little as which texts are.
    is_id = parameter.location == "path" and text is not None
    value = unquote(text or "") if is_id else value_in(subject.control, parameter, way)
    shown = any(is_allowed(subject.contract, parameter, one.value) for one in parameter.examples)
    if isinstance(value, Absent) or shown:
        return False
    return is_opaque(nodes(subject.contract, schema), value)
