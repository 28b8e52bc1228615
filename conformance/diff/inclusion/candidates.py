"""Values that may be allowed by one schema and refused by another, the most telling first."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, TypeAlias

from jsonschema_rs import CanonicalSchema

from conformance.diff.inclusion.algebra import name_patterns
from conformance.diff.inclusion.boundaries import boundary_values
from conformance.diff.inclusion.local_differences import LocalDifferences
from conformance.diff.inclusion.pattern_texts import pattern_texts
from conformance.diff.inclusion.regex_inclusion import compared
from conformance.diff.inclusion.subschemas import subschemas
from spec.model.errors import UnsatisfiableError
from spec.sampling import Sampler
from spec.schemas.compiled import compile_schema

__all__ = ["candidates"]

SchemaDict: TypeAlias = Mapping[str, Any]
_GENERATED = 100
"""Seeds of generated values: each costs a sample and a validation."""
_MOST_ALTERNATIVES = 24
"""How many alternatives of the two schemas a base value is drawn from."""


def _telling_texts(inner: SchemaDict, outer: SchemaDict) -> Iterator[str]:
    """Strings that a pattern of the one matches and one of the other does not."""
    ours, theirs = (
        list(
            dict.fromkeys(
                n["pattern"] for n in subschemas(one) if isinstance(n.get("pattern"), str)
            )
        )
        for one in (inner, outer)
    )
    yield from _apart(ours, theirs)
    for other in dict.fromkeys([*theirs, *ours]):
        yield from pattern_texts(other)


_ANY_TEXT = ""
"""The pattern that every text matches: what has no pattern allows them all."""


def _apart(ours: Iterable[str], theirs: Iterable[str]) -> Iterator[str]:
    """Texts that one of our patterns matches, and one of theirs does not."""
    for one in (*ours, _ANY_TEXT):
        for other in theirs:
            witness = compared(one, other).witness
            if witness is not None:
                yield witness


def candidates(
    inner: SchemaDict,
    outer: SchemaDict,
    difference: CanonicalSchema | None,
    allowed: Callable[[Any], bool],
    escapes: Callable[[Any], bool],
) -> Iterator[Any]:
    """Values worth trying, the most telling first.

    Args:
        inner: the schema that should allow the value.
        outer: the schema that should refuse it.
        difference: what the algebra says of both; None where it could not.
        allowed: whether `inner` allows a value.
        escapes: whether a value is what is looked for.
    """
    drawn = None if difference is None else difference.to_json_schema()
    # A value of the difference is a witness at once, unless the algebra left a keyword out.
    if isinstance(drawn, dict):
        yield from _sampled(Sampler(drawn, escapes), (None, 1))
    plain = Sampler(inner, allowed)
    sources = (drawn, inner, outer) if isinstance(drawn, dict) else (inner, outer)
    texts = tuple(dict.fromkeys(_telling_texts(inner, outer)))
    names = tuple(dict.fromkeys(_apart(name_patterns(inner), name_patterns(outer))))
    differs = LocalDifferences(inner, outer).at
    for base in _sampled(plain, (None, 1)):
        yield from boundary_values(base, sources, texts, names, differs)
    for base in _by_alternative(inner, outer):
        yield base
        yield from boundary_values(base, sources, texts, names, differs)
    # Last, since they are many and tell little: what nothing above has thought of.
    yield from _sampled(plain, range(2, _GENERATED))


def _by_alternative(inner: SchemaDict, outer: SchemaDict) -> Iterator[Any]:
    """A value of each alternative of the inner schema, and of each that the outer one names."""
    for alternative in _alternatives(inner, outer):
        yield from _sampled(Sampler(alternative, compile_schema(alternative).is_valid), (None,))


def _alternatives(inner: SchemaDict, outer: SchemaDict) -> Iterator[SchemaDict]:
    count = 0
    for side in (inner, outer):
        for keyword in ("anyOf", "oneOf", "then", "else", "if", "not"):
            named = side.get(keyword, ())
            for branch in named if isinstance(named, list | tuple) else (named,):
                count += 1
                # A branch of the outer schema refers to definitions that the inner one lacks.
                if count <= _MOST_ALTERNATIVES and (side is inner or not _refers(branch)):
                    yield {**inner, "allOf": [*inner.get("allOf", ()), branch]}


def _refers(schema: Any) -> bool:
    return any("$ref" in node for node in subschemas(schema))


def _sampled(sampler: Sampler, seeds: Iterable[int | None]) -> Iterator[Any]:
    """Values of a schema; none where the sampler finds none."""
    for seed in seeds:
        try:
            yield sampler.sample(seed)
        except UnsatisfiableError:
            return
