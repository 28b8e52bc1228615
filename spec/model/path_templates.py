"""Path templates: their names, and the query that some contracts write: `/messages?beta=true`.

OpenAPI has no such paths, and a query is all that tells such operations apart. A fragment is read
as a query: `/#Action=List` means one, for no fragment is ever sent (RFC 9110 section 4.2.5).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import unquote_plus

__all__ = [
    "TEMPLATE",
    "QueryField",
    "has_fields",
    "path_and_query",
    "query_fields",
    "template_names",
    "template_shape",
]

TEMPLATE = re.compile(r"\{([^{}]+)\}")
"""A name in a path, or in the URL of a server (OpenAPI 3.0.4, Path Templating, Server Variable)."""
# `{id?}` is the name of a parameter.
_BEGIN = re.compile(r"[?#](?![^{}]*\})")

QueryField = tuple[str, str | None]
"""A name and a value; None for any value."""


def template_names(template: str) -> tuple[str, ...]:
    """The names in a template, in their order."""
    return tuple(TEMPLATE.findall(template))


def template_shape(template: str) -> str:
    """The template without its names: what they are called makes no difference to requests."""
    return TEMPLATE.sub("{}", template)


def path_and_query(template: str) -> tuple[str, str]:
    """A template without the query that is written into it, and that query, often ""."""
    path, *queries = _BEGIN.split(template)
    return path, "&".join(queries)


def query_fields(query: str) -> frozenset[QueryField]:
    """What a query that is written into a path asks for, and what one of a request says.

    The value is None where it is a parameter or is left out.
    """
    pairs = (one.partition("=") for one in query.split("&") if one)
    return frozenset(
        (unquote_plus(name), None if not value or value.startswith("{") else unquote_plus(value))
        for name, _, value in pairs
    )


def has_fields(sent: Iterable[QueryField], asked: frozenset[QueryField]) -> bool:
    """Whether the fields of a request have all that are asked for."""
    fields = {one for pair in sent for one in (pair, (pair[0], None))}
    return asked <= fields
