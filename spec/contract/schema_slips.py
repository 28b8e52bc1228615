"""Schemas of the wrong shape: keywords whose value belongs to another dialect."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches

from spec.contract.openapi_object import OpenApiObject, children_of
from spec.model.errors import Fault
from spec.schemas.keywords import EVERY_TYPE

__all__ = ["schema_slips"]


def schema_slips(one: OpenApiObject) -> Iterator[Fault]:
    """Keywords whose value has the shape of another dialect."""
    if one.kind != "Schema":
        return
    yield from _reference_slips(one)
    yield from _type_slips(one)
    items = one.node.child("items")
    if items is not None and isinstance(items.value, list):
        remedy = "write one schema" if one.is_30 else "write `prefixItems`, or one schema"
        yield one.fault("schema-slip", "`items` is one schema, not a list of them", remedy, "items")
    yield from _bound_slips(one)
    yield from _member_slips(one)
    if not one.is_30 and one.node.child("nullable") is not None:
        yield one.fault(
            "earlier-version",
            f"`nullable` belongs to OpenAPI 3.0 and has no meaning in {one.version_text}",
            "add 'null' to `type`: `type: [string, 'null']`",
            "nullable",
        )


def _reference_slips(one: OpenApiObject) -> Iterator[Fault]:
    """A `$ref` that is no reference, which leaves the schema open."""
    written = one.node.child("$ref")
    if written is not None and not isinstance(written.value, str):
        remedy = "write a reference, such as '#/components/schemas/NAME'"
        yield one.fault("schema-slip", "`$ref` is no text", remedy, "$ref")


def _type_slips(one: OpenApiObject) -> Iterator[Fault]:
    kind = one.node.child("type")
    if kind is None:
        return
    if isinstance(kind.value, list) and one.is_30:
        yield one.fault(
            "later-version",
            "a list of types belongs to OpenAPI 3.1; in 3.0 `type` is a single name",
            "write one type, with `nullable: true` for 'null', or `openapi: 3.1.0`",
            "type",
        )
        return
    for name in kind.value if isinstance(kind.value, list) else (kind,):
        if isinstance(name.value, str) and name.value in EVERY_TYPE - (
            {"null"} if one.is_30 else set()
        ):
            continue
        near = get_close_matches(str(name.value), sorted(EVERY_TYPE), n=1, cutoff=0.5)
        known = ", ".join(sorted(EVERY_TYPE))
        hint = f"did you mean `{near[0]}`?" if near else f"it is one of {known}"
        if isinstance(name.value, str) and name.value in _TEXT_FORMATS:
            hint = f"write `type: string` and `format: {name.value}`"
        if name.value == "file":
            hint = "write `type: string` and `format: binary`"
        if name.value == "null" or name.value is None:
            hint = "write `nullable: true`" if one.is_30 else "put 'null' in quotes"
        yield one.fault("schema-slip", f"there is no type `{name.plain()}`", hint, "type")


_TEXT_FORMATS = frozenset(
    {"date", "date-time", "time", "duration", "email", "uuid", "uri", "url", "byte", "binary"}
    | {"password", "hostname", "ipv4", "ipv6"}
)
"""What people write as a type, and OpenAPI as a format of text."""


def _bound_slips(one: OpenApiObject) -> Iterator[Fault]:
    for keyword in ("exclusiveMinimum", "exclusiveMaximum"):
        bound = one.node.child(keyword)
        if bound is None or isinstance(bound.value, bool) is one.is_30:
            continue
        plain = keyword.removeprefix("exclusive").lower()
        yield one.fault(
            "later-version" if one.is_30 else "schema-slip",
            f"`{keyword}` is {'true or false' if one.is_30 else 'a number'} in {one.version_text}",
            f"write `{plain}` and `{keyword}: true`"
            if one.is_30
            else f"write the bound of `{plain}`",
            keyword,
        )


def _member_slips(one: OpenApiObject) -> Iterator[Fault]:
    """Properties and alternatives that are no schemas: `properties: {q: string}`."""
    for keyword in ("properties", "patternProperties", "allOf", "anyOf", "oneOf"):
        for key, child in children_of(one.node.child(keyword)):
            if isinstance(child.value, dict) or (isinstance(child.value, bool) and not one.is_30):
                continue
            written = child.plain() if not isinstance(child.value, list) else "a list"
            hint = (
                f"write `{{type: {written}}}`" if written in EVERY_TYPE else "write a schema there"
            )
            yield one.fault(
                "schema-slip", f"`{key}` is {written!r}, not a schema", hint, keyword, key
            )
