"""Mistakes in one schema that do not change how the mock and the kit behave."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from conformance.lint.closed_parts import closed_part_remarks
from conformance.lint.discriminators import discriminator_remarks
from conformance.lint.enum_members import enum_remarks
from conformance.lint.keyword_types import keyword_remarks, types_of
from conformance.lint.pattern_mistakes import pattern_remarks
from conformance.lint.remark import Remark
from conformance.report.codes.finding_code import FindingCode
from conformance.report.findings import Level
from spec import Contract
from spec.model.pointers import join

__all__ = ["schema_remarks"]


def schema_remarks(contract: Contract, pointer: str, schema: Mapping[str, Any]) -> Iterator[Remark]:
    """The remarks on one schema, not on those below it."""
    if "$ref" in schema and contract.openapi.startswith("3.0"):
        return
    yield from enum_remarks(pointer, schema)
    yield from keyword_remarks(pointer, schema)
    yield from _nullable(contract, pointer, schema)
    yield from _items(contract, pointer, schema)
    yield from pattern_remarks(pointer, schema)
    yield from _required(contract, pointer, schema)
    yield from _both_ways(pointer, schema)
    yield from discriminator_remarks(contract, pointer, schema)
    yield from closed_part_remarks(contract, pointer, schema)


def _nullable(contract: Contract, pointer: str, schema: Mapping[str, Any]) -> Iterator[Remark]:
    is_30 = contract.openapi.startswith("3.0")
    if is_30 and schema.get("nullable") is True and "type" not in schema:
        yield Remark(
            code=FindingCode.NULLABLE_WITHOUT_TYPE,
            pointer=join(pointer, "nullable"),
            what="`nullable` has no effect without a `type` beside it",
            remedy="write the type beside it (OpenAPI 3.0.3, Schema Object), or remove it",
        )


def _items(contract: Contract, pointer: str, schema: Mapping[str, Any]) -> Iterator[Remark]:
    is_30 = contract.openapi.startswith("3.0")
    if is_30 and "array" in types_of(schema) and "items" not in schema:
        yield Remark(
            code=FindingCode.INVALID_OPENAPI,
            pointer=join(pointer, "type"),
            what="`type: array` has no `items`, which OpenAPI 3.0 requires",
            remedy="write the schema of the items; `items: {}` allows any",
        )


def _required(contract: Contract, pointer: str, schema: Mapping[str, Any]) -> Iterator[Remark]:
    is_30 = contract.openapi.startswith("3.0")
    if schema.get("required") == []:
        yield Remark(
            code=FindingCode.KEYWORD_WITHOUT_EFFECT,
            pointer=join(pointer, "required"),
            what="`required` names no property",
            remedy="remove it, or list the names",
            # JSON Schema of OpenAPI 3.0 has `minItems: 1` there.
            level=Level.ERROR if is_30 else None,
        )


def _both_ways(pointer: str, schema: Mapping[str, Any]) -> Iterator[Remark]:
    if schema.get("readOnly") is True and schema.get("writeOnly") is True:
        yield Remark(
            code=FindingCode.SCHEMA_SLIP,
            pointer=join(pointer, "writeOnly"),
            what="`readOnly` and `writeOnly` together leave no message that has the value",
            remedy="remove one of them (OpenAPI, Schema Object)",
        )
