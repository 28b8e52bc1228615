"""Scenarios as documents: what `POST /__mock/scenarios` takes, and what a file of them holds."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from jsonschema_rs import Draft202012Validator

from mock_server.model.header_lines import header_text
from mock_server.model.scenarios import (
    ANY_OPERATION,
    NO_DELAY,
    Cut,
    Delay,
    Scenario,
    ScenarioAnswer,
)
from mock_server.model.waiting_scenarios import WaitingScenario
from mock_server.plan.joining import label_of
from mock_server.plan.operation_plan import OperationPlan, Plan
from mock_server.plan.scenario_judgement import undocumented

__all__ = ["SCENARIO_SCHEMA", "ScenarioError", "as_document", "read_scenario", "remarks"]

_RANGE: dict[str, Any] = {
    "type": "object",
    "required": ["min", "max"],
    "additionalProperties": False,
    "properties": {"min": {"type": "number", "minimum": 0}, "max": {"type": "number"}},
}
_CUT: dict[str, Any] = {
    "oneOf": [
        {"enum": ["before", "headers"]},
        {
            "type": "object",
            "required": ["after"],
            "additionalProperties": False,
            "properties": {"after": {"type": "integer", "minimum": 0}},
        },
    ]
}
_ANSWER: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "status": {"type": "integer", "minimum": 200, "maximum": 599},
        "example": {"type": "string"},
        "headers": {
            "type": "object",
            "additionalProperties": {"type": ["string", "number", "boolean"]},
        },
        "body": {},
        "media": {"type": "string", "pattern": "^[^/\\s]+/[^/\\s;]+(\\s*;.*)?$"},
        "delay": {"oneOf": [{"type": "number", "minimum": 0}, _RANGE]},
        "times": {"type": "integer", "minimum": 1, "maximum": 1_000_000},
        "cut": _CUT,
        "pace": {"type": "number", "exclusiveMinimum": 0},
        "events": {"type": "integer", "minimum": 0},
    },
}
SCENARIO_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["operation", "answers"],
    "additionalProperties": False,
    "properties": {
        "name": {"type": "string", "minLength": 1, "maxLength": 200},
        "operation": {"type": "string"},
        "key": {"type": "string", "minLength": 1, "maxLength": 200},
        "repeat": {"type": "boolean"},
        "answers": {"type": "array", "minItems": 1, "maxItems": 1000, "items": _ANSWER},
    },
}
"""The JSON Schema of a scenario."""
_VALIDATOR = Draft202012Validator(SCENARIO_SCHEMA)
_TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_FRAMING = frozenset({"content-length", "transfer-encoding", "connection"})


class ScenarioError(ValueError):
    """A document that is no scenario. `problems` are pairs of JSON pointer and sentence."""

    def __init__(self, problems: Sequence[tuple[str, str]]) -> None:
        super().__init__("; ".join(f"{pointer or '/'}: {what}" for pointer, what in problems))
        self.problems = tuple(problems)


def read_scenario(document: Any, plan: Plan) -> Scenario:
    """Read a scenario for the operations of a plan.

    Raises:
        ScenarioError: its shape is not that of SCENARIO_SCHEMA, or it names an operation or an
            example that the contract does not have.
    """
    errors = [
        ("".join(f"/{token}" for token in error.instance_path), error.message)
        for error in _VALIDATOR.iter_errors(document)
    ]
    if errors:
        raise ScenarioError(errors)
    operation = _operation(document["operation"], plan)
    answers = tuple(
        _answer(answer, f"/answers/{number}") for number, answer in enumerate(document["answers"])
    )
    scenario = Scenario(
        name=document.get("name", ""),
        operation=operation,
        answers=answers,
        key=document.get("key"),
        repeat=document.get("repeat", False),
    )
    _refuse_unknown_examples(scenario, plan)
    return scenario


def remarks(scenario: Scenario, plan: Plan) -> tuple[str, ...]:
    """What of a scenario the contract does not document, a sentence each; it is played anyway."""
    found = [
        undocumented(one, answer)
        for answer in scenario.answers
        for one in _meant(scenario.operation, plan)
        if scenario.operation != ANY_OPERATION
    ]
    return tuple(dict.fromkeys(sentence for sentence in found if sentence))


def as_document(waiting: WaitingScenario) -> dict[str, Any]:
    """A scenario that waits, for `GET /__mock/scenarios`."""
    scenario = waiting.scenario
    return {
        "id": waiting.id,
        "name": scenario.name or waiting.id,
        "operation": scenario.operation,
        "key": scenario.key,
        "repeat": scenario.repeat,
        "left": waiting.left,
        "answers": [_answer_document(answer) for answer in scenario.answers],
    }


def _operation(named: str, plan: Plan) -> str:
    """The operation's id; its operationId may stand for it."""
    if named == ANY_OPERATION:
        return named
    every = {one.id: one for one in plan.operations.values()}
    if named in every:
        return named
    others = _other_names(plan)
    fitting = others.get(named, [])
    if len(fitting) == 1:
        return fitting[0].id
    if fitting:
        listed = " and ".join(repr(one.id) for one in fitting)
        what = f"several contracts have an operation {named!r}; name one of {listed}"
        raise ScenarioError([("/operation", what)])
    near = get_close_matches(named, [*every, *others], n=2)
    hint = f"; did you mean {' or '.join(repr(one) for one in near)}?" if near else ""
    raise ScenarioError([("/operation", f"the contract has no operation {named!r}{hint}")])


def _other_names(plan: Plan) -> dict[str, list[OperationPlan]]:
    """What may stand for an operation's id: its operationId, and both behind its contract's name.

    Where several contracts share a port, one name may stand for several operations.
    """
    found: dict[str, list[OperationPlan]] = {}
    for one in plan.operations.values():
        label = label_of(one.contract, plan.contracts)
        for name in filter(None, (one.operation.id, one.operation.operation_id)):
            for spoken in (name, f"{label}:{name}"):
                found.setdefault(spoken, []).append(one)
    return found


def _meant(operation: str, plan: Plan) -> list[OperationPlan]:
    return [one for one in plan.operations.values() if operation in (one.id, ANY_OPERATION)]


def _answer(document: Mapping[str, Any], pointer: str) -> ScenarioAnswer:
    body, media = _body(document)
    return ScenarioAnswer(
        status=document.get("status"),
        example=document.get("example"),
        headers=_headers(document.get("headers", {}), f"{pointer}/headers"),
        body=body,
        media=media,
        delay=_delay(document.get("delay")),
        times=document.get("times", 1),
        cut=_cut(document.get("cut")),
        pace=document.get("pace"),
        events=document.get("events"),
    )


def _body(document: Mapping[str, Any]) -> tuple[bytes | None, str | None]:
    """A text is sent as it stands, whatever the media type; any other value is sent as JSON."""
    media = document.get("media")
    if "body" not in document:
        return None, media
    body = document["body"]
    if isinstance(body, str):
        return body.encode("utf-8", "surrogatepass"), media or "text/plain; charset=utf-8"
    return json.dumps(body).encode(), media or "application/json"


def _headers(headers: Mapping[str, Any], pointer: str) -> tuple[tuple[bytes, bytes], ...]:
    for name in headers:
        if not _TOKEN.fullmatch(name):
            raise ScenarioError([(f"{pointer}/{name}", "this is not a header name")])
        if name.lower() in _FRAMING:
            raise ScenarioError(
                [(f"{pointer}/{name}", "the mock sets the headers that frame a message; use cut")]
            )
    return tuple(
        (name.lower().encode(), header_text(value if isinstance(value, str) else json.dumps(value)))
        for name, value in headers.items()
    )


def _delay(document: Any) -> Delay:
    if document is None:
        return NO_DELAY
    if isinstance(document, Mapping):
        return Delay(least=document["min"], most=max(document["min"], document["max"]))
    return Delay(least=document, most=document)


def _cut(document: Any) -> Cut | None:
    cut: Cut | None = document["after"] if isinstance(document, Mapping) else document
    return cut


def _refuse_unknown_examples(scenario: Scenario, plan: Plan) -> None:
    for number, answer in enumerate(scenario.answers):
        if answer.example is None:
            continue
        names: list[str] = []
        for one in _meant(scenario.operation, plan):
            own = one.reply_for(answer.status) if answer.status is not None else None
            replies = [own] if own else list(one.replies.values()) if answer.status is None else []
            names += [name for reply in replies for name in reply.names]
        if answer.example not in names:
            listed = ", ".join(dict.fromkeys(names)) or "none"
            what = f"there is no example {answer.example!r}; there is {listed}"
            raise ScenarioError([(f"/answers/{number}/example", what)])


def _answer_document(answer: ScenarioAnswer) -> dict[str, Any]:
    cut = {"after": answer.cut} if isinstance(answer.cut, int) else answer.cut
    delay: Any = answer.delay.least
    if answer.delay.least != answer.delay.most:
        delay = {"min": answer.delay.least, "max": answer.delay.most}
    document = {
        "status": answer.status,
        "example": answer.example,
        "headers": {name.decode(): value.decode() for name, value in answer.headers} or None,
        "body": None if answer.body is None else answer.body.decode("utf-8", "replace"),
        "media": answer.media,
        "delay": delay or None,
        "times": answer.times,
        "cut": cut,
        "pace": answer.pace,
        "events": answer.events,
    }
    return {name: value for name, value in document.items() if value is not None}
