"""What a validator found, in words: each violation says what was expected and what was got.

A value may be 50 MB, so no message repeats more of it than a glance can take in.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from jsonschema_rs import ValidationError, Validator

from spec.dialect import Standalone
from spec.model import Violation
from spec.pointers import from_tokens

__all__ = ["shown", "violations"]

_GLANCE = 60
_TOO_DEEP = Violation(
    pointer="",
    keyword="nesting",
    message="has a part that is not allowed, and is nested too deep to say where",
)
_UNDECIDED = frozenset({"backtrackLimitExceeded", "regexEngineFailure"})


def violations(validator: Validator, standalone: Standalone, value: Any) -> tuple[Violation, ...]:
    """Every violation of a value, in the order of the schema's keywords.

    Under `oneOf` and `anyOf` the branch that fits nearest speaks. A pattern that reaches its
    backtracking limit has not been decided and is no violation.
    """
    found: dict[tuple[str, str, str], Violation] = {}
    try:
        errors = list(validator.iter_errors(value))
    except ValueError:
        # jsonschema-rs carries the faulty part of a value along, and none that is so deep.
        return (_TOO_DEEP,)
    for error in _told(errors):
        one = _violation(error, standalone)
        found.setdefault((one.pointer, one.keyword, one.message), one)
    return tuple(found.values())


def _told(errors: Iterator[ValidationError] | list[ValidationError]) -> Iterator[ValidationError]:
    for error in errors:
        if error.kind.name in _UNDECIDED:
            continue
        branches = getattr(error.kind, "context", None)
        nearest = _nearest(error, branches) if branches else None
        if nearest is None:
            yield error
        else:
            yield from _told(nearest)


def _nearest(
    error: ValidationError, branches: list[list[ValidationError]]
) -> list[ValidationError] | None:
    """The branch that the value was meant for, or None where no branch says more than the whole.

    A branch of another type, or one whose constant differs (a discriminator, say), is not meant.
    """
    depth = len(error.instance_path)
    meant = [branch for branch in branches if branch and not _is_other(branch, depth)]
    if len(meant) != 1 and len(branches) > 1:
        meant = [branch for branch in meant if all(len(e.instance_path) > depth for e in branch)]
    return min(meant, key=len) if len(meant) >= 1 else None


def _is_other(branch: list[ValidationError], depth: int) -> bool:
    return any(
        (error.kind.name == "type" and len(error.instance_path) == depth)
        or (error.kind.name in {"const", "enum"} and len(error.instance_path) <= depth + 1)
        for error in branch
    )


def _violation(error: ValidationError, standalone: Standalone) -> Violation:
    kind, path = error.kind.name, list(error.instance_path)
    if kind == "required":
        path.append(error.kind.as_dict()["property"])
    return Violation(
        pointer=from_tokens(path),
        keyword=_keyword(error),
        message=_message(error),
        schema_pointer=standalone.origin(list(error.schema_path)),
    )


def _keyword(error: ValidationError) -> str:
    """The keyword that failed; a `false` schema is told by the keyword that holds it."""
    last = error.schema_path[-1] if error.schema_path else ""
    return str(last) if error.kind.name == "falseSchema" else error.kind.name


def _message(error: ValidationError) -> str:
    say = _MESSAGES.get(error.kind.name)
    return say(error.kind.as_dict(), error.instance) if say else _shortened(error.message)


def shown(value: Any) -> str:
    """A value as JSON, cut to what fits into a sentence."""
    if isinstance(value, list):
        return f"a list of {len(value)}"
    if isinstance(value, dict):
        return f"an object of {len(value)}" if value else "an empty object"
    if isinstance(value, str):
        return _shortened(json.dumps(value[: _GLANCE * 2], ensure_ascii=False))
    return _shortened(json.dumps(value))


def _shortened(text: str) -> str:
    return text if len(text) <= _GLANCE else f"{text[: _GLANCE - 1]}…"


def _pattern(kind: Mapping[str, Any]) -> str:
    """The pattern; the engine does not name one that takes too many steps on a value."""
    return _shortened(kind["pattern"]) if "pattern" in kind else "a pattern that gives up on it"


def _type(value: Any) -> str:
    """The JSON type of a value, with its article."""
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    names = {str: "a string", int: "an integer", float: "a number", list: "an array"}
    return names.get(type(value), "an object")


_ARTICLES = {"array": "an array", "integer": "an integer", "object": "an object", "null": "null"}


def _one_of_types(types: list[str]) -> str:
    return " or ".join(_ARTICLES.get(name, f"a {name}") for name in types)


def _listed(options: list[Any]) -> str:
    texts = [shown(option) for option in options[:10]]
    more = len(options) - len(texts)
    return ", ".join(texts) + (f" and {more} more" if more else "")


def _counted(number: int, noun: str, plural: str = "") -> str:
    return f"{number} {noun if number == 1 else plural or noun + 's'}"


_MESSAGES: dict[str, Callable[[dict[str, Any], Any], str]] = {
    "additionalProperties": lambda k, v: f"has unknown properties: {_listed(k['unexpected'])}",
    "anyOf": lambda k, v: f"{shown(v)} fits none of the alternatives",
    "const": lambda k, v: f"must be {shown(k['expected_value'])}, got {shown(v)}",
    "contains": lambda k, v: "no item is of the kind that the list must contain",
    "enum": lambda k, v: f"must be one of {_listed(k['options'])}, got {shown(v)}",
    "exclusiveMaximum": lambda k, v: f"must be less than {k['limit']}, got {shown(v)}",
    "exclusiveMinimum": lambda k, v: f"must be greater than {k['limit']}, got {shown(v)}",
    "falseSchema": lambda k, v: "must not be given",
    "format": lambda k, v: f"must be a valid {k['format']}, got {shown(v)}",
    "maxItems": lambda k, v: f"must have at most {_counted(k['limit'], 'item')}, got {len(v)}",
    "maxLength": lambda k, v: (
        f"must have at most {_counted(k['limit'], 'character')}, got {len(v)}"
    ),
    "maxProperties": lambda k, v: (
        f"must have at most {_counted(k['limit'], 'property', 'properties')}, got {len(v)}"
    ),
    "maximum": lambda k, v: f"must be at most {k['limit']}, got {shown(v)}",
    "minItems": lambda k, v: f"must have at least {_counted(k['limit'], 'item')}, got {len(v)}",
    "minLength": lambda k, v: (
        f"must have at least {_counted(k['limit'], 'character')}, got {len(v)}"
    ),
    "minProperties": lambda k, v: (
        f"must have at least {_counted(k['limit'], 'property', 'properties')}, got {len(v)}"
    ),
    "minimum": lambda k, v: f"must be at least {k['limit']}, got {shown(v)}",
    "multipleOf": lambda k, v: f"must be a multiple of {k['multiple_of']}, got {shown(v)}",
    "not": lambda k, v: f"{shown(v)} is what the schema forbids",
    "oneOf": lambda k, v: f"{shown(v)} does not fit exactly one of the alternatives",
    "pattern": lambda k, v: f"must match {_pattern(k)}, got {shown(v)}",
    "required": lambda k, v: "is required",
    "type": lambda k, v: f"must be {_one_of_types(k['types'])}, got {_type(v)}",
    "unevaluatedProperties": lambda k, v: f"has unknown properties: {_listed(k['unexpected'])}",
    "uniqueItems": lambda k, v: "must not have equal items",
}
"""Sentences without their subject: whoever shows one puts the pointer or the name before it."""
