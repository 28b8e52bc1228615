"""The body and form parameters of Swagger 2.0 as Request Body Objects of OpenAPI 3."""

from __future__ import annotations

from collections.abc import Iterable

from spec.reading.nodes import Node, from_plain
from spec.reading.swagger_values import VALUE_KEYS, is_list, list_style

__all__ = ["form_body", "request_body"]

_MULTIPART = "multipart/form-data"
_URLENCODED = "application/x-www-form-urlencoded"


def request_body(parameter: Node, consumes: Iterable[str]) -> Node:
    """The Request Body Object for the parameter that is the body."""
    value = parameter.members()
    schema = value.get("schema") or parameter.here({})
    media: dict[str, Node] = {}
    for name in consumes:
        medium = media[name] = schema.here({"schema": schema})
        if "x-example" in value:
            medium.members()["example"] = value["x-example"]
    body = {key: one for key, one in value.items() if key in {"description", "required"}}
    body["content"] = parameter.here(media)
    return parameter.here(body)


def form_body(operation: Node, fields: list[Node], consumes: Iterable[str]) -> Node:
    """The Request Body Object for the fields of a form."""
    has_file = any(one.text("type") == "file" for one in fields)
    kinds = (_MULTIPART,) if has_file else (_URLENCODED, _MULTIPART)
    names = [one for one in consumes if one.partition(";")[0].strip().lower() in kinds]
    properties: dict[str, Node] = {}
    encoding: dict[str, Node] = {}
    for one in fields:
        name, separator = one.text("name") or "", one.text("collectionFormat") or "csv"
        said = {key: child for key, child in one.members().items() if key in _PROPERTY_KEYS}
        properties[name] = one.here(said)
        if (empty := one.child("allowEmptyValue")) is not None and empty.value is True:
            # OpenAPI 3 has no such key for a form's field: the empty text is one more alternative.
            nothing = from_plain({"enum": [""]}, one.file, one.line)
            properties[name] = one.here({"anyOf": one.here([properties[name], nothing])})
        if is_list(one):
            encoding[name] = from_plain(list_style(separator), one.file, one.line)
    required = [one for one in fields if (must := one.child("required")) and must.value is True]
    schema: dict[str, Node] = {
        "type": operation.here("object"),
        "properties": fields[0].here(properties),
    }
    if required:
        named = [one.here(one.text("name") or "") for one in required]
        schema["required"] = required[0].here(named)
    medium = {"schema": fields[0].here(schema)}
    if encoding:
        medium["encoding"] = fields[0].here(encoding)
    media = {name: fields[0].here(dict(medium)) for name in names or kinds[:1]}
    return fields[0].here(
        {
            "required": fields[0].here(bool(required)),
            "content": fields[0].here(media),
        },
    )


_PROPERTY_KEYS = VALUE_KEYS | {"description"}
