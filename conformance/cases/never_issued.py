"""Identifiers that no deployment has issued, so that a request for them changes nothing."""

from __future__ import annotations

from typing import Any, Final

from conformance.cases.draft_parameters import is_allowed, is_if_match, with_parameter
from conformance.http.request_drafts import Draft
from spec import Contract
from spec.contract.parameter_codecs import parameter_codec
from spec.model.contract_model import Operation, Parameter

__all__ = ["TEXT", "is_of_nobody", "never_issued", "of_nobody"]

TEXT: Final = "conformance-never-issued-5f0c1b7e93a2"
"""A text without a digit at its beginning, for readers that take a number from there."""

_CANDIDATES: Final[tuple[Any, ...]] = (
    # Long ones, and large ones: a short text or a small number may be somebody's.
    TEXT,
    "e3b7d0c4-6f1a-4c58-9d2e-5f0c1b7e93a2",
    "5f0c1b7e93a2d4e6b8f01c3a",
    "5f0c1b7e93a2d4e6b8f01c3a5e7d9b02",
    "5f0c1b7e93a2d4e6b8f01c3a5e7d9b02f4681ace",
    "01KZX5F0C1B7E93A2D4E6B8F01",
    "never-issued-5f0c1b7e93a2@conformance.invalid",
    # The low 32 bits of it are no small number either, for readers that cut a number off.
    9_111_111_111_111_111_113,
    2_147_480_011,
    2_147_480_011.5,
)


def never_issued(contract: Contract, parameter: Parameter) -> Any | None:
    """A value that the parameter's schema allows and that no resource has; None if each may exist.

    What can be counted through may exist: the members of an enum, two letters, a boolean.
    """
    return next((one for one in _CANDIDATES if is_allowed(contract, parameter, one)), None)


def is_of_nobody(id_: str) -> bool:
    """Whether an id is one of those, or has one in it."""
    return any(str(one) in id_ for one in _CANDIDATES)


def of_nobody(contract: Contract, operation: Operation, draft: Draft) -> Draft:
    """The draft with identifiers in its path, and a tag in its If-Match, that nobody has."""
    for parameter in operation.parameters:
        value = never_issued(contract, parameter)
        named = parameter.location == "path" or (parameter.required and is_if_match(parameter))
        if named and value is not None:
            way = parameter_codec(contract, operation, parameter)
            draft = with_parameter(draft, parameter, way, value)
    return draft
