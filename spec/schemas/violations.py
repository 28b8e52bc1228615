"""What a validator found, in words: each violation says what was expected and what was got.

A value may be 50 MB, so no message repeats more of it than a glance can take in.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from spec.model.contract_model import Violation
from spec.model.pointers import from_tokens, split
from spec.model.short_texts import shortened
from spec.schemas.explaining import Failure, JointValidator

__all__ = ["shown", "violations", "worded"]

Origin = Callable[[str, Iterable[str | int]], str]
"""The contract's pointer for the name of a definition and a path into it."""

_GLANCE = 60
_NAMED = 5
"""Alternatives that are named where several fit."""
_TOO_DEEP = Violation(
    pointer="",
    keyword="nesting",
    message="has a part that is not allowed, and is nested too deep to say where",
)


def violations(
    joint: JointValidator, name: str, value: Any, origin: Origin
) -> tuple[Violation, ...]:
    """Every violation of a value (the first thousand), in the order of the schema's keywords.

    `name` is the definition to judge by.
    Under `oneOf` and `anyOf` the branch that fits nearest speaks. A pattern that reaches its
    backtracking limit has not been decided and is no violation.
    """
    found: dict[tuple[str, str, str], Violation] = {}
    try:
        for failure in joint.failures(name, value):
            one = _violation(failure, origin)
            found.setdefault((one.pointer, one.keyword, one.message), one)
    except UnicodeEncodeError:
        raise  # a lone surrogate, which the caller replaces
    except ValueError:
        # jsonschema-rs carries the faulty part of a value along, and none that is so deep.
        return tuple(found.values()) or (_TOO_DEEP,)
    return tuple(found.values())


def _violation(failure: Failure, origin: Origin) -> Violation:
    path = failure.path
    if failure.kind == "required":
        # The pointer names the property that is missing, not the object that lacks it: forms show
        # it there.
        path = (*path, failure.details["property"])
    return Violation(
        pointer=from_tokens(path),
        keyword=_keyword(failure),
        message=_ambiguous(failure, origin) if failure.fitting else _message(failure),
        schema_pointer=origin(failure.name, failure.schema_path),
        format=failure.details["format"] if failure.kind == "format" else "",
    )


def _ambiguous(failure: Failure, origin: Origin) -> str:
    """Which alternatives fit, where only one may: by the names of their schemas, or counted."""
    names = []
    for number, name in failure.fitting[:_NAMED]:
        last = split(origin(name, ()))[-1] if name else ""
        names.append(repr(last) if last else f"alternative {number + 1}")
    if len(failure.fitting) > _NAMED:
        names.append(f"{len(failure.fitting) - _NAMED} more")
    fits = f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else names[0]
    return f"{shown(failure.instance)} fits {fits}, and must fit exactly one of the alternatives"


def _keyword(failure: Failure) -> str:
    """The keyword that failed; for a `false` schema, the keyword that holds it."""
    last = failure.schema_path[-1] if failure.schema_path else ""
    return str(last) if failure.kind == "falseSchema" else failure.kind


def worded(keyword: str, details: Mapping[str, Any], value: Any) -> str:
    """The sentence for a keyword that a value breaks; `details` are what it asked for."""
    say = _MESSAGES.get(keyword)
    return say(details, value) if say else ""


def _message(failure: Failure) -> str:
    sentence = worded(failure.kind, failure.details, failure.instance)
    return sentence or shortened(failure.message, _GLANCE)


def shown(value: Any) -> str:
    """A value as JSON, cut to what fits into a sentence."""
    if isinstance(value, list):
        return f"a list of {len(value)}"
    if isinstance(value, dict):
        return f"an object of {len(value)}" if value else "an empty object"
    if isinstance(value, str):
        return shortened(json.dumps(value[: _GLANCE * 2], ensure_ascii=False), _GLANCE)
    return shortened(json.dumps(value), _GLANCE)


def _pattern(kind: Mapping[str, Any]) -> str:
    """The pattern; the engine does not name one that takes too many steps on a value."""
    if "pattern" in kind:
        return shortened(kind["pattern"], _GLANCE)
    return "a pattern that the engine cannot decide for it"


def _type(value: Any) -> str:
    """The JSON type of a value, with its article."""
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    names = {str: "a string", int: "an integer", float: "a number", list: "an array"}
    return names.get(type(value), "an object")


_ARTICLES = {"array": "an array", "integer": "an integer", "object": "an object", "null": "null"}


def _one_of_types(types: list[str]) -> str:
    return " or ".join(_ARTICLES.get(name, f"a {name}") for name in types)


def _option(value: Any) -> str:
    """A value of the contract: its JSON says more of a list or an object than its length."""
    return (
        shortened(json.dumps(value), _GLANCE) if isinstance(value, (list, dict)) else shown(value)
    )


def _options(options: list[Any]) -> str:
    texts = [_option(option) for option in options[:10]]
    more = len(options) - len(texts)
    return ", ".join(texts) + (f" and {more} more" if more else "")


def _counted(number: int, noun: str, plural: str = "") -> str:
    return f"{number} {noun if number == 1 else plural or noun + 's'}"


_MESSAGES: dict[str, Callable[[Mapping[str, Any], Any], str]] = {
    "additionalProperties": lambda k, v: f"has unknown properties: {_options(k['unexpected'])}",
    "anyOf": lambda k, v: f"{shown(v)} fits none of the alternatives",
    "const": lambda k, v: f"must be {_option(k['expected_value'])}, got {shown(v)}",
    "contains": lambda k, v: "no item has the form that the list must contain",
    "discriminator": lambda k, v: (
        f"names no alternative: must be one of {_options(k['options'])}, got {shown(v)}"
    ),
    "enum": lambda k, v: f"must be one of {_options(k['options'])}, got {shown(v)}",
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
    "not": lambda k, v: f"{shown(v)} is forbidden by the schema",
    "oneOf": lambda k, v: f"{shown(v)} does not fit exactly one of the alternatives",
    "pattern": lambda k, v: f"must match {_pattern(k)}, got {shown(v)}",
    "required": lambda k, v: "is required",
    "type": lambda k, v: f"must be {_one_of_types(k['types'])}, got {_type(v)}",
    "unevaluatedProperties": lambda k, v: f"has unknown properties: {_options(k['unexpected'])}",
    "uniqueItems": lambda k, v: "must not have equal items",
}
"""Sentences without their subject: the caller adds the pointer or the name before it."""
