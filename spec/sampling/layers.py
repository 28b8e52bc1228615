"""Schemas taken apart: everything that is said of one value, side by side.

A *layer* is a schema object of which only the assertions on the value itself are read. `$ref` and
`allOf` are followed into more layers; what offers a choice is a *fork*. `if`/`then`/`else` and
`dependentSchemas` are forks too: "either the condition and its consequence, or not the condition".
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from spec.model.pointers import unescape
from spec.sampling.minimum_depth import MinimumDepths
from spec.sampling.proposals import TYPES, types_left
from spec.sampling.search import DeadEndError, Fuel, MadeUp
from spec.schemas.alternatives import SchemaValue

__all__ = ["Fork", "Layer", "LayerBundle", "Unfolder"]

Layer = Mapping[str, Any]

_DEEPEST = 200
_REFERENCE_ONLY = {"$schema", "$defs", "$ref"}


@dataclass(frozen=True, slots=True)
class Fork:
    """Alternatives of which one has to be taken, and the tag that tells them apart, if any."""

    branches: tuple[SchemaValue, ...]
    tag: Mapping[str, Any] | None = None


@dataclass(slots=True)
class LayerBundle:
    """What holds for one value: layers, open forks, the `$ref`s that led here, and wanted tags."""

    layers: list[Layer] = field(default_factory=list)
    forks: list[Fork] = field(default_factory=list)
    refs: set[str] = field(default_factory=set)
    tags: dict[str, Any] = field(default_factory=dict)
    types: Sequence[str] = TYPES

    def copied(self) -> LayerBundle:
        """A bundle that can be added to without touching this one."""
        return LayerBundle(
            self.layers.copy(), self.forks.copy(), self.refs.copy(), self.tags.copy(), self.types
        )


class Unfolder:
    """Takes the schemas of one document apart."""

    def __init__(self, definitions: Mapping[str, SchemaValue], made_up: MadeUp, fuel: Fuel) -> None:
        self.definitions = definitions
        self.fuel = fuel
        self.made_up = made_up
        self.minimum_depths = MinimumDepths(definitions)

    def bundles(
        self,
        schema: SchemaValue,
        order: Callable[[Fork, LayerBundle], list[SchemaValue]],
        above: frozenset[str],
    ) -> Iterator[LayerBundle]:
        """The ways to satisfy a schema, the first choices first."""
        bundle = LayerBundle()
        try:
            self.unfold(schema, bundle, above, 0)
        except DeadEndError:
            return
        yield from self._decided(bundle, order, above, 0)

    def _decided(
        self,
        bundle: LayerBundle,
        order: Callable[[Fork, LayerBundle], list[SchemaValue]],
        above: frozenset[str],
        depth: int,
    ) -> Iterator[LayerBundle]:
        if not bundle.forks:
            yield bundle
            return
        if depth > _DEEPEST:
            return
        fork = bundle.forks[0]
        for branch in order(fork, bundle):
            self.fuel.spend()
            # A copy, since the next branch starts from here as well.
            taken = bundle.copied()
            taken.forks.pop(0)
            try:
                self.unfold(branch, taken, above, 0)
                self.tag(fork, branch, taken)
            except DeadEndError:
                continue
            yield from self._decided(taken, order, above, depth + 1)

    def unfold(
        self, schema: SchemaValue, bundle: LayerBundle, above: frozenset[str], depth: int
    ) -> None:
        """Add everything that a schema says of the value itself."""
        if schema is True:
            return
        if not isinstance(schema, dict) or depth > _DEEPEST:
            raise DeadEndError
        bundle.types = types_left(bundle.types, schema)
        bundle.layers.append(schema)
        # Once each: a schema that refers to itself for the same value says no more by that.
        reference = schema.get("$ref")
        if reference is not None and reference not in bundle.refs:
            bundle.refs.add(reference)
            self.unfold(self.target(reference), bundle, above, depth + 1)
        for part in schema.get("allOf", ()):
            self.unfold(part, bundle, above, depth + 1)
        self._forks(schema, bundle)
        if "discriminator" in schema and not ("oneOf" in schema or "anyOf" in schema):
            self._descend(schema["discriminator"], bundle, above, depth)

    def _forks(self, schema: Layer, bundle: LayerBundle) -> None:
        tag = schema.get("discriminator")
        for key in ("oneOf", "anyOf"):
            if isinstance(schema.get(key), list):
                bundle.forks.append(Fork(tuple(schema[key]), tag))
        if "if" in schema and ("then" in schema or "else" in schema):
            bundle.forks.append(Fork(self.made_up.once("if", schema, _conditional)))
        if "dependentSchemas" in schema:
            bundle.forks.extend(map(Fork, self.made_up.once("dependent", schema, _dependents)))

    def _descend(
        self, tag: Mapping[str, Any], bundle: LayerBundle, above: frozenset[str], depth: int
    ) -> None:
        """A base with a discriminator stands for one of its children, which refer to it."""
        mapping, name = tag.get("mapping") or {}, tag.get("propertyName")
        if not isinstance(name, str) or not mapping:
            return
        known = [to for to in mapping.values() if to in bundle.refs]
        # A child that was entered by its own name is not left for the first of the mapping.
        if known:
            bundle.tags.setdefault(name, _key_of(known[0], mapping))
            return
        is_asked_for = all(one.keys() <= _REFERENCE_ONLY for one in bundle.layers[:-1])
        child = next(iter(mapping.values()))
        if is_asked_for and child not in above:
            bundle.tags.setdefault(name, _key_of(child, mapping))
            bundle.refs.add(child)
            self.unfold(self.target(child), bundle, above, depth + 1)

    def tag(self, fork: Fork, branch: SchemaValue, bundle: LayerBundle) -> None:
        """Note the value that the discriminator's property must have in a branch."""
        if fork.tag is None or not isinstance(branch, dict) or "$ref" not in branch:
            return
        name = fork.tag.get("propertyName")
        if isinstance(name, str):
            # The outermost discriminator decides; an inner one of the same name has to agree.
            bundle.tags.setdefault(name, _key_of(branch["$ref"], fork.tag.get("mapping") or {}))

    def target(self, reference: str) -> SchemaValue:
        """The schema that a `$ref` means. Raises DeadEndError where there is none."""
        if reference == "#":
            return self.definitions.get("#", True)
        name = unescape(reference.removeprefix("#/$defs/"))
        if name not in self.definitions:
            raise DeadEndError
        return self.definitions[name]


def _key_of(reference: str, mapping: Mapping[str, str]) -> str:
    for key, to in mapping.items():
        if to == reference:
            return key
    return reference.rpartition("/")[2]


def _conditional(schema: Layer) -> tuple[SchemaValue, ...]:
    condition = schema["if"]
    return (
        {"allOf": [condition, schema.get("then", True)]},
        {"allOf": [{"not": condition}, schema.get("else", True)]},
    )


def _dependents(schema: Layer) -> tuple[tuple[SchemaValue, ...], ...]:
    return tuple(
        ({"allOf": [{"required": [name]}, dependent]}, {"not": {"required": [name]}})
        for name, dependent in schema["dependentSchemas"].items()
    )
