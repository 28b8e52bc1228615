"""Objects: which properties to have, and what is said of each of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any

from spec.sampling.dead_ends import DeadEndError
from spec.sampling.layers import Layer
from spec.sampling.patterns import strings_matching
from spec.sampling.strings import matches, strings_of
from spec.schemas.shapes import SchemaValue

__all__ = ["Members", "members_of"]

_MOST = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Members:
    """What the layers together ask of an object."""

    layers: Sequence[Layer]
    declared: tuple[str, ...]
    required: tuple[str, ...]
    forbidden: frozenset[str]
    least: int
    most: int | None
    dependent: Mapping[str, tuple[str, ...]]
    names: tuple[SchemaValue, ...]

    def of(self, name: str) -> list[SchemaValue]:
        """All that is said of the value of a property."""
        parts, evaluated = [], False
        for layer in self.layers:
            own = list(_own(layer, name))
            if not own and "additionalProperties" in layer:
                own = [layer["additionalProperties"]]
            evaluated = evaluated or bool(own)
            parts += own
        if not evaluated:
            parts += [
                one["unevaluatedProperties"]
                for one in self.layers
                if "unevaluatedProperties" in one
            ]
        return parts

    def with_dependents(self, names: Iterable[str]) -> list[str]:
        """The names with all that they demand beside them, in order and once each."""
        found: dict[str, None] = {}
        pending = list(names)
        while pending:
            name = pending.pop(0)
            if name not in found:
                found[name] = None
                pending.extend(self.dependent.get(name, ()))
        return list(found)

    @property
    def is_map(self) -> bool:
        """Whether it is a dictionary: open, with a schema for its values, and nothing declared."""
        return not self.declared and any(
            layer.get("patternProperties") or isinstance(layer.get("additionalProperties"), dict)
            for layer in self.layers
        )

    def extra(self) -> Iterator[str]:
        """Names for more properties than are declared; not all of them may be allowed."""
        for layer in self.layers:
            for pattern in layer.get("patternProperties", {}):
                made = dict.fromkeys(chain(strings_matching(pattern, None, 1), _longer(pattern)))
                yield from (name for name in made if matches(pattern, name))
        layers = [one for one in self.names if isinstance(one, dict)]
        if layers:
            for nth in range(60):
                yield from islice(strings_of(layers, "key", None, nth), 3)
            for pattern in [one["pattern"] for one in layers if "pattern" in one]:
                yield from (name for name in _longer(pattern) if matches(pattern, name))
        yield from ("key" if number == 1 else f"key{number}" for number in range(1, _MOST))


def _longer(pattern: str) -> Iterator[str]:
    """Longer and longer names for a pattern that does not say where it ends."""
    for length in range(2, 40):
        yield from islice(strings_matching(pattern, None, length, length), 2)


def members_of(layers: Sequence[Layer], tags: Iterable[str]) -> Members:
    """What the layers ask. Raises DeadEndError where they contradict each other."""
    required = dict.fromkeys(
        chain.from_iterable(
            layer["required"] for layer in layers if isinstance(layer.get("required"), list)
        )
    )
    required |= dict.fromkeys(tags)
    dependent: dict[str, tuple[str, ...]] = {}
    for layer in layers:
        for name, others in layer.get("dependentRequired", {}).items():
            dependent[name] = (*dependent.get(name, ()), *others)
    sizes = [int(layer["maxProperties"]) for layer in layers if "maxProperties" in layer]
    made = Members(
        layers=layers,
        declared=tuple(
            dict.fromkeys(chain.from_iterable(one.get("properties", ()) for one in layers))
        ),
        required=tuple(required),
        forbidden=frozenset(_forbidden(layers, required)),
        least=max(int(layer.get("minProperties", 0)) for layer in layers),
        most=min(sizes, default=None),
        dependent=dependent,
        names=tuple(layer["propertyNames"] for layer in layers if "propertyNames" in layer),
    )
    if made.forbidden & required.keys() or made.least > _MOST:
        raise DeadEndError
    if made.most is not None and max(made.least, len(required)) > made.most:
        raise DeadEndError
    return made


def _own(layer: Layer, name: str) -> Iterator[Any]:
    properties = layer.get("properties", {})
    if name in properties:
        yield properties[name]
    for pattern, schema in layer.get("patternProperties", {}).items():
        if matches(pattern, name):
            yield schema


def _forbidden(layers: Sequence[Layer], required: Mapping[str, None]) -> Iterator[str]:
    """The names that `not: {required: […]}` bars: all of them at once may not be there."""
    for layer in layers:
        barred = layer.get("not")
        if isinstance(barred, dict) and barred.keys() == {"required"}:
            names = [name for name in barred["required"] if name not in required]
            if not names:
                raise DeadEndError
            yield names[-1]
