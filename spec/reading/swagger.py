"""Swagger 2.0 upgraded to OpenAPI 3.0 while it is read, object by object; every line is kept.

Objects are changed in place, each before what is in it is looked at, so that parts in other files
are upgraded as well. What Swagger says once for all (`consumes`, `produces`, `host`) is passed on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from spec.reading.grammar import METHODS
from spec.reading.nodes import Node, Tokens, from_plain
from spec.reading.swagger_bodies import form_body, request_body
from spec.reading.swagger_values import (
    describe_value,
    is_file,
    is_list,
    list_style,
    mapping_members,
    upgrade_schema,
)

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
_FLOWS = {"application": "clientCredentials", "accessCode": "authorizationCode"}
_JSON = "application/json"


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
                describe_value(node)
            case "Response":
                self._response(node, self.produces)
            case "Schema":
                upgrade_schema(node)
            case "SecurityScheme":
                _security_scheme(node)

    def _document(self, node: Node) -> None:
        self.consumes, self.produces = _texts(node, "consumes"), _texts(node, "produces")
        value = node.members()
        version = value.pop("swagger")
        node.value = {"openapi": Node("3.0.4", version.file, version.line), **value}
        shared = value.get("parameters")
        bodies = {
            name: one
            for name, one in mapping_members(shared).items()
            if _location(one) in _IN_BODIES
        }
        others = {name: one for name, one in mapping_members(shared).items() if name not in bodies}
        parts = {
            "schemas": value.get("definitions"),
            "responses": value.get("responses"),
            "parameters": shared and shared.here(others),
            "securitySchemes": value.get("securityDefinitions"),
        }
        kept = {name: part for name, part in parts.items() if part is not None}
        if kept:
            node.value["components"] = node.here(kept)
        if bodies:
            node.value[BODIES] = node.here(bodies)
        if servers := _servers(node, _texts(node, "schemes")):
            node.value["servers"] = servers
        for key in _GONE:
            node.value.pop(key, None)

    def _path_item(self, node: Node, resolve: Resolve) -> None:
        """Its parameters that are bodies become those of its operations."""
        listed = _elements(node, "parameters")
        bodies = [one for one in listed if _location(resolve(one)) in _IN_BODIES]
        if not bodies:
            return
        value = node.members()
        value["parameters"] = node.here([one for one in listed if one not in bodies])
        for method in METHODS:
            operation = value.get(method)
            if operation is None or not isinstance(operation.value, dict):
                continue
            own = _elements(operation, "parameters")
            named = {_identity(resolve(one)) for one in own}
            inherited = [one for one in bodies if _identity(resolve(one)) not in named]
            operation.value["parameters"] = operation.here([*own, *inherited])

    def _operation(self, node: Node, resolve: Resolve) -> None:
        value = node.members()
        consumes = _texts(node, "consumes") or self.consumes
        # An empty list clears what the document says (Swagger 2.0, Operation Object).
        produces = self.produces if "produces" not in value else _texts(node, "produces")
        listed = [(one, resolve(one)) for one in _elements(node, "parameters")]
        if listed:
            others = [one for one, meant in listed if _location(meant) not in _IN_BODIES]
            value["parameters"] = node.here(others)
        body = next((meant for _, meant in listed if _location(meant) == "body"), None)
        fields = [meant for _, meant in listed if _location(meant) == "formData"]
        if body is not None:
            value["requestBody"] = request_body(body, consumes or (_JSON,))
        elif fields:
            value["requestBody"] = form_body(node, fields, consumes)
        for response in mapping_members(value.get("responses")).values():
            if response.child("$ref") is None and isinstance(response.value, dict):
                # Here and not when it is visited: an operation's own `produces` is known only here.
                self._done.add(id(response))
                self._response(response, produces)
        for key in ("consumes", "produces", "schemes"):
            value.pop(key, None)

    def _parameter(self, node: Node) -> None:
        location = _location(node)
        if location in _IN_BODIES or "$ref" in node.members():
            return
        describe_value(node)
        separator = node.members().pop("collectionFormat", None)
        schema = node.child("schema")
        if schema is None or not is_list(schema):
            return
        written = str(separator.value) if separator else "csv"
        style = list_style(written, is_query=location == "query")
        node.members().update({key: node.here(value) for key, value in style.items()})

    def _response(self, node: Node, produces: Iterable[str]) -> None:
        value = node.members()
        if "$ref" in value:
            return
        schema, examples = value.pop("schema", None), value.pop("examples", None)
        shown = mapping_members(examples)
        media: dict[str, Node] = {}
        if schema is not None:
            default = "application/octet-stream" if is_file(schema) else _JSON
            for name in tuple(produces) or (*shown,) or (default,):
                media[name] = schema.here({"schema": schema})
        for name, example in shown.items():
            medium = media.setdefault(name, example.here({"schema": schema} if schema else {}))
            medium.members()["example"] = example
        if media:
            value["content"] = (schema or node).here(media)


_IN_BODIES = frozenset({"body", "formData"})
_GONE = (
    *("definitions", "responses", "parameters", "securityDefinitions"),
    *("consumes", "produces", "host", "basePath", "schemes"),
)


def _texts(node: Node, key: str) -> tuple[str, ...]:
    return tuple(one.value for one in _elements(node, key) if isinstance(one.value, str))


def _elements(node: Node, key: str) -> list[Node]:
    """The elements of the list below a key."""
    child = node.members().get(key)
    return list(child.elements()) if child is not None else []


def _location(parameter: Node) -> str:
    return parameter.text("in") or ""


def _identity(parameter: Node) -> tuple[str, str]:
    return _location(parameter), parameter.text("name") or ""


def _servers(document: Node, schemes: tuple[str, ...]) -> Node | None:
    """`host`, `basePath` and `schemes` as Server Objects."""
    host, base = document.text("host") or "", document.text("basePath") or ""
    if not host and not base:
        return None
    base = base.rstrip("/")
    # Without `schemes` it is that of the document (Swagger 2.0); a contract is published by https.
    urls = [f"{scheme}://{host}{base}" for scheme in schemes or ("https",)] if host else [base]
    at = document.child("host") or document.child("basePath") or document
    return from_plain([{"url": url or "/"} for url in urls], at.file, at.line)


def _security_scheme(node: Node) -> None:
    value = node.members()
    kind = node.text("type") or ""
    if kind == "basic":
        value["type"] = value["type"].here("http")
        value["scheme"] = value["type"].here("basic")
    elif kind == "oauth2" and "flows" not in value:
        said = ("authorizationUrl", "tokenUrl", "scopes")
        flow = node.text("flow") or ""
        parts = {key: value.pop(key) for key in said if key in value}
        parts.setdefault("scopes", node.here({}))
        value.pop("flow", None)
        value["flows"] = node.here({_FLOWS.get(flow, flow): node.here(parts)})
