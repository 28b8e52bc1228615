"""From the document to operations: paths, their methods, and the servers they are reached at."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice, product
from typing import Any
from urllib.parse import urlsplit

from spec.contract.bodies import MessageReader
from spec.contract.examples import ExampleReader
from spec.contract.parameters import ParameterReader
from spec.contract.security_schemes import SecurityReader
from spec.model.contract_model import Operation, SecurityScheme, Server
from spec.model.path_templates import TEMPLATE, template_names, template_shape
from spec.model.pointers import join
from spec.reading.grammar import METHODS
from spec.reading.walking import Walker, extensions
from spec.text.http_tokens import is_token

__all__ = ["OperationReader"]

_MOST_PATHS = 100
"""How many paths a server's variables make; with more values than that, the first ones count."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationReader:
    """Reads the Path Item and Operation Objects of one document."""

    walk: Walker
    security: SecurityReader
    parameters: ParameterReader
    bodies: MessageReader

    @classmethod
    def of(cls, walk: Walker, examples: ExampleReader) -> OperationReader:
        """The reader of a document, with the readers of what operations have in them."""
        bodies = MessageReader(walk=walk, examples=examples)
        return cls(
            walk=walk,
            security=SecurityReader(walk=walk),
            parameters=ParameterReader(walk=walk, bodies=bodies),
            bodies=bodies,
        )

    def read(self, schemes: Mapping[str, SecurityScheme]) -> tuple[Operation, ...]:
        """Every operation, in the document's order."""
        paths = self.walk.mapping(self.walk.document.get("paths"), "#/paths")
        found: dict[tuple[str, str], Operation] = {}
        seen: dict[str, str] = {}
        for path, value in paths.items():
            if path.startswith("x-"):
                continue
            pointer = join("#/paths", path)
            if not path.startswith("/"):
                remedy = _rooted(path)
                self.walk.fault(
                    "malformed", pointer, f"the path {path!r} must begin with /", remedy
                )
                continue
            shape = template_shape(path)
            if seen.setdefault(shape, path) != path:
                self.walk.fault(
                    "duplicate-path",
                    pointer,
                    f"this is the same path as {seen[shape]}",
                    "merge the two; where both declare a method, the first one is served",
                )
            for operation in self.path_item(path, value, pointer, schemes):
                found.setdefault((shape, operation.method), operation)
        return tuple(found.values())

    def path_item(
        self, path: str, value: Any, pointer: str, schemes: Mapping[str, SecurityScheme]
    ) -> Iterator[Operation]:
        """The operations of a Path Item Object, which may be a reference with siblings."""
        found, at = self.walk.resolved(value, pointer)
        item = self.walk.mapping(found, at)
        # A sibling of the reference is undefined behaviour; what stands here is what is meant.
        own = {k: v for k, v in value.items() if k != "$ref"} if isinstance(value, dict) else {}
        whole = {**item, **own}
        for method, written, here in self.methods(whole, own, pointer, at):
            holder = pointer if here.startswith(pointer) else at
            operation = self.walk.mapping(written, here)
            if operation or written == {}:
                yield self.operation(path, method, whole, operation, (holder, here), schemes)

    def methods(
        self, item: Mapping[str, Any], own: Mapping[str, Any], pointer: str, referred: str
    ) -> Iterator[tuple[str, Any, str]]:
        """Each method of a Path Item Object, what is there, and where.

        `additionalOperations` (OpenAPI 3.2 section 4.8) has the methods that have no field.
        """
        for key, written in item.items():
            holder = pointer if key in own else referred
            if key in METHODS and written is not None:
                yield key.upper(), written, join(holder, key)
            elif key == "additionalOperations":
                here = join(holder, key)
                for name, other in self.walk.mapping(written, here).items():
                    yield from self.additional(name, other, join(here, name))

    def additional(self, name: str, written: Any, pointer: str) -> Iterator[tuple[str, Any, str]]:
        """An entry of `additionalOperations`: its name is the method as it is sent."""
        if name.startswith("x-"):
            return
        if not is_token(name) or name.lower() in METHODS:
            self.walk.fault(
                "malformed",
                pointer,
                f"{name!r} is not a method that can be declared here",
                f"write it as the field {name.lower()!r} of the path"
                if name.lower() in METHODS
                else "a method must be a token (RFC 9110 section 9.1)",
            )
            if name.lower() not in METHODS:
                return
        yield name, written, pointer

    def operation(
        self,
        path: str,
        method: str,
        item: Mapping[str, Any],
        value: Mapping[str, Any],
        pointers: tuple[str, str],
        schemes: Mapping[str, SecurityScheme],
    ) -> Operation:
        """An Operation Object (OpenAPI 3.0 section 4.7.10)."""
        holder, pointer = pointers
        body = value.get("requestBody")
        operation_id = value.get("operationId")
        return Operation(
            method=method,
            path=path,
            pointer=pointer,
            place=self.walk.place(pointer),
            operation_id=str(operation_id) if operation_id is not None else None,
            summary=str(value.get("summary", "")),
            description=str(value.get("description", "")),
            tags=tuple(map(str, self.walk.items(value.get("tags"), join(pointer, "tags")))),
            deprecated=value.get("deprecated") is True,
            parameters=self.parameters.read(path, item, value, holder, pointer),
            query_string=self.parameters.query_string(item, value, holder, pointer),
            request_body=self.bodies.request_body(body, join(pointer, "requestBody")),
            responses=self.bodies.responses(value, pointer),
            security=self.security.security(value, pointer, schemes),
            servers=self.servers(item, value, holder, pointer),
            extensions={**extensions(item), **extensions(value)},
        )

    def servers(
        self, item: Mapping[str, Any], value: Mapping[str, Any], holder: str, pointer: str
    ) -> tuple[Server, ...]:
        """The nearest `servers`: the operation's, the path's, the document's."""
        for owner, at in ((value, pointer), (item, holder), (self.walk.document, "#")):
            if "servers" in owner:
                here = join(at, "servers")
                listed = self.walk.items(owner["servers"], here)
                return tuple(
                    self.server(self.walk.mapping(one, join(here, i)), join(here, i))
                    for i, one in enumerate(listed)
                )
        return ()

    def server(self, value: Mapping[str, Any], pointer: str) -> Server:
        """A Server Object with its variables at their defaults (OpenAPI 3.0 section 4.7.5)."""
        written = str(value.get("url", "/"))
        variables = self.walk.mapping(value.get("variables"), join(pointer, "variables"))
        choices = {
            name: self.values(name, variables.get(name), pointer)
            for name in dict.fromkeys(template_names(written))
        }
        # The values of one variable after the other, the last one fastest.
        # Ten variables with ten values each are 10^10 URLs.
        chosen = islice(product(*choices.values()), _MOST_PATHS)
        urls = [_filled(written, dict(zip(choices, values, strict=True))) for values in chosen]
        try:
            paths = [_path_of(url) for url in urls]
        except ValueError:
            what = f"{urls[0]!r} is not a URL"
            self.walk.fault("malformed", join(pointer, "url"), what, "correct it")
            paths = [""]
        return Server(
            url=urls[0], base_path=paths[0], other_paths=tuple(paths[1:]), pointer=pointer
        )

    def values(self, name: str, variable: Any, pointer: str) -> list[str]:
        """What a server variable may be, its default first (OpenAPI 3.0 section 4.7.6)."""
        variable = variable if isinstance(variable, dict) else {}
        listed = variable.get("enum")
        values = [*([variable["default"]] if "default" in variable else ())]
        if not values:
            self.walk.fault(
                "malformed",
                join(pointer, "url"),
                f"the server variable {name!r} has no default",
                "give it one under `variables`",
            )
        values += listed if isinstance(listed, list) else []
        return list(dict.fromkeys(map(str, values))) or [name]


_URL = re.compile(r"[a-z][a-z0-9+.-]*://[^/]*(?P<path>/.*)?", re.IGNORECASE)
_WITH_METHOD = re.compile(rf"(?P<method>{'|'.join(METHODS)})\s+(?P<path>/\S*)", re.IGNORECASE)


def _rooted(path: str) -> str:
    """What to write instead of a path without its slash."""
    if found := _URL.fullmatch(path):
        return f"write `{found['path'] or '/'}`, and the rest as the `url` of a server"
    if found := _WITH_METHOD.fullmatch(path):
        return f"write `{found['path']}`, and `{found['method'].lower()}` as a key below it"
    return "add it"


def _filled(template: str, values: Mapping[str, str]) -> str:
    return TEMPLATE.sub(lambda match: values[match.group(1)], template)


def _path_of(url: str) -> str:
    path = urlsplit(url).path.strip("/")
    return f"/{path}" if path else ""
