"""Values of the schemas of a contract: the plainest valid one, or by a seed another."""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice
from random import Random
from threading import RLock
from typing import Any

import jsonschema_rs

from spec.model.contract_model import Direction
from spec.model.errors import UnsatisfiableError
from spec.sampling.builder import DEEPEST, SampleBuilder
from spec.sampling.canonical import canonical_form, contradiction
from spec.sampling.layers import Unfolder
from spec.sampling.search import NOTHING, DeadEndError, ExhaustedError, Fuel, MadeUp, Spot
from spec.sampling.telling_apart import under_names
from spec.sampling.tools import Tools
from spec.schemas.alternatives import SchemaValue
from spec.schemas.compiled import SchemaLibrary, compile_schema
from spec.schemas.dialect import HIDDEN

__all__ = ["Judge", "SampleLibrary", "Sampler", "sample"]

Judge = Callable[[Any], bool]

_CANDIDATES = 24
_ATTEMPTS = 12
_FUEL = 30_000
"""Steps of one search; about half a second."""


def sample(
    schema: SchemaValue, *, seed: int | None = None, is_valid: Judge, omitted: str = ""
) -> Any:
    """A valid value for a self-contained JSON Schema 2020-12, whose `$ref`s are `#/$defs/NAME`.

    Without a seed it is the plainest one: the schema's own example, default, constant or first
    member; else all declared properties, one item, short texts. With a seed it is varied, and the
    same for the same seed.

    Args:
        schema: the schema; OpenAPI's `example` and `discriminator` may stand in it.
        seed: what to vary by.
        is_valid: the judge, usually a validator's method.
        omitted: `readOnly` or `writeOnly`, to leave out the optional properties marked so.

    Raises:
        UnsatisfiableError: no value satisfies the schema, or none was found.
    """
    return Sampler(schema, is_valid, omitted=omitted).sample(seed)


class Sampler:
    """Samples of one schema. Keep it where many are asked for: it remembers what it compiles."""

    def __init__(
        self,
        schema: SchemaValue,
        is_valid: Judge,
        *,
        omitted: str = "",
        canonical_with: Fuel | None = None,
    ) -> None:
        self._schema = schema
        self._definitions = schema.get("$defs", {}) if isinstance(schema, dict) else {}
        self._is_canonical = canonical_with is not None
        self._fuel = canonical_with or Fuel(_FUEL)
        made_up = MadeUp()
        tools = Tools(
            value=self._sampled_value,
            admits=self._admits,
            made_up=made_up,
            unfolder=Unfolder(self._definitions, made_up, self._fuel),
            fuel=self._fuel,
            omitted=omitted,
        )
        self.left_out = tools.left_out
        """The optional properties of which the last sample has none, since none could be made."""
        self._depths, self._builder = tools.unfolder.minimum_depths, SampleBuilder(tools)
        self._judges: dict[int, tuple[SchemaValue, Judge]] = {
            id(schema): (schema, _guarded(is_valid))
        }
        self._forms: dict[int, tuple[SchemaValue, Sampler | None]] = {}

    def sample(self, seed: int | None = None) -> Any:
        """A valid value. Raises UnsatisfiableError where there is none to be found."""
        self._fuel.refill()
        self.left_out.clear()
        spot = Spot(random=None if seed is None else Random(seed))
        with suppress(DeadEndError, ExhaustedError, RecursionError):
            value = next(self._builder.candidates(self._schema, spot), NOTHING)
            if value is not NOTHING and self._admits(self._schema, value):
                return value
        self._refuse_depth()
        self._fuel.refill()
        strict = Spot(random=None if seed is None else Random(seed), strict=True)
        try:
            return self._strict(self._schema, strict)
        except (DeadEndError, ExhaustedError, RecursionError):
            raise UnsatisfiableError(self._reason()) from None

    def _refuse_depth(self) -> None:
        depth = self._depths.of(self._schema) if self._schema else 0
        if depth == math.inf:
            raise UnsatisfiableError("no value satisfies the schema: it requires itself endlessly")
        if depth > DEEPEST:
            raise UnsatisfiableError(
                f"no value can be made: the schema requires {depth:.0f} levels, and a value has at"
                f" most {DEEPEST}"
            )

    def candidates(self, spot: Spot) -> Iterator[Any]:
        """Candidates for another sampler, that judges them."""
        with suppress(DeadEndError, RecursionError):
            yield from islice(self._builder.candidates(self._schema, spot), _CANDIDATES)

    def _sampled_value(self, schema: SchemaValue, spot: Spot) -> Any:
        """One value of a part. Raises DeadEndError where none is found."""
        if spot.strict:
            return self._strict(schema, spot)
        for value in self._builder.candidates(schema, spot):
            return value
        raise DeadEndError

    def _strict(self, schema: SchemaValue, spot: Spot) -> Any:
        for value in self._attempts(schema, spot):
            if self._admits(schema, value):
                return self._named(schema, value)
        raise DeadEndError

    def _named(self, schema: SchemaValue, value: Any) -> Any:
        """The value with a name that its discriminator knows: not every attempt looks at those."""
        for alternative, named in under_names(value, schema, self._definitions):
            if self._admits(alternative, named) and self._admits(schema, named):
                return named
        return value

    def _attempts(self, schema: SchemaValue, spot: Spot) -> Iterator[Any]:
        """What trust gives, then the strict ways: plain, bare, of the canonical form, varied."""
        ways = [spot.but(strict=False), spot, spot.but(bare=True)]
        for way in ways:
            with suppress(DeadEndError):
                yield from islice(self._builder.candidates(schema, way), _CANDIDATES)
        form = self._form(schema)
        if form is not None:
            for way in (spot, spot.but(bare=True), spot.but(random=Random(1))):
                yield from form.candidates(way.but(strict=False, refs=frozenset()))
        yield from self._builder.told_apart(schema, spot)
        for attempt in range(_ATTEMPTS):
            way = spot.but(random=spot.random or Random(attempt))
            with suppress(DeadEndError):
                yield from islice(self._builder.candidates(schema, way), 4)

    def _admits(self, schema: SchemaValue, value: Any) -> bool:
        known = self._judges.get(id(schema))
        if known is None:
            known = self._judges[id(schema)] = (schema, _guarded(self._compiled(schema)))
        return known[1](value)

    def _compiled(self, schema: SchemaValue) -> Judge:
        """The judge of a part. One that does not compile refuses nothing: the whole is judged."""
        whole = schema if isinstance(schema, bool) else {**schema, "$defs": self._definitions}
        try:
            return compile_schema(whole).is_valid
        except (ValueError, jsonschema_rs.ReferencingError):
            return lambda _: True

    def _form(self, schema: SchemaValue) -> Sampler | None:
        """A sampler of the schema's canonical form, or None where that says no more."""
        if self._is_canonical or isinstance(schema, bool):
            return None
        if id(schema) not in self._forms:
            form = canonical_form(schema, self._definitions)
            made = (
                None if form is None else Sampler(form, lambda _: True, canonical_with=self._fuel)
            )
            self._forms[id(schema)] = (schema, made)
        return self._forms[id(schema)][1]

    def _reason(self) -> str:
        told = contradiction(self._schema)
        if told:
            return f"no value satisfies the schema: {told}"
        return "no value that satisfies the schema was found"


def _guarded(judge: Judge) -> Judge:
    def guarded(value: Any) -> bool:
        try:
            return judge(value)
        except ValueError:
            # A lone surrogate has no UTF-8 to be judged.
            return False

    return guarded


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
