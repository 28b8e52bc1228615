"""What all builders of values share."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from jsonschema_rs.canonical.schema import clone

from spec.sampling.layers import Unfolder
from spec.sampling.search import Fuel, MadeUp, Spot
from spec.schemas.alternatives import SchemaValue

__all__ = ["Tools", "copied", "leads_back"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """`value` gives a value for a part, or raises DeadEndError; `admits` judges one.

    `omitted` is the mark, `readOnly` or `writeOnly`, of what does not travel this way. `left_out`
    are the optional properties that belong into the value, and of which none could be made.
    """

    value: Callable[[SchemaValue, Spot], Any]
    admits: Callable[[SchemaValue, Any], bool]
    made_up: MadeUp
    unfolder: Unfolder
    fuel: Fuel
    omitted: str
    left_out: dict[str, None] = field(default_factory=dict)

    def is_omitted(self, parts: Iterable[SchemaValue]) -> bool:
        """Whether what is said of a property marks it as one that does not travel this way."""
        return bool(self.omitted) and any(self._is_marked(one, 8) for one in parts)

    def _is_marked(self, part: SchemaValue, deepest: int) -> bool:
        if not isinstance(part, dict) or not deepest:
            return False
        if part.get(self.omitted) is True:
            return True
        # In OpenAPI 3.0 a mark cannot stand beside `$ref`: it is in the target, or within `allOf`.
        below = [*part.get("allOf", ())]
        below += [self.unfolder.target(part["$ref"])] if "$ref" in part else []
        return any(self._is_marked(one, deepest - 1) for one in below)


def leads_back(parts: Sequence[SchemaValue], refs: frozenset[str]) -> bool:
    """Whether a part leads straight back to one of the references that led here."""
    return any(isinstance(one, dict) and one.get("$ref") in refs for one in parts)


def copied(value: Any) -> Any:
    """The value, sharing nothing with the schema that it may come from."""
    return clone(value) if isinstance(value, (dict, list)) else value
