"""Where a credential is fetched: a command of the caller's, or an OAuth 2 token endpoint."""

from __future__ import annotations

import contextlib
import json
import os
import shlex
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any
from urllib.parse import quote, urljoin, urlsplit

import httpx2

from conformance.http.abandonable_threads import abandonable
from conformance.http.renewal import Fetched, TokenError
from conformance.http.target import Target, is_local
from spec.text.secrets import MASK, is_secret_name, masked_text, masked_urls

__all__ = ["ClientCredentials", "TokenCommand", "token_endpoint"]

SECONDS = 30.0
"""A command or an endpoint that takes longer is given up; earlier where a run has less `left`."""
_OF_A_KEY = frozenset({"dpop", "mac", "pop"})
"""Types of tokens that are no bearer tokens. Of others (`JWT`) many servers mean that they are."""
LONGEST = 64 * 1024
"""Bytes of an answer of a token endpoint, and of a command, that are read."""


SHORTEST = 4
"""Characters of the value of a variable that is taken for a secret."""


def _plenty() -> float:
    return SECONDS


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenCommand:
    """A command whose standard output is the credential, with nothing else but spaces around it.

    It runs in the shell of the system, without an input: a pipe such as
    `curl … | jq -r .access_token` is the usual thing. What it prints is never shown.
    """

    option: str
    command: str
    left: Callable[[], float] = _plenty

    def __call__(self) -> Fetched:
        """Run it. Raises TokenError."""
        status, printed, complaint = self._run()
        if status:
            said = f"; it said: {complaint}" if complaint else ""
            raise TokenError(
                f"{self.option}: the command ended with exit status {status}{said}; run it by "
                f"hand: it must print the credential and end with 0"
            )
        token = printed.strip()
        # Some tools print the header's value; a `Bearer Bearer …` would be refused.
        if token.lower().startswith("bearer "):
            token = token[len("bearer ") :].strip()
        lines = token.splitlines()
        if len(lines) != 1:
            what = f"{len(lines)} lines" if lines else "nothing"
            raise TokenError(f"{self.option}: the command printed {what}; print the token alone")
        return Fetched(token=token)

    def _run(self) -> tuple[int, str, str]:
        """Exit status, standard output, and the last line of standard error."""
        seconds = min(SECONDS, self.left())
        try:
            process = subprocess.Popen(
                self.command,
                shell=True,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                # A process group of its own, so that `_end` also reaches the shell's children.
                start_new_session=True,
            )
        except (OSError, ValueError) as error:
            raise TokenError(f"{self.option}: the command cannot be started: {error}") from error
        try:
            printed, complaint = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired as error:
            raise TokenError(
                f"{self.option}: the command took longer than {seconds:.3g} s and was stopped; it "
                f"must not wait for input"
            ) from error
        finally:
            _end(process)
        text = printed[:LONGEST].decode("utf-8", "replace")
        last = _last_line(complaint[-LONGEST:], text)
        return process.returncode, text, _without_secrets(last, self.command)


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the command and what it has started, if any of it is left."""
    if hasattr(os, "killpg"):
        with contextlib.suppress(OSError):
            os.killpg(process.pid, signal.SIGKILL)
    elif process.poll() is None:
        process.kill()
    process.wait()
    for stream in (process.stdout, process.stderr):
        if stream is not None:
            stream.close()


def _last_line(complaint: bytes, printed: str) -> str:
    """What it complained of last, unless that repeats a part of what it printed."""
    lines = [line.strip() for line in complaint.decode("utf-8", "replace").splitlines()]
    last = next((line for line in reversed(lines) if line), "")
    last = "".join(letter for letter in last if letter.isprintable())[:200]
    repeats = any(word in last for word in printed.split() if len(word) >= 6)
    return "" if repeats else last


def _without_secrets(told: str, command: str) -> str:
    """A complaint without what the command was given: `wrong password "hunter2"`."""
    secrets = [*_secret_words(command), *_secret_variables()]
    for secret in sorted(secrets, key=len, reverse=True):
        told = told.replace(secret, MASK)
    return masked_text(masked_urls(told))


def _secret_words(command: str) -> Iterator[str]:
    """The passwords in a command: what follows an option of such a name, or `-u`."""
    try:
        words = shlex.split(command)
    except ValueError:
        words = command.split()
    for option, word in pairwise(words):
        if option in ("-u", "--user") and ":" in word:
            yield word.partition(":")[2]
        elif option.startswith("-") and (is_secret_name(option.lstrip("-")) or option == "-p"):
            yield word


def _secret_variables() -> Iterator[str]:
    """The values of variables that are named like credentials, but for very short ones."""
    for name, value in os.environ.items():
        if is_secret_name(name) and len(value) >= SHORTEST:
            yield value


def token_endpoint(target: Target, base: str, written: str) -> str:
    """The URL of a token endpoint; a relative one is relative to the server (RFC 3986 section 5).

    Raises TokenError for one to which a secret must not be sent: another host without TLS.
    """
    url = urljoin(f"{target.url}{base}/", written)
    parts = urlsplit(url)
    own = url.startswith(f"{target.origin}/")
    safe = parts.scheme == "https" or (parts.scheme == "http" and is_local(parts.hostname or ""))
    if not (own or safe):
        raise TokenError(
            f"the contract's tokenUrl is {url}: a client secret is sent to another host only by "
            f"https; correct the contract, or fetch the token with --token-command"
        )
    return url


@dataclass(frozen=True, slots=True, kw_only=True)
class _TokenAnswer:
    """What a token endpoint answers: its status, and the members of its JSON."""

    status: int
    said: Mapping[str, Any]

    @property
    def error(self) -> str:
        """The code of an error (RFC 6749 section 5.2): a word, and nothing a server made up."""
        code = self.said.get("error")
        known = isinstance(code, str) and len(code) <= 40 and code.replace("_", "").isalpha()
        return str(code) if known else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientCredentials:
    """The client credentials grant of OAuth 2 (RFC 6749 section 4.4) at one token endpoint."""

    option: str
    url: str
    client: str
    secret: str
    scopes: Sequence[str] = ()
    target: Target
    left: Callable[[], float] = _plenty

    def __call__(self) -> Fetched:
        """Ask for a token. Raises TokenError."""
        answer = self._asked(self.scopes, in_body=False)
        if answer.error == "invalid_scope" and self.scopes:
            answer = self._asked((), in_body=False)
        if answer.status in (400, 401) and answer.error != "invalid_scope":
            # Both ways to name a client are in use; a server need not know the first.
            answer = self._asked(self.scopes, in_body=True)
        return self._fetched_token(answer)

    def _asked(self, scopes: Sequence[str], *, in_body: bool) -> _TokenAnswer:
        fields = {"grant_type": "client_credentials"}
        fields |= {"scope": " ".join(scopes)} if scopes else {}
        auth: httpx2.Auth = httpx2.Auth()
        seconds = min(SECONDS, self.left())
        if in_body:
            fields |= {"client_id": self.client, "client_secret": self.secret}
        else:
            # RFC 6749 section 2.3.1 has both form-encoded before they are joined.
            auth = httpx2.BasicAuth(quote(self.client, safe=""), quote(self.secret, safe=""))
        try:
            # Its own limits are of one read each: an answer byte by byte would never end.
            return abandonable(lambda: self._received(fields, auth)).result(seconds)
        except TimeoutError as error:
            raise TokenError(
                f"{self.option}: {self.url} gave no whole answer in {seconds:.3g} s"
            ) from error
        except (httpx2.HTTPError, httpx2.InvalidURL, OSError) as error:
            told = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
            raise TokenError(f"{self.option}: {self.url} cannot be asked ({told})") from error

    def _received(self, fields: Mapping[str, str], auth: httpx2.Auth) -> _TokenAnswer:
        context = self.target.tls() if self.url.startswith(f"{self.target.origin}/") else None
        # Bytes as they come: a few of a coding may stand for gigabytes.
        headers = {"Accept": "application/json", "Accept-Encoding": "identity"}
        with (
            httpx2.Client(verify=context or True, timeout=SECONDS) as client,
            client.stream("POST", self.url, data=fields, auth=auth, headers=headers) as response,
        ):
            text = b""
            for piece in response.iter_raw():
                text += piece
                if len(text) > LONGEST:
                    break
        return _TokenAnswer(status=response.status_code, said=_json(text[:LONGEST]))

    def _fetched_token(self, answer: _TokenAnswer) -> Fetched:
        token = answer.said.get("access_token")
        if answer.status != 200 or not isinstance(token, str) or not token:
            told = f" ({answer.error})" if answer.error else ""
            raise TokenError(
                f"{self.option}: {self.url} answered {answer.status}{told} and no token; "
                "check the client's ID, secret and allowed scopes"
            )
        kind = str(answer.said.get("token_type", "")).lower()
        if kind in _OF_A_KEY:
            raise TokenError(
                f"{self.option}: {self.url} answered with a token of type {kind}, which is good "
                "with a proof of a key only (RFC 6749 section 7.1); ask for a bearer token"
            )
        seconds = answer.said.get("expires_in")
        # RFC 6749 section 5.1 has a number; some servers write it as a text.
        try:
            lasts = float(seconds) if isinstance(seconds, (int, float, str)) else 0.0
        except (ValueError, OverflowError):
            lasts = 0.0
        return Fetched(token=token, expires=time.time() + lasts if lasts > 0 else 0.0)


def _json(text: bytes) -> Mapping[str, Any]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}
