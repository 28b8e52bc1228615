"""Compares the mock's examples with the responses of a deployment."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from conformance.clauses.ids import clause_id
from conformance.clauses.schema_nodes import nodes
from conformance.clauses.value_paths import EACH, OTHER, Step
from conformance.http.exchange import Answer
from conformance.http.redaction import Redactor
from conformance.http.reported import ReportedResponse
from conformance.judgement.json_answers import read_json
from conformance.report.codes.finding_code import FindingCode
from conformance.report.findings import Finding, FindingPlace, Level
from conformance.report.fingerprint import fingerprint
from spec import Contract
from spec.model.contract_model import Example, MediaType, Response
from spec.text.media_types import is_json

__all__ = [
    "Canned",
    "CannedDifference",
    "Place",
    "canned_examples",
    "canned_finding",
    "kind_of",
    "shown",
]

_DEEPEST = 8
"""Levels of an answer that are compared: below them canned answers and real data differ anyway."""
_LONGEST = 1 << 20
"""Bytes of an answer whose shape is learned: of a longer one it takes too long."""
_MOST_ITEMS = 100
"""Items of one list that are looked at: the items of a list have one shape, or a few."""
Place: TypeAlias = tuple[Step, ...]
"""Steps from the root of an answer, `EACH` into the items of a list."""
_Shape: TypeAlias = dict[Place, set[str]]
"""The places of a value with the JSON types of what is there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CannedDifference:
    """Where canned answers of a response differ from the successes of the deployment.

    `canned` and `seen` are the JSON types that stand there; none, where nothing does.
    """

    operation: str
    response: Response
    place: Place
    canned: tuple[str, ...]
    seen: tuple[str, ...]

    def __str__(self) -> str:
        place = f"`{shown(self.place)}`" if self.place else "the body"
        if not self.seen:
            return (
                f"the mock's examples have {place}, and no successful response of the "
                f"deployment had it"
            )
        if not self.canned:
            return (
                f"every successful response of the deployment has {place}, and the mock's "
                f"examples lack it"
            )
        ours, theirs = " or ".join(self.canned), " or ".join(self.seen)
        return (
            f"{place} is {ours} in the mock's examples, and {theirs} in the deployment's responses"
        )

    def as_witness(self) -> Mapping[str, Any]:
        """Both sides as data, for reports; items of a list are a `null` in the place."""
        steps = [None if step is EACH else step for step in self.place]
        return {"place": steps, "canned": list(self.canned), "deployment": list(self.seen)}


@dataclass(slots=True, kw_only=True)
class _Successes:
    """What stood where in the successes of one status; `always` are the places that all had."""

    places: _Shape
    always: set[Place]
    smallest: Answer

    def add(self, shape: _Shape, answer: Answer) -> None:
        for place, kinds in shape.items():
            self.places.setdefault(place, set()).update(kinds)
        self.always &= shape.keys()
        self.smallest = min(self.smallest, answer, key=lambda one: len(one.body))


@dataclass(slots=True)
class Canned:
    """Learns the shapes of successes; `findings` says where canned answers differ from them."""

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
        read = read_json(answer.body)
        if read.problem:
            return  # no JSON has no shape
        shape = _shape_of(read.value)
        key = (name, response.status)
        if key in self._seen:
            self._seen[key].add(shape, answer)
        else:
            self._seen[key] = _Successes(places=shape, always=set(shape), smallest=answer)

    def differences(self) -> Iterator[CannedDifference]:
        """What canned answers have and no success had, what all had and they lack, other kinds."""
        for operation in self.contract.operations:
            for response in operation.responses:
                if seen := self._seen.get((operation.id, response.status)):
                    keys = _MapKeys.of(self.contract, response)
                    compared = _compared(operation.id, response, seen)
                    yield from (one for one in compared if not keys.has(one.place))

    def findings(self, redactor: Redactor) -> Iterator[Finding]:
        """The differences as one note; each with the smallest success. No secret is a place."""
        places = [
            self._place(
                one, redactor.response(self._seen[one.operation, one.response.status].smallest)
            )
            for one in self.differences()
            if redactor.sentence(str(one)) == str(one)
        ]
        if places:
            yield canned_finding(places)

    def _place(self, one: CannedDifference, answer: ReportedResponse | None) -> FindingPlace:
        code, pointer = FindingCode.CANNED_DIFFERS, one.response.pointer
        clause = clause_id(one.operation, f"canned.{one.response.status}.{shown(one.place)}")
        return FindingPlace(
            fingerprint=fingerprint(code, one.operation, clause),
            operation=one.operation,
            clause=clause,
            level=Level.NOTE,
            pointer=pointer,
            expected="examples with the properties and types of the deployment's responses",
            got=str(one),
            response=answer,
            witness=one.as_witness(),
            place=self.contract.place(pointer),
        )


def canned_finding(places: Sequence[FindingPlace]) -> Finding:
    """All differences as one finding: examples are written, or corrected, all together."""
    operations = list(dict.fromkeys(one.operation for one in places))
    where = operations[0] if len(operations) == 1 else f"{len(operations)} operations"
    what = "the mock's examples differ from the deployment's responses"
    return Finding(
        code=FindingCode.CANNED_DIFFERS,
        title=f"{where}: {places[0].got if len(places) == 1 else what}",
        places=tuple(places),
    )


@dataclass(frozen=True, slots=True)
class _MapKeys:
    """The places of a response that stand under a key which is data: an id, or a language."""

    declared: frozenset[Place]
    maps: frozenset[Place]

    @classmethod
    def of(cls, contract: Contract, response: Response) -> _MapKeys:
        """By the schemas of the response: `additionalProperties` describes what a key leads to."""
        found = (nodes(contract, one.schema) for one in response.content)
        steps = frozenset(node.steps for every in found for node in every)
        return cls(steps, frozenset(one[:-1] for one in steps if one[-1:] == (OTHER,)))

    def has(self, place: Place) -> bool:
        """Whether a step to the place is a key that no schema names."""
        ways = (place[:length] for length in range(1, len(place) + 1))
        return any(one[:-1] in self.maps and one not in self.declared for one in ways)


def _compared(operation: str, response: Response, seen: _Successes) -> Iterator[CannedDifference]:
    (canned, lacking), places = _canned(response), seen.places

    def difference(place: Place) -> CannedDifference:
        return CannedDifference(
            operation=operation,
            response=response,
            place=place,
            canned=tuple(sorted(canned.get(place, ()))),
            seen=tuple(sorted(places.get(place, ()))),
        )

    # Below a place that one side lacks, everything is lacking: only the outermost is said.
    for place in sorted(canned.keys() - places.keys() - lacking, key=shown):
        if place[:-1] in places:
            yield difference(place)
    for place in sorted(seen.always - canned.keys(), key=shown):
        if place[:-1] in canned:
            yield difference(place)
    for place in sorted(canned.keys() & places.keys(), key=shown):
        if not canned[place] & places[place]:
            yield difference(place)


def canned_examples(response: Response) -> Iterator[tuple[MediaType, Example]]:
    """The JSON examples that somebody wrote for a response, those of schemas left out."""
    for media_type in (*response.content, *response.mock_content):
        if is_json(media_type.name):
            for example in media_type.examples:
                if example.origin != "schema":
                    yield media_type, example


def _canned(response: Response) -> tuple[_Shape, set[Place]]:
    """The shape of all the canned answers of a response together, and what some of them lack.

    A place that one of them lacks, though it has what it would stand in, depends on the case.
    """
    shapes = [_shape_of(example.value) for _, example in canned_examples(response)]
    together: _Shape = {}
    for shape in shapes:
        for place, kinds in shape.items():
            together.setdefault(place, set()).update(kinds)
    lacking = {
        place
        for place in together
        for shape in shapes
        if place and place not in shape and place[:-1] in shape and place[-1] is not EACH
    }
    return together, lacking


def _shape_of(value: Any) -> _Shape:
    shape: _Shape = {}
    _fill(shape, value, ())
    return shape


def _fill(shape: _Shape, value: Any, place: Place) -> None:
    shape.setdefault(place, set()).add(kind_of(value))
    if len(place) >= _DEEPEST:
        return
    if isinstance(value, dict):
        for name, below in value.items():
            _fill(shape, below, (*place, name))
    elif isinstance(value, list):
        for below in value[:_MOST_ITEMS]:
            _fill(shape, below, (*place, EACH))


def kind_of(value: Any) -> str:
    """The JSON type of a value."""
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


def shown(place: Place) -> str:
    """A place as people write it: `images[].type`; the root is ""."""
    return "".join("[]" if step is EACH else f".{step}" for step in place).removeprefix(".")
