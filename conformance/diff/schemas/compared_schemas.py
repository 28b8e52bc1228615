"""What is compared: two schemas of one place of an operation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from conformance.diff.model.witness import Witness
from spec import Direction, Schema

__all__ = ["ComparedSchemas"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedSchemas:
    """Two schemas that speak of the same place, and how a value there is shown.

    `where` is the place in words: `the body of POST /orders`.
    `show` makes a verified witness of a value of the sender, or None. A `textual` value travels
    as text (a parameter, a form), so that what is read may not be what was written. `holds_data`
    where it is an event whose data is compared by itself. `under` is the way into the operation's
    value, where the schemas are those of a part of it.
    """

    operation: str
    part: str
    where: str
    old: Schema | None
    new: Schema | None
    direction: Direction
    show: Callable[[Any], Witness | None]
    textual: bool = False
    is_xml: bool = False
    holds_data: bool = False
    under: tuple[str | int, ...] = ()

    def is_shown(self, value: Any) -> bool:
        """Whether a value makes a witness."""
        return self.show(value) is not None

    @property
    def is_request(self) -> bool:
        """Whether clients send the value."""
        return self.direction is Direction.REQUEST
