"""The values of a request that have members: its body, and parameters with objects or lists."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from conformance.cases.draft_parameters import value_in, with_parameter
from conformance.cases.operation_under_test import Subject
from conformance.http.request_drafts import Draft
from spec.contract.parameter_codecs import ParameterCodec, parameter_codec
from spec.model.contract_model import Parameter
from spec.text.styles import StyleError

__all__ = ["ValuePart", "value_parts"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ValuePart:
    """One of them; without a parameter it is the body."""

    parameter: Parameter | None = None
    way: ParameterCodec | None = None

    def read(self, draft: Draft) -> Any:
        """Its value in a draft."""
        if self.parameter is None or self.way is None:
            return draft.body
        return value_in(draft, self.parameter, self.way)

    def write(self, draft: Draft, value: Any) -> Draft | None:
        """The draft with another value of it; None where that cannot travel."""
        if self.parameter is None or self.way is None:
            return draft.but(body=value)
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
