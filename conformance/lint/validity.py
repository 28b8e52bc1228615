"""Is the document valid OpenAPI? openapi-spec-validator knows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from openapi_spec_validator import OpenAPIV30SpecValidator, OpenAPIV31SpecValidator
from openapi_spec_validator.validation.exceptions import (
    DuplicateOperationIDError,
    ParameterDuplicateError,
    UnresolvableParameterError,
)
from referencing.exceptions import Unresolvable

from conformance.lint.remark import Remark
from spec import Contract
from spec.model.pointers import join

__all__ = ["validity_remarks"]


def validity_remarks(contract: Contract) -> Iterator[Remark]:
    """What the validator has against the document."""
    for error in _errors(contract):
        if _is_ours(error):
            continue
        # The schema's own text and the whole instance follow after the first line.
        what = str(error.message).splitlines()[0]
        yield Remark(
            code="invalid-openapi",
            pointer=join("#", *error.absolute_path),
            what=what if len(what) <= 300 else f"{what[:299]}…",
            remedy=f"see the specification of OpenAPI {contract.openapi}",
        )


def _is_ours(error: Any) -> bool:
    """Whether a check of our own says the same, and with a line.

    What the validator finds in schemas and values has a path from there, not from the root, and
    what it finds in names has none.
    """
    named = (UnresolvableParameterError, DuplicateOperationIDError, ParameterDuplicateError)
    return isinstance(error, named) or isinstance(error.validator, str)


def _errors(contract: Contract) -> Iterator[Any]:
    is_30 = contract.openapi.startswith("3.0")
    validator = OpenAPIV30SpecValidator if is_30 else OpenAPIV31SpecValidator
    try:
        yield from validator(contract.document).iter_errors()
    except (Unresolvable, RecursionError):
        # A reference that leads nowhere, or back to itself, is reported as
        # `unresolved-reference`, with its line; the validator goes no further.
        return
