"""How a stateful mock refuses: what is not there, what is there already, what cannot be patched."""

from __future__ import annotations

from collections.abc import Sequence

from mock_server.model.problems import Breach, Problem, Refused, invalid_request
from mock_server.state.json_patch import PatchError
from mock_server.state.places import Asked, ThingPlace

__all__ = ["conflict", "missing", "unpatchable"]


def missing(place: ThingPlace) -> Refused:
    """404 for a thing that is not there."""
    return Refused(Problem.of("no-such-thing", f"{place.path[:200]} does not exist"))


def conflict(asked: Asked, detail: str) -> Refused:
    """409 for a thing that is there already, or what the contract documents in its place."""
    problem = Problem.of("already-there", detail)
    return Refused(problem.with_status(_documented(asked, (409, 422, 400), 409)))


def unpatchable(asked: Asked, error: PatchError) -> Refused:
    """The refusal of a JSON Patch, by RFC 5789 section 2.2: 409 where one of its tests failed."""
    statuses = (409, 422, 400) if error.is_test else (422, 400)
    breach = Breach(place="body", keyword="patch", message=str(error))
    return Refused(invalid_request([breach], _documented(asked, statuses, 400)))


def _documented(asked: Asked, statuses: Sequence[int], otherwise: int) -> int:
    """The first of the statuses that the contract documents for the operation."""
    operation = asked.request.operation
    return next((one for one in statuses if operation.governing(one) is not None), otherwise)
