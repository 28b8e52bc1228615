"""The steps of the way of a request behind its route, as Connexion's middlewares.

Each class runs our plan in place of its own; their order stands in `way_of_a_request`. Connexion
builds them from the synthetic document of the plan and calls `make_operation` of each for each
operation id; what it gets there is the compiled plan of that operation.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable
from typing import Any

from connexion.apps.asynchronous import AsyncApi, AsyncASGIApp
from connexion.middleware.abstract import SpecMiddleware
from connexion.middleware.exceptions import ExceptionMiddleware
from connexion.middleware.request_validation import (
    RequestValidationAPI,
    RequestValidationMiddleware,
)
from connexion.middleware.security import SecurityAPI, SecurityMiddleware
from connexion.operations import AbstractOperation
from starlette.types import Receive, Scope, Send

from mock_server.checks.receiving import ClientGoneError
from mock_server.http.answering import Answerer
from mock_server.model.problems import Problem, Refused
from mock_server.model.request import KEY
from mock_server.plan.operation_plan import OperationPlan
from mock_server.plan.selection import RoutedRequest
from mock_server.plan.whole_plan import Plan

__all__ = ["Answers", "Exceptions", "RequestValidation", "Security"]

_log = logging.getLogger("mock_server")


class Exceptions(ExceptionMiddleware, SpecMiddleware):  # type: ignore[misc]  # Connexion has no type hints
    """Answers refusals; an unexpected error is logged and becomes a 500 if nothing was sent yet."""

    answerer: Answerer

    def add_api(self, specification: Any, *, answerer: Answerer, **_: Any) -> None:
        """Take what answers."""
        self.answerer = answerer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Call what is inside."""
        try:
            await self.app(scope, receive, send)
        except Refused as refused:
            await self.answerer.refuse(scope[KEY], refused.problem, receive, send)
        except ClientGoneError:
            _log.debug("the client disconnected before its request was complete")
        except Exception:
            request: RoutedRequest | None = scope.get(KEY)
            if request is None or request.is_sent:
                raise
            _log.exception("%s %s could not be answered", request.method, scope["path"])
            problem = Problem.of("internal", "this is a defect of the mock; see its log")
            await self.answerer.refuse(request, problem, receive, send)


class _SecurityAPI(SecurityAPI):  # type: ignore[misc]  # Connexion has no type hints
    def make_operation(self, operation: AbstractOperation) -> None:
        """Nothing: the compiled check is in the operation's plan."""


class Security(SecurityMiddleware):  # type: ignore[misc]  # Connexion has no type hints
    """Lets in who brings the credentials that the operation asks for."""

    api_cls = _SecurityAPI

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Check the credentials. Raises Refused with a 401, or the contract's 403."""
        if scope["type"] == "http":
            request: RoutedRequest = scope[KEY]
            check = request.operation.security
            if check is not None and not request.is_forced:
                rejection = check(request.fields, request.query_string)
                if rejection is not None:
                    lines = request.operation.challenges(rejection)
                    problem = Problem.of("unauthorized", rejection.detail, headers=lines)
                    raise Refused(problem.with_status(request.operation.unauthorized_status))
        return self.app(scope, receive, send)  # type: ignore[no-any-return]


class _RequestValidationAPI(RequestValidationAPI):  # type: ignore[misc]  # Connexion has no hints
    def make_operation(self, operation: AbstractOperation) -> None:
        """Nothing: an operation's check is made when it is first asked for."""


class RequestValidation(RequestValidationMiddleware):  # type: ignore[misc]  # Connexion has no hints
    """Reads parameters and body, and collects everything in which they break the contract."""

    api_cls = _RequestValidationAPI

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Read the request. Raises Refused: 415, 413, and the contract's status for the rest."""
        if scope["type"] == "http":
            request: RoutedRequest = scope[KEY]
            check = request.operation.check
            if check is not None:
                try:
                    await check(request, receive)
                except Refused as refused:
                    # What was wished for is answered to any request, with what of it can be read.
                    # A body beyond the limit was not read: what would follow on the connection is
                    # the rest of it.
                    if not request.is_forced or refused.problem.kind == "too-large":
                        raise
        await self.app(scope, receive, send)


class _AnswersAPI(AsyncApi):  # type: ignore[misc]  # Connexion has no type hints
    def __init__(self, *args: Any, plan: Plan, **kwargs: Any) -> None:
        self._plan = plan
        super().__init__(*args, **kwargs)

    def make_operation(self, operation: AbstractOperation) -> OperationPlan:
        return self._plan.operations[operation.operation_id]


class Answers(AsyncASGIApp):  # type: ignore[misc]  # Connexion has no type hints
    """The application inside: it chooses the answer and sends it."""

    api_cls = _AnswersAPI
    answerer: Answerer

    def add_api(self, specification: Any, *, answerer: Answerer, **kwargs: Any) -> _AnswersAPI:
        """Take what answers."""
        self.answerer = answerer
        api: _AnswersAPI = super().add_api(specification, **kwargs)
        return api

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Answer a request that got this far; lifespan events are Starlette's."""
        if scope["type"] != "http":
            return self.app(scope, receive, send)  # type: ignore[no-any-return]
        return self.answerer.answer(scope[KEY], receive, send)
