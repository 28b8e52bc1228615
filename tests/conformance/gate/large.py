"""Contracts as large as one likes, for what is said about cost."""

from __future__ import annotations

from typing import Any

__all__ = ["large_contract", "linked_contract"]


def large_contract(operations: int, changes: int = 0) -> dict[str, Any]:
    """As many operations, each with schemas of its own; the first ones have a bound of their own.

    With `changes` the body of that many operations gets a `maxLength`, evenly spread.
    """
    changed = {index * operations // changes for index in range(changes)} if changes else set()
    return {
        "openapi": "3.0.3",
        "info": {"title": "Large", "version": "1"},
        "paths": {f"/things{i}/{{id}}": {"put": _operation(i)} for i in range(operations)},
        "components": {
            "schemas": {
                **{f"Thing{i}": _thing(i, i in changed) for i in range(operations)},
                "Error": {"type": "object", "properties": {"error": {"type": "string"}}},
            }
        },
    }


def _operation(index: int) -> dict[str, Any]:
    schema = {"schema": {"$ref": f"#/components/schemas/Thing{index}"}}
    error = {"schema": {"$ref": "#/components/schemas/Error"}}
    return {
        "parameters": [
            {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}},
            {"name": "dry", "in": "query", "schema": {"type": "boolean", "default": False}},
        ],
        "requestBody": {"required": True, "content": {"application/json": schema}},
        "responses": {
            "200": {"description": "Kept", "content": {"application/json": schema}},
            "400": {"description": "Refused", "content": {"application/json": error}},
        },
    }


def _thing(index: int, changed: bool) -> dict[str, Any]:
    name = {"type": "string", **({"maxLength": 10} if changed else {})}
    return {
        "type": "object",
        "required": ["name"],
        "properties": {
            "name": name,
            "size": {"type": "integer", "minimum": index},
            "next": {"$ref": f"#/components/schemas/Thing{index}"},
            "tags": {"type": "array", "items": {"type": "string"}},
        },
    }


def linked_contract(operations: int, changes: int = 0) -> dict[str, Any]:
    """As many operations, whose schemas lead to each other in circles: none is out of reach.

    Each schema has properties that refer to the next ones, to one far away and to lists and
    alternatives of others, and some text of its own. `changes` as in `large_contract`.
    """
    document = large_contract(operations, changes)
    schemas = document["components"]["schemas"]
    for index in range(operations):
        properties = schemas[f"Thing{index}"]["properties"]
        others = [_reference(index + step, operations) for step in (1, 7, 31, operations // 2)]
        properties["next"], properties["far"] = others[0], others[3]
        properties["all"] = {"type": "array", "items": others[1], "maxItems": 50}
        properties["kind"] = {"oneOf": [others[2], {"type": "string", "enum": ["a", "b"]}]}
        properties["map"] = {"type": "object", "additionalProperties": others[1]}
        for at in range(30):
            properties[f"field{at}"] = {
                "type": "string",
                "minLength": 1,
                "description": "A field of its own. " * 3,
            }
    return document


def _reference(index: int, operations: int) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/Thing{index % operations}"}
