"""Is every value that one JSON Schema allows allowed by another? If not: which value is not?

Both schemas are self-contained JSON Schema 2020-12. The canonical algebra of jsonschema-rs takes
their difference. Where that is empty the answer is yes; where it is not, a value is drawn from it.
Boundary values and generated ones, within a time limit, serve what the algebra cannot decide.
No value is given out that both validators have not judged. `format` is an assertion.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any, TypeAlias

from jsonschema_rs import (
    CanonicalSchema,
    Validator,
    canonical,
    canonicalize,
)

from conformance.diff.boundaries import KNOWN_FORMATS, boundary_values
from conformance.diff.proof import proven
from conformance.diff.reduction import reduced
from conformance.diff.regex_inclusion import compared
from conformance.diff.subschemas import rewritten, subschemas
from spec.model.errors import UnsatisfiableError
from spec.sampling import Sampler
from spec.schemas.compiled import compile_schema

__all__ = ["Contained", "Escapes", "Inclusion", "Undecided", "inclusion"]

SchemaDict: TypeAlias = Mapping[str, Any]
SECONDS = 10.0
MOST = 20_000
"""Candidates that are tried. The time limit is for what is slow to judge, not the usual end."""
GENERATED = 100
LONGEST = 256
"""The longest length that is looked at as a pattern."""


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
    seconds: float = SECONDS,
) -> Inclusion:
    """Whether `outer` allows all that `inner` allows.

    `confirm` has the last word on a witness (the text of a parameter may be read otherwise than
    the value it was made of). `seconds` limits the search where the algebra cannot decide.
    """
    difference = _difference(inner, outer)
    if difference is not None and _empty(difference):
        return Contained()
    if proven(inner, outer, _leaf):
        return Contained()
    judge = _Judge(compile_schema(inner), compile_schema(outer), confirm)
    deadline = time.monotonic() + seconds
    for value in islice(_candidates(inner, outer, difference, judge), MOST):
        if judge.escapes(value):
            return Escapes(witness=reduced(value, judge.escapes))
        if time.monotonic() > deadline:
            return Undecided(why=f"there is no proof, and no witness within {seconds:g} s")
    return Undecided(why="there is no proof, and no witness among boundary and generated values")


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
        return _canonical(inner).subtract(_canonical(outer))
    except (canonical.CanonicalizationError, ValueError):
        return None


def _canonical(schema: SchemaDict) -> CanonicalSchema:
    modelled = rewritten(schema, _modelled)
    assert isinstance(modelled, Mapping)
    return canonicalize(dict(modelled), validate_formats=True, offline=True)


_FORMATS: Mapping[str, SchemaDict] = {
    "byte": {
        "pattern": "^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$",
    },
}
"""OpenAPI's own formats in keywords that the algebra knows; it would take them for annotations."""


_WIDER: Mapping[str, tuple[str, ...]] = {
    "uri": ("uri-reference", "iri", "iri-reference"),
    "uri-reference": ("iri-reference",),
    "iri": ("iri-reference",),
    "email": ("idn-email",),
    "hostname": ("idn-hostname",),
}
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
    for asked in (outer, _without_patterns(inner, outer)):
        difference = _difference(inner, asked)
        if difference is not None and _empty(difference):
            return True
    return False


def _without_patterns(inner: SchemaDict, outer: SchemaDict) -> SchemaDict:
    """The outer schema without what a pattern of the inner one sees to already.

    The algebra takes patterns for opaque; a length is a pattern as well.
    """
    known = [node["pattern"] for node in inner.get("allOf", ()) if "pattern" in node]
    asked = {"pattern": outer["pattern"]} if "pattern" in outer else {}
    if outer.get("minLength", 0) <= LONGEST:
        asked["minLength"] = f"^[\\s\\S]{{{outer.get('minLength', 0)},}}$"
    if outer.get("maxLength", LONGEST + 1) <= LONGEST:
        asked["maxLength"] = f"^[\\s\\S]{{0,{outer['maxLength']}}}$"
    seen_to = {
        keyword
        for keyword, pattern in asked.items()
        if any(compared(one, pattern).contained for one in known)
    }
    return {keyword: value for keyword, value in outer.items() if keyword not in seen_to}


def _telling_texts(inner: SchemaDict, outer: SchemaDict) -> Iterator[str]:
    """Strings that a pattern of the one matches and one of the other does not."""
    ours, theirs = (
        dict.fromkeys(n["pattern"] for n in subschemas(one) if isinstance(n.get("pattern"), str))
        for one in (inner, outer)
    )
    for one in ours:
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
    for base in _sampled(plain, (None, 1)):
        yield from boundary_values(base, sources, tuple(_telling_texts(inner, outer)))
    yield from _sampled(plain, range(2, GENERATED))


def _sampled(sampler: Sampler, seeds: Iterable[int | None]) -> Iterator[Any]:
    """Values of a schema; none where the sampler finds none."""
    for seed in seeds:
        try:
            yield sampler.sample(seed)
        except UnsatisfiableError:
            return
