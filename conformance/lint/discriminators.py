"""Discriminators that a value may lack, or that no reader can follow."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from conformance.lint.remark import Remark
from conformance.report.codes.finding_code import FindingCode
from conformance.report.findings import Level
from spec import Contract, Schema
from spec.model.pointers import join

__all__ = ["discriminator_remarks"]

_ALTERNATIVES = ("oneOf", "anyOf")
_MOST_PARTS = 100
"""Schemas of an alternative, with those of its `allOf`, that are looked through."""


def discriminator_remarks(
    contract: Contract, pointer: str, schema: Mapping[str, Any]
) -> Iterator[Remark]:
    """The remarks on the `discriminator` of one schema (OpenAPI 3.0 section 4.7.25)."""
    written = schema.get("discriminator")
    here = join(pointer, "discriminator")
    yield from _form(here, written)
    if not isinstance(written, Mapping) or not isinstance(written.get("propertyName"), str):
        return
    name = written["propertyName"]
    # Since OpenAPI 3.2 a `defaultMapping` says what a value without the property is.
    if "defaultMapping" in written:
        return
    listed = [
        (key, index, one)
        for key in _ALTERNATIVES
        for index, one in enumerate(schema.get(key) or ())
    ]
    # Without alternatives it is that of a base schema, which others take in by `allOf`.
    if not listed:
        yield from _lacking(
            contract, name, Schema(pointer=pointer, value=schema), here, "this schema"
        )
    for key, index, one in listed:
        place = join(pointer, key, index)
        if isinstance(one, Mapping) and "$ref" not in one and not _is_null(one):
            yield _inline(place, name)
        yield from _lacking(
            contract, name, Schema(pointer=place, value=one), here, _called(one, key, index)
        )


def _form(here: str, written: Any) -> Iterator[Remark]:
    """A discriminator that is no Discriminator Object, or one that names no property."""
    if isinstance(written, str):
        yield Remark(
            code=FindingCode.SWAGGER_LEFTOVER,
            pointer=here,
            what="a discriminator that is a text belongs to Swagger 2.0",
            remedy=f"write `discriminator: {{propertyName: {written}}}`",
        )
    elif isinstance(written, Mapping) and not isinstance(written.get("propertyName"), str):
        yield Remark(
            code=FindingCode.INVALID_OPENAPI,
            pointer=here,
            what="the discriminator has no `propertyName`",
            remedy="name the property that tells the schemas apart",
            explains=here,
        )


def _inline(pointer: str, name: str) -> Remark:
    return Remark(
        code=FindingCode.DISCRIMINATOR_OPTIONAL,
        pointer=pointer,
        what=f"the discriminator `{name}` never chooses a schema that is written inline",
        remedy="move the schema to `components/schemas` and refer to it",
    )


def _is_null(schema: Mapping[str, Any]) -> bool:
    return schema.get("type") == "null"


def _called(one: Any, key: str, index: int) -> str:
    reference = one.get("$ref") if isinstance(one, Mapping) else None
    return str(reference).rpartition("/")[2] if reference else f"{key}/{index}"


def _lacking(
    contract: Contract, name: str, schema: Schema, here: str, called: str
) -> Iterator[Remark]:
    """Whether a value of a schema may lack the property."""
    parts = list(_parts(contract, schema))
    if not parts or any(_is_null(one) for one in parts):
        return
    if any(name in _as_list(one.get("required")) for one in parts):
        return
    declares = any(name in (one.get("properties") or ()) for one in parts)
    yield Remark(
        code=FindingCode.DISCRIMINATOR_OPTIONAL,
        pointer=here,
        what=f"the discriminator `{name}` is not required in {called}"
        if declares
        else f"the discriminator `{name}` is no property of {called}",
        remedy=f"list `{name}` under `required`"
        if declares
        else f"declare it there, and list `{name}` under `required`",
        level=None if declares else Level.ERROR,
        many=f"alternatives do not require the discriminator `{name}`" if declares else "",
    )


def _parts(contract: Contract, schema: Schema) -> Iterator[Mapping[str, Any]]:
    """A schema and all that it is composed of by `$ref` and `allOf`.

    A part with alternatives of its own is left to its own discriminator, and ends the search.
    """
    waiting, seen = [schema], set[str]()
    while waiting and len(seen) < _MOST_PARTS:
        one = waiting.pop()
        if one.pointer in seen or not isinstance(one.value, Mapping):
            continue
        seen.add(one.pointer)
        yield one.value
        if "$ref" in one.value:
            waiting.append(contract.resolve(one))
        below = one.value.get("allOf")
        waiting.extend(
            Schema(pointer=join(one.pointer, "allOf", at), value=part)
            for at, part in enumerate(below if isinstance(below, list) else ())
        )


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
