"""What people write by mistake: keys of another version of OpenAPI, schemas of the wrong shape.

Without a check they would be ignored silently, because OpenAPI gives them another meaning or none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeAlias

from spec.contract.key_versions import SINCE_31, SINCE_32, SWAGGER_REMEDIES
from spec.contract.misspelt_keys import nearest_key
from spec.contract.openapi_object import OpenApiObject, children_of, version_of
from spec.contract.schema_slips import schema_slips
from spec.model.errors import Fault
from spec.model.pointers import split
from spec.reading.grammar import OBJECTS
from spec.reading.nodes import Node, Tokens

__all__ = ["slips"]

_REFERENCE = frozenset({"$ref", "summary", "description"})
"""The keys of a Reference Object (OpenAPI 3.1.1 section 4.8.23)."""


def slips(document: Node, path: Tokens, node: Node, kind: str) -> Iterator[Fault]:
    """The slips in one object of a document.

    Args:
        document: the root of the document, which names the version.
        path: where the object stands in it.
        node: the object.
        kind: its name in OpenAPI, such as `PathItem`.
    """
    one = OpenApiObject(
        kind=kind, path=path, node=node, version=version_of(document), document=document
    )
    for check in _CHECKS:
        yield from check(one)


def _key_slips(one: OpenApiObject) -> Iterator[Fault]:
    """Keys that the object does not have, or not in this version."""
    fields = OBJECTS[one.kind]
    keys = one.node.members()
    if not fields or "*" in fields or ("$ref" in keys and keys.keys() <= _REFERENCE):
        return
    for key in keys:
        if key.startswith("x-") or (key == "$ref"):
            continue
        leftover = SWAGGER_REMEDIES.get(one.kind, {}).get(key)
        if leftover is not None:
            yield one.fault("swagger-leftover", f"`{key}` belongs to Swagger 2.0", leftover, key)
        elif key in fields:
            yield from _later_key(one, key)
        else:
            yield from _unknown_key(one, key)


def _later_key(one: OpenApiObject, key: str) -> Iterator[Fault]:
    for since, minor, keys in (("3.1", 1, SINCE_31), ("3.2", 2, SINCE_32)):
        if key in keys.get(one.kind, ()) and one.version[1] < minor:
            how = ", or `enum` with the one value" if key == "const" else ""
            yield one.fault(
                "later-version",
                f"`{key}` belongs to OpenAPI {since} and has no meaning in {one.version_text}",
                f"write `openapi: {since}.0`{how}",
                key,
            )


def _unknown_key(one: OpenApiObject, key: str) -> Iterator[Fault]:
    """A key that no version has; one with a near name is reported as misspelt."""
    is_open = one.kind == "Schema" and not one.is_30  # JSON Schema Core 6.5
    if not is_open and not nearest_key(one.node, key, one.kind):
        what = f"{_object_noun(one.kind)} has no `{key}`"
        remedy = "remove it, or begin its name with `x-`"
        remedy = _MISPLACED.get((one.kind, key), remedy)
        if one.kind == "Example" and "value" not in one.node.members():
            remedy = "write it below `value`"
        if key.lower() in OBJECTS[one.kind]:
            remedy = f"write it in lower case: `{key.lower()}`"
        yield one.fault("unknown-key", what, remedy, key)


_MISPLACED = {
    ("RequestBody", "schema"): "write it below `content` and a media type",
    ("RequestBody", "example"): "write it below `content` and a media type",
    ("RequestBody", "examples"): "write it below `content` and a media type",
    ("Response", "example"): "write it below `content` and a media type",
}
"""Where a key belongs that people write one step too high."""


def _object_noun(kind: str) -> str:
    words = "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in kind)
    name = {"OpenAPI": "a document", "XML": "an `xml` object"}.get(kind) or f"a{words}"
    return (
        name.replace("a info", "the info")
        .replace("a o auth", "an OAuth")
        .replace("a operation", "an operation")
        .replace("a example", "an example")
        .replace("a encoding", "an encoding")
    )


def _parameter_slips(one: OpenApiObject) -> Iterator[Fault]:
    """Parameters of Swagger, and path parameters that may be missing (OpenAPI section 4.8.12.2)."""
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


def _mapping_slips(one: OpenApiObject) -> Iterator[Fault]:
    """Targets of a discriminator that do not exist."""
    if one.kind != "Discriminator":
        return
    for name, target in children_of(one.node.child("mapping")):
        if isinstance(target.value, str) and not _leads_somewhere(one.document, target.value):
            yield one.fault(
                "unresolved-mapping",
                f"the mapping of `{name}` to {target.value} does not resolve",
                "name a schema of `components/schemas`, or write a reference to one",
                "mapping",
                name,
            )


def _leads_somewhere(document: Node, target: str) -> bool:
    """Whether a mapping's value is the name of a schema or a reference that leads somewhere.

    A reference into another file is left alone: the file need not be part of the contract.
    """
    by_name = document.find(("components", "schemas", target))
    if by_name is not None or not (target.startswith("#") or "/" not in target):
        return True
    if not target.startswith("#"):
        return "." in target
    return document.find(split(target)) is not None


_Check: TypeAlias = Callable[[OpenApiObject], Iterator[Fault]]
_CHECKS: tuple[_Check, ...] = (_key_slips, schema_slips, _parameter_slips, _mapping_slips)
