"""The form of a scenario's document, and what is wrong with one that has another."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from jsonschema_rs import Draft202012Validator, ValidationError

from mock_server.admin.suggestions import suggestion
from spec.model.pointers import join

__all__ = ["SCENARIO_SCHEMA", "ScenarioError", "check_form"]

_RANGE: dict[str, Any] = {
    "type": "object",
    "required": ["min", "max"],
    "additionalProperties": False,
    "properties": {"min": {"type": "number", "minimum": 0}, "max": {"type": "number"}},
}
_CUT: dict[str, Any] = {
    "oneOf": [
        {"enum": ["before", "headers"]},
        {
            "type": "object",
            "required": ["after"],
            "additionalProperties": False,
            "properties": {"after": {"type": "integer", "minimum": 0}},
        },
    ]
}
_ANSWER: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "status": {"type": "integer", "minimum": 200, "maximum": 599},
        "example": {"type": "string"},
        "headers": {
            "type": "object",
            "additionalProperties": {"type": ["string", "number", "boolean"]},
        },
        "body": {},
        "media": {"type": "string", "pattern": "^[^/\\s]+/[^/\\s;]+(\\s*;.*)?$"},
        "delay": {"oneOf": [{"type": "number", "minimum": 0}, _RANGE]},
        "times": {"type": "integer", "minimum": 1, "maximum": 1_000_000},
        "cut": _CUT,
        "pace": {"type": "number", "minimum": 0.01},
        "events": {"type": "integer", "minimum": 0},
    },
}
SCENARIO_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["operation", "answers"],
    "additionalProperties": False,
    "properties": {
        "name": {"type": "string", "minLength": 1, "maxLength": 200},
        "operation": {"type": "string"},
        "key": {"type": "string", "minLength": 1, "maxLength": 200},
        "repeat": {"type": "boolean"},
        "answers": {"type": "array", "minItems": 1, "maxItems": 1000, "items": _ANSWER},
    },
}
"""The JSON Schema of a scenario."""
_VALIDATOR = Draft202012Validator(SCENARIO_SCHEMA)
_FORMS = {
    "delay": "it is a number of seconds from 0 on, or {min, max}",
    "cut": 'it is "before", "headers", or {after: a number of bytes}',
}
"""What members with alternatives can be: that none of them fits tells nobody what to write."""
_LONGEST = 300
"""Characters of a sentence: a validator may quote a whole document."""


class ScenarioError(ValueError):
    """A document that is no scenario. `problems` are pairs of JSON pointer and sentence."""

    def __init__(self, problems: Sequence[tuple[str, str]]) -> None:
        super().__init__("; ".join(f"{pointer or '/'}: {what}" for pointer, what in problems))
        self.problems = tuple(problems)


def check_form(document: Any) -> None:
    """Raise ScenarioError for a document that SCENARIO_SCHEMA does not allow."""
    # A member that is missing may be there under a misspelt name, which is told first.
    errors = sorted(_VALIDATOR.iter_errors(document), key=_is_about_unknown, reverse=True)
    if errors:
        raise ScenarioError([problem for error in errors for problem in _problems(error)])
    for number, answer in enumerate(document["answers"]):
        delay = answer.get("delay")
        if isinstance(delay, Mapping) and delay["min"] > delay["max"]:
            raise ScenarioError([(f"/answers/{number}/delay", "'min' is larger than 'max'")])


def _is_about_unknown(error: ValidationError) -> bool:
    return error.schema_path[-1] == "additionalProperties"


def _problems(error: ValidationError) -> Iterator[tuple[str, str]]:
    pointer = join("", *error.instance_path)
    keyword, last = error.schema_path[-1], pointer.rpartition("/")[2]
    if _is_about_unknown(error) and isinstance(error.instance, Mapping):
        yield from _unknown_members(pointer, error.instance, _allowed(error))
    # The validator tells what each alternative lacks, and a person what to write.
    elif keyword == "oneOf" and last in _FORMS:
        yield pointer, _FORMS[last]
    else:
        message = error.message
        yield pointer, message if len(message) <= _LONGEST else f"…{message[-_LONGEST:]}"


def _allowed(error: ValidationError) -> list[str]:
    """The members that the schema knows where an error was found."""
    schema: Any = SCENARIO_SCHEMA
    for step in error.schema_path[:-1]:
        schema = schema[step]
    return list(schema["properties"])


def _unknown_members(
    pointer: str, members: Mapping[str, Any], allowed: Sequence[str]
) -> Iterator[tuple[str, str]]:
    for name in members.keys() - {*allowed}:
        hint = suggestion(name, allowed)
        yield join(pointer, name), f"there is no member {name[:40]!r}; {hint}"
