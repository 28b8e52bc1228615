"""Enums whose members are repeated, or contradict the keywords beside them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from conformance.lint.keyword_types import types_of
from conformance.lint.remark import Remark
from conformance.report.codes.finding_code import FindingCode
from spec import compile_schema
from spec.model.pointers import join
from spec.model.short_texts import shortened
from spec.sampling.proposals import fits

__all__ = ["enum_remarks"]

_MOST_SHOWN = 60
"""Characters of a member in a sentence."""
_BESIDE = (
    *("minLength", "maxLength", "pattern", "minimum", "maximum", "multipleOf"),
    *("minItems", "maxItems", "minProperties", "maxProperties"),
)
"""Keywords that mean the same in each version of OpenAPI, and no other schema."""


def enum_remarks(pointer: str, schema: Mapping[str, Any]) -> Iterator[Remark]:
    """The remarks on the `enum` of one schema; time is linear in its members."""
    members = schema.get("enum")
    if not isinstance(members, list) or not members:
        return
    yield from _repeated(pointer, members)
    yield from _forbidden(pointer, schema, members)
    types = types_of(schema)
    # A type of null alone beside no null is a contradiction, and reported as one.
    if "null" in types and len(types) > 1 and None not in members:
        yield Remark(
            code=FindingCode.ENUM_WITHOUT_NULL,
            pointer=join(pointer, "enum"),
            what="the type allows null, and the enum does not have it, so null is refused",
            remedy="add `null` to the enum, or remove it from the type",
        )


def _repeated(pointer: str, members: list[Any]) -> Iterator[Remark]:
    seen: set[str] = set()
    for index, member in enumerate(members):
        # As JSON text: to Python `1` and `true` are equal.
        written = json.dumps(member, sort_keys=True)
        if written in seen:
            yield Remark(
                code=FindingCode.DUPLICATE_ENUM_MEMBER,
                pointer=join(pointer, "enum", index),
                what=f"{shortened(written, _MOST_SHOWN)} is in the enum twice",
                remedy="remove one, or write the intended member",
            )
        seen.add(written)


def _forbidden(pointer: str, schema: Mapping[str, Any], members: list[Any]) -> Iterator[Remark]:
    types = types_of(schema)
    beside = {key: schema[key] for key in _BESIDE if key in schema}
    judge = _judge(beside) if beside else None
    found = {
        index: bool(types) and not fits(member, types)
        for index, member in enumerate(members)
        if (types and not fits(member, types)) or (judge is not None and not judge(member))
    }
    for index, is_of_another_type in found.items():
        member, written = members[index], shortened(json.dumps(members[index]), _MOST_SHOWN)
        rule = f"not of `type: {' or '.join(types)}`"
        keywords = _named_keywords(beside)
        yield Remark(
            code=FindingCode.FORBIDDEN_ENUM_MEMBER,
            pointer=join(pointer, "enum", index),
            what=f"the enum member {written} is {rule}"
            if is_of_another_type
            else f"the enum member {written} breaks {keywords} beside the enum",
            remedy=_retyped(member, types)
            if is_of_another_type
            else "correct the one that is wrong",
            many=f"enum members are {rule}"
            if is_of_another_type
            else f"enum members break {keywords} beside their enum",
            # Where none is left, the schema is unsatisfiable for this reason.
            explains=pointer if len(found) == len(members) else "",
        )


def _judge(beside: Mapping[str, Any]) -> Any:
    """What says whether a member satisfies the keywords; None where they are no valid schema."""
    try:
        return compile_schema(dict(beside)).is_valid
    except ValueError:
        return None


def _named_keywords(beside: Mapping[str, Any]) -> str:
    return " or ".join(f"`{key}`" for key in beside)


def _retyped(member: Any, types: tuple[str, ...]) -> str:
    if member is None:
        return "add null to the type (3.0: `nullable: true`), or remove it from the enum"
    if "string" in types and not isinstance(member, (list, Mapping)):
        return f"write it in quotes: `'{json.dumps(member)}'`"
    if isinstance(member, str) and set(types) & {"integer", "number", "boolean"}:
        return "write it without quotes, or correct the type"
    return "correct the member or the type"
