"""The clauses of a schema: one for each keyword that a message can keep or break."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from conformance.clauses.ids import join_name, node_clause, node_name
from conformance.clauses.kinds import ClauseKind
from conformance.clauses.schema_nodes import SchemaNode, nodes
from spec import Contract
from spec.model.contract_model import Schema
from spec.text.body_codecs import BodyKind

__all__ = [
    "BROKEN",
    "FREE",
    "WORDS",
    "KeywordClause",
    "answer_keywords",
    "body_keywords",
    "can_be_shown",
    "free_keywords",
    "has_charset",
    "is_write_only",
    "request_keywords",
    "response_keywords",
]

# Keywords that hold other schemas (`properties`, `items`, `allOf`) have no sentence: the places
# below them have clauses of their own.
WORDS: Mapping[str, str] = {
    "type": "{name} is {value}",
    "enum": "{name} is one of {value}",
    "const": "{name} is {value}",
    "minimum": "{name} is at least {value}",
    "maximum": "{name} is at most {value}",
    "exclusiveMinimum": "{name} is greater than {value}",
    "exclusiveMaximum": "{name} is less than {value}",
    "multipleOf": "{name} is a multiple of {value}",
    "minLength": "{name} has at least {value} characters",
    "maxLength": "{name} has at most {value} characters",
    "pattern": "{name} matches {value}",
    "format": "{name} is a valid {value}",
    "minItems": "{name} has at least {value} items",
    "maxItems": "{name} has at most {value} items",
    "uniqueItems": "the items of {name} differ from each other",
    "minProperties": "{name} has at least {value} properties",
    "maxProperties": "{name} has at most {value} properties",
    "dependentRequired": "{name} has the properties that its other properties require",
    "oneOf": "{name} fits exactly one alternative",
    "anyOf": "{name} fits an alternative",
    "not": "{name} is not what the contract excludes",
    "contains": "{name} contains an item of the required kind",
    "propertyNames": "the names in {name} are of the allowed form",
    "patternProperties": "the properties of {name} match their schemas",
    "if": "{name} meets the contract's conditions (if, then, else)",
}
CLOSED: Mapping[str, str] = {
    "additionalProperties": "{name} has no unknown property",
    "unevaluatedProperties": "{name} has no unknown property",
    "items": "{name} has no item beyond those that are listed",
    "unevaluatedItems": "{name} has no item beyond those that are listed",
}
"""What a keyword promises where it is `false`."""
BROKEN: Mapping[str, str] = {
    "additionalProperties": "has a property that is not allowed",
    "anyOf": "fits no alternative",
    "const": "is not the only value that is allowed",
    "contains": "has no item of the required kind",
    "dependentRequired": "lacks a property that another one requires",
    "enum": "is none of the listed values",
    "exclusiveMaximum": "is not less than its bound",
    "exclusiveMinimum": "is not greater than its bound",
    "format": "is not of its format",
    "items": "has an item beyond those that are listed",
    "if": "does not meet the contract's conditions (if, then, else)",
    "maxItems": "has too many items",
    "maxLength": "is too long",
    "maxProperties": "has too many properties",
    "maximum": "is above its maximum",
    "minItems": "has too few items",
    "minLength": "is too short",
    "minProperties": "has too few properties",
    "minimum": "is below its minimum",
    "missing": "is missing",
    "multipleOf": "is not the multiple that it must be",
    "not": "is what the contract excludes",
    "oneOf": "does not fit exactly one alternative",
    "pattern": "does not match its pattern",
    "patternProperties": "has a property that does not fit the pattern of its name",
    "propertyNames": "has a name of another form than the allowed one",
    "required": "is missing",
    "schema": "does not satisfy its schema as a whole",
    "type": "is of another type",
    "unevaluatedItems": "has an item beyond those that are listed",
    "unevaluatedProperties": "has a property that is not allowed",
    "uniqueItems": "has the same item twice",
    "writeOnly": "is sent although it is writeOnly",
}
"""What is said of a value that breaks the keyword."""
FREE: Mapping[str, str] = {
    "free": "{name} may have any characters",
    "empty": "{name} may be empty",
    "long": "{name} may be long",
    "small": "{name} may be zero or negative",
    "large": "{name} may be large",
}
"""What nothing forbids: one clause for each kind, since a deployment may refuse several."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeywordClause:
    """A promise of one node: local clause name, where it stands, what it says, its kind."""

    local: str
    pointer: str
    promise: str
    keyword: str
    node: SchemaNode
    kind: ClauseKind | None = None


# Hundreds of operations may promise the same of the same definition.
@lru_cache(maxsize=256)
def body_keywords(
    contract: Contract, prefix: str, schema: Schema, kind: BodyKind | None
) -> tuple[KeywordClause, ...]:
    """What is promised of all places of a request body of the kind; None is any kind."""
    return tuple(
        one
        for node in nodes(contract, schema)
        for one in request_keywords(prefix, node)
        if kind is None or can_be_shown(kind, node, one.keyword)
    )


@lru_cache(maxsize=256)
def answer_keywords(contract: Contract, prefix: str, schema: Schema) -> tuple[KeywordClause, ...]:
    """What is promised of all places of the body of an answer."""
    return tuple(one for node in nodes(contract, schema) for one in response_keywords(prefix, node))


def request_keywords(
    prefix: str, node: SchemaNode, whole: str = "the body"
) -> Iterator[KeywordClause]:
    """What a receiver must refuse (the keywords) and accept (`optional`, `unknown`, `FREE`).

    `whole` is what sentences call the value itself.
    """
    name = node_name(node, whole)
    yield from _of_schema(prefix, node, name, " or is refused")
    if node.keywords.get("nullable") is True and "type" in node.keywords:
        yield _make(prefix, node, "nullable", f"{name} may be null", "nullable")
    for below in node.properties:
        if below not in (node.keywords.get("required") or ()):
            pointer = f"{node.keyword_pointer('properties')}/{below}"
            inner = join_name(node.name, below)
            yield KeywordClause(
                local=node_clause(prefix, inner, "optional"),
                pointer=pointer,
                promise=f"`{inner}` may be sent and may be left out",
                keyword="optional",
                node=node,
                kind=ClauseKind.EDGES,
            )
    if is_open(node):
        yield _make(prefix, node, "unknown", f"unknown properties in {name} are accepted", "")
    for keyword in free_keywords(node):
        yield _make(prefix, node, keyword, FREE[keyword].format(name=name), "")


def response_keywords(prefix: str, node: SchemaNode) -> Iterator[KeywordClause]:
    """What an answer must satisfy."""
    name = node_name(node)
    yield from _of_schema(prefix, node, name, "")
    if is_write_only(node):
        promise = f"{name} is not sent: it is writeOnly"
        yield _make(prefix, node, "writeOnly", promise)


def can_be_shown(kind: BodyKind, node: SchemaNode, keyword: str) -> bool:
    """Whether a body of the kind can break the keyword there at all, or show that it is kept.

    Every text is a string, a form is always an object, one field of a form is a list of one, and
    an empty body of text may be taken for none.
    """
    if keyword == "empty" and kind is BodyKind.TEXT and not node.steps:
        return False
    if keyword == "format" and kind.of_text:
        return node.keywords.get("format") != "binary"
    if keyword != "type" or not kind.of_text:
        return True
    if not node.steps and kind in (BodyKind.FORM, BodyKind.PARTS):
        return False
    rows = kind in (BodyKind.XML, BodyKind.TABLE)
    never = {"string", "array", "object"} if rows else {"string", "array"}
    return not never & set(node.types)


def has_charset(kind: BodyKind | None) -> bool:
    """Whether bodies of the kind are text of which Content-Type alone says the charset."""
    return kind in (BodyKind.JSON, BodyKind.LINES, BodyKind.TABLE, BodyKind.TEXT)


def is_write_only(node: SchemaNode) -> bool:
    """Whether a property should not be sent in an answer (OpenAPI 3.0.4, writeOnly)."""
    return node.keywords.get("writeOnly") is True and node.required is not None


def is_open(node: SchemaNode) -> bool:
    """Whether an object takes properties that its schema does not name, whatever they are."""
    extra = node.keywords.get("additionalProperties", True)
    shaped = "properties" in node.keywords or node.types[0] == "object"
    closed = "patternProperties" in node.keywords or "unevaluatedProperties" in node.keywords
    return shaped and node.typed and extra in (True, {}) and not closed


def free_keywords(node: SchemaNode) -> tuple[str, ...]:
    """What a text, or a whole number, that is open at one end and of no particular form may be.

    A refusal of such a value has no keyword to answer for it.
    """
    named = node.keywords.keys()
    formed = {"enum", "const", "pattern", "format", "not"} & named
    if not node.typed or node.discriminates or formed:
        return ()
    if "string" in node.types:
        bounds = {"empty": {"minLength"}, "long": {"maxLength"}}
    elif "integer" in node.types and "number" not in node.types:
        bounds = {
            "small": {"minimum", "exclusiveMinimum"},
            "large": {"maximum", "exclusiveMaximum"},
        }
    else:
        return ()
    open_ends = [keyword for keyword, bound in bounds.items() if not bound & named]
    return ("free", *open_ends) if open_ends and "string" in node.types else tuple(open_ends)


def _of_schema(
    prefix: str, node: SchemaNode, name: str, consequence: str
) -> Iterator[KeywordClause]:
    for keyword, value in node.keywords.items():
        if keyword == "required" and isinstance(value, list):
            for below in value:
                promise = f"`{join_name(node.name, str(below))}` is present{consequence}"
                yield _make(prefix, node, f"required:{below}", promise, "required")
        elif keyword in CLOSED and value is False:
            promise = CLOSED[keyword].format(name=name) + consequence
            yield _make(prefix, node, keyword, promise, keyword)
        elif (keyword in WORDS and not isinstance(value, bool) | (keyword == "uniqueItems")) or (
            keyword == "uniqueItems" and value is True
        ):
            promise = _sentence(node, name, keyword, value) + consequence
            yield _make(prefix, node, keyword, promise)


def _sentence(node: SchemaNode, name: str, keyword: str, value: Any) -> str:
    shown = value
    if keyword == "type":
        shown = " or ".join(node.types)
    elif isinstance(value, list):
        shown = ", ".join(str(member) for member in value[:8]) + (", …" if len(value) > 8 else "")
    return WORDS[keyword].format(name=name, value=shown)


def _make(
    prefix: str, node: SchemaNode, keyword: str, promise: str, written: str | None = None
) -> KeywordClause:
    """`written` is the keyword as the contract has it; empty where it says nothing."""
    name = keyword if written is None else written
    return KeywordClause(
        local=node_clause(prefix, node.name, keyword),
        pointer=node.keyword_pointer(name) if name else node.pointer,
        promise=promise,
        keyword=keyword,
        node=node,
        kind=ClauseKind.EDGES if keyword in ("unknown", "nullable", *FREE) else None,
    )
