"""Arrays: how many items, of which schema, and how they differ."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from spec.sampling.dead_ends import DeadEndError
from spec.sampling.layers import Layer
from spec.sampling.spots import Spot
from spec.sampling.steering import lengths
from spec.schemas.shapes import SchemaValue

__all__ = ["Rows", "rows_of"]

_MOST = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """What the layers together ask of an array.

    `needed` are the schemas of `contains`, once for each item that they want; `unwanted` are
    those that must not match anywhere else.
    """

    layers: Sequence[Layer]
    least: int
    most: int | None
    distinct: bool
    needed: tuple[SchemaValue, ...]
    unwanted: tuple[SchemaValue, ...]

    def places(self) -> list[int]:
        """Where the needed items may begin: after the prefix, at best."""
        after = self.prefix_length
        if self.most is not None:
            after = max(0, min(after, self.most - len(self.needed)))
        return [after, *range(after)] if self.needed else [0]

    def counts(self, spot: Spot) -> list[int]:
        """How many items to make; in a strict place, the least numbers as well."""
        usual = max(1, self.prefix_length)
        if spot.random is not None:
            usual += spot.random.randint(0, 2)
        least = max(self.least, len(self.needed))
        wished = lengths(self.layers)
        if wished is not None and spot.is_full:
            count = wished[0] if spot.random is None else spot.random.randint(*wished)
            least = min(max(least, count), _MOST if self.most is None else self.most)
            return [least]
        if least > (_MOST if self.most is None else self.most):
            return []
        count = max(least, usual if spot.is_full else 0)
        counts = [count, *(range(least, least + 3) if spot.strict else ())]
        return [one if self.most is None else min(one, self.most) for one in dict.fromkeys(counts)]

    def item(self, index: int) -> list[SchemaValue]:
        """All that is said of the item at an index."""
        parts = [part for layer in self.layers for part in _item(layer, index)]
        evaluated = any("items" in one or index < _length(one) for one in self.layers)
        if not evaluated:
            parts += [one["unevaluatedItems"] for one in self.layers if "unevaluatedItems" in one]
        return parts

    @property
    def prefix_length(self) -> int:
        """How many items have a schema of their own."""
        return max(_length(layer) for layer in self.layers)


def rows_of(layers: Sequence[Layer]) -> Rows:
    """What the layers ask. Raises DeadEndError where no length satisfies them."""
    least = max(int(layer.get("minItems", 0)) for layer in layers)
    lengths = [int(layer["maxItems"]) for layer in layers if "maxItems" in layer]
    most = min(lengths, default=None)
    if most is not None and least > most:
        raise DeadEndError
    containing = [layer for layer in layers if "contains" in layer]
    return Rows(
        layers=layers,
        least=least,
        most=most,
        distinct=any(layer.get("uniqueItems") is True for layer in layers),
        needed=tuple(
            layer["contains"] for layer in containing for _ in range(layer.get("minContains", 1))
        ),
        unwanted=tuple(layer["contains"] for layer in containing if "maxContains" in layer),
    )


def _item(layer: Layer, index: int) -> list[Any]:
    prefix = layer.get("prefixItems", ())
    if index < len(prefix):
        return [prefix[index]]
    return [layer["items"]] if "items" in layer else []


def _length(layer: Layer) -> int:
    return len(layer.get("prefixItems", ()))
