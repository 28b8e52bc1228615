"""Named examples of a request: an answer of the same name is the one that belongs to it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from spec import Operation

__all__ = ["RequestExample", "request_examples"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestExample:
    """The parts of a request that go by one example name; a request equal to all of them has it.

    `body` is empty where the name has none. `parameters` are by place and name. `has_numbers` is
    False for a body without numbers and booleans, which Python compares as JSON does.
    """

    name: str
    body: tuple[Any, ...]
    parameters: Mapping[tuple[str, str], Any]
    has_numbers: bool = True


def request_examples(operation: Operation, names: Collection[str]) -> tuple[RequestExample, ...]:
    """The named examples of an operation's request that go by one of these names."""
    content = operation.request_content
    bodies = {one.name: (one.value,) for medium in content for one in medium.examples if one.name}
    parameters: dict[str, dict[tuple[str, str], Any]] = {}
    for parameter in operation.parameters:
        place = (parameter.location, parameter.name)
        for example in parameter.examples:
            if example.name:
                parameters.setdefault(example.name, {})[place] = example.value
    return tuple(
        RequestExample(
            name=name,
            body=bodies.get(name, ()),
            parameters=parameters.get(name, {}),
            has_numbers=_has_numbers(bodies.get(name, ())),
        )
        for name in dict.fromkeys((*bodies, *parameters))
        if name in names
    )


def _has_numbers(value: Any) -> bool:
    if isinstance(value, dict):
        return any(map(_has_numbers, value.values()))
    if isinstance(value, (list, tuple)):
        return any(map(_has_numbers, value))
    # A bool is an int as well.
    return isinstance(value, (int, float))
