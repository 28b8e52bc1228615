"""Where in a value the sampler is, and what that asks of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from random import Random
from typing import Any, Final

__all__ = ["NOTHING", "Spot"]

NOTHING: Final = object()
_FULL_DEPTH = 4
"""Objects nested deeper than this have their required properties alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """A place in the value.

    `random` is None for the plainest value; `nth` asks for another value than the first; `tag`
    is what a discriminator wants here; `bare` asks for as little as is valid, and `strict` that
    every part is judged on its own; `refs` are the references that led here.
    """

    name: str = ""
    depth: int = 0
    random: Random | None = None
    nth: int = 0
    tag: Any = NOTHING
    bare: bool = False
    strict: bool = False
    refs: frozenset[str] = frozenset()

    def below(self, name: str, refs: frozenset[str], nth: int = 0, tag: Any = NOTHING) -> Spot:
        """The place of a property or an item."""
        return Spot(
            name=name,
            depth=self.depth + 1,
            random=self.random,
            nth=nth,
            tag=tag,
            bare=self.bare,
            strict=self.strict,
            refs=refs,
        )

    def but(self, **changed: Any) -> Spot:
        """The same place with other wishes."""
        return replace(self, **changed)

    @property
    def is_full(self) -> bool:
        """Whether optional properties belong into the value here."""
        return not self.bare and self.depth < _FULL_DEPTH
