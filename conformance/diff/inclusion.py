"""Is every value that one JSON Schema allows allowed by another? If not: which value is not?

Both schemas are self-contained JSON Schema 2020-12. The canonical algebra of jsonschema-rs takes
their difference. Where that is empty the answer is yes; where it is not, a value is drawn from it.
Boundary values and generated ones, a counted number of them, serve what the algebra cannot decide.
No value is given out that both validators have not judged. `format` is an assertion.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from jsonschema_rs import (
    CanonicalSchema,
    ValidationError,
    Validator,
    canonical,
    canonicalize,
)

from conformance.diff.boundaries import KNOWN_FORMATS, boundary_values
from conformance.diff.pattern_texts import pattern_texts
from conformance.diff.proof import proven
from conformance.diff.reduction import reduced
from conformance.diff.regex_inclusion import compared
from conformance.diff.subschemas import rewritten, subschemas
from spec.model.errors import UnsatisfiableError
from spec.sampling import Sampler
from spec.schemas.compiled import compile_schema
from spec.schemas.string_formats import STRING_FORMATS

__all__ = ["Contained", "Escapes", "Inclusion", "Undecided", "Work", "inclusion"]

SchemaDict: TypeAlias = Mapping[str, Any]
GENERATED = 100
ALTERNATIVES = 24
"""How many alternatives of the two schemas a base value is drawn from."""
LONGEST = 256
"""The longest length that is looked at as a pattern."""


@dataclass(slots=True)
class Work:
    """What a search may still cost, in values tried. A count, so that every machine decides alike.

    `weight` is the number of subschemas of the pair: values of large schemas cost more to judge.
    """

    left: int
    tried: int = 0
    weight: int = 1

    def spend(self) -> bool:
        """Whether one more value may be tried."""
        self.left -= self.weight
        self.tried += 1
        return self.left >= 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Contained:
    """Every value of the one schema is allowed by the other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Escapes:
    """`witness` is allowed by the one and refused by the other; both were asked."""

    witness: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Undecided:
    """Neither a proof nor a witness was found; `why` is the end of a sentence."""

    why: str


Inclusion: TypeAlias = Contained | Escapes | Undecided


def inclusion(
    inner: SchemaDict,
    outer: SchemaDict,
    *,
    confirm: Callable[[Any], bool] | None = None,
    work: Work | None = None,
) -> Inclusion:
    """Whether `outer` allows all that `inner` allows.

    `confirm` has the last word on a witness (the text of a parameter may be read otherwise than
    the value it was made of). `work` limits the search where the algebra cannot decide.
    """
    work = Work(MOST) if work is None else work
    difference = _difference(inner, outer)
    if difference is not None and _empty(difference):
        return Contained()
    if proven(inner, outer, _leaf):
        return Contained()
    judge = _Judge(compile_schema(inner), compile_schema(outer), confirm)
    begun = work.tried
    for value in _candidates(inner, outer, difference, judge):
        if not work.spend():
            break
        if judge.escapes(value):
            return Escapes(witness=reduced(value, judge.escapes))
    return Undecided(why=_tried(difference, work.tried - begun))


MOST = 20_000
"""Values that are tried for one question, in subschemas' worth (see `Work`)."""


def _tried(difference: CanonicalSchema | None, values: int) -> str:
    """What was done in vain, for the end of a sentence."""
    algebra = "could not take them" if difference is None else "found no answer"
    return (
        f"the algebra of schemas {algebra}, there is no proof part by part,"
        f" and none of {values} boundary and generated values shows a difference"
    )


@dataclass(frozen=True, slots=True)
class _Judge:
    inner: Validator
    outer: Validator
    confirm: Callable[[Any], bool] | None

    def escapes(self, value: Any) -> bool:
        """Whether the value is a witness. What a validator cannot judge is none."""
        try:
            found = self.inner.is_valid(value) and not self.outer.is_valid(value)
        except (ValueError, OverflowError):
            return False
        return found and (self.confirm is None or self.confirm(value))


def _difference(inner: SchemaDict, outer: SchemaDict) -> CanonicalSchema | None:
    """What `inner` allows and `outer` does not; None where the algebra cannot say."""
    try:
        outer = _with_names_of(inner, outer)
        return _canonical(_with_implied(inner, outer)).subtract(_canonical(outer))
    except (canonical.CanonicalizationError, ValidationError, ValueError):
        return None


def _with_names_of(inner: SchemaDict, outer: SchemaDict) -> SchemaDict:
    """The outer schema with the inner one's spelling of `patternProperties` that mean the same."""
    ours = _name_patterns(inner)
    equal = {
        other: one
        for other in _name_patterns(outer)
        for one in ours
        if one != other and compared(one, other).contained and compared(other, one).contained
    }
    if not equal:
        return outer

    def renamed(node: Mapping[str, Any]) -> Mapping[str, Any]:
        named = node.get("patternProperties")
        if not isinstance(named, Mapping):
            return node
        return {**node, "patternProperties": {equal.get(k, k): v for k, v in named.items()}}

    made = rewritten(outer, renamed)
    assert isinstance(made, Mapping)
    return made


def _name_patterns(schema: SchemaDict) -> list[str]:
    return [name for node in subschemas(schema) for name in node.get("patternProperties", ())]


def _of_names(schema: SchemaDict) -> list[str]:
    """Every pattern of a schema that is about the names of properties."""
    asked = (node.get("propertyNames") for node in subschemas(schema))
    about = [inside.get("pattern") for one in asked for inside in subschemas(one or True)]
    return [*_name_patterns(schema), *(one for one in about if isinstance(one, str))]


def _with_implied(inner: SchemaDict, outer: SchemaDict) -> SchemaDict:
    """The inner schema with what its patterns imply of the outer one's, and of its lengths.

    The algebra takes patterns for opaque; two automata tell whether one contains the other.
    """
    asked = _asked_patterns(outer)
    if not asked:
        return inner

    def implied(node: Mapping[str, Any]) -> Mapping[str, Any]:
        own = node.get("pattern")
        if not isinstance(own, str):
            return node
        more = [said for pattern, said in asked if compared(own, pattern).contained]
        return {**node, "allOf": [*node.get("allOf", ()), *more]} if more else node

    made = rewritten(inner, implied)
    assert isinstance(made, Mapping)
    return made


def _asked_patterns(outer: SchemaDict) -> list[tuple[str, SchemaDict]]:
    """Every pattern of a schema and every length as a pattern, with the keyword that says it."""
    asked: dict[str, SchemaDict] = {}
    for node in subschemas(outer):
        if isinstance(node.get("pattern"), str):
            asked[node["pattern"]] = {"pattern": node["pattern"]}
        least, most = node.get("minLength", 0), node.get("maxLength", LONGEST + 1)
        if 0 < least <= LONGEST:
            asked[f"^[\\s\\S]{{{least},}}$"] = {"minLength": least}
        if most <= LONGEST:
            asked[f"^[\\s\\S]{{0,{most}}}$"] = {"maxLength": most}
    return list(asked.items())


def _canonical(schema: SchemaDict) -> CanonicalSchema:
    modelled = rewritten(schema, _modelled)
    assert isinstance(modelled, Mapping)
    return canonicalize(dict(modelled), validate_formats=True, offline=True)


_FORMATS: Mapping[str, SchemaDict] = {
    name: {"pattern": one.patterns[0]} for name, one in STRING_FORMATS.items() if one.is_valid
}
"""Formats that we judge ourselves in keywords that the algebra knows: it takes them for
annotations."""
_WIDER = {name: one.wider for name, one in STRING_FORMATS.items() if one.wider}
"""Formats that allow all that another one allows; the algebra takes formats for unrelated."""

_SILENT = frozenset({"default", "discriminator", "example", "examples", "readOnly", "writeOnly"})


def _modelled(schema: Mapping[str, Any]) -> dict[str, Any]:
    made = {keyword: value for keyword, value in schema.items() if keyword not in _SILENT}
    if made.get("format") in _FORMATS:
        made["allOf"] = [*made.get("allOf", ()), _FORMATS[made.pop("format")]]
    elif made.get("format") in _WIDER:
        wider = [{"format": name} for name in _WIDER[made["format"]]]
        made["allOf"] = [*made.get("allOf", ()), *wider]
    elif made.get("format") not in KNOWN_FORMATS:
        made.pop("format", None)
    return made


def _empty(difference: CanonicalSchema) -> bool:
    return difference.satisfiability() is canonical.Satisfiability.NO


def _leaf(inner: SchemaDict, outer: SchemaDict) -> bool:
    """Whether `outer` allows all that `inner` does, for schemas without references."""
    difference = _difference(inner, outer)
    return difference is not None and _empty(difference)


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


def _candidates(
    inner: SchemaDict, outer: SchemaDict, difference: CanonicalSchema | None, judge: _Judge
) -> Iterator[Any]:
    """Values worth trying, the most telling first."""
    drawn = None if difference is None else difference.to_json_schema()
    if isinstance(drawn, dict):
        yield from _sampled(Sampler(drawn, judge.escapes), (None, 1))
    plain = Sampler(inner, judge.inner.is_valid)
    sources = (drawn, inner, outer) if isinstance(drawn, dict) else (inner, outer)
    texts = tuple(dict.fromkeys(_telling_texts(inner, outer)))
    names = tuple(dict.fromkeys(_apart(_of_names(inner), _of_names(outer))))
    for base in _sampled(plain, (None, 1)):
        yield from boundary_values(base, sources, texts, names)
    for base in _by_alternative(inner, outer):
        yield base
        yield from boundary_values(base, sources, texts, names)
    yield from _sampled(plain, range(2, GENERATED))


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
                if count <= ALTERNATIVES and (side is inner or not _refers(branch)):
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
