"""Which operations end the session of the credential that they are called with, or replace it."""

from __future__ import annotations

from typing import Final

from spec.model.contract_model import Operation
from spec.text.name_words import words_of

__all__ = ["ends_session", "rotates_credential"]

_WORDS: Final = frozenset({"logout", "signout", "logoff", "signoff"})
_ONES_OWN: Final = frozenset({"current", "me", "self", "own", "this"})
_ROTATES: Final = frozenset({"rotate", "regenerate", "renew", "reissue", "roll"})


def ends_session(operation: Operation) -> bool:
    """Whether it signs its caller out: `POST /logout`, `DELETE /sessions/current`.

    No contract says so in a form that a program could read; its path does, or its operationId. A
    `GET /logout` does what no GET should (RFC 9110 section 9.2.1), and is there all the same.
    """
    steps = _steps(operation)
    if not steps or operation.method not in ("GET", "POST", "DELETE", "PUT"):
        return False
    names = (steps[-1], operation.operation_id or "")
    if any("".join(words_of(one)) in _WORDS for one in names):
        return True
    while steps and steps[-1].lower() in _ONES_OWN:
        steps.pop()
    ended = bool(steps) and steps[-1].lower() in ("session", "sessions")
    return operation.method == "DELETE" and ended


def rotates_credential(operation: Operation) -> bool:
    """Whether it hands out a credential in the place of another one: `POST /api-key/rotate`."""
    steps = _steps(operation)
    if not steps or operation.safe:
        return False
    return not _ROTATES.isdisjoint(
        {*words_of(steps[-1]), *words_of(operation.operation_id or "")[:1]}
    )


def _steps(operation: Operation) -> list[str]:
    return [one for one in operation.path.split("/") if one]
