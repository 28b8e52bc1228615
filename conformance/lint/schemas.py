"""Schemas that contradict themselves, and values beside them that they do not allow."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from jsonschema_rs import ValidationError
from jsonschema_rs.canonical import (
    CanonicalizationError,
    Cause,
    UnsatisfiableReason,
    find_unsatisfiable,
)

from conformance.lint.remark import Remark
from conformance.lint.schema_objects import schema_nodes, schemas_in_use
from spec import Contract, Direction, Schema
from spec.model.pointers import join, split

__all__ = ["schema_remarks"]


def schema_remarks(contract: Contract) -> Iterator[Remark]:
    """The remarks on every schema of the document, each schema once."""
    told = {fault.pointer for fault in contract.faults}
    for pointer, node in schema_nodes(contract):
        yield from _enum(pointer, node)
        yield from _nullable(contract, pointer, node)
        yield from _values(contract, pointer, node, told)
    seen: set[str] = set()
    for schema, direction in schemas_in_use(contract):
        for remark in _unsatisfiable(contract, schema, direction):
            if remark.pointer not in seen:
                seen.add(remark.pointer)
                yield remark


def _enum(pointer: str, node: Mapping[str, Any]) -> Iterator[Remark]:
    members = node.get("enum")
    written = [json.dumps(m, sort_keys=True) for m in members] if isinstance(members, list) else []
    seen: set[str] = set()
    for index, member in enumerate(written):
        if member in seen:
            yield Remark(
                code="duplicate-enum-member",
                pointer=join(pointer, "enum", index),
                what=f"{member} stands in the enum twice",
                remedy="remove one, or write the member that was meant",
            )
        seen.add(member)


def _nullable(contract: Contract, pointer: str, node: Mapping[str, Any]) -> Iterator[Remark]:
    if contract.openapi.startswith("3.0") and node.get("nullable") is True and "type" not in node:
        yield Remark(
            code="nullable-without-type",
            pointer=join(pointer, "nullable"),
            what="`nullable` does nothing without a `type` beside it",
            remedy="write the type beside it (OpenAPI 3.0.3, Schema Object), or remove it",
        )


def _values(
    contract: Contract, pointer: str, node: Mapping[str, Any], told: set[str]
) -> Iterator[Remark]:
    written = [("default", "default", "faulty-default"), ("example", "example", "faulty-example")]
    for key, noun, code in written:
        if key in node and join(pointer, key) not in told:
            yield from _value(contract, pointer, node, node[key], (key,), noun, code)
    listed = node.get("examples")
    for index, value in enumerate(listed if isinstance(listed, list) else ()):
        if join(pointer, "examples", index) not in told:
            at = ("examples", index)
            yield from _value(contract, pointer, node, value, at, "example", "faulty-example")


def _value(
    contract: Contract,
    pointer: str,
    node: Mapping[str, Any],
    value: Any,
    at: tuple[str | int, ...],
    noun: str,
    code: str,
) -> Iterator[Remark]:
    """A value must be allowed in one direction at least: `readOnly` properties are in examples."""
    schema = Schema(pointer=pointer, value=node)
    found = [contract.violations(schema, direction, value) for direction in Direction]
    if not all(found):
        return
    for violation in min(found, key=len):
        yield Remark(
            code=code,
            pointer=join(pointer, *at),
            what=f"{violation.pointer or f'the {noun}'} {violation.message}",
            remedy=f"correct the {noun} or the schema",
        )


def _unsatisfiable(contract: Contract, schema: Schema, direction: Direction) -> Iterator[Remark]:
    standalone = contract.standalone(schema, direction)
    try:
        reasons = find_unsatisfiable(standalone, validate_formats=True, offline=True)
    except (CanonicalizationError, ValidationError):
        return
    # What is written as `false` is meant; what holds something impossible is not the cause.
    contradictions = {at: causes for at, reason in reasons.items() if (causes := _causes(reason))}
    for at, causes in contradictions.items():
        if any(other.startswith(f"{at}/") for other in contradictions):
            continue
        keywords = " and ".join(f"`{keyword}`" for cause in causes for keyword in cause.keywords)
        yield Remark(
            code="unsatisfiable-schema",
            pointer=_origin(contract, schema, direction, at),
            what=f"no value satisfies this schema: {keywords} exclude each other",
            remedy="correct the one that is wrong",
        )


def _causes(reason: UnsatisfiableReason) -> list[Cause]:
    if isinstance(reason, UnsatisfiableReason.Conflict):
        return reason.causes
    if isinstance(reason, UnsatisfiableReason.Empty):
        return [reason.cause]
    return []


def _origin(contract: Contract, schema: Schema, direction: Direction, at: str) -> str:
    path: list[str | int] = [int(t) if t.isdecimal() else t for t in split(f"#{at}")]
    return contract.origin(schema, direction, path)
