"""The mock's canned answers beside what a deployment really answers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from conformance.clauses.ids import clause_id
from conformance.http.exchange import Answer
from conformance.judgement.json_answers import read_json
from conformance.report.codes.finding_code import FindingCode
from conformance.report.findings import Finding, FindingPlace, Level
from conformance.report.fingerprint import fingerprint
from spec import Contract
from spec.model.contract_model import Response
from spec.text.media_types import is_json

__all__ = ["Canned"]

_DEEPEST = 8
_LONGEST = 1 << 20
"""Bytes of an answer whose shape is learned: of a longer one it takes too long."""
_MOST_ITEMS = 100
_Shape: TypeAlias = dict[str, set[str]]
"""The places of a value, `images[].type`, with the JSON types of what stands there."""


@dataclass(slots=True, kw_only=True)
class _Successes:
    """What stood where in the successes of one status; `always` are the places that all had."""

    places: _Shape
    always: set[str]

    def add(self, shape: _Shape) -> None:
        for place, kinds in shape.items():
            self.places.setdefault(place, set()).update(kinds)
        self.always &= shape.keys()


@dataclass(slots=True)
class Canned:
    """Learns the shapes of successes; `findings` tells where canned answers differ from them."""

    contract: Contract
    _seen: dict[tuple[str, str], _Successes] = field(default_factory=dict)

    def see(self, name: str, answer: Answer) -> None:
        """Learn the shape of a JSON success of the operation with that name."""
        operation = self.contract.operation(name)
        response = operation.response_for(answer.status) if operation else None
        if response is None or not is_json(answer.header("content-type")):
            return
        if len(answer.body) > _LONGEST:
            return
        shape = _shape_of(read_json(answer.body).value)
        key = (name, response.status)
        if key in self._seen:
            self._seen[key].add(shape)
        else:
            self._seen[key] = _Successes(places=shape, always=set(shape))

    def findings(self) -> Iterator[Finding]:
        """What canned answers have and no success had, what all had and they lack, other kinds."""
        for (name, status), seen in self._seen.items():
            operation = self.contract.operation(name)
            for response in operation.responses if operation else ():
                if response.status == status:
                    yield from self._compared(name, response, seen)

    def _compared(self, operation: str, response: Response, seen: _Successes) -> Iterator[Finding]:
        (canned, lacking), places = _canned(response), seen.places
        for place in sorted(canned.keys() - places.keys() - lacking):
            if _parent(place) in places:
                what = f"canned answers have `{place}`, and no success of the deployment had it"
                yield self._finding(operation, response, place, what)
        for place in sorted(seen.always - canned.keys()):
            if _parent(place) in canned:
                what = f"every success of the deployment has `{place}`, and canned answers lack it"
                yield self._finding(operation, response, place, what)
        for place in sorted(canned.keys() & places.keys()):
            if not canned[place] & places[place]:
                ours, theirs = _either(canned[place]), _either(places[place])
                what = f"`{place}` is {ours} in canned answers, and {theirs} in the deployment's"
                yield self._finding(operation, response, place, what)

    def _finding(self, operation: str, response: Response, place: str, what: str) -> Finding:
        code, pointer = FindingCode.CANNED_DIFFERS, response.pointer
        clause = clause_id(operation, f"canned.{response.status}.{place}")
        one = FindingPlace(
            fingerprint=fingerprint(code, operation, clause),
            operation=operation,
            clause=clause,
            level=Level.NOTE,
            pointer=pointer,
            label=place,
            expected="canned answers that look like the deployment's",
            got=what,
            place=self.contract.place(pointer),
        )
        return Finding(code=code, title=f"{operation} {response.status}: {what}", places=(one,))


def _canned(response: Response) -> tuple[_Shape, set[str]]:
    """The shape of all the canned answers of a response together, and what some of them lack.

    A place that one of them lacks, though it has what it would stand in, depends on the case.
    """
    shapes = [
        _shape_of(example.value)
        for media_type in (*response.content, *response.mock_content)
        if is_json(media_type.name)
        for example in media_type.examples
        if example.origin != "schema"
    ]
    together: _Shape = {}
    for shape in shapes:
        for place, kinds in shape.items():
            together.setdefault(place, set()).update(kinds)
    lacking = {
        place
        for place in together
        for shape in shapes
        if place not in shape and _parent(place) in shape and not place.endswith("[]")
    }
    return together, lacking


def _shape_of(value: Any) -> _Shape:
    shape: _Shape = {}
    _fill(shape, value, "", 0)
    return shape


def _fill(shape: _Shape, value: Any, place: str, depth: int) -> None:
    shape.setdefault(place, set()).add(_kind(value))
    if depth >= _DEEPEST:
        return
    if isinstance(value, dict):
        for name, below in value.items():
            _fill(shape, below, f"{place}.{name}" if place else name, depth + 1)
    elif isinstance(value, list):
        for below in value[:_MOST_ITEMS]:
            _fill(shape, below, f"{place}[]", depth + 1)


def _kind(value: Any) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int() | float():
            return "number"
        case str():
            return "string"
        case list():
            return "array"
        case _:
            return "object"


def _parent(place: str) -> str:
    if place.endswith("[]"):
        return place[:-2]
    return place.rpartition(".")[0] if "." in place else ""


def _either(kinds: set[str]) -> str:
    return " or ".join(sorted(kinds))
