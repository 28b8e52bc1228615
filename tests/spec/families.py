"""JSON Schemas that are satisfiable by construction: each is drawn around a value."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from random import Random
from typing import Any, TypeAlias

__all__ = ["schema_with_value"]

JsonSchema: TypeAlias = dict[str, Any]

_TEXTS = ("", "a", "Ab1", "red", "x-large", "user@example.com", "2026-01-15", "日本", "a" * 20)
_NAMES = ("id", "name", "tags", "kind", "x-a", "x-b", "owner", "a b")
_FORMATS = {"user@example.com": "email", "2026-01-15": "date"}


def schema_with_value(seed: int) -> tuple[JsonSchema, Any]:
    """A self-contained schema and a value that satisfies it."""
    drawer = _Drawer(Random(seed))
    value = drawer.value(3)
    schema = drawer.around(value, 4)
    return {**schema, "$defs": drawer.definitions}, value


@dataclass(slots=True)
class _Drawer:
    random: Random
    definitions: JsonSchema = field(default_factory=dict)

    def chance(self, probability: float) -> bool:
        return self.random.random() < probability

    def value(self, depth: int) -> Any:
        random = self.random
        kinds = ["text", "integer", "number", "boolean", "null"]
        match random.choice([*kinds, "list", "object", "object"] if depth else kinds):
            case "text":
                return random.choice(_TEXTS)
            case "integer":
                return random.choice([0, 1, -7, 42, 10**12, random.randint(-1000, 1000)])
            case "number":
                return random.choice([0.5, -1.25, 1e-3, 99.99, 1e20])
            case "boolean":
                return self.chance(0.5)
            case "null":
                return None
            case "list":
                return [self.value(depth - 1) for _ in range(random.randint(0, 4))]
        return {name: self.value(depth - 1) for name in random.sample(_NAMES, random.randint(0, 4))}

    def around(self, value: Any, depth: int) -> JsonSchema:
        """A schema that the value satisfies: keywords of its type, wrapped in combinations."""
        schema = self.typed(value, depth)
        wraps = self.random.choice([0, 0, 0, 1, 1, 2]) if depth > 0 else 0
        for _ in range(wraps):
            schema = self.wrapped(schema, value, depth - 1)
        return schema

    def other(self, depth: int) -> JsonSchema:
        """A schema of another value."""
        return self.around(self.value(1), depth)

    def typed(self, value: Any, depth: int) -> JsonSchema:
        if self.chance(0.06):
            return {"const": value}
        if self.chance(0.06):
            return {"enum": [self.value(0), value]}
        match value:
            case None:
                return {"type": "null"}
            case bool():
                return {"type": "boolean"}
            case int() | float():
                return self.number(value)
            case str():
                return self.text(value)
            case list():
                return self.array(value, depth)
        return self.object(value, depth)

    def number(self, value: float) -> JsonSchema:
        schema: JsonSchema = {"type": "integer" if isinstance(value, int) else "number"}
        if self.chance(0.3):
            schema["minimum"] = value - self.random.choice([0, 1, 100])
        if self.chance(0.3):
            schema["maximum"] = value + self.random.choice([0, 1, 100])
        if self.chance(0.2):
            schema["exclusiveMinimum"] = value - 0.5
        if self.chance(0.2) and isinstance(value, int) and value:
            fitting = [one for one in (1, 2, 3, 7, 0.5) if value % one == 0]
            schema["multipleOf"] = self.random.choice(fitting)
        if self.chance(0.2):
            schema["type"] = [schema["type"], "null"]
        return schema

    def text(self, value: str) -> JsonSchema:
        schema: JsonSchema = {"type": "string"}
        if self.chance(0.3):
            schema["minLength"] = self.random.randint(0, len(value))
        if self.chance(0.3):
            schema["maxLength"] = len(value) + self.random.randint(0, 5)
        if self.chance(0.3):
            exact = "^" + re.sub(r"([.+*?^$()\[\]{}|])", r"\\\1", value) + "$"
            patterns = [exact, ".*", f"^.{{{len(value)}}}$", "^[^!]*$"]
            schema["pattern"] = self.random.choice(patterns)
        if value in _FORMATS and self.chance(0.5):
            schema["format"] = _FORMATS[value]
        return schema

    def array(self, value: list[Any], depth: int) -> JsonSchema:
        schema: JsonSchema = {"type": "array"}
        if value and self.chance(0.4):
            first = value[: self.random.randint(1, len(value))]
            schema["prefixItems"] = [self.around(one, depth - 1) for one in first]
        rest = value[len(schema.get("prefixItems", ())) :]
        if rest and self.chance(0.6):
            schema["items"] = {"anyOf": [self.around(one, depth - 1) for one in rest]}
        elif not rest and self.chance(0.4):
            schema[self.random.choice(["items", "unevaluatedItems"])] = False
        if value and self.chance(0.3):
            schema["contains"] = self.around(self.random.choice(value), depth - 1)
        if self.chance(0.3):
            schema["minItems"] = self.random.randint(0, len(value))
        if self.chance(0.3):
            schema["maxItems"] = len(value) + self.random.randint(0, 2)
        if self.chance(0.3) and _are_distinct(value):
            schema["uniqueItems"] = True
        return schema

    def object(self, value: JsonSchema, depth: int) -> JsonSchema:
        schema: JsonSchema = {"type": "object", "properties": self.properties(value, depth - 1)}
        required = [name for name in value if self.chance(0.5)]
        if required:
            schema["required"] = required
        undeclared = [value[name] for name in value if name not in schema["properties"]]
        if not undeclared and self.chance(0.4):
            closing = self.random.choice(["additionalProperties", "unevaluatedProperties"])
            schema[closing] = False
        elif undeclared and self.chance(0.4):
            options = [self.around(one, depth - 1) for one in undeclared]
            schema["additionalProperties"] = {"anyOf": options}
        return schema | self.sizes(value) | self.names(value)

    def properties(self, value: JsonSchema, depth: int) -> JsonSchema:
        declared = {
            name: self.around(one, depth) for name, one in value.items() if self.chance(0.8)
        }
        absent = [name for name in _NAMES if name not in value]
        return declared | {name: self.other(depth) for name in absent[: self.random.randint(0, 2)]}

    def sizes(self, value: JsonSchema) -> JsonSchema:
        schema: JsonSchema = {}
        if self.chance(0.2):
            schema["minProperties"] = self.random.randint(0, len(value))
        if self.chance(0.2):
            schema["maxProperties"] = len(value) + self.random.randint(0, 2)
        return schema

    def names(self, value: JsonSchema) -> JsonSchema:
        schema: JsonSchema = {}
        if self.chance(0.15):
            schema["propertyNames"] = {"pattern": "^[a-z -]+$", "maxLength": 10}
        if self.chance(0.15) and not any(name.startswith("x-") for name in value):
            schema["patternProperties"] = {
                "^x-": {"type": self.random.choice(["string", "integer"])}
            }
        if value and self.chance(0.15):
            demanded = [self.random.choice(list(value))]
            schema["dependentRequired"] = {self.random.choice(_NAMES): demanded}
        if value and self.chance(0.1):
            schema["dependentSchemas"] = {self.random.choice(_NAMES): {"minProperties": len(value)}}
        return schema

    def wrapped(self, schema: JsonSchema, value: Any, depth: int) -> JsonSchema:
        match self.random.choice(["allOf", "anyOf", "oneOf", "not", "if", "else", "$ref"]):
            case "allOf":
                return {"allOf": [schema, self.around(value, depth)]}
            case "anyOf":
                return {"anyOf": self.shuffled(schema, self.other(depth))}
            case "oneOf":
                refusing = {"allOf": [self.refusing(value), self.other(depth)]}
                return {"oneOf": self.shuffled(schema, refusing)}
            case "not" if "not" not in schema:
                return {**schema, "not": self.refusing(value)}
            case "if" if "if" not in schema:
                held, then = self.around(value, depth), self.around(value, depth)
                return {**schema, "if": held, "then": then, "else": False}
            case "else" if "if" not in schema:
                held, otherwise = self.refusing(value), self.around(value, 0)
                return {**schema, "if": held, "then": self.other(depth), "else": otherwise}
        name = f"D{len(self.definitions)}"
        self.definitions[name] = schema
        return {"$ref": f"#/$defs/{name}"}

    def shuffled(self, *schemas: JsonSchema) -> list[JsonSchema]:
        return self.random.sample(schemas, len(schemas))

    def refusing(self, value: Any) -> JsonSchema:
        """A schema that the value does not satisfy."""
        options: list[JsonSchema] = [{"enum": ["never", -1]}, {"const": {"never": True}}]
        match value:
            case str():
                options += [{"type": ["object", "null"]}, {"minLength": len(value) + 1}]
                options += [{"pattern": "!"}]
            case bool() | None:
                options += [{"type": "string"}]
            case int() | float():
                options += [{"type": "string"}, {"exclusiveMinimum": value}]
            case list():
                options += [{"type": "string"}, {"minItems": len(value) + 1}]
            case dict():
                options += [{"required": ["never"]}, {"minProperties": len(value) + 1}]
        return self.random.choice(options)


def _are_distinct(values: list[Any]) -> bool:
    return all(one != other for index, one in enumerate(values) for other in values[:index])
