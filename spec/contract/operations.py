"""From the document to operations: paths, their methods, and the servers they are reached at."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from spec.contract.bodies import BodyReader
from spec.contract.parameters import TEMPLATE, ParameterReader
from spec.contract.security import SecurityReader
from spec.model.contract_model import Operation, SecurityScheme, Server
from spec.model.pointers import join
from spec.reading.walking import Walker, extensions

__all__ = ["METHODS", "OperationReader"]

METHODS = frozenset({"get", "put", "post", "delete", "options", "head", "patch", "trace"})


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationReader:
    """Reads the Path Item and Operation Objects of one document."""

    walk: Walker
    security: SecurityReader
    parameters: ParameterReader
    bodies: BodyReader

    def read(self, schemes: Mapping[str, SecurityScheme]) -> tuple[Operation, ...]:
        """Every operation, in the document's order."""
        paths = self.walk.mapping(self.walk.document.get("paths"), "#/paths")
        found: list[Operation] = []
        seen: dict[str, str] = {}
        for path, value in paths.items():
            if path.startswith("x-"):
                continue
            pointer = join("#/paths", path)
            if not path.startswith("/"):
                self.walk.fault(
                    "malformed", pointer, f"the path {path!r} must begin with /", "add it"
                )
                continue
            shape = TEMPLATE.sub("{}", path)
            if shape in seen:
                self.walk.fault(
                    "duplicate-path",
                    pointer,
                    f"this is the same path as {seen[shape]}",
                    "merge the two; the first one is served",
                )
                continue
            seen[shape] = path
            found.extend(self.path_item(path, value, pointer, schemes))
        return tuple(found)

    def path_item(
        self, path: str, value: Any, pointer: str, schemes: Mapping[str, SecurityScheme]
    ) -> Iterator[Operation]:
        """The operations of a Path Item Object, which may be a reference with siblings."""
        found, at = self.walk.resolved(value, pointer)
        item = self.walk.mapping(found, at)
        # A sibling of the reference is undefined behaviour; what stands here is what is meant.
        own = {k: v for k, v in value.items() if k != "$ref"} if isinstance(value, dict) else {}
        for method in [key for key in {**item, **own} if key in METHODS]:
            holder = pointer if method in own else at
            written = own.get(method, item.get(method))
            if written is None:
                continue
            here = join(holder, method)
            operation = self.walk.mapping(written, here)
            if operation or written == {}:
                yield self.operation(path, method, {**item, **own}, operation, (at, here), schemes)

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
            method=method.upper(),
            path=path,
            pointer=pointer,
            place=self.walk.place(pointer),
            operation_id=str(operation_id) if operation_id is not None else None,
            summary=str(value.get("summary", "")),
            description=str(value.get("description", "")),
            tags=tuple(map(str, self.walk.items(value.get("tags"), join(pointer, "tags")))),
            deprecated=value.get("deprecated") is True,
            parameters=self.parameters.read(path, item, value, holder, pointer),
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
        variables = self.walk.mapping(value.get("variables"), join(pointer, "variables"))

        def default(match: re.Match[str]) -> str:
            variable = variables.get(match.group(1))
            if isinstance(variable, dict) and "default" in variable:
                return str(variable["default"])
            self.walk.fault(
                "malformed",
                join(pointer, "url"),
                f"the server variable {match.group(1)!r} has no default",
                "give it one under `variables`",
            )
            return match.group(1)

        url = TEMPLATE.sub(default, str(value.get("url", "/")))
        try:
            path = urlsplit(url).path.rstrip("/")
        except ValueError:
            self.walk.fault("malformed", join(pointer, "url"), f"{url!r} is no URL", "correct it")
            path = ""
        return Server(url=url, base_path=f"/{path.lstrip('/')}" if path else "", pointer=pointer)
