"""Every object of the document against the checks of its kind, used or not."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from conformance.lint.messages import (
    content_remarks,
    example_remarks,
    form_remarks,
    header_name_remarks,
    parameter_remarks,
)
from conformance.lint.references import sibling_remarks
from conformance.lint.remark import Remark
from conformance.lint.schema_mistakes import schema_remarks
from conformance.lint.servers import server_remarks
from conformance.report.codes.finding_code import FindingCode
from spec import Contract
from spec.model.pointers import join

__all__ = ["object_remarks"]

_VALUED = frozenset({"MediaType", "Parameter", "Header"})
"""Objects that have a schema and examples."""
_COMPONENT_NAME = re.compile(r"[a-zA-Z0-9._-]+")
"""OpenAPI, Components Object."""
_LOWER_RANGE = re.compile(r"[1-5](?:xx|xX|Xx)")
"""A range of statuses in lower case: OpenAPI wants `4XX`."""
_HOLDERS = frozenset({"RequestBody", "Response", "Parameter", "Header"})
"""Objects that have `content`."""
_NAMED_FIELDS = frozenset({"Parameter", "SecurityScheme"})
"""Objects that may name a header."""


def object_remarks(contract: Contract) -> Iterator[Remark]:
    """The remarks on the objects of a document, each object once."""
    is_30 = contract.openapi.startswith("3.0")
    for pointer, kind, value in contract.objects():
        yield from sibling_remarks(pointer, kind, value, is_30=is_30)
        if kind == "Schema":
            yield from schema_remarks(contract, pointer, value)
        elif kind == "Server":
            yield from server_remarks(pointer, value)
        elif kind == "Response":
            yield from _ignored_header(pointer, value)
        elif kind == "Example":
            yield from example_remarks(pointer, value)
        elif kind == "Callback":
            yield from _expressions(pointer, value)
        elif kind == "Responses":
            yield from _lower_ranges(pointer, value)
        elif kind == "Components":
            yield from _component_names(pointer, value)
        elif kind == "OpenAPI":
            yield from _repeated_tags(pointer, value)
        if kind in _VALUED:
            yield from parameter_remarks(contract, pointer, kind, value)
        if kind in _NAMED_FIELDS and value.get("in") == "header":
            yield from header_name_remarks(join(pointer, "name"), value.get("name"))
        if kind in _HOLDERS and isinstance(content := value.get("content"), Mapping):
            here = join(pointer, "content")
            yield from content_remarks(here, content)
            for name, media_type in content.items():
                if isinstance(media_type, Mapping):
                    yield from form_remarks(contract, join(here, name), name, media_type)


def _expressions(pointer: str, callback: Mapping[str, Any]) -> Iterator[Remark]:
    """A runtime expression without its braces, which is then a literal path."""
    for key in callback:
        if key.startswith("$") and key != "$ref":
            yield Remark(
                code=FindingCode.PATH_TEMPLATE,
                pointer=join(pointer, key),
                what=f"{key!r} is taken literally: a runtime expression in a URL has braces",
                remedy=f"write `'{{{key}}}'`",
            )


def _ignored_header(pointer: str, response: Mapping[str, Any]) -> Iterator[Remark]:
    headers = response.get("headers")
    for name in headers if isinstance(headers, Mapping) else ():
        yield from header_name_remarks(join(pointer, "headers", name), name)
        if name.lower() == "content-type":
            yield Remark(
                code=FindingCode.IGNORED_PARAMETER,
                pointer=join(pointer, "headers", name),
                what=f"a response header named {name} is ignored (OpenAPI, Response Object)",
                remedy="remove it: the keys of `content` say the same",
            )


def _lower_ranges(pointer: str, responses: Mapping[str, Any]) -> Iterator[Remark]:
    for status in responses:
        if _LOWER_RANGE.fullmatch(status):
            yield Remark(
                code=FindingCode.INVALID_OPENAPI,
                pointer=join(pointer, status),
                what=f"`{status}` is not allowed here",
                remedy=f"write it in upper case: `{status.upper()}`",
            )


def _component_names(pointer: str, components: Mapping[str, Any]) -> Iterator[Remark]:
    for kind, named in components.items():
        for name in named if isinstance(named, Mapping) and not kind.startswith("x-") else ():
            if not _COMPONENT_NAME.fullmatch(name):
                yield Remark(
                    code=FindingCode.INVALID_OPENAPI,
                    pointer=join(pointer, kind, name),
                    what=f"the name {name!r} has characters that a component's name cannot have",
                    remedy="write letters, digits, `.`, `-` and `_` only",
                    many="names of components have characters that they cannot have",
                )


def _repeated_tags(pointer: str, document: Mapping[str, Any]) -> Iterator[Remark]:
    tags, seen = document.get("tags"), set[str]()
    for index, tag in enumerate(tags if isinstance(tags, list) else ()):
        name = tag.get("name") if isinstance(tag, Mapping) else None
        if isinstance(name, str) and name in seen:
            yield Remark(
                code=FindingCode.INVALID_OPENAPI,
                pointer=join(pointer, "tags", index),
                what=f"the tag {name!r} is declared twice",
                remedy="remove one of them",
            )
        seen.add(str(name))
