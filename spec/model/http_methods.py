"""HTTP's methods by one table: a new one is a row of `HTTP_METHODS`."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["HTTP_METHODS", "SAFE_METHODS", "UNSAFE_METHODS", "HTTPMethod"]


@dataclass(frozen=True, slots=True, kw_only=True)
class HTTPMethod:
    """What is known of a method that a Path Item of OpenAPI has a field for.

    `safe`: it asks for no change (RFC 9110 section 9.2.1). `filled`: servers look for a body in it.
    `since` is the version of OpenAPI that has it. `is_tried`: the kit sends it where it is not
    declared, in the order of the table.
    """

    name: str
    safe: bool = False
    filled: bool = False
    since: str = "3.0"
    is_tried: bool = True


HTTP_METHODS: tuple[HTTPMethod, ...] = (
    HTTPMethod(name="GET", safe=True),
    HTTPMethod(name="HEAD", safe=True),
    HTTPMethod(name="POST", filled=True),
    HTTPMethod(name="PUT", filled=True),
    HTTPMethod(name="PATCH", filled=True),
    HTTPMethod(name="DELETE"),
    HTTPMethod(name="OPTIONS", safe=True),
    HTTPMethod(name="TRACE", safe=True),
    HTTPMethod(name="QUERY", safe=True, since="3.2", is_tried=False),
)
SAFE_METHODS = frozenset(one.name for one in HTTP_METHODS if one.safe)
UNSAFE_METHODS = frozenset(one.name for one in HTTP_METHODS if not one.safe)
"""Those of the table; methods of an author's own are neither listed nor safe."""
