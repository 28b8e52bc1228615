"""A request as a command line that sends it again: one line, to be pasted into bash or zsh."""

from __future__ import annotations

import base64
import gzip
import re
from collections.abc import Callable, Iterable, Sequence

from conformance.http.exchange import Framing, Request, octets
from conformance.http.shell_words import LONGEST, LONGEST_WORD, formatted, is_short, words
from conformance.http.sockets import on_the_wire
from conformance.http.target import Target

__all__ = ["at_once", "command", "on_one_connection", "repeated", "sequence"]

SECONDS = 10
"""For so long the command of a request without an end waits for the answer."""
_START = "curl -i "
_HALF_CLOSED = (
    'import socket, sys; s = socket.create_connection(("{host}", {port}), timeout={seconds}); '
    "s.sendall(sys.stdin.buffer.read()); s.shutdown(socket.SHUT_WR); "
    '[sys.stdout.buffer.write(data) for data in iter(lambda: s.recv(65536), b"")]'
)
"""What curl cannot do: to end the request, so that the server does not wait for its rest."""


def command(
    request: Request,
    target: Target,
    hidden: Callable[[str], str],
    account: str = "",
) -> str:
    """`curl` with the request's target and headers, which are as they may be shown already.

    `hidden` takes the secrets out of the body; `account` stands for user and password of HTTP
    Basic, which curl encodes. A request that curl does not send goes through a plain connection.
    """
    if request.framing not in (Framing.LENGTH, Framing.CHUNKED):
        return _raw(request, target, hidden)
    # With a body curl would send a POST.
    plain = request.method == "GET" and request.body is None
    parts = ["curl", "-i"] if plain else ["curl", "-i", "-X", request.method]
    # With `-X HEAD` curl waits for a body that never comes.
    if request.method == "HEAD":
        parts = ["curl", "-I"]
    if request.wire or re.search(r"/\.{1,2}(?:/|$|\?)|/%2e", request.target, re.IGNORECASE):
        parts.append("--path-as-is")
    url = f"{target.url}{request.target}"
    # Without -g curl reads brackets and braces of a URL as a pattern of many.
    parts += ["-g", url] if re.search(r"[][{}]", url) else [url]
    if target.insecure:
        parts.append("-k")
    if account:
        parts += ["-u", account]
    if not _has(request, "accept"):
        # Without this curl sends one of its own.
        parts += ["-H", "Accept:"]
    for name, value in _told(request):
        # curl sends the bytes that it is given: those that the run has sent.
        value = octets(value).decode("utf-8", "surrogateescape")
        # `Name:` would take the header out; with a semicolon curl sends it empty.
        parts += ["-H", f"{name}: {value}" if value else f"{name};"]
    if request.body is not None and not _has(request, "content-type"):
        # Without this curl sends a Content-Type of its own.
        parts += ["-H", "Content-Type:"]
    if request.framing is Framing.CHUNKED:
        parts += ["-H", "Transfer-Encoding: chunked"]
    return words(parts) if request.body is None else _with_body(parts, request.body, hidden)


def sequence(commands: Iterable[tuple[str, str, str]]) -> str:
    """Several commands as one line: each with the variable that it sets, and the filter for it.

    The variable is what the filter leaves of the answer, which is shown all the same.
    """
    line = ""
    for text, variable, found_by in commands:
        if variable:
            quiet = text.replace(_START, "curl -s -i ", 1)
            text = f"{variable}=$({quiet} | tee /dev/stderr | {found_by})"
        line += text + _end(text)
    return line.removesuffix("; ").rstrip("\n")


def repeated(line: str, times: int) -> str:
    """The line so many times, one after another."""
    return f"for n in $(seq {times}); do {line}{_end(line)}done" if times > 1 else line


def at_once(commands: Sequence[str]) -> str:
    """All of them at the same moment: one process of curl, where each is nothing but a curl."""
    if all(map(_is_plain, commands)):
        several = " --next ".join(one.removeprefix("curl ") for one in commands)
        return f"curl -s -Z --parallel-immediate {several}"
    return f"({' & '.join(commands)} & wait)"


def on_one_connection(commands: Sequence[str]) -> str:
    """One after another on the same connection, which curl keeps for the next of its requests.

    It says of each how many connections were opened: of one that was kept, 0 for the second.
    """
    if not all(map(_is_plain, commands)):
        return sequence((one, "", "") for one in commands)
    told = words(["-w", r"\nnew connections: %{num_connects}\n"])
    return "curl " + " --next ".join(f"{told} {one.removeprefix('curl ')}" for one in commands)


def _is_plain(text: str) -> bool:
    return text.startswith("curl ") and "  # " not in text


def _end(text: str) -> str:
    # A comment would take what follows with it.
    return "\n" if "  # " in text else "; "


def _raw(request: Request, target: Target, hidden: Callable[[str], str]) -> str:
    """The bytes themselves, by `printf`, into a connection that curl or openssl opens."""
    body = (request.body or b"").decode("utf-8", "surrogateescape")
    data = on_the_wire(request, target)
    if hidden(body) != body or len(data) > LONGEST:
        return f"# not shown: {request.framing.value} framing of a body that is long or secret"
    if target.scheme == "https":
        to = f"openssl s_client -quiet -connect {target.host}:{target.port}"
    else:
        host = f"[{target.host}]" if ":" in target.host else target.host
        to = f"curl -s --max-time {SECONDS} telnet://{host}:{target.port}"
        if request.framing is Framing.SHORT:
            facts = {"host": target.host, "port": target.port, "seconds": SECONDS}
            to = words(["python3", "-c", _HALF_CLOSED.format(**facts)])
    return f"{formatted(data.decode('latin-1'))} | {to}"


def _told(request: Request) -> Sequence[tuple[str, str]]:
    """The fields that curl has to be told of."""
    accepted = [value for name, value in request.headers if name.lower() == "accept"]
    # What curl sends where it is told nothing else.
    by_itself = accepted == ["*/*"]
    return [pair for pair in request.headers if not (by_itself and pair[0].lower() == "accept")]


def _has(request: Request, header: str) -> bool:
    return any(name.lower() == header for name, _ in request.headers)


def _with_body(parts: list[str], body: bytes, hidden: Callable[[str], str]) -> str:
    plain = body.decode("utf-8", "surrogateescape")
    text = hidden(plain)
    if is_short(text) and _is_utf_8(body):
        if len(text) > LONGEST_WORD:
            # The shell writes it itself: no program gets an argument of that length.
            said = words(["printf", "%s", text])
            return f"{said} | {words([*parts, '--data-binary', '@-'])}"
        # An @ at the beginning would name a file.
        return words([*parts, "--data-raw" if text[:1] == "@" else "--data-binary", text])
    packed = base64.b64encode(gzip.compress(body, mtime=0)).decode()
    if text == plain and len(packed) <= LONGEST:
        piped = words([*parts, "--data-binary", "@-"])
        return f"echo {packed} | base64 -d | gzip -d | {piped}"
    line = words([*parts, "--data-binary", "@body"])
    return f"{line}  # body: {len(body):,} bytes, as the report has it"


def _is_utf_8(body: bytes) -> bool:
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True
