"""Edits of canned answers, each with the actions of an overlay that make it."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from conformance.clauses.value_paths import DROP, EACH, expand, get, put
from conformance.judgement.canned import CannedDifference, Place, canned_examples, shown
from spec import Contract, Direction
from spec.model.contract_model import Example, MediaType, Response
from spec.model.json_paths import EVERY, json_path
from spec.model.pointers import follow, split
from spec.sampling.smallest_files import smallest

__all__ = ["Edits"]

_MOST_CANDIDATES = 8
"""Examples that are tried until one is allowed."""
_LONG = 4096
"""Characters of a `data:` URL from which a file of one pixel stands for the one that was sent."""
_LONGEST = 64 * 1024
"""Characters of a text in an example; a longer one is left out."""
_DATA_URL = re.compile(r"data:([\w.+-]+/[\w.+-]+);base64,")
_Step = str | int | None


@dataclass(slots=True, kw_only=True)
class _Canned:
    """A canned answer as the edits have left it."""

    media_type: MediaType
    example: Example
    value: Any


@dataclass(slots=True, kw_only=True)
class Edits:
    """Makes the canned answers of a response like the successes whose `values` are given.

    `aside` says what the contract does not allow, or what no success has shown.
    """

    contract: Contract
    response: Response
    values: Sequence[Any]
    aside: list[str] = field(default_factory=list)
    _canned: list[_Canned] = field(init=False)

    def __post_init__(self) -> None:
        self._canned = [
            _Canned(media_type=media_type, example=example, value=example.value)
            for media_type, example in canned_examples(self.response)
        ]

    def actions(self, difference: CannedDifference) -> Iterator[dict[str, Any]]:
        """The actions that end a difference, in their order; the next edits see what they did."""
        place = difference.place
        if not difference.seen:
            edited = [one for one in self._canned if self._put(one, place, _without(one, place))]
            yield from self._removing(edited, place)
            return
        while place and place[-1] is EACH:
            place = place[:-1]  # the items of a list are replaced with the list
        changed = dict[str, list[_Canned]]()
        for one in self._canned:
            for candidate in self._candidates(one, place):
                if self._put(one, place, _with(one.value, place, candidate)):
                    changed.setdefault(json.dumps(candidate), []).append(one)
                    break
        for text, edited in changed.items():
            if difference.canned:
                yield from self._removing(edited, place)
            yield from self._adding(edited, place, json.loads(text))

    def _candidates(self, one: _Canned, place: Place) -> list[Any]:
        """Values that the deployment has at a place; none where the example need not change."""
        found = (get(value, path) for value in self.values for path in expand(value, place))
        shorter = map(_shortened, found)
        texts = dict.fromkeys(json.dumps(value) for value in shorter if value is not DROP)
        if not texts:
            self.aside.append(f"`{shown(place)}`: no success shows a value that can be kept")
        if _with(one.value, place, None) == one.value:
            return []
        return [json.loads(text) for text in islice(texts, _MOST_CANDIDATES)]

    def _put(self, one: _Canned, place: Place, new: Any) -> bool:
        """Whether the edit changes something and the contract allows it; then it is made."""
        if new == one.value:
            return False
        before = {(v.pointer, v.keyword) for v in self._violations(one, one.value)}
        for violation in self._violations(one, new):
            if (violation.pointer, violation.keyword) not in before:
                self.aside.append(
                    f"`{shown(place)}`: {violation.pointer} {violation.message}".replace(
                        ":  ", ": "
                    )
                )
                return False
        one.value = new
        return True

    def _violations(self, one: _Canned, value: Any) -> Sequence[Any]:
        schema = one.media_type.schema
        return self.contract.violations(schema, Direction.RESPONSE, value) if schema else ()

    def _removing(self, edited: Sequence[_Canned], place: Place) -> Iterator[dict[str, Any]]:
        for base in self._bases(edited):
            yield {"target": json_path((*base, *_steps(place))), "remove": True}

    def _adding(
        self, edited: Sequence[_Canned], place: Place, value: Any
    ) -> Iterator[dict[str, Any]]:
        for base in self._bases(edited):
            # The root of an answer is what its example has under `value`.
            *parent, last = (*base, *_steps(place))
            yield {"target": json_path(parent), "update": {last: value}}

    def _bases(self, edited: Sequence[_Canned]) -> Iterator[tuple[_Step, ...]]:
        """Where the values of examples stand: all of a media type in one, if all are edited."""
        by_media = dict[str, list[_Canned]]()
        for one in edited:
            by_media.setdefault(one.media_type.pointer, []).append(one)
        for pointer, several in by_media.items():
            named = follow(self.contract.document, split(pointer)).get("examples") or {}
            if len(several) > 1 and len(several) == len(named):
                yield (*split(pointer), "examples", EVERY, "value")
            else:
                yield from (tuple(split(one.example.pointer)) for one in several)


def _steps(place: Place) -> tuple[_Step, ...]:
    return tuple(EVERY if step is EACH else str(step) for step in place)


def _without(one: _Canned, place: Place) -> Any:
    value = one.value
    # From behind, so that the indexes of a list stay true.
    for path in reversed(list(expand(value, place))):
        value = put(value, path, DROP)
    return value


def _with(value: Any, place: Place, new: Any) -> Any:
    """The value with another one at a place, wherever there is an object to put it into."""
    if not place:
        return new
    for path in list(expand(value, place[:-1])):
        if isinstance(get(value, path), dict):
            value = put(value, (*path, str(place[-1])), new)
    return value


def _shortened(value: Any) -> Any:
    """The value with small files for large ones; `DROP` where it is too long for an example."""
    if isinstance(value, str) and len(value) > _LONG and (named := _DATA_URL.match(value)):
        file = smallest(named[1])
        return DROP if file is None else f"{named[0]}{base64.b64encode(file).decode()}"
    if isinstance(value, dict):
        kept = ((name, _shortened(one)) for name, one in value.items())
        return {name: one for name, one in kept if one is not DROP}
    if isinstance(value, list):
        return [one for one in map(_shortened, value[:3]) if one is not DROP]
    return DROP if isinstance(value, str) and len(value) > _LONGEST else value
