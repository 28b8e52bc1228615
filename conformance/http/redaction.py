"""What may be shown: secrets become `$TOKEN`, long bodies are cut, requests become curl lines."""

from __future__ import annotations

import base64
import gzip
import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import quote, unquote

from conformance.http.exchange import Answer, Framing, Request
from conformance.http.reported import ExactRequest, Exchange, ReportedRequest, ReportedResponse
from conformance.http.target import Target

__all__ = ["Redactor"]

LONGEST = 4000
MOST_PACKED = 1 << 16
"""Characters of a packed body that a report keeps, so that the request can be sent again."""
_VARIABLE = re.compile(r"\$(?:ALTERED_)?TOKEN")
_RUN = re.compile(r"([0-9A-Za-z])\1{199,}")
_NAMES = ("authorization", "cookie", "proxy-authorization")


@dataclass(frozen=True, slots=True)
class Redactor:
    """Makes reports of requests and answers. `secrets` are replaced wherever they stand."""

    target: Target
    secrets: tuple[str, ...] = field(default=(), repr=False)

    def text(self, text: str) -> str:
        """The text without secrets, whether plain, percent-encoded or in JSON escapes."""
        for secret in self.secrets:
            for shape in {secret, quote(secret, safe="")}:
                if len(shape) >= 3 or shape == text:
                    text = _replace(text, shape)
        return text

    def request(self, request: Request) -> ReportedRequest:
        """The request as a report shows it."""
        body = None if request.body is None else self._body(request.body)
        return ReportedRequest(
            method=request.method,
            url=self._url(request),
            headers=tuple((name, self._header(name, value)) for name, value in request.headers),
            body=body,
        )

    def repeatable(self, request: Request) -> ReportedRequest:
        """The request with all that is needed to send it again to the letter."""
        return replace(self.request(request), exact=self._exact(request))

    def _exact(self, request: Request) -> ExactRequest:
        packed, missing = "", ""
        body = request.body or b""
        if body and not self._shown_whole(body):
            packed = base64.b64encode(gzip.compress(body, mtime=0)).decode()
            text = body.decode("utf-8", "surrogateescape")
            if self.text(text) != text:
                packed, missing = "", "its body holds a credential and is not text"
            elif len(packed) > MOST_PACKED:
                packed, missing = "", f"its body has {len(body):,} bytes, too many for a report"
        return ExactRequest(
            target=self.text(request.target),
            framing=request.framing.value,
            version=request.version,
            wire=request.wire,
            packed=packed,
            missing=missing,
        )

    def _shown_whole(self, body: bytes) -> bool:
        """Whether the text that is shown, with the credential put back, is the body."""
        try:
            return len(self.text(body.decode())) <= LONGEST
        except UnicodeDecodeError:
            return False

    def response(self, answer: Answer) -> ReportedResponse | None:
        """The answer as a report shows it; None where there was none."""
        if not answer.status:
            return None
        return ReportedResponse(
            status=answer.status,
            headers=tuple((name, self.text(value)) for name, value in answer.headers),
            body=self._body(answer.body),
        )

    def exchange(self, request: Request, answer: Answer, clauses: Sequence[str]) -> Exchange:
        """Both, with their times."""
        return Exchange(
            request=self.request(request),
            response=self.response(answer),
            started=answer.started,
            seconds=answer.seconds,
            clauses=tuple(clauses),
        )

    def curl(self, request: Request) -> str:
        """A command that sends the same; what curl cannot send says so in a comment."""
        parts = ["curl", "-i", "-X", request.method] if request.method != "GET" else ["curl", "-i"]
        if request.wire or "/.." in request.target:
            parts.append("--path-as-is")
        parts.append(self._url(request))
        if self.target.insecure:
            parts.append("-k")
        for name, value in request.headers:
            shown = self.text(self._slot(name, value))
            parts += ["-H", f"{name}: {shown}" if value else f"{name};"]
        note = ""
        if request.framing is Framing.CHUNKED:
            parts += ["-H", "Transfer-Encoding: chunked"]
        elif request.framing is not Framing.LENGTH:
            note = f"  # with wrong framing ({request.framing.value}), which curl does not send"
        if request.body is not None:
            return self._with_body(parts, request.body) + note
        return self.text(_shell(parts)) + note

    def _with_body(self, parts: list[str], body: bytes) -> str:
        try:
            text = body.decode()
        except UnicodeDecodeError:
            text = ""
        if not text and body:
            escaped = "".join(f"\\{byte:03o}" for byte in body[:LONGEST])
            return f"printf '{escaped}' | {self.text(_shell([*parts, '--data-binary', '@-']))}"
        if len(_RUN.sub("", text)) > LONGEST or "\x00" in text:
            line = self.text(_shell([*parts, "--data-binary", "@body"]))
            return f"{line}  # body: {len(body):,} bytes, as the report has it"
        return self.text(_shell([*parts, "--data-binary", text]))

    def _url(self, request: Request) -> str:
        path, mark, query = request.target.partition("?")
        pairs = [pair.partition("=") for pair in query.split("&")] if query else []
        shown = "&".join(f"{name}{sign}{self._secret(value)}" for name, sign, value in pairs)
        return self.text(f"{self.target.url}{path}{mark}{shown}")

    def _slot(self, name: str, value: str) -> str:
        """A header as it is shown: where a credential stands even one letter is a secret."""
        if name.lower() == "cookie":
            pairs = [pair.partition("=") for pair in value.split("; ")]
            return "; ".join(f"{key}{sign}{self._secret(text)}" for key, sign, text in pairs)
        scheme, space, rest = value.partition(" ")
        if name.lower() in _NAMES and space:
            return f"{scheme} {self._secret(rest)}"
        return self._secret(value)

    def _secret(self, value: str) -> str:
        """`$TOKEN` for a secret, `$ALTERED_TOKEN` for what would tell most of it."""
        plain = unquote(value)
        if plain in self.secrets:
            return "$TOKEN"
        return "$ALTERED_TOKEN" if any(_tells(plain, one) for one in self.secrets) else value

    def _header(self, name: str, value: str) -> str:
        shown = self.text(self._slot(name, value))
        return shown if len(shown) <= LONGEST else f"{shown[:80]}… ({len(shown):,} characters)"

    def _body(self, body: bytes) -> str:
        text = self.text(body[: LONGEST * 4].decode("utf-8", "backslashreplace"))
        if len(text) <= LONGEST and len(body) <= LONGEST * 4:
            return text
        return f"{text[:LONGEST]}… ({len(body):,} bytes)"


def _tells(value: str, secret: str) -> bool:
    """Whether a value is the secret recased, cut, or with a little changed or added."""
    if not value or not secret or len(value) > len(secret) + 4:
        return False
    if value.lower() == secret.lower():
        return True
    most = max(len(secret) // 3, 1)
    return value[:most] == secret[:most] or value[-most:] == secret[-most:]


def _replace(text: str, secret: str) -> str:
    # A token that is one letter must not eat every word that has it.
    if len(secret) >= 6:
        return text.replace(secret, "$TOKEN")
    return re.sub(rf"(?<![\w-]){re.escape(secret)}(?![\w-])", "$TOKEN", text)


def _shell(parts: Sequence[str]) -> str:
    """Quoted for a shell; `$TOKEN` is left to be filled in by it."""
    return " ".join(_quoted(part) for part in parts)


def _quoted(part: str) -> str:
    """One word of the shell; a letter many times over is left to it to repeat."""
    if not _VARIABLE.search(part) and not _RUN.search(part):
        return shlex.quote(part)
    escaped = re.sub(r'([\\"`]|\$(?!(?:ALTERED_)?TOKEN))', r"\\\1", part)
    return f'"{_RUN.sub(_repeated, escaped)}"'


def _repeated(found: re.Match[str]) -> str:
    return f"$(printf '{found[1]}%.0s' $(seq {len(found[0])}))"
