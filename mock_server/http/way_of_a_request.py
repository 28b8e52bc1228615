"""The way of a request through the mock: the list that Connexion builds its stack from."""

from __future__ import annotations

from typing import Any, NamedTuple

from mock_server.http.middleware import Answers, Exceptions, RequestValidation, Security
from mock_server.http.routing import Routing

__all__ = ["Way", "way_of_a_request"]


class Way(NamedTuple):
    """Connexion's middlewares, the outermost first, and the application inside them."""

    middlewares: list[Any]  # Connexion has no type hints
    inside: Any


def way_of_a_request() -> Way:
    """Every request goes this way, until a step refuses or answers it.

        route → wished? → scenario? → credentials → media type → parameters, body → Accept → choose → answer
        404/405                       401           415          400                406

    A step reads what those before it have left in `scope[KEY]`, a `RoutedRequest`, and calls the
    next one. It ends the way by raising `Refused`. What was wished for by name, or is the turn of
    a scenario (`request.is_forced`), is answered whatever the steps between say of the request.
    """  # noqa: E501  # the way is one line
    return Way(
        [
            Exceptions,  # what any step refuses becomes an answer: the contract's own, or a problem
            Routing,  # route → wished? → scenario? (also: forwarded, preflight, admin pages)
            Security,  # credentials: `plan.security`, compiled by checks/credential_checks.py
            RequestValidation,  # media type → parameters, body: `plan.check`, checks/
        ],
        Answers(),  # Accept → choose → answer: `Answerer.answer`, plan/selection.py, answers/
    )
