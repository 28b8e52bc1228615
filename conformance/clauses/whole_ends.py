"""Which operations stop the deployment, or undo at once what others have made in it."""

from __future__ import annotations

from typing import Final

from spec.model.contract_model import Operation
from spec.text.name_words import words_of

__all__ = ["ends_everything"]

_VERBS: Final = frozenset(
    {"clear", "flush", "halt", "poweroff", "prune", "purge", "quit", "reboot", "reset", "restart"}
    | {"shutdown", "truncate", "wipe"}
)
"""What stops or empties, whatever follows: `restart`, `shutdown-host`, `clearCache`."""
_WHOLE: Final = frozenset({"clean", "cleanup", "deleteall", "empty", "removeall"})
"""What does so as the whole of a step; `clean-rooms` may be a list of things."""


def ends_everything(operation: Operation) -> bool:
    """Whether it stops or empties what is not of one caller: `POST /shutdown`, `/rules/reset`.

    No contract says so in a form that a program could read; the last step of its path does, where
    the request names nothing that it is about, in its path or in a body (`POST /password/reset`).
    A body that may be left out has options alone.
    """
    last = words_of(operation.path.rstrip("/").rpartition("/")[2])
    body = operation.request_body
    names = "{" in operation.path or (body is not None and body.required)
    ends = "".join(last) in _VERBS | _WHOLE or not _VERBS.isdisjoint(last[:1])
    return not operation.safe and not names and ends
