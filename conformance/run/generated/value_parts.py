"""The values of a request that may be made smaller: its body, and parameters beside the path."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from conformance.cases.draft_parameters import value_in, with_parameter
from conformance.cases.operation_under_test import Subject
from conformance.clauses.value_paths import DROP
from conformance.http.request_drafts import NOTHING, Draft
from spec.contract.parameter_codecs import ParameterCodec, parameter_codec
from spec.model.contract_model import Parameter
from spec.text.styles import Absent, StyleError

__all__ = ["ValuePart", "value_parts"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ValuePart:
    """One of them; without a parameter it is the body."""

    parameter: Parameter | None = None
    way: ParameterCodec | None = None

    def read(self, draft: Draft) -> Any:
        """Its value in a draft; DROP where there is none."""
        if self.parameter is None or self.way is None:
            return DROP if draft.body is NOTHING else draft.body
        found = value_in(draft, self.parameter, self.way)
        return DROP if isinstance(found, Absent) else found

    def write(self, draft: Draft, value: Any) -> Draft | None:
        """The draft with another value of it; None where that cannot travel."""
        if self.parameter is None or self.way is None:
            return None if value is DROP else draft.but(body=value)
        try:
            return with_parameter(draft, self.parameter, self.way, value)
        except (StyleError, ValueError):
            return None


def value_parts(subject: Subject) -> Iterator[ValuePart]:
    """The body of the operation, if a schema judges it, and its parameters beside the path."""
    if subject.wire is not None:
        yield ValuePart()
    for parameter in subject.operation.parameters:
        if parameter.location != "path":
            way = parameter_codec(subject.contract, subject.operation, parameter)
            yield ValuePart(parameter=parameter, way=way)
