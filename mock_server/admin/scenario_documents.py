"""Scenarios as documents: what `POST /__mock/scenarios` takes, and what a file of them holds."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from mock_server.admin.operation_names import UnknownOperationError, named_operation
from mock_server.admin.scenario_schema import ScenarioError, check_form
from mock_server.answers.streams import is_stream
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
from mock_server.plan.operation_plan import OperationPlan
from mock_server.plan.scenario_judgement import undocumented
from mock_server.plan.whole_plan import Plan
from spec.model.http_statuses import BODILESS
from spec.text import media_types
from spec.text.http_tokens import is_token

__all__ = ["as_document", "read_scenario", "remarks"]

_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_FRAMING = frozenset({"content-length", "transfer-encoding", "connection"})


def read_scenario(document: Any, plan: Plan) -> Scenario:
    """Read a scenario for the operations of a plan.

    Raises:
        ScenarioError: its shape is not that of SCENARIO_SCHEMA, or it names an operation or an
            example that the contract does not have.
    """
    check_form(document)
    try:
        operation = named_operation(document["operation"], plan)
    except UnknownOperationError as error:
        raise ScenarioError([("/operation", str(error))]) from None
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
    _refuse_long_delays(scenario, plan.settings.max_wait)
    _refuse_unknown_examples(scenario, plan)
    _refuse_what_is_never_sent(scenario, plan)
    return scenario


def remarks(scenario: Scenario, plan: Plan) -> dict[str, int]:
    """What of a scenario the contract does not document: it is played anyway.

    Returns:
        A sentence for each, with the number of the first answer that it is about.
    """
    found = dict[str, int]()
    for number, answer in enumerate(scenario.answers):
        if scenario.operation == ANY_OPERATION:
            told = _undocumented_for_all(answer, plan)
        else:
            (one,) = _meant(scenario.operation, plan)
            told = undocumented(one, answer)
        if told:
            found.setdefault(told, number)
    return found


def _undocumented_for_all(answer: ScenarioAnswer, plan: Plan) -> str:
    status, every = answer.status, plan.operations.values()
    if status is None:
        return ""
    lacking = sum(1 for one in every if one.operation.response_for(status) is None)
    return f"{lacking} of {len(every)} operations do not document {status}" if lacking else ""


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


def _meant(operation: str, plan: Plan) -> list[OperationPlan]:
    return [one for one in plan.operations.values() if operation in (one.id, ANY_OPERATION)]


def _answer(document: Mapping[str, Any], pointer: str) -> ScenarioAnswer:
    body, media = _body(document)
    return ScenarioAnswer(
        status=_whole(document.get("status")),
        example=document.get("example"),
        headers=_headers(document.get("headers", {}), f"{pointer}/headers"),
        body=body,
        media=media,
        delay=_delay(document.get("delay")),
        times=int(document.get("times", 1)),
        cut=_cut(document.get("cut")),
        pace=document.get("pace"),
        events=_whole(document.get("events")),
    )


def _body(document: Mapping[str, Any]) -> tuple[bytes | None, str | None]:
    """A text is sent as it stands, whatever the media type; any other value is sent as JSON."""
    media = document.get("media")
    if "body" not in document:
        return None, media
    body = document["body"]
    if isinstance(body, str):
        # A lone surrogate makes bytes that are no UTF-8: how a client takes those can be tried,
        # too.
        return body.encode("utf-8", "surrogatepass"), media or "text/plain; charset=utf-8"
    return json.dumps(body).encode(), media or "application/json"


def _headers(headers: Mapping[str, Any], pointer: str) -> tuple[tuple[bytes, bytes], ...]:
    for name, value in headers.items():
        if not is_token(name):
            raise ScenarioError([(f"{pointer}/{name}", "this is not a header name")])
        # A wrong length would not reach the client as such: the server under the mock corrects or
        # refuses it.
        if name.lower() in _FRAMING:
            raise ScenarioError(
                [(f"{pointer}/{name}", "the mock sets the headers that frame a message; use cut")]
            )
        if isinstance(value, str) and _CONTROL.search(value):
            what = "a header has no control characters (RFC 9110 section 5.5)"
            raise ScenarioError([(f"{pointer}/{name}", what)])
    return tuple(
        (name.lower().encode(), header_text(value if isinstance(value, str) else json.dumps(value)))
        for name, value in headers.items()
    )


def _delay(document: Any) -> Delay:
    if document is None:
        return NO_DELAY
    if isinstance(document, Mapping):
        return Delay(least=document["min"], most=document["max"])
    return Delay(least=document, most=document)


def _cut(document: Any) -> Cut | None:
    cut: Cut | None = int(document["after"]) if isinstance(document, Mapping) else document
    return cut


def _whole(number: Any) -> int | None:
    """A number that JSON may write as `200.0`, which is an integer to a schema."""
    return None if number is None else int(number)


def _refuse_long_delays(scenario: Scenario, most: float) -> None:
    for number, answer in enumerate(scenario.answers):
        if answer.delay.most > most:
            what = (
                f"{answer.delay.most:g} seconds are too long: {most:g} at most; "
                f'"cut": "before" gives no answer at all'
            )
            raise ScenarioError([(f"/answers/{number}/delay", what)])


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


def _refuse_what_is_never_sent(scenario: Scenario, plan: Plan) -> None:
    for number, answer in enumerate(scenario.answers):
        if answer.body and answer.status in BODILESS:
            what = f"a {answer.status} has no body (RFC 9110 section 15); leave out one of them"
            raise ScenarioError([(f"/answers/{number}/body", what)])
        if answer.events is not None and not any(
            _has_stream(one, answer) for one in _meant(scenario.operation, plan)
        ):
            what = "the contract documents no stream there that could end early; leave it out"
            raise ScenarioError([(f"/answers/{number}/events", what)])


def _has_stream(plan: OperationPlan, answer: ScenarioAnswer) -> bool:
    """Whether the response that is meant is sent piece by piece in some media type."""
    status = answer.status if answer.status is not None else plan.success_status
    response = plan.operation.response_for(status)
    content = (*response.content, *response.mock_content) if response else ()
    kinds = (media_types.parse(one.name) for one in content)
    return any(kind is not None and is_stream(kind) for kind in kinds)


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
