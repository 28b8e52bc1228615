"""Requests of an operation as values, before they are written out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

from conformance.messages.sequence_bodies import whole_body
from spec import Contract, Direction, MediaType, Operation, Parameter
from spec.model.contract_model import Header, ParameterLocation

__all__ = ["RequestValues", "sampled", "smallest_request"]

Slot: TypeAlias = tuple[ParameterLocation, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestValues:
    """A request of an operation before it is written out: values, not text.

    `media_type` is None where there is no body. `base_path` stands before the operation's path.
    `credential` holds header lines, query pairs and cookies that a security scheme asks for.
    """

    operation: Operation
    values: Mapping[Slot, Any] = field(default_factory=dict)
    media_type: MediaType | None = None
    body: Any = None
    base_path: str = ""
    credential: tuple[tuple[str, str, str], ...] = ()

    def with_value(self, parameter: Parameter, value: Any) -> RequestValues:
        """The same call with another value of a parameter."""
        values = {**self.values, (parameter.location, parameter.name): value}
        return replace(self, values=values)

    def with_path(self, values: Mapping[str, Any]) -> RequestValues:
        """The same call with values of the path's names."""
        return replace(self, values={**self.values, **{("path", n): v for n, v in values.items()}})

    def with_body(self, media_type: MediaType, body: Any) -> RequestValues:
        """The same call with another body."""
        return replace(self, media_type=media_type, body=body)


def smallest_request(contract: Contract, operation: Operation) -> RequestValues:
    """The smallest request that the contract allows: what is required, and nothing else.

    Raises:
        UnsatisfiableError: no value of a required part could be found.
    """
    values = {
        (parameter.location, parameter.name): sampled(contract, parameter, Direction.REQUEST)
        for parameter in operation.inputs
        if parameter.required
    }
    call = RequestValues(operation=operation, values=values, base_path=operation.base_paths[0])
    body = operation.request_body
    if body is None or not body.required or not body.content:
        return call
    return call.with_body(body.content[0], sampled(contract, body.content[0], Direction.REQUEST))


def sampled(contract: Contract, owner: Parameter | Header | MediaType, direction: Direction) -> Any:
    """The plainest value of a parameter, a header or a body; a text where nothing is said."""
    if isinstance(owner, MediaType):
        return whole_body(contract, owner, direction)
    schema = owner.value_schema
    if schema is None:
        return "value"
    return contract.sample(schema, direction)
