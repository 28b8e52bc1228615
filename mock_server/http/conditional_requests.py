"""Requests that depend on the entity tags of canned answers (RFC 9110 section 13).

Without state nothing changes: what is read has the `ETag` of its answer, and a write may name any
that the operations of its path hand out. Whether a thing is there only `--stateful` knows, so that
no write is refused for `If-None-Match`.
"""

from __future__ import annotations

from dataclasses import replace

from mock_server.answers.cors import exposing
from mock_server.answers.prepared_answers import PreparedAnswer
from mock_server.model.entity_tags import names_any_tag
from mock_server.model.header_lines import header_text
from mock_server.model.problems import Problem, Refused
from mock_server.model.wishes import NO_WISH
from mock_server.plan.operation_plan import OperationPlan
from mock_server.plan.selection import RoutedRequest, not_modified

__all__ = ["conditional", "is_conditional"]

_MATCH, _NONE_MATCH, _TAG = b"if-match", b"if-none-match", b"etag"
_OF_304 = frozenset({_TAG, b"cache-control", b"content-location", b"expires", b"last-modified"})
"""What a 304 tells of the answer that it stands for (RFC 9110 section 15.4.5)."""


def is_conditional(request: RoutedRequest) -> bool:
    """Whether a request names tags, and its answer is one that the contract gives each time."""
    if not (_NONE_MATCH in request.fields or _MATCH in request.fields):
        return False
    varies = request.wish is not NO_WISH or request.operation.settings.dynamic
    return not (varies or request.is_forced)


def conditional(request: RoutedRequest, chosen: PreparedAnswer) -> PreparedAnswer:
    """The answer that was chosen, or a 304 where the client has it already.

    Raises Refused: the thing has another `ETag` than `If-Match` names (412).
    """
    # A condition is no matter where the answer would be another one (RFC 9110 section 13.2.1).
    if not 200 <= request.status < 300:
        return chosen
    is_read = request.method in ("GET", "HEAD")
    tags = _own(request, chosen) if is_read else _issued(request)
    wanted, unwanted = request.fields.get(_MATCH), request.fields.get(_NONE_MATCH)
    if wanted is not None and tags and not names_any_tag(wanted, tags, is_strong=True):
        now = f"{request.operation_id} has the ETag {tags[0].decode('latin-1')}"
        detail = f"{now}, which If-Match does not name; without --stateful it is always that one"
        raise Refused(Problem.of("precondition-failed", detail))
    if is_read and unwanted is not None and names_any_tag(unwanted, tags):
        return _not_modified(request, chosen)
    return chosen


def _own(request: RoutedRequest, chosen: PreparedAnswer) -> list[bytes]:
    """The tag of an answer; none where the contract documents none."""
    repeated = (header_text(text.fill(request)) for name, text in chosen.echoes if name == _TAG)
    return [*(value for name, value in chosen.headers if name == _TAG), *repeated]


def _issued(request: RoutedRequest) -> list[bytes]:
    """The tags of a path, that of what is read first; none where what is read has none."""
    reading = request.methods.get("GET")
    if reading is None or not _written(reading):
        return []
    others = (one for one in request.methods.values() if one is not reading)
    return [*_written(reading), *(tag for one in others for tag in _written(one))]


def _written(operation: OperationPlan) -> list[bytes]:
    answers = operation.success.answers if operation.success else ()
    return [value for one in answers for name, value in one.headers if name == _TAG]


def _not_modified(request: RoutedRequest, chosen: PreparedAnswer) -> PreparedAnswer:
    """A 304 that renews the answer that was chosen."""
    own = not_modified(request)
    request.status = 304
    kept = tuple(line for line in chosen.headers if line[0] in _OF_304)
    names = {name for name, _ in kept}
    lines = (*(line for line in own.headers if line[0] not in names), *kept)
    echoes = (*own.echoes, *(one for one in chosen.echoes if one[0] in _OF_304))
    return replace(own, headers=lines, cors_headers=(*lines, *exposing(lines)), echoes=echoes)
