"""Schemas of the wrong shape: keywords whose value belongs to another dialect."""

from __future__ import annotations

from collections.abc import Iterator

from spec.contract.openapi_object import OpenApiObject, children_of
from spec.model.errors import Fault
from spec.model.near_names import as_code, did_you_mean
from spec.reading.grammar import OBJECTS
from spec.reading.nodes import Node
from spec.schemas.keywords import EVERY_TYPE, LISTED, SINGLE

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
        if written.value is None:
            remedy = "put the reference in quotes: without them a comment begins at `#`"
        what = "`$ref` is empty" if written.value is None else "`$ref` is no text"
        yield one.fault("schema-slip", what, remedy, "$ref")


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
        known = sorted(EVERY_TYPE)
        every = f"it is one of {', '.join(known)}"
        hint = did_you_mean(str(name.value), known, every, cutoff=0.5, quoted=as_code)
        if isinstance(name.value, str) and name.value in _TEXT_FORMATS:
            hint = f"write `type: string` and `format: {name.value}`"
        if name.value == "file":
            hint = "write `type: string` and `format: binary`"
        hint = _OTHER_TYPES.get(str(name.value).lower(), hint)
        if one.document.find(("components", "schemas", str(name.value))) is not None:
            hint = f"write `$ref: '#/components/schemas/{name.value}'` instead"
        if name.value == "null" or name.value is None:
            hint = "write `nullable: true`" if one.is_30 else "put 'null' in quotes"
        yield one.fault("schema-slip", f"there is no type `{name.plain()}`", hint, "type")


_TEXT_FORMATS = frozenset(
    {"date", "date-time", "time", "duration", "email", "uuid", "uri", "url", "byte", "binary"}
    | {"password", "hostname", "ipv4", "ipv6"}
)
"""What people write as a type, and OpenAPI as a format of text."""
_OTHER_TYPES = {
    **dict.fromkeys(("dict", "map", "hash", "json", "mapping"), "write `type: object`"),
    **dict.fromkeys(("list", "tuple", "set"), "write `type: array`, and `items`"),
    **dict.fromkeys(("float", "double", "decimal"), "write `type: number`"),
    **dict.fromkeys(("long", "int", "int32", "int64"), "write `type: integer`"),
    "text": "write `type: string`",
    "enum": "write `type: string`, and `enum` with the values",
    "any": "leave `type` out: a schema without one allows any value",
}
"""What other languages call their types."""


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
    for keyword in ("properties", "patternProperties"):
        for key, child in children_of(one.node.child(keyword)):
            yield from _no_schema(one, child, keyword, key)
    for keyword in sorted(LISTED):
        listed = one.node.child(keyword)
        if listed is not None and isinstance(listed.value, dict):
            yield one.fault(
                "schema-slip", f"`{keyword}` is a list of schemas", "write `-` before each", keyword
            )
            continue
        for key, child in children_of(listed):
            yield from _no_schema(one, child, keyword, key)
    for keyword in sorted(SINGLE & OBJECTS["Schema"].keys()):
        single = one.node.child(keyword)
        if single is not None and not isinstance(single.value, list):
            yield from _no_schema(one, single, keyword)


def _no_schema(one: OpenApiObject, child: Node, *path: str | int) -> Iterator[Fault]:
    """A value where a schema belongs; in 3.0 `true` and `false` are none but in one place."""
    is_flag = not one.is_30 or path == ("additionalProperties",)
    if isinstance(child.value, dict) or (isinstance(child.value, bool) and is_flag):
        return
    written = child.plain()
    hint = "write a schema there"
    if path[0] == "properties" and path[-1] in OBJECTS["Schema"]:
        hint = f"write `{path[-1]}` beside `properties`, with less indentation"
    if isinstance(written, str) and written in EVERY_TYPE:
        hint = f"write `{{type: {written}}}`"
    elif written in ("true", "false") and is_flag:
        hint = f"write `{written}` without quotes"
    elif isinstance(written, str) and written.startswith("#/"):
        hint = f"write `{{$ref: '{written}'}}`"
    what = "a list" if isinstance(written, list) else repr(written)
    yield one.fault("schema-slip", f"`{path[-1]}` is {what}, not a schema", hint, *path)
