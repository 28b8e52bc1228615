"""Whether the document is valid OpenAPI, by openapi-spec-validator."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from openapi_spec_validator import (
    OpenAPIV30SpecValidator,
    OpenAPIV31SpecValidator,
    OpenAPIV32SpecValidator,
)

from conformance.lint.remark import Remark
from conformance.report.codes.finding_code import FindingCode
from spec import Contract
from spec.model.pointers import join

__all__ = ["validity_remarks"]


_VALIDATORS: Mapping[str, Any] = {
    "3.0": OpenAPIV30SpecValidator,
    "3.1": OpenAPIV31SpecValidator,
    "3.2": OpenAPIV32SpecValidator,
}


def validity_remarks(contract: Contract) -> Iterator[Remark]:
    """What the validator has against the document."""
    for error in _errors(contract):
        # The schema's own text and the whole instance follow after the first line.
        what = str(error.message).splitlines()[0]
        yield Remark(
            code=FindingCode.INVALID_OPENAPI,
            pointer=join("#", *error.absolute_path),
            what=what if len(what) <= 300 else f"{what[:299]}…",
            remedy=f"see the specification of OpenAPI {contract.openapi}",
        )


def _errors(contract: Contract) -> Iterator[Any]:
    """What the schema of OpenAPI documents has against this one.

    The rest of openapi-spec-validator follows every reference from every operation: its time grows
    to the power of the depth, and what it finds a check of our own says with a line.
    """
    minor = ".".join(contract.openapi.split(".")[:2])
    validator = _VALIDATORS.get(minor, OpenAPIV31SpecValidator)
    yield from validator.schema_validator.iter_errors(contract.document)
