"""Which answer it is: from what a response may say and what a request says to one answer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from mock_server.answers.echo import Facts
from mock_server.answers.prepared_answers import PreparedAnswer, Reply
from mock_server.answers.request_examples import RequestExample
from mock_server.model.request import MISSING
from spec.text import media_types

__all__ = ["acceptable", "choose", "named", "same_json", "status_of", "success"]

# Fields that are kept for a reply, bytes of one of them, and bytes that are read of any.
_MOST_KEPT, _LONGEST_KEPT, _LONGEST = 64, 256, 1024
_FIRST_OF_RANGE = {"1XX": 100, "2XX": 200, "3XX": 300, "4XX": 400, "5XX": 500, "default": 200}


def success(statuses: Sequence[str]) -> str | None:
    """The response that answers a good request: 200, another 2xx, 2XX, default, a redirection.

    None where only refusals are documented: none of them is true of a good request.
    """
    for fits in (
        lambda status: status == "200",
        lambda status: status.startswith("2") and status.isdecimal(),
        lambda status: status == "2XX",
        lambda status: status == "default",
        lambda status: status.startswith("3"),
    ):
        if found := next(filter(fits, statuses), None):
            return found
    return None


def status_of(key: str) -> int:
    """The status in which an entry of `responses` is served when nothing else is asked for."""
    return int(key) if key.isdecimal() else _FIRST_OF_RANGE[key]


def acceptable(reply: Reply, accept: bytes | None) -> tuple[str, ...]:
    """The media types of a reply that an `Accept` field accepts, the most welcome first.

    A reply without a body has nothing that could be refused (RFC 9110 section 12.5.1).
    """
    if accept is None or accept == b"*/*" or not any(reply.media):
        return reply.media
    kept = reply.by_accept.get(accept)
    if kept is not None:
        return kept
    # What follows after the longest that anybody means is left out, and so is the time it takes.
    if len(accept) > _LONGEST:
        # Up to a comma; without any, `rfind` is -1, and nearly all of it is kept.
        accept = accept[: accept.rfind(b",", 0, _LONGEST) % _LONGEST]
    media = media_types.negotiate(accept.decode("latin-1"), reply.media)
    if len(reply.by_accept) < _MOST_KEPT and len(accept) < _LONGEST_KEPT:
        reply.by_accept[accept] = media
    return media


def choose(reply: Reply, media: Sequence[str], facts: Facts) -> PreparedAnswer:
    """The answer among those of the media types given, of which there is at least one.

    A condition that holds goes before an example whose request was sent, and that before the
    first named example, the single one, the schema's and the generated value.
    """
    if reply.conditional:
        wanted = _conditions(facts)
        for answer in _of(reply.conditional, media):
            if answer.when is not None and answer.when(wanted):
                return answer
    # `in` compares all bodies at once in C; only a body that may be one of them is compared as
    # JSON.
    if reply.examples and (reply.bodies is None or facts.body in reply.bodies):
        names = [one.name for one in reply.examples if _is_equal(one, facts)]
        for answer in _of(reply.answers, media) if names else ():
            if answer.name in names:
                return answer
    if media[0] == reply.media[0]:
        return reply.answers[0]  # they are in the order of the media types
    return next(_of(reply.answers, media))


def named(replies: Iterable[Reply], name: str) -> Reply | None:
    """The first reply that has an example of a name."""
    return next((reply for reply in replies if name in reply.names), None)


def same_json(one: Any, other: Any) -> bool:
    """Whether two values are the same JSON: true is not 1, and 1.0 is."""
    # True == 1 in Python, and JSON tells them apart (JSON Schema Core section 4.2.2).
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same_json(one[k], other[k]) for k in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same_json, one, other))
    return bool(one == other)


def _of(answers: Sequence[PreparedAnswer], media: Sequence[str]) -> Iterator[PreparedAnswer]:
    return (answer for medium in media for answer in answers if answer.medium == medium)


def _conditions(facts: Facts) -> dict[str, Any]:
    """What `x-mock-when` describes; a request without a body has no member `body`."""
    wanted: dict[str, Any] = {
        "path": facts.path,
        "query": facts.query,
        "headers": facts.headers,
    }
    if facts.body is not MISSING:
        wanted["body"] = facts.body
    return wanted


def _is_equal(example: RequestExample, facts: Facts) -> bool:
    if example.body:
        wanted, got = example.body[0], facts.body
        # Python's comparison is fast; it calls too much equal (True and 1), never too little.
        if wanted != got or (example.has_numbers and not same_json(wanted, got)):
            return False
    if not example.parameters:
        return True
    places: dict[str, Mapping[str, Any]] = {
        "path": facts.path,
        "query": facts.query,
        "header": facts.headers,
    }
    return all(
        same_json(value, places.get(place, {}).get(_key(place, name), MISSING))
        for (place, name), value in example.parameters.items()
    )


def _key(place: str, name: str) -> str:
    return name.lower() if place == "header" else name
