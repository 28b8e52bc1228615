"""An error in the body of a 2xx: the status says success, and the body says that it is none."""

from __future__ import annotations

from collections.abc import Iterator, Set
from dataclasses import replace
from functools import lru_cache
from http import HTTPStatus
from typing import Any

from conformance.clauses.schema_nodes import nodes
from conformance.http.exchange import Answer
from conformance.judgement.json_answers import is_unlabelled, read_json
from spec import Contract
from spec.model.contract_model import Operation
from spec.text.media_types import is_json

__all__ = ["documented_error", "error_in", "hidden_error", "understood"]

_NAMES = ("error", "errors", "exception")
_FLAGS = ("success", "ok")
_STATUSES = ("statusCode", "status_code", "status", "code", "errcode", "errorCode")
_WORDS = tuple(f'"{name}"'.encode() for name in (*_NAMES, *_FLAGS, *_STATUSES))
_NOTHING: tuple[Any, ...] = (None, "", [], {})
_MESSAGES = ("message", "msg", "errmsg")
_RESULTS = ("data", "result")
_ERRORS = frozenset(str(one.value) for one in HTTPStatus if one >= HTTPStatus.BAD_REQUEST)
_FAILED = frozenset({"error", "fail", "failed"})
"""What `status` says of an error where it is a text, beside a message and without a result."""


def understood(contract: Contract, operation: Operation, answer: Answer) -> Answer:
    """The answer, with whether it is a refusal that has the status of a success.

    It is one where the body says that it is an error, and has nothing that the contract declares of
    a success: then nothing was done. What has done a part of it may have cost as much as the whole.
    """
    value = _value(operation, answer)
    if answer.status == HTTPStatus.MULTI_STATUS:
        parts = list(_parts(value))
        nothing_done = parts and all(hidden_error(one, frozenset()) for one in parts)
        return replace(answer, refuses=True) if nothing_done else answer
    if not hidden_error(value, frozenset()):
        return answer
    declared = frozenset(_declared(contract, operation, answer.status))
    given = {name for name, one in value.items() if one not in _NOTHING}
    refuses = bool(hidden_error(value, declared)) and declared.isdisjoint(given)
    return replace(answer, refuses=True) if refuses else answer


def error_in(contract: Contract, operation: Operation, answer: Answer) -> str:
    """The member by which the body of a 2xx says that it is an error; "" where none does."""
    value = _value(operation, answer)
    # What says no error at all is asked for no schema.
    if not hidden_error(value, frozenset()):
        return ""
    return hidden_error(value, frozenset(_declared(contract, operation, answer.status)))


def documented_error(contract: Contract, operation: Operation, answer: Answer) -> str:
    """The member by which a 2xx says that it is an error and nothing else, as the contract has it.

    GraphQL and JSON-RPC answer so: their contracts have errors among the successes. A 207 has the
    status of each part in its body (RFC 4918 section 13), and one of them is enough.
    """
    value = _value(operation, answer)
    if answer.status == HTTPStatus.MULTI_STATUS:
        return next(filter(None, (hidden_error(one, frozenset()) for one in _parts(value))), "")
    member = hidden_error(value, frozenset(_STATUSES))
    if not member:
        return ""
    declared = frozenset(_declared(contract, operation, answer.status))
    given = {name for name, one in value.items() if one not in _NOTHING}
    results = declared.difference(_NAMES, _FLAGS, _MESSAGES, _STATUSES)
    return member if member in declared and results.isdisjoint(given) else ""


def hidden_error(value: Any, declared: Set[str]) -> str:
    """The member by which the body of a success says that it is none; "" where it does not.

    What the schema declares is the contract's own, whatever it is called.
    """
    if not isinstance(value, dict):
        return ""
    for name in _NAMES:
        if name not in declared and value.get(name) not in (*_NOTHING, False):
            return name
    for name in _FLAGS:
        if name not in declared and value.get(name) is False:
            return name
    # Only what looks like a status of HTTP: `code` and `status` are names of much else.
    for name in _STATUSES:
        if name not in declared and _is_failure(value.get(name), value):
            return name
    return ""


def _parts(value: Any) -> Iterator[Any]:
    """The members of its lists: what a 207 says of each part of a request."""
    for one in value.values() if isinstance(value, dict) else [value]:
        yield from one if isinstance(one, list) else ()


def _is_failure(status: Any, value: dict[str, Any]) -> bool:
    """Whether it is a status of HTTP; or begins like one (`40102`), or says so, of no result."""
    if isinstance(status, int) and 400 <= status <= 599:
        return True
    says = any(isinstance(value.get(name), str) for name in _MESSAGES)
    if not says or any(value.get(name) not in _NOTHING for name in _RESULTS):
        return False
    text = str(status)
    longer = isinstance(status, int) and 4 <= len(text) <= 6
    return text in _FAILED or (longer and text[:3] in _ERRORS)


def _value(operation: Operation, answer: Answer) -> Any:
    """The JSON of a 2xx; None where none of the words stands in it by which it may be an error."""
    if not 200 <= answer.status < 300 or not _is_of_json(operation, answer):
        return None
    # Reading a large answer costs more than looking for a word.
    return read_json(answer.body).value if _has_words(answer.body) else None


@lru_cache(maxsize=2)
def _has_words(body: bytes) -> bool:
    """Asked several times of each answer in turn."""
    return any(word in body for word in _WORDS)


def _is_of_json(operation: Operation, answer: Answer) -> bool:
    """Whether it is labelled as JSON; or not labelled at all, where the contract has JSON."""
    label, response = answer.header("content-type"), operation.response_for(answer.status)
    documented = response.content if response else ()
    return is_json(label) or (is_unlabelled(label) and any(is_json(one.name) for one in documented))


def _declared(contract: Contract, operation: Operation, status: int) -> Iterator[str]:
    """The names of the properties that a response of this status may have by the contract."""
    response = operation.response_for(status)
    for media_type in response.content if response else ():
        for node in nodes(contract, media_type.schema):
            if len(node.steps) == 1 and isinstance(node.steps[0], str):
                yield node.steps[0]
