"""Is every value that one JSON Schema allows allowed by another? If not: which value is not?

Both schemas are self-contained JSON Schema 2020-12. The canonical algebra of jsonschema-rs takes
their difference. Where that is empty the answer is yes; where it is not, a value is drawn from it.
Boundary values and generated ones, a counted number of them, serve what the algebra cannot decide.
No value is given out that both validators have not judged. `format` is an assertion.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from jsonschema_rs import CanonicalSchema, Validator

from conformance.diff.inclusion.algebra import contains, difference, is_empty
from conformance.diff.inclusion.candidates import candidates
from conformance.diff.inclusion.inclusion_proof import proven
from conformance.diff.inclusion.reduction import reduced
from spec.schemas.compiled import compile_schema

__all__ = ["Contained", "Escapes", "Inclusion", "Undecided", "Work", "inclusion"]

SchemaDict: TypeAlias = Mapping[str, Any]


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
    found = difference(inner, outer)
    if found is not None and is_empty(found):
        return Contained()
    # The algebra stops at references, and the proof goes through them.
    if proven(inner, outer, contains):
        return Contained()
    judge = _InclusionJudge(compile_schema(inner), compile_schema(outer), confirm)
    begun = work.tried
    for value in candidates(inner, outer, found, judge.inner.is_valid, judge.escapes):
        if not work.spend():
            break
        if judge.escapes(value):
            # Smaller is plainer, as long as it is still a witness.
            return Escapes(witness=reduced(value, judge.escapes))
    return Undecided(why=_tried(found, work.tried - begun))


MOST = 20_000
"""Values that are tried for one question, in subschemas' worth (see `Work`)."""


def _tried(found: CanonicalSchema | None, values: int) -> str:
    """What was done in vain, for the end of a sentence."""
    algebra = "could not take them" if found is None else "found no answer"
    return (
        f"the algebra of schemas {algebra}, there is no proof part by part,"
        f" and none of {values} boundary and generated values shows a difference"
    )


@dataclass(frozen=True, slots=True)
class _InclusionJudge:
    inner: Validator
    outer: Validator
    confirm: Callable[[Any], bool] | None

    def escapes(self, value: Any) -> bool:
        """Whether the value is a witness. What a validator cannot judge is none."""
        try:
            found = self.inner.is_valid(value) and not self.outer.is_valid(value)
        # A lone surrogate is no text to the validator, and some numbers are too large for it.
        except (ValueError, OverflowError):
            return False
        return found and (self.confirm is None or self.confirm(value))
