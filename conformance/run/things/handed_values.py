"""Values that an answer hands out for a later request: a refresh token, the path of an upload.

A property of the answer has the name of one that a body needs, or a URL leads to an operation
(`confirmUrl`). Many of them are good for one use.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from typing import Any

from conformance.clauses.schema_nodes import nodes
from conformance.clauses.session_ends import ends_session
from conformance.clauses.unrecallable import is_unrecallable
from conformance.http.exchange import Answer, Request
from conformance.http.request_drafts import NOTHING
from conformance.judgement.json_answers import read_json
from conformance.run.things.item_paths import exchanged, ids_in
from spec import Contract
from spec.model.contract_model import Operation
from spec.text.media_types import is_json
from spec.text.name_words import words_of

__all__ = ["HandedValues", "is_of_one_use"]

_DEPTH = 3
"""Levels of an answer in which they are looked for."""
_MOST = 50
"""Values of one name that are remembered, the latest."""
_SHORTEST = 6
"""Characters of a value that is not there by chance."""
_ONCE = frozenset({"challenge", "nonce", "otp", "receipt", "ticket", "token"})
"""How such properties are called, or how their names end."""
_OF_OTHERS = frozenset({"code", "guid", "id", "key", "uuid"})
"""How they end, where a word before says what it is of: `uploadId`."""


class HandedValues:
    """The values by the names of properties, and the ids of paths by the operation they lead to.

    Each has the request that was answered with it, which may be sent again for another one.
    """

    def __init__(self, contract: Contract) -> None:
        self.contract = contract
        self._values = dict[str, list[Any]]()
        self._taken = set[tuple[str, Any]]()
        self._sources = dict[str, dict[str, Request]]()
        self._spent = set[tuple[str, Any]]()

    @cached_property
    def _asked(self) -> set[str]:
        """The names under which bodies need what may be handed out."""
        unsafe = (one for one in self.contract.operations if not one.safe)
        return {name for one in unsafe for name in _texts_of(self.contract, one)}

    @cached_property
    def _further(self) -> list[Operation]:
        """What a URL of an answer may lead to; items are known by their ids."""
        unsafe = (one for one in self.contract.operations if not one.safe)
        return [one for one in unsafe if "{" in one.path and not one.path.endswith("}")]

    def see(self, operation: Operation, request: Request, answer: Answer) -> None:
        """Remember what an answer hands out, and what a request has used."""
        if not answer.success or operation.safe or _is_final(operation):
            return
        # Most contracts ask for nothing that is handed out: no body is read for them.
        if not (self._asked or self._further):
            return
        self._spent |= set(self._used(operation, request))
        if answer.body:
            for name, value in self._found(read_json(answer.body).value, 0):
                # What was sent may come back: that is an echo.
                if isinstance(value, str) and value.encode() in (request.body or b""):
                    continue
                kept = [one for one in self._values.get(name, ()) if one != value]
                self._values[name] = [*kept, value][-_MOST:]
                self._sources.setdefault(name, {})[operation.id] = request

    def missing(self, operation: Operation) -> Iterator[tuple[str, list[Operation]]]:
        """What the body of an operation needs and none has handed out, and which ones would."""
        for name in dict.fromkeys(_texts_of(self.contract, operation)):
            if self._latest(name) is None and (found := self._handing(name, operation)):
                yield name, found

    def has(self, name: str) -> bool:
        """Whether a value was handed out under a name."""
        return self._latest(name) is not None

    def _handing(self, name: str, user: Operation) -> list[Operation]:
        return [
            one
            for one in self.contract.operations
            if not (one.safe or one.id == user.id or _is_final(one))
            and name not in _texts_of(self.contract, one)
            and name in _answered_by(self.contract, one)
        ]

    def take(self, name: str) -> Any:
        """The latest value under a name, for a good request; None where none was handed out."""
        latest = self._latest(name)
        self._taken |= {(name, latest)} if latest is not None else set()
        return latest

    def path(self, operation: Operation) -> tuple[str, ...] | None:
        """The ids of the latest path that leads to an operation, for a good request."""
        found: tuple[str, ...] | None = self.take(operation.id)
        return found

    def stands_in(self, operation: Operation, request: Request, body: Any) -> list[str]:
        """The names under which a good request has what it was given of this."""
        named = body.items() if isinstance(body, Mapping) else ()
        said: list[tuple[str, Any]] = [(operation.id, ids_in(operation, request.target))]
        said += [(name, value) for name, value in named if isinstance(value, str)]
        return [name for name, value in said if (name, value) in self._taken]

    def spent(self, name: str) -> bool:
        """Whether the latest value was accepted already."""
        return (name, self._latest(name)) in self._spent

    def source(self, name: str, user: Operation) -> tuple[str, Request] | None:
        """The request of another operation that is answered with such a value."""
        found = self._sources.get(name, {})
        return next(((one, sent) for one, sent in found.items() if one != user.id), None)

    def current(self, operation: Operation, good: Request, request: Request) -> Request:
        """The request with the latest values, where it has those of the `good` one."""
        target, body = request.target, request.body
        sent = read_json(good.body or b"").value
        for name in self.stands_in(operation, good, sent):
            latest = self._latest(name)
            if name == operation.id:
                target = exchanged(operation, target, ids_in(operation, good.target) or (), latest)
            elif body:
                body = body.replace(sent[name].encode(), latest.encode())
        return replace(request, target=target, body=body)

    def _latest(self, name: str) -> Any:
        return next(iter(self._values.get(name, ())[-1:]), None)

    def _used(self, operation: Operation, request: Request) -> Iterator[tuple[str, Any]]:
        yield operation.id, ids_in(operation, request.target)
        # Of what nothing asks for nothing is handed out.
        body = read_json(request.body or b"").value if self._asked else None
        for name, value in body.items() if isinstance(body, dict) else ():
            if name in self._asked and isinstance(value, str):
                yield name, value

    def _found(self, value: Any, depth: int) -> Iterator[tuple[str, Any]]:
        if depth > _DEPTH or not isinstance(value, dict):
            return
        for name, one in value.items():
            yield from self._found(one, depth + 1)
            if not isinstance(one, str) or len(one) < _SHORTEST:
                continue
            if name in self._asked:
                yield name, one
            for further in self._further if "/" in one else ():
                ids = ids_in(further, one)
                if ids is not None:
                    yield further.id, ids


def _texts_of(contract: Contract, operation: Operation) -> Iterator[str]:
    """The texts that a body needs, by the names of its properties."""
    for media_type in operation.request_content:
        if not is_json(media_type.name):
            continue
        every = nodes(contract, media_type.schema)
        needed = every[0].keywords.get("required", NOTHING) if every else ()
        for node in every:
            name = node.steps[0] if len(node.steps) == 1 else None
            if isinstance(needed, list) and name in needed and "string" in node.types:
                yield from [str(name)] if _is_handed(str(name)) else ()


def _answered_by(contract: Contract, operation: Operation) -> set[str]:
    """The names of the properties that a success has, down to a few levels."""
    answers = (one.content for one in operation.responses if one.status[:1] == "2")
    return {
        str(node.steps[-1])
        for content in answers
        for media_type in content
        for node in nodes(contract, media_type.schema)
        if 0 < len(node.steps) <= _DEPTH + 1
    }


def _is_final(operation: Operation) -> bool:
    """Whether it is asked for nothing: it ends a credential, or writes to people."""
    return is_unrecallable(operation) or ends_session(operation)


def is_of_one_use(name: str, value: Any) -> bool:
    """Whether a property is called like what somebody was given for it; a `code` is of digits."""
    last = words_of(name)[-1:]
    return (last[:1] == ["code"] and str(value).isdigit()) or bool(_ONCE & {*last})


def _is_handed(name: str) -> bool:
    """Whether a property is called like what is handed out, and not like what is chosen."""
    words = words_of(name)
    return bool(words) and (words[-1] in _ONCE or (len(words) > 1 and words[-1] in _OF_OTHERS))
