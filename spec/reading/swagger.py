"""Swagger 2.0 upgraded to OpenAPI 3.0 while it is read, object by object; every line is kept.

Objects are changed in place, each before what is in it is looked at, so that parts in other files
are upgraded as well. What Swagger says once for all (`consumes`, `produces`, `host`) is passed on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from spec.reading.grammar import METHODS
from spec.reading.nodes import Node, Scalar, Tokens, from_plain

__all__ = ["BODIES", "MOVED", "Upgrade", "is_swagger"]

MOVED: dict[Tokens, Tokens] = {
    ("definitions",): ("components", "schemas"),
    ("responses",): ("components", "responses"),
    ("parameters",): ("components", "parameters"),
}
"""Where the shared parts of a Swagger document stand once it is upgraded."""

BODIES = "x-swagger-parameters"
"""Shared parameters that are bodies or parts of one: operations take them into their bodies."""

Resolve = Callable[[Node], Node]
"""The parameter that a node is or refers to."""

_VALUE_KEYS = frozenset(
    {"type", "format", "items", "default", "enum", "pattern", "multipleOf", "x-nullable"}
    | {"maximum", "exclusiveMaximum", "minimum", "exclusiveMinimum", "maxLength", "minLength"}
    | {"maxItems", "minItems", "uniqueItems"}
)
"""What OpenAPI 3 says in the schema of a parameter or header, and Swagger in the object itself."""
_STYLES: dict[str, tuple[str, bool]] = {
    "csv": ("form", False),
    "multi": ("form", True),
    "ssv": ("spaceDelimited", False),
    "pipes": ("pipeDelimited", False),
}
_FLOWS = {"application": "clientCredentials", "accessCode": "authorizationCode"}
_JSON, _MULTIPART = "application/json", "multipart/form-data"
_URLENCODED = "application/x-www-form-urlencoded"


def is_swagger(root: Node) -> bool:
    """Whether a document is Swagger 2.0."""
    version = root.child("swagger")
    return version is not None and str(version.value) in {"2.0", "2"}


@dataclass(slots=True, kw_only=True)
class Upgrade:
    """Upgrades the objects of one contract; `resolve` follows the references of parameters."""

    consumes: tuple[str, ...] = ()
    produces: tuple[str, ...] = ()
    _done: set[int] = field(default_factory=set)

    def apply(self, node: Node, kind: str, resolve: Resolve) -> None:
        """Upgrade one object, if its kind is another one in OpenAPI and it was not yet."""
        if not isinstance(node.value, dict) or id(node) in self._done:
            return
        self._done.add(id(node))
        match kind:
            case "OpenAPI":
                self._document(node)
            case "PathItem":
                self._path_item(node, resolve)
            case "Operation":
                self._operation(node, resolve)
            case "Parameter":
                self._parameter(node)
            case "Header":
                _describe(node)
            case "Response":
                self._response(node, self.produces)
            case "Schema":
                _schema(node)
            case "SecurityScheme":
                _security_scheme(node)

    def _document(self, node: Node) -> None:
        self.consumes, self.produces = _texts(node, "consumes"), _texts(node, "produces")
        value = _values(node)
        version = value.pop("swagger")
        node.value = {"openapi": Node("3.0.4", version.file, version.line), **value}
        shared = value.get("parameters")
        bodies = {
            name: one for name, one in _values(shared).items() if _location(one) in _IN_BODIES
        }
        others = {name: one for name, one in _values(shared).items() if name not in bodies}
        parts = {
            "schemas": value.get("definitions"),
            "responses": value.get("responses"),
            "parameters": shared and _mapping(shared, others),
            "securitySchemes": value.get("securityDefinitions"),
        }
        kept = {name: part for name, part in parts.items() if part is not None}
        if kept:
            node.value["components"] = _mapping(node, kept)
        if bodies:
            node.value[BODIES] = _mapping(node, bodies)
        if servers := _servers(node, _texts(node, "schemes")):
            node.value["servers"] = servers
        for key in _GONE:
            node.value.pop(key, None)

    def _path_item(self, node: Node, resolve: Resolve) -> None:
        """Its parameters that are bodies become those of its operations."""
        listed = _listed(node, "parameters")
        bodies = [one for one in listed if _location(resolve(one)) in _IN_BODIES]
        if not bodies:
            return
        value = _values(node)
        value["parameters"] = _sequence(node, [one for one in listed if one not in bodies])
        for method in METHODS:
            operation = value.get(method)
            if operation is None or not isinstance(operation.value, dict):
                continue
            own = _listed(operation, "parameters")
            named = {_name(resolve(one)) for one in own}
            inherited = [one for one in bodies if _name(resolve(one)) not in named]
            operation.value["parameters"] = _sequence(operation, [*own, *inherited])

    def _operation(self, node: Node, resolve: Resolve) -> None:
        value = _values(node)
        consumes = _texts(node, "consumes") or self.consumes
        # An empty list clears what the document says (Swagger 2.0, Operation Object).
        produces = self.produces if "produces" not in value else _texts(node, "produces")
        listed = [(one, resolve(one)) for one in _listed(node, "parameters")]
        if listed:
            others = [one for one, meant in listed if _location(meant) not in _IN_BODIES]
            value["parameters"] = _sequence(node, others)
        body = next((meant for _, meant in listed if _location(meant) == "body"), None)
        fields = [meant for _, meant in listed if _location(meant) == "formData"]
        if body is not None:
            value["requestBody"] = _body(body, consumes or (_JSON,))
        elif fields:
            value["requestBody"] = _form(node, fields, consumes)
        for response in _values(value.get("responses")).values():
            if response.child("$ref") is None and isinstance(response.value, dict):
                self._done.add(id(response))
                self._response(response, produces)
        for key in ("consumes", "produces", "schemes"):
            value.pop(key, None)

    def _parameter(self, node: Node) -> None:
        location = _location(node)
        if location in _IN_BODIES or "$ref" in _values(node):
            return
        _describe(node)
        separator = _values(node).pop("collectionFormat", None)
        schema = node.child("schema")
        if schema is None or not _is_list(schema):
            return
        style, explode = _STYLES.get(str(separator.value) if separator else "csv", _STYLES["csv"])
        if location == "query":
            _values(node).update(style=_scalar(node, style), explode=_scalar(node, explode))

    def _response(self, node: Node, produces: Iterable[str]) -> None:
        value = _values(node)
        if "$ref" in value:
            return
        schema, examples = value.pop("schema", None), value.pop("examples", None)
        shown = _values(examples)
        media: dict[str, Node] = {}
        if schema is not None:
            default = "application/octet-stream" if _is_file(schema) else _JSON
            for name in tuple(produces) or (*shown,) or (default,):
                media[name] = _mapping(schema, {"schema": schema})
        for name, example in shown.items():
            medium = media.setdefault(name, _mapping(example, {"schema": schema} if schema else {}))
            _values(medium)["example"] = example
        if media:
            value["content"] = _mapping(schema or node, media)


_IN_BODIES = frozenset({"body", "formData"})
_GONE = (
    *("definitions", "responses", "parameters", "securityDefinitions"),
    *("consumes", "produces", "host", "basePath", "schemes"),
)


def _values(node: Node | None) -> dict[str, Node]:
    return node.value if node is not None and isinstance(node.value, dict) else {}


def _text(node: Node, key: str) -> str:
    child = node.child(key) if isinstance(node.value, dict) else None
    return child.value if child is not None and isinstance(child.value, str) else ""


def _texts(node: Node, key: str) -> tuple[str, ...]:
    return tuple(one.value for one in _listed(node, key) if isinstance(one.value, str))


def _listed(node: Node, key: str) -> list[Node]:
    child = node.child(key) if isinstance(node.value, dict) else None
    return list(child.value) if child is not None and isinstance(child.value, list) else []


def _location(parameter: Node) -> str:
    return _text(parameter, "in")


def _name(parameter: Node) -> tuple[str, str]:
    return _location(parameter), _text(parameter, "name")


def _mapping(at: Node, value: dict[str, Node]) -> Node:
    return Node(value, at.file, at.line)


def _sequence(at: Node, value: list[Node]) -> Node:
    return Node(value, at.file, at.line)


def _scalar(at: Node, value: Scalar) -> Node:
    return Node(value, at.file, at.line)


def _is_file(schema: Node) -> bool:
    # A schema may have been upgraded by another way to it.
    return _text(schema, "type") == "file" or _text(schema, "format") == "binary"


def _is_list(schema: Node) -> bool:
    return _text(schema, "type") == "array"


def _describe(node: Node) -> None:
    """Put into a `schema` what a parameter or header says of its value."""
    value = _values(node)
    said = {key: value.pop(key) for key in tuple(value) if key in _VALUE_KEYS}
    if said and "schema" not in value:
        schema = value["schema"] = _mapping(node, said)
        schema.key_lines = {key: line for key, line in node.key_lines.items() if key in said}
        if said.get("items") is not None:
            for items in _nested(said["items"]):
                _values(items).pop("collectionFormat", None)
    if "x-example" in value and "example" not in value:
        value["example"] = value.pop("x-example")


def _nested(items: Node | None) -> Iterable[Node]:
    while items is not None and isinstance(items.value, dict):
        yield items
        items = items.value.get("items")


def _schema(node: Node) -> None:
    value = _values(node)
    if _text(node, "type") == "file":
        value["type"] = _scalar(value["type"], "string")
        value["format"] = _scalar(value["type"], "binary")
    discriminator = value.get("discriminator")
    if discriminator is not None and isinstance(discriminator.value, str):
        value["discriminator"] = _mapping(discriminator, {"propertyName": discriminator})
    for key in ("x-nullable", "x-isnullable"):
        if key in value and "nullable" not in value:
            value["nullable"] = value[key]


def _body(parameter: Node, consumes: Iterable[str]) -> Node:
    """The Request Body Object for the parameter that is the body."""
    value = _values(parameter)
    schema = value.get("schema") or _mapping(parameter, {})
    media: dict[str, Node] = {}
    for name in consumes:
        medium = media[name] = _mapping(schema, {"schema": schema})
        if "x-example" in value:
            _values(medium)["example"] = value["x-example"]
    body = {key: one for key, one in value.items() if key in {"description", "required"}}
    body["content"] = _mapping(parameter, media)
    return _mapping(parameter, body)


def _form(operation: Node, fields: list[Node], consumes: Iterable[str]) -> Node:
    """The Request Body Object for the fields of a form."""
    has_file = any(_text(one, "type") == "file" for one in fields)
    kinds = (_MULTIPART,) if has_file else (_URLENCODED, _MULTIPART)
    names = [one for one in consumes if one.partition(";")[0].strip().lower() in kinds]
    properties: dict[str, Node] = {}
    encoding: dict[str, Node] = {}
    for one in fields:
        name, separator = _text(one, "name"), _text(one, "collectionFormat") or "csv"
        said = {key: child for key, child in _values(one).items() if key in _PROPERTY_KEYS}
        properties[name] = _mapping(one, said)
        if _is_list(one):
            style, explode = _STYLES.get(separator, _STYLES["csv"])
            encoding[name] = from_plain({"style": style, "explode": explode}, one.file, one.line)
    required = [one for one in fields if (must := one.child("required")) and must.value is True]
    schema: dict[str, Node] = {
        "type": _scalar(operation, "object"),
        "properties": _mapping(fields[0], properties),
    }
    if required:
        named = [_scalar(one, _text(one, "name")) for one in required]
        schema["required"] = _sequence(required[0], named)
    medium = {"schema": _mapping(fields[0], schema)}
    if encoding:
        medium["encoding"] = _mapping(fields[0], encoding)
    media = {name: _mapping(fields[0], dict(medium)) for name in names or kinds[:1]}
    return _mapping(
        fields[0],
        {
            "required": _scalar(fields[0], bool(required)),
            "content": _mapping(fields[0], media),
        },
    )


_PROPERTY_KEYS = _VALUE_KEYS | {"description"}


def _servers(document: Node, schemes: tuple[str, ...]) -> Node | None:
    """`host`, `basePath` and `schemes` as Server Objects."""
    host, base = _text(document, "host"), _text(document, "basePath")
    if not host and not base:
        return None
    base = base.rstrip("/")
    urls = [f"{scheme}://{host}{base}" for scheme in schemes or ("https",)] if host else [base]
    at = document.child("host") or document.child("basePath") or document
    return from_plain([{"url": url or "/"} for url in urls], at.file, at.line)


def _security_scheme(node: Node) -> None:
    value = _values(node)
    kind = _text(node, "type")
    if kind == "basic":
        value["type"] = _scalar(value["type"], "http")
        value["scheme"] = _scalar(value["type"], "basic")
    elif kind == "oauth2" and "flows" not in value:
        said = ("authorizationUrl", "tokenUrl", "scopes")
        flow = _text(node, "flow")
        parts = {key: value.pop(key) for key in said if key in value}
        parts.setdefault("scopes", _mapping(node, {}))
        value.pop("flow", None)
        value["flows"] = _mapping(node, {_FLOWS.get(flow, flow): _mapping(node, parts)})
