"""Whether an example is true to its schema."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from spec import media_types
from spec.model import Direction, Schema, Violation
from spec.pointers import split

__all__ = ["EXPRESSION", "Judge"]

EXPRESSION = re.compile(r"\{\$[^{}]*\}\Z")
"""A string that is one runtime expression (OpenAPI 3.0 section 4.7.20.2) and nothing else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judge:
    """Judges the examples of one media type, parameter or header."""

    schema: Schema | None
    direction: Direction
    media_type: str
    violations: Callable[[str, Direction, Any], tuple[Violation, ...]]

    def violations_of(self, example: Any) -> tuple[Violation, ...]:
        """What is wrong with an example; nothing where it is true or cannot be judged.

        Not judged are a serialised example of a type other than JSON (OpenAPI 3.0 section 4.7.15
        lets it be a string), and a string that is one runtime expression: its value comes later.
        """
        if self.schema is None:
            return ()
        found = self.violations(self.schema.pointer, self.direction, example)
        if found and isinstance(example, str) and not media_types.is_json(self.media_type):
            return ()
        return tuple(one for one in found if not _is_expression(example, one.pointer))


def _is_expression(example: Any, pointer: str) -> bool:
    value = example
    for token in split(pointer):
        if isinstance(value, dict) and token in value:
            value = value[token]
        elif isinstance(value, list) and token.isdecimal() and int(token) < len(value):
            value = value[int(token)]
        else:
            return False
    return isinstance(value, str) and EXPRESSION.match(value) is not None
