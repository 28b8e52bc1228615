"""What may be shown of requests and answers: secrets become `$TOKEN`, long bodies are cut."""

from __future__ import annotations

import base64
import gzip
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from urllib.parse import unquote

from conformance.http.alterations import Alteration, alteration_of
from conformance.http.credential_slots import carried, shown_header, shown_target
from conformance.http.curl import command
from conformance.http.exchange import Answer, Framing, Headers, Request
from conformance.http.handed_out import SHORTEST
from conformance.http.masking import ALTERED, SECRET, TOKEN, Secrets
from conformance.http.reported import (
    ExactRequest,
    ReportedExchange,
    ReportedRequest,
    ReportedResponse,
)
from conformance.http.shown_texts import LONGEST, cut, readable, short
from conformance.http.target import Target
from spec.text.secrets import is_flag, is_secret_name

__all__ = ["Redactor"]

MOST_HEADERS = 100
"""Headers of one answer that a report shows."""
MOST_PACKED = 1 << 16
"""Characters of a packed body that a report keeps, so that the request can be sent again."""
MOST_READ = 1 << 20
"""Bytes of an answer that are searched for what it hands out."""
OTHER = "OTHER_TOKEN"
"""The variable of a credential that was given for other operations than the one that gets it."""


@dataclass(frozen=True, slots=True)
class Redactor:
    """Makes reports of requests and answers.

    `headers` are those that the caller adds to every request; a request's own have precedence.
    `variables` names the secrets for which a command line has another variable than `$TOKEN`.
    `recorded` requests are other people's: what telling names carry in their bodies is hidden, too,
    and none of them is kept to be sent again.
    """

    target: Target
    secrets: Secrets = field(default_factory=Secrets, repr=False)
    headers: Headers = field(default=(), repr=False)
    recorded: bool = False
    variables: Mapping[str, str] = field(default_factory=dict, repr=False)

    def with_other_credential(self) -> Redactor:
        """The same for requests with the credential of other operations: `$OTHER_TOKEN`."""
        others = dict.fromkeys(self.secrets.own, OTHER)
        return replace(self, variables={**others, **self.variables})

    def text(self, text: str) -> str:
        """The text without secrets, however they are spelt."""
        return self.secrets.hide(text)

    def said(self, text: str) -> str:
        """What a server said, without secrets and without what telling names carry."""
        return self.secrets.mask(text)

    def sentence(self, text: str) -> str:
        """A sentence of the kit, which may quote a server; a secret like a word is left a word."""
        return self.secrets.hide(text, shortest=SHORTEST)

    def learn(self, request: Request, answer: Answer) -> None:
        """Remember what an answer hands out, so that it is shown nowhere from now on."""

        # What a server repeats, a token that the run made up among it, is not handed out by it.
        @cache
        def sent() -> str:
            body = (request.body or b"").decode("utf-8", "replace")
            headers = (value for _, value in request.headers)
            return "\n".join((body, unquote(request.target), *headers))

        if request.body and not self.recorded:
            self.secrets.note_sent(request.body)
        self.secrets.learn(readable(answer.body[:MOST_READ], "replace"), sent, answer.headers)

    def request(self, request: Request) -> ReportedRequest:
        """The request as a report shows it."""
        return ReportedRequest(
            method=request.method,
            url=self._url(request),
            headers=self._sent(request),
            body=None
            if request.body is None
            else cut(self._body_text(request.body), len(request.body)),
        )

    def repeatable(self, request: Request) -> ReportedRequest:
        """The request with all that is needed to send it again to the letter."""
        return replace(self.request(request), exact=self._exact(request))

    def _exact(self, request: Request) -> ExactRequest:
        packed, missing = "", "it was recorded, and is not sent again" if self.recorded else ""
        body = b"" if self.recorded else request.body or b""
        if body and not self._shown_whole(body):
            # Without a time in it, so that two runs write the same report.
            packed = base64.b64encode(gzip.compress(body, mtime=0)).decode()
            text = body.decode("utf-8", "surrogateescape")
            if self.text(text) != text:
                packed, missing = "", "its body holds a credential and is not text"
            elif len(packed) > MOST_PACKED:
                packed, missing = "", f"its body has {len(body):,} bytes, too many for a report"
        if any(len(value) > LONGEST for _, value in request.headers):
            missing = "one of its headers is too long for a report"
        return ExactRequest(
            target=self._target(request),
            framing=request.framing.value,
            version=request.version,
            wire=request.wire,
            packed=packed,
            missing=missing,
            altered=altered.name if (altered := self._altered(request)) else "",
        )

    def _shown_whole(self, body: bytes) -> bool:
        """Whether the text that is shown, with the credential put back, is the body."""
        # Of a longer one a mark for each secret would not leave so little.
        if len(body) > MOST_PACKED:
            return False
        try:
            return len(self.text(body.decode())) <= LONGEST
        except UnicodeDecodeError:
            return False

    def response(self, answer: Answer) -> ReportedResponse | None:
        """The answer as a report shows it; None where there was none."""
        if not answer.status:
            return None
        # Masked before it is cut: a secret that is cut in two would not be recognised. Four bytes
        # a character is the most that UTF-8 needs.
        body = self.said(readable(answer.body[: LONGEST * 4], "backslashreplace"))
        return ReportedResponse(
            status=answer.status,
            headers=self._received_headers(answer.headers),
            body=cut(body, len(answer.body) + answer.cut_off),
        )

    def _received_headers(self, headers: Headers) -> Headers:
        """The headers of an answer, as many as anybody reads."""
        shown = [
            (self.sentence(name), self._received(name, value))
            for name, value in headers[:MOST_HEADERS]
        ]
        more = len(headers) - MOST_HEADERS
        return (*shown, *([("…", f"{more:,} more headers")] if more > 0 else []))

    def _received(self, name: str, value: str) -> str:
        if is_secret_name(name) and not is_flag(value):
            return SECRET
        # The attributes stay: they are what a reader wants to see, and no secret.
        if name.lower() == "set-cookie":
            key, sign, rest = value.partition("=")
            _, mark, attributes = rest.partition(";")
            return self.text(f"{key}{sign}{SECRET}{mark}{attributes}")
        return short(self.said(value))

    def exchange(
        self, request: Request, answer: Answer, clauses: Sequence[str]
    ) -> ReportedExchange:
        """Both, with their times."""
        return ReportedExchange(
            request=self.request(request),
            response=self.response(answer),
            started=answer.started,
            seconds=answer.seconds,
            clauses=tuple(clauses),
        )

    def curl(self, request: Request) -> str:
        """A command that sends the same; what it cannot send it says in a comment."""
        shown = replace(request, target=self._target(request), headers=self._sent(request))
        if self.recorded and request.body is not None:
            text = self.said(request.body.decode("utf-8", "surrogateescape"))
            shown = replace(shown, body=text.encode("utf-8", "surrogateescape"))
        account = ""
        if request.framing is Framing.LENGTH and self._has_account(request):
            account = TOKEN
            kept = (pair for pair in shown.headers if pair[0].lower() != "authorization")
            shown = replace(shown, headers=tuple(kept))
        line = command(shown, self.target, self.text, account)
        line = line.replace(TOKEN, f"${self._variable(request)}")
        altered = self._altered(request)
        return f'ALTERED_TOKEN="{altered.shell}"; {line}' if altered else line

    def _variable(self, request: Request) -> str:
        """The variable of the one secret that a request carries."""
        own = {one for one in carried(request) if one in self.secrets.own}
        named = {self.variables.get(one, TOKEN[1:]) for one in own}
        return named.pop() if len(named) == 1 else TOKEN[1:]

    def _has_account(self, request: Request) -> bool:
        """Whether it carries user and password of the caller, which curl encodes (RFC 7617)."""
        scheme, _, sent = (request.header("authorization") or "").partition(" ")
        accounts = (one for one in self.secrets.own if ":" in one)
        encoded = {base64.b64encode(one.encode()).decode() for one in accounts}
        return scheme == "Basic" and sent in encoded

    def _altered(self, request: Request) -> Alteration | None:
        """How the credential of the request was altered; None where none, or not so, or twice."""
        shown = (self._target(request), *(value for _, value in self._sent(request)))
        if not any(ALTERED in text for text in shown):
            return None
        found = {
            way
            for value in carried(request)
            for secret in self.secrets.own
            if value not in self.secrets.own and (way := alteration_of(value, secret))
        }
        return found.pop() if len(found) == 1 else None

    def _sent(self, request: Request) -> Headers:
        """The headers of the request, and those of every request that it does not have itself."""
        given = {name.lower() for name, _ in request.headers}
        added = tuple(pair for pair in self.headers if pair[0].lower() not in given)
        every = (*request.headers, *added)
        shown = ((name, shown_header(name, value, self.secrets.own)) for name, value in every)
        return tuple((name, short(self.text(value))) for name, value in shown)

    def _url(self, request: Request) -> str:
        return f"{self.target.url}{self._target(request)}"

    def _target(self, request: Request) -> str:
        return self.text(shown_target(request.target, self.secrets.own))

    def _body_text(self, body: bytes) -> str:
        text = body[: LONGEST * 4].decode("utf-8", "backslashreplace")
        return self.said(text) if self.recorded else self.text(text)
