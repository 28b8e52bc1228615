"""What may be shown of requests and answers: secrets become `$TOKEN`, long bodies are cut."""

from __future__ import annotations

import base64
import gzip
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import unquote

from conformance.http.alterations import Alteration, alteration_of
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
from conformance.http.target import Target
from spec.text.secrets import is_secret_name

__all__ = ["Redactor", "header_secrets"]

LONGEST = 4000
"""Characters of a body, or of a header, that a report shows."""
MOST_HEADERS = 100
"""Headers of one answer that a report shows."""
MOST_PACKED = 1 << 16
"""Characters of a packed body that a report keeps, so that the request can be sent again."""
MOST_READ = 1 << 20
"""Bytes of an answer that are searched for what it hands out."""
OTHER = "OTHER_TOKEN"
"""The variable of a credential that was given for other operations than the one that gets it."""
_CARRIERS = ("authorization", "cookie", "proxy-authorization")
"""Headers that carry a credential by their definition, in lower case (RFC 9110 section 11)."""


def header_secrets(headers: Headers) -> tuple[str, ...]:
    """What is secret among the headers that the caller adds: `Authorization` has a credential."""
    found = list[str]()
    for name, value in headers:
        if name.lower() == "cookie":
            found += [pair.partition("=")[2] for pair in value.split("; ")]
        elif name.lower() in _CARRIERS or is_secret_name(name):
            scheme, _, rest = value.partition(" ")
            found.append(rest or scheme)
    return tuple(one for one in found if one)


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
        body = (request.body or b"").decode("utf-8", "replace")
        headers = (value for _, value in request.headers)
        # What a server repeats, a token that the run made up among it, is not handed out by it.
        sent = "\n".join((body, unquote(request.target), *headers))
        text = _readable(answer.body[:MOST_READ], "replace")
        self.secrets.learn(text, sent, answer.headers)

    def request(self, request: Request) -> ReportedRequest:
        """The request as a report shows it."""
        return ReportedRequest(
            method=request.method,
            url=self._url(request),
            headers=self._sent(request),
            body=None
            if request.body is None
            else _cut(self._body_text(request.body), len(request.body)),
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
        body = self.said(_readable(answer.body[: LONGEST * 4], "backslashreplace"))
        return ReportedResponse(
            status=answer.status,
            headers=self._received_headers(answer.headers),
            body=_cut(body, len(answer.body) + answer.cut_off),
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
        if is_secret_name(name):
            return SECRET
        # The attributes stay: they are what a reader wants to see, and no secret.
        if name.lower() == "set-cookie":
            key, sign, rest = value.partition("=")
            _, mark, attributes = rest.partition(";")
            return self.text(f"{key}{sign}{SECRET}{mark}{attributes}")
        return _short(self.said(value))

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
        carried = {one for one in _values(request) if one in self.secrets.own}
        named = {self.variables.get(one, TOKEN[1:]) for one in carried}
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
            for value in _values(request)
            for secret in self.secrets.own
            if value not in self.secrets.own and (way := alteration_of(value, secret))
        }
        return found.pop() if len(found) == 1 else None

    def _sent(self, request: Request) -> Headers:
        """The headers of the request, and those of every request that it does not have itself."""
        given = {name.lower() for name, _ in request.headers}
        added = tuple(pair for pair in self.headers if pair[0].lower() not in given)
        every = (*request.headers, *added)
        return tuple((name, _short(self.text(self._slot(name, value)))) for name, value in every)

    def _url(self, request: Request) -> str:
        return f"{self.target.url}{self._target(request)}"

    def _target(self, request: Request) -> str:
        path, mark, query = request.target.partition("?")
        pairs = [pair.partition("=") for pair in query.split("&")] if query else []
        shown = "&".join(f"{name}{sign}{self._secret(value)}" for name, sign, value in pairs)
        return self.text(f"{path}{mark}{shown}")

    def _slot(self, name: str, value: str) -> str:
        """A header as it is shown: where a credential stands even one letter is a secret."""
        if name.lower() == "cookie":
            pairs = [pair.partition("=") for pair in value.split("; ")]
            return "; ".join(f"{key}{sign}{self._secret(text)}" for key, sign, text in pairs)
        # The scheme stays, so that a reader sees `Bearer` where `Basic` was wanted.
        scheme, space, rest = value.partition(" ")
        # Of an API key the word before its space is a part of the key.
        if name.lower() in _CARRIERS and space and value not in self.secrets.own:
            return f"{scheme} {self._secret(rest)}"
        return self._secret(value)

    def _secret(self, value: str) -> str:
        """`$TOKEN` for a secret, `$ALTERED_TOKEN` for what would tell most of it."""
        plain = unquote(value)
        if plain in self.secrets.own:
            return TOKEN
        return ALTERED if any(_tells(plain, one) for one in self.secrets.own) else value

    def _body_text(self, body: bytes) -> str:
        text = body[: LONGEST * 4].decode("utf-8", "backslashreplace")
        return self.said(text) if self.recorded else self.text(text)


def _values(request: Request) -> Iterator[str]:
    """What may be a credential: the values of the query, of headers and of cookies."""
    for pair in request.target.partition("?")[2].split("&"):
        yield unquote(pair.partition("=")[2])
    for name, value in request.headers:
        yield value
        if name.lower() == "cookie":
            yield from (pair.partition("=")[2] for pair in value.split("; "))
        elif name.lower() in _CARRIERS:
            yield value.partition(" ")[2]


def _readable(body: bytes, errors: str) -> str:
    """The text of an answer; one of UTF-16 or UTF-32 is told by its NULs (RFC 4627 section 3)."""
    zeros = tuple(at for at, octet in enumerate(body[:4]) if not octet)
    name = "utf-8"
    if body[:4] in (b"\xff\xfe\x00\x00", b"\x00\x00\xfe\xff"):
        name = "utf-32"
    elif body[:2] in (b"\xff\xfe", b"\xfe\xff"):
        name = "utf-16"
    elif zeros in ((1, 3), (0, 2)):
        name = "utf-16-le" if zeros == (1, 3) else "utf-16-be"
    elif zeros in ((1, 2, 3), (0, 1, 2)):
        name = "utf-32-le" if zeros == (1, 2, 3) else "utf-32-be"
    # A half of a character at a cut end is replaced where it cannot be shown.
    return body.decode(name, errors if name == "utf-8" else "replace")


def _cut(text: str, size: int) -> str:
    if len(text) <= LONGEST and size <= LONGEST * 4:
        return text
    return f"{text[:LONGEST]}… ({size:,} bytes)"


def _short(shown: str) -> str:
    return shown if len(shown) <= LONGEST else f"{shown[:80]}… ({len(shown):,} characters)"


def _tells(value: str, secret: str) -> bool:
    """Whether a value is the secret recased, cut, or with a little changed or added."""
    if not value or not secret or len(value) > len(secret) + 4:
        return False
    if value.lower() == secret.lower():
        return True
    # A third at either end is enough to find the secret among the keys that somebody has.
    # Of a short one it takes more, up to three letters: `t` of `test` would hide `true`.
    most = max(len(secret) // 3, min(len(secret) // 2, 3))
    return most > 0 and (value[:most] == secret[:most] or value[-most:] == secret[-most:])
