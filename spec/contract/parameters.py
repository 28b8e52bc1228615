"""Parameters, fitted to the template of their path."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from spec.contract.bodies import MessageReader
from spec.model.contract_model import Direction, Parameter, ParameterLocation
from spec.model.path_templates import template_names
from spec.model.pointers import join
from spec.reading.walking import Walker
from spec.text.style_writing import LIST_STYLE

__all__ = ["ParameterReader"]

"""A name in a path or a server URL."""
_STYLES = {"path": "simple", "query": "form", "header": "simple", "cookie": "form"}
_LOCATIONS: Mapping[str, ParameterLocation] = {
    "path": "path",
    "query": "query",
    "header": "header",
    "cookie": "cookie",
}
_IGNORED_HEADERS = frozenset({"accept", "content-type", "authorization"})
"""OpenAPI 3.0 section 4.7.12.1: parameters of these names are ignored."""
_OF_THE_CONNECTION = frozenset({"connection", "content-length", "host", "transfer-encoding"})
"""Fields that a client's HTTP library writes itself (RFC 9112): no value can be chosen for them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ParameterReader:
    """Reads the Parameter Objects of operations and paths."""

    walk: Walker
    bodies: MessageReader

    def read(
        self,
        path: str,
        item: Mapping[str, Any],
        value: Mapping[str, Any],
        holder: str,
        pointer: str,
    ) -> tuple[Parameter, ...]:
        """The operation's parameters over the path's; those in the path fit its template."""
        found: dict[tuple[str, str], Parameter] = {}
        for written, where in self.written(item, value, holder, pointer):
            if self.is_query_string(written):
                continue
            parameter = self.parameter(written, where)
            if parameter is not None:
                found[(parameter.location, parameter.name)] = parameter
        return self.fitted(path, list(found.values()), pointer)

    def query_string(
        self, item: Mapping[str, Any], value: Mapping[str, Any], holder: str, pointer: str
    ) -> Parameter | None:
        """The parameter that is the whole query; the operation's goes before the path's."""
        found = None
        for written, where in self.written(item, value, holder, pointer):
            if not self.is_query_string(written):
                continue
            content = self.bodies.only_content(written, where, Direction.REQUEST)
            if content is None:
                self.walk.fault(
                    "malformed",
                    where,
                    "a parameter `in: querystring` needs `content` with one media type",
                    "correct it; until then it is left out",
                )
                continue
            found = Parameter(
                name=str(written.get("name", "")),
                location="querystring",
                required=written.get("required") is True,
                schema=None,
                content=content,
                style="form",
                explode=True,
                deprecated=written.get("deprecated") is True,
                examples=content.examples,
                pointer=where,
            )
        return found

    def is_query_string(self, value: Mapping[str, Any]) -> bool:
        """Whether a Parameter Object is of the whole query, as one may be since OpenAPI 3.2."""
        return self.bodies.is_32 and value.get("in") == "querystring"

    def written(
        self, item: Mapping[str, Any], value: Mapping[str, Any], holder: str, pointer: str
    ) -> Iterator[tuple[Mapping[str, Any], str]]:
        """The Parameter Objects of the path and then of the operation, each with its pointer."""
        for owner, at in ((item, holder), (value, pointer)):
            here = join(at, "parameters")
            for index, one in enumerate(self.walk.items(owner.get("parameters"), here)):
                written, where = self.walk.resolved(one, join(here, index))
                if written is not None:
                    yield self.walk.mapping(written, where), where

    def parameter(self, value: Mapping[str, Any], pointer: str) -> Parameter | None:
        """A Parameter Object (OpenAPI 3.0 section 4.7.12); None, and a fault, where it is none."""
        name, location = value.get("name"), _LOCATIONS.get(str(value.get("in")))
        if not isinstance(name, str) or location is None:
            self._report_malformed(value, pointer)
            return None
        if location == "header" and name.lower() in _IGNORED_HEADERS:
            self.walk.fault(
                "ignored-parameter",
                pointer,
                f"a header parameter named {name} is ignored (OpenAPI 3.0.4, Parameter Object)",
                "describe it with `security`, or with the media types of `content`",
            )
            return None
        if location == "header" and name.lower() in _OF_THE_CONNECTION:
            self.walk.fault(
                "ignored-parameter",
                pointer,
                f"a header parameter named {name} is ignored: HTTP itself decides on it (RFC 9112)",
                "remove it",
            )
            return None
        style = str(value.get(LIST_STYLE, value.get("style", _STYLES[location])))
        schema = self.bodies.schema(value, pointer)
        content = None if schema else self.bodies.only_content(value, pointer, Direction.REQUEST)
        own = self.bodies.examples.read(value, pointer, schema, Direction.REQUEST)
        return Parameter(
            name=name,
            location=location,
            # A path parameter must say `required: true`; where it does not, it is required all the
            # same.
            required=value.get("required") is True or location == "path",
            schema=schema,
            content=content,
            style=style,
            # OpenAPI 3.0 section 4.7.12: true for `form`, false for all others.
            explode=bool(value.get("explode", style in ("form", "cookie"))),
            allow_reserved=value.get("allowReserved") is True,
            allow_empty=value.get("allowEmptyValue") is True,
            deprecated=value.get("deprecated") is True,
            examples=own or (content.examples if content else ()),
            pointer=pointer,
        )

    def _report_malformed(self, value: Mapping[str, Any], pointer: str) -> None:
        if value.get("in") == "querystring":
            self.walk.fault(
                "later-version",
                pointer,
                "`in: querystring` belongs to OpenAPI 3.2 and has no meaning in "
                f"{str(self.walk.document.get('openapi'))[:3]}",
                "write `openapi: 3.2.0`; until then it is left out",
            )
            return
        self.walk.fault(
            "malformed",
            pointer,
            "a parameter needs `name` and `in: path|query|header|cookie`",
            f"{_meant_location(value)}; until then it is left out",
        )

    def fitted(self, path: str, parameters: list[Parameter], pointer: str) -> tuple[Parameter, ...]:
        """The template's names in `path`: unknown parameters are dropped, missing ones generated.

        If one name is missing and one is unknown, the unknown one is taken for the missing one.
        """
        template = dict.fromkeys(template_names(path))
        declared = {one.name: one for one in parameters if one.location == "path"}
        unknown = [one for name, one in declared.items() if name not in template]
        missing = [name for name in template if name not in declared]
        for one in unknown:
            self.walk.fault(
                "unknown-path-parameter",
                one.pointer,
                f"the path {path} has no {{{one.name}}}",
                _renaming(missing, unknown) or "remove the parameter or add it to the path",
            )
        for name in missing:
            self.walk.fault(
                "undeclared-path-parameter",
                pointer,
                f"the path parameter {{{name}}} is not declared",
                _renaming(missing, unknown) or "declare it; until then any text is accepted",
            )
        kept = [one for one in parameters if one not in unknown]
        stand_in = unknown[0] if len(unknown) == len(missing) == 1 else None
        return (*kept, *(_made_up(name, stand_in, pointer) for name in missing))


def _meant_location(value: Mapping[str, Any]) -> str:
    written = str(value.get("in", "")).lower()
    if not isinstance(value.get("name"), str):
        return "add its `name`"
    if written in _LOCATIONS:
        return f"write `in: {written}`"
    return "write `in: path`" if written in ("url", "uri") else "correct it"


def _renaming(missing: list[str], unknown: list[Parameter]) -> str:
    if len(missing) != 1 or len(unknown) != 1:
        return ""
    name, other = missing[0], unknown[0].name
    # `{id:[0-9]+}`, `{id?}` and `{id*}` are those of frameworks.
    if name.startswith(other) and not name[len(other)].isalnum():
        return (
            f"write {{{other}}}: a pattern belongs in its schema, an optional one in another path"
        )
    return f"name both alike: {{{name}}} is taken for {other!r}"


def _made_up(name: str, stand_in: Parameter | None, pointer: str) -> Parameter:
    """The parameter for a name of the template that is not declared."""
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
