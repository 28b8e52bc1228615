"""The way of a request through the mock, from the first step to its answer.

This is the module to read first. Every step is a class of `mock_server/http/`; what it needs to
know of an operation was compiled from the contract into an `OperationPlan` (plan/).
"""

from __future__ import annotations

from typing import Any, NamedTuple

from mock_server.http.middleware import Answers, Exceptions, RequestValidation, Security
from mock_server.http.routing import Routing
from mock_server.http.steering import Steering

__all__ = ["Way", "way_of_a_request"]


class Way(NamedTuple):
    """Connexion's middlewares, the outermost first, and the application inside them."""

    middlewares: list[Any]  # Connexion has no type hints
    inside: Any


def way_of_a_request() -> Way:
    """The steps of every request, in their order: Connexion builds its stack from this list.

        route → wished? → scenario? → credentials → media type → parameters, body → Accept → choose → answer
        404/405                       401           415          400                406

    `MockApp` (application.py) gets the request from the server and calls the first step. A step
    reads what those before it have left in `scope[KEY]`, a `RoutedRequest`, adds what it finds
    out, and calls the next one. It ends the way in one of two ways: it answers, or it raises
    `Refused` with a `Problem`, which `Exceptions` answers.

    A wish that names an answer (`Prefer: code=503`) and the turn of a scenario decide on the
    answer: they set `request.is_forced`, and the steps after it let the request pass, whatever is
    wrong with it.
    """  # noqa: E501  # the way is one line
    return Way(
        [
            # Answers what the steps below refuse, with the contract's own body for that status or
            # else with problem details (RFC 9457); what none of them expects becomes a 500.
            Exceptions,
            # route: the operation of this path and method, or 404 and 405. Pages of the mock under
            # /__mock/, preflights (CORS) and OPTIONS are answered here.
            Routing,
            # wished? → scenario? An operation that an upstream implements is forwarded to it here,
            # unless one of them decides.
            Steering,
            # credentials: 401 (or the contract's 403), with a challenge for each scheme that would
            # have been accepted.
            Security,
            # media type → parameters, body: 415, 413, and 400 (or the contract's 422) with
            # everything that breaks the contract.
            RequestValidation,
        ],
        # Accept → choose → answer: 406, or the example that fits the request best, or a value
        # generated from the schema (`Answerer.answer`, plan/selection.py, answers/choice.py).
        Answers(),
    )
