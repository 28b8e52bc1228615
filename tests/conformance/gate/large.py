"""Contracts as large as one likes, for what is said about cost."""

from __future__ import annotations

from typing import Any

__all__ = ["large_contract"]


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
