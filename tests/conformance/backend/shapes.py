"""Hand-written validation, in the manner of zod: a shape says what is wrong with a value."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, Protocol

__all__ = [
    "Anything",
    "Either",
    "Flag",
    "Items",
    "Loose",
    "Number",
    "Record",
    "Shape",
    "Text",
    "Tight",
    "changed",
    "depth",
    "is_blank",
]

# What ECMA-262 calls white space and line terminators: the `\s` of the contract's patterns.
ECMA_SPACE = frozenset(
    "\t\n\v\f\r \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007"
    "\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"
)


class Shape(Protocol):
    """Says, one sentence each, what is wrong with a value at a place."""

    def problems(self, value: Any, where: str = "") -> Iterator[str]: ...


def is_blank(text: str) -> bool:
    """Whether nothing but white space is there."""
    return all(character in ECMA_SPACE for character in text)


def depth(value: Any) -> int:
    """How many arrays and objects stand one within another."""
    deepest, level = 0, [value]
    while level := [v for v in level if isinstance(v, dict | list)]:
        deepest += 1
        level = [m for v in level for m in (v.values() if isinstance(v, dict) else v)]
    return deepest


@dataclass(frozen=True, slots=True, kw_only=True)
class Anything:
    """Every JSON value."""

    def problems(self, value: Any, where: str = "") -> Iterator[str]:
        return iter(())


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A string. Lengths count code points, as JSON Schema does."""

    members: Sequence[str] = ()
    shortest: int = 0
    longest: int | None = None
    not_blank: bool = False
    nullable: bool = False

    def problems(self, value: Any, where: str = "") -> Iterator[str]:
        if value is None and self.nullable:
            return
        if not isinstance(value, str):
            yield f"{where} must be a string"
            return
        if self.members and value not in self.members:
            yield f"{where} must be one of {', '.join(self.members)}"
        if len(value) < self.shortest:
            yield f"{where} must have at least {self.shortest} characters"
        if self.longest is not None and len(value) > self.longest:
            yield f"{where} must have at most {self.longest} characters"
        if self.not_blank and is_blank(value):
            yield f"{where} must not be blank"


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """A number; `whole` asks for an integer, of which 2.0 is one (JSON Schema 2020-12)."""

    least: int | None = None
    most: int | None = None
    whole: bool = False

    def problems(self, value: Any, where: str = "") -> Iterator[str]:
        if isinstance(value, bool) or not isinstance(value, int | Decimal):
            yield f"{where} must be a number"
            return
        if self.whole and value != Decimal(value).to_integral_value():
            yield f"{where} must be an integer"
        if self.least is not None and value < self.least:
            yield f"{where} must be at least {self.least}"
        if self.most is not None and value > self.most:
            yield f"{where} must be at most {self.most}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Flag:
    """True or false."""

    def problems(self, value: Any, where: str = "") -> Iterator[str]:
        if not isinstance(value, bool):
            yield f"{where} must be true or false"


@dataclass(frozen=True, slots=True, kw_only=True)
class Items:
    """An array whose members all have one shape."""

    of: Shape

    def problems(self, value: Any, where: str = "") -> Iterator[str]:
        if not isinstance(value, list):
            yield f"{where} must be an array"
            return
        for position, member in enumerate(value):
            yield from self.of.problems(member, f"{where}[{position}]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """An object. What it does not name is allowed and left alone."""

    required: Sequence[str] = ()
    fields: Mapping[str, Shape] = field(default_factory=dict)
    fewest: int = 0

    def problems(self, value: Any, where: str = "") -> Iterator[str]:
        if not isinstance(value, dict):
            yield f"{where or 'the body'} must be an object"
            return
        if len(value) < self.fewest:
            yield f"{where or 'the body'} must have at least {self.fewest} properties"
        yield from (f"{where}/{name} is missing" for name in self.required if name not in value)
        for name, shape in self.fields.items():
            if name in value:
                yield from shape.problems(value[name], f"{where}/{name}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Either:
    """Exactly one of several shapes."""

    shapes: Sequence[Shape]

    def problems(self, value: Any, where: str = "") -> Iterator[str]:
        fitting = [shape for shape in self.shapes if not any(shape.problems(value, where))]
        if len(fitting) != 1:
            yield f"{where} must fit exactly one of {len(self.shapes)} forms"


@dataclass(frozen=True, slots=True, kw_only=True)
class Loose:
    """Takes what the shape within would not, where `also` says so."""

    shape: Shape
    also: Callable[[Any], bool]

    def problems(self, value: Any, where: str = "") -> Iterator[str]:
        return iter(()) if self.also(value) else self.shape.problems(value, where)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tight:
    """Refuses what the shape within would take, where `never` says so."""

    shape: Shape
    never: Callable[[Any], bool]

    def problems(self, value: Any, where: str = "") -> Iterator[str]:
        found = list(self.shape.problems(value, where))
        return iter(found or ([f"{where} is not allowed"] if self.never(value) else []))


def changed(shape: Shape, path: Sequence[str], change: Callable[[Any], Shape]) -> Shape:
    """A copy of `shape` with the part at `path` replaced by what `change` makes of it.

    A step is the name of a field, `*` for the members of an array, or the position of a form.
    """
    if not path:
        return change(shape)
    if isinstance(shape, Loose | Tight):
        return replace(shape, shape=changed(shape.shape, path, change))
    step, *rest = path
    match shape:
        case Record():
            inner = changed(shape.fields[step], rest, change)
            return replace(shape, fields={**shape.fields, step: inner})
        case Items():
            return replace(shape, of=changed(shape.of, rest, change))
        case Either():
            forms = list(shape.shapes)
            forms[int(step)] = changed(forms[int(step)], rest, change)
            return replace(shape, shapes=forms)
    raise LookupError(f"{type(shape).__name__} has no part {step!r}")
