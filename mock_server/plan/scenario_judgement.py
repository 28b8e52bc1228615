"""What of a scenario's answer the contract does not document: the network does more than that."""

from __future__ import annotations

from collections.abc import Iterator

from mock_server.model.scenarios import ScenarioAnswer
from mock_server.plan.operation_plan import OperationPlan
from spec import Direction, MediaType, Response
from spec.text import json_text, media_types
from spec.text.styles import Absent, StyleError, codec

__all__ = ["undocumented"]


def undocumented(plan: OperationPlan, answer: ScenarioAnswer) -> str:
    """The first thing about an answer that the contract does not allow, in a sentence; or ""."""
    return next(_differences(plan, answer), "")


def _differences(plan: OperationPlan, answer: ScenarioAnswer) -> Iterator[str]:
    status = answer.status if answer.status is not None else plan.success_status
    response = plan.operation.response_for(status)
    if response is None:
        documented = ", ".join(plan.replies)
        yield f"{plan.id} documents {documented or 'no status'}, but not {status}"
        return
    if answer.body is not None and answer.events is None:
        yield from _of_body(plan, response, status, answer)
    yield from _of_headers(plan, response, answer)


def _of_body(
    plan: OperationPlan, response: Response, status: int, answer: ScenarioAnswer
) -> Iterator[str]:
    content = (*response.content, *response.mock_content)
    if not content:
        return  # the contract promises nothing about this body
    sent = answer.media or "application/json"
    fitting = media_types.match(sent, [one.name for one in content])
    if fitting is None:
        documented = " or ".join(one.name for one in content)
        yield f"{plan.id} {status} is documented as {documented}, not {sent}"
        return
    media_type = next(one for one in content if one.name == fitting)
    if media_types.is_json(sent):
        yield from _of_json(plan, status, media_type, answer.body or b"")


def _of_json(plan: OperationPlan, status: int, media_type: MediaType, body: bytes) -> Iterator[str]:
    try:
        value = json_text.read(body)
    except json_text.UnreadableError as error:
        yield f"the body for {plan.id} {status} {error}"
        return
    if media_type.schema is None:
        return
    for one in plan.contract.violations(media_type.schema, Direction.RESPONSE, value)[:1]:
        yield f"the body for {plan.id} {status}: {one.pointer or 'it'} {one.message}"


def _of_headers(plan: OperationPlan, response: Response, answer: ScenarioAnswer) -> Iterator[str]:
    given = {name: value.decode("latin-1") for name, value in answer.headers}
    for header in response.headers:
        sent = given.get(header.name.lower().encode())
        if sent is None or header.value_schema is None:
            continue
        schema = header.value_schema
        try:
            way = codec(header, lambda one: plan.contract.standalone(one, Direction.RESPONSE))
            value = way.decode(((header.name, sent),))
        except StyleError as error:
            yield f"{header.name}: {sent} {error}"
            continue
        if value is not Absent.ABSENT:
            for one in plan.contract.violations(schema, Direction.RESPONSE, value)[:1]:
                yield f"{header.name}: {sent}: {one.message}"
