"""From the document to the dataclasses: one method an OpenAPI object.

A real contract is faulty somewhere. What is malformed is reported with its line and left out, so
that the rest can be served; nothing here raises.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, get_args
from urllib.parse import urlsplit

from jsonschema_rs import ValidationError

from spec.errors import Fault, Place
from spec.examples import Judge
from spec.model import (
    Direction,
    Example,
    Header,
    MediaType,
    Operation,
    Parameter,
    ParameterLocation,
    RequestBody,
    Response,
    Schema,
    SecurityRequirement,
    SecurityScheme,
    Server,
    Violation,
)
from spec.pointers import join, split
from spec.schemas import compile_schema

__all__ = ["ElementReader"]

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
_STATUS = re.compile(r"[1-5](?:[0-9]{2}|XX)\Z|default\Z")
_TEMPLATE = re.compile(r"\{([^{}]+)\}")
_STYLES = {"path": "simple", "query": "form", "header": "simple", "cookie": "form"}
_LOCATIONS: dict[str, ParameterLocation] = {one: one for one in get_args(ParameterLocation)}
_IGNORED_HEADERS = frozenset({"accept", "content-type", "authorization"})
_SCHEME_TYPES = frozenset({"apiKey", "http", "oauth2", "openIdConnect", "mutualTLS"})
_REF_LIMIT = 32

Located = tuple[Any, str]
"""A value with its pointer in the document."""


def _extensions(value: Mapping[str, Any]) -> dict[str, Any]:
    return {key: child for key, child in value.items() if key.startswith("x-")}


@dataclass(slots=True, kw_only=True)
class ElementReader:
    """Reads the objects of one document.

    `find` gives the value at a pointer or raises KeyError; `report` takes each fault.
    """

    document: Mapping[str, Any]
    find: Callable[[str], Any]
    report: Callable[[Fault], None]
    place: Callable[[str], Place]
    violations: Callable[[str, Direction, Any], tuple[Violation, ...]]

    def fault(
        self, code: str, pointer: str, what: str, remedy: str = "", keyword: str = ""
    ) -> None:
        """Report a defect at a pointer."""
        self.report(
            Fault(
                code=code,
                place=self.place(pointer),
                pointer=pointer,
                what=what,
                remedy=remedy,
                keyword=keyword,
            )
        )

    # Walking

    def mapping(self, value: Any, pointer: str) -> dict[str, Any]:
        """The value if it is a mapping; anything else but nothing is a fault."""
        if isinstance(value, dict):
            return value
        if value is not None:
            self.fault("malformed", pointer, "this must be a mapping", "correct its indentation")
        return {}

    def items(self, value: Any, pointer: str) -> list[Any]:
        """The value if it is a list; anything else but nothing is a fault."""
        if isinstance(value, list):
            return value
        if value is not None:
            self.fault("malformed", pointer, "this must be a list", "write its items with `-`")
        return []

    def resolved(self, value: Any, pointer: str) -> Located:
        """What a chain of `$ref`s leads to (None if nowhere), and the pointer of that."""
        for _ in range(_REF_LIMIT):
            if not isinstance(value, dict) or not isinstance(value.get("$ref"), str):
                return value, pointer
            target = value["$ref"]
            try:
                value, pointer = self.find(target), join("#", *split(target))
            except KeyError:
                return None, pointer
        self.fault("unresolved-reference", pointer, "this $ref leads back to itself")
        return None, pointer

    def objects(
        self, parent: Mapping[str, Any], key: str, pointer: str
    ) -> Iterator[tuple[str, dict[str, Any], str]]:
        """The named members under a key, their references followed."""
        here = join(pointer, key)
        for name, value in self.mapping(parent.get(key), here).items():
            found, at = self.resolved(value, join(here, name))
            if found is not None:
                yield name, self.mapping(found, at), at

    # Components

    def security_schemes(self) -> dict[str, SecurityScheme]:
        """The declared security schemes; one of unknown type is a fault and stays in."""
        components = self.mapping(self.document.get("components"), "#/components")
        schemes: dict[str, SecurityScheme] = {}
        for name, value, pointer in self.objects(components, "securitySchemes", "#/components"):
            schemes[name] = self.security_scheme(name, value, pointer)
        return schemes

    def security_scheme(self, name: str, value: Mapping[str, Any], pointer: str) -> SecurityScheme:
        """A Security Scheme Object (OpenAPI 3.0 section 4.7.27)."""
        kind = str(value.get("type", ""))
        if kind not in _SCHEME_TYPES:
            self.fault(
                "unknown-security-scheme-type",
                join(pointer, "type"),
                f"the security scheme {name!r} is of unknown type {kind!r}",
                f"use one of {', '.join(sorted(_SCHEME_TYPES))}; until then any credential counts",
            )
        flows = self.mapping(value.get("flows"), join(pointer, "flows"))
        scopes = [
            scope
            for flow in flows.values()
            if isinstance(flow, dict) and isinstance(flow.get("scopes"), dict)
            for scope in flow["scopes"]
        ]
        return SecurityScheme(
            name=name,
            type=kind,
            scheme=str(value.get("scheme", "")).lower(),
            bearer_format=str(value.get("bearerFormat", "")),
            location=str(value.get("in", "")),
            parameter=str(value.get("name", "")),
            scopes=tuple(dict.fromkeys(map(str, scopes))),
            pointer=pointer,
            extensions=_extensions(value),
        )

    # Operations

    def operations(self, schemes: Mapping[str, SecurityScheme]) -> tuple[Operation, ...]:
        """Every operation, in the document's order."""
        paths = self.mapping(self.document.get("paths"), "#/paths")
        found: list[Operation] = []
        seen: dict[str, str] = {}
        for path, value in paths.items():
            if path.startswith("x-"):
                continue
            pointer = join("#/paths", path)
            if not path.startswith("/"):
                self.fault("malformed", pointer, f"the path {path!r} must begin with /", "add it")
                continue
            shape = _TEMPLATE.sub("{}", path)
            if shape in seen:
                self.fault(
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
        found, at = self.resolved(value, pointer)
        item = self.mapping(found, at)
        # A sibling of the reference is undefined behaviour; what stands here is what is meant.
        own = {k: v for k, v in value.items() if k != "$ref"} if isinstance(value, dict) else {}
        for method in METHODS:
            holder = pointer if method in own else at
            written = own.get(method, item.get(method))
            if written is None:
                continue
            here = join(holder, method)
            operation = self.mapping(written, here)
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
            place=self.place(pointer),
            operation_id=str(operation_id) if operation_id is not None else None,
            summary=str(value.get("summary", "")),
            description=str(value.get("description", "")),
            tags=tuple(map(str, self.items(value.get("tags"), join(pointer, "tags")))),
            deprecated=value.get("deprecated") is True,
            parameters=self.parameters(path, item, value, holder, pointer),
            request_body=self.request_body(body, join(pointer, "requestBody")),
            responses=self.responses(value, pointer),
            security=self.security(value, pointer, schemes),
            servers=self.servers(item, value, holder, pointer),
            extensions={**_extensions(item), **_extensions(value)},
        )

    def servers(
        self, item: Mapping[str, Any], value: Mapping[str, Any], holder: str, pointer: str
    ) -> tuple[Server, ...]:
        """The nearest `servers`: the operation's, the path's, the document's."""
        for owner, at in ((value, pointer), (item, holder), (self.document, "#")):
            if "servers" in owner:
                here = join(at, "servers")
                listed = self.items(owner["servers"], here)
                return tuple(
                    self.server(self.mapping(one, join(here, i)), join(here, i))
                    for i, one in enumerate(listed)
                )
        return ()

    def server(self, value: Mapping[str, Any], pointer: str) -> Server:
        """A Server Object with its variables at their defaults (OpenAPI 3.0 section 4.7.5)."""
        variables = self.mapping(value.get("variables"), join(pointer, "variables"))

        def default(match: re.Match[str]) -> str:
            variable = variables.get(match.group(1))
            if isinstance(variable, dict) and "default" in variable:
                return str(variable["default"])
            self.fault(
                "malformed",
                join(pointer, "url"),
                f"the server variable {match.group(1)!r} has no default",
                "give it one under `variables`",
            )
            return match.group(1)

        url = _TEMPLATE.sub(default, str(value.get("url", "/")))
        try:
            path = urlsplit(url).path.rstrip("/")
        except ValueError:
            self.fault("malformed", join(pointer, "url"), f"{url!r} is no URL", "correct it")
            path = ""
        return Server(url=url, base_path=f"/{path.lstrip('/')}" if path else "", pointer=pointer)

    def security(
        self, value: Mapping[str, Any], pointer: str, schemes: Mapping[str, SecurityScheme]
    ) -> tuple[SecurityRequirement, ...]:
        """The operation's own requirements, else the document's."""
        owner, at = (value, pointer) if "security" in value else (self.document, "#")
        here = join(at, "security")
        found: list[SecurityRequirement] = []
        for index, one in enumerate(self.items(owner.get("security"), here)):
            where = join(here, index)
            named = {
                str(name): tuple(map(str, scopes)) if isinstance(scopes, list) else ()
                for name, scopes in self.mapping(one, where).items()
            }
            for name in named.keys() - schemes.keys():
                self.fault(
                    "undeclared-security-scheme",
                    where,
                    f"the security scheme {name!r} is not declared",
                    "declare it under components/securitySchemes; until then any credential counts",
                )
            found.append(SecurityRequirement(schemes=named, pointer=where))
        return tuple(found)

    # Parameters

    def parameters(
        self,
        path: str,
        item: Mapping[str, Any],
        value: Mapping[str, Any],
        holder: str,
        pointer: str,
    ) -> tuple[Parameter, ...]:
        """The operation's parameters over the path's; those of a template are mended to fit it."""
        found: dict[tuple[str, str], Parameter] = {}
        for owner, at in ((item, holder), (value, pointer)):
            here = join(at, "parameters")
            for index, one in enumerate(self.items(owner.get("parameters"), here)):
                written, where = self.resolved(one, join(here, index))
                if written is None:
                    continue
                parameter = self.parameter(self.mapping(written, where), where)
                if parameter is not None:
                    found[(parameter.location, parameter.name)] = parameter
        return self.fitted(path, list(found.values()), pointer)

    def parameter(self, value: Mapping[str, Any], pointer: str) -> Parameter | None:
        """A Parameter Object (OpenAPI 3.0 section 4.7.12), or None where it says nothing usable."""
        name, location = value.get("name"), _LOCATIONS.get(str(value.get("in")))
        if not isinstance(name, str) or location is None:
            self.fault(
                "malformed",
                pointer,
                "a parameter needs `name` and `in: path|query|header|cookie`",
                "correct it; until then it is left out",
            )
            return None
        if location == "header" and name.lower() in _IGNORED_HEADERS:
            return None
        style = str(value.get("style", _STYLES[location]))
        schema = self.schema(value, pointer)
        return Parameter(
            name=name,
            location=location,
            required=value.get("required") is True or location == "path",
            schema=schema,
            content=None if schema else self.only_content(value, pointer, Direction.REQUEST),
            style=style,
            explode=bool(value.get("explode", style == "form")),
            allow_reserved=value.get("allowReserved") is True,
            deprecated=value.get("deprecated") is True,
            examples=self.examples(value, pointer, schema, Direction.REQUEST),
            pointer=pointer,
        )

    def fitted(self, path: str, parameters: list[Parameter], pointer: str) -> tuple[Parameter, ...]:
        """Exactly the template's names in `path`: strangers leave, missing ones are made up.

        Where one name is missing and one is a stranger, the stranger is what was meant.
        """
        template = dict.fromkeys(_TEMPLATE.findall(path))
        declared = {one.name: one for one in parameters if one.location == "path"}
        strangers = [one for name, one in declared.items() if name not in template]
        missing = [name for name in template if name not in declared]
        for one in strangers:
            self.fault(
                "unknown-path-parameter",
                one.pointer,
                f"the path {path} has no {{{one.name}}}",
                _renaming(missing, strangers) or "remove the parameter or add it to the path",
            )
        for name in missing:
            self.fault(
                "undeclared-path-parameter",
                pointer,
                f"the path parameter {{{name}}} is not declared",
                _renaming(missing, strangers) or "declare it; until then it is any text",
            )
        kept = [one for one in parameters if one not in strangers]
        stand_in = strangers[0] if len(strangers) == len(missing) == 1 else None
        return (*kept, *(_made_up(name, stand_in, pointer) for name in missing))

    def schema(self, holder: Mapping[str, Any], pointer: str) -> Schema | None:
        """The schema of a parameter, header or media type; a broken reference is a fault."""
        if "schema" not in holder:
            return None
        value, here = holder["schema"], join(pointer, "schema")
        if not isinstance(value, dict | bool):
            self.fault("malformed", here, "a schema must be a mapping", "correct it")
            return None
        return Schema(pointer=here, value=value)

    def only_content(
        self, value: Mapping[str, Any], pointer: str, direction: Direction
    ) -> MediaType | None:
        """The one media type of a parameter or header that is described by `content`."""
        return next(iter(self.content(value, "content", pointer, direction)), None)

    # Bodies

    def request_body(self, value: Any, pointer: str) -> RequestBody | None:
        """A Request Body Object (OpenAPI 3.0 section 4.7.13)."""
        found, at = self.resolved(value, pointer)
        if found is None:
            return None
        body = self.mapping(found, at)
        return RequestBody(
            required=body.get("required") is True,
            content=self.content(body, "content", at, Direction.REQUEST),
            pointer=at,
        )

    def content(
        self, holder: Mapping[str, Any], key: str, pointer: str, direction: Direction
    ) -> tuple[MediaType, ...]:
        """The media types under a key, `content` or `x-mock-content`."""
        return tuple(
            self.media_type(name, value, at, direction)
            for name, value, at in self.objects(holder, key, pointer)
        )

    def media_type(
        self, name: str, value: Mapping[str, Any], pointer: str, direction: Direction
    ) -> MediaType:
        """A Media Type Object (OpenAPI 3.0 section 4.7.14)."""
        essence, separator, parameters = name.partition(";")
        name = essence.strip().lower() + separator + parameters
        schema = self.schema(value, pointer)
        return MediaType(
            name=name,
            schema=schema,
            examples=self.examples(value, pointer, schema, direction, name),
            encoding=self.mapping(value.get("encoding"), join(pointer, "encoding")),
            pointer=pointer,
            extensions=_extensions(value),
        )

    def responses(self, value: Mapping[str, Any], pointer: str) -> tuple[Response, ...]:
        """The documented responses; a key that is no status is a fault and left out."""
        found = []
        for status, response, at in self.objects(value, "responses", pointer):
            if status.startswith("x-"):
                continue
            if not _STATUS.match(status.upper() if status != "default" else status):
                self.fault(
                    "malformed",
                    join(pointer, "responses", status),
                    f"{status!r} is no status",
                    "write a code such as 200, a range such as 4XX, or default",
                )
                continue
            found.append(self.response(status, response, at))
        if not found:
            self.fault(
                "no-response", pointer, "the operation documents no response", "document one"
            )
        return tuple(found)

    def response(self, status: str, value: Mapping[str, Any], pointer: str) -> Response:
        """A Response Object (OpenAPI 3.0 section 4.7.17)."""
        content = self.content(value, "content", pointer, Direction.RESPONSE)
        mock = self.content(value, "x-mock-content", pointer, Direction.RESPONSE)
        if content and mock:
            self.fault(
                "needless-mock-content",
                join(pointer, "x-mock-content"),
                "the response has a `content` of its own, which is served instead",
                "put the examples there",
            )
        return Response(
            status=status if status == "default" else status.upper(),
            description=str(value.get("description", "")),
            content=content,
            mock_content=() if content else mock,
            headers=tuple(
                self.header(name, header, at)
                for name, header, at in self.objects(value, "headers", pointer)
                # OpenAPI 3.0 section 4.7.17: a header named Content-Type is ignored.
                if name.lower() != "content-type"
            ),
            pointer=pointer,
            extensions=_extensions(value),
        )

    def header(self, name: str, value: Mapping[str, Any], pointer: str) -> Header:
        """A Header Object (OpenAPI 3.0 section 4.7.21)."""
        schema = self.schema(value, pointer)
        return Header(
            name=name,
            required=value.get("required") is True,
            schema=schema,
            content=None if schema else self.only_content(value, pointer, Direction.RESPONSE),
            explode=value.get("explode") is True,
            examples=self.examples(value, pointer, schema, Direction.RESPONSE),
            pointer=pointer,
        )

    # Examples

    def examples(
        self,
        holder: Mapping[str, Any],
        pointer: str,
        schema: Schema | None,
        direction: Direction,
        media_type: str = "application/json",
    ) -> tuple[Example, ...]:
        """The examples that are true: named ones, the single one, then those of the schema."""
        judge = Judge(
            schema=schema, direction=direction, media_type=media_type, violations=self.violations
        )
        written = [*self.written_examples(holder, pointer), *self.schema_examples(schema)]
        return tuple(one for one in written if self.is_true(one, judge))

    def written_examples(self, holder: Mapping[str, Any], pointer: str) -> Iterator[Example]:
        """What stands under `examples` and `example`."""
        for name, value, at in self.objects(holder, "examples", pointer):
            if "value" in value:
                yield Example(
                    name=name,
                    value=value["value"],
                    pointer=join(at, "value"),
                    summary=str(value.get("summary", "")),
                    when=self.condition(value, at),
                    extensions=_extensions(value),
                )
            elif "externalValue" not in value:
                self.fault("malformed", at, f"the example {name!r} has no `value`", "give it one")
        if "example" in holder:
            yield Example(
                name=None,
                value=holder["example"],
                pointer=join(pointer, "example"),
                origin="example",
            )

    def condition(self, value: Mapping[str, Any], pointer: str) -> Any:
        """An example's `x-mock-when`, if it is a valid JSON Schema."""
        when = value.get("x-mock-when")
        if when is None:
            return None
        try:
            compile_schema(when)
        except (ValidationError, TypeError, ValueError) as error:
            self.fault(
                "invalid-condition",
                join(pointer, "x-mock-when"),
                f"this is no JSON Schema: {str(error).splitlines()[0]}",
                "write a schema for {path, query, headers, body}; until then it never matches",
            )
            return False
        return when

    def schema_examples(self, schema: Schema | None) -> Iterator[Example]:
        """The `example` of a schema, and the `examples` of OpenAPI 3.1."""
        if schema is None:
            return
        value, pointer = self.resolved(schema.value, schema.pointer)
        if not isinstance(value, dict):
            return
        if "example" in value:
            at = join(pointer, "example")
            yield Example(name=None, value=value["example"], pointer=at, origin="schema")
        listed = value.get("examples")
        for index, one in enumerate(listed if isinstance(listed, list) else ()):
            at = join(pointer, "examples", index)
            yield Example(name=None, value=one, pointer=at, origin="schema")

    def is_true(self, example: Example, judge: Judge) -> bool:
        """Whether an example satisfies its schema; one that does not is a fault."""
        found = judge.violations_of(example.value)
        for violation in found:
            # Without its final `/value` the pointer is the name that people know.
            named = example.pointer.removesuffix("/value")
            self.report(
                Fault(
                    code="faulty-example",
                    place=self.place(example.pointer + violation.pointer),
                    pointer=named,
                    what=f"{violation.pointer or 'the example'} {violation.message}",
                    remedy="correct the example or the schema",
                    keyword=violation.keyword,
                )
            )
        return not found


def _renaming(missing: list[str], strangers: list[Parameter]) -> str:
    if len(missing) == len(strangers) == 1:
        return f"name both alike: {{{missing[0]}}} is taken for {strangers[0].name!r}"
    return ""


def _made_up(name: str, stand_in: Parameter | None, pointer: str) -> Parameter:
    """The parameter for a template's name that nobody declared."""
    return Parameter(
        name=name,
        location="path",
        required=True,
        schema=stand_in.schema if stand_in else None,
        content=stand_in.content if stand_in else None,
        style=stand_in.style if stand_in else "simple",
        explode=stand_in.explode if stand_in else False,
        examples=stand_in.examples if stand_in else (),
        pointer=stand_in.pointer if stand_in else pointer,
    )
