"""Overlay actions that change examples to match a deployment's responses, within the contract."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from conformance.http.exchange import Answer
from conformance.judgement.canned import Canned, CannedDifference, canned_examples, shown
from conformance.judgement.json_answers import read_json
from conformance.traffic.example_edits import Edits
from spec import Contract, Direction
from spec.contract.recorded_examples import RecordedExamples, Recording, value_outline
from spec.model.contract_model import Operation, Response
from spec.text.media_types import is_json, match
from spec.text.secrets import masked

__all__ = ["Freshening", "Proposal"]

_MOST_SHAPES = 20
"""Shapes of one response that have a sample: maps with ids for names have one each time."""
_LONGEST = 1 << 20
"""Bytes of an answer that an example is made of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """Actions that are to be appended to an overlay; what was put aside and why, a line each."""

    actions: tuple[dict[str, Any], ...]
    aside: tuple[str, ...]


@dataclass(slots=True)
class Freshening:
    """Takes what a deployment answered; `proposal` can be asked for at the end.

    `hide` takes credentials out of the text of an answer.
    """

    contract: Contract
    hide: Callable[[str], str]
    _canned: Canned = field(init=False)
    _samples: dict[tuple[str, str], dict[Any, Answer]] = field(default_factory=dict)
    _reported: dict[tuple[str, str, str], CannedDifference] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._canned = Canned(self.contract)

    @property
    def empty(self) -> bool:
        """Whether no success was seen."""
        return not self._samples

    def see(self, name: str, answer: Answer) -> None:
        """Take in a success of the operation with that name."""
        self._canned.see(name, answer)
        self.keep(name, answer)

    def keep(self, name: str, answer: Answer) -> None:
        """Keep an answer that values are taken from: the smallest of its shape."""
        operation = self.contract.operation(name)
        response = operation.response_for(answer.status) if operation else None
        if response is None or len(answer.body) > _LONGEST:
            return
        media = answer.header("content-type") or ""
        value = read_json(answer.body).value if is_json(media) else None
        samples = self._samples.setdefault((name, response.status), {})
        # The smallest of a shape may break the contract where another one does not.
        shape = (media, value_outline(value), self._is_allowed(response, media, value))
        known = samples.get(shape)
        full = known is None and len(samples) >= _MOST_SHAPES
        if not full and (known is None or len(answer.body) < len(known.body)):
            samples[shape] = answer

    def _is_allowed(self, response: Response, media: str, value: Any) -> bool:
        name = match(media, [one.name for one in response.content])
        found = next((one for one in response.content if one.name == name), None)
        if found is None or found.schema is None:
            return found is not None
        return not self.contract.violations(found.schema, Direction.RESPONSE, value)

    def tell(self, difference: CannedDifference) -> None:
        """Take in what a report says of canned answers."""
        key = (difference.operation, difference.response.status, shown(difference.place))
        self._reported[key] = difference

    def proposal(self) -> Proposal:
        """What is to change."""
        recorded, actions, aside = RecordedExamples(), list[dict[str, Any]](), list[str]()
        for (name, status), samples in self._samples.items():
            operation = self.contract.operation(name)
            assert operation is not None
            response = operation.response_of(status)
            assert response is not None
            recordings = self._recordings(operation, samples.values())
            found = [one for one in recordings if one.body]
            # Where there is no example, the responses become examples unchanged.
            written = any(canned_examples(response))
            taking = RecordedExamples() if written else recorded
            before = len(taking.aside)
            for one in found:
                taking.take(one)
            aside += (f"{name} {one['status']}: {one['why']}" for one in taking.aside[before:])
            if written:
                values = [masked(read_json(one.body).value) for one in found if _is_json(one)]
                edits = Edits(contract=self.contract, response=response, values=values)
                for difference in self._differences(name, response):
                    actions += edits.actions(difference)
                aside += (f"{name} {status}: {why}" for why in edits.aside)
        actions += recorded.actions()
        return Proposal(actions=tuple(actions), aside=tuple(dict.fromkeys(aside)))

    def _recordings(self, operation: Operation, answers: Iterable[Answer]) -> Iterator[Recording]:
        for answer in answers:
            body = self.hide(answer.body.decode("utf-8", "surrogateescape"))
            yield Recording(
                contract=self.contract,
                operation=operation,
                status=answer.status,
                content_type=answer.header("content-type") or "",
                body=body.encode("utf-8", "surrogateescape"),
            )

    def _differences(self, name: str, response: Response) -> list[CannedDifference]:
        found = [
            one
            for one in (*self._canned.differences(), *self._reported.values())
            if (one.operation, one.response.status) == (name, response.status)
        ]
        # What comes goes before what leaves: an alternative may ask for either.
        return sorted(found, key=lambda one: (not one.seen, len(one.place)))


def _is_json(one: Recording) -> bool:
    return is_json(one.content_type) and not read_json(one.body).problem
