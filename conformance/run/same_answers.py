"""Deployments that answer every request alike: what stands at the URL may not be the API."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from conformance.run.session.answer_heads import AnswerHead
from spec.model.contract_model import Operation

__all__ = ["is_elsewhere", "is_elsewhere_so_far", "status_everywhere"]

_NEARLY_ALL = 0.8
"""Requests that are no HTTP, or are sent elsewhere on purpose, get answers of their own."""
_NOT_FOUND = 404
_ENOUGH = 3
"""Paths at which nothing was found, after which the others are not asked for."""
_FOUND = frozenset({401, 403, 405})
"""Refusals of one who knows the path."""


def status_everywhere(answers: Iterable[AnswerHead]) -> int:
    """The status of nearly all answers; 0 where they differ, or where none came."""
    statuses = Counter(one.status for one in answers if one.status)
    status, number = next(iter(statuses.most_common(1)), (0, 0))
    return status if number >= _NEARLY_ALL * statuses.total() else 0


def is_elsewhere(answers: Iterable[AnswerHead], operations: Sequence[Operation]) -> bool:
    """Whether nothing is found at any path of the contract: the API is at another URL, or nowhere.

    One path alone may be missing, and an id in a path may be unknown.
    """
    paths = {one.path for one in operations}
    several = len(paths) > 1 and any("{" not in path for path in paths)
    return several and status_everywhere(answers) == _NOT_FOUND


def is_elsewhere_so_far(
    answers: Sequence[AnswerHead], tried: Sequence[Operation], untried: Sequence[Operation]
) -> bool:
    """Whether the operations that were tried are enough to tell that the API is not there.

    Each of them has had requests of many kinds, and no answer was one of somebody who knows it.
    A path without a parameter tells most: with one, the id may be unknown.
    """
    known = any(200 <= one.status < 300 or one.status in _FOUND for one in answers)
    if known or len({one.path for one in tried}) < _ENOUGH:
        return False
    plain = {one.path for one in tried if "{" not in one.path}
    left = any("{" not in one.path for one in untried)
    return is_elsewhere(answers, tried) and (len(plain) >= _ENOUGH or not left)
