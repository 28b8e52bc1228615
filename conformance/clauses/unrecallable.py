"""Which operations do what nothing takes back: they write to people, or replace a credential."""

from __future__ import annotations

from typing import Final

from conformance.clauses.session_ends import rotates_credential
from spec.model.contract_model import Operation
from spec.text.name_words import words_of

__all__ = ["is_unrecallable"]

_SENDS: Final = frozenset({"forgot", "invite", "notify", "remind", "resend", "send"})
"""What sends a message to somebody is called by its path or its operationId."""
_MAIL: Final = frozenset({"email", "mail", "sms", "smtp"})


def is_unrecallable(operation: Operation) -> bool:
    """Whether each success reaches people, or ends a credential: few of them are enough.

    No contract says so in a form that a program could read. The last step of its path does, or the
    first word of its operationId: `POST /email/send-raw`, `POST /smtp/test`, `rotateKey`.
    """
    steps = [words_of(one) for one in operation.path.split("/") if one and "{" not in one]
    if operation.method != "POST" or not steps:
        return False
    last = {*steps[-1], *words_of(operation.operation_id or "")[:1]}
    tried = "test" in last and any(not _MAIL.isdisjoint(one) for one in steps)
    return tried or not _SENDS.isdisjoint(last) or rotates_credential(operation)
