"""What people write by mistake: keys of another version of OpenAPI, schemas of the wrong shape.

Without a check they would be ignored silently, because OpenAPI gives them another meaning or none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TypeAlias

from spec.contract.spelling import nearest
from spec.model.errors import Fault, Place
from spec.model.pointers import join, split
from spec.reading.grammar import OBJECTS
from spec.reading.nodes import Node, Tokens

__all__ = ["slips"]

_SINCE_31: Mapping[str, frozenset[str]] = {
    "Schema": frozenset(
        {"const", "prefixItems", "if", "then", "else", "contains", "propertyNames", "$defs", "$id"}
        | {"patternProperties", "dependentRequired", "dependentSchemas", "unevaluatedItems"}
        | {"unevaluatedProperties", "contentEncoding", "contentMediaType", "contentSchema"}
        | {"examples", "minContains", "maxContains", "$anchor", "$dynamicRef", "$dynamicAnchor"}
    ),
    "OpenAPI": frozenset({"webhooks", "jsonSchemaDialect"}),
    "Components": frozenset({"pathItems"}),
}
_SINCE_32: Mapping[str, frozenset[str]] = {
    "MediaType": frozenset({"itemSchema", "prefixEncoding", "itemEncoding"}),
    "PathItem": frozenset({"query", "additionalOperations"}),
    "OpenAPI": frozenset({"$self"}),
    "Components": frozenset({"mediaTypes"}),
    "Example": frozenset({"dataValue", "serializedValue"}),
    "Discriminator": frozenset({"defaultMapping"}),
    "XML": frozenset({"nodeType"}),
    "SecurityScheme": frozenset({"oauth2MetadataUrl", "deprecated"}),
    "OAuthFlows": frozenset({"deviceAuthorization"}),
    "OAuthFlow": frozenset({"deviceAuthorizationUrl"}),
    "Tag": frozenset({"summary", "parent", "kind"}),
    "Server": frozenset({"name"}),
    "Response": frozenset({"summary"}),
}
_SWAGGER: Mapping[str, Mapping[str, str]] = {
    "OpenAPI": {
        "swagger": "remove it; `openapi` names the version",
        "definitions": "move it to `components/schemas`",
        "securityDefinitions": "move it to `components/securitySchemes`",
        "host": "write `servers` instead",
        "basePath": "write `servers` instead",
        "schemes": "write `servers` instead",
        "consumes": "name the media types under `requestBody/content`",
        "produces": "name the media types under `responses/…/content`",
        "parameters": "move it to `components/parameters`",
        "responses": "move it to `components/responses`",
    },
    "Operation": {
        "consumes": "name the media types under `requestBody/content`",
        "produces": "name the media types under `responses/…/content`",
        "schemes": "write `servers` instead",
    },
    "Parameter": {
        **dict.fromkeys(
            [
                *("type", "format", "items", "enum", "default", "minimum", "maximum", "pattern"),
                *("minLength", "maxLength", "minItems", "maxItems", "uniqueItems"),
            ],
            "write it below `schema`",
        ),
        "collectionFormat": "write `style` and `explode` instead",
    },
    "Header": {
        **dict.fromkeys(("type", "format", "items", "enum", "default"), "write it below `schema`"),
        "collectionFormat": "write `style` and `explode` instead",
    },
    "Response": {
        "schema": "write it below `content` and a media type",
        "examples": "write them below `content` and a media type",
    },
}
_REFERENCE = frozenset({"$ref", "summary", "description"})
_TYPES = frozenset({"array", "boolean", "integer", "number", "object", "string", "null"})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Object:
    """An object of OpenAPI in a document: what it is called, where it stands, the version."""

    kind: str
    path: Tokens
    node: Node
    version: tuple[int, int]
    document: Node

    @property
    def is_30(self) -> bool:
        return self.version == (3, 0)

    def fault(
        self, code: str, what: str, remedy: str, *below: str | int, keyword: str = ""
    ) -> Fault:
        place: Place = self.node.place_of(below)
        pointer = join("#", *self.path, *below)
        return Fault(
            code=code, place=place, pointer=pointer, what=what, remedy=remedy, keyword=keyword
        )


def slips(document: Node, path: Tokens, node: Node, kind: str) -> Iterator[Fault]:
    """The slips in one object of a document, of which `kind` is the name."""
    one = _Object(kind=kind, path=path, node=node, version=_version(document), document=document)
    for check in _CHECKS:
        yield from check(one)


def _version(document: Node) -> tuple[int, int]:
    written = document.child("openapi")
    parts = str(written.value if written else "3.0").split(".")
    return 3, int(parts[1]) if len(parts) > 1 and parts[1].isdecimal() else 0


def _keys(one: _Object) -> Iterator[Fault]:
    """Keys that the object does not have, or not in this version."""
    fields = OBJECTS[one.kind]
    keys = one.node.value if isinstance(one.node.value, dict) else {}
    if not fields or "*" in fields or ("$ref" in keys and keys.keys() <= _REFERENCE):
        return
    for key in keys:
        if key.startswith("x-") or (key == "$ref"):
            continue
        leftover = _SWAGGER.get(one.kind, {}).get(key)
        if leftover is not None:
            yield one.fault("swagger-leftover", f"`{key}` belongs to Swagger 2.0", leftover, key)
        elif key in fields:
            yield from _of_version(one, key)
        else:
            yield from _unknown(one, key)


def _of_version(one: _Object, key: str) -> Iterator[Fault]:
    for since, minor, keys in (("3.1", 1, _SINCE_31), ("3.2", 2, _SINCE_32)):
        if key in keys.get(one.kind, ()) and one.version[1] < minor:
            how = ", or `enum` with the one value" if key == "const" else ""
            yield one.fault(
                "later-version",
                f"`{key}` belongs to OpenAPI {since} and has no meaning in {_shown(one)}",
                f"write `openapi: {since}.0`{how}",
                key,
            )


def _unknown(one: _Object, key: str) -> Iterator[Fault]:
    """A key that no version has; one with a near name is reported as misspelt."""
    is_open = one.kind == "Schema" and not one.is_30  # JSON Schema Core 6.5
    if not is_open and not nearest(one.node, key, one.kind):
        what = f"{_noun(one.kind)} has no `{key}`"
        remedy = "remove it, or begin its name with `x-`"
        if key.lower() in OBJECTS[one.kind]:
            remedy = f"write it in lower case: `{key.lower()}`"
        yield one.fault("unknown-key", what, remedy, key)


def _noun(kind: str) -> str:
    words = "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in kind)
    name = {"OpenAPI": "a document", "XML": "an `xml` object"}.get(kind) or f"a{words}"
    return (
        name.replace("a info", "the info")
        .replace("a o auth", "an OAuth")
        .replace("a operation", "an operation")
        .replace("a example", "an example")
        .replace("a encoding", "an encoding")
    )


def _shown(one: _Object) -> str:
    return ".".join(map(str, one.version))


def _schema(one: _Object) -> Iterator[Fault]:
    """Keywords whose value has the shape of another dialect."""
    if one.kind != "Schema":
        return
    yield from _type(one)
    items = one.node.child("items")
    if items is not None and isinstance(items.value, list):
        remedy = "write one schema" if one.is_30 else "write `prefixItems`, or one schema"
        yield one.fault("schema-slip", "`items` is one schema, not a list of them", remedy, "items")
    yield from _bounds(one)
    yield from _members(one)
    if not one.is_30 and one.node.child("nullable") is not None:
        yield one.fault(
            "earlier-version",
            f"`nullable` belongs to OpenAPI 3.0 and has no meaning in {_shown(one)}",
            "add 'null' to `type`: `type: [string, 'null']`",
            "nullable",
        )


def _reference(one: _Object) -> Iterator[Fault]:
    """A `$ref` that is no reference, which leaves the schema open."""
    written = one.node.child("$ref")
    if one.kind == "Schema" and written is not None and not isinstance(written.value, str):
        remedy = "write a reference, such as '#/components/schemas/NAME'"
        yield one.fault("schema-slip", "`$ref` is no text", remedy, "$ref")


def _type(one: _Object) -> Iterator[Fault]:
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
        if isinstance(name.value, str) and name.value in _TYPES - (
            {"null"} if one.is_30 else set()
        ):
            continue
        near = get_close_matches(str(name.value), _TYPES, n=1, cutoff=0.5)
        hint = f"did you mean `{near[0]}`?" if near else f"it is one of {', '.join(sorted(_TYPES))}"
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


def _bounds(one: _Object) -> Iterator[Fault]:
    for keyword in ("exclusiveMinimum", "exclusiveMaximum"):
        bound = one.node.child(keyword)
        if bound is None or isinstance(bound.value, bool) is one.is_30:
            continue
        plain = keyword.removeprefix("exclusive").lower()
        yield one.fault(
            "later-version" if one.is_30 else "schema-slip",
            f"`{keyword}` is {'true or false' if one.is_30 else 'a number'} in {_shown(one)}",
            f"write `{plain}` and `{keyword}: true`"
            if one.is_30
            else f"write the bound of `{plain}`",
            keyword,
        )


def _members(one: _Object) -> Iterator[Fault]:
    """Properties and alternatives that are no schemas: `properties: {q: string}`."""
    for keyword in ("properties", "patternProperties", "allOf", "anyOf", "oneOf"):
        for key, child in _below(one.node.child(keyword)):
            if isinstance(child.value, dict) or (isinstance(child.value, bool) and not one.is_30):
                continue
            written = child.plain() if not isinstance(child.value, list) else "a list"
            hint = f"write `{{type: {written}}}`" if written in _TYPES else "write a schema there"
            yield one.fault(
                "schema-slip", f"`{key}` is {written!r}, not a schema", hint, keyword, key
            )


def _below(node: Node | None) -> Iterator[tuple[str | int, Node]]:
    if node is not None and isinstance(node.value, dict):
        yield from node.value.items()
    elif node is not None and isinstance(node.value, list):
        yield from enumerate(node.value)


def _parameter(one: _Object) -> Iterator[Fault]:
    if one.kind != "Parameter":
        return
    name, where, required = (one.node.child(key) for key in ("name", "in", "required"))
    location = where.value if where else None
    if location in ("body", "formData"):
        yield one.fault(
            "swagger-leftover",
            f"`in: {location}` belongs to Swagger 2.0",
            "write `requestBody`",
            "in",
        )
    if location == "path" and (required is None or required.value is not True):
        yield one.fault(
            "path-parameter-optional",
            f"the path parameter {name.value if name else ''!r} is not `required: true`",
            "add `required: true`: a path without it is another path",
            *(["required"] if required else []),
        )


def _mapping(one: _Object) -> Iterator[Fault]:
    if one.kind != "Discriminator":
        return
    for name, target in _below(one.node.child("mapping")):
        if isinstance(target.value, str) and not _leads(one.document, target.value):
            yield one.fault(
                "unresolved-mapping",
                f"the mapping of `{name}` to {target.value} does not resolve",
                "name a schema of `components/schemas`, or write a reference to one",
                "mapping",
                name,
            )


def _leads(document: Node, target: str) -> bool:
    """Whether a mapping's value is the name of a schema or a reference that leads somewhere.

    A reference into another file is left alone: the file need not be part of the contract.
    """
    by_name = document.find(("components", "schemas", target))
    if by_name is not None or not (target.startswith("#") or "/" not in target):
        return True
    if not target.startswith("#"):
        return "." in target
    return document.find(split(target)) is not None


_Check: TypeAlias = Callable[[_Object], Iterator[Fault]]
_CHECKS: tuple[_Check, ...] = (_keys, _schema, _reference, _parameter, _mapping)
