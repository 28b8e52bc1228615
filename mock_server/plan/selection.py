"""What a request gets: the response that is meant, by wish, scenario or success, and its answer."""

from __future__ import annotations

from collections.abc import Sequence

from mock_server.answers import choice, rendering
from mock_server.answers.prepared_answers import PreparedAnswer, Reply
from mock_server.answers.replies import NOT_MODIFIED
from mock_server.model.definitions import definition
from mock_server.model.problems import Problem, Refused
from mock_server.model.request import Request
from mock_server.model.wishes import NO_WISH
from mock_server.plan.operation_plan import Methods, OperationPlan
from spec import Contract, Direction, Parameter, SpecError
from spec.schemas.shapes import shape_of
from spec.text import media_types

__all__ = [
    "RoutedRequest",
    "answer_for",
    "documented_problem",
    "media_for",
    "not_modified",
    "query_names",
    "reply_for",
    "takes_any_query",
]


class RoutedRequest(Request):
    """A request and the operation that it was routed to; without an `operation_id` to none.

    `methods` are the operations of its path.
    """

    operation: OperationPlan
    methods: Methods


def reply_for(request: RoutedRequest) -> tuple[Reply, int]:
    """The response that is meant, and the status in which it is served.

    Raises Refused: the wish names no response (404), or the response cannot be made (501).
    """
    operation = request.operation
    if not request.is_forced and operation.success is not None:
        return operation.success, operation.success_status
    scenario = request.scenario
    code = scenario.answer.status if scenario else request.wish.code
    example = scenario.answer.example if scenario else request.wish.example
    if code is not None:
        reply = operation.reply_for(code)
        if reply is None or (example is not None and example not in reply.names):
            governing = operation.governing(code)
            if reply is None and governing is not None and example is None:
                raise Refused(operation.refusal_of(governing))
            raise Refused(_unknown_wish(request, f"{code}{f' {example}' if example else ''}"))
        return reply, code
    if example is None:
        return _success(operation)
    in_order = [operation.success] if operation.success else []
    reply = choice.named([*in_order, *operation.replies.values()], example)
    if reply is None:
        raise Refused(_unknown_wish(request, example))
    return reply, choice.status_of(reply.status)


def _success(operation: OperationPlan) -> tuple[Reply, int]:
    if operation.success is None:
        if operation.success_key is None:
            raise Refused(Problem.of("unserved", _only_refusals(operation)))
        raise Refused(operation.refusal_of(operation.success_key))
    return operation.success, operation.success_status


def _only_refusals(operation: OperationPlan) -> str:
    code = operation.responses[0].status
    return f"{operation.id} documents only refusals; `Prefer: code={code}` asks for the first"


def _unknown_wish(request: RoutedRequest, wished: str) -> Problem:
    offers = tuple(
        f"code={status}" + (f" with example={', '.join(reply.names)}" if reply.names else "")
        for status, reply in request.operation.replies.items()
    )
    detail = f"{request.operation.id} has no response '{wished}'"
    return Problem.of("unknown-wish", detail, offers=offers)


def documented_problem(request: RoutedRequest, status: int) -> Problem:
    """The body of an error that the contract documents without one."""
    response = request.operation.operation.response_for(status)
    return Problem.of("documented", response.description if response else "", status=status)


def not_modified(request: RoutedRequest) -> PreparedAnswer:
    """The contract's 304; where it has none, that of HTTP, which demands one (RFC 9110, 13.1.2)."""
    operation = request.operation
    reply = operation.reply("304") if operation.governing(304) == "304" else None
    if reply is None:
        return NOT_MODIFIED
    return answer_for(request, reply, media_for(request, reply))


def media_for(request: RoutedRequest, reply: Reply) -> Sequence[str]:
    """The media types to choose among; a wish is granted even where `Accept` has others.

    Raises Refused: the response has none that the request accepts (406, RFC 9110 section 15.5.7),
    or what the request accepts is documented and cannot be made (501).
    """
    accept = request.fields.get(b"accept")
    media = choice.acceptable(reply, accept)
    if media and "*" in media[0] and accept is not None:
        media = tuple(one for one in media if _is_labelled_truly(reply, one, accept))
    if media:
        return media
    if unmade := request.operation.unmade(reply, accept):
        raise Refused(unmade)
    if request.is_forced:
        return reply.media
    offers = ", ".join(request.operation.media_of(reply))
    raise Refused(Problem.of("not-acceptable", f"the contract offers {offers}", offers=reply.media))


def _is_labelled_truly(reply: Reply, medium: str, accept: bytes) -> bool:
    """Whether what is generated for a range may be called what the client asks for by name.

    What a person has written may be anything.
    """
    if not media_types.is_range(medium):
        return True
    written = (one for one in reply.answers if one.medium == medium)
    asked = media_types.concrete(medium, accept.decode("latin-1"))
    return not all(one.is_generated for one in written) or rendering.holds_any_text(asked)


def answer_for(request: RoutedRequest, reply: Reply, media: Sequence[str]) -> PreparedAnswer:
    """The answer that was asked for by name, generated anew, or chosen by the contract."""
    operation, wish, scenario = request.operation, request.wish, request.scenario
    if wish is NO_WISH and scenario is None and not operation.settings.dynamic:
        return choice.choose(reply, media, request)
    example = scenario.answer.example if scenario else wish.example
    if example is not None:
        named = [one for one in reply.answers if one.name == example]
        return next((one for m in media for one in named if one.medium == m), named[0])
    dynamic = wish.dynamic if wish.dynamic is not None else operation.settings.dynamic
    if dynamic or (wish.seed is not None and wish.dynamic is None):
        generated = _generated(request, reply, media)
        if generated is not None:
            return generated
    return choice.choose(reply, media, request)


def _generated(request: RoutedRequest, reply: Reply, media: Sequence[str]) -> PreparedAnswer | None:
    """An answer generated for this request; None where no media type has a schema to do it by."""
    seed = request.wish.seed
    if seed is None:
        seed = request.operation.settings.seed
    for medium in media:
        try:
            generated = request.operation.generated(reply, medium, seed)
        except SpecError:
            continue
        if generated is not None:
            return generated
    return None


def query_names(plan: OperationPlan) -> frozenset[str]:
    """The names of the query parameters that the contract declares, credentials among them."""
    schemes = plan.contract.security_schemes
    asked = (schemes[name] for one in plan.operation.security for name in one.schemes)
    keys = (one.parameter for one in asked if one.location == "query")
    own = (one.name for one in plan.operation.parameters if one.location == "query")
    return frozenset((*own, *keys))


def takes_any_query(plan: OperationPlan) -> bool:
    """Whether a parameter gives its own names to the query: `in: querystring`, or an object."""
    return plan.operation.query_string is not None or any(
        _spreads(one, plan.contract) for one in plan.operation.parameters if one.location == "query"
    )


def _spreads(parameter: Parameter, contract: Contract) -> bool:
    if parameter.schema is None or not (parameter.explode and parameter.style == "form"):
        return False
    schema = definition(parameter.schema, contract)
    return shape_of(contract.standalone(schema, Direction.REQUEST)).is_object
