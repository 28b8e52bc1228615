"""The samplers of one contract: each is made when it is first asked for."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from threading import RLock
from typing import Any

from spec.model.contract_model import Direction
from spec.sampling.sampler import Sampler
from spec.schemas.compiled import SchemaLibrary
from spec.schemas.dialect import HIDDEN

__all__ = ["SampleLibrary"]

_KEPT = 64
"""How many samplers are kept: each remembers what it compiled."""


@dataclass(slots=True, kw_only=True)
class SampleLibrary:
    """Generates values for the schemas of one contract."""

    schemas: SchemaLibrary
    _lock: RLock = field(default_factory=RLock)
    _samplers: OrderedDict[tuple[str, Direction], Sampler] = field(default_factory=OrderedDict)

    def sample(self, pointer: str, direction: Direction, seed: int | None) -> Any:
        """A valid value of the schema at a pointer.

        Raises:
            UnsatisfiableError: there is none, or none was found.
        """
        # A sampler searches with state of its own, and is asked from more than one thread.
        with self._lock:
            return self._sampler((pointer, direction)).sample(seed)

    def left_out(self, pointer: str, direction: Direction) -> tuple[str, ...]:
        """The optional properties that the last sample lacks, since no value could be made."""
        with self._lock:
            return tuple(self._sampler((pointer, direction)).left_out)

    def _sampler(self, key: tuple[str, Direction]) -> Sampler:
        pointer, direction = key
        if key in self._samplers:
            self._samplers.move_to_end(key)
            return self._samplers[key]
        if len(self._samplers) >= _KEPT:
            self._samplers.popitem(last=False)
        self._samplers[key] = Sampler(
            self.schemas.standalone(pointer, direction).schema,
            self.schemas.judge(pointer, direction).is_valid,
            omitted=HIDDEN[direction],
        )
        return self._samplers[key]
