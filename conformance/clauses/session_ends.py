"""Which operations end the session of the credential that they are called with."""

from __future__ import annotations

from typing import Final

from spec.model.contract_model import Operation
from spec.text.name_words import words_of

__all__ = ["ends_session"]

_WORDS: Final = frozenset({"logout", "signout", "logoff", "signoff"})
_ONES_OWN: Final = frozenset({"current", "me", "self", "own", "this"})


def ends_session(operation: Operation) -> bool:
    """Whether it signs its caller out: `POST /logout`, `DELETE /sessions/current`.

    No contract says so in a form that a program could read; its path does, or its operationId.
    """
    steps = [one for one in operation.path.split("/") if one]
    if not steps or operation.method not in ("POST", "DELETE", "PUT"):
        return False
    names = (steps[-1], operation.operation_id or "")
    if any("".join(words_of(one)) in _WORDS for one in names):
        return True
    while steps and steps[-1].lower() in _ONES_OWN:
        steps.pop()
    ended = bool(steps) and steps[-1].lower() in ("session", "sessions")
    return operation.method == "DELETE" and ended
