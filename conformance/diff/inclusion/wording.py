"""Sentences for a difference between two schemas, from the view of the sender or the reader."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from conformance.diff.inclusion.applicable_schemas import Position
from conformance.diff.inclusion.incompatibilities import SEVERAL, Gap
from spec.model.short_texts import shortened

__all__ = ["REFUSED", "gained", "named", "verb"]

_LONGEST = 60
"""Characters of a value in a title."""
_SHORT = 24
"""Characters up to which a value is shown beside the sentence."""
_MOST_VALUES = 8
"""Values of one list in a title."""
_BOUNDS: Mapping[str, tuple[str, str]] = {
    "maxLength": ("at most {} characters", "more than {} characters"),
    "minLength": ("at least {} characters", "fewer than {} characters"),
    "maximum": ("at most {}", "more than {}"),
    "minimum": ("at least {}", "less than {}"),
    "exclusiveMaximum": ("less than {}", "{} or more"),
    "exclusiveMinimum": ("more than {}", "{} or less"),
    "maxItems": ("at most {} items", "more than {} items"),
    "minItems": ("at least {} items", "fewer than {} items"),
    "maxProperties": ("at most {} properties", "more than {} properties"),
    "minProperties": ("at least {} properties", "fewer than {} properties"),
}
_COUNTS = frozenset(key for key in _BOUNDS if key.endswith(("Length", "Items", "Properties")))
"""Bounds of how many: a value has so many of them, where it is less or more than a number."""
_DEMANDS: Mapping[str, str] = {
    "pattern": "matches {}",
    "format": "has the format {}",
    "multipleOf": "is a multiple of {}",
    "anyOf": "fits one of the alternatives",
    "oneOf": "fits one of the alternatives",
}
"""What a keyword asks for, as the end of `what …`."""
REFUSED = frozenset({"additionalProperties", "falseSchema", "unevaluatedProperties"})
"""Keywords that refuse a property by its name."""


def named(path: tuple[str | int, ...], where: str) -> str:
    """A place in words: `` `messages[].role` in the body of POST /chat ``."""
    name = _name(path)
    return f"`{name}` in {where}" if name else where


def verb(gap: Gap, reader: Mapping[str, Any], *, to_client: bool) -> str:
    """The end of a sentence about the place of a gap.

    `reader` is the schema of the side that refuses. `to_client` is True where the API writes the
    value and a client reads it.
    """
    keyword, value = gap.keyword, _at(gap.witness, gap.path)
    position = Position.of(reader, [reader]).reaches(gap.path)
    if keyword == "required":
        return "may now be missing" if to_client else "must now be sent"
    if keyword in REFUSED:
        return "may now be there; OLD ruled it out" if to_client else "is now refused"
    listed = _members_in_words(keyword, position)
    if listed:
        if to_client:
            return f"may now be {_value_in_words(value)}; clients know only {listed}"
        return f"may no longer be {_value_in_words(value)}; only {listed}"
    limit = next(iter(position.values(keyword)), None)
    bound = _bound(keyword, limit)
    if bound:
        if to_client:
            return f"may now {'have' if bound.counts else 'be'} {bound.beyond}"
        shown = _value_in_words(value)
        # A text or a list of one too many is long, and says no more than the bound.
        refused = f"; {shown} is refused" if len(shown) <= _SHORT else ""
        return f"now takes {bound.within}{refused}"
    if keyword == "type" and limit is not None:
        if to_client:
            return f"may now be {_value_in_words(value)}; clients expect {_kinds(limit)}"
        return f"no longer takes {_value_in_words(value)}; only {_kinds(limit)}"
    demand = _DEMANDS.get(keyword)
    if demand and limit is not None and gap.detail != SEVERAL:
        said = demand.format(_code(limit))
        if to_client:
            return f"may now be {_value_in_words(value)}; clients expect what {said}"
        return f"now takes only what {said}; {_value_in_words(value)} is refused"
    if to_client:
        return f"may now be {_value_in_words(value)}, which OLD ruled out by `{keyword}`"
    return f"no longer takes {_value_in_words(value)}: `{keyword}`"


def gained(gap: Gap, refuser: Mapping[str, Any], *, to_client: bool) -> str:
    """The end of a sentence about what is allowed, or promised, in addition.

    `refuser` is the schema that does not take the value of the gap: NEW where the API promises
    more to its clients (`to_client`), else OLD.
    """
    keyword, value = gap.keyword, _at(gap.witness, gap.path)
    position = Position.of(refuser, [refuser]).reaches(gap.path)
    listed = _members_in_words(keyword, position)
    limit = next(iter(position.values(keyword)), None)
    bound = _bound(keyword, limit)
    if keyword == "required":
        return "is now always there" if to_client else "need not be sent any more"
    if keyword in REFUSED:
        return "is no longer there" if to_client else "may now be sent"
    if bound:
        if to_client:
            return f"{'now has' if bound.counts else 'is now'} {bound.within}"
        return f"may now {'have' if bound.counts else 'be'} {bound.beyond}"
    if not to_client:
        return f"may now be {_value_in_words(value)} as well"
    if listed:
        return f"is now only {listed}"
    if keyword == "type" and limit is not None:
        return f"is now always {_kinds(limit)}"
    demand = _DEMANDS.get(keyword)
    if demand and limit is not None:
        return f"is now always what {demand.format(_code(limit))}"
    return f"is no longer {_value_in_words(value)} (`{keyword}`)"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Bound:
    """A bound in words: what is within it, what is beyond it, and whether it counts something."""

    within: str
    beyond: str
    counts: bool


def _bound(keyword: str, limit: Any) -> _Bound | None:
    texts = _BOUNDS.get(keyword)
    if texts is None or limit is None:
        return None
    within, beyond = (_singular(text, limit).format(limit) for text in texts)
    return _Bound(within=within, beyond=beyond, counts=keyword in _COUNTS)


def _singular(text: str, limit: Any) -> str:
    return text if limit != 1 else _PLURALS.sub(lambda found: _SINGULARS[found[0]], text)


_SINGULARS = {"characters": "character", "items": "item", "properties": "property"}
_PLURALS = re.compile("|".join(_SINGULARS))


def _kinds(limit: Any) -> str:
    names = limit if isinstance(limit, list) else [str(limit)]
    return " or ".join(_ARTICLES.get(name, name) for name in names)


_ARTICLES = {
    **{name: f"a {name}" for name in ("string", "number", "boolean")},
    **{name: f"an {name}" for name in ("integer", "object", "array")},
}


def _code(limit: Any) -> str:
    return f"`{limit}`" if isinstance(limit, str) else str(limit)


def _members_in_words(keyword: str, position: Position) -> str:
    if keyword == "enum":
        members = [one for found in position.values("enum") for one in found]
    elif keyword == "const":
        members = position.values("const")
    else:
        return ""
    texts = [_plain(one) for one in members]
    more = f" and {len(texts) - _MOST_VALUES} more" if len(texts) > _MOST_VALUES else ""
    return ", ".join(texts[:_MOST_VALUES]) + more


def _name(path: tuple[str | int, ...]) -> str:
    """A path as people write one: `messages[].role`."""
    name = ""
    for step in path:
        name += "[]" if isinstance(step, int) or step == "*" else f".{step}" if name else str(step)
    return name


def _at(value: Any, path: tuple[str | int, ...]) -> Any:
    for step in path:
        try:
            value = value[step]
        except (KeyError, IndexError, TypeError):
            return value
    return value


def _plain(value: Any) -> str:
    return value if isinstance(value, str) and value else json.dumps(value, ensure_ascii=False)


def _value_in_words(value: Any) -> str:
    text = _plain(value) if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return f"`{shortened(text, _LONGEST)}`"
