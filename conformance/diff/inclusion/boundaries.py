"""Values beside a valid one, made of the constants that schemas name.

One place of the value is changed at a time: to a bound and its neighbours, a member of an enum,
a text of a format, another JSON type, one item more or less, one property more or less.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, TypeAlias

from conformance.diff.inclusion.pattern_texts import pattern_texts
from conformance.diff.inclusion.subschemas import subschemas
from spec.model.errors import UnsatisfiableError
from spec.sampling import Sampler
from spec.schemas.compiled import compile_schema
from spec.schemas.string_formats import STRING_FORMATS

__all__ = ["KNOWN_FORMATS", "boundary_values"]

Path: TypeAlias = tuple[str | int, ...]

PLAIN: tuple[Any, ...] = ("string", "", 0, 1, -1, 2, 3, 5, 7, 1.5, True, False, None, [], {}, [0])
"""Values of every JSON type, and the small numbers of which one is no multiple of another."""
UNNAMED = "unnamedProperty"
"""The name of a property that no schema declares."""
LONGEST = 100_000
"""Characters of the longest text; a hundredth of it is the most items or properties."""
NAMES_OF_A_PATTERN = 8
"""Names that are tried for a `patternProperties` or `propertyNames`."""
FEW = 6
"""Up to so many items every value of the pool is repeated, for `contains` and `uniqueItems`."""
_COUNTS = frozenset(
    {"minItems", "maxItems", "minProperties", "maxProperties", "minContains", "maxContains"}
)
KNOWN_FORMATS = tuple(name for name, one in STRING_FORMATS.items() if one.known_to_engine)


def boundary_values(
    base: Any,
    schemas: Iterable[Mapping[str, Any]],
    more: Iterable[Any],
    names: Iterable[str],
    is_telling: Callable[[Path], bool],
) -> Iterator[Any]:
    """The base with one place changed, for each place and each constant of the schemas.

    `more` are values that are worth trying first, `names` such names of properties. The places
    that are telling come before the others, and outer ones before inner ones.
    """
    constants = _Constants(more, names)
    for schema in schemas:
        constants.gather(schema)
    pool = constants.pool()
    # One place at a time: two changes may hide that one of them is the witness.
    ranked = sorted(_places(base), key=lambda place: (not is_telling(place[0]), len(place[0])))
    for path, value in ranked:
        for changed in _variants(value, pool, constants):
            yield _replaced(base, path, changed)


class _Constants:
    """What the schemas name: values, property names, numbers of items and of properties."""

    def __init__(self, first: Iterable[Any], names: Iterable[str]) -> None:
        self._values: dict[str, Any] = {}
        self.names: dict[str, None] = dict.fromkeys((*names, UNNAMED))
        self.counts: dict[int, None] = {}
        self._add(*first, *PLAIN)

    def pool(self) -> list[Any]:
        return list(self._values.values())

    def _add(self, *values: Any) -> None:
        for value in values:
            # By the JSON text: to Python 1, 1.0 and True are one value.
            self._values.setdefault(json.dumps(value, default=str), value)

    def gather(self, schema: Mapping[str, Any]) -> None:
        """Learn from a schema and all the schemas in it."""
        for node in subschemas(schema):
            self.names.update(dict.fromkeys(node.get("properties", ())))
            self.names.update(dict.fromkeys(_only_texts(node.get("required"))))
            self.names.update(dict.fromkeys(_names_by_pattern(node)))
            for keyword, value in node.items():
                self._learn(keyword, value)

    def _learn(self, keyword: str, value: Any) -> None:
        if keyword == "const":
            self._add(value)
        elif keyword == "enum":
            self._add(*value)
            self.names.update(dict.fromkeys(_only_texts(value)))
        elif keyword in ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"):
            self._add(*_around(value))
        elif keyword == "multipleOf":
            # Half of it is the number nearest to zero that is no multiple.
            self._add(value, value * 2, value * 3, value / 2)
        elif keyword in ("minLength", "maxLength"):
            lengths = (n for n in (value - 1, value, value + 1) if 0 <= n <= LONGEST)
            self._add(*("a" * int(n) for n in lengths))
        elif keyword in _COUNTS and isinstance(value, int):
            self.counts.update(dict.fromkeys((value - 1, value, value + 1)))
        elif keyword == "pattern":
            self._add(*_texts_of_keywords({"pattern": value}), *pattern_texts(value))
        elif keyword == "format":
            for name in dict.fromkeys((value, *KNOWN_FORMATS)):
                self._add(*_texts_of_keywords({"format": name}))


def _names_by_pattern(node: Mapping[str, Any]) -> Iterator[str]:
    """Property names that `patternProperties`, `propertyNames` and `dependent…` are about."""
    for pattern in node.get("patternProperties", ()):
        yield from pattern_texts(pattern)[:NAMES_OF_A_PATTERN]
    for names in subschemas(node.get("propertyNames", True)):
        if isinstance(names.get("pattern"), str):
            yield from pattern_texts(names["pattern"])[:NAMES_OF_A_PATTERN]
        yield from _only_texts(names.get("enum"))
        lengths = [names[key] for key in ("minLength", "maxLength") if key in names]
        yield from ("a" * min(length + 1, LONGEST) for length in lengths)
        yield from ("A", "0", "a-b", "")
    for keyword in ("dependentRequired", "dependentSchemas"):
        for name, listed in node.get(keyword, {}).items():
            yield from (name, *(_only_texts(listed) if keyword == "dependentRequired" else ()))


def _only_texts(value: Any) -> list[str]:
    return [text for text in value or () if isinstance(text, str)]


def _texts_of_keywords(keywords: Mapping[str, str]) -> Iterator[str]:
    schema = {"type": "string", **keywords}
    try:
        sampler = Sampler(schema, compile_schema(schema).is_valid)
        for seed in (None, 1, 2):
            yield sampler.sample(seed)
    except (UnsatisfiableError, ValueError):
        return


def _around(bound: Any) -> tuple[Any, ...]:
    # The neighbours of an integer are integers, where the schema asks for them.
    step = type(bound)(1)
    half = step / 2
    return (bound, bound - step, bound + step, bound - half, bound + half)


def _places(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    yield path, value
    if isinstance(value, Mapping):
        for name, child in value.items():
            yield from _places(child, (*path, name))
    elif isinstance(value, list):
        # Items of a list are alike, and a generated list has few.
        for index, child in enumerate(value[:3]):
            yield from _places(child, (*path, index))


def _variants(value: Any, pool: list[Any], constants: _Constants) -> Iterator[Any]:
    if isinstance(value, Mapping):
        yield from _objects(value, pool, constants)
    elif isinstance(value, list):
        yield from _arrays(value, pool, constants)
    yield from pool


def _objects(value: Mapping[str, Any], pool: list[Any], constants: _Constants) -> Iterator[Any]:
    for name in value:
        yield {k: v for k, v in value.items() if k != name}
    for name in constants.names:
        if name not in value:
            yield from ({**value, name: extra} for extra in pool)
    for count in constants.counts:
        if len(value) < count <= LONGEST // 100:
            extra = {f"{UNNAMED}{i}": "string" for i in range(count - len(value))}
            yield {**value, **extra}


def _arrays(value: list[Any], pool: list[Any], constants: _Constants) -> Iterator[Any]:
    # The last one repeats an item that fits: only `uniqueItems` refuses it.
    yield from (value[:-1], value + value, [*value, *value[:1]])
    yield from ([*value, extra] for extra in pool)
    yield from ([extra, extra] for extra in pool)
    few = [count for count in constants.counts if 2 < count <= FEW]
    yield from ([extra] * count for extra in pool for count in few)
    for count in constants.counts:
        if 0 <= count <= LONGEST // 100:
            filler = value[:1] or ["string"]
            yield (value + filler * count)[:count]
            # And items that differ, where equal ones are refused.
            yield [*value, *range(count)][:count]


def _replaced(base: Any, path: Path, changed: Any) -> Any:
    if not path:
        return changed
    head, rest = path[0], path[1:]
    if isinstance(base, Mapping):
        return {**base, head: _replaced(base[str(head)], rest, changed)}
    return [_replaced(v, rest, changed) if i == head else v for i, v in enumerate(base)]
