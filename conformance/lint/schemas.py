"""Mistakes in schemas that do not change how the mock and the kit behave."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from conformance.lint.remark import Remark
from conformance.lint.schema_objects import schema_nodes
from conformance.report.codes.finding_code import FindingCode
from spec import Contract
from spec.model.pointers import join

__all__ = ["schema_remarks"]


def schema_remarks(contract: Contract) -> Iterator[Remark]:
    """The remarks on every schema of the document, each schema once."""
    for pointer, node in schema_nodes(contract):
        yield from _enum(pointer, node)
        yield from _nullable(contract, pointer, node)


def _enum(pointer: str, node: Mapping[str, Any]) -> Iterator[Remark]:
    members = node.get("enum")
    written = [json.dumps(m, sort_keys=True) for m in members] if isinstance(members, list) else []
    seen: set[str] = set()
    for index, member in enumerate(written):
        if member in seen:
            yield Remark(
                code=FindingCode.DUPLICATE_ENUM_MEMBER,
                pointer=join(pointer, "enum", index),
                what=f"{member} is in the enum twice",
                remedy="remove one, or write the intended member",
            )
        seen.add(member)


def _nullable(contract: Contract, pointer: str, node: Mapping[str, Any]) -> Iterator[Remark]:
    if contract.openapi.startswith("3.0") and node.get("nullable") is True and "type" not in node:
        yield Remark(
            code=FindingCode.NULLABLE_WITHOUT_TYPE,
            pointer=join(pointer, "nullable"),
            what="`nullable` has no effect without a `type` beside it",
            remedy="write the type beside it (OpenAPI 3.0.3, Schema Object), or remove it",
        )
