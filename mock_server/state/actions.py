"""What operations such as `POST /orders/{id}/cancel` do to a thing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mock_server.state.fitting import MASKED, shown_secret
from mock_server.state.outlines import request_shape, writable, written_values
from mock_server.state.places import Asked
from mock_server.state.resources import Resource
from spec.schemas.shapes import Shape
from spec.text.name_words import words_of
from spec.text.secrets import is_secret_name

__all__ = ["effect"]

_OPPOSITES = {"de": "", "dis": "en", "un": ""}
"""What an action's name begins with that undoes another, and how that one begins."""
_SHORTEST = 4
"""Letters that a verb and a state have in common at least: `clos` of close and closed."""


def effect(asked: Asked, before: Any, answer: Any, number: int) -> dict[str, Any]:
    """What an action changes: in what its answer differs from the thing, both as the contract says.

    Where no person wrote both, what the client chose (a name) stays. Where they do not differ, the
    action's name says what it does. From the second time on (`number`) a credential is another one.
    """
    resource = asked.resource
    known = before if isinstance(before, dict) else {}
    given = answer if isinstance(answer, dict) else {}
    done = {k: v for k, v in given.items() if known.get(k) != v and k != resource.id_name}
    # A generated answer has a made-up value for every property: that it differs means nothing.
    if not _are_written(asked):
        chosen = _chosen_by_clients(resource)
        done = {k: v for k, v in done.items() if k not in chosen or _is_state(resource, k)}
    # The last segment of `/orders/{id}/cancel`; what the examples say of a property goes before.
    verb = asked.request.operation.operation.path.rstrip("/").rpartition("/")[2]
    done |= {k: v for k, v in _meant(verb, resource.shape) if k not in done}
    secrets = [k for k, v in done.items() if is_secret_name(k) and isinstance(v, str)]
    if number < 2 or len(secrets) != 1:
        return done
    # `POST /keys/{id}/rotate` must not give the same key twice: clients compare the two.
    secret = f"{done[secrets[0]]}-{number}"
    masked = {k: shown_secret(secret) for k in done if MASKED & set(words_of(k))}
    return {**done, **masked, secrets[0]: secret}


def _are_written(asked: Asked) -> bool:
    reading = asked.resource.reading
    written = written_values(reading) if reading else []
    return bool(written) and bool(written_values(asked.request.operation))


def _chosen_by_clients(resource: Resource) -> frozenset[str]:
    """The properties that the bodies of other operations decide on."""
    shapes = [request_shape(one) for one in resource.writers]
    return frozenset().union(*(writable(one) for one in shapes))


def _is_state(resource: Resource, name: str) -> bool:
    part = resource.shape.member(name)
    return "boolean" in part.types or any("enum" in layer for layer in part.layers)


def _meant(verb: str, shape: Shape) -> Iterator[tuple[str, Any]]:
    """The flags and the status that a verb sets: `activate` sets `active: true`."""
    words = [verb.lower(), *(_undone(verb.lower()))]
    # The first word is the verb itself, and means true; those after it are its opposites.
    for at, word in enumerate(words):
        # English makes `activate` out of `active`, and `closed` out of `close`.
        stem = word.removesuffix("e").removesuffix("at")
        if len(stem) < _SHORTEST:
            continue
        for name, part in shape.properties.items():
            if part.types == {"boolean"} and words_of(name)[-1:] and _is_of(name, stem):
                yield name, at == 0
            elif at == 0 and (found := _status(part, stem)) is not None:
                yield name, found


def _undone(verb: str) -> Iterator[str]:
    for prefix, other in _OPPOSITES.items():
        if verb.startswith(prefix):
            yield other + verb.removeprefix(prefix)


def _is_of(name: str, stem: str) -> bool:
    """Whether a flag is called after a verb: `active`, `isActive`."""
    return words_of(name)[-1].startswith(stem)


def _status(part: Shape, stem: str) -> Mapping[str, Any] | str | None:
    """The value of an enumeration that is called after a verb; None where there is not just one."""
    every = [one for layer in part.layers for one in layer.get("enum", ())]
    found = [one for one in every if isinstance(one, str) and one.lower().startswith(stem)]
    return found[0] if len(found) == 1 else None
