"""Credentials back in a stored request: reports have `$TOKEN` in their place."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from conformance.http.alterations import ALTERATIONS
from conformance.http.credentials import Placed
from conformance.http.exchange import Request
from conformance.http.masking import ALTERED, SECRET, TOKEN
from conformance.http.redaction import Redactor

__all__ = ["Refilling", "UnreplayableError"]


class UnreplayableError(Exception):
    """A place that cannot be replayed: why, and what to do."""


class Refilling:
    """Puts credentials back where a report has `$TOKEN`, and altered ones for `$ALTERED_TOKEN`.

    `altered` is the name of the way in which the credential was altered; "" where it was not.
    """

    def __init__(self, carried: Sequence[Placed], redactor: Redactor, altered: str = "") -> None:
        self.secrets = [secret for one in carried for secret in one.secrets]
        self.alteration = next((one for one in ALTERATIONS if one.name == altered), None)
        self._headers = dict[tuple[str, str], str]()
        # As the redactor shows them: a Basic credential is hidden in its encoded form.
        for placed in carried:
            cookies = tuple(("Cookie", f"{name}={value}") for name, value in placed.cookies)
            real = (*placed.headers, *cookies)
            shown = redactor.request(Request(method="GET", target="/", headers=real)).headers
            for (name, value), (_, hidden) in zip(real, shown, strict=False):
                self._headers.setdefault((name.lower(), hidden), value)

    def header(self, name: str, value: str) -> str:
        """A header's value; that of a credential as its scheme writes it (RFC 7617: in base64)."""
        return self._headers.get((name.lower(), value)) or self.text(value)

    def text(self, shown: str, write: Callable[[str], str] = str) -> str:
        """A text with the credential put back; raises where it had another one in it."""
        if SECRET in shown:
            raise UnreplayableError("it contains a secret that a response of that run issued")
        if ALTERED in shown and self.alteration is None:
            raise UnreplayableError("it contains an altered credential, which reports do not keep")
        if not self.secrets and (TOKEN in shown or ALTERED in shown):
            raise UnreplayableError("it needs a credential; give it with --token or --credential")
        if self.alteration is not None and ALTERED in shown:
            shown = shown.replace(ALTERED, write(self.alteration.of(self.secrets[0])))
        return shown.replace(TOKEN, write(self.secrets[0])) if TOKEN in shown else shown
