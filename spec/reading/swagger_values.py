"""What Swagger 2.0 says of a value, said as OpenAPI 3 says it: in a Schema Object.

In Swagger a parameter or header has the keywords itself (Parameter, Items and Header Object).
"""

from __future__ import annotations

from collections.abc import Iterable

from spec.reading.nodes import Node
from spec.text.style_writing import LIST_STYLE

__all__ = [
    "VALUE_KEYS",
    "describe_value",
    "is_file",
    "is_list",
    "list_style",
    "mapping_members",
    "upgrade_schema",
]

VALUE_KEYS = frozenset(
    {"type", "format", "items", "default", "enum", "pattern", "multipleOf", "x-nullable"}
    | {"maximum", "exclusiveMaximum", "minimum", "exclusiveMinimum", "maxLength", "minLength"}
    | {"maxItems", "minItems", "uniqueItems"}
)
"""What OpenAPI 3 says in the schema of a parameter or header, and Swagger in the object itself."""
_LIST_STYLES: dict[str, tuple[str, bool]] = {
    "csv": ("form", False),
    "multi": ("form", True),
    "ssv": ("spaceDelimited", False),
    "pipes": ("pipeDelimited", False),
    "tsv": ("tabDelimited", False),
}
"""`style` and `explode` for a `collectionFormat`."""


def list_style(collection_format: str, *, is_query: bool = True) -> dict[str, str | bool]:
    """The keys that say how a list is divided; an unknown format is read as `csv`.

    `is_query` is for queries and forms; elsewhere OpenAPI 3 has commas only, and they are its
    default.
    """
    style, explode = _LIST_STYLES.get(collection_format, _LIST_STYLES["csv"])
    if style == "form" or (is_query and style != "tabDelimited"):
        return {"style": style, "explode": explode} if is_query else {}
    return {"explode": explode, LIST_STYLE: style}


def mapping_members(node: Node | None) -> dict[str, Node]:
    """The members of a mapping; none where there is no node, or where it is no mapping."""
    return node.members() if node is not None else {}


def is_file(schema: Node) -> bool:
    """Whether a schema, upgraded or not, is a file."""
    # A schema that two responses share was upgraded with the first of them.
    return schema.text("type") == "file" or schema.text("format") == "binary"


def is_list(schema: Node) -> bool:
    """Whether a schema or a Swagger parameter is a list."""
    return schema.text("type") == "array"


def describe_value(node: Node) -> None:
    """Put into a `schema` what a parameter or header says of its value."""
    value = node.members()
    said = {key: value.pop(key) for key in tuple(value) if key in VALUE_KEYS}
    if said and "schema" not in value:
        schema = value["schema"] = node.here(said)
        schema.key_lines = {key: line for key, line in node.key_lines.items() if key in said}
        if said.get("items") is not None:
            for items in _nested_items(said["items"]):
                items.members().pop("collectionFormat", None)
    if "x-example" in value and "example" not in value:
        value["example"] = value.pop("x-example")


def _nested_items(items: Node | None) -> Iterable[Node]:
    while items is not None and isinstance(items.value, dict):
        yield items
        items = items.value.get("items")


def upgrade_schema(node: Node) -> None:
    """Change a Schema Object of Swagger into one of OpenAPI 3.0, in place."""
    value = node.members()
    if node.text("type") == "file":
        value["type"] = value["type"].here("string")
        value["format"] = value["type"].here("binary")
    discriminator = value.get("discriminator")
    if discriminator is not None and isinstance(discriminator.value, str):
        value["discriminator"] = discriminator.here({"propertyName": discriminator})
    for key in ("x-nullable", "x-isnullable"):
        if key in value and "nullable" not in value:
            value["nullable"] = value[key]
