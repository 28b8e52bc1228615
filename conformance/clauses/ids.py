"""How clauses are named. The names end up in waivers and in `-k`, so they do not change."""

from __future__ import annotations

from conformance.clauses.schema_nodes import SchemaNode

__all__ = [
    "body_prefix",
    "clause_id",
    "declared_media_type",
    "local_part",
    "node_clause",
    "parameter_prefix",
    "part_header",
    "part_type",
    "response_prefix",
]


def clause_id(operation: str, local: str) -> str:
    """`POST /api/x body.prompt.required`: the operation, a space, and the local name."""
    return f"{operation} {local}"


def local_part(clause: str) -> str:
    """The clause's name without its operation: what the same promise has in common elsewhere."""
    # The operation itself is two words: its method and its path.
    return clause.split(" ", 2)[-1]


def body_prefix(media_type: str) -> str:
    """`body`, and for what is not plain JSON `body(text/xml)`."""
    return "body" if media_type == "application/json" else f"body({media_type})"


def declared_media_type(media_type: str) -> str:
    """The clause that a request in one of several media types is accepted."""
    return f"media.declared({media_type})"


def part_type(prefix: str, name: str) -> str:
    """The clause that a part of a multipart body is of the type that `encoding` gives it."""
    return node_clause(prefix, name, "encoding")


def part_header(prefix: str, name: str, header: str) -> str:
    """The clause that a part of a multipart body has a header that `encoding` requires."""
    return node_clause(prefix, name, f"header({header})")


def response_prefix(status: str, media_type: str | None = None) -> str:
    """`response.200`, and for what is not plain JSON `response.200(text/event-stream)`."""
    plain = media_type in (None, "application/json")
    return f"response.{status}" if plain else f"response.{status}({media_type})"


def parameter_prefix(location: str, name: str) -> str:
    """`path.provider`, `query.limit`, …"""
    return f"{location}.{name}"


def node_clause(prefix: str, node_name: str, keyword: str) -> str:
    """The clause of one keyword at one place of a schema.

    The keyword `required:NAME` belongs to the property that it asks for.
    """
    if keyword.startswith("required:"):
        node_name = join_name(node_name, keyword.removeprefix("required:"))
        keyword = "required"
    between = "" if not node_name or node_name.startswith("[") else "."
    return f"{prefix}{between}{node_name}.{keyword}"


def join_name(parent: str, name: str) -> str:
    """The readable name of a property below a place."""
    return f"{parent}.{name}" if parent else name


def node_name(node: SchemaNode, whole: str = "the body") -> str:
    """What a sentence calls a place; `whole` where it has no name."""
    return f"`{node.name}`" if node.name else whole
